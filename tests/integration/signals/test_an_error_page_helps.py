"""An error page says what happened, what was kept, what to do, and the id under which it is found."""

from __future__ import annotations

import json

import pytest
from werkzeug.exceptions import abort

from app.guards import public

CODES = (400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)


@pytest.fixture
def control(control_app):
    control_app.add_url_rule("/break/<int:code>", "break", public(lambda code: abort(code)))
    control_app.add_url_rule("/api/break/<int:code>", "api_break", public(lambda code: abort(code)))
    control_app.config["PROPAGATE_EXCEPTIONS"] = False
    return control_app


@pytest.fixture
def shop(shop_app):
    shop_app.add_url_rule("/<locale:locale>/break/<int:code>", "break", lambda code: abort(code))
    shop_app.config["PROPAGATE_EXCEPTIONS"] = False
    return shop_app


@pytest.mark.parametrize("service", ["control", "shop"])
def test_each_service_answers_every_problem_with_a_page(service, request):
    client = request.getfixturevalue(service).test_client()
    for code in CODES:
        path = f"/en/break/{code}" if service == "shop" else f"/break/{code}"
        answer = client.get(path, headers={"X-Request-ID": "ask-about-me-1"})
        assert answer.status_code == code
        assert "<h1" in answer.text
        assert 'data-copy="ask-about-me-1"' in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_programs_get_the_id_too(control):
    body = control.test_client().get("/api/break/409", headers={"X-Request-ID": "ask-about-me-1"}).json
    assert body["request_id"] == "ask-about-me-1"
    assert "ask-about-me-1" in body["instance"]


def test_a_toast_of_an_error_of_ours_says_the_id(control):
    headers = {"HX-Request": "true", "X-Request-ID": "ask-about-me-1"}
    answer = control.test_client().get("/break/500", headers=headers)
    assert "ask-about-me-1" in json.loads(answer.headers["HX-Trigger"])["toast"]["message"]


def test_a_shopper_who_is_lost_may_search(shop):
    page = shop.test_client().get("/en/nothing-like-it").text
    assert page.count('role="search"') == 2


@pytest.mark.parametrize("service", ["control", "shop"])
def test_the_words_stand_alone_where_the_frame_is_broken(service, request):
    app = request.getfixturevalue(service)
    app.jinja_env.globals.pop("asset" if service == "shop" else "bundle_url")
    path = "/en/break/404" if service == "shop" else "/break/404"
    answer = app.test_client().get(path, headers={"X-Request-ID": "ask-about-me-1"})
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert "ask-about-me-1" in answer.text
