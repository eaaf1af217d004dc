from __future__ import annotations

import json

import pytest

from storefront.notice import WORDS, read


@pytest.mark.parametrize("notice", WORDS)
def test_each_notice_has_words_of_the_shop(notice):
    found = read(json.dumps({"notice": notice, "text": ""}))
    assert found is not None
    assert (found.words, found.text) == (WORDS[notice], "")


def test_free_words_come_along_and_are_cut():
    found = read(json.dumps({"notice": "slow", "text": "x" * 500}))
    assert found is not None
    assert len(found.text) == 300


@pytest.mark.parametrize(
    "payload",
    [None, "", "{", "[]", "null", '"slow"', '{"notice": "gone"}', '{"notice": ["slow"]}', '{"text": "slow"}'],
)
def test_anything_else_tells_nothing(payload):
    assert read(payload) is None


def test_words_that_are_no_text_are_left_out():
    found = read('{"notice": "slow", "text": {"a": 1}}')
    assert found is not None
    assert found.text == ""
