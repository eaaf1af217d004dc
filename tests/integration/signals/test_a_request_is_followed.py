"""Each request has an id: in its answer, its one line, its calls to others and the work it leaves behind."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from app.logs import Line
from app.prometheus import Prometheus
from storefront import outbox
from storefront.logs import Line as ShopLine
from storefront.logs import begin as begin_in_shop


class Lines(list[dict[str, Any]]):
    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self if line["logger"] == logger]


@contextmanager
def captured(form: type[logging.Formatter] = Line) -> Iterator[Lines]:
    """Every line of the process as the control plane, or the shop, would write it."""
    stream, lines = io.StringIO(), Lines()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form("json", "tests", "r1"))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        lines.extend(json.loads(line) for line in stream.getvalue().splitlines())


@pytest.mark.parametrize("service", ["control_client", "shop_client"])
def test_every_answer_carries_its_id(service, request):
    client = request.getfixturevalue(service)
    assert (
        client.get("/healthz", headers={"X-Request-ID": "from-outside-1"}).headers["X-Request-ID"]
        == "from-outside-1"
    )
    made = client.get("/nowhere/at/all", headers={"X-Request-ID": "no\tgood"}).headers["X-Request-ID"]
    assert len(made) == 32


def test_a_request_is_one_line_with_the_rule_in_place_of_its_path(signed_in):
    client = signed_in("viewer")
    with captured() as lines:
        client.get("/flags/nothing-like-it?token=abcdefgh", headers={"X-Request-ID": "look-me-up-1"})
        client.get("/healthz")
    (line,) = lines.of("access")
    assert line["request_id"] == "look-me-up-1"
    assert line["route"] == "/flags/<name>"
    assert (line["method"], line["status"]) == ("GET", 404)
    assert line["duration_ms"] > 0
    assert isinstance(line["person"], int)
    assert "house.test" not in str(line)


def test_the_shops_line_knows_the_locale_and_no_address(shop_client):
    with captured(ShopLine) as lines:
        shop_client.get("/de/", headers={"X-Request-ID": "look-me-up-2"})
    (line,) = lines.of("access")
    assert line["request_id"] == "look-me-up-2"
    assert (line["locale"], line["route"]) == ("de", "/<locale>/")


def test_an_event_of_the_outbox_keeps_the_id_of_its_request(shop_session, now):
    with begin_in_shop("bought-it-01"):
        event_id = outbox.add(shop_session, "order.paid", {}, now)
    event = outbox.claim(shop_session, event_id, now)
    assert event is not None
    assert event.origin == {"request_id": "bought-it-01"}


def test_a_call_to_another_service_carries_the_id():
    heard: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers["X-Request-ID"])
            body = b'{"status":"success","data":{"resultType":"vector","result":[]}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_about: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    from app import logs

    with logs.begin("asks-others-1"):
        Prometheus(f"http://127.0.0.1:{server.server_port}").query("up")
    server.shutdown()
    server.server_close()
    assert heard == ["asks-others-1"]
