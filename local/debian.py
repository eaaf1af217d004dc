"""Programs out of Debian packages without root: downloaded into .tools/ and unpacked, never installed.

Standard library only: runs before there is a venv.
"""

from __future__ import annotations

import os
import shutil
import subprocess  # nosec B404 # never through a shell
import threading
from pathlib import Path

from local.machine import TOOLS, CannotStart
from local.processes import completed

UNPACKED = TOOLS / "debian"
# These hold prometheus, promtool, prometheus-alertmanager and amtool.
PACKAGES = ("prometheus", "prometheus-alertmanager")
# Debian's Alertmanager opens its templates by an absolute path. In the unpacked program that path gives
# way to one of the same length which means "the folder that I was started in".
TEMPLATES = b"/usr/share/prometheus/alertmanager"
STARTED_IN = b"/proc/self/cwd" + b"/." * 10
# The steps of the set-up run side by side, and apt locks its folders for nobody without root.
_one_at_a_time = threading.Lock()


def find_tool(command: str, package: str, setting: str) -> Path:
    """The unpacked program, the machine's own, or a clear error."""
    unpacked = UNPACKED / "usr" / "bin" / command
    if unpacked.exists():
        return unpacked
    for name in (command, command.removeprefix("prometheus-")):
        if (found := shutil.which(name)) is not None:
            return Path(found)
    raise CannotStart(f"No {command} was found. Install it (apt-get install {package}), or set {setting}.")


def missing() -> bool:
    commands = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    return not all((UNPACKED / "usr" / "bin" / command).exists() for command in commands)


def apt(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """apt-get with lists and caches of its own, so that neither root nor a lock is needed."""
    home = TOOLS / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::lists": home / "lists",
        "Dir::Cache": home / "cache",
        "Debug::NoLocking": 1,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
    }
    flags = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return completed(["apt-get", *flags, *arguments], folder=folder, env=env)


def download(*packages: str) -> list[Path]:
    """The packages' files. The lists are fetched once, and again where a package is gone from the mirror."""
    folder = TOOLS / "apt" / "files" / packages[0]
    shutil.rmtree(folder, ignore_errors=True)
    with _one_at_a_time:
        if not any((TOOLS / "apt" / "lists").glob("*Packages*")):
            apt("update", folder=folder)
        done = apt("download", *packages, folder=folder)
        if done.returncode != 0:
            apt("update", folder=folder)
            done = apt("download", *packages, folder=folder)
    if done.returncode != 0:
        raise CannotStart(f"apt-get could not download {', '.join(packages)}: {done.stderr.strip()[-500:]}")
    return sorted(folder.glob("*.deb"))


def missing_for(*packages: str) -> list[str]:
    """The packages and all that they need, as far as this machine has not installed it."""
    folder = TOOLS / "apt" / "files"
    with _one_at_a_time:
        apt("update", folder=folder)
        done = apt("install", "--print-uris", "-y", "--no-install-recommends", *packages, folder=folder)
    if done.returncode != 0:
        raise CannotStart(f"apt-get knows no way to {', '.join(packages)}: {done.stderr.strip()[-500:]}")
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("'")]
    return [parts[1].split("_")[0] for parts in lines]


def unpack(files: list[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        completed(["dpkg-deb", "-x", file, target]).check_returncode()


def fetch_services() -> str:
    """Prometheus and Alertmanager into .tools/debian."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return "not Debian: the machine's own Prometheus and Alertmanager, or their URLs, are used"
    files = download(*PACKAGES)
    unpack(files, UNPACKED)
    _relocate(UNPACKED / "usr" / "bin" / "prometheus-alertmanager")
    for file in files:
        file.unlink()
    return ", ".join(PACKAGES)


def _relocate(program: Path) -> None:
    content = program.read_bytes()
    part = program.with_suffix(".part")
    part.write_bytes(content.replace(TEMPLATES, STARTED_IN))
    part.chmod(0o755)
    part.rename(program)


def alertmanager_folder() -> Path:
    """Where an unpacked Alertmanager has to be started, see `TEMPLATES`."""
    unpacked = UNPACKED / TEMPLATES.decode().lstrip("/")
    return unpacked if unpacked.exists() else Path("/")
