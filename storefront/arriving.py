"""A request while it arrives, piece by piece: whether all of it is there yet. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

LONGEST_HEAD = 32 * 1024  # bytes; browsers send one or two thousand
LONGEST_BODY = 64 * 1024  # as security.protect allows; of a longer one the shop reads nothing
HEAD_ENDS = b"\r\n\r\n"

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,19})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_ASKS_FIRST = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class State(Enum):
    COMING = "coming"
    HERE = "here"
    # What no browser sends; the line of the answer.
    HEAD_TOO_LONG = "431 Request Header Fields Too Large"
    NO_LENGTH = "411 Length Required"


@dataclass
class Arriving:
    received: bytearray = field(default_factory=bytearray)
    head_bytes: int | None = None  # with the empty line; None: it has not ended yet
    body_bytes: int = 0  # as announced
    has_no_length: bool = False
    asks_first: bool = False  # waits for "100 Continue" before it sends the body
    _looked_at: int = 0

    def take(self, piece: bytes) -> State:
        self.received += piece
        if self.head_bytes is None:
            self._read_head()
        return self.state

    @property
    def state(self) -> State:
        if self.head_bytes is None:
            return State.HEAD_TOO_LONG if len(self.received) > LONGEST_HEAD else State.COMING
        if self.has_no_length:
            return State.NO_LENGTH
        is_here = self.is_too_large or len(self.received) >= self.head_bytes + self.body_bytes
        return State.HERE if is_here else State.COMING

    @property
    def is_too_large(self) -> bool:
        """Nobody will read the body, so nobody waits for it."""
        return self.body_bytes > LONGEST_BODY

    def _read_head(self) -> None:
        end = self.received.find(HEAD_ENDS, max(0, self._looked_at - len(HEAD_ENDS)))
        self._looked_at = len(self.received)
        if end < 0:
            return
        self.head_bytes = end + len(HEAD_ENDS)
        head = bytes(self.received[: self.head_bytes])
        length = _LENGTH.search(head)
        self.body_bytes = int(length[1]) if length else 0
        self.has_no_length = _CHUNKED.search(head) is not None
        self.asks_first = _ASKS_FIRST.search(head) is not None
