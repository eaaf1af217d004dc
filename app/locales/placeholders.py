"""What a translator may have to carry over from the source: placeholders and tags. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 9  # there are nine keys

CARRIED = re.compile(
    r"%\([^()\s]*\)[#0\-+ ]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]"  # %(name)s
    r"|%[#0\-+]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]"  # %d
    r"|%%"
    r"|\{[A-Za-z_0-9.]*(?:![rsa])?(?::[^{}]*)?\}"  # {name}
    r"|</?[A-Za-z][^<>]*>"
)


def carried(texts: Iterable[str]) -> list[str]:
    """In the order of the source, each once; the first nine have a key."""
    return list(dict.fromkeys(match[0] for text in texts for match in CARRIED.finditer(text)))[:MOST]
