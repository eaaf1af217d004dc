"""Usage events of a file or of the API, each once by its id; partitions are made as months need them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Malformed
from app.kpi import asking, event_rows, order_rows, partitions, tabular
from app.kpi.copying import copying
from app.kpi.event_rows import read_event
from app.kpi.import_report import Report
from app.kpi.models import KpiImport
from app.kpi.order_rows import Wrong
from app.sql import statement

MOST_IN_A_BATCH = 1_000
COLUMNS = "event_id, at, session_id, visitor_id, user_id, kind, path, locale, country, device, flags"

_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS stage_events (
    event_id uuid, at timestamptz, session_id text, visitor_id text, user_id text, kind text, path text,
    locale text, country text, device text, flags jsonb
) ON COMMIT DROP"""

# Whose id is known stays as it is, even where it comes again with another time.
_TAKE = statement(
    """
INSERT INTO kpi_events ({columns})
SELECT DISTINCT ON (event_id) {columns} FROM stage_events AS new
WHERE NOT EXISTS (SELECT FROM kpi_events AS known WHERE known.event_id = new.event_id)
ORDER BY event_id, at
ON CONFLICT DO NOTHING""",
    columns=COLUMNS,
)


def import_events(
    session: Session,
    path: Path,
    chosen: Mapping[str, str],
    zone: str,
    who: str,
    now: datetime,
    *,
    is_dry: bool,
) -> Report:
    """CSV, or lines of JSON where the name says ndjson or jsonl."""
    asking.check_zone(zone)
    report = Report(path.name, is_dry=is_dry)
    with tabular.open_lines(path) as lines:
        is_json = any(suffix in (".ndjson", ".jsonl") for suffix in path.suffixes)
        given = _json_rows(lines) if is_json else _csv_rows(lines, chosen, report)
        _stage(session, given, zone, report, now)
        report.other_encoding = lines.other_encoding
    if not is_dry:
        _take_in(session, report)
        told = report.plain()
        columns = {"kind": "events", "name": path.name, "sha256": lines.digest, "report": told}
        session.execute(insert(KpiImport).values(**columns, imported_at=now, imported_by=who))
        counts = {key: told[key] for key in ("file", "rows", "refused", "changed")}
        record(session, who, "usage.import", f"file:{path.name[:80]}", None, counts, now)
    return report


def take_batch(session: Session, given: object, now: datetime) -> Report:
    """A batch of the API, as a list of objects. `Refused` as a whole only where it is no list or too long."""
    if not isinstance(given, list) or len(given) > MOST_IN_A_BATCH:
        words = _l("Send a list of at most %(most)s events.", most=MOST_IN_A_BATCH)
        raise Malformed(_l("Nothing was taken in."), {"events": words})
    report = Report("")
    _stage(session, enumerate(given), "UTC", report, now)
    _take_in(session, report)
    return report


def _stage(
    session: Session, given: Iterable[tuple[int, object]], zone: str, report: Report, now: datetime
) -> None:
    session.execute(text(_STAGE))
    where, latest = ZoneInfo(zone), order_rows.latest(now)
    with copying(session, "stage_events") as write:
        for number, one in given:
            report.rows += 1
            try:
                if not isinstance(one, dict):
                    raise Wrong(_l("It is not an object."))
                write(read_event(one, where, latest))
            except Wrong as wrong:
                report.refuse(number, wrong)


def _take_in(session: Session, report: Report) -> None:
    months: list[date] = list(
        session.scalars(text("SELECT DISTINCT date_trunc('month', at)::date FROM stage_events"))
    )
    for month in months:
        partitions.make(session, month)
    taken = int(session.execute(_TAKE).rowcount)  # type: ignore[attr-defined]
    report.changed["events"] = taken
    report.kinds["taken"] = taken
    report.kinds["known"] = report.rows - report.refused - taken
    session.execute(text("TRUNCATE stage_events"))


def _csv_rows(
    lines: tabular.Lines, chosen: Mapping[str, str], report: Report
) -> Iterator[tuple[int, object]]:
    rows = tabular.rows(lines)
    _, header = next(rows, (0, []))
    places = order_rows.columns(header, chosen, event_rows.NAMES, event_rows.NEEDED)
    report.columns = {what: header[place] for what, place in places.items()}
    for number, cells in rows:
        if len(cells) == len(header):
            yield number, {what: cells[place] for what, place in places.items()}
        elif cells or number in lines.too_long:
            yield number, None


def _json_rows(lines: tabular.Lines) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _object(line)
        elif number in lines.too_long:
            yield number, None


def _object(line: str) -> object:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    names = {name: what for what, usual in event_rows.NAMES.items() for name in usual}
    return {names[name]: value for name, value in found.items() if name in names}
