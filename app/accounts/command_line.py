"""`backroom people` and `backroom tokens`: who and what may sign in."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.accounts import commands, factor_commands, invitations, queries, token_commands
from app.accounts.here import house_words
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import NotFound
from app.i18n import LOCALES
from app.ui.scope import environments

PRINTED_LASTS = timedelta(days=1)


def people_add(chosen: argparse.Namespace) -> int:
    """A password that is printed lasts a day, so that a script that it is piped to can go on with it."""
    now, is_made = clock.now(), not chosen.password_stdin
    password = commands.new_password() if is_made else sys.stdin.readline().rstrip("\n")
    with begin() as session:
        words = house_words()
        commands.add_person(
            *(session, chosen.email, chosen.role, password, now, who(), "", words),
            ends_at=now + PRINTED_LASTS if is_made else None,
        )
    print(password if is_made else chosen.email)
    if is_made:
        print(
            "It is good for a day; then a sign-in with a browser asks for one of their own.", file=sys.stderr
        )
    return 0


def people_invite(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = invitations.invite(
            session, chosen.email, chosen.name, chosen.role, chosen.language, clock.now(), who()
        )
    print(f"{row.email}: invited; the mail goes out in seconds, its link works {invitations.LASTS.days} days")
    return 0


def people_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        lines = queries.people(session, clock.now())
    told = [
        {
            "id": line.id,
            "email": line.email,
            "name": line.name,
            "role": line.role,
            "state": "active" if line.is_active else "kept out",
            "second factor": line.second_factor_since,
            "last sign-in": line.signed_in_at,
        }
        for line in lines
    ]
    show(told, chosen.json)
    return 0


def people_reset_factor(chosen: argparse.Namespace) -> int:
    """For the last admin who lost the phone: whoever may run this holds the database anyway."""
    with begin() as session:
        person = queries.by_email(session, chosen.email)
        if person is None:
            raise NotFound(_l("There is no such person."))
        factor_commands.reset(session, person.id, clock.now(), who())
    print(f"{chosen.email}: signs in with the password alone, until a new second factor is set up")
    return 0


def people_require_factor(chosen: argparse.Namespace) -> int:
    roles = [factor_commands.EVERYBODY] if chosen.everybody else chosen.role
    with begin() as session:
        factor_commands.require(session, roles, clock.now(), who())
    print(f"second factor demanded of: {', '.join(sorted(roles)) or 'nobody'}, from the next sign-in on")
    return 0


def tokens_create(chosen: argparse.Namespace) -> int:
    token_commands.check_environment(chosen.kind, chosen.environment, environments())
    days = None if chosen.never else chosen.days
    scope = token_commands.Scope(
        tuple(chosen.permission), tuple(chosen.in_environment), tuple(chosen.in_locale)
    )
    with begin() as session:
        raw = token_commands.create_token(
            session,
            chosen.kind,
            chosen.environment,
            chosen.name,
            chosen.role,
            clock.now(),
            who(),
            chosen.project,
            days,
            scope,
            chosen.never,
        )
    print(raw)
    return 0


def tokens_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        lines = queries.tokens(session, clock.now())
    told = [
        {
            "id": line.id,
            "name": line.name,
            "kind": line.kind,
            "environment": line.environment,
            "projects": ", ".join(line.projects) or "all",
            "state": line.state,
            "used": line.used_at,
            "ends": line.expires_at,
        }
        for line in lines
    ]
    show(told, chosen.json)
    return 0


def tokens_rotate(chosen: argparse.Namespace) -> int:
    with begin() as session:
        print(token_commands.rotate_token(session, chosen.id, chosen.grace_hours, clock.now(), who()))
    return 0


def tokens_revoke(chosen: argparse.Namespace) -> int:
    with begin() as session:
        token_commands.revoke_token(session, chosen.id, clock.now(), who())
    print(f"token {chosen.id}: refused from now on")
    return 0


def add_commands(groups: Any) -> None:
    people = group(groups, "people", "who may sign in")
    add = leaf(people, "add", people_add, "add a person; prints a password that is good for a day")
    add.add_argument("email")
    add.add_argument("--role", required=True, help="a built-in role or one of your own")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    invite = leaf(people, "invite", people_invite, "mail somebody a link to choose a password")
    invite.add_argument("email")
    invite.add_argument("--role", required=True, help="such as viewer")
    invite.add_argument("--name", default="")
    invite.add_argument("--language", default="en", choices=sorted(LOCALES))
    leaf(people, "list", people_list, "everybody who has an account").add_argument(
        "--json", action="store_true"
    )
    reset = leaf(people, "reset-second-factor", people_reset_factor, "for who lost phone and recovery codes")
    reset.add_argument("email")
    require = leaf(
        people,
        "require-second-factor",
        people_require_factor,
        "say who must have one; no choice: nobody",
    )
    require.add_argument("--everybody", action="store_true")
    require.add_argument("--role", action="append", default=[], help="whose people; may be repeated")

    tokens = group(groups, "tokens", "what machines sign in with")
    create = leaf(tokens, "create", tokens_create, "make a token; prints it, once")
    create.add_argument("--kind", required=True, choices=["client", "frontend", "api"])
    create.add_argument("--environment", required=True, help="such as production")
    create.add_argument("--project", action="append", default=[], help="whose flags; may be repeated")
    create.add_argument("--role", help="what an api token may do")
    create.add_argument("--name", default="cli", help="what it is for")
    create.add_argument("--days", type=int, default=token_commands.DAYS, help="until it ends (%(default)s)")
    create.add_argument("--never", default="", metavar="REASON", help="it never ends, and why")
    create.add_argument("--permission", action="append", default=[], help="of an api token; may be repeated")
    create.add_argument("--in-environment", action="append", default=[], help="where alone they hold")
    create.add_argument("--in-locale", action="append", default=[], help="where alone they hold")
    leaf(tokens, "list", tokens_list, "all tokens, without their secrets").add_argument(
        "--json", action="store_true"
    )
    rotate = leaf(tokens, "rotate", tokens_rotate, "exchange a token's secret; prints the new one, once")
    rotate.add_argument("--grace-hours", type=int, default=token_commands.GRACE_HOURS)
    revoke = leaf(tokens, "revoke", tokens_revoke, "refuse a token from now on")
    for command in (rotate, revoke):
        command.add_argument("id", type=int, help="as `tokens list` shows it")
