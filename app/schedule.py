"""Every scheduled job on one screen: name, how often, function, what for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.flags import jobs as flags_jobs
from app.jobs import jobs as jobs_jobs
from app.jobs.job import Job

HOUR = 3600

SCHEDULE: tuple[Job, ...] = (
    Job("flags.audience", 60, flags_jobs.audience, _l("Counts the shoppers that a percentage is of")),
    Job("flags.prune", HOUR, flags_jobs.prune, _l("Forgets SDKs that are gone and counts older than a year")),
    Job("jobs.prune", HOUR, jobs_jobs.prune, _l("Forgets runs older than a week")),
)
