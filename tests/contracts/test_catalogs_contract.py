"""Catalogs: what the control plane answers at /api/v1/catalogs/<locale>, for a shop in any language."""

from __future__ import annotations

import base64
import gettext
import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from app import clock
from app.db import begin
from app.locales import commands
from app.locales.models import Message
from app.locales.releases import commands as releases
from app.locales.states import APPROVED
from storefront import catalogs, wording
from tests import serving, words

WHO = "translator@house.test"


@pytest.fixture
def token(control_app) -> str:
    return serving.token(control_app)


@pytest.fixture
def ask(control_client, token):
    def get(locale: str = "de", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return control_client.get(f"/api/v1/catalogs/{locale}", headers={"Authorization": token, **named})

    return get


@pytest.fixture
def publish(control_app, tmp_path: Path):
    words.ship(tmp_path, "de", {"Cart": "Warenkorb"})
    words.ship(tmp_path, "pt-BR", {"Cart": "Carrinho"})
    with control_app.app_context(), begin() as session:
        commands.load_shipped(session, tmp_path, clock.now())

    def release(text: str, locale: str = "de") -> int:
        with control_app.app_context(), begin() as session:
            message_id = session.query(Message.id).filter_by(msgid="Cart").scalar()
            row = session.get(commands.Translation, (message_id, locale))
            commands.save(session, locale, message_id, [text], APPROVED, row.revision, WHO, clock.now())
            return releases.publish(session, locale, "", WHO, clock.now()).number

    return release


def test_a_release_comes_with_its_number_checksum_and_etag(ask, publish) -> None:
    publish("Korb")
    answer = ask()
    assert answer.status_code == 200
    assert answer.mimetype == "application/octet-stream"
    digest = hashlib.sha256(answer.data)
    assert answer.headers["Backroom-Release"] == "1"
    assert answer.headers["Content-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["ETag"] == f'"1-{digest.hexdigest()[:16]}"'


def test_any_gettext_reads_the_bytes(ask, publish) -> None:
    publish("Korb")
    found = gettext.GNUTranslations(BytesIO(ask().data))
    assert found.gettext("Cart") == "Korb"
    assert found.info()["content-type"] == "text/plain; charset=utf-8"


def test_a_known_release_is_not_sent_again(ask, publish) -> None:
    publish("Korb")
    etag = ask().headers["ETag"]
    for sent in (etag, f"W/{etag}", f'"0-x", {etag}'):
        answer = ask(If_None_Match=sent)
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == etag
    publish("Wagen")
    assert ask(If_None_Match=etag).status_code == 200


def test_going_back_serves_the_same_bytes_under_the_same_etag(ask, publish, control_app) -> None:
    publish("Korb")
    first = ask()
    publish("Wagen")
    with control_app.app_context(), begin() as session:
        releases.make_live(session, "de", 1, WHO, clock.now())
    again = ask()
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]


def test_where_nothing_is_published_the_answer_says_so(ask, publish) -> None:
    for locale in ("de", "xx"):
        answer = ask(locale)
        assert answer.status_code == 404
        assert answer.headers["Backroom-Release"] == "0"
        assert answer.mimetype == "application/problem+json"


def test_locales_are_named_as_in_the_shops_addresses(ask, publish) -> None:
    publish("Cesta", "pt-BR")
    assert gettext.GNUTranslations(BytesIO(ask("pt-BR").data)).info()["language"] == "pt_BR"


def test_only_a_client_token_gets_the_words(control_client, control_app, ask, publish, signed_in) -> None:
    publish("Korb")
    path = "/api/v1/catalogs/de"
    assert control_client.get(path).status_code == 401
    assert control_client.get(path, headers={"Authorization": "*:production.wrong"}).status_code == 401
    api = serving.token(control_app, "api")
    assert control_client.get(path, headers={"Authorization": f"Bearer {api}"}).status_code == 403
    assert signed_in("admin").get(path).status_code == 401


def test_the_shop_reads_what_the_control_plane_sends(ask, publish, tmp_path: Path) -> None:
    publish("Korb")
    answer = ask()
    digest = base64.b64decode(answer.headers["Content-Digest"].split(":")[1]).hex()
    read = wording.published(wording.shipped("de", tmp_path), 1, answer.headers["ETag"], digest, answer.data)
    assert read.words.ugettext("Cart") == "Korb"


def test_both_sides_name_the_same_channel() -> None:
    assert catalogs.CHANNEL == releases.CHANNEL
