"""OpenSLO by the API and by the command line: all of a file or nothing, with a word on each object."""

from __future__ import annotations

import pytest
import yaml
from sqlalchemy import select

from app import cli
from app.slo import queries
from app.slo.models import OpenSloObject
from tests.unit.slo.openslo_samples import OLD, RATIO, changed

SERVICE = {"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "payments"}}
PATH = "/api/v1/slos/import"


def text(*documents):
    return yaml.safe_dump_all(documents)


def told(answer):
    return [(one["kind"], one["name"], one["action"]) for one in answer.json["objects"]]


def test_a_file_is_imported_whole_and_again_without_a_change(signed_in):
    ops = signed_in("ops")
    first = ops.post(PATH, data=text(SERVICE, RATIO, OLD))
    assert told(first) == [
        ("Service", "payments", "kept"),
        ("SLO", "pay", "created"),
        ("SLO", "old", "created"),
    ]
    assert "Prometheus" in first.json["objects"][1]["warnings"][0]
    again = ops.post(PATH, data=text(RATIO, changed(OLD, "spec.objectives.0.target", 0.9)))
    assert told(again) == [("SLO", "pay", "unchanged"), ("SLO", "old", "updated")]
    exported = list(yaml.safe_load_all(ops.get("/api/v1/slos/openslo.yaml").text))
    assert {one["kind"] for one in exported} == {"Service", "SLO"}
    one = yaml.safe_load(ops.get("/api/v1/slos/pay/openslo.yaml").text)
    assert one["spec"]["objectives"][0]["target"] == 0.995


def test_one_wrong_object_stops_the_whole_file(signed_in, control_session):
    wrong = changed(RATIO, "spec.objectives.0.target", 99.5)
    answer = signed_in("ops").post(PATH, data=text(SERVICE, OLD, wrong))
    assert answer.status_code == 409
    assert [error["field"] for error in answer.json["errors"]] == ["[2].spec.objectives[0].target"]
    assert queries.objectives(control_session) == []
    assert control_session.scalars(select(OpenSloObject)).all() == []


def test_a_dry_run_says_the_same_and_keeps_nothing(signed_in, control_session):
    answer = signed_in("ops").post(f"{PATH}?dry_run=1", data=text(SERVICE, RATIO))
    assert answer.json["dry_run"] is True
    assert told(answer)[1] == ("SLO", "pay", "created")
    assert queries.objectives(control_session) == []


@pytest.mark.parametrize("body", [b"", b"a: &a [1]\nb: *a", b"[" * 5000, b"\xff", b"x" * 9_000_000])
def test_what_is_no_openslo_is_refused(signed_in, body):
    answer = signed_in("ops").post(PATH, data=body)
    assert answer.status_code in (400, 409, 413)


def test_a_query_that_prometheus_cannot_read_comes_switched_off(signed_in, prometheus):
    broken = changed(
        RATIO, "spec.indicator.spec.ratioMetric.total.metricSource.spec.query", "sum(pays_total{"
    )
    ops = signed_in("ops")
    (one,) = ops.post(PATH, data=text(broken)).json["objects"]
    assert "parse error" in one["warnings"][0]
    assert ops.get("/api/v1/slos/pay").json["is_enabled"] is False


def test_only_who_may_imports(signed_in):
    assert signed_in("viewer").post(PATH, data=text(RATIO)).status_code == 403


def test_the_command_line_does_the_same(control_app, control_session, tmp_path, capsys):
    file = tmp_path / "slos.yaml"
    file.write_text(text(SERVICE, RATIO))
    assert cli.run(control_app, ["slo", "import", "--dry-run", str(file)]) == 0
    assert "would be created: SLO pay" in capsys.readouterr().out
    assert queries.objectives(control_session) == []
    assert cli.run(control_app, ["slo", "import", str(file)]) == 0
    for call in (["list"], ["list", "--json"], ["show", "pay"], ["export"], ["report"], ["report", "--json"]):
        assert cli.run(control_app, ["slo", *call]) == 0
        assert "pay" in capsys.readouterr().out or call[0] == "report"
    start = "2020-01-01T00:00:00+00:00"
    correct = ["slo", "correct", "pay", "--start", start, "--minutes", "30", "--reason", "Drill"]
    assert cli.run(control_app, correct) == 1
    assert "starts_at" in capsys.readouterr().err
    assert cli.run(control_app, ["slo", "show", "nothing"]) == 1
    file.write_text(text(changed(RATIO, "kind", "SLIP")))
    assert cli.run(control_app, ["slo", "import", str(file)]) == 1
    assert cli.run(control_app, ["slo", "import", "--dry-run", str(file)]) == 1
