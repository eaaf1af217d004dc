"""`backroom webhooks …` and `backroom sources …`."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.console import group, leaf, moment, show, who
from app.db import begin
from app.sources import sources
from app.webhooks import commands, queries, receiving
from app.webhooks.endpoint import Draft, once
from app.webhooks.event import TYPES, Wish
from app.webhooks.incoming import KINDS
from app.webhooks.message import FORMATS


def add_commands(groups: Any) -> None:
    _add_webhooks(group(groups, "webhooks", "who outside is told of what happens"))
    _add_sources(group(groups, "sources", "who outside tells us what happened there"))


def _add_webhooks(webhooks: Any) -> None:
    leaf(webhooks, "list", list_webhooks, "all webhooks, what is wrong first").add_argument(
        "--json", action="store_true"
    )
    leaf(webhooks, "types", list_types, "every type of event").add_argument("--json", action="store_true")
    add = leaf(webhooks, "add", add_webhook, "tell an address of events; prints its secret, once")
    add.add_argument("name")
    add.add_argument("url")
    add.add_argument("--format", choices=FORMATS, default="json")
    for name, about in (
        ("type", "such as alert.fired or flag.*; none: all"),
        ("environment", "only in this one; may be repeated"),
        ("locale", "only of this one; may be repeated"),
        ("subject", "such as flag:new-checkout; may be repeated"),
    ):
        add.add_argument(f"--{name}", action="append", default=[], help=about)
    leaf(webhooks, "test", test, "send a test event").add_argument("id", type=int)
    again = leaf(webhooks, "replay", replay, "send again one delivery, or all that were given up")
    again.add_argument("id", type=int)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("--delivery", type=int, help="this one")
    which.add_argument("--since", type=moment, help="all that were given up since then")


def _add_sources(arriving: Any) -> None:
    leaf(arriving, "list", list_sources, "all sources").add_argument("--json", action="store_true")
    add = leaf(
        arriving, "add", add_source, "take messages of another system; prints address and secret, once"
    )
    add.add_argument("name")
    add.add_argument("kind", choices=list(KINDS))
    add.add_argument("--environment", default="")
    add.add_argument("--secret", default="", help="of Stripe: the one that they show; else one is made")


def list_webhooks(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = [
            {
                "id": line.row.id,
                "name": line.row.name,
                "state": line.state,
                "url": queries.masked_url(line.row.url),
                "types": ",".join(line.row.types) or "all",
                "delivered_24h": line.delivered,
                "failed_24h": line.failed,
                "waiting": line.waiting,
            }
            for line in queries.endpoints(session, clock.now())
        ]
    show(rows, chosen.json)
    return 0


def list_types(chosen: argparse.Namespace) -> int:
    show([{"type": name, "about": str(one.label)} for name, one in TYPES.items()], chosen.json)
    return 0


def add_webhook(chosen: argparse.Namespace) -> int:
    wish = Wish(*(once(names) for names in (chosen.type, chosen.environment, chosen.locale, chosen.subject)))
    draft = Draft(chosen.name, chosen.url, chosen.format, wish)
    with begin() as session:
        row = commands.create(session, draft, sources().config.webhook_allowed_networks, who(), clock.now())
        made = (row.id, row.secret)
    print(f"webhook {made[0]}\nsecret {made[1]}")
    return 0


def test(chosen: argparse.Namespace) -> int:
    with begin() as session:
        queries.endpoint(session, chosen.id)
        made = commands.test(session, chosen.id, who(), clock.now())
        number = made.id
    print(f"delivery {number} is on its way")
    return 0


def replay(chosen: argparse.Namespace) -> int:
    now = clock.now()
    with begin() as session:
        queries.endpoint(session, chosen.id)
        if chosen.delivery is not None:
            commands.replay(session, chosen.id, chosen.delivery, who(), now)
            count = 1
        else:
            count = commands.replay_failed(session, chosen.id, chosen.since, who(), now)
    print(f"{count} deliveries are sent again")
    return 0


def list_sources(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "kind": row.kind,
                "is_active": row.is_active,
                "received_at": row.received_at,
                "refused_at": row.refused_at,
                "refused_why": row.refused_why,
            }
            for row in queries.sources(session)
        ]
    show(rows, chosen.json)
    return 0


def add_source(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = receiving.create(
            session, chosen.name, chosen.kind, chosen.environment, chosen.secret, who(), clock.now()
        )
        made = (row.key, row.secret)
    home = sources().config.control_url.rstrip("/")
    print(f"address {home}/api/v1/hooks/{made[0]}\nsecret {made[1]}")
    return 0
