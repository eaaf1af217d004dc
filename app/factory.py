"""The control plane's Flask app: the list of features on one screen."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import (
    bodies,
    csrf,
    events,
    four_eyes,
    guards,
    health,
    htmx,
    i18n,
    idempotency,
    limits,
    logs,
    origins,
    preconditions,
    problems,
    routing,
    security,
    telemetry,
    versions,
)
from app.accounts import (
    access_api,
    access_token_api,
    access_views,
    confirm,
    confirm_views,
    identity,
    invitation_api,
    link_views,
    me_api,
    me_views,
    people_api,
    personal_data_api,
    personal_data_views,
    role_queries,
    role_views,
    second_step_views,
    token_api,
    token_views,
)
from app.accounts import queries as account_queries
from app.accounts import views as accounts_views
from app.accounts.trail import gauges as trail_gauges
from app.alerts import api as alerts_api
from app.alerts import gauges as alerts_gauges
from app.alerts import views as alerts_views
from app.alerts.delivery import api as alert_delivery_api
from app.alerts.delivery import views as alert_delivery_views
from app.alerts.rules import api as alert_rules_api
from app.alerts.rules import views as alert_rules_views
from app.alerts.silences import api as alert_silences_api
from app.alerts.silences import views as alert_silences_views
from app.audit import api as audit_api
from app.audit import views as audit_views
from app.backups import api as backups_api
from app.backups import gauges as backups_gauges
from app.backups import views as backups_views
from app.cost import api as cost_api
from app.cost import views as cost_views
from app.cost.allocation import api as cost_allocation_api
from app.cost.allocation import views as cost_allocation_views
from app.cost.bills import api as cost_bills_api
from app.cost.bills import views as cost_bills_views
from app.cost.budgets import api as cost_budgets_api
from app.cost.budgets import views as cost_budgets_views
from app.cost.roi import api as cost_roi_api
from app.cost.roi import views as cost_roi_views
from app.cost.whatif import api as cost_whatif_api
from app.cost.whatif import views as cost_whatif_views
from app.error_reports import api as errors_api
from app.error_reports import browser_views as errors_browser_views
from app.error_reports import collector as error_collector
from app.error_reports import views as errors_views
from app.experiments import api as experiments_api
from app.experiments import views as experiments_views
from app.flags import admin_api as flags_admin_api
from app.flags import change_request_api as flag_change_requests_api
from app.flags import change_request_views as flag_change_requests_views
from app.flags import client_api as flags_client_api
from app.flags import environment_api as flag_environments_api
from app.flags import environment_views as flag_environment_views
from app.flags import frontend_api as flags_frontend_api
from app.flags import import_api as flags_import_api
from app.flags import life_views as flag_life_views
from app.flags import list_views as flag_list_views
from app.flags import ofrep_api as flags_ofrep_api
from app.flags import playground_views as flag_playground_views
from app.flags import segment_api as flag_segments_api
from app.flags import segment_views as flag_segment_views
from app.flags import serving as flags_serving
from app.flags import state_api as flag_states_api
from app.flags import targeting_views as flag_targeting_views
from app.flags import views as flags_views
from app.incidents import api as incidents_api
from app.incidents import runbook_api, runbook_views, status_views
from app.incidents import views as incidents_views
from app.jobs import api as jobs_api
from app.jobs import gauges as jobs_gauges
from app.jobs import retention_api
from app.jobs import views as jobs_views
from app.kpi import api as kpi_api
from app.kpi import shape_views as kpi_shape_views
from app.kpi import usage_api as kpi_usage_api
from app.kpi import views as kpi_views
from app.kpi.boards import api as kpi_boards_api
from app.kpi.boards import views as kpi_boards_views
from app.kpi.goals import api as kpi_goals_api
from app.kpi.goals import views as kpi_goals_views
from app.kpi.outlook import api as kpi_outlook_api
from app.locales import api as locales_api
from app.locales import change_views as locale_change_views
from app.locales import changes_api as locale_changes_api
from app.locales import editor_views as locale_editor_views
from app.locales import files_views as locale_files_views
from app.locales import locale_views as locale_settings_views
from app.locales import settings_api as locale_settings_api
from app.locales import strings_api as locale_strings_api
from app.locales import views as locales_views
from app.locales.assist import api as locale_assist_api
from app.locales.assist import views as locale_assist_views
from app.locales.insight import api as locale_insight_api
from app.locales.insight import views as locale_insight_views
from app.locales.releases import api as locale_releases_api
from app.locales.releases import views as locale_releases_views
from app.notifications import api as notifications_api
from app.notifications import views as notifications_views
from app.openapi import checking
from app.openapi import views as openapi_views
from app.overview import api as overview_api
from app.overview import views as overview_views
from app.reports import api as reports_api
from app.reports import views as reports_views
from app.retention import RETENTION
from app.rollouts import api as rollouts_api
from app.rollouts import by_hand_views
from app.rollouts import views as rollouts_views
from app.schedule import SCHEDULE
from app.series import api as series_api
from app.series import gauges
from app.slo import api as slo_api
from app.slo import breakdown_views as slo_breakdown_views
from app.slo import correction_views as slo_correction_views
from app.slo import corrections_api as slo_corrections_api
from app.slo import crud_api as slo_crud_api
from app.slo import edit_views as slo_edit_views
from app.slo import import_views as slo_import_views
from app.slo import openslo_api as slo_openslo_api
from app.slo import policies_api as slo_policies_api
from app.slo import policy_views as slo_policy_views
from app.slo import report_views as slo_report_views
from app.slo import reports_api as slo_reports_api
from app.slo import views as slo_views
from app.sources import connect
from app.timeline import api as timeline_api
from app.timeline import views as timeline_views
from app.ui import problem_views, templating
from app.webhooks import api as webhooks_api
from app.webhooks import hooks_api, source_views, sources_api
from app.webhooks import views as webhooks_views
from app.word_releases import api as word_releases_api
from app.word_releases import views as word_releases_views
from config import ControlPlaneConfig

TRANSLATIONS = Path(__file__).parents[1] / "translations"

# Each module has a `blueprint`.
FEATURES: tuple[ModuleType, ...] = (
    openapi_views,
    problem_views,
    overview_views,
    overview_api,
    accounts_views,
    me_views,
    second_step_views,
    link_views,
    confirm_views,
    people_api,
    invitation_api,
    me_api,
    token_views,
    token_api,
    role_views,
    access_views,
    access_api,
    access_token_api,
    audit_views,
    audit_api,
    slo_views,
    slo_report_views,
    slo_edit_views,
    slo_import_views,
    slo_policy_views,
    slo_breakdown_views,
    slo_correction_views,
    slo_api,
    slo_crud_api,
    slo_openslo_api,
    slo_policies_api,
    slo_corrections_api,
    slo_reports_api,
    alerts_views,
    alerts_api,
    alert_rules_views,
    alert_rules_api,
    alert_delivery_views,
    alert_delivery_api,
    alert_silences_views,
    alert_silences_api,
    incidents_views,
    incidents_api,
    runbook_views,
    runbook_api,
    status_views,
    timeline_views,
    timeline_api,
    series_api,
    flag_list_views,
    flags_views,
    flag_life_views,
    flags_client_api,
    flags_admin_api,
    flags_import_api,
    flag_states_api,
    flag_segments_api,
    flag_environments_api,
    flag_targeting_views,
    flag_playground_views,
    flag_segment_views,
    flag_environment_views,
    flag_change_requests_views,
    flag_change_requests_api,
    flags_frontend_api,
    flags_ofrep_api,
    rollouts_views,
    by_hand_views,
    rollouts_api,
    experiments_views,
    experiments_api,
    kpi_views,
    kpi_boards_views,
    kpi_boards_api,
    kpi_goals_views,
    kpi_goals_api,
    kpi_outlook_api,
    kpi_shape_views,
    kpi_api,
    kpi_usage_api,
    reports_views,
    reports_api,
    personal_data_api,
    personal_data_views,
    retention_api,
    backups_views,
    backups_api,
    cost_views,
    cost_api,
    cost_bills_views,
    cost_bills_api,
    cost_allocation_views,
    cost_allocation_api,
    cost_budgets_views,
    cost_budgets_api,
    cost_whatif_views,
    cost_whatif_api,
    cost_roi_views,
    cost_roi_api,
    locales_views,
    locale_assist_views,
    locale_assist_api,
    locale_settings_views,
    locale_editor_views,
    locale_change_views,
    locale_settings_api,
    locale_strings_api,
    locale_changes_api,
    locale_insight_views,
    locale_insight_api,
    locale_files_views,
    locales_api,
    locale_releases_views,
    locale_releases_api,
    word_releases_views,
    word_releases_api,
    jobs_views,
    jobs_api,
    webhooks_views,
    source_views,
    webhooks_api,
    sources_api,
    hooks_api,
    notifications_views,
    notifications_api,
    errors_views,
    errors_browser_views,
    errors_api,
)

# What takes as much work as twenty reads.
EXPENSIVE = frozenset(
    {
        "alert_rules_api.backtest",
        "cost_allocation_api.preview",
        "cost_whatif_api.try_out",
        "experiments_api.evaluate",
        "flags_import_api.export",
        "slo_crud_api.try_out",
    }
)

# Writes that compare If-Match with a revision of their own, and answer with both sides' work.
COMPARE_THEMSELVES = frozenset(
    {
        "locale_strings_api.save",
        "slo_crud_api.archive",
        "slo_crud_api.delete",
        "slo_crud_api.edit",
        "slo_crud_api.restore",
    }
)


def create_app(config: ControlPlaneConfig) -> Flask:
    """Wires the parts together; contacts nothing yet."""
    logs.configure(config, "control")
    app = Flask(__name__, static_folder="ui/static", template_folder="ui/templates")
    app.secret_key = config.secret_key
    app.testing = config.environment == "test"
    app.config.update(
        METRICS_TOKEN=config.metrics_token,
        SECURITY_CONTACT=config.security_contact,
        CONTROL_URL=config.control_url,
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[config.trusted_proxies] * 4)  # type: ignore[method-assign]

    sources = connect(config)
    app.extensions["sources"] = sources
    app.extensions["schedule"] = SCHEDULE
    app.extensions["retention"] = RETENTION

    routing.init_app(app)
    telemetry.init_app(app)
    security.init_app(app, secure=config.secure_cookies)
    htmx.init_app(app)
    versions.init_app(app)
    origins.init_app(app)
    guards.init_app(app, identity.identify, identity.signed_in_before)
    four_eyes.init_app(app, account_queries.names_of)
    limits.init_app(app, EXPENSIVE)
    app.extensions["own_role_name"] = role_queries.own_role_name
    csrf.init_app(app)
    confirm.init_app(app)
    i18n.init_app(app, str(TRANSLATIONS))
    bodies.init_app(app)
    checking.init_app(app)
    idempotency.init_app(app)
    preconditions.init_app(app, COMPARE_THEMSELVES)
    templating.init_app(app)
    problems.init_app(app)
    events.init_app(app, sources.redis)
    health.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    telemetry.expect_routes(app)
    flags_serving.init_app(app, sources, identity.is_in_force)
    errors = error_collector.Collector(sources.control, sources.redis, config, "control")
    error_collector.install(errors)
    app.extensions["errors"] = errors
    logs.install(app, _about_the_request, quiet=("/api/client", "/api/frontend", "/ofrep/"))
    telemetry.tell(
        app,
        gauges.Exposition(
            sources.control,
            gauges.tell,
            lambda session: jobs_gauges.tell(session, SCHEDULE),
            alerts_gauges.tell,
            lambda session: backups_gauges.tell(session, config),
            trail_gauges.tell,
        ),
    )
    return app


def _about_the_request() -> dict[str, object]:
    """For the log: the rule in place of the path, which may hold a secret, and ids in place of names."""
    known: dict[str, object] = {"route": request.url_rule.rule if request.url_rule else "unmatched"}
    if (person := guards.person()) is not None:
        known["person"] = person.id
    if (token := guards.token()) is not None:
        known["token_id"] = token.id
    return known
