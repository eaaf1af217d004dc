"""A file that calls itself pure reads no clock, opens nothing, and imports nothing that does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from local.machine import ROOT

OUTSIDE = frozenset(
    {"flask", "sqlalchemy", "psycopg", "redis", "httpx", "requests", "socket", "subprocess", "urllib.request"}
)
OURS = re.compile(
    r"(app|storefront)\.(db|clock|cache|events|sources|prometheus|alertmanager|htmx|telemetry)$"
)
LAYERS = re.compile(r"\.(models|queries|commands|jobs|views|api)$")
CALLS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|clock\.now|open|Path)\(")


def pure_files() -> list[Path]:
    found = []
    for package in ("app", "storefront"):
        for path in sorted((ROOT / package).rglob("*.py")):
            about = ast.get_docstring(ast.parse(path.read_text())) or ""
            if re.search(r"\bPure\b(?! but)", about):
                found.append(path)
    return found


PURE = pure_files()


def imports(tree: ast.Module) -> set[str]:
    """Dotted names; what is only imported for types does not count."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


def test_there_are_many():
    assert len(PURE) > 40


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_file_does_no_io(path: Path):
    text = path.read_text()
    for name in imports(ast.parse(text)):
        assert name not in OUTSIDE, name
        assert name.partition(".")[0] not in OUTSIDE, name
        assert not OURS.search(name), name
        assert not LAYERS.search(name), name
    code = ast.unparse(ast.parse(text))
    assert not CALLS.search(code), CALLS.search(code)
