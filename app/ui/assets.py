"""Style sheets and scripts, joined into few files whose names carry a hash of their content.

The browser keeps them for a year; a changed file has another name. The lists are explicit and in order.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"

BUNDLES = {
    "backroom.css": (
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/forms.css",
        "css/blocks.css",
        "css/charts.css",
        "css/overview.css",
        "css/slo.css",
        "css/alerts.css",
        "css/incidents.css",
        "css/flags.css",
        "css/rollouts.css",
        "css/experiments.css",
        "css/kpi.css",
        "css/cost.css",
        "css/locales.css",
        "css/reports.css",
        "css/word_releases.css",
        "css/accounts.css",
        "css/audit.css",
        "css/access.css",
        "css/webhooks.css",
        "css/errors.css",
    ),
    "backroom.js": (
        "vendor/htmx.min.js",
        "vendor/sse.min.js",
        "vendor/idiomorph-ext.min.js",
        "js/errors.js",
        "js/requests.js",
        "js/toasts.js",
        "js/keyboard.js",
        "js/palette.js",
        "js/tables.js",
        "js/inputs.js",
        "js/ages.js",
        "js/editor.js",
        "js/inserts.js",
        "js/drafts.js",
        "js/marks.js",
        "js/print.js",
        "js/weights.js",
        "js/accounts.js",
        "js/leaving.js",
    ),
    "chart.css": ("vendor/uPlot.min.css",),
    "chart.js": ("vendor/uPlot.iife.min.js", "js/chart.js"),
}


@dataclass(frozen=True)
class Bundle:
    name: str
    body: bytes

    @cached_property
    def url_name(self) -> str:
        stem, _, kind = self.name.rpartition(".")
        return f"{stem}-{hashlib.sha256(self.body).hexdigest()[:12]}.{kind}"

    @cached_property
    def zipped(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)

    @property
    def mimetype(self) -> str:
        return "text/css" if self.name.endswith(".css") else "text/javascript"


def build(name: str, files: tuple[str, ...], folder: Path = STATIC) -> Bundle:
    """One file of many. A missing library is told in the log: pages then work as plain forms."""
    parts = []
    for file in files:
        path = folder / file
        if path.exists():
            parts.append(path.read_bytes())
        elif file.startswith("vendor/"):
            log.warning("browser library %s is missing: pages work without it, less lively", file)
    return Bundle(name, (b"\n;\n" if name.endswith(".js") else b"\n").join(parts) + b"\n")


def build_all(folder: Path = STATIC) -> dict[str, Bundle]:
    return {name: build(name, files, folder) for name, files in BUNDLES.items()}
