from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from storefront.arriving import LONGEST_BODY, LONGEST_HEAD, Arriving, State

FORM = b"POST /en/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nvariant_id=1"


@given(st.lists(st.integers(1, len(FORM) - 1), max_size=20))
def test_a_form_is_here_with_its_last_byte_and_not_before(cuts):
    places = [0, *sorted(set(cuts)), len(FORM)]
    pieces = [FORM[start:end] for start, end in pairwise(places)]
    arriving = Arriving()
    states = [arriving.take(piece) for piece in pieces]
    assert states == [State.COMING] * (len(pieces) - 1) + [State.HERE]
    assert bytes(arriving.received) == FORM


def test_a_page_is_asked_for_without_a_body():
    assert Arriving().take(b"GET /en/ HTTP/1.1\r\nHost: x\r\n\r\n") is State.HERE


def test_a_head_without_an_end_is_cut_short():
    arriving = Arriving()
    assert arriving.take(b"GET / HTTP/1.1\r\nX: " + b"a" * (LONGEST_HEAD - 30)) is State.COMING
    assert arriving.take(b"a" * 30) is State.HEAD_TOO_LONG


def test_a_body_that_nobody_will_read_is_not_waited_for():
    arriving = Arriving()
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {LONGEST_BODY + 1}\r\n\r\n"
    assert arriving.take(head.encode()) is State.HERE
    assert arriving.is_too_large


def test_a_body_without_a_length_is_not_taken():
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert Arriving().take(head) is State.NO_LENGTH


def test_who_asks_before_sending_is_seen():
    arriving = Arriving()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    assert arriving.take(head) is State.COMING
    assert arriving.asks_first
