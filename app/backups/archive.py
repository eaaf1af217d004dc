"""A backup's file: written whole or not at all, for nobody else's eyes, and read piece by piece.

The first line says what it is (header.py). What follows is sealed (stream.py): how long the list of contents
is, the list itself (manifest.py), and what pg_dump wrote.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from app.backups import header, manifest, stream
from app.backups.header import LONGEST, MAGIC, Header
from app.backups.manifest import Manifest
from app.errors import NotFound, Refused, Unavailable
from app.vault import Vault

SUFFIX = ".backup"
PURPOSE = "backups"
LENGTH_BYTES = 8


@dataclass(frozen=True)
class Opened:
    header: Header
    manifest: Manifest
    dump: Iterator[bytes]  # raises `Refused` at the first piece that is not as it was


def write(path: Path, head: Header, contents: Manifest, dump: Iterable[bytes], vault: Vault) -> int:
    """How many bytes it has. A failure in the middle leaves no file under this name."""
    listed = contents.encode()
    plain = chain([len(listed).to_bytes(LENGTH_BYTES, "big"), listed], dump)
    first = head.encode()
    sealed = stream.seal(plain, _key(vault, head), first)
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(chain([first], sealed))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        _sync(path.parent)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "BACKUP_DIR") from error
    finally:
        draft.unlink(missing_ok=True)
    return path.stat().st_size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def head_of(path: Path) -> Header:
    """Without the key. Raises `Refused` for what is no backup, `NotFound` for what is not there."""
    try:
        with path.open("rb") as file:
            return header.decode(file.read(len(MAGIC)), file.readline(LONGEST))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "BACKUP_DIR") from error


@contextmanager
def opened(path: Path, vault: Vault) -> Iterator[Opened]:
    head = head_of(path)
    if not vault.knows(head.key):
        raise Refused(f"this backup needs the key {head.key}, which is not in ENCRYPTION_KEYS")
    with path.open("rb") as file:
        first = file.read(len(MAGIC)) + file.readline(LONGEST)
        plain = stream.open_all(file.read, _key(vault, head), first)
        contents, rest = _contents(plain)
        yield Opened(head, contents, chain([rest], plain))


def _contents(plain: Iterator[bytes]) -> tuple[Manifest, bytes]:
    """The list of contents, and what of the dump came in the same pieces."""
    held = next(plain)
    end = LENGTH_BYTES + int.from_bytes(held[:LENGTH_BYTES], "big")
    while len(held) < end:
        held += next(plain)
    return manifest.decode(held[LENGTH_BYTES:end]), held[end:]


def _key(vault: Vault, head: Header) -> bytes:
    return stream.key_of_file(vault.key(head.key, PURPOSE), bytes.fromhex(head.salt))


def listed(folder: Path) -> list[tuple[Path, Header]]:
    """Every readable backup of a folder, newest first; other files are left alone."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            found.append((path, head_of(path)))
        except Refused:
            continue
    return sorted(found, key=lambda pair: pair[1].made_at, reverse=True)
