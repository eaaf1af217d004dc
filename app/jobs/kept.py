"""How long the rows of a table are kept. Pure: the list itself is in app/retention.py, above all features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_babel import LazyString


@dataclass(frozen=True)
class Kept:
    """Tables whose rows grow with time or traffic."""

    tables: tuple[str, ...]
    how_long: LazyString
    job: str = ""  # of the schedule, that removes what is older; "": nothing does, or the shop's worker
    is_shop: bool = False


@dataclass(frozen=True)
class Retention:
    kept: tuple[Kept, ...]
    bounded: frozenset[str]  # grow with what people set up, not with time
    bounded_in_shop: frozenset[str]

    def unlisted(self, tables: set[str], *, is_shop: bool) -> set[str]:
        """Tables that nobody has thought about yet."""
        listed = {name for one in self.kept if one.is_shop is is_shop for name in one.tables}
        return tables - listed - (self.bounded_in_shop if is_shop else self.bounded)
