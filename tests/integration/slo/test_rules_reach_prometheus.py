"""Generated rules against real promtool and a real Prometheus."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest
import yaml

from app.errors import Refused, Unavailable
from app.rule_files import check_rules
from app.series import store
from app.slo import commands, install, queries, rule_files
from app.slo.burn import detection_seconds, windows
from app.slo.jobs import write_rules
from app.slo.reading import read
from app.slo.rules import groups, text

URL = "http://control.test"


@pytest.fixture
def objectives(control_session, now):
    commands.ensure_defaults(control_session, now)
    return queries.objectives(control_session)


def test_rules_are_written_checked_loaded_and_then_left_alone(
    control_session, control_sources, prometheus, objectives, now
):
    assert write_rules(control_session, now, control_sources) == "10 rules written and loaded"
    loaded = {group["name"] for group in control_sources.prometheus.rules()}
    assert loaded == {f"slo-{slo.key}-{severity}" for slo in objectives for severity in ("page", "ticket")}
    written = (prometheus.rules_dir / install.FILE).stat().st_mtime_ns
    assert write_rules(control_session, now, control_sources) == "unchanged and loaded"
    assert (prometheus.rules_dir / install.FILE).stat().st_mtime_ns == written
    assert store.latest(control_session, "health.up", {"part": "rules"}).value == 1


def test_a_prometheus_that_lost_its_rules_is_given_them_again(
    control_session, control_sources, prometheus, objectives, now
):
    write_rules(control_session, now, control_sources)
    kept = (prometheus.rules_dir / install.FILE).rename(prometheus.rules_dir / "away")
    prometheus.reload()
    kept.rename(prometheus.rules_dir / install.FILE)
    assert write_rules(control_session, now, control_sources) == "10 rules loaded"


def test_a_changed_target_changes_the_rules(control_session, control_sources, prometheus, objectives, now):
    write_rules(control_session, now, control_sources)
    commands.set_objective(control_session, "checkout-availability", 1, "99.9", "ops@house.test", now)
    assert write_rules(control_session, now, control_sources) == "10 rules written and loaded"
    assert "/ 0.001" in (prometheus.rules_dir / install.FILE).read_text()


def test_what_promtool_refuses_is_not_written_and_the_old_rules_stay(
    control_session, control_sources, prometheus, objectives, now
):
    write_rules(control_session, now, control_sources)
    before = (prometheus.rules_dir / install.FILE).read_text()
    broken = [replace(slo, total="shop_journeys_total{") for slo in objectives]
    with pytest.raises(Refused, match="promtool refuses"):
        install.install(
            groups(broken, URL),
            prometheus.rules_dir,
            control_sources.config.promtool,
            control_sources.prometheus,
        )
    assert (prometheus.rules_dir / install.FILE).read_text() == before
    assert [path.name for path in prometheus.rules_dir.iterdir()] == [install.FILE]


def test_a_missing_promtool_is_named(control_sources, prometheus, objectives):
    with pytest.raises(Unavailable, match="no-such-promtool"):
        install.install(
            groups(objectives, URL), prometheus.rules_dir, "no-such-promtool", control_sources.prometheus
        )


def test_rules_that_prometheus_does_not_load_are_noticed(control_sources, prometheus, objectives, tmp_path):
    with pytest.raises(Refused, match="did not load"):
        install.install(
            groups(objectives, URL), tmp_path, control_sources.config.promtool, control_sources.prometheus
        )


def test_without_a_folder_nothing_is_written(control_session, control_sources, now):
    nowhere = replace(control_sources, config=replace(control_sources.config, rules_dir=None))
    assert "not written" in write_rules(control_session, now, nowhere)


def promtool_tests(tmp_path, promtool, rules, tests):
    """Runs `promtool test rules` and answers what it prints."""
    (tmp_path / "rules.yml").write_text(rules)
    file = tmp_path / "tests.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "30s", "tests": tests})
    )
    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def counters(clean, faulty, bad_of_ten):
    """Two counters, a sample a minute: ten events a minute, of which some are bad after the clean part."""
    good = 10 - bad_of_ten
    return [
        {
            "series": 'shop_journeys_total{journey="checkout",outcome="good"}',
            "values": f"0+10x{clean} {10 * clean + good}+{good}x{faulty}",
        },
        {
            "series": 'shop_journeys_total{journey="checkout",outcome="bad"}',
            "values": f"0x{clean} {bad_of_ten}+{bad_of_ten}x{faulty}",
        },
    ]


@pytest.mark.parametrize(("bad_of_ten", "objective"), [(10, "0.99"), (5, "0.99"), (3, "0.995")])
def test_a_fault_pages_when_the_formula_says(bad_of_ten, objective, objectives, control_config, tmp_path):
    """After clean traffic, within one sample and one evaluation of t = f · B · w / e."""
    slo = replace(objectives[0], objective=Decimal(objective))
    fastest = windows(slo.window_days, slo.objective)[0]
    expected = detection_seconds(fastest, slo.objective, bad_of_ten / 10)
    clean, slack = 120, 120

    def alerts(after_seconds, fires):
        return {
            "expr": 'ALERTS{window="1h"}',
            "eval_time": f"{clean * 60 + int(after_seconds)}s",
            "exp_samples": [
                {
                    "labels": 'ALERTS{alertname="ErrorBudgetBurn", alertstate="firing", '
                    f'severity="page", slo="{slo.key}", window="1h"}}',
                    "value": 1,
                }
            ]
            if fires
            else [],
        }

    test = {
        "interval": "1m",
        "input_series": counters(clean, 120, bad_of_ten),
        "promql_expr_test": [alerts(expected - slack, False), alerts(expected + slack, True)],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups([slo], URL)), [test])
    assert code == 0, said


def silent(tmp_path, promtool, slo, series, minutes, expr='ALERTS{alertname="ErrorBudgetBurn"}'):
    """No burn alert at any ten minutes of the series."""
    test = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [
            {"expr": expr, "eval_time": f"{minute}m", "exp_samples": []} for minute in range(10, minutes, 10)
        ],
    }
    code, said = promtool_tests(tmp_path, promtool, text(groups([slo], URL)), [test])
    assert code == 0, said


def test_one_failure_of_one_in_a_quiet_night_wakes_nobody(objectives, control_config, tmp_path):
    series = counters(clean=1, faulty=180, bad_of_ten=0)
    series[0]["values"] = "0x180"
    series[1]["values"] = "0x60 1x120"
    silent(tmp_path, control_config.promtool, objectives[0], series, 180)


def test_no_traffic_at_all_does_not_burn(objectives, control_config, tmp_path):
    series = counters(clean=1, faulty=180, bad_of_ten=0)
    series[0]["values"] = series[1]["values"] = "7x180"
    silent(tmp_path, control_config.promtool, objectives[0], series, 180)


def test_a_restart_of_the_shop_does_not_burn(objectives, control_config, tmp_path):
    series = counters(clean=1, faulty=180, bad_of_ten=0)
    series[0]["values"] = "0+10x60 0+10x120"
    series[1]["values"] = "3x60 0x120"
    silent(tmp_path, control_config.promtool, objectives[0], series, 180)


def test_a_shop_that_never_had_a_good_checkout_burns_all_the_same(objectives, control_config, tmp_path):
    only_bad = counters(clean=60, faulty=60, bad_of_ten=10)[1:]
    test = {
        "interval": "1m",
        "input_series": only_bad,
        "promql_expr_test": [
            {
                "expr": 'count(ALERTS{severity="page", alertstate="firing"}) > bool 0',
                "eval_time": "110m",
                "exp_samples": [{"value": 1}],
            }
        ],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups(objectives[:1], URL)), [test])
    assert code == 0, said


def test_a_shop_that_is_not_counted_any_more_is_noticed(objectives, control_config, tmp_path):
    series = counters(clean=60, faulty=0, bad_of_ten=0)
    series = [{**one, "values": "0+10x30 stale"} for one in series]
    test = {
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [
            {
                "alertname": "MonitoringBlind",
                "eval_time": "20m",
                "exp_alerts": [],
            }
        ],
        "promql_expr_test": [
            {
                "expr": 'count(ALERTS{alertname="MonitoringBlind", alertstate="firing"})',
                "eval_time": "45m",
                "exp_samples": [{"value": 1}],
            }
        ],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups(objectives[:1], URL)), [test])
    assert code == 0, said


def test_generated_rules_pass_promtool_as_a_file(objectives, control_config, tmp_path):
    path = tmp_path / "rules.yml"
    grouped = replace(objectives[0], key="by-locale", group_label="locale")
    path.write_text(text(groups([*objectives, grouped], URL)))
    check_rules(path, control_config.promtool)


RECORDED = {"5m": 300, "1h": 3600, "30m": 1800, "6h": 21_600}
RECORDED_RULES = """
  - name: recorded
    rules:
{records}
      - alert: RecordedBurn
        expr: |-
          (sli_error:5m > 14.4 * 0.005 and sli_error:1h > 14.4 * 0.005)
          or (sli_error:30m > 6 * 0.005 and sli_error:6h > 6 * 0.005)
