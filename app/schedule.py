"""Every scheduled job on one screen: name, how often, function, what for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.accounts import jobs as accounts_jobs
from app.accounts.trail import jobs as trail_jobs
from app.alerts import jobs as alerts_jobs
from app.alerts.delivery import jobs as alert_delivery_jobs
from app.alerts.rules import jobs as alert_rules_jobs
from app.alerts.silences import jobs as alert_silences_jobs
from app.backups import jobs as backups_jobs
from app.cost import jobs as cost_jobs
from app.cost.budgets import jobs as cost_budgets_jobs
from app.error_reports import jobs as error_reports_jobs
from app.experiments import jobs as experiments_jobs
from app.flags import jobs as flags_jobs
from app.jobs import jobs as jobs_jobs
from app.jobs.job import Job
from app.kpi import jobs as kpi_jobs
from app.kpi.goals import jobs as kpi_goals_jobs
from app.kpi.outlook import jobs as kpi_outlook_jobs
from app.locales.extraction import jobs as locale_extraction_jobs
from app.locales.insight import jobs as locale_insight_jobs
from app.locales.releases import jobs as locale_releases_jobs
from app.notifications import jobs as notifications_jobs
from app.reports import jobs as reports_jobs
from app.rollouts import jobs as rollouts_jobs
from app.series import jobs as series_jobs
from app.slo import jobs as slo_jobs
from app.webhooks import jobs as webhooks_jobs
from app.word_releases import jobs as word_releases_jobs

HOUR = 3600
DAY = 24 * HOUR

SCHEDULE: tuple[Job, ...] = (
    Job("accounts.prune", HOUR, accounts_jobs.prune, _l("Forgets sessions that have ended")),
    Job("accounts.mail", 5, accounts_jobs.send_mails, _l("Mails invitations, links and warnings to people")),
    Job(
        "accounts.rotate_keys",
        HOUR,
        accounts_jobs.rotate_keys,
        _l("Makes the next key that signs access tokens, a day before its turn"),
    ),
    Job(
        "accounts.warn_of_tokens",
        HOUR,
        accounts_jobs.warn_of_tokens,
        _l("Tells of tokens that end within two weeks, once each"),
    ),
    Job(
        "accounts.prune_keys",
        HOUR,
        accounts_jobs.prune_keys,
        _l("Forgets keys of requests that came a day ago"),
    ),
    Job("health.probe", 10, alerts_jobs.probe, _l("Asks each part whether it answers")),
    Job(
        "alerts.sync",
        15,
        alerts_jobs.sync,
        _l("Reads what fires from Alertmanager, lest something was missed"),
    ),
    Job(
        "alerts.rules", 15, alerts_jobs.read_rules, _l("Reads the alert rules as Prometheus has them loaded")
    ),
    Job(
        "slo.gather",
        30,
        slo_jobs.gather_rows,
        _l("Counts good and bad events and computes every error budget"),
    ),
    Job("slo.facts", 60, slo_jobs.gather_facts, _l("Counts what objectives by SQL say of the shop's facts")),
    Job(
        "slo.policy",
        60,
        slo_jobs.follow_policies,
        _l("Takes the steps of error budget policies, such as a freeze"),
    ),
    Job("slo.prune", HOUR, slo_jobs.prune, _l("Forgets rows of five minutes that are older than 100 days")),
    Job(
        "slo.rules",
        60,
        slo_jobs.write_rules,
        _l("Writes the burn alerts' rules and has Prometheus load them"),
    ),
    Job(
        "slo.reports",
        900,
        slo_jobs.mail_reports,
        _l("Mails the report of the last week and month, once to each recipient"),
    ),
    Job("series.thin", HOUR, series_jobs.thin, _l("Keeps one point an hour of what is older than a week")),
    Job(
        "rollouts.decide", 5, rollouts_jobs.decide, _l("Looks at each rollout and decides what it does next")
    ),
    Job("rollouts.tell", 10, rollouts_jobs.tell, _l("Mails what rollouts decided to who is to know")),
    Job("rollouts.measure", 30, rollouts_jobs.measure, _l("Reads how shoppers with and without a flag fare")),
    Job("experiments.measure", 300, experiments_jobs.measure, _l("Counts what shoppers of each variant did")),
    Job(
        "experiments.baselines",
        HOUR,
        experiments_jobs.baselines,
        _l("Counts what shoppers did lately, to plan experiments from"),
    ),
    Job("flags.audience", 60, flags_jobs.audience, _l("Counts the shoppers that a percentage is of")),
    Job("flags.prune", HOUR, flags_jobs.prune, _l("Forgets SDKs that are gone and counts older than a year")),
    Job("flags.changes", 5, flags_jobs.changes, _l("Makes planned changes of flags at their hour")),
    Job("kpi.live", 15, kpi_jobs.live, _l("Reads what the shop counts right now")),
    Job(
        "kpi.daily", 300, kpi_jobs.daily, _l("Computes the KPIs of each day; late events change recent ones")
    ),
    Job(
        "cost.drivers",
        600,
        cost_jobs.drivers,
        _l("Measures what costs grow with, and what metered lines cost"),
    ),
    Job(
        "cost.budgets", 600, cost_budgets_jobs.watch, _l("Holds costs against budgets and finds unusual days")
    ),
    Job(
        "kpi.zones", 15, kpi_jobs.fill_zones, _l("Computes the KPIs of time zones that were asked for lately")
    ),
    Job(
        "kpi.partitions",
        HOUR,
        kpi_jobs.keep_partitions,
        _l("Makes the next months of imported usage events, and drops those that are old"),
    ),
    Job("cost.monthly", 600, cost_jobs.monthly, _l("Divides the cost of each month by its users and orders")),
    Job(
        "alerts.write_rules",
        60,
        alert_rules_jobs.write_rules,
        _l("Keeps Prometheus' alert rules as people made them"),
    ),
    Job(
        "alerts.write_delivery",
        60,
        alert_delivery_jobs.write_configuration,
        _l("Keeps Alertmanager's configuration as people set it up"),
    ),
    Job(
        "alerts.escalate",
        15,
        alert_delivery_jobs.escalate,
        _l("Passes on alerts that nobody has acknowledged in time"),
    ),
    Job(
        "alerts.silences",
        60,
        alert_silences_jobs.look,
        _l("Reminds of silences that end, and ends those whose alerts are over"),
    ),
    Job(
        "alerts.look_for_series",
        60,
        alert_rules_jobs.look_for_series,
        _l("Finds alert rules whose series do not exist"),
    ),
    Job(
        "locales.extract",
        HOUR,
        locale_extraction_jobs.extract,
        _l("Reads what the shop says from its sources, when they have changed"),
    ),
    Job(
        "locales.goods",
        300,
        locale_extraction_jobs.goods,
        _l("Reads names and descriptions of the shop's goods, to be translated like all else"),
    ),
    Job(
        "locales.fold",
        60,
        locale_insight_jobs.fold,
        _l("Counts which strings shoppers saw, in which language, and which failed"),
    ),
    Job(
        "kpi.outlook",
        900,
        kpi_outlook_jobs.look_ahead,
        _l("Foretells each KPI and finds days that were unlike their weekday"),
    ),
    Job(
        "reports.make",
        900,
        reports_jobs.make,
        _l("Makes the review of each week, month, quarter and year once it is over"),
    ),
    Job("reports.mail", 900, reports_jobs.mail, _l("Mails each review once to whoever is to have it")),
    Job(
        "kpi.erasures",
        60,
        kpi_jobs.follow_erasures,
        _l("Forgets here whom the shop has erased; figures stay"),
    ),
    Job(
        "kpi.targets",
        300,
        kpi_goals_jobs.tell,
        _l("Tells, once each, which targets were reached and which were missed when their day was over"),
    ),
    Job("errors.fold", 5, error_reports_jobs.fold, _l("Takes in the errors that the shop has noted")),
    Job(
        "errors.prune",
        HOUR,
        error_reports_jobs.prune,
        _l("Forgets errors that were not seen for 90 days, and all but the newest samples of others"),
    ),
    Job("jobs.prune", HOUR, jobs_jobs.prune, _l("Forgets runs older than a week")),
    Job(
        "locales.planned",
        5,
        locale_releases_jobs.show_planned,
        _l("Shows releases of words at their planned hour"),
    ),
    Job(
        "word_releases.decide",
        10,
        word_releases_jobs.decide,
        _l("Looks at each candidate release of words and decides what it does next"),
    ),
    Job(
        "word_releases.tell",
        10,
        word_releases_jobs.tell,
        _l("Mails what was decided of a candidate release to who published it"),
    ),
    Job("alerts.prune", HOUR, alerts_jobs.prune, _l("Forgets alerts that ended 400 days ago")),
    Job("backups.asked", 5, backups_jobs.asked, _l("Makes and checks backups that people ask for")),
    Job("backups.make", HOUR, backups_jobs.make, _l("Makes the daily backup of each database")),
    Job(
        "backups.prove",
        300,
        backups_jobs.prove,
        _l("Restores the newest backup beside and compares every table and figure"),
    ),
    Job("backups.prune", HOUR, backups_jobs.prune, _l("Deletes backups that retention lets go")),
    Job("audit.verify", HOUR, trail_jobs.verify, _l("Verifies that no entry of the audit trail was touched")),
    Job(
        "audit.anchor",
        DAY,
        trail_jobs.anchor,
        _l("Writes the end of the audit trail into the log, where nobody rewrites it"),
    ),
    Job("audit.prune", HOUR, trail_jobs.prune, _l("Removes entries of the audit trail after their time")),
    Job(
        "webhooks.flow",
        5,
        webhooks_jobs.flow,
        _l("Makes events of what happened, for webhooks and notifications"),
    ),
    Job("webhooks.send", 5, webhooks_jobs.send, _l("Sends events to webhooks, and tries again what failed")),
    Job("webhooks.prune", HOUR, webhooks_jobs.prune, _l("Forgets deliveries and events that are old")),
    Job(
        "notifications.tell", 5, notifications_jobs.tell, _l("Tells people of new events, each as they chose")
    ),
    Job("notifications.mail", 15, notifications_jobs.mail, _l("Mails what people want to know by mail")),
    Job(
        "notifications.digest", 300, notifications_jobs.digest, _l("Mails each person's digest at their hour")
    ),
    Job(
        "notifications.prune", HOUR, notifications_jobs.prune, _l("Forgets notifications older than 90 days")
    ),
)
