"""An app behind a real socket, in a thread of the test: what an SDK or a browser talks to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from app import clock
from app.accounts import commands as accounts
from app.db import begin


@contextmanager
def serve(app: Flask, port: int = 0) -> Iterator[str]:
    """The URL while it is served; afterwards the port is closed again."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def token(app: Flask, kind: str = "client", environment: str = "production") -> str:
    """A new token as a machine keeps it."""
    with app.app_context(), begin() as session:
        role = "viewer" if kind == "api" else None
        return accounts.create_token(session, kind, environment, "a test", role, clock.now(), "test")
