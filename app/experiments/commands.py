"""Writes of experiments: the plan, its course, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Conflict, Refused
from app.experiments import queries
from app.experiments.analysis import Verdict
from app.experiments.counting import Count
from app.experiments.definition import Definition, check_edit, next_state, plain, read, read_decision
from app.experiments.models import Experiment, ExperimentBaseline, ExperimentCount
from app.timeline import commands as timeline
from app.timeline.entry import LONGEST_TITLE


def create(
    session: Session, definition: Definition, now: datetime, who: str, *, is_demo: bool = False
) -> Experiment:
    experiment = Experiment(
        **_columns(definition),
        state="draft",
        revision=1,
        created_at=now,
        created_by=who,
        is_demo=is_demo,
    )
    session.add(experiment)
    session.flush()
    audit(session, who, "experiment.create", _subject(experiment), None, plain(definition), now)
    return experiment


def edit(
    session: Session, number: int, revision: int | None, definition: Definition, now: datetime, who: str
) -> Experiment:
    experiment = queries.get(session, number)
    before = read(experiment.definition)
    check_edit(experiment.state, before, definition)  # type: ignore[arg-type] # one of the four
    _move(session, experiment, revision, **_columns(definition))
    audit(session, who, "experiment.edit", _subject(experiment), plain(before), plain(definition), now)
    return experiment


def start(session: Session, number: int, revision: int | None, now: datetime, who: str) -> Experiment:
    experiment = queries.get(session, number)
    state = next_state("start", experiment.state)
    definition = read(experiment.definition)
    if definition.ends_at is not None and definition.ends_at <= now:
        raise Refused(_l("It would end before it begins."), {"ends_at": _l("This moment is over.")})
    other = session.scalar(
        select(Experiment.name).where(
            Experiment.flag == experiment.flag,
            Experiment.environment == experiment.environment,
            Experiment.state == "running",
        )
    )
    if other is not None:
        raise Conflict(_l("%(name)s runs on this flag already. Stop it first.", name=other))
    try:
        _move(session, experiment, revision, state=state, started_at=now, counted_from=now)
    except IntegrityError:
        raise Conflict(_l("Another experiment was started on this flag in this moment.")) from None
    _told(session, experiment, "start", {"state": "draft"}, {"state": state}, now, who)
    return experiment


def stop(session: Session, number: int, revision: int | None, now: datetime, who: str) -> Experiment:
    """Shoppers who come later do not count any more; late news of those before still do."""
    experiment = queries.get(session, number)
    state = next_state("stop", experiment.state)
    _move(session, experiment, revision, state=state, stopped_at=now)
    _told(session, experiment, "stop", {"state": "running"}, {"state": state}, now, who)
    return experiment


def decide(
    session: Session, number: int, revision: int | None, said: Mapping[str, Any], now: datetime, who: str
) -> Experiment:
    """What comes of it, and why. The flag is moved on its own page, by whoever may."""
    experiment = queries.get(session, number)
    state = next_state("decide", experiment.state)
    definition = read(experiment.definition)
    others = [name for name in definition.weights if name != definition.control]
    decision, shipped, reason = read_decision(said, others)
    made = {"state": state, "decision": decision, "shipped": shipped, "reason": reason}
    _move(session, experiment, revision, **made, decided_at=now)
    _told(session, experiment, "decide", {"state": "stopped"}, made, now, who)
    return experiment


def remove(session: Session, number: int, revision: int | None, now: datetime, who: str) -> None:
    """Only a draft: what has run stays, so that nobody repeats it unknowingly."""
    experiment = queries.get(session, number)
    if experiment.state != "draft":
        raise Conflict(_l("Only a draft can be deleted; what has run stays on record."))
    _check(experiment, revision)
    audit(session, who, "experiment.delete", _subject(experiment), experiment.definition, None, now)
    session.execute(delete(Experiment).where(Experiment.id == number))


def end_planned(session: Session, now: datetime) -> int:
    """Stop what has reached its planned end, as of that moment."""
    running = session.scalars(select(Experiment).where(Experiment.state == "running").with_for_update())
    ended = 0
    for experiment in running:
        ends_at = read(experiment.definition).ends_at
        if ends_at is not None and ends_at <= now:
            stop(session, experiment.id, None, ends_at, "job:experiments")
            ended += 1
    return ended


def count_anew(session: Session, experiment: Experiment, since: datetime) -> None:
    """The split was changed: shoppers of two splits must not be counted together."""
    session.execute(delete(ExperimentCount).where(ExperimentCount.experiment_id == experiment.id))
    experiment.counted_from, experiment.ready_at = since, None


def tell_ready(session: Session, experiment: Experiment, verdict: Verdict, now: datetime) -> bool:
    """Enough data to decide: on the timeline and to whoever listens. False where it was told already."""
    is_first = session.scalar(
        update(Experiment)
        .where(Experiment.id == experiment.id, Experiment.ready_at.is_(None))
        .values(ready_at=now)
        .returning(Experiment.id)
    )
    if is_first is None:
        return False
    counted_from = experiment.counted_from.isoformat() if experiment.counted_from else ""
    subject, url = f"flag:{experiment.flag}", f"/experiments/{experiment.id}"
    timeline.record(
        session,
        now,
        "experiment",
        f"Experiment has enough data: {experiment.name}"[:LONGEST_TITLE],
        subject,
        url=url,
        key=f"experiment:{experiment.id}:ready:{counted_from}",
        is_demo=experiment.is_demo,
    )
    if not experiment.is_demo:
        facts = {"experiment": experiment.id, "environment": experiment.environment}
        facts |= {"verdict": verdict.kind, "variant": verdict.variant}
        timeline.tell(session, now, "experiment.ready", experiment.name, subject, url, facts)
    return True


def save_counts(
    session: Session, experiment: Experiment, day: date, counts: Sequence[Count], now: datetime
) -> None:
    """The day's counts take the place of those before."""
    session.execute(
        delete(ExperimentCount).where(
            ExperimentCount.experiment_id == experiment.id, ExperimentCount.day == day
        )
    )
    session.add_all(
        ExperimentCount(
            experiment_id=experiment.id,
            day=day,
            dimension=count.dimension,
            value=count.value,
            variant=count.variant,
            n=count.n,
            sums=dict(count.sums),
            counted_at=now,
        )
        for count in counts
    )
    experiment.counted_at = now


