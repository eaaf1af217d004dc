"""The schedule of the running app. The list itself is in app/schedule.py, above all features."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.errors import NotFound
from app.jobs.job import Job
from app.jobs.kept import Retention


def planned() -> tuple[Job, ...]:
    found: tuple[Job, ...] = current_app.extensions["schedule"]
    return found


def retention() -> Retention:
    found: Retention = current_app.extensions["retention"]
    return found


def find(jobs: tuple[Job, ...], name: str) -> Job:
    """Raises `NotFound`, naming what there is."""
    for job in jobs:
        if job.name == name:
            return job
    names = ", ".join(job.name for job in jobs)
    raise NotFound(_l("There is no job %(name)s. There are: %(names)s.", name=name, names=names))
