"""The services share no code; what both need stands in each, and a change to one is a change to the other."""

from __future__ import annotations

import ast

import pytest

from app.accounts.browsers import browser_name
from app.limits import network as network_of_the_api
from local.machine import ROOT
from storefront.senders import network as network_of_the_shop
from storefront.users.devices import device_name

# The control plane's file, the shop's
COPIES = (
    ("masking", "masking"),
    ("padding", "padding"),
    ("spreadsheets", "spreadsheets"),
    ("failures", "failures"),
    ("tracing", "tracing"),
    ("error_reports/reading", "reading"),
)


class Plain(ast.NodeTransformer):
    """Code without what it says of itself, and with one name for both services."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.module:
            node.module = node.module.replace("storefront", "app")
        return node


def code_of(name: str) -> list[str]:
    tree = Plain().visit(ast.parse((ROOT / f"{name}.py").read_text()))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    others = [node for node in tree.body if node not in imports]
    return [*sorted(map(ast.unparse, imports)), *map(ast.unparse, others)]


@pytest.mark.parametrize(("ours", "theirs"), COPIES)
def test_the_code_is_the_same(ours, theirs):
    assert len(code_of(f"app/{ours}")) > 5
    assert code_of(f"app/{ours}") == code_of(f"storefront/{theirs}")


def test_lines_of_the_log_are_written_alike():
    """The shop alone adds what an event of its outbox keeps."""
    ours, theirs = ((ROOT / package / "logs.py").read_text() for package in ("app", "storefront"))
    begin = "class Requests:"
    assert ours.split(begin)[1] == theirs.split(begin)[1]


def test_a_sign_out_wipes_windows_alike():
    ours, theirs = (
        (ROOT / package / "ui/static/js/leaving.js").read_text() for package in ("app", "storefront")
    )
    assert ours.split("(() => {")[1] == theirs.split("(() => {")[1]


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
        "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14) Chrome/125.0 Safari/537.36 OPR/80.0",
    ],
)
def test_a_browser_has_the_same_name_in_both(agent):
    assert device_name(agent) == browser_name(agent) != ""


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8:1:2:3::4", "::ffff:198.51.100.7"])
def test_a_sender_is_the_same_to_both(address):
    assert network_of_the_shop(address) == network_of_the_api(address)
