"""What is kept how long, and which job removes it: every table of both databases, on one screen.

A table that is in none of the lists fails a test: whoever makes one says here what becomes of its rows.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.jobs.kept import Kept, Retention

FOR_GOOD = _l("for good: it explains what is shown of the past, and grows with what people do")
FACTS = _l("for good, without names: figures of any time zone are computed from it")
BOOKS = _l("for good: the books")

KEPT = (
    Kept(("sessions", "refresh_tokens"), _l("12 hours without a page, 14 days at most"), "accounts.prune"),
    Kept(("signing_keys",), _l("until the last that one of them signed has ended"), "accounts.rotate_keys"),
    Kept(("half_sign_ins", "password_links", "account_mails"), _l("hours"), "accounts.prune"),
    Kept(("idempotency_keys",), _l("a day"), "accounts.prune_keys"),
    Kept(
        ("error_groups", "error_hours", "error_releases", "error_people", "error_samples", "error_marks"),
        _l("90 days after an error was last seen"),
        "errors.prune",
    ),
    Kept(("known_browsers",), _l("a year after it was last seen"), "accounts.prune"),
    Kept(("invitations",), _l("90 days after they ended"), "accounts.prune"),
    Kept(("audit_entries", "audit_checks"), _l("as AUDIT_KEEP_DAYS says"), "audit.prune"),
    Kept(("job_runs",), _l("7 days"), "jobs.prune"),
    Kept(
        ("alerts", "alert_events", "alert_escalations", "alert_silences", "incident_alerts"),
        _l("400 days"),
        "alerts.prune",
    ),
    Kept(("webhook_deliveries", "webhook_attempts"), _l("30 days"), "webhooks.prune"),
    Kept(("events", "webhook_receipts"), _l("90 days"), "webhooks.prune"),
    Kept(("notifications",), _l("90 days"), "notifications.prune"),
    Kept(("happenings",), _l("until they are told, within seconds"), "webhooks.flow"),
    Kept(("rollout_readings", "rollout_looks"), _l("14 days"), "rollouts.decide"),
    Kept(("slo_buckets",), _l("100 days"), "slo.prune"),
    Kept(("slo_hours",), _l("800 days"), "slo.prune"),
    Kept(("series_points",), _l("each for a week, then one an hour for good"), "series.thin"),
    Kept(
        ("flag_metrics", "flag_variant_metrics", "flag_impacts", "flag_impact_buckets"),
        _l("400 days"),
        "flags.prune",
    ),
    Kept(("flag_clients",), _l("7 days after they were last heard of"), "flags.prune"),
    Kept(("kpi_events",), _l("as USAGE_KEEP_MONTHS says"), "kpi.partitions"),
    Kept(("kpi_due",), _l("until the day is computed"), "kpi.daily"),
    Kept(("backups", "backup_checks"), _l("files as BACKUP_KEEP says, their rows 400 days"), "backups.prune"),
    Kept(
        (
            *(
                "kpi_orders",
                "kpi_order_parts",
                "kpi_refunds",
                "kpi_customers",
                "kpi_sessions",
                "kpi_visitors",
            ),
            *("kpi_first_uses", "kpi_cells", "kpi_people", "kpi_days", "kpi_outlooks", "message_days"),
        ),
        FACTS,
        "kpi.erasures",
    ),
    Kept(("kpi_erasures",), _l("for good: numbers of erased people, needed after a restore")),
    Kept(
        (
            *("cost_imports", "cost_bills", "cost_charges", "cost_bill_days", "cost_months", "cost_runs"),
            *("cost_driver_days", "cost_metered_days", "cost_budget_told"),
        ),
        BOOKS,
    ),
    Kept(
        (
            *("timeline_entries", "incidents", "incident_updates", "incident_steps"),
            *("incident_actions", "rollouts", "rollout_decisions", "rollout_freezes", "word_rollouts"),
            *("word_decisions", "experiments", "experiment_counts", "flag_change_requests"),
            *("flag_proposed_changes", "flag_change_opinions", "releases", "release_moves"),
            *("translation_versions", "translation_batches", "translation_comments", "extractions"),
            *(
                "slo_revisions",
                "slo_corrections",
                "slo_overrides",
                "slo_report_mails",
                "reports",
                "report_notes",
            ),
            *("report_actions", "report_mails", "kpi_imports", "cost_rule_versions", "message_failures"),
        ),
        FOR_GOOD,
    ),
    Kept(("usage_events",), _l("as USAGE_KEEP_MONTHS says"), is_shop=True),
    Kept(("exposures", "message_impressions"), _l("400 days"), is_shop=True),
    Kept(("impression_batches",), _l("2 days"), is_shop=True),
    Kept(("error_reports",), _l("7 days"), is_shop=True),
    Kept(("outbox",), _l("7 days after it was done; what failed, until somebody decides"), is_shop=True),
    Kept(("idempotency_keys",), _l("24 hours"), is_shop=True),
    Kept(("user_sessions",), _l("14 days without a page, 30 days at most"), is_shop=True),
    Kept(("password_links",), _l("2 days"), is_shop=True),
    Kept(("sign_ins",), _l("90 days"), is_shop=True),
    Kept(
        ("carts", "cart_lines"), _l("a visitor’s for 400 days, an account’s as long as it is"), is_shop=True
    ),
    Kept(("users",), _l("until they delete their account"), is_shop=True),
    Kept(
        ("orders", "order_lines", "payments"),
        _l("for good: the books; without the person once erased"),
        is_shop=True,
    ),
    Kept(("erasures",), _l("for good: numbers of erased people, needed after a restore"), is_shop=True),
    Kept(("erased_visitors",), _l("30 days"), is_shop=True),
)

RETENTION = Retention(
    KEPT,
    frozenset(
        {
            *("alert_definitions", "alert_delivery", "alert_rules", "audit_head", "candidate_releases"),
            *("check_dismissals", "cost_budgets", "cost_lines", "cost_promises", "cost_quotas", "cost_rates"),
            *("cost_savings", "cost_scenarios", "cost_settings", "environments", "experiment_baselines"),
            *("flag_favourites", "flag_revision", "flag_states", "flags", "glossary_terms", "kpi_boards"),
            *("kpi_goals", "kpi_loads", "kpi_targets", "kpi_zones", "live_releases", "locale_files"),
            *("locale_grants", "locales", "message_sightings", "messages", "notification_choices"),
            *("notification_settings", "openslo_objects", "people", "planned_releases", "recovery_codes"),
            *("report_recipients", "required_factors", "role_grants", "roles", "runbook_copies"),
            *(
                "second_factors",
                "segments",
                "series",
                "slo_report_recipients",
                "slo_rules",
                "slo_status",
                "slos",
            ),
            *("tokens", "translations", "webhook_endpoints", "webhook_sources"),
        }
    ),
    frozenset(
        {
            *("categories", "category_texts", "exchange_rates", "message_sightings", "price_points"),
            *("product_texts", "products", "variants"),
        }
    ),
)
