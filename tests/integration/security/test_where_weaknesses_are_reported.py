"""security.txt (RFC 9116) of both services."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest

from app.factory import create_app as control
from storefront.factory import create_app as storefront

CONTACT = "mailto:security@shop.example"


@pytest.mark.parametrize(("name", "make"), [("control_config", control), ("shop_config", storefront)])
def test_it_names_the_contact_and_when_it_ends(request, now, name, make):
    config = dataclasses.replace(request.getfixturevalue(name), security_contact=CONTACT)
    answer = make(config).test_client().get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == CONTACT
    ends = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=100) < ends - now < timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")


@pytest.mark.parametrize("name", ["control_app", "shop_app"])
def test_without_a_contact_there_is_none(request, name):
    assert request.getfixturevalue(name).test_client().get("/.well-known/security.txt").status_code == 404
