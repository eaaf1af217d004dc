"""What reports of SDKs add up to, by hour. Pure: no I/O, no clock."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from app.flags.reports import Report

Of = tuple[str, str, datetime]  # environment, application, hour
AnswerKey = tuple[Of, str]  # flag
VariantKey = tuple[Of, str, str]  # flag, variant
ImpactKey = tuple[Of, str, str, str, str]  # metric, kind, flag, variant
BucketKey = tuple[Of, str, str, str, float]  # metric, flag, variant, upper limit

Key = TypeVar("Key")


class Sums:
    def __init__(self) -> None:
        self.yes: dict[AnswerKey, int] = {}
        self.no: dict[AnswerKey, int] = {}
        self.seen_at: dict[AnswerKey, datetime] = {}
        self.variants: dict[VariantKey, int] = {}
        self.samples: dict[ImpactKey, int] = {}
        self.totals: dict[ImpactKey, float] = {}
        self.buckets: dict[BucketKey, int] = {}

    def __len__(self) -> int:
        """How many rows it makes."""
        return len(self.yes) + len(self.variants) + len(self.samples) + len(self.buckets)

    def add(self, environment: str, report: Report, now: datetime) -> None:
        of = (environment, report.app_name, report.hour)
        for one in report.counts:
            key = (of, one.flag)
            self.yes[key] = self.yes.get(key, 0) + one.yes
            self.no[key] = self.no.get(key, 0) + one.no
            self.seen_at[key] = now
            for variant, times in one.variants.items():
                _add(self.variants, (of, one.flag, variant), times)
        for impact in report.impacts:
            named = (of, impact.metric, impact.kind, impact.flag, impact.variant)
            self._measure(named, impact.samples, impact.total)
            for up_to, count in impact.buckets.items():
                _add(self.buckets, (of, impact.metric, impact.flag, impact.variant, up_to), count)

    def merge(self, earlier: Sums) -> None:
        """What was taken out before and could not be written."""
        for key, yes in earlier.yes.items():
            _add(self.yes, key, yes)
            _add(self.no, key, earlier.no[key])
            self.seen_at.setdefault(key, earlier.seen_at[key])
        for given, times in earlier.variants.items():
            _add(self.variants, given, times)
        for named, samples in earlier.samples.items():
            if named[2] == "gauge" and named in self.totals:
                _add(self.samples, named, samples)  # the later value stays
            else:
                self._measure(named, samples, earlier.totals[named])
        for bucket, count in earlier.buckets.items():
            _add(self.buckets, bucket, count)

    def _measure(self, named: ImpactKey, samples: int, total: float) -> None:
        is_gauge = named[2] == "gauge"
        _add(self.samples, named, samples)
        self.totals[named] = total if is_gauge else self.totals.get(named, 0.0) + total


def _add(sums: dict[Key, int], key: Key, number: int) -> None:
    sums[key] = sums.get(key, 0) + number
