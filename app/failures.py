"""What is kept of an error, and how many alike wait to be written down. Pure but for what is passed in.

Errors are alike that have one fingerprint: the type of the exception and the functions of our own code that
it came through, without line numbers, so that an edit above them changes nothing. Where none of our code is
on the way, the message counts too, with every number and every quoted word taken out of it.

The shop has the same file: the two services share no code, and a test holds the two against each other.
"""

from __future__ import annotations

import hashlib
import re
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import uuid4

from app.masking import mask_log

OURS = ("app.", "storefront.", "local.", "migrations.")
LONGEST_MESSAGE = 500
LONGEST_TRACEBACK = 12_000
MOST_FRAMES = 40
MOST_GROUPS = 300  # that wait at one time; more are counted as dropped
SAMPLES_A_MINUTE = 10  # of one group; more are counted, and nothing else of them is kept
MOST_PEOPLE = 100  # of one group that wait at one time

_VARIABLE = re.compile(
    r"0x[0-9a-f]+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{12,}\b|\d+|\"[^\"]*\"|'[^']*'|<[^>]*>",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Failure:
    fingerprint: str
    kind: str  # the exception's type
    message: str  # masked
    place: str  # the innermost function of our code, such as app.flags.commands.save
    traceback: str  # masked, without the values of variables


@dataclass(frozen=True)
class Report:
    """One row: an error, or several alike of which this one stands for all."""

    event_id: str
    failure: Failure
    source: str  # control, scheduler, shop, worker or browser
    release: str
    first_at: datetime
    at: datetime
    count: int
    request: Mapping[
        str, Any
    ]  # method, route, request_id, trace_id, locale, flags …; empty where it only counts
    people: tuple[str, ...]  # who met it, as far as is known: no names, but the same for the same person


# --- fingerprints --------------------------------------------------------------------------------------


def of_exception(error: BaseException) -> Failure:
    frames = _frames(error.__traceback__)
    kind = _name(type(error))
    message = shortened(str(error))
    ours = [frame for frame in frames if frame.startswith(OURS)]
    place = ours[-1] if ours else frames[-1] if frames else ""
    return Failure(fingerprint(kind, ours, message), kind, message, place, "")


def told(error: BaseException) -> str:
    """The masked traceback. Costs most of all, so only what is kept as a sample has one."""
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-MOST_FRAMES)
    return mask_log("".join(lines)[-LONGEST_TRACEBACK * 2 :])[-LONGEST_TRACEBACK:]


def of_browser(kind: str, message: str, place: str, stack: str) -> Failure:
    """`place`: the script, or the rule of the policy that was broken. All of it was sent by somebody."""
    frames = [_frame_of_a_browser(line) for line in stack.splitlines()[:MOST_FRAMES] if line.strip()]
    kind, message, place = kind[:80] or "Error", shortened(message), mask_log(without_line(place)[:200])
    shown = mask_log(stack)[:LONGEST_TRACEBACK]
    return Failure(
        fingerprint(f"browser:{kind}", [place, *frames], message, always=True), kind, message, place, shown
    )


def fingerprint(kind: str, frames: Iterable[str], message: str, *, always: bool = False) -> str:
    parts = [kind, *_without_repeats(frames)]
    if always or len(parts) == 1:
        parts.append(normal(message))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def normal(message: str) -> str:
    """The message without what differs from one time to the next."""
    return _VARIABLE.sub("#", message).strip()[:200]


def shortened(message: str) -> str:
    shown = mask_log(message[: LONGEST_MESSAGE * 4]).replace("\x00", "").strip()
    shown = shown.encode("utf-8", "replace").decode()
    return shown if len(shown) <= LONGEST_MESSAGE else shown[: LONGEST_MESSAGE - 1] + "…"


def without_line(place: str) -> str:
    """A script's address without the mark of its content, its line and its column."""
    return re.sub(r"\?[^\s:)]*|(?::\d+){1,2}(?=\)?\s*$)|-[0-9a-f]{12}(?=\.)", "", place)


def _frames(trace: TracebackType | None) -> list[str]:
    found = []
    while trace is not None:
        code, module = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "")
        found.append(f"{module}.{code.co_qualname}")
        trace = trace.tb_next
    return found[-MOST_FRAMES:]


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frame_of_a_browser(line: str) -> str:
    return without_line(re.sub(r"https?://[^/\s)]+", "", line.strip()))


