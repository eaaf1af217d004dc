"""The venv, with exactly what the lock file says. uv where it can be had, plain pip otherwise.

Standard library only: runs before there is a venv.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from functools import cache
from pathlib import Path

from local import debian
from local.machine import CERTIFICATES, ROOT, TOOLS
from local.processes import completed, tethered

VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"
_one_at_a_time = threading.Lock()


class Failed(RuntimeError):
    """A command of the set-up did not do its work; the message holds what it said last."""


def call(command: list[str | Path], **environment: str) -> str:
    done = completed(tethered(command), folder=ROOT, env={**os.environ, **environment})
    if done.returncode != 0:
        raise Failed(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-700:]}")
    return done.stdout


def install(name: str) -> str:
    """Makes .venv hold what requirements/<name>.txt says."""
    lock = LOCKS / f"{name}.txt"
    try:
        uv = find_uv()
        if not _fits():
            call([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], **_uv_environment())
        call([uv, *_uv_install(), "--python", VENV / "bin" / "python", "-r", lock], **_uv_environment())
    except Failed as error:
        _install_by_pip(lock)
        return f"by pip, because of {str(error).splitlines()[-1][:120]}"
    return f"{name}, by uv"


def install_into(folder: Path, name: str) -> None:
    """Packages of requirements/<name>.txt in a folder of their own, for their programs."""
    lock = LOCKS / f"{name}.txt"
    try:
        uv = find_uv()
        call([uv, *_uv_install(), "--target", folder, "-r", lock], **_uv_environment())
    except Failed:
        _pip_into(folder, lock)


def _pip_into(folder: Path, lock: Path) -> None:
    call([*pip(), "install", "--quiet", "--require-hashes", "--target", folder, "-r", lock])


def _uv_install() -> list[str]:
    return ["pip", "install", "--quiet", "--require-hashes", "--no-config"]


def _uv_environment() -> dict[str, str]:
    """pip's settings where they have a twin, the machine's authorities, no Python of uv's own."""
    found = {"UV_PYTHON_DOWNLOADS": "never", "UV_HTTP_TIMEOUT": "60"}
    if CERTIFICATES.exists():
        found["SSL_CERT_FILE"] = str(CERTIFICATES)
    twins = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_CERT": "SSL_CERT_FILE"}
    taken = {ours: os.environ[theirs] for theirs, ours in twins.items() if os.environ.get(theirs)}
    return {**found, **taken}


def _fits() -> bool:
    """Whether .venv is one of this Python."""
    settings = VENV / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:3]))
    return settings.exists() and version in settings.read_text() and (VENV / "bin" / "python").exists()


def find_uv() -> Path:
    with _one_at_a_time:
        folder = TOOLS / "uv"
        uv = folder / "bin" / "uv"
        if not uv.exists():
            call(
                [*pip(), "install", "--quiet", "--require-hashes", "--target", folder, "-r", LOCKS / "uv.txt"]
            )
        return uv


@cache
def pip() -> tuple[str | Path, ...]:
    """A pip for this Python: its own, or Debian's wheel of it run in place."""
    if _works(sys.executable, "-m", "pip"):
        return (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
    wheels = TOOLS / "pip" / "usr" / "share" / "python-wheels"
    if not list(wheels.glob("pip-*.whl")):
        if shutil.which("apt-get") is None:
            raise Failed("this Python has no pip; install it (python3-pip) and try again")
        debian.unpack(debian.download("python3-pip-whl"), TOOLS / "pip")
    (wheel,) = wheels.glob("pip-*.whl")
    return (sys.executable, wheel / "pip", "--disable-pip-version-check", "--no-input")


def _works(*command: str) -> bool:
    return completed([*command, "--version"]).returncode == 0


def _install_by_pip(lock: Path) -> None:
    if not _fits():
        call([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])
    call([*pip(), "--python", VENV / "bin" / "python", "install", "--quiet", "--require-hashes", "-r", lock])
