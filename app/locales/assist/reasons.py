"""Why a warning does not matter. Pure: no I/O."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.errors import Refused

LONGEST_REASON = 500


def checked(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        why = _l("Give a reason of at most %(most)s characters.", most=LONGEST_REASON)
        raise Refused(_l("The warning was not dismissed."), {"reason": why})
    return reason
