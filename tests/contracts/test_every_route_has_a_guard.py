"""Walks the route map: nothing is open by accident, nothing is closed to those it is for."""

from __future__ import annotations

import pytest

from app.guards import ROLES, Guard

# What strangers may reach, and why.
PUBLIC = {
    "/healthz",  # probes
    "/readyz",
    "/metrics",
    "/accounts/sign-in",
    "/accounts/sign-in/code",  # the cookie of a sign-in that is half done opens these two
    "/accounts/sign-in/set-up",
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


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_refused_what_it_may_not_do(control_app, signed_in, role):
    client = signed_in(role)
    for rule, method, guard in routes(control_app, "permission"):
        if guard.name in ROLES[role] or rule.endpoint == "events.stream":
            continue
        answer = client.open(concrete(rule), method=method)
        assert answer.status_code == 403, f"{role}: {method} {rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_can_open_every_page_that_it_may_see(control_app, signed_in, role):
    """Each readable page answers on an empty system: 200, or 404 where the address names nothing."""
    client = signed_in(role)
    for rule, method, guard in routes(control_app, "permission"):
        if method != "GET" or guard.name not in ROLES[role] or rule.endpoint == "events.stream":
            continue
        answer = client.get(concrete(rule))
        allowed = (200, 302, 303, 400, 404, 422) if rule.arguments else (200, 302, 303, 422)
        assert answer.status_code in allowed, f"{role}: {rule.rule}: {answer.status_code}"


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
