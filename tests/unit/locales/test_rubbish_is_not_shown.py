"""What the shop accepts as a catalog: whole, of its language, and safe to look up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from storefront.catalogs import Catalogs
from storefront.wording import Rubbish, parse, published, shipped
from tests import words
from tests.unit.locales.test_a_bad_translation_costs_a_word import config_in

DATA = words.mo("de", {"Cart": "Korb"})


def test_a_whole_catalog_is_read() -> None:
    assert parse("de", DATA).ugettext("Cart") == "Korb"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>not found</html>",
        DATA[: len(DATA) // 2],
        DATA.replace(b"Korb", b"\xff\xfe\xff\xfe"),
        words.mo("de", {"Cart": "Korb"}, plurals="nplurals=2; plural=n/0;"),
        words.mo("ar", {"Cart": "سلة"}),
    ],
    ids=["nothing", "html", "half", "no utf-8", "a plural that divides by zero", "another language"],
)
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(Rubbish):
        parse("de", data)


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rubbish, match="checksum"):
        published(shipped("de", tmp_path), 1, "", hashlib.sha256(b"other").hexdigest(), DATA)


def test_a_compiled_file_ships_as_well_as_its_source(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "storefront.mo").write_bytes(DATA)
    assert shipped("de", tmp_path).words.ugettext("Cart") == "Korb"


def test_a_broken_file_that_ships_leaves_the_source_texts(tmp_path: Path) -> None:
    path = words.ship(tmp_path, "de", {"Cart": "Korb"})
    path.write_bytes(b'msgid "Cart"\nmsgstr "K\xffrb"\n')
    assert shipped("de", tmp_path).words.ugettext("Cart") == "Cart"


@pytest.mark.parametrize(
    "kept",
    [b"", b"{}\n", b"not json\n" + DATA, b'{"release": 1, "etag": "x", "sha256": "00"}\n' + DATA],
)
def test_rubbish_on_disk_is_not_used(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "catalogs").mkdir()
    (tmp_path / "catalogs" / "de").write_bytes(kept)
    assert Catalogs(config_in(tmp_path), tmp_path).snapshot["de"].release == 0


def test_without_a_control_plane_nothing_is_asked(tmp_path: Path) -> None:
    catalogs = Catalogs(config_in(tmp_path), tmp_path)
    catalogs.start()
    catalogs.stop()
    assert catalogs.age_seconds() is None
