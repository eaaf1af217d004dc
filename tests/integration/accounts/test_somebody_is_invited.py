"""Invited by mail, the link used once, sent again, withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts import invitations, queries
from app.accounts.factor_commands import require
from app.accounts.invitation_models import AccountMailRow, InvitationRow
from app.errors import Refused
from tests.integration.accounts.conftest import PASSWORD, audited, browser, sign_in
from tests.integration.accounts.mails import link, path, text
from tests.people import send_csrf_token

GUEST = {"email": "Bo@Example.org", "name": "Bo", "role": "ops", "locale": "de"}
CHOICE = {"name": "Bo Weber", "password": PASSWORD}


@pytest.fixture
def invited(admin, post, now):
    """The address that the mail leads to."""
    admin.post("/accounts/invitations", data=GUEST)
    [mail] = post.send(now)
    return path(mail)


def test_the_mail_leads_in_and_the_role_is_that_of_the_invitation(admin, house, post, now, control_session):
    assert admin.post("/accounts/invitations", data=GUEST).status_code == 303
    [mail] = post.send(now)
    assert (mail["To"], mail["Content-Language"]) == ("bo@example.org", "de")
    assert link(mail).startswith("http://control.test/accounts/invitation/")
    assert link(mail) in mail.get_body(("html",)).get_content()
    bo = browser(house)
    page = bo.get(path(mail))
    assert 'autocomplete="new-password"' in page.text
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    entered = bo.post(path(mail), data=CHOICE | {"role": "admin"})
    assert (entered.status_code, entered.location) == (303, "/accounts/me/second-factor?welcome=1")
    person = queries.by_email(control_session, "bo@example.org")
    assert (person.role, person.name, person.locale) == ("ops", "Bo Weber", "de")
    assert sign_in(browser(house), "bo@example.org").status_code == 303
    assert [entry.who for entry in audited(control_session, "invitation.accept")] == ["bo@example.org"]


def test_a_link_works_once(house, invited):
    assert browser(house).post(invited, data=CHOICE).status_code == 303
    for again in (browser(house).get(invited), browser(house).post(invited, data=CHOICE)):
        assert again.status_code == 410
        assert "ask whoever invited you" in again.text


def test_reading_the_mail_by_machine_does_not_use_the_link_up(house, invited):
    for _ in range(3):
        assert house.test_client().get(invited).status_code == 200
    assert browser(house).post(invited, data=CHOICE).status_code == 303


def test_a_password_that_is_refused_leaves_the_link_good(house, invited):
    weak = browser(house).post(invited, data={"name": "Bo", "password": "password1234"})
    assert weak.status_code == 422
    assert "tried first everywhere" in weak.text
    assert 'value="Bo"' in weak.text
    assert browser(house).post(invited, data=CHOICE).status_code == 303


def test_after_a_week_the_link_has_ended(house, invited, now):
    with time_machine.travel(now + invitations.LASTS + timedelta(seconds=1)):
        assert browser(house).get(invited).status_code == 410


def test_sent_again_the_old_link_stops(admin, house, post, invited, now, control_session):
    number = control_session.scalar(select(InvitationRow.id))
    assert admin.post(f"/accounts/invitations/{number}/send").status_code == 303
    [mail] = post.send(now)
    assert path(mail) != invited
    assert browser(house).get(invited).status_code == 410
    assert browser(house).get(path(mail)).status_code == 200


def test_withdrawn_it_opens_nothing_and_the_address_may_be_invited_anew(
    admin, house, invited, control_session
):
    number = control_session.scalar(select(InvitationRow.id))
    twice = admin.post("/accounts/invitations", data=GUEST)
    assert (twice.status_code, "invited already" in twice.text) == (409, True)
    assert "Withdraw" in admin.get("/accounts/").text
    assert admin.post(f"/accounts/invitations/{number}/withdraw").status_code == 303
    assert browser(house).post(invited, data=CHOICE).status_code == 410
    assert admin.post("/accounts/invitations", data=GUEST).status_code == 303
    assert [entry.who for entry in audited(control_session, "invitation.withdraw")] == ["admin@example.org"]


def test_who_is_here_already_is_not_invited(admin, add):
    add("bo@example.org")
    answer = admin.post("/accounts/invitations", data=GUEST)
    assert (answer.status_code, "somebody with this address" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "a\r\nBcc: x@example.org"}, "Enter an e-mail address"),
        ({"role": "emperor"}, "Choose one of the roles"),
        ({"locale": "xx"}, "Choose one of the languages"),
        ({"name": "n" * 101}, "at most 100 characters"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(admin, change, words):
    answer = admin.post("/accounts/invitations", data=GUEST | change)
    assert answer.status_code == 422
    assert words in answer.text


def test_no_line_break_of_a_name_reaches_a_mail(admin, post, now, control_session):
    admin.post("/accounts/invitations", data=GUEST | {"name": "Bo\r\nBcc: eve@example.org\u202e"})
    assert control_session.scalar(select(InvitationRow.name)) == "Bo Bcc: eve@example.org"
    [mail] = post.send(now)
    assert mail["Bcc"] is None


def test_only_a_fingerprint_of_the_link_is_kept_and_a_mail_is_forgotten_once_sent(invited, control_session):
    link = invited.rpartition("/")[2]
    assert control_session.scalar(select(InvitationRow.link_hash)) not in (None, link)
    assert control_session.scalars(select(AccountMailRow)).all() == []


def test_where_the_role_demands_a_second_factor_it_comes_first(house, invited, control_session, now):
    require(control_session, ["ops"], now, "test")
    control_session.commit()
    bo = browser(house)
    entered = bo.post(invited, data=CHOICE)
    assert entered.location.startswith("/accounts/sign-in/set-up")
    assert bo.get("/accounts/me").status_code == 303
    send_csrf_token(house, bo)
    assert "<svg" in bo.get(entered.location).text


def test_a_mail_that_is_not_accepted_is_tried_again_with_another_link(
    admin, post, now, control_sources, control_session
):
    from dataclasses import replace

    from app.accounts import jobs
    from app.errors import Unavailable

    admin.post("/accounts/invitations", data=GUEST)
    nowhere = replace(control_sources, config=replace(control_sources.config, smtp_url="smtp://127.0.0.1:9"))
    with pytest.raises(Unavailable):
        jobs.send_mails(control_session, now, nowhere)
    control_session.commit()
    assert invitations.pending(control_session, now)[0].state == "to be sent"
    [mail] = post.send(now)
    assert "Backroom" in text(mail)
    control_session.expire_all()
    assert invitations.pending(control_session, now)[0].state == "sent"


def test_a_made_up_link_opens_nothing(house):
    assert browser(house).get("/accounts/invitation/" + "x" * 43).status_code == 410


def test_the_rule_names_roles_that_there_are(control_session, now):
    with pytest.raises(Refused):
        require(control_session, ["emperor"], now, "test")
