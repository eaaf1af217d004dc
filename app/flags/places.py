"""Which environments there are, for every page: read when flags changed, not each time."""

from __future__ import annotations

from collections.abc import Sequence

from app.db import Sessions, transaction
from app.errors import Unavailable
from app.flags import queries
from app.flags.commands import ENVIRONMENTS
from app.flags.feed import DEPENDENCY, Feed


class Places:
    def __init__(self, sessions: Sessions, feed: Feed) -> None:
        self._sessions, self._feed = sessions, feed
        self._known: tuple[int | None, Sequence[str]] = (None, [name for name, *_ in ENVIRONMENTS])

    def __call__(self) -> Sequence[str]:
        """Names of those in use, in the order of pages; the last known while the database is away."""
        heard = self._feed.heard_revision()
        revision, names = self._known
        if heard is not None and heard == revision:
            return names
        try:
            with transaction(self._sessions, DEPENDENCY) as session:
                self._known = heard, queries.environments(session)
        except Unavailable:
            return names
        return self._known[1]