def _without_repeats(frames: Iterable[str]) -> list[str]:
    """Recursion and decorators of one function count once, however deep it went."""
    found: list[str] = []
    for frame in frames:
        if frame not in found[-2:]:
            found.append(frame)
    return found


# --- what waits ------------------------------------------------------------------------------------------


@dataclass
class _Group:
    failure: Failure
    source: str
    first_at: datetime
    at: datetime
    count: int = 0  # beside the samples
    samples: list[Report] = field(default_factory=list)
    people: set[str] = field(default_factory=set)


class Waiting:
    """Reports that are not written yet, in bounded memory; safe to use from every thread."""

    def __init__(self, most_groups: int = MOST_GROUPS, samples_a_minute: int = SAMPLES_A_MINUTE) -> None:
        self._most, self._samples = most_groups, samples_a_minute
        self._groups: dict[tuple[str, str], _Group] = {}
        self._kept: dict[str, tuple[int, int]] = {}  # fingerprint → minute, samples kept in it
        self._lock = threading.Lock()
        self.dropped = 0  # for good, since the start

    def note(
        self,
        failure: Failure,
        source: str,
        release: str,
        request: Mapping[str, Any],
        person: str,
        now: datetime,
        error: BaseException | None = None,
    ) -> bool:
        """False where there is no room. `error`: told in full where it is kept as a sample."""
        with self._lock:
            group = self._groups.get((failure.fingerprint, source))
            if group is None:
                if len(self._groups) >= self._most:
                    self.dropped += 1
                    return False
                group = self._groups[failure.fingerprint, source] = _Group(failure, source, now, now)
            group.at = max(group.at, now)
            if person and len(group.people) < MOST_PEOPLE:
                group.people.add(person)
            if not self._may_keep(failure.fingerprint, now):
                group.count += 1
                return True
        shown = failure if error is None else replace(failure, traceback=told(error))
        people = (person,) if person else ()
        report = Report(str(uuid4()), shown, source, release, now, now, 1, dict(request), people)
        with self._lock:
            group.samples.append(report)
            self._groups.setdefault((failure.fingerprint, source), group)
        return True

    def take(self, release: str) -> list[Report]:
        """All that waits, and nothing waits any more."""
        with self._lock:
            groups, self._groups = list(self._groups.values()), {}
        return [report for group in groups for report in _reports(group, release)]

    def put_back(self, reports: Iterable[Report]) -> None:
        """What could not be written waits again; where there is no room its number is lost, and counted."""
        with self._lock:
            for report in reports:
                key = (report.failure.fingerprint, report.source)
                group = self._groups.get(key)
                if group is None and len(self._groups) >= self._most:
                    self.dropped += report.count
                    continue
                if group is None:
                    group = self._groups[key] = _Group(
                        report.failure, report.source, report.first_at, report.at
                    )
                group.first_at, group.at = min(group.first_at, report.first_at), max(group.at, report.at)
                if len(group.samples) < self._samples and report.request:
                    group.samples.append(report)
                else:
                    group.count += report.count
                    group.people |= set(report.people[: MOST_PEOPLE - len(group.people)])

    def _may_keep(self, fingerprint: str, now: datetime) -> bool:
        minute = int(now.timestamp() // 60)
        at, kept = self._kept.get(fingerprint, (minute, 0))
        kept = kept if at == minute else 0
        if kept >= self._samples:
            return False
        if len(self._kept) > self._most * 4:
            self._kept.clear()
        self._kept[fingerprint] = (minute, kept + 1)
        return True


def _reports(group: _Group, release: str) -> list[Report]:
    if not group.count:
        return group.samples
    rest = Report(
        str(uuid4()),
        group.failure,
        group.source,
        release,
        group.first_at,
        group.at,
        group.count,
        {},
        tuple(sorted(group.people)),
    )
    return [*group.samples, rest]


class PerAddress:
    """How often one sender may report within a minute, in this process alone; bounded memory."""

    def __init__(self, a_minute: int, most_addresses: int = 10_000) -> None:
        self._a_minute, self._most = a_minute, most_addresses
        self._minute, self._sent = 0, dict[str, int]()

    def may(self, address: str, now: datetime) -> bool:
        minute = int(now.timestamp() // 60)
        if minute != self._minute:
            self._minute, self._sent = minute, {}
        sent = self._sent.get(address, 0)
        if sent >= self._a_minute or (not sent and len(self._sent) >= self._most):
            return False
        self._sent[address] = sent + 1
        return True
