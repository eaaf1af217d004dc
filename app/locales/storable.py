"""What a text must not hold to be kept: NUL, which PostgreSQL has no place for, and halves of characters,
which UTF-8 has none for. Pure.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
TAKE_OUT = _l("Take out the characters that no database can keep.")
