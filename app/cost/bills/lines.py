"""The lines of a file as it came: plain, gzip or xz; UTF-8 with or without a mark, UTF-16, or a mix.

A line at a time, each of a bounded length, so that a file of any size takes the same memory. `digest` is of
the content: the same bill packed in another way is the same bill.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import shutil
import zlib
from collections.abc import Iterator
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask_babel import lazy_gettext as _l

from app.errors import Refused

LONGEST_LINE = 1024 * 1024
MOST_BYTES = 8 * 1024**3  # unpacked
PIECE_BYTES = 1024 * 1024
GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
DAMAGED = _l("The file is cut off or damaged. Nothing was imported.")
TOO_LARGE = _l("The file is larger than eight gigabytes. Nothing was imported.")
BROKEN = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)


class Lines:
    """Text lines of a binary file. `strays` counts lines not in UTF-8."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = unpacked(file)
        self.strays = 0
        self.bytes = 0

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._lines()
        except BROKEN as error:
            raise Refused(DAMAGED) from error

    def _lines(self) -> Iterator[str]:
        first = self._line()
        if first[:2] in UTF16:
            yield from self._utf16(first)
            return
        line = first.removeprefix(UTF8_MARK)
        while line:
            yield self._decoded(line)
            line = self._line()

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE + 1)
        self.bytes += len(line)
        if len(line) > LONGEST_LINE:
            raise Refused(_l("A line of the file is longer than one megabyte. Nothing was imported."))
        if self.bytes > MOST_BYTES:
            raise Refused(TOO_LARGE)
        return line

    def _utf16(self, first: bytes) -> Iterator[str]:
        """Decoded by the piece: a line's end is not one byte here."""
        rest = io.BytesIO(first)
        both = _Chained(rest, self._file)
        text = io.TextIOWrapper(io.BufferedReader(both), "utf-16", errors="replace", newline="")
        while line := text.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise Refused(_l("A line of the file is longer than one megabyte. Nothing was imported."))
            yield line.replace("\x00", "")

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode().replace("\x00", "")
        except UnicodeDecodeError:
            self.strays += 1
            return line.decode("cp1252", "replace").replace("\x00", "")


class _Chained(io.RawIOBase):
    def __init__(self, *files: IO[bytes]) -> None:
        self._files = list(files)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while self._files:
            if found := self._files[0].read(len(view)):
                view[: len(found)] = found
                return len(found)
            self._files.pop(0)
        return 0


def rewindable(file: IO[bytes]) -> IO[bytes]:
    """The file itself, or what comes in once laid beside: it is read twice."""
    if file.seekable():
        return file
    beside = cast("IO[bytes]", SpooledTemporaryFile(PIECE_BYTES))  # noqa: SIM115 - the caller reads on
    shutil.copyfileobj(file, beside, PIECE_BYTES)
    beside.seek(0)
    return beside


def digest(file: IO[bytes]) -> str:
    """Of the content from where the file stands, to where it is put back."""
    start, hashed, size = file.tell(), sha256(), 0
    try:
        plain = unpacked(file)
        while piece := plain.read(PIECE_BYTES):
            hashed.update(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise Refused(TOO_LARGE)
    except BROKEN as error:
        raise Refused(DAMAGED) from error
    file.seek(start)
    return hashed.hexdigest()


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """By the first bytes, whatever the name says."""
    head = io.BufferedReader(file, 1024 * 1024) if isinstance(file, io.RawIOBase) else file
    magic = head.read(6)
    rest: IO[bytes] = io.BufferedReader(_Chained(io.BytesIO(magic), head), 1024 * 1024)
    if magic.startswith(GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=rest))
    if magic.startswith(XZ):
        return io.BufferedReader(lzma.LZMAFile(rest))
    return rest


def rows(lines: Lines) -> Iterator[tuple[int, list[str] | None]]:
    """The cells of each row with the number of its last line; None where a cell never ends."""
    reader = csv.reader(lines)
    while True:
        try:
            yield reader.line_num + 1, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, None
