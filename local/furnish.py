"""Into a migrated house: what a new installation starts with, people who may sign in, the shop's token.

`python -m local.furnish KEYS [--demo]`, a process of its own, which gives its memory back. May run again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app import cli, clock
from app.accounts import commands as accounts
from app.db import begin
from app.errors import Conflict
from app.factory import create_app
from app.flags import commands as flags
from app.guards import ROLES
from config import control_plane_config
from local.history import shape
from local.keys import Keys

WHO = "local"
ADDRESS = "@house.example"


def furnish(keys: Keys, with_demo: bool) -> None:
    """`with_demo`: flags are as old as the demo history in which they are moved."""
    app = create_app(control_plane_config())
    if with_demo:
        with app.app_context(), begin() as session:
            flags.ensure_defaults(session, shape.begins(clock.now()))
    if (status := cli.run(app, ["init"])) != 0:
        sys.exit(status)
    with app.app_context():
        for role in ROLES:
            _add_person(keys, role)
        if keys.get("client_token") is None:
            with begin() as session:
                token = accounts.create_token(
                    session,
                    "client",
                    "production",
                    "storefront",
                    None,
                    clock.now(),
                    WHO,
                    endless_reason="the shop beside it has no other",
                )
            keys.keep("client_token", token)


def _add_person(keys: Keys, role: str) -> None:
    email = f"{role.replace('_', '-')}{ADDRESS}"
    if keys.get(email) is not None:
        return
    password = accounts.new_password()
    try:
        with begin() as session:
            accounts.add_person(session, email, role, password, clock.now(), WHO)
    except Conflict:
        return  # somebody of that name is there already, with a password that we do not know
    keys.keep(email, password)


if __name__ == "__main__":
    furnish(Keys(Path(sys.argv[1])), "--demo" in sys.argv[2:])
