"""Catalogs of known projects, laid beside the checkout: read, edited, taken in and written out again."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from app.errors import Refused
from app.locales import exchange, files
from app.locales.checks import Source, check
from app.locales.files import Choices
from app.locales.models import Locale
from app.locales.plurals import read_rule
from app.locales.po import PoFile, read
from app.locales.po_patch import patched
from local.machine import ROOT

REAL = ROOT.parent / "shared" / "data" / "po" / "open"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="real catalogs are not laid beside this checkout")
EDITS = 5  # of each file


@pytest.fixture(scope="module")
def catalogs() -> dict[str, PoFile]:
    return {
        one["file"]: read((REAL / one["file"]).read_bytes()) for one in wanted() if "polib_error" not in one
    }


def test_what_is_no_catalog_is_refused_with_its_line():
    [broken] = [one["file"] for one in wanted() if "polib_error" in one]
    with pytest.raises(Refused) as refused:
        read((REAL / broken).read_bytes())
    assert "Line 5" in str(refused.value.fields["file"])


def wanted() -> list[dict]:
    return json.loads((REAL / "expected.json").read_text()) if REAL.is_dir() else []


def test_they_hold_what_is_known_of_them(catalogs):
    for one in wanted():
        if "polib_error" in one:
            continue
        file = catalogs[one["file"]]
        assert file.data == (REAL / one["file"]).read_bytes()
        found = {
            "messages": len(file.live),
            "translated": sum(entry.is_translated for entry in file.live),
            "fuzzy": sum(entry.is_fuzzy for entry in file.live),
            "obsolete": len(file.obsolete),
            "plural_entries": sum(entry.plural_id is not None for entry in file.live),
            "with_msgctxt": sum(entry.context is not None for entry in file.live),
            "with_previous": sum(entry.previous is not None for entry in file.live),
            "duplicates": len(file.duplicates),
            "plural_forms_header": file.headers.get("Plural-Forms"),
            "language_header": file.headers.get("Language"),
        }
        assert found == {name: one[name] for name in found}, one["file"]


def test_edits_touch_the_lines_of_their_entries_only(catalogs):
    chance = random.Random(7)
    for name, file in catalogs.items():
        entries = chance.sample(file.live, min(EDITS, len(file.live)))
        texts = {
            entry.key: tuple((text or entry.msgid).rstrip("\n") + " x" for text in entry.strings)
            for entry in entries
        }
        after = patched(file, texts)
        again = {entry.key: entry.strings for entry in read(after).live}
        assert {key: again[key] for key in texts} == texts, name
        own = {
            number
            for entry in entries
            for number in (
                *entry.previous_lines,
                *([] if entry.flag_line is None else [entry.flag_line]),
                *(n for span in entry.spans for n in range(span.first, span.last + 1)),
            )
        }
        rest = iter(after[len(file.mark) :].split(b"\n"))
        kept = [line.rstrip(b"\n") for number, line in enumerate(file.lines) if number not in own]
        assert all(line in rest for line in kept), name


def test_every_text_that_would_raise_is_blocked(catalogs):
    for one in wanted():
        if one.get("would_raise_when_formatted", 0) == 0:
            continue
        file = catalogs[one["file"]]
        rule = read_rule(file.headers["Plural-Forms"])
        blocked = 0
        for entry in file.live:
            if not entry.is_fuzzy:
                source = Source(entry.msgid, entry.plural_id, "python-format" in entry.flags)
                findings = check(source, entry.strings, rule)
                blocked += any(finding.blocks and finding.check == "format" for finding in findings)
        assert blocked >= one["would_raise_when_formatted"], one["file"]


@pytest.mark.parametrize("name", ["saleor-merged-pl.po", "oscar-it.po", "saleor-ar.po", "oscar-he.po"])
def test_one_that_was_taken_in_is_written_out_byte_for_byte(control_session, now, name):
    data = (REAL / name).read_bytes()
    code = Path(name).stem.rpartition("-")[2]
    control_session.add(Locale(code=code, plural_forms="nplurals=1; plural=0;", created_at=now))
    control_session.flush()
    choices = Choices(add_messages=True, approve=True)
    report = files.take_in(control_session, code, data, exchange.PO, choices, "me", now, dry_run=False)
    assert report.counts["added"] == len(read(data).live)
    assert files.written_out(control_session, code, exchange.PO) == data
    again = files.take_in(control_session, code, data, exchange.PO, choices, "me", now, dry_run=False)
    assert set(again.counts) <= {"unchanged", "empty"}
