"""`backroom backup` and `backroom restore`: saving databases, what the files are worth, bringing one back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock, vault
from app.audit.commands import record
from app.backups import archive, commands, databases, making, proving, queries, restoring, working
from app.backups.header import Header
from app.backups.retention import Keep
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import NotFound
from app.sources import sources


def backup_make(chosen: argparse.Namespace) -> int:
    config, went_well = sources().config, True
    for name in [chosen.database] if chosen.database else list(databases.urls(config)):
        with begin() as session:
            backup_id = commands.ask(session, config, name, who(), clock.now(), "cli").id
            commands.begin_own(session, backup_id, clock.now())
        said, ok = working.make(sources(), backup_id, name)
        print(said, file=sys.stdout if ok else sys.stderr)
        went_well = went_well and ok
    return 0 if went_well else 1


def backup_list(chosen: argparse.Namespace) -> int:
    """From the folder alone, so that it works while the database is gone; proofs where it answers."""
    files = archive.listed(making.folder_of(sources().config))
    proofs = _proofs()
    show(
        [
            {
                "file": path.name,
                "database": head.database,
                "made": head.made_at,
                "bytes": path.stat().st_size,
                "key": head.key,
                "key is here": "yes" if vault.held().knows(head.key) else "no",
                "schema": head.schema_revision,
                "proof": proofs.get(path.name, "-"),
            }
            for path, head in files
        ],
        chosen.json,
    )
    return 0


def _proofs() -> dict[str, str]:
    try:
        with sources().control() as session:
            rows = queries.lines(session)
    except SQLAlchemyError:
        return {}
    return {row.backup.file_name: row.proven.state for row in rows if row.backup.file_name and row.proven}


def backup_verify(chosen: argparse.Namespace) -> int:
    print(proving.verify(sources().config, _file(chosen.file), vault.held()))
    return 0


def backup_prove(chosen: argparse.Namespace) -> int:
    print(proving.prove(sources().config, _file(chosen.file), vault.held(), clock.now()))
    return 0


def backup_prune(chosen: argparse.Namespace) -> int:
    config = sources().config
    folder = making.folder_of(config)
    with begin() as session:
        commands.adopt(session, folder, clock.now())
        gone = commands.prune(session, folder, Keep(*config.backup_keep), who(), clock.now())
    print("\n".join(gone) or "nothing")
    return 0


def restore(chosen: argparse.Namespace) -> int:
    config, path = sources().config, _file(chosen.file)
    head = archive.head_of(path)
    given = {databases.CONTROL: chosen.control_url, databases.SHOP: chosen.shop_url}[head.database]
    url = given or databases.url_of(config, head.database)
    done = restoring.restore(
        config, path, url, vault.held(), clock.now(), replace=chosen.replace, note=_note(path.name)
    )
    print(f"{databases.name_of(url)} is as it was at {head.made_at.isoformat(timespec='seconds')}")
    if done.schema_revision != head.schema_revision:
        print(f"its schema was {head.schema_revision or 'not numbered'} and is {done.schema_revision} now")
    if done.aside:
        print(f"what was there before is the database {done.aside}; drop it when it is not needed any more")
    if not done.migrated:
        print("this program has no migrations for it: run the shop's own before the shop starts")
    for role in done.missing_roles:
        print(f"the role {role} does not exist here and was not let in", file=sys.stderr)
    return 0


def _note(file_name: str) -> restoring.Note:
    """Into the audit trail of the database that comes back: it says that it is not the first of its kind."""

    def note(url: str, head: Header) -> None:
        if head.database != databases.CONTROL:
            return
        what = {"file": file_name, "made_at": head.made_at}
        with Session(databases.engine(url)) as session, session.begin():
            record(session, who(), "backup.restore", "backups", None, what, clock.now())

    return note


def _file(text: str) -> Path:
    """A path, or the name of a file in BACKUP_DIR, or `newest` of the control plane's."""
    folder = sources().config.backup_dir
    if Path(text).is_file():
        return Path(text)
    if folder is not None and text in ("newest", "newest-shop"):
        wanted = databases.SHOP if text == "newest-shop" else databases.CONTROL
        for path, head in archive.listed(folder):
            if head.database == wanted:
                return path
    if folder is not None and (folder / Path(text).name).is_file():
        return folder / Path(text).name
    raise NotFound(f"there is no backup {text}; `backroom backup list` says which there are")


def add_commands(groups: Any) -> None:
    backup = group(groups, "backup", "sealed copies of the databases")
    make = leaf(backup, "make", backup_make, "save every database that is set up")
    make.add_argument("--database", choices=databases.ALL)
    leaf(backup, "list", backup_list, "the files that are there").add_argument("--json", action="store_true")
    about_file = "a path, a file of BACKUP_DIR, newest (of the control plane) or newest-shop"
    for name, command, about in (
        ("verify", backup_verify, "read a file to its end"),
        ("prove", backup_prove, "restore a file beside, compare everything, drop it again"),
    ):
        leaf(backup, name, command, about).add_argument("file", nargs="?", default="newest", help=about_file)
    leaf(backup, "prune", backup_prune, "delete what retention lets go")

    back = leaf(groups, "restore", restore, "bring a database back; changes nothing unless all of it works")
    back.add_argument("file", help=about_file)
    back.add_argument("--control-url", help="where to, in place of CONTROL_DATABASE_URL")
    back.add_argument("--shop-url", help="where to, in place of BACKUP_SHOP_DATABASE_URL")
    back.add_argument("--replace", action="store_true", help="also where it is not empty; that is kept aside")
