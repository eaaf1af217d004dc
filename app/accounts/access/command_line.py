"""`backroom access`, `roles` and `grants`: who may what, and saying so without a page."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.accounts import access_queries, grant_commands, queries, role_commands, role_queries, roles
from app.accounts.ways import Ways, merged
from app.console import group, leaf, moment, show, who
from app.db import begin
from app.errors import NotFound
from app.guards import PERMISSIONS


def who_may(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = access_queries.who_may(
            session, chosen.permission, chosen.environment, chosen.locale, clock.now()
        )
    told = [
        {"who": one.label, "kind": one.kind, "may": "yes" if one.may else "in some places", **_way(way)}
        for one in found
        for way in merged(one.through)
    ]
    show(told, chosen.json)
    return 0


def what_may(chosen: argparse.Namespace) -> int:
    now = clock.now()
    with begin() as session:
        if chosen.who.isdigit():
            found: access_queries.Someone | None = access_queries.token_of(session, int(chosen.who), now)
        else:
            found = access_queries.person_of(session, chosen.who, now)
    if found is None:
        raise NotFound(f"nobody who may sign in is called {chosen.who}")
    told = [
        {"permission": permission, **_way(way)}
        for permission, ways in access_queries.what_may(found).items()
        for way in merged(ways)
    ]
    show(told, chosen.json)
    return 0


def _way(way: Ways) -> dict[str, object]:
    return {
        "role": way.role,
        "by": "main role" if way.is_main else "grant",
        "where": ", ".join((*way.environments, *way.locales)) or "everywhere",
        "until": way.ends_at,
    }


def roles_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        told = [
            {
                "key": key,
                "name": str(name),
                "may": ", ".join(sorted(role_queries.permissions_of(session, key) or ())),
            }
            for key, name in role_queries.role_names(session).items()
        ]
    show(told, chosen.json)
    return 0


def roles_create(chosen: argparse.Namespace) -> int:
    with begin() as session:
        copied = role_queries.permissions_of(session, chosen.copy) if chosen.copy else frozenset()
        if copied is None:
            raise NotFound(f"there is no role {chosen.copy}")
        draft = roles.checked(chosen.name, chosen.about, [*copied, *chosen.permission])
        print(role_commands.create(session, chosen.key, draft, clock.now(), who()).key)
    return 0


def roles_delete(chosen: argparse.Namespace) -> int:
    with begin() as session:
        role_commands.delete(session, chosen.key, chosen.instead, clock.now(), who())
    print(f"{chosen.key}: deleted")
    return 0


def grants_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        lines = access_queries.grants(session, clock.now(), chosen.person or "")
    told = [
        {
            "id": line.id,
            "person": line.email,
            "role": line.role,
            "where": line.environment or line.locale or "everywhere",
            "until": line.ends_at,
            "state": "waits" if line.waits else "over" if line.is_over else "in force",
            "given by": line.created_by,
        }
        for line in lines
    ]
    show(told, chosen.json)
    return 0


def grants_add(chosen: argparse.Namespace) -> int:
    with begin() as session:
        person = queries.by_email(session, chosen.person)
        if person is None:
            raise NotFound(f"there is nobody with the address {chosen.person}")
        row = grant_commands.grant(
            session,
            person.id,
            chosen.role,
            chosen.environment,
            chosen.locale,
            chosen.until,
            clock.now(),
            who(),
        )
        print(row.id)
    return 0


def grants_withdraw(chosen: argparse.Namespace) -> int:
    with begin() as session:
        grant_commands.withdraw(session, chosen.id, clock.now(), who())
    print(f"grant {chosen.id}: taken away")
    return 0


def add_commands(groups: Any) -> None:
    access = group(groups, "access", "who may do this, and what may she do")
    asks_who = leaf(access, "who", who_may, "who holds a permission, and through what")
    asks_who.add_argument("permission", choices=sorted(PERMISSIONS))
    _add_place(asks_who)
    asks_what = leaf(access, "what", what_may, "what somebody holds, and through what")
    asks_what.add_argument("who", help="an address, or the number of an api token")

    own = group(groups, "roles", "sets of permissions")
    lists = leaf(own, "list", roles_list, "all roles and what they may")
    create = leaf(own, "create", roles_create, "make a role of one's own; prints its key")
    create.add_argument("name")
    create.add_argument("--key", default="", help="made of the name without it")
    create.add_argument("--about", default="", help="what it is for, in a sentence")
    create.add_argument("--copy", help="a role to begin with")
    create.add_argument("--permission", action="append", default=[], choices=sorted(PERMISSIONS))
    delete = leaf(own, "delete", roles_delete, "delete a role of one's own")
    delete.add_argument("key")
    delete.add_argument("--instead", help="what those who hold it hold from then on")

    beside = group(groups, "grants", "what people hold beside their main role")
    listed = leaf(beside, "list", grants_list, "all grants")
    listed.add_argument("--person")
    add = leaf(beside, "add", grants_add, "give somebody a role; prints the grant's number")
    add.add_argument("person", help="an address")
    add.add_argument("role")
    _add_place(add)
    add.add_argument("--until", type=moment, help="such as 2026-12-31T18:00Z")
    leaf(beside, "withdraw", grants_withdraw, "take a grant away").add_argument("id", type=int)
    for command in (asks_who, asks_what, lists, listed):
        command.add_argument("--json", action="store_true")


def _add_place(command: argparse.ArgumentParser) -> None:
    place = command.add_mutually_exclusive_group()
    place.add_argument("--environment", help="in this one")
    place.add_argument("--locale", help="in this one")
