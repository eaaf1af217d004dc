"""States, icons, differences and bundles: what macros are made of."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from app.ui import assets
from app.ui.diff import Row, diff_rows, diff_words
from app.ui.icons import ICONS, icon
from app.ui.kinds import KINDS, kind_icon, kind_name
from app.ui.rooms import ROOMS
from app.ui.states import STATES, badness, state, worst

CSS = assets.STATIC / "css"


def test_every_state_has_a_colour_an_icon_and_a_word(babel_context):
    for name, look in STATES.items():
        assert look.tone in ("ok", "risk", "bad", "stale", "info"), name
        assert look.icon in ICONS
        assert str(look.word)


def test_old_and_missing_figures_are_never_green():
    assert {state(name).tone for name in ("stale", "nodata")} == {"stale"}


def test_a_group_is_as_bad_as_its_worst_member():
    assert worst(["ok", "burning", "risk"]) == "burning"
    assert worst([]) == "nodata"
    assert badness("exhausted") > badness("burning") > badness("risk") > badness("stale") > badness("ok")


def test_an_unknown_state_or_icon_is_a_bug():
    with pytest.raises(KeyError):
        state("fine")
    with pytest.raises(KeyError):
        icon("nothing")


def test_an_icon_is_hidden_from_screen_readers_unless_it_says_something():
    assert 'aria-hidden="true"' in icon("add")
    assert 'aria-label="Add &lt;b&gt;"' in icon("add", "Add <b>")


def test_what_happens_has_an_icon_and_a_name(babel_context):
    assert all(kind_icon(kind) in ICONS and str(kind_name(kind)) for kind in KINDS)
    assert (kind_icon("comet"), kind_name("comet")) == ("info", "comet")
    assert all(room.icon in ICONS for room in ROOMS)


def test_a_difference_shows_only_what_changed_and_how_deep():
    before = {
        "share": 10,
        "owner": "ops",
        "rules": [{"name": "a", "parameters": {"rollout": "10"}}],
        "old": 1,
    }
    after = {
        "share": 25,
        "owner": "ops",
        "rules": [{"name": "a", "parameters": {"rollout": "50"}}],
        "tags": [],
    }
    assert diff_rows(before, after) == [
        Row("share", "10", "25"),
        Row("rules.1.parameters.rollout", "10", "50"),
        Row("old", "1", None),
    ]


def test_something_new_lists_what_it_has():
    assert diff_rows(None, {"name": "", "role": "ops", "note": None, "on": False}) == [
        Row("role", None, "ops"),
        Row("on", None, "false"),
    ]
    assert diff_rows({"a": 1}, {"a": 1}) == []


def test_texts_differ_by_words():
    assert diff_words("Your order left.", "Your parcel left.") == [
        ("same", "Your "),
        ("old", "order "),
        ("new", "parcel "),
        ("same", "left."),
    ]
    assert diff_words("", "new") == [("new", "new")]
    assert diff_words("gone", "") == [("old", "gone")]


def test_a_bundle_is_named_after_its_content(tmp_path: Path):
    (tmp_path / "a.css").write_text("a{}")
    (tmp_path / "b.css").write_text("b{}")
    one = assets.build("x.css", ("a.css", "b.css", "absent.css"), tmp_path)
    assert one.body == b"a{}\nb{}\n"
    assert re.fullmatch(r"x-[0-9a-f]{12}\.css", one.url_name)
    assert gzip.decompress(one.zipped) == one.body
    (tmp_path / "b.css").write_text("b{color:red}")
    assert assets.build("x.css", ("a.css", "b.css"), tmp_path).url_name != one.url_name
    assert (one.mimetype, assets.build("x.js", (), tmp_path).mimetype) == ("text/css", "text/javascript")


def test_a_missing_library_is_told(tmp_path: Path, caplog):
    assets.build("x.js", ("vendor/absent.js",), tmp_path)
    assert "vendor/absent.js is missing" in caplog.text


def test_every_own_file_is_in_a_bundle_and_every_bundled_file_is_there():
    listed = {file for files in assets.BUNDLES.values() for file in files if not file.startswith("vendor/")}
    present = {
        str(path.relative_to(assets.STATIC))
        for kind in ("css", "js")
        for path in (assets.STATIC / kind).iterdir()
    }
    assert listed == present


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(which: int) -> dict[str, str]:
    text = (CSS / "tokens.css").read_text()
    return {m[1]: m[which + 2] for m in re.finditer(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)}


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground(which):
    colour = tokens(which)
    for ink in ("ink-1", "ink-2", "ink-3", "accent"):
        for ground in ("surface-1", "surface-2", "surface-3"):
            assert contrast(colour[ink], colour[ground]) >= 4.5, f"{ink} on {ground}"
    for tone in ("ok", "risk", "bad", "stale", "info"):
        for ground in (f"{tone}-soft", "surface-1", "surface-2"):
            assert contrast(colour[tone], colour[ground]) >= 4.5, f"{tone} on {ground}"
    assert contrast(colour["accent"], colour["accent-ink"]) >= 4.5


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_lines_and_edges_can_be_seen(which):
    colour = tokens(which)
    for line in ("line-2", *(f"series-{number}" for number in range(1, 7))):
        for ground in ("surface-1", "surface-2"):
            assert contrast(colour[line], colour[ground]) >= 3, f"{line} on {ground}"


def test_colours_stand_in_the_tokens_alone():
    for path in CSS.glob("*.css"):
        if path.name != "tokens.css":
            found = re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgb\(|hsl\(", path.read_text())
            assert not found, f"{path.name}: {found}"


TEMPLATES = Path(assets.__file__).parents[1]


# Mails carry their few rules with them: no policy of ours is there, and no mail program fetches a file.
PAGES = sorted(path for path in TEMPLATES.rglob("templates/**/*.html") if path.parent.name != "mail")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_no_template_holds_a_style_a_script_or_a_handler(path: Path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|hx-on|hx-vals=['\"]js:|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
