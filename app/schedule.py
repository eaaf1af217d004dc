"""Every scheduled job on one screen: name, how often, function, what for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.jobs import jobs as jobs_jobs
from app.jobs.job import Job

HOUR = 3600

SCHEDULE: tuple[Job, ...] = (Job("jobs.prune", HOUR, jobs_jobs.prune, _l("Forgets runs older than a week")),)
