"""The weekly report: on the page, by mail, and once."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from app.errors import Refused
from app.slo import commands, queries, report_commands, rows
from app.slo.bucket import measured, starts
from app.slo.jobs import mail_reports
from app.slo.report import last_whole
from app.timeline import commands as timeline

KEY = "checkout-availability"


@pytest.fixture
def week(control_session, now):
    """Of the last whole week one day: a hundred checkouts each five minutes, an hour of them half bad."""
    period = last_whole("week", now)
    commands.ensure_defaults(control_session, now - timedelta(days=30))
    noon = period.start + timedelta(hours=12)
    for slo in queries.objectives(control_session):
        is_bad = slo.key == KEY
        found = [
            measured(at, 50 if is_bad and noon <= at < noon + timedelta(hours=1) else 100, 100)
            for at in starts(period.start, period.start + timedelta(days=1))
        ]
        rows.save(control_session, slo, found)
    timeline.record(control_session, noon, "deploy", "Storefront 1.2", "storefront")
    control_session.commit()
    return period


def test_a_reader_sees_what_was_missed_when_and_what_had_changed(signed_in, week):
    page = signed_in("viewer").get(f"/slo/-/reports/{week.name}").text
    assert page.index("Checkout availability") < page.index("Checkout latency")
    assert "1 of 2 objectives were missed." in page
    assert "97.916%" in page
    assert "600 of 1,200" in page
    assert "Storefront 1.2" in page
    assert "14% of the time known" in page
    assert 'name="email"' not in page


def test_the_address_alone_leads_to_the_last_whole_week(signed_in, week):
    assert f"SLOs in week {week.name}" in signed_in("viewer").get("/slo/-/reports/").text
    assert signed_in("viewer").get("/slo/-/reports/2026-W99").status_code == 404


def recipient(session, email, now, kind="week", language="en"):
    report_commands.add_recipient(session, kind, email, language, "ops@house.test", now - timedelta(days=20))
    session.commit()


def mails(config):
    return sorted(config.mail_dir.glob("*.eml")) if config.mail_dir.exists() else []


def test_each_recipient_gets_each_week_once(control_session, control_sources, control_config, week, now):
    recipient(control_session, "ops@shop.example", now)
    recipient(control_session, "chef@shop.example", now, language="de")
    assert mail_reports(control_session, now, control_sources) == "reports sent: 2"
    assert mail_reports(control_session, now + timedelta(minutes=15), control_sources) == "reports sent: 0"
    found = {
        mail["To"]: mail
        for mail in (
            message_from_bytes(path.read_bytes(), policy=policy.default) for path in mails(control_config)
        )
    }
    english, german = found["ops@shop.example"], found["chef@shop.example"]
    assert english["Subject"] == f"SLOs in week {week.name}: 1 of 2 objectives were missed."
    assert german["Subject"].startswith(f"SLOs in Woche {week.name}")
    for kind in ("plain", "html"):
        text = english.get_body((kind,)).get_content()
        assert "97.916%" in text
        assert "Storefront 1.2" in text
        assert f"/slo/-/reports/{week.name}" in text
    assert "MISSED: Checkout availability" in english.get_body(("plain",)).get_content()
    assert "97,916" in german.get_body(("plain",)).get_content()


def test_who_is_added_later_is_not_sent_the_past(control_session, control_sources, control_config, week, now):
    report_commands.add_recipient(control_session, "week", "new@shop.example", "en", "x", now)
    control_session.commit()
    assert mail_reports(control_session, now, control_sources) == "reports sent: 0"
    assert mails(control_config) == []


def test_a_mail_that_was_not_accepted_is_tried_again_and_the_others_are_not(
    control_session, control_sources, control_config, week, now
):
    recipient(control_session, "ops@shop.example", now)
    control_config.mail_dir.parent.mkdir(parents=True, exist_ok=True)
    control_config.mail_dir.write_text("in the way")
    with pytest.raises(Refused, match="not accepted by the mail server: 1"):
        mail_reports(control_session, now, control_sources)
    control_config.mail_dir.unlink()
    assert mail_reports(control_session, now, control_sources) == "reports sent: 1"


def test_ops_say_on_the_page_who_gets_it(signed_in, week):
    client = signed_in("ops")
    form = {"kind": "week", "email": " Ops@Shop.Example ", "language": "de"}
    assert client.post("/slo/-/reports/recipients", data=form).status_code == 303
    assert "ops@shop.example" in client.get("/slo/-/reports/").text
    assert client.post("/slo/-/reports/recipients", data=form).status_code == 409
    gone = {"kind": "week", "email": "ops@shop.example"}
    assert client.post("/slo/-/reports/recipients/remove", data=gone).status_code == 303
    page = client.get("/slo/-/reports/").text
    assert "Nobody gets it yet." in page
    undo = html.unescape(re.search(r'action="([^"]*recipients\?[^"]*)"', page).group(1))
    assert client.post(undo).status_code == 303
    assert "Nobody gets it yet." not in client.get("/slo/-/reports/").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ops"}, "email"),
        ({"email": "a@b.c, d@e.f"}, "email"),
        ({"kind": "day"}, "kind"),
        ({"language": "xx"}, "language"),
    ],
)
def test_what_is_no_address_is_refused_beside_its_field(signed_in, week, wrong, field):
    form = {"kind": "week", "email": "ops@shop.example", "language": "en", **wrong}
    answer = signed_in("ops").post("/slo/-/reports/recipients", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
