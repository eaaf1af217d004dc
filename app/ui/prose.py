"""Markdown turned into HTML that cannot carry anything but text. Pure.

Understood: headings, paragraphs, numbered and bulleted lists, code blocks, and within a line `code`, **bold**
and [links](https://…). All text is escaped first; a link that is neither a path nor http(s) stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

_HEADING = re.compile(r"(#{1,4}) (.+)")
_ITEM = re.compile(r"(?:([-*])|\d+\.) (.+)")
_INLINE = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\[([^\]]+)\]\(((?:https?://|/(?!/))[^\s)]*)\)")
FENCE = "```"


@dataclass(frozen=True)
class Article:
    title: str
    body: Markup


def article(text: str, title: str) -> Article:
    """The first heading is the title (`title` where there is none), the rest the body."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and (heading := _HEADING.fullmatch(lines[0].strip())):
        title, lines = heading[2], lines[1:]
    return Article(title, blocks(lines))


def blocks(lines: list[str]) -> Markup:
    return Markup("\n").join(_blocks(lines))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not line:
            at += 1
        elif line.startswith(FENCE):
            end = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == FENCE), len(lines))
            yield Markup("<pre><code>{}</code></pre>").format("\n".join(lines[at + 1 : end]))
            at = end + 1
        elif heading := _HEADING.fullmatch(line):
            level = len(heading[1])
            yield Markup("<h{}>{}</h{}>").format(level, inline(heading[2]), level)
            at += 1
        elif _ITEM.fullmatch(line):
            end = _end(lines, at, in_list=True)
            yield _list(lines[at:end])
            at = end
        else:
            end = _end(lines, at, in_list=False)
            yield Markup("<p>{}</p>").format(inline(" ".join(part.strip() for part in lines[at:end])))
            at = end


def _end(lines: list[str], at: int, in_list: bool) -> int:
    """The first line after `at` that is not of the same paragraph or list."""
    for i in range(at + 1, len(lines)):
        line = lines[i].strip()
        starts_other = (
            _HEADING.fullmatch(line) or line.startswith(FENCE) or (not in_list and _ITEM.fullmatch(line))
        )
        if not line or starts_other:
            return i
    return len(lines)


def _list(lines: list[str]) -> Markup:
    """Lines that carry no mark go on with the item before."""
    items: list[str] = []
    for line in lines:
        if item := _ITEM.fullmatch(line.strip()):
            items.append(item[2])
        else:
            items[-1] += " " + line.strip()
    inner = Markup("").join(Markup("<li>{}</li>").format(inline(item)) for item in items)
    is_bulleted = lines[0].strip()[0] in "-*"
    return (Markup("<ul>{}</ul>") if is_bulleted else Markup("<ol>{}</ol>")).format(inner)


def inline(text: str) -> Markup:
    """One line: `code`, **bold** and links; everything else is text."""
    parts, at = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        code, bold, label, url = found.groups()
        if code is not None:
            parts.append(Markup("<code>{}</code>").format(code))
        elif bold is not None:
            parts.append(Markup("<strong>{}</strong>").format(bold))
        else:
            parts.append(Markup('<a href="{}">{}</a>').format(url, label))
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
