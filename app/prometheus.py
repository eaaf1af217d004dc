"""A thin client of Prometheus' HTTP API: any PromQL endpoint will do.

Callers get numbers or nothing: NaN and infinities are dropped, so that they cannot poison a sum.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from app import logs
from app.errors import Refused, Unavailable

NAME = "Prometheus"


@dataclass(frozen=True)
class Sample:
    labels: Mapping[str, str]
    value: float
    at: datetime


@dataclass(frozen=True)
class Tried:
    """The answer to an instant query, and what it cost."""

    kind: str  # vector, scalar, string or matrix
    samples: tuple[Sample, ...]
    looked_at: int | None  # samples; None where the server does not say


@dataclass(frozen=True)
class SeriesData:
    labels: Mapping[str, str]
    points: tuple[tuple[datetime, float], ...]  # ascending; gaps are gaps


@dataclass(frozen=True)
class Cost:
    series: int | None  # None: the expression gives a number or a range, not series
    samples: int  # read for one evaluation; 0 where the server does not say


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _points(raw: Iterable[tuple[float, str]]) -> tuple[tuple[datetime, float], ...]:
    return tuple((_moment(at), value) for at, text in raw if (value := _number(text)) is not None)


class Prometheus:
    def __init__(self, url: str, timeout_seconds: float = 10.0) -> None:
        self.url = url
        self._http = httpx.Client(
            event_hooks={"request": [logs.carry]},
            base_url=url,
            timeout=httpx.Timeout(timeout_seconds, connect=1.0),
            verify=url.startswith("https:"),  # reading all authorities takes 50 ms, and http needs none
        )

    def query(self, expr: str, at: datetime | None = None) -> list[Sample]:
        """An instant query. Raises `Refused` where PromQL does not parse, `Unavailable` without an answer."""
        params = {"query": expr} | ({"time": f"{at.timestamp():.3f}"} if at else {})
        found = []
        for row in self._data("/api/v1/query", params)["result"]:
            moment, text = row["value"]
            if (value := _number(text)) is not None:
                found.append(Sample(row["metric"], value, _moment(moment)))
        return found

    def try_query(self, expr: str, at: datetime, timeout_seconds: float) -> Tried:
        """One instant query that Prometheus gives up in time, with what it had to look at.

        Raises `Refused` where it does not parse or is given up, `Unavailable` without an answer.
        """
        params = {
            "query": expr,
            "time": f"{at.timestamp():.3f}",
            "timeout": f"{timeout_seconds:g}s",
            "stats": "all",
        }
        data = self._data("/api/v1/query", params)
        rows = data["result"] if data["resultType"] == "vector" else []
        samples = tuple(
            Sample(row["metric"], value, at)
            for row in rows
            if (value := _number(row["value"][1])) is not None
        )
        looked_at = data.get("stats", {}).get("samples", {}).get("totalQueryableSamples")
        return Tried(data["resultType"], samples, looked_at)

    def query_range(self, expr: str, start: datetime, end: datetime, step_seconds: int) -> list[SeriesData]:
        """A range query at `start`, `start + step` … `end`. Errors as `query`."""
        params = {
            "query": expr,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": str(step_seconds),
        }
        result = self._data("/api/v1/query_range", params)["result"]
        return [SeriesData(row["metric"], _points(row["values"])) for row in result]

    def cost(self, expr: str, at: datetime, timeout_seconds: float) -> Cost:
        """One evaluation as a rule would have it: how many series it gives and how much it reads for that."""
        params = {"query": expr, "time": f"{at.timestamp():.3f}"}
        params |= {"stats": "all", "timeout": f"{timeout_seconds:.3f}"}
        data = self._data("/api/v1/query", params)
        rows = data["result"] if data["resultType"] == "vector" else None
        samples = data.get("stats", {}).get("samples", {}).get("totalQueryableSamples", 0)
        return Cost(None if rows is None else len(rows), int(samples))

    def presence(
        self, expr: str, start: datetime, end: datetime, step_seconds: int, timeout_seconds: float
    ) -> list[tuple[dict[str, str], list[float]]]:
        """When each series is in the result, whatever its value: an alert fires on NaN as well."""
        params = {
            "query": expr,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": str(step_seconds),
            "timeout": f"{timeout_seconds:.3f}",
        }
        result = self._data("/api/v1/query_range", params)["result"]
        return [(row["metric"], [at for at, _ in row["values"]]) for row in result]

    def clock(self) -> float:
        """What time Prometheus thinks it is, in unix seconds."""
        return float(self._data("/api/v1/query", {"query": "time()"})["result"][1])

    def metric_names(self) -> list[str]:
        """Every metric that it has, in order."""
        names: list[str] = self._data("/api/v1/label/__name__/values", {})
        return names

    def metadata(self, metric: str) -> tuple[str, str]:
        """What the metric's targets say of it: its type and its help, "" where they say nothing."""
        for name in (metric, re.sub(r"_(total|bucket|count|sum)$", "", metric)):
            for told in self._data("/api/v1/metadata", {"metric": name}).get(name, []):
                return str(told.get("type", "")), str(told.get("help", ""))
        return "", ""

    def label_values(self, metric: str, since: datetime) -> dict[str, list[str]]:
        """The labels of a metric, each with its values."""
        at = {"match[]": metric, "start": f"{since.timestamp():.3f}"}
        names = [name for name in self._data("/api/v1/labels", at) if not name.startswith("__")]
        return {name: self._data(f"/api/v1/label/{name}/values", at) for name in names}

    def samples(self, selector: str, seconds: int, at: datetime) -> list[SeriesData]:
        """Every sample of the last seconds, as it was scraped: no steps, nothing extrapolated."""
        params = {"query": f"{selector}[{seconds}s]", "time": f"{at.timestamp():.3f}"}
        result = self._data("/api/v1/query", params)["result"]
        return [SeriesData(row["metric"], _points(row["values"])) for row in result]

    def rules(self) -> list[dict[str, Any]]:
        """The rule groups as loaded, each with its `rules`, their `state`, `health` and `lastError`."""
        groups: list[dict[str, Any]] = self._data("/api/v1/rules", {})["groups"]
        return groups

    def targets(self) -> list[dict[str, Any]]:
        """Active scrape targets with `labels`, `health`, `lastScrape` and `lastError`."""
        targets: list[dict[str, Any]] = self._data("/api/v1/targets", {"state": "active"})["activeTargets"]
        return targets

    def reload(self) -> None:
        """Have Prometheus read its rule files again. It keeps the old rules where the new do not load."""
        response = self._send("POST", "/-/reload")
        if response.status_code >= 400:
            raise Refused(f"Prometheus kept its old rules: {response.text.strip()[:300]}")

    def ready(self) -> bool:
        return self._send("GET", "/-/ready", timeout=1.0).status_code == 200

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Unavailable(f"Prometheus does not answer at {self.url}", NAME) from error

    def _data(self, path: str, params: dict[str, str]) -> Any:
        response = self._send("POST" if "query" in params else "GET", path, **_carry(params))
        try:
            body = response.json()
        except ValueError:
            raise Unavailable(f"Prometheus answered {response.status_code} without JSON", NAME) from None
        if body.get("status") == "success":
            return body["data"]
        if body.get("errorType") in ("bad_data", "execution", "timeout", "canceled"):
            raise Refused(f"Prometheus refuses the query: {body.get('error')}")
        raise Unavailable(f"Prometheus could not answer: {body.get('error')}", NAME)


def _carry(params: dict[str, str]) -> dict[str, Any]:
    """Queries go in the body (they may be long), everything else in the URL."""
    return {"data": params} if "query" in params else {"params": params}
