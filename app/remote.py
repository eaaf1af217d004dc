"""`backroom --url …`: the command line of a house somewhere else, by its API alone. No setting is read.

`backroom login` keeps a refresh token of a person in a file that nobody else may read; BACKROOM_TOKEN or
`--token` is a machine's. Commands that have no other way here say so.
"""

from __future__ import annotations

import argparse
import fcntl
import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from app.client import Backroom, Problem
from app.console import group, leaf, show

URL, TOKEN, KEPT = "BACKROOM_URL", "BACKROOM_TOKEN", "BACKROOM_LOGIN_FILE"
METHODS = ("get", "post", "put", "patch", "delete")
# Commands that read, by their words on the command line: path, name of the rows, columns shown.
LISTS: dict[tuple[str, str], tuple[str, str, tuple[str, ...]]] = {
    ("flags", "list"): ("flags", "flags", ("name", "type", "project", "owner", "description")),
    ("people", "list"): ("people", "people", ("id", "email", "name", "role", "is_active", "signed_in_at")),
    ("tokens", "list"): (
        "tokens",
        "tokens",
        ("id", "name", "kind", "environment", "state", "used_at", "expires_at"),
    ),
    ("kpi", "list"): ("kpi", "kpis", ("key", "name", "unit")),
}


def is_wanted(arguments: Sequence[str]) -> bool:
    """Whether a house is named, or a command that exists only here."""
    chosen, rest = _options().parse_known_args(arguments)
    words = [word for word in rest if not word.startswith("-")]
    return bool(chosen.url) or words[:1] in (["api"], ["login"], ["logout"])


def _options() -> argparse.ArgumentParser:
    """No abbreviations: options of the commands of this machine are not meant."""
    top = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    top.add_argument("--url", default=os.environ.get(URL, ""), help=f"where the house is; else {URL}")
    top.add_argument("--token", default=os.environ.get(TOKEN, ""), help=f"of a machine; else {TOKEN}")
    return top


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="backroom", description=__doc__, parents=[_options()], allow_abbrev=False
    )
    groups = top.add_subparsers(dest="group", required=True, metavar="GROUP")
    api = group(groups, "api", "any operation of the API")
    for method in METHODS:
        one = leaf(api, method, call, f"{method.upper()} an address")
        one.add_argument("path", help="such as flags/new-cart")
        one.add_argument(
            "pairs", nargs="*", metavar="key=value", help="query of a GET, else the body; key:=JSON"
        )
        one.set_defaults(method=method.upper())
        one.add_argument("--data", metavar="@FILE", help="the body as JSON: text, @file or @- for stdin")
    leaf(api, "operations", operations, "list all operations")
    login = leaf(groups, "login", sign_in, "sign in as a person")
    login.add_argument("--email", default="")
    leaf(groups, "logout", sign_out, "end that session")
    named: dict[str, Any] = {}
    for words, (_path, name, _columns) in LISTS.items():
        parts = named.get(words[0]) or named.setdefault(
            words[0], group(groups, words[0], f"{words[0]} there")
        )
        one = leaf(parts, words[1], listing, f"list {name}")
        one.set_defaults(words=words)
        one.add_argument("--json", action="store_true")
    return top


def run(arguments: Sequence[str], transport: httpx.BaseTransport | None = None) -> int:
    chosen = parser().parse_args(arguments)
    if not chosen.url:
        print(f"backroom: say where the house is: --url or {URL}", file=sys.stderr)
        return 2
    chosen.transport = transport
    try:
        status: int = chosen.command(chosen)
    except Problem as problem:
        print(f"backroom: {problem}", file=sys.stderr)
        for name, text in problem.fields.items():
            print(f"  {name}: {text}", file=sys.stderr)
        return 1
    except httpx.TransportError as error:
        print(f"backroom: {chosen.url} does not answer: {error}", file=sys.stderr)
        return 1
    return status


