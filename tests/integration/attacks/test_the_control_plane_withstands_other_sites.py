"""What a page of somebody else makes a browser send."""

from __future__ import annotations

import pytest

from app.accounts.identity import COOKIE


@pytest.fixture
def ops(signed_in):
    client = signed_in("ops")
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    return client


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer nobody", "x"])
def test_a_header_that_names_nobody_excuses_no_form_from_its_token(ops, header):
    answer = ops.post("/accounts/sign-out", headers={"Authorization": header})
    assert answer.status_code in (303, 401, 403)
    assert ops.get_cookie(COOKIE) is not None
    assert ops.get("/").status_code == 200, "the session goes on"


@pytest.mark.parametrize("path", ["/accounts/sign-in", "/accounts/sign-in/code", "/ui/theme"])
def test_nor_a_form_that_is_open_to_strangers(control_client, path):
    for header in ("Basic dTpw", "x"):
        answer = control_client.post(path, data={"email": "a@b.c"}, headers={"Authorization": header})
        assert answer.status_code == 403
