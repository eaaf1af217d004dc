"""Who gave no password for ten minutes is asked for it before what is dangerous, and loses nothing typed."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine

from app.accounts import commands, confirm, identity, queries
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in

LATER = confirm.FRESH + timedelta(seconds=1)
NEW = {"email": "bo@example.org", "name": "Bo & <Co>", "role": "ops"}


def people(session):
    session.expire_all()
    return queries.by_email(session, "bo@example.org")


def test_right_after_the_sign_in_nobody_is_asked(admin, control_session):
    assert admin.post("/accounts/people", data=NEW).status_code == 200
    assert people(control_session) is not None


def test_later_the_form_waits_on_a_page_and_goes_on_with_all_that_was_typed(admin, now, control_session):
    with time_machine.travel(now + LATER):
        asked = admin.post("/accounts/people", data=NEW)
        assert asked.status_code == 403
        assert 'action="/accounts/people"' in asked.text
        assert 'name="name" value="Bo &amp; &lt;Co&gt;"' in asked.text
        assert 'name="csrf_token"' in asked.text
        assert people(control_session) is None
        wrong = admin.post("/accounts/people", data=NEW | {"confirm_password": "not this one"})
        assert wrong.status_code == 422
        assert "what you typed is kept" in wrong.text
        assert 'value="bo@example.org"' in wrong.text
        assert people(control_session) is None
        assert admin.post("/accounts/people", data=NEW | {"confirm_password": PASSWORD}).status_code == 200
        assert people(control_session) is not None


def test_the_cookie_is_another_one_afterwards(admin, house, now):
    old = admin.get_cookie(identity.COOKIE).value
    with time_machine.travel(now + LATER):
        answer = admin.post("/accounts/confirm", data={"confirm_password": PASSWORD, "next": "/accounts/"})
        assert (answer.status_code, answer.location) == (303, "/accounts/")
        assert admin.get_cookie(identity.COOKIE).value != old
        assert admin.post("/accounts/people", data=NEW).status_code == 200
        thief = house.test_client()
        thief.set_cookie(identity.COOKIE, old)
        assert thief.get("/accounts/me").status_code == 303


def test_a_page_that_is_open_gets_a_dialog_and_stays(admin, now):
    htmx = {"HX-Request": "true"}
    with time_machine.travel(now + LATER):
        asked = admin.post("/accounts/second-factor-rule", data={"role": "admin"}, headers=htmx)
        assert asked.status_code == 403
        assert asked.headers["HX-Retarget"] == confirm.DIALOG
        assert re.search(r"<dialog[^>]*data-confirm", asked.text)
        wrong = admin.post("/accounts/confirm", data={"confirm_password": "nope"}, headers=htmx)
        assert wrong.status_code == 422
        assert 'id="error-confirm_password"' in wrong.text
        right = admin.post("/accounts/confirm", data={"confirm_password": PASSWORD}, headers=htmx)
        assert (right.status_code, right.headers["HX-Trigger"]) == (204, "confirmed")


def test_who_guesses_passwords_there_has_to_wait(admin, now):
    with time_machine.travel(now + LATER):
        answers = [
            admin.post("/accounts/confirm", data={"confirm_password": f"guess {n}"}).status_code
            for n in range(7)
        ]
    assert answers == [422] * 5 + [429] * 2


def test_the_way_back_leads_to_no_other_site(admin):
    for there in ("//evil.test", "https://evil.test", "/\\evil.test"):
        answer = admin.post("/accounts/confirm", data={"confirm_password": PASSWORD, "next": there})
        assert answer.location == "/"


def test_a_form_of_another_site_is_refused_before_any_password_is_tried(house, add, now):
    add("admin@example.org", "admin")
    client = browser(house)
    sign_in(client, "admin@example.org")
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    with time_machine.travel(now + LATER):
        answer = client.post("/accounts/people", data=NEW | {"confirm_password": PASSWORD})
    assert (answer.status_code, "open for too long" in answer.text) == (403, True)


# On pages and in the API alike.
DANGEROUS = {
    "one's own way in": """me.begin_factor me.confirm_factor me.turn_factor_off me.renew_codes
        me.end_session me.end_other_sessions
        me_api.begin_factor me_api.confirm_factor me_api.turn_factor_off me_api.renew_codes
        me_api.end_session me_api.end_others""",
    "files of what people did and what is kept of them": """audit.download
        audit_api.as_csv audit_api.json_lines access.as_csv
        personal_data.download personal_data.mine personal_data.erase
        personal_data_api.of_person personal_data_api.mine personal_data_api.erase""",
    "secrets, and addresses that data goes to": """webhooks.create webhooks.change webhooks.rotate
        webhooks_api.create webhooks_api.change webhooks_api.rotate
        sources.create sources.rotate sources_api.create sources_api.rotate
        notifications.add_webhook notifications_api.put_webhook
        alert_delivery.save_receiver alert_delivery_api.put_receiver""",
    "whose word is needed, and who works on a locale": """flag_environments.change
        flag_environments_api.change locale_settings.grant locale_settings.set_up
        locale_settings_api.grant locale_settings_api.withdraw locale_settings_api.set_up""",
}
# Nobody may more or less by it, and each can be taken back.
HARMLESS = {
    "flag_environments.create",
    "flag_environments.move",
    "flag_environments.archive",
    "flag_environments_api.create",
    "flag_environments_api.reorder",
    "flag_environments_api.archive",
    "flag_environments_api.revive",
}


def test_what_is_dangerous_is_marked(house):
    named = {name for names in DANGEROUS.values() for name in names.split()}
    assert {name for name in named if not is_marked(house, name)} == set()


def test_every_write_of_whoever_manages_access_or_backups_is_marked(house):
    bare = {
        rule.endpoint
        for rule in house.url_map.iter_rules()
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"} and not is_marked(house, rule.endpoint)
        if (guard := getattr(house.view_functions[rule.endpoint], "guard", None))
        if guard.name in ("accounts.manage", "backups.manage")
    }
    assert bare == HARMLESS


def is_marked(house, name):
    return getattr(house.view_functions[name], "confirmed", False)


def test_a_program_is_refused_until_the_password_was_given(admin, now):
    nowhere = "/api/v1/webhooks/999999/secret"
    with time_machine.travel(now + LATER):
        refused = admin.post(nowhere)
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/confirm")
        assert admin.post("/api/v1/me/confirmation", json={"password": PASSWORD}).status_code < 300
        assert admin.post(nowhere).status_code == 404


def test_who_follows_a_link_to_a_file_is_asked_on_a_page(admin, now):
    link = "/audit/download/csv?who=ada"
    with time_machine.travel(now + LATER):
        assert admin.get("/api/v1/audit/export.csv").json["type"] == "/problems/confirm"
        asked = admin.get(link)
        assert (asked.status_code, f'name="next" value="{link}"' in asked.text) == (403, True)
        said = admin.post("/accounts/confirm", data={"confirm_password": PASSWORD, "next": link})
        assert said.location == link
        there = admin.get(link).location
        assert there == "/api/v1/audit/export.csv?who=ada"
        assert admin.get(there).mimetype == "text/csv"


def test_tokens_of_machines_are_asked_nothing(house, control_session, now):
    raw = commands.create_token(control_session, "api", "production", "script", "admin", now, "test")
    control_session.commit()
    header = {"Authorization": f"Bearer {raw}"}
    assert house.test_client().post("/accounts/people", data=NEW, headers=header).status_code == 200