def _file() -> Path:
    usual = Path.home() / ".config" / "backroom" / "login.json"
    return Path(os.environ.get(KEPT) or usual)


@contextmanager
def _house(chosen: argparse.Namespace) -> Iterator[Backroom]:
    """By the machine's token, else by what `login` kept; one command at a time renews that."""
    if chosen.token:
        with Backroom(chosen.url, chosen.token, transport=chosen.transport) as api:
            yield api
        return
    with _locked() as kept:
        refresh = kept.get(chosen.url, "")

        def keep(token: str) -> None:
            _write({**kept, chosen.url: token})

        with Backroom(chosen.url, refresh_token=refresh, on_renewal=keep, transport=chosen.transport) as api:
            yield api


@contextmanager
def _locked() -> Iterator[dict[str, str]]:
    """Refresh tokens by house. A second command waits: the same token twice would end the session."""
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield json.loads(file.read_text()) if file.exists() else {}


def _write(kept: dict[str, str]) -> None:
    """Readable by its owner alone from its first byte, and never half written."""
    part = _file().with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        json.dump(kept, target)
    part.replace(_file())


def sign_in(chosen: argparse.Namespace) -> int:
    email = chosen.email or input("E-mail: ")
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with _locked() as kept:

        def keep(token: str) -> None:
            _write({**kept, chosen.url: token})

        with Backroom(chosen.url, on_renewal=keep, transport=chosen.transport) as api:
            try:
                api.sign_in(email, password)
            except Problem as problem:
                if "code" not in problem.fields or not sys.stdin.isatty():
                    raise
                api.sign_in(email, password, input("Code: "))
    print(f"signed in at {chosen.url} as {email}")
    return 0


def sign_out(chosen: argparse.Namespace) -> int:
    chosen.token = ""  # nosec B105 # a name, no password
    with _house(chosen) as api:
        api.sign_out()
    with _locked() as kept:
        _write({url: token for url, token in kept.items() if url != chosen.url})
    print(f"signed out at {chosen.url}")
    return 0


def call(chosen: argparse.Namespace) -> int:
    method: str = chosen.method
    given = dict(_pair(text) for text in chosen.pairs)
    with _house(chosen) as api:
        if method == "GET":
            answer = api.get(chosen.path, **given)
        else:
            body = _data(chosen.data) if chosen.data else given or None
            answer = (
                api.post(chosen.path, body) if method == "POST" else _write_to(api, method, chosen.path, body)
            )
    if answer is not None:
        print(answer if isinstance(answer, str) else json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def _write_to(api: Backroom, method: str, path: str, body: object) -> Any:
    if method == "DELETE":
        return api.delete(path)
    return api.put(path, body) if method == "PUT" else api.patch(path, body)


def _pair(text: str) -> tuple[str, Any]:
    """`name=text` or `name:=JSON`."""
    name, equals, value = text.partition("=")
    if not equals or not name.rstrip(":"):
        raise SystemExit(f"backroom: {text!r} is not key=value")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], json.loads(value)
    except ValueError:
        raise SystemExit(f"backroom: {value!r} is not JSON") from None


def _data(text: str) -> Any:
    if text.startswith("@"):
        text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text()
    try:
        return json.loads(text)
    except ValueError as error:
        raise SystemExit(f"backroom: the body is not JSON: {error}") from None


def operations(chosen: argparse.Namespace) -> int:
    with _house(chosen) as api:
        document = api.get("openapi.json")
    rows = [
        {"method": method.upper(), "path": path.removeprefix("/api/v1/"), "does": one["summary"]}
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    show(rows, as_json=False)
    return 0


def listing(chosen: argparse.Namespace) -> int:
    path, name, columns = LISTS[chosen.words]
    with _house(chosen) as api:
        found = list(api.pages(quote(path), name))
    show(found if chosen.json else [{key: row.get(key) for key in columns} for row in found], chosen.json)
    return 0
