"""A real Chromium for the browser tests: the machine's, Debian's by root, or Debian's unpacked.

Standard library only: runs before there is a venv.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local import debian
from local.machine import TOOLS
from local.processes import completed

UNPACKED = TOOLS / "chromium"
PACKAGES = ("chromium", "fonts-dejavu-core")
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def find() -> Path | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return Path(found)
    unpacked = UNPACKED / "usr" / "lib" / "chromium" / "chromium"
    return unpacked if unpacked.exists() else None


def environment() -> dict[str, str]:
    """What an unpacked Chromium needs in order to find its libraries and fonts."""
    if find() != UNPACKED / "usr" / "lib" / "chromium" / "chromium":
        return {}
    folders = {path.parent for path in UNPACKED.rglob("*.so*")}
    return {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, sorted(folders))),
        "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"),
    }


def fetch() -> str:
    if find() is not None:
        return "the machine's"
    if shutil.which("apt-get") is None:
        raise RuntimeError("no Chromium was found; install one, so that `chromium` is on PATH")
    if os.geteuid() == 0:
        return _install()
    return _unpack()


def _install() -> str:
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = completed(["apt-get", "-q", *arguments], env=env)
    if done.returncode != 0:
        raise RuntimeError(f"apt-get install chromium: {done.stderr.strip()[-500:]}")
    return "by apt-get install"


def _unpack() -> str:
    """Chromium and every library of it that this machine lacks, without installing any."""
    missing = debian.missing_for(*PACKAGES)
    debian.unpack(debian.download(*missing), UNPACKED)
    fonts, cache = UNPACKED / "usr" / "share" / "fonts", UNPACKED / "cache"
    (UNPACKED / "fonts.conf").write_text(FONTS.format(fonts=fonts, cache=cache))
    return f"{len(missing)} packages, unpacked"
