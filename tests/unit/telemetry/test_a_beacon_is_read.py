"""What the browser's beacon may say."""

from __future__ import annotations

import pytest

from storefront.ui.vitals import Nonsense, read_vitals


def test_three_numbers_are_taken() -> None:
    assert read_vitals(b'{"lcp": 1.25, "inp": 0.08, "cls": 0}') == {"lcp": 1.25, "inp": 0.08, "cls": 0.0}


def test_what_the_browser_does_not_know_is_none() -> None:
    assert read_vitals(b'{"lcp": null, "cls": 0.1}') == {"lcp": None, "inp": None, "cls": 0.1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b'"lcp"',
        b"{}",
        b'{"lcp": null}',
        b'{"lcp": 1, "page": "/en/"}',
        b'{"lcp": "1"}',
        b'{"lcp": true}',
        b'{"lcp": -0.1}',
        b'{"lcp": 61}',
        b'{"inp": 61}',
        b'{"cls": 11}',
        b'{"lcp": NaN}',
        b'{"lcp": Infinity}',
        b'{"lcp": 1e999}',
        b'{"lcp": [1]}',
        b"\xff\xfe",
        b"[" * 200,
    ],
)
def test_anything_else_is_nonsense(body: bytes) -> None:
    with pytest.raises(Nonsense):
        read_vitals(body)
