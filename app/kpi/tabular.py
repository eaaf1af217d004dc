"""Rows of a file, one at a time: CSV or lines of JSON, plain or packed, with a mark of its encoding or none.

A file is read as UTF-8; single lines that are not are read as Windows-1252, and counted. Lines that are too
long are left out and named, so that memory stays bounded whatever is in a file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from flask_babel import lazy_gettext as _l

from app.errors import NotFound, Refused

LONGEST_LINE_BYTES = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 2**17  # characters; longer ones are the rest of a file whose quotation mark was left open
MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
UTF8_MARK = b"\xef\xbb\xbf"


@dataclass
class Lines:
    """Decoded lines of an open file, and what was noticed meanwhile."""

    file: BinaryIO
    digest: str = ""
    other_encoding: int = 0  # lines that were read as Windows-1252
    too_long: set[int] = field(default_factory=set)  # their numbers, counted from 1

    def __iter__(self) -> Iterator[str]:
        hashed = hashlib.sha256()
        number = 0
        while line := self._next():
            number += 1
            hashed.update(line)
            if len(line) >= LONGEST_LINE_BYTES and not line.endswith(b"\n"):
                self.too_long.add(number)
                line = self._skip()
            if number == 1:
                line = self._unmarked(line)
            yield self._decoded(line)
        self.digest = hashed.hexdigest()

    def _next(self) -> bytes:
        try:
            return self.file.readline(LONGEST_LINE_BYTES)
        except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(_l("The file is damaged or cut off. Nothing was taken in.")) from error

    def _skip(self) -> bytes:
        while (rest := self._next()) and not rest.endswith(b"\n"):
            continue
        return b"\n"

    def _unmarked(self, line: bytes) -> bytes:
        if line.startswith(tuple(mark for mark, _ in MARKS)):
            raise Refused(_l("The file is in UTF-16. Save it as UTF-8 and try again."))
        return line.removeprefix(UTF8_MARK)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.other_encoding += 1
            return line.decode("cp1252", "replace")


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """`.xz` and `.gz` are unpacked while they are read."""
    try:
        file = _opened(path)
    except OSError as error:
        raise NotFound(_l("The file %(path)s cannot be read.", path=str(path))) from error
    with file:
        yield Lines(file)


def _opened(path: Path) -> BinaryIO:
    match path.suffix.lower():
        case ".xz":
            return cast(BinaryIO, lzma.open(path, "rb"))
        case ".gz":
            return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def rows(lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """The number of the line on which each row of a CSV file ends, and its cells. The header is the first."""
    reader = csv.reader(iter(lines))
    try:
        for cells in reader:
            if reader.line_num == 1 and len(cells) > MOST_COLUMNS:
                raise Refused(_l("The file has more than %(most)s columns.", most=MOST_COLUMNS))
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise _unreadable(reader.line_num)
            yield reader.line_num, cells
    except csv.Error as error:
        raise _unreadable(reader.line_num) from error


def _unreadable(line: int) -> Refused:
    return Refused(_l("Line %(line)s cannot be read: is a quotation mark left open?", line=line))
