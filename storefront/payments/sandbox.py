"""A payment gateway for trying things out, as a process of its own: `python -m storefront.payments.sandbox`.

    POST /v1/payments/<key>/authorise   {"amount_cents", "currency", "card_number", "expiry", "cvc"}
    POST /v1/payments/<key>/capture     {"amount_cents"}
    POST /v1/payments/<key>/void        {}
    POST /v1/payments/<key>/refund      {"amount_cents"}
    GET  /v1/payments/<key>
    GET  /healthz

Each answers {"key", "state", "reference", "amount_cents", "currency", "reason", "captures"}. All but /healthz
want `Authorization: Bearer <secret>`. A key is one payment for ever: the same call again gives the same
answer and never a second charge. What it knows is one SQLite file, so it survives a restart; card numbers are
not in it.

    4242 4242 4242 4242   goes through
    4000 0000 0000 0002   declined
    4000 0000 0000 9995   declined, insufficient funds
    4000 0000 0000 0119   is charged, and the answer to the capture comes too late
    4000 0000 0000 0341   is authorised, and the answer to that comes too late: nothing is charged
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import re
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from config import storefront_config
from storefront import logs, tracing

LATE_SECONDS = 6.0  # longer than any shop waits
MOST_BYTES = 10_000
DECLINED_CARDS = {"4000000000000002": "card_declined", "4000000000009995": "insufficient_funds"}
LATE_AFTER_CAPTURE = "4000000000000119"
LATE_AFTER_AUTHORISE = "4000000000000341"

TABLE = """
CREATE TABLE IF NOT EXISTS payments (
  key TEXT PRIMARY KEY, reference TEXT NOT NULL, state TEXT NOT NULL, amount_cents INTEGER NOT NULL,
  currency TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', captures INTEGER NOT NULL DEFAULT 0,
  late_capture INTEGER NOT NULL DEFAULT 0)
