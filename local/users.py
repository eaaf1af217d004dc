"""As whom a service runs that refuses to be root, and where its files must then lie."""

from __future__ import annotations

import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from local.machine import CannotStart

SHARED = Path("/var/lib/backroom")


@dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int


def service_user() -> User | None:
    """None: simply as who we are. Root's services run as postgres, where that exists, or nobody."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, found.pw_uid, found.pw_gid)
    raise CannotStart("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")


def may_enter(folder: Path, user: User) -> bool:
    """Whether every folder on the way down is open to that user."""
    for step in (folder, *folder.parents):
        if not step.exists():
            continue
        facts = step.stat()
        bit = 0o100 if facts.st_uid == user.uid else 0o010 if facts.st_gid == user.gid else 0o001
        if not facts.st_mode & bit:
            return False
    return True


def reachable(folder: Path, user: User | None) -> Path:
    """`folder`, or its own place under /var/lib where the user cannot come to it (a 0700 home)."""
    if user is None or may_enter(folder, user):
        return folder
    return SHARED / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def own(folder: Path, user: User | None) -> None:
    """Makes the folder, private to that user."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)
