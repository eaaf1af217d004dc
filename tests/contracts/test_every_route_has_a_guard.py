"""Walks the route map: nothing is open by accident, nothing is closed to those it is for."""

from __future__ import annotations

import pytest

from app.guards import ROLES, SCOPED_BY, Guard

# What strangers may reach, and why.
PUBLIC = {
    "/healthz",  # probes
    "/readyz",
    "/metrics",
    "/accounts/sign-in",
    "/accounts/sign-in/code",  # the cookie of a sign-in that is half done opens these two
    "/accounts/sign-in/set-up",
    "/accounts/sign-in/password",  # of one's own; opened by a cookie that all factors were given for
    "/accounts/forgotten",  # the same answer for everybody
    "/accounts/new-password/<link>",  # whoever reads the mail holds the link
    "/accounts/invitation/<link>",
    "/api/v1/alerts/webhook",  # proves itself by the bearer token of Alertmanager's configuration
    "/api/v1/hooks/<key>",  # each message proves itself by its signature
    "/static/<path:filename>",
    "/.well-known/security.txt",
    "/status",  # what shoppers may know of the shop, and only that
    "/status.json",
    "/browser-errors",  # sendBeacon; takes little, seldom, and tells nothing
    "/policy-violations",
    "/ui/theme",  # a cookie of the visitor's own
    "/ui/locale",
    "/api/v1/auth/tokens",  # proves itself by a password, or a cookie and its form token
    "/api/v1/auth/refresh",  # proves itself by a refresh token
    "/.well-known/jwks.json",  # what access tokens are proven with
    "/problems/",  # what kinds of problems mean
    "/problems/<kind>",
}


def guard_of(app, rule) -> Guard | None:
    if rule.endpoint.rpartition(".")[2] == "static":
        return Guard("public")
    return getattr(app.view_functions[rule.endpoint], "guard", None)


def test_every_route_has_a_guard_or_is_on_the_short_public_list(control_app):
    bare = [rule.rule for rule in control_app.url_map.iter_rules() if guard_of(control_app, rule) is None]
    assert bare == []


def test_what_is_public_is_on_the_list(control_app):
    public = {
        rule.rule
        for rule in control_app.url_map.iter_rules()
        if guard_of(control_app, rule).kind == "public" and not rule.rule.startswith("/static/")
    }
    assert public <= PUBLIC


def concrete(rule) -> str:
    """An address of the rule with something that does not exist in each place."""
    path = rule.rule
    for argument in rule.arguments:
        converter = rule._converters[argument].__class__.__name__
        value = "999999" if "Integer" in converter else "nothing"
        path = path.replace(f"<{argument}>", value)
        for prefix in ("int", "path", "string"):
            path = path.replace(f"<{prefix}:{argument}>", value)
    return path


def routes(app, kind):
    for rule in app.url_map.iter_rules():
        guard = guard_of(app, rule)
        if guard.kind == kind:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule, method, guard


def test_no_guarded_route_answers_a_stranger(control_app):
    client = control_app.test_client()
    for kind in ("permission", "token"):
        for rule, method, _ in routes(control_app, kind):
            answer = client.open(concrete(rule), method=method)
            assert answer.status_code in (303, 401, 403), f"{method} {rule.rule}: {answer.status_code}"


def walk(app, client, may, who, headers=None, only=""):
    """Every route: refused where it may not be, and where it may be read it answers.

    A token has nothing of its own under /me: there it may be told that this is for people.
    `may(guard)` says which guards let this one pass, in whatever place an address names that does not exist.
    """
    for rule, method, guard in routes(app, "permission"):
        if not rule.rule.startswith(only) or rule.endpoint == "events.stream":
            continue
        if may(guard) and method != "GET":
            continue  # what writes do is told by tests of their own
        answer = client.open(concrete(rule), method=method, headers=headers)
        here = f"{who}: {method} {rule.rule}: {answer.status_code}"
        if not may(guard):
            assert answer.status_code == 403, here
        else:
            found = (200, 302, 303, 400, 404, 422) if rule.arguments else (200, 302, 303, 409, 422)
            for_people = (403,) if headers and "/me" in rule.rule else ()
            assert answer.status_code in (*found, *for_people), here


@pytest.mark.no_cover
@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_may_what_it_holds_and_nothing_else(control_app, signed_in, role):
    """Pages, fragments, exports and the API, on an empty system."""
    walk(control_app, signed_in(role), lambda guard: guard.name in ROLES[role], role)


