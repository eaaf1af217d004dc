"""What pages call the doors that changes come through, and what may be wrong with the chain."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

VIA: dict[str, LazyString] = {
    "page": _l("on a page"),
    "api": _l("API"),
    "cli": _l("command line"),
    "job": _l("scheduled job"),
}

HOW: dict[str, LazyString] = {
    "altered": _l("The entry says something else than when it was written."),
    "removed": _l("An entry is missing here."),
    "inserted": _l("Here is an entry that this program did not write."),
    "reordered": _l("Entries stand in another order than they were written in."),
    "cut": _l("All entries from here on are missing."),
    "head": _l("The end of the chain was altered or is missing."),
    "unknown key": _l("It was sealed with a key that is not among ENCRYPTION_KEYS."),
    "anchor": _l("It differs from the anchor that was kept elsewhere."),
}
