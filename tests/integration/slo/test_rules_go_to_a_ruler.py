"""A ruler's API in place of a folder, played by a small server that keeps groups as Mimir does."""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import yaml

from app.errors import Refused, Unavailable
from app.slo import commands, queries, rule_files, ruler
from app.slo.jobs import write_rules
from app.slo.rules import groups

URL = "http://control.test"


class Ruler(BaseHTTPRequestHandler):
    held: ClassVar[dict[str, dict]] = {}
    seen: ClassVar[list[tuple[str, str, str | None]]] = []
    refuses = False
    forgets = False

    def answer(self, status, body=""):
        self.seen.append((self.command, self.path, self.headers.get("X-Scope-OrgID")))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        groups_ = list(self.held.values())
        self.answer(200, yaml.safe_dump({"backroom": groups_})) if groups_ else self.answer(404, "no rules")

    def do_POST(self):
        group = yaml.safe_load(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refuses:
            return self.answer(400, "group is not valid")
        if not self.forgets:
            self.held[group["name"]] = group
        return self.answer(202)

    def do_DELETE(self):
        self.held.pop(self.path.rpartition("/")[2], None)
        self.answer(202)

    def log_message(self, *_):
        pass


@pytest.fixture
def mimir():
    """(its class, its address); empty."""
    kind = type("Mimir", (Ruler,), {"held": {}, "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kind, f"http://127.0.0.1:{server.server_port}/prometheus/config/v1/rules"
        server.shutdown()


@pytest.fixture
def objectives(control_session, now):
    commands.ensure_defaults(control_session, now)
    control_session.commit()
    return queries.objectives(control_session)


def test_groups_are_set_left_alone_changed_and_taken_away(mimir, objectives):
    kind, url = mimir
    assert ruler.install(groups(objectives, URL), url, "shop") == "4 groups set, 0 taken away"
    assert len(kind.held) == 4
    assert {tenant for _, _, tenant in kind.seen} == {"shop"}
    assert ruler.install(groups(objectives, URL), url, "shop") == "unchanged and held by the ruler"
    changed = [replace(objectives[0], min_bad_events=9)]
    assert ruler.install(groups(changed, URL), url, "") == "2 groups set, 2 taken away"
    assert all("checkout-availability" in name for name in kind.held)


def test_a_refusal_and_a_ruler_that_forgets_are_told(mimir, objectives):
    kind, url = mimir
    kind.refuses = True
    with pytest.raises(Refused, match="group is not valid"):
        ruler.install(groups(objectives, URL), url, "")
    kind.refuses, kind.forgets = False, True
    with pytest.raises(Refused, match="does not hold"):
        ruler.install(groups(objectives, URL), url, "")


def test_a_ruler_that_is_away_is_named(objectives):
    with pytest.raises(Unavailable):
        ruler.install(groups(objectives, URL), "http://127.0.0.1:9/rules", "")


def test_the_job_uses_the_ruler_where_there_is_one(mimir, control_session, control_sources, objectives, now):
    _kind, url = mimir
    config = replace(control_sources.config, ruler_url=url, ruler_tenant="shop")
    said = write_rules(control_session, now, replace(control_sources, config=config))
    assert said == "4 groups set, 0 taken away"
    assert [(held.place, held.is_loaded) for held in rule_files.states(control_session)] == [("ruler", True)]
