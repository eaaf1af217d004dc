"""OpenSLO text into plain objects, in bounded memory and time. Pure.

Text comes from strangers: it is read event by event, with a limit on size, nodes and depth, and without
aliases, so that no small text can grow into a large one. Scalars stay what JSON would make of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from flask_babel import lazy_gettext as _l

from app.errors import Refused

MOST_CHARACTERS = 2_000_000
MOST_NODES = 50_000
MOST_DEPTH = 40
MOST_DOCUMENTS = 2_000

INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]{1,18}(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
NOTHING = ("", "~", "null", "Null", "NULL")

# The loader of C does not look for a limit either, and is ten times faster.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str | bytes) -> list[Any]:
    """The objects of all documents in order; a document that is a list gives its items. Raises `Refused`."""
    decoded = _decoded(text)
    if len(decoded) > MOST_CHARACTERS:
        raise _wrong(_l("The file is larger than %(most)s characters.", most=MOST_CHARACTERS))
    found: list[Any] = []
    try:
        for document in _documents(yaml.parse(decoded, Loader=LOADER)):
            found += document if isinstance(document, list) else [document]
    except yaml.YAMLError as error:
        raise _wrong(_l("This is no YAML: %(why)s", why=_reason(error))) from None
    except RecursionError:
        raise _wrong(_too_deep()) from None
    if not found:
        raise _wrong(_l("There is no object in it."))
    return found


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    if len(text) > 4 * MOST_CHARACTERS:
        raise _wrong(_l("The file is larger than %(most)s characters.", most=MOST_CHARACTERS))
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(_l("The file is no UTF-8 text.")) from None


def _documents(events: Iterator[yaml.Event]) -> Iterator[Any]:
    """Nodes are counted and nested on a stack of our own, so that depth costs no recursion."""
    stack: list[tuple[Any, list[Any]]] = []  # container, and of a mapping the key that waits for its value
    root: list[Any] = []
    nodes = 0
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            root = []
        elif isinstance(event, yaml.DocumentEndEvent):
            if root and root[0] is not None:
                yield root[0]
        elif isinstance(event, yaml.AliasEvent):
            raise _wrong(_l("Anchors and aliases are not taken. Write it out."))
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            _check_limits(nodes, len(stack), documents)
            _check_tag(event)
            value = _start(event)
            _put(stack, root, value)
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append((value, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()


def _check_limits(nodes: int, depth: int, documents: int) -> None:
    if nodes > MOST_NODES or documents > MOST_DOCUMENTS:
        raise _wrong(_l("The file holds more than %(most)s values.", most=MOST_NODES))
    if depth > MOST_DEPTH:
        raise _wrong(_too_deep())


def _check_tag(event: yaml.NodeEvent) -> None:
    tag = getattr(event, "tag", None)
    if event.anchor is not None:
        raise _wrong(_l("Anchors and aliases are not taken. Write it out."))
    if tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _wrong(_l("Tags such as %(tag)s are not taken.", tag=tag))


def _start(event: yaml.NodeEvent) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return _scalar(event)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0] or event.style:
        return text
    if text in NOTHING:
        return None
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text


def _put(stack: list[tuple[Any, list[Any]]], root: list[Any], value: Any) -> None:
    if not stack:
        root.append(value)
        return
    container, waiting = stack[-1]
    if isinstance(container, list):
        container.append(value)
    elif waiting:
        container[waiting.pop()] = value
    else:
        key = _key(value)
        if key in container:
            raise _wrong(_l("%(key)s is named twice.", key=key))
        waiting.append(key)


def _key(value: Any) -> str:
    if isinstance(value, (dict, list)) or value is None:
        raise _wrong(_l("A name must be a text."))
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1})" if mark else ""
    return f"{getattr(error, 'problem', None) or 'unreadable'}{where}"[:300]


def _too_deep() -> object:
    return _l("It is nested deeper than %(most)s levels.", most=MOST_DEPTH)


def _wrong(why: object) -> Refused:
    return Refused(_l("Nothing was imported."), {"document": why})
