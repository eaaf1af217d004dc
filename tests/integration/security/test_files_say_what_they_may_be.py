"""Whoever hands in a file reads beside the field which kinds are taken, and how large they may be."""

from __future__ import annotations

import re

import pytest

from app.cost.bills import api as bills
from app.cost.bills import lines
from app.locales import commands, exchange
from app.locales.assist import glossary
from app.security import MAX_BODY_BYTES
from local.machine import ROOT
from tests import words

GIB, MIB, MB = 1024**3, 1024**2, 1_000_000
# page → kinds and sizes in the words beside the field, kinds that the browser offers
FIELDS = {
    "/cost/bills/": (("CSV", ".gz", ".xz", "2 GB", "8 GB"), ".csv,.gz,.xz"),
    "/locales/de/files": (("PO", "CSV", "JSON", "20 MB"), ".po,.csv,.json"),
    "/locales/de/glossary": (("CSV", "2 MB"), ".csv,text/csv"),
    "/slo/-/import": (("YAML", "JSON", "2 MB"), ".yaml,.yml,.json"),
}


@pytest.fixture
def german(control_session, now, tmp_path) -> None:
    """A locale to take words and terms in for."""
    words.ship(tmp_path, "de", {"Cart": "Warenkorb"})
    commands.load_shipped(control_session, tmp_path, now)
    control_session.commit()


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("address", FIELDS)
def test_beside_each_field_stand_kinds_and_size(signed_in, address):
    said, accept = FIELDS[address]
    page = signed_in("admin").get(address).text
    field = re.search(r'<input[^>]*type="file"[^>]*>', page)
    assert field is not None
    assert f'accept="{accept}"' in field[0]
    described = re.search(r'aria-describedby="([\w-]*hint)\b', field[0])
    hint = re.search(rf'<p class="hint" id="{described[1]}">(.*?)</p>', page)[1]
    assert [word for word in said if word not in hint] == []


def test_the_sizes_are_those_that_are_held():
    assert (bills.MOST_UPLOAD_BYTES, lines.MOST_BYTES) == (2 * GIB, 8 * GIB)
    assert (exchange.MOST_BYTES, glossary.MOST_BYTES, MAX_BODY_BYTES) == (20 * MB, 2 * MB, 2 * MIB)


def test_no_page_has_a_field_that_is_not_told_here():
    pages = [path for path in (ROOT / "app").rglob("*.html") if re.search(r"type=.file.", path.read_text())]
    assert len(pages) == len(FIELDS)
    shop = [path for path in (ROOT / "storefront").rglob("*.html") if "type='file'" in path.read_text()]
    assert shop == []
