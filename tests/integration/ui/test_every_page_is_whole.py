"""Layout, bundles, theme, language and scope, as a browser meets them."""

from __future__ import annotations

import gzip
import re

import pytest

from app.ui.rooms import ROOMS
from app.ui.scope import scope


def test_the_style_page_shows_every_part(signed_in):
    page = signed_in("viewer").get("/ui")
    assert page.status_code == 200
    for part in ("tile", "badge", "budget", "ladder", "timeline", "stepper", "switch", "empty", "skeleton"):
        assert re.search(rf'class="[^"]*\b{part}', page.text), part


def test_the_style_pages_chart_has_data(signed_in):
    data = signed_in("viewer").get("/ui/sample-chart").json
    assert len(data["lines"]) == 2
    assert None in data["lines"][0]["values"]


def test_files_are_kept_for_a_year_under_a_name_of_their_content(signed_in):
    client = signed_in("viewer")
    page = client.get("/ui").text
    for url in re.findall(r'(?:href|src)="(/static/bundle/[^"]+)"', page):
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert gzip.decompress(answer.data) == client.get(url).data
    assert client.get("/static/bundle/backroom-000000000000.css").status_code == 404


def test_the_rail_shows_only_rooms_that_one_may_enter(signed_in):
    def rooms(role: str) -> set[str]:
        page = signed_in(role).get("/ui").text
        return set(re.findall(r'class="rail-link" href="([^"]+)"', page))

    assert rooms("admin") == {room.path for room in ROOMS}
    assert rooms("viewer") == {room.path for room in ROOMS if room.permission == "view"}


def test_every_room_answers(signed_in):
    client = signed_in("admin")
    assert {room.path: client.get(room.path).status_code for room in ROOMS} == {
        room.path: 200 for room in ROOMS
    }


def test_light_or_dark_is_remembered_by_the_browser(signed_in):
    client = signed_in("viewer")
    assert "data-theme" not in client.get("/ui").text.split("<head>")[0]
    answer = client.post("/ui/theme", data={"theme": "dark", "back": "/ui"})
    assert (answer.status_code, answer.location) == (303, "/ui")
    assert 'data-theme="dark"' in client.get("/ui").text
    client.post("/ui/theme", data={"theme": "neon", "back": "https://evil.test/"})
    assert 'data-theme="dark"' not in client.get("/ui").text


def test_strangers_may_choose_the_language_of_the_sign_in_page(control_app):
    from tests.people import send_csrf_token

    client = control_app.test_client()
    send_csrf_token(control_app, client)
    for code, words in (("de", "Anmelden"), ("fr", "Se connecter")):
        chosen = client.post("/ui/locale", data={"locale": code, "back": "/accounts/sign-in"})
        assert chosen.status_code == 303
        page = client.get("/accounts/sign-in").text
        assert f'<html lang="{code}"' in page
        assert words in page
    client.post("/ui/locale", data={"locale": "xx"})
    assert '<html lang="en"' in client.get("/accounts/sign-in").text


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("fr-CA,en;q=0.5", "fr"),
        ("de-AT", "de"),
        ("es,de;q=0.8", "de"),
        ("fr;q=0,en", "en"),
        ("es", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_is_answered_in_the_language_it_likes_best(control_app, asked, language):
    page = control_app.test_client().get("/accounts/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{language}"' in page.text


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"environment": "development"}, "development"),
        ({"environment": "moon"}, "production"),
        ({}, "production"),
    ],
)
def test_the_scope_is_kept_until_it_is_changed(signed_in, control_app, form, expected):
    client = signed_in("viewer")
    client.post("/ui/scope", data={"back": "/ui", **form})
    with client:
        client.get("/ui")
        found = scope()
    assert found.environment == expected


def test_a_problem_on_a_page_is_a_page_with_a_way_out(signed_in):
    answer = signed_in("viewer").get("/no-such-page")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
