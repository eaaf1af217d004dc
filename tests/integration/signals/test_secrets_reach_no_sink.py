"""Secrets come in by every door; no log, report, metric, audit entry or key of Redis has them afterwards."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.error_reports.models import ErrorGroup, ErrorSample
from app.guards import public
from app.logs import Line
from storefront.error_reports import ErrorReport
from storefront.logs import Line as ShopLine

CARD = "4242424242424242"
PASSWORD = "hunter2-correct-horse"
API_TOKEN = "backroom_" + "a1b2c3d4" * 8
BEARER = "tok-9f8e7d6c5b4a39281706f5e4d3c2b1a0"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"
HOOK = "https://hooks.slack.com/services/T012/B345/zyxwvutsrq"
SECRETS = (CARD, "4242 4242 4242 4242", PASSWORD, API_TOKEN, BEARER, JWT, "zyxwvutsrq")

HEADERS = {
    "Authorization": f"Bearer {BEARER}",
    "Cookie": f"control={BEARER}; other={PASSWORD}",
    "X-Api-Key": API_TOKEN,
    "X-Request-ID": CARD,
    "User-Agent": f"curl password={PASSWORD}",
    "Referer": f"https://ada:{PASSWORD}@shop.test/?token={BEARER}",
}


@contextmanager
def written() -> Iterator[list[str]]:
    """What both services would write to their logs, at the most talkative level."""
    stream, lines = io.StringIO(), list[str]()
    handlers = [logging.StreamHandler(stream) for _ in range(2)]
    for handler, form in zip(
        handlers, (Line("logfmt", "control", ""), ShopLine("json", "shop", "")), strict=True
    ):
        handler.setFormatter(form)
    root, before = logging.getLogger(), logging.getLogger().level
    root.handlers.extend(handlers)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        for handler in handlers:
            root.removeHandler(handler)
        root.setLevel(before)
        lines.append(stream.getvalue())


def breaks(**_view_args: Any) -> str:
    from flask import request

    told = {**request.values, **(request.get_json(silent=True) or {})}
    logging.getLogger("app.somewhere").warning("about to fail with %s", told, extra={"form": told})
    raise RuntimeError(f"no charge: {told} password={PASSWORD} card {CARD} token {API_TOKEN} {JWT} {HOOK}")


def knock_on_every_door(client: Any, break_at: str, sign_in_at: str, fields: dict[str, str]) -> None:
    query = f"?token={BEARER}&q={CARD}&password={PASSWORD}"
    client.get(break_at + query, headers=HEADERS)
    form = {"password": PASSWORD, "card_number": CARD, "card_cvc": "987", "note": f"my card is {CARD}"}
    client.post(break_at, data=form, headers=HEADERS)
    client.post(
        break_at, json={"token": API_TOKEN, "nested": [{"secret": BEARER, "text": JWT}]}, headers=HEADERS
    )
    client.get(f"/nowhere/{API_TOKEN}{query}&code={BEARER}", headers=HEADERS)
    client.post(sign_in_at, data=fields, headers=HEADERS)
    client.post(
        "/browser-errors",
        json={
            "errors": [
                {
                    "kind": "error",
                    "name": "E",
                    "message": f"token={BEARER}",
                    "place": f"/a.js?token={BEARER}",
                    "stack": f"at {CARD}",
                }
            ]
        },
    )


def grep(told: str) -> list[str]:
    return [secret for secret in SECRETS if secret in told]


def everything_in(session: Any, *tables: Any) -> str:
    return str(
        [[dict(row) for row in session.execute(sa.select(table.__table__)).mappings()] for table in tables]
    )


def everything_in_redis(redis: Any) -> str:
    told = []
    for key in redis.scan_iter("*"):
        kind = redis.type(key)
        told.append(
            (key, redis.get(key) if kind == "string" else redis.lrange(key, 0, -1) if kind == "list" else "")
        )
    return str(told)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many reports of one sender are heard."""
    from app.error_reports import browser_views
    from app.failures import PerAddress
    from storefront.ui import troubles

    monkeypatch.setattr(browser_views, "_senders", PerAddress(100))
    monkeypatch.setattr(troubles, "_senders", PerAddress(100))


def test_of_the_control_plane(control_app, control_session, redis) -> None:
    control_app.add_url_rule("/break", "break", public(breaks), methods=["GET", "POST"])
    control_app.view_functions["break"].csrf_exempt = True
    control_app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    client = control_app.test_client()
    with written() as lines:
        knock_on_every_door(client, "/break", "/accounts/sign-in", {"email": PASSWORD, "password": PASSWORD})
        control_app.extensions["errors"].write()
    assert "about to fail" in lines[0]
    assert "password" in lines[0]
    assert grep(lines[0]) == []
    kept = everything_in(control_session, ErrorGroup, ErrorSample, AuditEntry)
    assert "RuntimeError" in kept
    assert grep(kept) == []
    assert grep(client.get("/metrics").text) == []
    assert grep(everything_in_redis(redis)) == []


def test_of_the_shop(shop_app, shop_session, redis) -> None:
    shop_app.add_url_rule("/<locale:locale>/break", "break", breaks, methods=["GET", "POST"])
    shop_app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    client = shop_app.test_client()
    with written() as lines:
        fields = {"email": PASSWORD, "password": PASSWORD}
        knock_on_every_door(client, "/en/break", "/en/account/sign-in", fields)
        shop_app.extensions["errors"].write()
    assert "about to fail" in lines[0]
    assert grep(lines[0]) == []
    kept = everything_in(shop_session, ErrorReport)
    assert "RuntimeError" in kept
    assert grep(kept) == []
    assert grep(client.get("/metrics").text) == []
    assert grep(everything_in_redis(redis)) == []
