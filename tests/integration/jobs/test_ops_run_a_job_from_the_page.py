from __future__ import annotations

from sqlalchemy import select

from app.audit.models import AuditEntry
from app.jobs.models import JobRun


def test_the_page_lists_every_job_of_the_schedule(signed_in, control_app):
    page = signed_in("viewer").get("/jobs/").text
    for job in control_app.extensions["schedule"]:
        assert job.name in page


def test_run_now_is_asked_for_once_and_audited(signed_in, control_session):
    client = signed_in("ops")
    assert client.post("/jobs/jobs.prune/run").status_code == 303
    run = control_session.scalar(select(JobRun).where(JobRun.job == "jobs.prune"))
    assert run.outcome == "requested"
    assert (
        control_session.scalar(select(AuditEntry).where(AuditEntry.subject == "job:jobs.prune")) is not None
    )
    assert client.post("/jobs/jobs.prune/run").status_code == 409


def test_an_unknown_job_is_a_404_that_names_those_there_are(signed_in):
    answer = signed_in("ops").get("/jobs/nope")
    assert answer.status_code == 404
    assert "jobs.prune" in answer.text


def test_a_program_lists_and_runs_jobs(signed_in):
    client = signed_in("ops")
    listed = client.get("/api/v1/jobs").json["jobs"]
    assert {"name", "state", "late_seconds", "last_ok_at"} <= set(listed[0])
    answer = client.post("/api/v1/jobs/jobs.prune/run")
    assert answer.status_code == 202
    assert answer.json["outcome"] == "requested"
    page = client.get("/jobs/jobs.prune").text
    assert "jobs.prune" in page


def test_a_program_reads_the_runs_of_a_job_page_by_page(signed_in, control_session):
    client = signed_in("ops")
    for _ in range(2):
        client.post("/api/v1/jobs/jobs.prune/run")
        control_session.scalars(select(JobRun).where(JobRun.outcome == "requested")).one().outcome = "ok"
        control_session.commit()
    first = client.get("/api/v1/jobs/jobs.prune/runs?limit=1").json
    rest = client.get(f"/api/v1/jobs/jobs.prune/runs?limit=1&cursor={first['next_cursor']}").json
    assert first["runs"][0]["run"] > rest["runs"][0]["run"]
    assert (rest["runs"][0]["asked_by"], rest["next_cursor"]) == ("ops@house.test", None)
    assert client.get("/api/v1/jobs/no.such/runs").status_code == 404
