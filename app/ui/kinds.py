"""The kinds of things that happen (entries of the timeline, flags on a chart): their icon and name."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

KINDS: dict[str, tuple[str, LazyString]] = {
    "flag": ("flags", _l("Flag")),
    "deploy": ("deploy", _l("Deploy")),
    "release": ("release", _l("Translation release")),
    "alert": ("alerts", _l("Alert")),
    "incident": ("incident", _l("Incident")),
    "maintenance": ("maintenance", _l("Maintenance")),
    "experiment": ("experiments", _l("Experiment")),
    "error": ("exhausted", _l("Error")),
    "note": ("info", _l("Note")),
}


def kind_icon(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else "info"


def kind_name(kind: str) -> object:
    return KINDS[kind][1] if kind in KINDS else kind
