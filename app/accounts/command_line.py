"""`backroom people` and `backroom tokens`: who and what may sign in."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from app import clock
from app.accounts import commands
from app.console import group, leaf, who
from app.db import begin
from app.guards import ROLES


def people_add(chosen: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\n") if chosen.password_stdin else commands.new_password()
    with begin() as session:
        commands.add_person(session, chosen.email, chosen.role, password, clock.now(), who())
    print(chosen.email if chosen.password_stdin else password)
    return 0


def tokens_create(chosen: argparse.Namespace) -> int:
    with begin() as session:
        raw = commands.create_token(
            session, chosen.kind, chosen.environment, chosen.name, chosen.role, clock.now(), who()
        )
    print(raw)
    return 0


def add_commands(groups: Any) -> None:
    people = group(groups, "people", "who may sign in")
    add = leaf(people, "add", people_add, "add a person; prints a new password")
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=sorted(ROLES))
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    tokens = group(groups, "tokens", "what machines sign in with")
    create = leaf(tokens, "create", tokens_create, "make a token; prints it, once")
    create.add_argument("--kind", required=True, choices=["client", "frontend", "api"])
    create.add_argument("--environment", required=True, help="such as production")
    create.add_argument("--role", choices=sorted(ROLES), help="what an api token may do")
    create.add_argument("--name", default="cli", help="what it is for")
