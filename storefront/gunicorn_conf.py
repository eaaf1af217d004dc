"""How gunicorn serves the shop: `gunicorn -c storefront/gunicorn_conf.py 'wsgi:storefront()'`.

Flags and published words are followed by threads of each worker, begun after the fork: what was begun before
it would never poll again.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import wsgi

wsgi.SERVER = "web"  # strangers need not know by what they are served
worker_class = "storefront.patient_worker.PatientWorker"  # gthread, but slow clients hold no thread
workers = 2
threads = 16
worker_connections = 2_000  # a worker; beyond that the slowest makes room
preload_app = True  # nothing is contacted before the fork, and workers share the memory of the code
graceful_timeout = 8
keepalive = 5
forwarder_headers = ""  # a header never says which page is asked for,
secure_scheme_headers: dict[str, str] = {}  # and who asks over what is told by TRUSTED_PROXIES alone
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 # nosec B108 # a heartbeat must not wait for a disk


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own lines in the form of all others; each request has its line from storefront.logs."""

    def setup(self, cfg: Any) -> None:
        from config import storefront_config
        from storefront import logs

        logs.configure(storefront_config(), "shop")
        self.error_log.handlers.clear()
        self.error_log.propagate = True


logger_class = Log


def when_ready(server: Any) -> None:
    """What is loaded now is never collected, so that workers do not copy it."""
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    from storefront import flags, refusals, tracing, translations

    config = worker.wsgi.extensions["config"]
    util.write_error = refusals.writer(is_secure=config.secure_cookies)
    tracing.start(config, "shop", [worker.wsgi.extensions["sessions"].kw["bind"]])
    tracing.follow(worker.wsgi)
    flags.start(config)
    translations.start(config)


def worker_exit(server: Any, worker: Any) -> None:
    from storefront import flags, tracing, translations

    if (shop := worker.wsgi) is not None:
        flags.stop()
        translations.stop(shop.extensions["config"])
    tracing.stop()


def child_exit(server: Any, worker: Any) -> None:
    from storefront.telemetry import forget_process

    forget_process(worker.pid)
