"""Files of translations as they ship, and catalogs as they are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.locales.catalog import Entry, compiled

PLURALS = {
    "en": "nplurals=2; plural=(n != 1);",
    "de": "nplurals=2; plural=(n != 1);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 :"
    " n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "pt-BR": "nplurals=2; plural=(n > 1);",
}
Words = Mapping[str | tuple[str, str], str | Sequence[str]]


def ship(
    root: Path, locale: str, words: Words, *, fuzzy: Sequence[str] = (), plurals: str | None = None
) -> Path:
    """Write `<root>/<locale>/LC_MESSAGES/storefront.po`; a key of two is a message with a plural."""
    folder = root / locale.replace("-", "_") / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    header = [
        'msgid ""',
        'msgstr ""',
        f'"Language: {locale.replace("-", "_")}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        f'"Plural-Forms: {plurals or PLURALS[locale]}\\n"',
    ]
    blocks = ["\n".join(header)]
    for number, (key, text) in enumerate(words.items(), start=1):
        blocks.append("\n".join(_entry(number, key, text, key in fuzzy)))
    path = folder / "storefront.po"
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return path


def _entry(number: int, key: str | tuple[str, str], text: str | Sequence[str], is_fuzzy: bool) -> list[str]:
    ids = (key,) if isinstance(key, str) else key
    flags = [
        flag
        for flag, is_so in (("fuzzy", is_fuzzy), ("python-format", any("%(" in each for each in ids)))
        if is_so
    ]
    lines = [f"#: cart/templates/cart.html:{number}"]
    lines += [f"#, {', '.join(flags)}"] if flags else []
    lines.append(f'msgid "{_quoted(ids[0])}"')
    if isinstance(text, str):
        return [*lines, f'msgstr "{_quoted(text)}"']
    lines.append(f'msgid_plural "{_quoted(ids[1])}"')
    return lines + [f'msgstr[{index}] "{_quoted(form)}"' for index, form in enumerate(text)]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def mo(locale: str, words: Words, plurals: str | None = None) -> bytes:
    entries = [
        Entry(key, None, "", (text,)) if isinstance(key, str) else Entry(key[0], key[1], "", tuple(text))
        for key, text in words.items()
        if isinstance(text, str) or not isinstance(key, str)
    ]
    return compiled(locale, plurals or PLURALS[locale], entries)
