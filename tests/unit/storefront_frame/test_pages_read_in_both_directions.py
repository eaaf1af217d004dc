"""Styles and templates name no side of the page: what starts a line in English starts it in Arabic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[3] / "storefront"
STYLES = sorted(SHOP.rglob("*.css"))
TEMPLATES = sorted(SHOP.rglob("*.html"))
SIDES = re.compile(
    r"(?<![\w-])(?:left|right)(?![\w-])|(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
)
COMMENT = re.compile(r"/\*.*?\*/|\{#.*?#\}", re.DOTALL)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_names_no_side(path: Path):
    assert SIDES.findall(COMMENT.sub("", path.read_text())) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SHOP)))
def test_a_template_names_no_side(path: Path):
    tags = " ".join(re.findall(r"<[^>]+>", COMMENT.sub("", path.read_text())))
    assert re.findall(r'(?:align|dir|style)="[^"]*\b(?:left|right)\b', tags) == []


def test_there_is_something_to_look_at():
    assert len(STYLES) >= 2
    assert len(TEMPLATES) > 20
