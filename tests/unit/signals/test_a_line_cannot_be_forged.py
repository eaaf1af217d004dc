"""What others typed cannot end a log line, colour a terminal or turn the reading direction."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import logs
from app.logs import Line


def line(form: str, message: str, *args: object, **extra: object) -> str:
    record = logging.LogRecord("app.somewhere", logging.WARNING, "f.py", 1, message, args, None)
    vars(record).update(extra)
    return Line(form, "control", "r1").format(record)


@pytest.mark.parametrize("form", logs_formats := ("logfmt", "json"))
@given(text=st.text(), name=st.text(min_size=1, max_size=10))
@example(text="", name="\x9b")
@example(text="", name="\u2028\u202e")
def test_a_line_is_one_line_of_harmless_characters(form, text, name):
    written = line(form, "said %s", text, **{f"x_{name}": text, "told": {name: [text]}})
    for bad in ("\n", "\r", "\x1b", "\x9b", "\u2028", "\u202e", "\u2066", "\x00", "\ud800"):
        assert bad not in written
    written.encode()


def test_the_same_event_in_both_forms():
    told = line("logfmt", 'He said "no" = %s', "a\nb", route="/flags/<name>", duration_ms=1.5, ok=True)
    assert 'event="He said \\"no\\" = a\\nb"' in told
    assert "service=control release=r1" in told
    assert "route=/flags/<name> duration_ms=1.5 ok=true" in told
    found = json.loads(line("json", "He said %s", "a\nb", route="/flags/<name>", duration_ms=1.5))
    assert found["event"] == "He said a\nb"
    assert found["time"].endswith("Z")
    assert (found["level"], found["logger"], found["duration_ms"]) == ("warning", "app.somewhere", 1.5)


def test_secrets_in_messages_values_and_tracebacks_are_masked():
    try:
        raise RuntimeError("charging 4242424242424242 with password=hunter22")
    except RuntimeError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f.py", 1, "broke", None, (type(error), error, error.__traceback__)
        )
    vars(record)["headers"] = {"Authorization": "Bearer abcdefghijkl"}
    told = Line("json", "control", "").format(record)
    assert "RuntimeError" in told
    for secret in ("424242424242", "hunter22", "abcdefghijkl"):
        assert secret not in told


def test_an_id_is_taken_where_it_is_well_formed_and_no_secret():
    assert logs.accepted("req-0123456789") == "req-0123456789"
    for wrong in (
        "",
        "short",
        "a b c d e f g h",
        "x" * 65,
        "a\r\nSet-Cookie: a=b",
        "4242424242424242",
        "backroom_" + "a" * 40,
    ):
        assert logs.accepted(wrong) != wrong
        assert len(logs.accepted(wrong)) == 32


def test_work_within_work_has_its_own_id():
    assert logs.request_id() == ""
    with logs.begin("outer-0001", job="a"):
        with logs.begin() as inner:
            assert logs.request_id() == inner
        assert logs.request_id() == "outer-0001"
        assert logs.headers() == {"X-Request-ID": "outer-0001"}
    assert logs.headers() == {}
