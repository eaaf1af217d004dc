"""pg_dump and pg_restore: found, held against the server's version, and fed through pipes.

Passwords go by the environment of the one process, never on a command line.
"""

from __future__ import annotations

import os
import re
import subprocess  # nosec B404 # never through a shell
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.pq import Conninfo
from sqlalchemy import make_url

from app.errors import Refused, Unavailable
from app.programs import run

READ_BYTES = 1 << 16
LOCK_WAIT = "60s"
MOST_SAID = 600


@dataclass(frozen=True)
class Programs:
    folder: str  # empty: where PATH finds them

    def path(self, name: str) -> str:
        return str(Path(self.folder) / name) if self.folder else name

    def version(self, name: str) -> int:
        """The main number, such as 17."""
        try:
            said = run([self.path(name), "--version"]).stdout
        except OSError as error:
            raise Unavailable(f"{name} could not be run as {self.path(name)}: set PG_BIN", name) from error
        found = re.search(r"\) (\d+)", said)
        if found is None:
            raise Unavailable(f"{name} does not say its version", name)
        return int(found[1])

    def check(self, server: int) -> None:
        """Raises `Unavailable` where pg_dump is older than the server, which it would refuse."""
        own = self.version("pg_dump")
        if own < server:
            raise Unavailable(
                f"pg_dump {own} cannot save a server of version {server}: set PG_BIN to PostgreSQL {server}",
                "pg_dump",
            )


def environment(url: str) -> dict[str, str]:
    """What libpq is told of a database, in its own variables."""
    names = {one.keyword.decode(): one.envvar.decode() for one in Conninfo.get_defaults() if one.envvar}
    parts = make_url(url)
    given: dict[str, object] = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
        **parts.query,
    }
    told = {names[key]: str(value) for key, value in given.items() if value and key in names}
    ours = {name: value for name, value in os.environ.items() if name.startswith("PG") or name == "PATH"}
    return {**ours, "LC_ALL": "C.UTF-8", "PGTZ": "UTC", **told}


def dump(programs: Programs, url: str, snapshot: str) -> Iterator[bytes]:
    """The database as pg_dump's custom format, of one snapshot, as it comes."""
    command = [programs.path("pg_dump"), "--format=custom", f"--snapshot={snapshot}"]
    command += [f"--lock-wait-timeout={LOCK_WAIT}", "--no-password"]
    with tempfile.TemporaryFile() as said, _start(command, environment(url), said, subprocess.DEVNULL) as run:
        if run.stdout is None:
            raise RuntimeError("a pipe was asked for")
        try:
            while piece := run.stdout.read(READ_BYTES):
                yield piece
        except GeneratorExit:
            run.kill()
            raise
        if run.wait() != 0:
            raise Unavailable(f"pg_dump failed: {_tail(said)}", "pg_dump")


def restore(programs: Programs, url: str, pieces: Iterable[bytes]) -> None:
    """Into a database that exists and is empty. Stops at the first error."""
    command = [programs.path("pg_restore"), "--no-owner", "--exit-on-error", "--no-password"]
    _feed([*command, f"--dbname={make_url(url).database}"], environment(url), pieces)


def read_through(programs: Programs, pieces: Iterable[bytes]) -> None:
    """Whether pg_restore can read all of it; nothing is restored."""
    _feed([programs.path("pg_restore"), f"--file={os.devnull}"], {"PATH": os.environ.get("PATH", "")}, pieces)


def _feed(command: list[str], env: Mapping[str, str], pieces: Iterable[bytes]) -> None:
    with tempfile.TemporaryFile() as said, _start(command, env, said, subprocess.PIPE) as run:
        if run.stdin is None:
            raise RuntimeError("a pipe was asked for")
        try:
            for piece in pieces:
                run.stdin.write(piece)
            run.stdin.close()
        except BrokenPipeError:
            run.wait()  # it gave up, and has said why
        except BaseException:
            run.kill()
            raise
        if run.wait() != 0:
            raise Refused(f"pg_restore failed: {_tail(said)}")


def _start(
    command: list[str], env: Mapping[str, str], said: IO[bytes], stdin: int
) -> subprocess.Popen[bytes]:
    stdout = subprocess.DEVNULL if stdin == subprocess.PIPE else subprocess.PIPE
    try:
        return subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
            command, env=dict(env), stdin=stdin, stdout=stdout, stderr=said
        )
    except OSError as error:
        raise Unavailable(f"{command[0]} could not be run: set PG_BIN", command[0]) from error


def _tail(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace").strip()[-MOST_SAID:]