@pytest.mark.no_cover
def test_an_own_role_may_what_it_holds_and_nothing_else(control_app, signed_in, control_session, now):
    from app.accounts import role_commands
    from app.accounts.roles import Draft

    held = ("view", "audit.view", "locales.manage")
    role_commands.create(control_session, "own", Draft("Own", "", held), now, "test")
    control_session.commit()
    walk(control_app, signed_in("own"), lambda guard: guard.name in held, "own role")


@pytest.mark.no_cover
def test_who_holds_a_role_for_one_place_is_refused_elsewhere(control_app, signed_in, control_session, now):
    """The addresses name a place that does not exist, so that only forms that ask which place are open."""
    from app.accounts import grant_commands, queries

    client = signed_in("viewer")
    ada = queries.by_email(control_session, "viewer@house.test")
    for role, environment, locale in (
        ("ops", "staging", None),
        ("translator", None, "de"),
        ("admin", None, "fr"),
    ):
        grant_commands.grant(control_session, ada.id, role, environment, locale, None, now, "test")
    control_session.commit()
    walk(
        control_app,
        client,
        lambda guard: guard.name == "view" or (guard.anywhere and guard.name in SCOPED_BY),
        "for one place",
    )


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_token_of_every_role_may_what_the_role_holds(control_app, control_session, now, role):
    from app.accounts import commands

    raw = commands.create_token(control_session, "api", "production", "walk", role, now, "test")
    control_session.commit()
    headers = {"Authorization": f"Bearer {raw}"}
    may = ROLES[role]
    client = control_app.test_client()
    walk(control_app, client, lambda guard: guard.name in may, f"token of {role}", headers, "/api/")


def test_the_stream_is_for_whoever_may_look(control_app, signed_in):
    answer = signed_in("viewer").get("/events")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    answer.close()
    assert control_app.test_client().get("/events").status_code in (303, 401)


# Permissions that can be held for one place, on routes that concern no single one: held everywhere or not at
# all. What stands behind an address prefix concerns all of them, for the reason that is given.
CONCERNS_ALL = {
    "a flag itself counts in every environment": {
        "flag_list.new",
        "flag_list.create",
        "flag_life.describe",
        "flag_life.depend",
        "flag_life.mark_stale",
        "flag_life.complete",
        "flag_life.reopen",
        "flag_life.archive",
        "flag_life.revive",
        "flag_life.delete",
        "flag_life.clone",
        "flags_api.create",
        "flags_api.patch",
        "flags_api.delete",
        "flags_api.archive",
        "flags_api.revive",
        "flags_api.complete",
        "flags_api.reopen",
        "flags_api.clone",
        "flags_api.depend",
    },
    "a segment is part of flags in every environment": {
        "flag_segments.new",
        "flag_segments.press",
        "flag_segments.preview",
        "flag_segments.create",
        "flag_segments.save",
        "flag_segments.delete",
        "flag_segments_api.create",
        "flag_segments_api.change",
        "flag_segments_api.delete",
    },
    "an import makes flags and segments, too": {"flags_import_api.take_over"},
    "a freeze holds rollouts everywhere": {
        "rollouts.freeze",
        "rollouts.thaw",
        "rollouts_api.freeze",
        "rollouts_api.thaw",
    },
    "there is no such locale yet": {
        "locale_settings.new",
        "locale_settings.add",
        "locale_settings_api.add",
    },
}


def test_what_concerns_one_place_can_be_granted_for_it(control_app):
    """The others are listed above, each with its reason; none is listed that no longer is one."""
    whole = {
        rule.endpoint
        for rule, _, guard in routes(control_app, "permission")
        if guard.name in SCOPED_BY and guard.scoped_by is None and not guard.anywhere
    }
    assert whole == set().union(*CONCERNS_ALL.values())


def test_a_place_that_is_not_looked_for_stands_in_the_address(control_app):
    names = {"environment": {"environment"}, "locale": {"locale", "code"}}
    lost = [
        rule.rule
        for rule, _, guard in routes(control_app, "permission")
        if guard.scoped_by and guard.read is None and not rule.arguments & names[guard.scoped_by]
    ]
    assert lost == []


def test_a_machine_with_a_token_of_another_kind_is_refused(control_app, control_session, now):
    from app.accounts import commands

    raw = commands.create_token(control_session, "frontend", "production", "test", None, now, "test")
    control_session.commit()
    for rule, method, guard in routes(control_app, "token"):
        if guard.name == "client":
            answer = control_app.test_client().open(
                concrete(rule), method=method, headers={"Authorization": raw}
            )
            assert answer.status_code == 403, f"{method} {rule.rule}: {answer.status_code}"
