"""Codes and recovery codes: set up, asked for, refused twice, lost, demanded."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select, text

from app import clock
from app.accounts import factor, factor_commands, identity, queries, sign_in
from app.accounts.factor_models import RecoveryCodeRow
from app.accounts.role_models import GrantRow
from app.db import transaction
from tests.integration.accounts.conftest import PASSWORD, audited, browser
from tests.integration.accounts.conftest import sign_in as give_password
from tests.people import send_csrf_token

EMAIL = "ada@example.org"


@pytest.fixture
def armed(house, add, control_session, now):
    """Somebody with a second factor: (seed, recovery codes)."""
    add(EMAIL, "ops")
    person = queries.by_email(control_session, EMAIL)
    before = now - timedelta(minutes=5)
    seed = factor_commands.begin(control_session, person.id)
    codes = factor_commands.confirm(control_session, person, code(seed, before), before)
    control_session.commit()
    return seed, codes


def code(seed: str, at) -> str:
    return pyotp.TOTP(seed).at(at)


def half_way(house):
    client = browser(house)
    assert give_password(client, EMAIL).location.startswith("/accounts/sign-in/code")
    return client


def give(client, typed: str):
    return client.post("/accounts/sign-in/code", data={"code": typed, "next": "/jobs/"})


def test_it_is_set_up_with_a_picture_and_a_first_code(house, add, control_session, now):
    add(EMAIL)
    client = browser(house)
    give_password(client, EMAIL)
    client.post("/accounts/me/second-factor/begin")
    page = client.get("/accounts/me/second-factor").text
    seed = re.search(r'<code id="seed">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    assert "<svg" in page
    assert "style=" not in page.partition('class="qr"')[2].partition("</div>")[0]
    wrong = client.post("/accounts/me/second-factor/confirm", data={"code": "000000"})
    assert (wrong.status_code, "clock of your phone" in wrong.text) == (422, True)
    with time_machine.travel(clock.now(), tick=False):
        shown = client.post("/accounts/me/second-factor/confirm", data={"code": code(seed, clock.now())})
    codes = re.findall(r"<code>([a-z2-9-]{34})</code>", shown.text)
    assert len(set(codes)) == factor.RECOVERY_CODES
    assert codes[0] not in client.get("/accounts/me/second-factor").text
    stored = control_session.execute(text("SELECT seed FROM second_factors")).scalar()
    assert seed not in stored
    hashes = set(control_session.scalars(select(RecoveryCodeRow.code_hash)))
    assert not hashes & set(codes)
    assert give_password(browser(house), EMAIL).location.startswith("/accounts/sign-in/code")


def test_half_a_sign_in_opens_no_page_and_the_code_opens_all(house, armed, now, control_session):
    seed, _ = armed
    client = half_way(house)
    assert client.get_cookie(identity.COOKIE) is None
    for page in ("/", "/accounts/me", "/api/v1/jobs"):
        assert client.get(page).status_code in (303, 401)
    half = client.get_cookie(identity.HALF_COOKIE).value
    with time_machine.travel(clock.now(), tick=False):
        answer = give(client, code(seed, clock.now()))
    assert (answer.status_code, answer.location) == (303, "/jobs/")
    assert client.get("/jobs/").status_code == 200
    assert client.get_cookie(identity.COOKIE).value != half
    assert client.get_cookie(identity.HALF_COOKIE) is None
    control_session.expire_all()
    assert queries.by_email(control_session, EMAIL).signed_in_at is not None


def test_half_a_cookie_is_no_session(house, armed):
    half = half_way(house).get_cookie(identity.HALF_COOKIE).value
    thief = house.test_client()
    thief.set_cookie(identity.COOKIE, half)
    assert thief.get("/accounts/me").status_code == 303


def test_a_code_works_once(house, armed, now):
    seed, _ = armed
    with time_machine.travel(now, tick=False):
        assert give(half_way(house), code(seed, now)).status_code == 303
        again = give(half_way(house), code(seed, now))
        assert (again.status_code, "was used already" in again.text) == (422, True)
        earlier = give(half_way(house), code(seed, now - timedelta(seconds=30)))
        assert earlier.status_code == 422
        later = give(half_way(house), code(seed, now + timedelta(seconds=30)))
        assert later.status_code == 303


def test_of_two_at_once_with_one_code_one_comes_in(house, armed, control_sources, now):
    seed, codes = armed

    def take(typed):
        with transaction(control_sources.control, "PostgreSQL") as session:
            return factor_commands.take(session, queries.by_email(session, EMAIL), typed, now)

    for typed, kind in ((code(seed, now), "code"), (codes[0], "recovery code")):
        with ThreadPoolExecutor(4) as pool:
            taken = list(pool.map(take, [typed] * 4))
        assert sorted(taken, key=str) == [None] * 3 + [kind]


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 303), (0, 303), (30, 303), (60, 422)])
def test_a_clock_may_be_half_a_minute_off(house, armed, now, seconds, status):
    seed, _ = armed
    with time_machine.travel(now, tick=False):
        answer = give(half_way(house), code(seed, now + timedelta(seconds=seconds)))
    assert answer.status_code == status


def test_half_a_sign_in_ends_after_ten_minutes(house, armed, now):
    seed, _ = armed
    client = half_way(house)
    with time_machine.travel(now + sign_in.HALF_LASTS + timedelta(minutes=1)):
        answer = give(client, code(seed, now + sign_in.HALF_LASTS + timedelta(minutes=1)))
    assert answer.location.startswith("/accounts/sign-in?")


def test_who_guesses_codes_has_to_wait_in_every_browser(house, armed, now):
    _, codes = armed
    client = half_way(house)
    answers = [give(client, f"{n:06}").status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2
    other = give(half_way(house), codes[0])
    assert other.status_code == 429
    assert int(other.headers["Retry-After"]) > 0


def test_a_recovery_code_works_once_however_it_is_typed(house, armed, post, now, control_session):
    _, codes = armed
    post.send(now)
    assert give(half_way(house), f" {codes[0].upper().replace('-', ' ')} ").status_code == 303
    assert give(half_way(house), codes[0]).status_code == 422
    assert "recovery code" in post.send(now)[0]["Subject"]
    assert [e.after["left"] for e in audited(control_session, "person.recovery-code.use")] == [9]


def test_few_codes_are_told_and_new_ones_end_the_old(house, armed, control_session, now):
    _, codes = armed
    person = queries.by_email(control_session, EMAIL)
    for used in codes[1:8]:
        factor_commands.take(control_session, person, used, now)
    control_session.commit()
    client = half_way(house)
    give(client, codes[0])
    send_csrf_token(house, client)
    assert "2 recovery codes are left" in client.get("/accounts/me").text
    shown = client.post("/accounts/me/recovery-codes").text
    new = re.findall(r"<code>([a-z2-9-]{34})</code>", shown)
    assert len(new) == 10
    assert give(half_way(house), codes[9]).status_code == 422
    assert give(half_way(house), new[9]).status_code == 303


def test_it_is_turned_off_by_its_owner_who_confirmed_and_they_are_told(house, armed, post, now):
    seed, codes = armed
    client = half_way(house)
    give(client, codes[0])
    send_csrf_token(house, client)
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert client.post("/accounts/me/second-factor/off").status_code == 403
        typed = {"confirm_code": code(seed, now + timedelta(minutes=11))}
        assert client.post("/accounts/me/second-factor/off", data=typed).status_code == 303
    assert give_password(browser(house), EMAIL, next="/jobs/").location == "/jobs/"
    assert any("turned off" in mail["Subject"] for mail in post.send(now))


def test_an_admin_takes_it_away_and_the_person_is_told(admin, house, armed, post, now, control_session):
    person = queries.by_email(control_session, EMAIL).id
    assert admin.post(f"/accounts/people/{person}/second-factor/reset").status_code == 303
    assert give_password(browser(house), EMAIL, next="/jobs/").location == "/jobs/"
    [entry] = audited(control_session, "person.factor.reset")
    assert (entry.who, entry.subject) == ("admin@example.org", f"person:{EMAIL}")
    assert any("taken away" in mail["Subject"] for mail in post.send(now))
    assert admin.post(f"/accounts/people/{person}/second-factor/reset").status_code == 409


def test_where_a_role_must_have_one_it_is_set_up_at_the_next_sign_in(admin, house, add, now, control_session):
    add("bo@example.org", "ops")
    inside = browser(house)
    give_password(inside, "bo@example.org")
    assert admin.post("/accounts/second-factor-rule", data={"role": ["ops"]}).status_code == 303
    assert inside.get("/jobs/").status_code == 200  # who is in stays in until the next sign-in
    bo = browser(house)
    step = give_password(bo, "bo@example.org", next="/jobs/")
    assert step.location == "/accounts/sign-in/set-up?next=/jobs/"
    assert bo.get("/jobs/").status_code == 303
    page = bo.get(step.location).text
    seed = re.search(r'<code id="seed">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    with time_machine.travel(clock.now(), tick=False):
        wrong = bo.post("/accounts/sign-in/set-up", data={"code": "000000", "next": "/jobs/"})
        assert wrong.status_code == 422
        data = {"code": code(seed, clock.now()), "next": "/jobs/"}
        shown = bo.post("/accounts/sign-in/set-up", data=data)
    assert len(re.findall(r"<code>([a-z2-9-]{34})</code>", shown.text)) == 10
    assert bo.get("/jobs/").status_code == 200
    send_csrf_token(house, bo)
    refused = bo.post("/accounts/me/second-factor/off")
    assert (refused.status_code, "Everybody with your role" in refused.text) == (422, True)
    [entry] = audited(control_session, "people.factor-rule")
    assert (entry.before, entry.after) == ({"roles": []}, {"roles": ["ops"]})


def test_everybody_means_everybody_and_a_granted_role_counts_as_the_main_one(add, control_session, now):
    vi = add("vi@example.org", "viewer")

    def is_required(at=now):
        return factor_commands.is_required(control_session, vi, at)

    factor_commands.require(control_session, [factor_commands.EVERYBODY], now, "test")
    assert is_required()
    factor_commands.require(control_session, ["ops"], now, "test")
    assert not is_required()
    ends = now + timedelta(days=1)
    control_session.add(
        GrantRow(
            person_id=vi,
            role="ops",
            environment="production",
            is_main=False,
            created_at=now,
            created_by="t",
            approved_at=now,
            ends_at=ends,
        )
    )
    control_session.flush()
    assert is_required()
    assert not is_required(ends)


def test_the_old_phone_works_until_the_new_one_has_given_its_first_code(armed, control_session, now):
    seed, _ = armed
    person = queries.by_email(control_session, EMAIL)
    new = factor_commands.begin(control_session, person.id)
    assert factor_commands.take(control_session, person, code(new, now), now) is None
    assert factor_commands.take(control_session, person, code(seed, now), now) == "code"
    factor_commands.confirm(control_session, person, code(new, now), now)
    later = now + timedelta(minutes=1)
    assert factor_commands.take(control_session, person, code(seed, later), later) is None
    assert factor_commands.take(control_session, person, code(new, later), later) == "code"


def test_a_wrong_password_is_not_told_apart_by_the_second_step(house, armed):
    answer = give_password(browser(house), EMAIL, PASSWORD + "!")
    assert (answer.status_code, "address or the password" in answer.text) == (422, True)


@pytest.mark.parametrize("there", ["//evil.test", "https://evil.test/", "/\\evil.test", "/a\r\nX: y"])
def test_the_second_step_leads_nowhere_else(house, armed, there):
    _, codes = armed
    client = browser(house)
    first = give_password(client, EMAIL, next=there)
    assert first.location == "/accounts/sign-in/code?next=/"
    answer = client.post("/accounts/sign-in/code", data={"code": codes[0], "next": there})
    assert answer.location == "/"
