from __future__ import annotations

import pytest

from tests.catalogued import drafts

SLUG = drafts()[0].slug
COLOUR = drafts()[0].variants[0].colour


@pytest.mark.parametrize("width", [160, 480, 960])
def test_a_picture_comes_in_three_sizes(client, width):
    answer = client.get(f"/media/products/{SLUG}-{width}.svg")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert f'width="{width}"' in answer.text


def test_each_colour_has_its_own(client):
    assert client.get(f"/media/products/{SLUG}.{COLOUR}-480.svg").status_code == 200


@pytest.mark.parametrize(
    "name", [f"{SLUG}-481", "nothing-480", f"{SLUG}.pink-480", "..%2fsecret-480", "x" * 4000 + "-480"]
)
def test_what_is_not_drawn_is_not_found(client, name):
    assert client.get(f"/media/products/{name}.svg").status_code == 404


def test_a_browser_keeps_a_picture_and_asks_with_its_mark(client):
    first = client.get(f"/media/products/{SLUG}-480.svg?v=1")
    assert "immutable" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    again = client.get(
        f"/media/products/{SLUG}-480.svg?v=1", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