"""


def test_pages_agree_minute_by_minute_with_rules_that_record_ratios_first(
    objectives, control_config, tmp_path
):
    """The other way to write them: an error ratio is recorded for each window, and those are compared."""
    slo = replace(objectives[0], min_bad_events=0)
    records = "\n".join(
        f"      - record: sli_error:{window}\n        expr: >-\n"
        f"          1 - sum(increase({slo.good}[{window}])) / sum(increase({slo.total}[{window}]))"
        for window in RECORDED
    )
    rules = text(groups([slo], URL)) + RECORDED_RULES.format(records=records)
    fires = "(count(ALERTS{{alertname={name!r},{more}alertstate='firing'}}) or vector(0)) > bool 0"
    ours = fires.format(name="ErrorBudgetBurn", more="severity='page',")
    theirs = fires.format(name="RecordedBurn", more="")
    both = [
        {"expr": f"({ours}) != bool ({theirs})", "eval_time": f"{minute}m", "exp_samples": [{"value": 0}]}
        for minute in range(30, 600, 3)
    ]
    faults = counters(clean=120, faulty=480, bad_of_ten=0)
    faults[0]["values"] = "0+10x120 1210+7x60 1637+10x120 2840+0x30 2840+9.5x240"
    faults[1]["values"] = "0x120 0+3x60 183x120 193+10x30 493+0.5x240"
    fired = {"expr": f"max_over_time(({ours})[10h:1m])", "eval_time": "600m", "exp_samples": [{"value": 1}]}
    test = {"interval": "1m", "input_series": faults, "promql_expr_test": [*both, fired]}
    code, said = promtool_tests(tmp_path, control_config.promtool, rules, [test])
    assert code == 0, said


def test_a_fault_that_is_over_ends_its_page_when_the_formula_says(objectives, control_config, tmp_path):
    """Reset after w_short · (1 − f·B / e), once the short window has burnt."""
    slo = replace(objectives[0], objective=Decimal("0.99"))
    fastest = windows(slo.window_days, slo.objective)[0]
    error_ratio = 0.5
    reset = fastest.short_seconds * (1 - float(fastest.factor) * 0.01 / error_ratio)
    series = [
        {
            "series": 'shop_journeys_total{journey="checkout",outcome="good"}',
            "values": "0+10x480 4805+5x240 6015+10x120",
        },
        {
            "series": 'shop_journeys_total{journey="checkout",outcome="bad"}',
            "values": "0x480 5+5x240 1205x120",
        },
    ]
    ended = 721 * 15

    def count(at, expected):
        alert = 'ALERTS{alertname="ErrorBudgetBurn",window="1h",alertstate="firing"}'
        return {
            "expr": f"count({alert}) or vector(0)",
            "eval_time": f"{int(at)}s",
            "exp_samples": [{"value": expected}],
        }

    test = {
        "interval": "15s",
        "input_series": series,
        "promql_expr_test": [count(ended, 1), count(ended + reset - 75, 1), count(ended + reset + 75, 0)],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups([slo], URL)), [test])
    assert code == 0, said


GAUGES = (
    {"indicator": "sql", "query": "SELECT 1"},
    {"indicator": "probe", "query": "up", "threshold": 1.0},
    {"indicator": "composite", "members": {"search": 1.0}},
    {"method": "timeslices", "slice_target": Decimal("0.9")},
)


@pytest.mark.parametrize("changes", GAUGES)
def test_what_prometheus_does_not_count_is_judged_by_fresh_exported_figures(
    objectives, control_config, tmp_path, changes
):
    """It burns from minute 30 to 90; from minute 100 on nothing is gathered and the last figures stay."""
    slo = replace(objectives[0], **changes)

    def exported(name, window, values):
        labels = f'{{job="backroom",slo="checkout-availability",window="{window}"}}'
        moments = "0+60x100 6000x60"
        return [
            {"series": f"backroom_slo_{name}{labels}", "values": values},
            {"series": f"backroom_slo_{name}_timestamp_seconds{labels}", "values": moments},
        ]

    test = {
        "interval": "1m",
        "input_series": [
            *exported("burn", "1h", "1x30 20x130"),
            *exported("burn", "5m", "1x30 20x60 1x5 20x65"),
            *exported("bad_events", "1h", "0x30 9x130"),
        ],
        "promql_expr_test": [
            {
                "expr": 'count(ALERTS{alertname="ErrorBudgetBurn",window="1h"}) or vector(0)',
                "eval_time": f"{minute}m",
                "exp_samples": [{"value": value}],
            }
            for minute, value in ((20, 0), (40, 1), (85, 1), (94, 0), (103, 1), (120, 0))
        ],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups([slo], URL)), [test])
    assert code == 0, said


def test_members_of_a_group_page_by_themselves(objectives, control_config, tmp_path):
    slo = replace(objectives[0], group_label="locale", bad="", labels={"team": "shop"})
    series = [
        {
            "series": f'shop_journeys_total{{journey="checkout",outcome="{outcome}",locale="{locale}"}}',
            "values": values,
        }
        for outcome, locale, values in (
            ("good", "en", "0+100x120"),
            ("good", "de", "0+5x60 300x60"),
            ("bad", "de", "0x60 0+5x60"),
        )
    ]
    firing = 'ALERTS{alertname="ErrorBudgetBurn",window="1h",alertstate="firing",locale!=""}'
    expr = f"count by (locale, team) ({firing})"
    test = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": "100m",
                "exp_samples": [{"labels": '{locale="de",team="shop"}', "value": 1}],
            }
        ],
    }
    code, said = promtool_tests(tmp_path, control_config.promtool, text(groups([slo], URL)), [test])
    assert code == 0, said


def test_one_objective_with_rules_that_are_refused_does_not_take_the_others_along(
    control_session, control_sources, prometheus, objectives, now
):
    values = {"key": "broken", "name": "Broken", "objective": 0.99, "good": "a_total", "total": "a_total{"}
    commands.create(control_session, read(values), "ops@house.test", now)
    said = write_rules(control_session, now, control_sources)
    assert "left out broken" in said
    assert len({group["name"] for group in control_sources.prometheus.rules()}) == 4
    (held,) = rule_files.states(control_session)
    assert (held.place, held.is_loaded) == ("folder", False)
    assert "left out broken" in held.said


def test_a_failure_to_load_is_kept_in_mind_with_its_reason(control_session, control_sources, objectives, now):
    control_session.commit()
    with pytest.raises(Unavailable):
        write_rules(control_session, now, control_sources)
    control_session.rollback()
    (held,) = rule_files.states(control_session)
    assert not held.is_loaded
    assert "does not answer" in held.said


def test_a_rule_that_was_changed_behind_our_back_is_noticed(control_sources, prometheus, objectives):
    wanted = groups(objectives, URL)
    other = groups([replace(slo, min_bad_events=9) for slo in objectives], URL)
    install.install(other, prometheus.rules_dir, control_sources.config.promtool, control_sources.prometheus)
    said = install.difference(wanted, control_sources.prometheus.rules())
    assert any("is not loaded" in one for one in said)
    assert any("is loaded otherwise" in one for one in said)
