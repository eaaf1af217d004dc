"""A form's token is written otherwise in each answer, and read as what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import padding
from storefront import padding as padding_of_the_shop


@pytest.mark.parametrize("one", [padding, padding_of_the_shop], ids=["control plane", "shop"])
@given(token=st.text(alphabet=st.characters(codec="ascii", exclude_characters="~"), min_size=8))
def test_what_was_padded_is_read_again_and_shows_nothing(one, token):
    first, second = one.padded(token), one.padded(token)
    assert first != second
    assert token not in first
    assert (one.plain(first), one.plain(second), one.plain(token)) == (token, token, token)


@pytest.mark.parametrize("one", [padding, padding_of_the_shop], ids=["control plane", "shop"])
@given(sent=st.text())
def test_whatever_else_is_sent_is_no_token_and_no_error(one, sent):
    assert one.plain(f"~{sent}") is not None
