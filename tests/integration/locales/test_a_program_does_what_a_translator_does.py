"""What the pages of locales do, by the API: read page by page, tried before it is saved, found again."""

from __future__ import annotations

import pytest

API = "/api/v1/locales/de"


@pytest.fixture
def desk(signed_in, loaded):
    return signed_in("translator")


def test_strings_are_read_page_by_page_by_their_keys(desk) -> None:
    sources, cursor = [], ""
    while cursor is not None:
        page = desk.get(f"{API}/strings?limit=3{cursor and '&cursor=' + cursor}").json
        assert page["total"] == 4
        sources += [one["source"] for one in page["strings"]]
        cursor = page["next_cursor"]
    assert len(sources) == len(set(sources)) == 4
    found = desk.get(f"{API}/strings?limit=3&q=Cart").json
    assert ([one["source"] for one in found["strings"]], found["next_cursor"]) == (["Cart"], None)


def test_a_text_is_tried_before_it_is_saved(desk, id_of, text_of) -> None:
    url = f"{API}/strings/{id_of('Hello %(name)s')}"
    tried = desk.post(f"{url}/checks", json={"forms": ["Hallo"]}).json
    assert any(one["blocks"] for one in tried["findings"])
    assert tried["length"][0]["length"] == len("Hallo")
    assert text_of("Hello %(name)s") is None
    assert desk.post(f"{API}/strings/999999/checks", json={"forms": ["Hallo"]}).status_code == 404


def test_a_term_a_release_and_a_change_say_where_they_are(desk, id_of) -> None:
    term = {"term": "Plate", "translation": "Teller"}
    made = desk.post(f"{API}/glossary", json=term)
    assert desk.get(made.headers["Location"]).json == made.json
    kept = desk.put(made.headers["Location"], json={"term": "Ladle", "do_not_translate": True})
    assert kept.json["translation"] == "Ladle"
    assert desk.get(f"{API}/glossary/export").text.splitlines()[1] == "Ladle,Ladle,,yes,"
    for wrong in ({"term": "Pan"}, {**term, "note": "a\u202eb"}, {**term, "term": " "}):
        assert desk.post(f"{API}/glossary", json=wrong).status_code == 422
    changed = desk.post(f"{API}/bulk", json={"action": "clear", "ids": [id_of("Cart")]})
    assert desk.get(changed.headers["Location"]).json["changed"][0]["new_forms"] == ["Warenkorb"]
    released = desk.post(f"{API}/publish")
    assert desk.get(released.headers["Location"]).json["release"] == released.json["release"] == 1
    assert desk.get(f"{API}/releases/9").status_code == 404


def test_a_stretch_that_ends_before_it_begins_is_a_contradiction(desk) -> None:
    wrong = {"author": "ada", "from": "2026-02-01", "to": "2026-01-01"}
    answer = desk.post(f"{API}/changes/revert", json=wrong)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (409, "to")
