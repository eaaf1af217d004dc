"""Tables of incidents and of the copies of runbooks that people have edited."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Identity, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class Incident(Base):
    __tablename__ = "incidents"
    __table_args__ = (
        Index(None, "started_at"),
        Index("ix_incidents_open", "id", postgresql_where="resolved_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)  # a key of incident.SEVERITIES
    procedure: Mapped[str] = mapped_column(Text)  # a key of incident.PROCEDURES
    state: Mapped[str] = mapped_column(Text)  # a key of incident.STATES
    components: Mapped[dict[str, str]] = mapped_column(JSONB)  # component → impact, only what is not ok
    roles: Mapped[dict[str, str]] = mapped_column(JSONB)  # role → who
    is_public: Mapped[bool] = mapped_column(Boolean)  # shoppers read of it on the status page
    tells_shoppers: Mapped[bool] = mapped_column(Boolean)  # the line on the shop's pages is of this one

    started_at: Mapped[datetime] = mapped_column(MOMENT)  # shoppers began to feel it
    opened_at: Mapped[datetime] = mapped_column(MOMENT)
    opened_by: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime | None] = mapped_column(MOMENT)  # somebody leads
    mitigated_at: Mapped[datetime | None] = mapped_column(MOMENT)  # first time in state monitoring
    resolved_at: Mapped[datetime | None] = mapped_column(MOMENT)
    resolved_by: Mapped[str | None] = mapped_column(Text)

    cause: Mapped[str] = mapped_column(Text)  # the review: what it was
    lessons: Mapped[str] = mapped_column(Text)  # and what is learned of it
    reviewed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    reviewed_by: Mapped[str | None] = mapped_column(Text)


class IncidentUpdate(Base):
    """Something said or done; never changed afterwards."""

    __tablename__ = "incident_updates"
    __table_args__ = (Index(None, "incident_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    who: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # opened, update, role, impact, act, step, resolved, review
    state: Mapped[str] = mapped_column(Text)  # of the incident from then on
    text: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(Boolean)


class IncidentAlert(Base):
    """An alert that belongs to an incident; to one at the most."""

    __tablename__ = "incident_alerts"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))


class IncidentStep(Base):
    """A step of the runbook as it was when the incident was opened."""

    __tablename__ = "incident_steps"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    section: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    within_minutes: Mapped[int | None] = mapped_column(SmallInteger)  # of the opening
    action: Mapped[str | None] = mapped_column(Text)  # a key of procedure.ACTIONS
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_by: Mapped[str | None] = mapped_column(Text)


class IncidentAction(Base):
    """What a review asks somebody to do, so that it does not happen again."""

    __tablename__ = "incident_actions"
    __table_args__ = (Index(None, "incident_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_by: Mapped[str | None] = mapped_column(Text)


class RunbookCopy(Base):
    """A runbook that people have edited: shown in place of the file that ships. The newest counts."""

    __tablename__ = "runbook_copies"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)  # "": back to the file that ships
    changed_at: Mapped[datetime] = mapped_column(MOMENT)
    changed_by: Mapped[str] = mapped_column(Text)
