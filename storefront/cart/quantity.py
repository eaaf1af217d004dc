"""How many of a thing may be in the cart. Pure: no I/O, no Flask request."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from storefront.errors import NotFound, Refused

MOST = 99
# Plain digits only: int() alone would also take "١", "1_0" and " 7 ".
WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)


def parse_quantity(text: str) -> int:
    """A whole number from 1 to MOST, or `Refused` beside the field `quantity`."""
    if not WHOLE.fullmatch(text.strip(" ")) or not 1 <= int(text) <= MOST:
        refuse(_l("Enter a whole number from 1 to %(most)s", most=MOST))
    return int(text)


def check_stock(wanted: int, stock: int) -> None:
    """`Refused` when more is wanted than is on the shelf; nothing is set aside before the order."""
    if stock <= 0:
        refuse(_l("This is sold out at the moment"))
    if wanted > stock:
        refuse(_l("Only %(stock)s left in stock", stock=stock))


def refuse(message: object) -> None:
    raise Refused(message, fields={"quantity": message})


def parse_id(text: str) -> int:
    """The number of a row, as forms send it back; anything else is a page that does not exist."""
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise NotFound(_l("We could not find this"))
    return int(text)
