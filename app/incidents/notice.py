"""What the shop itself tells shoppers while it is in trouble: a flag whose payload names the words. Pure.

The shop has the words of each notice in all its languages and asks the flag on every page, from memory: so a
notice reaches shoppers within seconds, and while the control plane is down the last one stays.
"""

from __future__ import annotations

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused

FLAG = "shop-notice"
VARIANT = "notice"
WHOLE_WEIGHT = 1000
MOST_TEXT = 300

# The shop's words for each are in its own translations.
NOTICES: dict[str, LazyString] = {
    "orders": _l("Orders cannot be placed; carts are kept"),
    "payments": _l("Payments take longer; nobody is charged twice"),
    "slow": _l("The shop is slower than usual"),
    "parts": _l("Some things do not work; it is being worked on"),
}


def variants(notice: str, text: str) -> list[dict[str, Any]]:
    """The flag's variants that tell it. `text`: free words after the shop's own, shown as they are."""
    if notice not in NOTICES:
        raise Refused(_l("Shoppers were not told."), {"notice": _l("Choose one of the list.")})
    if len(text) > MOST_TEXT:
        too_long = _l("Give at most %(most)s characters.", most=MOST_TEXT)
        raise Refused(_l("Shoppers were not told."), {"notice_text": too_long})
    payload = {"type": "json", "value": json.dumps({"notice": notice, "text": text}, ensure_ascii=False)}
    return [
        {
            "name": VARIANT,
            "weight": WHOLE_WEIGHT,
            "weightType": "variable",
            "stickiness": "default",
            "payload": payload,
        }
    ]
