"""The rules of the house itself: whoever watches is watched. People cannot change or delete them. Pure."""

from __future__ import annotations

from app.alerts.alert import WATCHDOG
from app.alerts.rules.rule import Rule

PREFIX = "house-"
HOUSE_REVISION = 3

RULES = (
    Rule(
        key="house-watchdog",
        name=WATCHDOG,
        expr="vector(1)",
        severity="none",
        every_seconds=15,
        summary="This alert always fires. While it arrives, alerts arrive.",
        runbook="monitoring-blind",
    ),
    Rule(
        key="house-shop-not-scraped",
        name="ShopNotScraped",
        expr='up{job="shop"} == 0',
        severity="page",
        every_seconds=15,
        hold_seconds=60,
        summary="Prometheus cannot read the shop's metrics",
        description="What the shop does is not seen: it may be down.",
        runbook="monitoring-blind",
        owner="ops",
    ),
    Rule(
        key="house-part-not-scraped",
        name="PartNotScraped",
        expr='up{job!="shop"} == 0',
        severity="ticket",
        every_seconds=15,
        hold_seconds=120,
        summary="Prometheus cannot read the metrics of {{ $labels.job }}",
        runbook="monitoring-blind",
        owner="ops",
    ),
    Rule(
        key="house-job-late",
        name="JobLate",
        expr="backroom_scheduled_job_late == 1",
        severity="ticket",
        every_seconds=30,
        hold_seconds=60,
        keep_firing_seconds=60,
        summary="The scheduled job {{ $labels.name }} is late or fails",
        description="Figures that it makes are old.",
        runbook="monitoring-blind",
        owner="ops",
    ),
    Rule(
        key="house-audit-broken",
        name="AuditTrailBroken",
        expr="backroom_audit_chain_broken == 1",
        severity="page",
        every_seconds=30,
        summary="The audit trail is not as it was written",
        description="An entry was altered, removed or added by hand. The page of the trail says which.",
        runbook="monitoring-blind",
        owner="ops",
    ),
    Rule(
        key="house-rule-fails",
        name="RuleFails",
        expr="backroom_alert_rule_fails == 1",
        severity="ticket",
        every_seconds=30,
        hold_seconds=60,
        summary="The alert rule {{ $labels.name }} cannot be evaluated",
        runbook="monitoring-blind",
        owner="ops",
    ),
    Rule(
        key="house-backup-stale",
        name="BackupStale",
        expr="backroom_backup_stale == 1",
        severity="ticket",
        every_seconds=60,
        hold_seconds=3_600,
        summary="No proven backup of the database {{ $labels.database }} is young enough",
        description="What is lost since the newest backup that could be restored, nobody brings back.",
        runbook="restore",
        owner="ops",
    ),
    Rule(
        key="house-translation-failed",
        name="TranslationFailed",
        expr="sum by (locale) (increase(shop_translation_failures_total[10m])) > 0",
        severity="ticket",
        every_seconds=15,
        summary="Texts of {{ $labels.locale }} cannot be shown; shoppers read the source",
        runbook="translation-failed",
        owner="ops",
    ),
)