"""


class Wrong(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Ledger:
    """Every payment this gateway has heard of. One lock: a payment changes once, whoever asks meanwhile."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(TABLE)

    def close(self) -> None:
        self._db.close()

    def authorise(self, key: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """The payment, and whether its answer is to come too late."""
        card = str(body.get("card_number", ""))
        amount = whole_amount(body)
        currency = str(body.get("currency", ""))
        if not re.fullmatch(r"[A-Z]{3}", currency) or not re.fullmatch(r"[0-9]{12,19}", card):
            raise Wrong(422, "currency or card_number is not valid")
        reason = DECLINED_CARDS.get(card, "")
        with self._lock:
            known = self._find(key)
            if known is None:
                state = "declined" if reason else "authorised"
                self._db.execute(
                    "INSERT INTO payments"
                    " (key, reference, state, amount_cents, currency, reason, late_capture)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (key, f"sb_{key}", state, amount, currency, reason, card == LATE_AFTER_CAPTURE),
                )
                known = self._found(key)
            elif known["state"] != "voided" and known["amount_cents"] != amount:
                raise Wrong(409, "this key belongs to another amount")
            return known, card == LATE_AFTER_AUTHORISE

    def capture(self, key: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Take what was authorised, all of it and once."""
        amount = whole_amount(body)
        with self._lock:
            known = self._found(key)
            if amount != known["amount_cents"]:
                raise Wrong(409, "the amount is not the one that was authorised")
            taken = self._move(key, "authorised", "captured")
            return self._found(key), taken and bool(known["late_capture"])

    def void(self, key: str) -> dict[str, Any]:
        """Nothing will be taken under this key, even if it was never heard of; what is captured stays so."""
        with self._lock:
            if self._find(key) is None:
                self._db.execute(
                    "INSERT INTO payments (key, reference, state, amount_cents, currency) "
                    "VALUES (?, ?, 'voided', 0, '')",
                    (key, f"sb_{key}"),
                )
            self._move(key, "authorised", "voided")
            return self._found(key)

    def refund(self, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        amount = whole_amount(body)
        with self._lock:
            known = self._found(key)
            if known["state"] not in ("captured", "refunded") or amount != known["amount_cents"]:
                raise Wrong(409, "only a captured payment can be given back, in full")
            self._move(key, "captured", "refunded")
            return self._found(key)

    def look_up(self, key: str) -> dict[str, Any]:
        with self._lock:
            known = self._find(key)
        return known or {"key": key, "state": "unknown", "reference": "", "amount_cents": None, "reason": ""}

    def _move(self, key: str, before: str, after: str) -> bool:
        moved = self._db.execute(
            "UPDATE payments SET state = ?, captures = captures + (? = 'captured')"
            " WHERE key = ? AND state = ?",
            (after, after, key, before),
        )
        return moved.rowcount == 1

    def _find(self, key: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM payments WHERE key = ?", (key,)).fetchone()
        return dict(row) if row else None

    def _found(self, key: str) -> dict[str, Any]:
        known = self._find(key)
        if known is None:
            raise Wrong(404, "no payment has this key")
        return known


def whole_amount(body: Mapping[str, Any]) -> int:
    amount = body.get("amount_cents")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < 10**9:
        raise Wrong(422, "amount_cents is not a whole number above 0")
    return amount


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sandbox

    def do_GET(self) -> None:
        self._answer_with(self._read)

    def do_POST(self) -> None:
        self._answer_with(self._change)

    def _answer_with(self, work: Any) -> None:
        if self.path == "/healthz":
            self._send(200, {"status": "ok"})
            return
        action = self.path.rpartition("/")[2] if self.command == "POST" else "look up"
        with (
            logs.begin(self.headers.get(logs.HEADER, "")),
            tracing.span(f"payment {action[:20]}", self.headers.get("traceparent", ""), serves=True),
        ):
            self._work(work)

    def _work(self, work: Any) -> None:
        try:
            body = self._body()
            self._check_secret()
            self._send(200, work(body))
        except Wrong as wrong:
            self._send(wrong.status, {"error": str(wrong)})

    def _read(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        key, action = self._address()
        if action:
            raise Wrong(405, "use POST")
        return self.server.ledger.look_up(key)

    def _change(self, body: Mapping[str, Any]) -> dict[str, Any]:
        key, action = self._address()
        ledger, late = self.server.ledger, False
        match action:
            case "authorise":
                told, late = ledger.authorise(key, body)
            case "capture":
                told, late = ledger.capture(key, body)
            case "void":
                told = ledger.void(key)
            case "refund":
                told = ledger.refund(key, body)
            case _:
                raise Wrong(404, "no such action")
        if late:
            time.sleep(self.server.late_seconds)
        return told

    def _address(self) -> tuple[str, str]:
        found = re.fullmatch(r"/v1/payments/([^/]{1,255})(?:/([a-z]+))?", self.path)
        if not found:
            raise Wrong(404, "no such address")
        return unquote(found[1]), found[2] or ""

    def _check_secret(self) -> None:
        given = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.server.secret}".encode()):
            raise Wrong(401, "wrong secret")

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            raise Wrong(413, "too long")
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except (ValueError, RecursionError):
            raise Wrong(400, "not JSON") from None
        if not isinstance(body, dict):
            raise Wrong(400, "not an object")
        return body

    def _send(self, status: int, answer: Mapping[str, Any]) -> None:
        content = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True  # who asked has given up waiting; the ledger knows what happened

    def log_message(self, *_about: object) -> None:
        """Silent: an address holds a payment's key."""


class Sandbox(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], ledger: Ledger, secret: str, late_seconds: float = LATE_SECONDS
    ) -> None:
        super().__init__(address, Handler)
        self.ledger, self.secret, self.late_seconds = ledger, secret, late_seconds


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m storefront.payments.sandbox", description=__doc__)
    gateway = urlsplit(os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090"))
    state = Path(os.environ.get("SHOP_DATA_DIR", "data")) / "gateway.sqlite"
    parser.add_argument("--listen", default=f"{gateway.hostname}:{gateway.port or 80}", metavar="HOST:PORT")
    parser.add_argument("--state", type=Path, default=state, metavar="FILE")
    chosen = parser.parse_args(arguments)
    secret = os.environ.get("GATEWAY_SECRET", "")
    if len(secret) < 16:
        sys.exit("Setting GATEWAY_SECRET is missing or too short. Allowed: 16 characters or more.")
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        tracing.start(storefront_config(), "gateway")
    host, _, port = chosen.listen.rpartition(":")
    ledger = Ledger(chosen.state)
    server = Sandbox((host, int(port)), ledger, secret)
    # shutdown() waits for the loop, which this very thread runs: ask from another one.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    ledger.close()
    tracing.stop()


if __name__ == "__main__":
    main()
