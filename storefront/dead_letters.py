"""Events given up after five tries: `python -m storefront.dead_letters list`, `retry EVENT`, `drop EVENT`.

Exit status 0 only when it did what it says.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from uuid import UUID

from config import storefront_config
from storefront import db, outbox


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m storefront.dead_letters", description=__doc__)
    parser.add_argument("action", choices=["list", "retry", "drop"])
    parser.add_argument("event", nargs="?", type=UUID, help="the event's id, for retry and drop")
    chosen = parser.parse_args(arguments)
    sessions = db.connect(storefront_config().shop_database_url)
    if chosen.action == "list":
        return show(sessions)
    if chosen.event is None:
        parser.error(f"{chosen.action} wants the event's id")
    with db.transaction(sessions) as session:
        if chosen.action == "retry":
            done = outbox.retry(session, chosen.event, datetime.now(UTC))
        else:
            done = outbox.drop(session, chosen.event)
    if not done:
        sys.stderr.write(f"{chosen.event} is not a dead letter\n")
    return 0 if done else 1


def show(sessions: db.Sessions) -> int:
    with db.transaction(sessions) as session:
        for letter in outbox.dead_letters(session):
            died = f"{letter.dead_at:%Y-%m-%d %H:%M:%S}Z"
            sys.stdout.write(f"{letter.event_id}  {letter.kind:<16}  died {died}  {letter.error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
