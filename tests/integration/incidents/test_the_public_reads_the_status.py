"""The status page is open to everybody, tells what is public, and stays while the database is away."""

from __future__ import annotations

from datetime import timedelta

from app.incidents import commands
from app.incidents.incident import Opening, Update


def make(session, now, **changes):
    opening = Opening(
        **{
            "title": "Checkout <b>fails</b>",
            "severity": "critical",
            "procedure": "failure",
            "started_at": now - timedelta(minutes=10),
            "components": {"checkout": "down"},
            "is_public": True,
            "public_text": "Orders fail & we are on it",
            **changes,
        }
    )
    made = commands.open_incident(session, opening, "ops", now)
    session.commit()
    return made


def test_a_quiet_shop_says_that_everything_works(control_client, control_session):
    answer = control_client.get("/status")
    assert "Everything works." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=15"
    assert control_client.get("/status.json").json["state"] == "ok"


def test_nobody_needs_to_sign_in_to_read_what_is_wrong(control_client, control_session, now):
    made = make(control_session, now)
    commands.tell(control_session, made.id, Update("identified", "internal: gateway key", False), "ops", now)
    commands.tell(control_session, made.id, Update("monitoring", "It gets better", True), "ops", now)
    control_session.commit()
    page = control_client.get("/status").text
    assert "Something important does not work." in page
    assert "Checkout &lt;b&gt;fails&lt;/b&gt;" in page
    assert page.index("It gets better") < page.index("Orders fail &amp; we are on it")
    assert "gateway key" not in page
    assert "ops" not in page.replace("hearth-and-ladle", "").replace("shoppers", "")
    found = control_client.get("/status.json").json
    assert (found["state"], found["components"]["checkout"]) == ("down", "down")
    assert [update["text"] for update in found["incidents"][0]["updates"]] == [
        "It gets better",
        "Orders fail & we are on it",
    ]


def test_what_is_over_stays_in_the_history_and_hurts_no_part(control_client, control_session, now):
    made = make(control_session, now)
    commands.resolve(control_session, made.id, "The gateway is back", "ops", now)
    control_session.commit()
    page = control_client.get("/status").text
    assert "Everything works." in page
    assert "The gateway is back" in page
    assert "does not work" in page  # today's mark among the days


def test_it_reads_in_the_visitors_language(control_client, control_session):
    page = control_client.get("/status", headers={"Accept-Language": "de"})
    assert 'lang="de"' in page.text
    assert "Alles funktioniert." in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_without_a_database_the_last_state_is_told_with_its_age(
    control_client, control_session, services, now
):
    import time_machine

    make(control_session, now)
    assert control_client.get("/status").status_code == 200
    sources = control_client.application.extensions["sources"]
    with broken(sources), time_machine.travel(now + timedelta(minutes=5)):
        answer = control_client.get("/status")
        assert answer.status_code == 200
        assert "nothing newer is known" in answer.text
        assert "Orders fail" in answer.text


def test_what_never_was_known_is_not_called_fine(control_client):
    with broken(control_client.application.extensions["sources"]):
        assert control_client.get("/status").status_code == 503
        assert control_client.get("/status.json").json["state"] is None


class broken:
    """The control plane's database cannot be reached: its address leads nowhere."""

    def __init__(self, sources) -> None:
        self.sources = sources

    def __enter__(self) -> None:
        from app import db

        self.kept = self.sources.control
        nowhere = db.connect("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
        object.__setattr__(self.sources, "control", nowhere)

    def __exit__(self, *_) -> None:
        object.__setattr__(self.sources, "control", self.kept)
