"""For the shop's staff: `python -m storefront.privacy export|erase EMAIL`, `finish`, `list`.

An address stands for its account and for what guests ordered under it: make sure first that it is the person
who asks. `erase` does both parts at once; `--user-id` erases again what a restored backup brought back.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime

import sqlalchemy as sa

from config import StorefrontConfig, storefront_config
from storefront.db import Sessions, connect, transaction
from storefront.errors import ShopError
from storefront.privacy import commands
from storefront.privacy.export import export
from storefront.privacy.models import Erasure
from storefront.privacy.subject import Subject, of_address

LONG_STATEMENT_MS = 600_000


def show(sessions: Sessions, chosen: argparse.Namespace, _: StorefrontConfig) -> int:
    with transaction(sessions) as session:
        told = export(session, of_address(session, chosen.email), datetime.now(UTC))
    json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0 if told["account"] or told["orders"] else 1


def erase(sessions: Sessions, chosen: argparse.Namespace, config: StorefrontConfig) -> int:
    with transaction(sessions) as session:
        by_number = Subject(user_id=chosen.user_id) if chosen.user_id else None
        subject = by_number or of_address(session, chosen.email or "")
        erasure = commands.erase(session, subject, datetime.now(UTC))
    commands.finish(sessions, config.mail_dir, datetime.now(UTC))
    _say("nothing is kept of this person" if erasure is None else f"erased as {erasure.id}")
    return 1 if erasure is None else 0


def finish(sessions: Sessions, _: argparse.Namespace, config: StorefrontConfig) -> int:
    _say(f"{commands.finish(sessions, config.mail_dir, datetime.now(UTC))} erasures are done")
    return 0


def listed(sessions: Sessions, _: argparse.Namespace, __: StorefrontConfig) -> int:
    with transaction(sessions) as session:
        for one in session.scalars(sa.select(Erasure).order_by(Erasure.at)):
            at, who = one.at.isoformat(timespec="seconds"), one.user_id or "guest"
            state = "done" if one.done_at else "waits for the worker"
            _say(f"{at} {one.id} {who} {' '.join(one.order_numbers)} {state}")
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m storefront.privacy", description=__doc__)
    commands_ = top.add_subparsers(dest="command", required=True)
    commands_.add_parser("export", help="everything about a person as JSON").add_argument("email")
    gone = commands_.add_parser("erase", help="orders stay without the person; all else goes")
    who = gone.add_mutually_exclusive_group(required=True)
    who.add_argument("email", nargs="?")
    who.add_argument("--user-id", type=int)
    commands_.add_parser("finish", help="the second part of what is not done yet, which the worker does too")
    commands_.add_parser("list", help="what was erased when; holds nothing personal")
    return top


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


WORK = {"export": show, "erase": erase, "finish": finish, "list": listed}


def main() -> int:
    chosen = parser().parse_args()
    config = storefront_config()
    sessions = connect(config.shop_database_url, statement_timeout_ms=LONG_STATEMENT_MS)
    try:
        return WORK[chosen.command](sessions, chosen, config)
    except ShopError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