def save_baseline(
    session: Session, flag: str, days: int, n: int, sums: Mapping[str, float], now: datetime
) -> None:
    values = {"days": days, "n": n, "sums": dict(sums), "counted_at": now}
    session.execute(
        insert(ExperimentBaseline)
        .values(flag=flag, **values)
        .on_conflict_do_update(index_elements=["flag"], set_=values)
    )


def _columns(definition: Definition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "flag": definition.flag,
        "environment": definition.environment,
        "definition": plain(definition),
    }


def _check(experiment: Experiment, revision: int | None) -> None:
    if revision is not None and revision != experiment.revision:
        raise Conflict(_l("Somebody changed this experiment meanwhile. Reload it, then try again."))


def _move(session: Session, experiment: Experiment, revision: int | None, **values: Any) -> None:
    """Update where it still is what was read. `revision`: the one that the caller has seen, if any."""
    _check(experiment, revision)
    seen = experiment.revision
    changed = session.execute(
        update(Experiment)
        .where(Experiment.id == experiment.id, Experiment.revision == seen)
        .values(**values, revision=seen + 1)
        .returning(Experiment.id)
    ).first()
    if changed is None:
        _check(experiment, seen + 1)
    session.refresh(experiment)


def _told(
    session: Session,
    experiment: Experiment,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    who: str,
) -> None:
    audit(session, who, f"experiment.{action}", _subject(experiment), before, after, now)
    titles = {
        "start": f"Experiment started: {experiment.name}",
        "stop": f"Experiment stopped: {experiment.name}",
        "decide": f"Experiment decided ({after.get('decision')}): {experiment.name}",
    }
    timeline.record(
        session,
        now,
        "experiment",
        titles[action],
        f"flag:{experiment.flag}",
        who,
        url=f"/experiments/{experiment.id}",
        key=f"experiment:{experiment.id}:{action}",
        is_demo=experiment.is_demo,
    )


def _subject(experiment: Experiment) -> str:
    return f"experiment:{experiment.id}"
