"""The lock files say exact versions with hashes, agree with each other, and name no host."""

from __future__ import annotations

import json
import re

import pytest

from local.machine import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==(\S+) \\$")


def versions(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return dict(found.groups() for line in lines if (found := PINNED.match(line)))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_version_and_hashes_and_nothing_else(lock):
    for line in lock.read_text().splitlines():
        assert PINNED.match(line) or re.fullmatch(r"    (--hash=sha256:[0-9a-f]{64}( \\)?|#.*)", line), line
    assert "://" not in lock.read_text()


def test_the_smaller_sets_are_part_of_the_larger_ones():
    assert versions("serve").items() <= versions("local").items() <= versions("check").items()


def test_every_browser_library_has_a_version_and_a_hash_and_no_host():
    text = (ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert packages[""]["dependencies"] == json.loads((ROOT / "package.json").read_text())["dependencies"]
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-")


def test_htmx_is_the_one_that_the_server_side_speaks():
    assert json.loads((ROOT / "package.json").read_text())["dependencies"]["htmx.org"] == "2.0.11"
