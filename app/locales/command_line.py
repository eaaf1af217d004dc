"""`backroom locales`: the words of the shop."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app import clock
from app.console import group, leaf
from app.db import begin
from app.locales import commands

TRANSLATIONS = Path(__file__).parents[2] / "translations"


def locales_load(chosen: argparse.Namespace) -> int:
    with begin() as session:
        print(commands.load_shipped(session, chosen.folder, clock.now()))
    return 0


def add_commands(groups: Any) -> None:
    locales = group(groups, "locales", "the words of the shop")
    about = "take in the messages and translations that ship with the shop"
    leaf(locales, "load", locales_load, about).add_argument("--folder", type=Path, default=TRANSLATIONS)
