"""Planned releases, all locales at once, comparing releases, and a release as a file that msgfmt accepts."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Conflict, Refused
from app.locales import commands
from app.locales.models import Translation
from app.locales.releases import commands as releases
from app.locales.releases import delivery, jobs, planning, queries
from app.locales.releases.written import as_po
from app.locales.states import APPROVED
from app.timeline.models import TimelineEntry
from tests import serving
from tests.integration.locales.conftest import WHO

HOUR = timedelta(hours=1)


@pytest.fixture
def edit(loaded, id_of, now):
    def write(msgid: str, *forms: str, locale: str = "de") -> None:
        row = loaded.get(Translation, (id_of(msgid), locale))
        revision = row.revision if row else 0
        commands.save(loaded, locale, id_of(msgid), list(forms), APPROVED, revision, WHO, now)
        loaded.commit()

    return write


def keep(sources, at) -> None:
    with sources.control.begin() as session:
        jobs.show_planned(session, at, sources)


def test_a_planned_release_is_shown_at_its_hour_and_not_before(loaded, edit, control_sources, now) -> None:
    edit("Cart", "Korb")
    planning.plan(loaded, "de", "", now + HOUR, WHO, now)
    loaded.commit()
    keep(control_sources, now + HOUR - timedelta(seconds=1))
    assert queries.live(loaded, "de") is None
    loaded.rollback()
    keep(control_sources, now + HOUR)
    assert queries.live(loaded, "de").number == 1
    assert queries.planned(loaded, "de") is None
    titles = loaded.scalars(select(TimelineEntry.title)).all()
    assert "de: release 1" in titles


def test_the_hour_is_changed_and_cancelled(signed_in, edit, loaded, now) -> None:
    edit("Cart", "Korb")
    desk = signed_in("translator")
    hour = (now + HOUR).strftime("%Y-%m-%dT%H:%M")
    assert desk.post("/locales/de/publish", data={"at": hour}).status_code == 303
    assert "planned" in desk.get("/locales/de/releases").text
    assert desk.post("/locales/de/planned", data={"at": "tomorrow"}).status_code == 422
    later = desk.put("/api/v1/locales/de/planned", json={"at": (now + 2 * HOUR).isoformat()})
    assert later.status_code == 200
    loaded.rollback()
    assert queries.planned(loaded, "de").at == now + 2 * HOUR
    assert desk.post("/locales/de/planned/cancel").status_code == 303
    loaded.rollback()
    assert queries.planned(loaded, "de") is None
    actions = loaded.scalars(select(AuditEntry.action)).all()
    assert {"locales.plan", "locales.plan_change", "locales.plan_cancel"} <= set(actions)


def test_what_was_published_meanwhile_is_not_taken_back(loaded, edit, control_sources, now) -> None:
    edit("Cart", "Korb")
    planning.plan(loaded, "de", "", now + HOUR, WHO, now)
    loaded.commit()
    with pytest.raises(Conflict):
        planning.plan(loaded, "de", "", now + 2 * HOUR, WHO, now)
    loaded.rollback()
    releases.make_live(loaded, "de", 1, WHO, now)  # somebody did not want to wait
    loaded.commit()
    keep(control_sources, now + HOUR)
    assert queries.live(loaded, "de").number == 1
    assert len(queries.moves(loaded, "de")) == 1


@pytest.mark.parametrize("hours", [-1, 0, 24 * 400])
def test_an_hour_that_is_none_is_refused(loaded, edit, now, hours: int) -> None:
    edit("Cart", "Korb")
    with pytest.raises(Refused) as refused:
        planning.plan(loaded, "de", "", now + timedelta(hours=hours), WHO, now)
    assert "at" in refused.value.fields


def test_all_locales_are_published_at_once_and_one_that_is_refused_keeps_back_no_other(
    signed_in, edit, loaded, id_of
) -> None:
    edit("Cart", "Korb")
    edit("Cart", "عربة", locale="ar")
    loaded.get(Translation, (id_of("Cart"), "ar")).approved_forms = ["%(nobody)s"]
    loaded.commit()
    answer = signed_in("translator").post("/api/v1/locales/publish", json={"note": "friday"})
    assert answer.get_json()["releases"] == {"de": 1}
    assert "nobody" in answer.get_json()["refused"]["ar"]


def test_releases_are_compared_word_by_word(signed_in, edit, loaded, now) -> None:
    for number, word in enumerate(("Korb", "Wagen"), start=1):
        edit("Cart", word)
        assert releases.publish(loaded, "de", "", WHO, now).number == number
        loaded.commit()
    desk = signed_in("viewer")
    told = desk.get("/api/v1/locales/de/releases/2/diff?against=1").get_json()
    assert [(one["before"], one["after"]) for one in told["changes"]] == [(["Korb"], ["Wagen"])]
    page = desk.get("/locales/de/releases/2").text
    assert "<del>Korb</del>" in page
    assert "<ins>Wagen</ins>" in page
    assert desk.get("/locales/de/releases/9").status_code == 404
    assert len(desk.get("/api/v1/locales/de/releases").get_json()["moves"]) == 2


def test_the_shop_gets_the_same_bytes_and_etag_after_going_back(
    control_app, control_client, edit, loaded, now
) -> None:
    headers = {"Authorization": serving.token(control_app)}
    answers = []
    for word in ("Korb", "Wagen"):
        edit("Cart", word)
        releases.publish(loaded, "de", "", WHO, now)
        loaded.commit()
        answers.append(control_client.get("/api/v1/catalogs/de", headers=headers))
    releases.make_live(loaded, "de", 1, WHO, now)
    loaded.commit()
    again = control_client.get("/api/v1/catalogs/de", headers=headers)
    first, second = answers
    assert again.data == first.data != second.data
    for name in ("ETag", "Content-Digest", "Backroom-Release"):
        assert again.headers[name] == first.headers[name] != second.headers[name]
    known = {**headers, "If-None-Match": first.headers["ETag"]}
    assert control_client.get("/api/v1/catalogs/de", headers=known).status_code == 304


def test_one_manifest_tells_of_all_locales_and_changes_only_when_they_do(
    control_app, control_client, edit, loaded, now
) -> None:
    headers = {"Authorization": serving.token(control_app)}
    first = control_client.get("/api/v1/catalogs", headers=headers)
    assert first.get_json()["locales"]["de"]["stable"] is None
    known = {**headers, "If-None-Match": first.headers["ETag"]}
    assert control_client.get("/api/v1/catalogs", headers=known).status_code == 304
    edit("Cart", "Korb")
    releases.publish(loaded, "de", "", WHO, now)
    loaded.commit()
    told = control_client.get("/api/v1/catalogs", headers=known)
    stable = told.get_json()["locales"]["de"]["stable"]
    bytes_of = control_client.get("/api/v1/catalogs/de/1", headers=headers)
    assert stable["bytes"] == len(bytes_of.data)
    assert "immutable" in bytes_of.headers["Cache-Control"]
    live = control_client.get("/api/v1/catalogs/de", headers=headers)
    assert (live.data, live.headers["ETag"]) == (bytes_of.data, bytes_of.headers["ETag"])
    assert control_client.get("/api/v1/catalogs/de/9", headers=headers).status_code == 404
    assert control_client.get("/api/v1/catalogs").status_code == 401
    assert delivery.manifest(loaded)["version"] == told.get_json()["version"]


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="msgfmt is not installed")
def test_msgfmt_accepts_what_is_released(loaded, edit, id_of, now, tmp_path: Path) -> None:
    edit("Cart", 'Mein "Korb"\n\\ Tab\t')
    edit("%(num)d plate", "%(num)d Teller", "%(num)d Teller da")
    edit("Hello %(name)s", "Hallo %(name)s")
    releases.publish(loaded, "de", "", WHO, now)
    path = tmp_path / "de.po"
    path.write_bytes(as_po(queries.numbered(loaded, "de", 1)))
    subprocess.run(["msgfmt", "-c", "-o", str(tmp_path / "de.mo"), str(path)], check=True)
