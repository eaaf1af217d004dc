"""How gunicorn serves the control plane: `gunicorn -c app/gunicorn_conf.py 'wsgi:control_plane()'`.

Each open page and each SDK that streams holds a thread that waits, so there are many more threads than
requests; they are made when they are needed.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import wsgi
from prometheus_client.multiprocess import mark_process_dead

wsgi.SERVER = "web"  # strangers need not know by what they are served
worker_class = "gthread"
workers = 2
threads = 848  # of which app.events gives 384 to pages that stream, app.flags.streams 400 to SDKs
worker_connections = 2_000
preload_app = True  # nothing is contacted before the fork, and workers share the memory of the code
limit_request_line = 8_190  # a search of 500 letters of any script fits, each written as up to 12
graceful_timeout = 8
keepalive = 5
forwarder_headers = ""  # a header never says which page is asked for,
secure_scheme_headers: dict[str, str] = {}  # and who asks over what is told by TRUSTED_PROXIES alone
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 # nosec B108 # a heartbeat must not wait for a disk


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own lines in the form of all others; each request has its line from app.logs."""

    def setup(self, cfg: Any) -> None:
        from app import logs
        from config import control_plane_config

        logs.configure(control_plane_config(), "control")
        self.error_log.handlers.clear()
        self.error_log.propagate = True


logger_class = Log


def when_ready(server: Any) -> None:
    """What is loaded now is never collected, so that workers do not copy it."""
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    from app import refusals, tracing
    from app.db import engine_of
    from app.events import close_on_sigterm
    from app.flags.serving import serving_of

    sources = worker.wsgi.extensions["sources"]
    util.write_error = refusals.writer(is_secure=sources.config.secure_cookies)
    tracing.start(sources.config, "control", [engine_of(sources.control), engine_of(sources.reporting)])
    tracing.follow(worker.wsgi)
    sdks = serving_of(worker.wsgi)
    sdks.start()
    close_on_sigterm(worker.wsgi.extensions["events"].close, sdks.end_streams)


def worker_exit(server: Any, worker: Any) -> None:
    from app import tracing
    from app.flags.serving import serving_of

    if worker.wsgi is not None:
        serving_of(worker.wsgi).stop()
    tracing.stop()


def child_exit(server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
