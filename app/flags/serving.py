"""The parts of a process that serve SDKs, put together once an app; `start` is called after the fork."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.db import Sessions, transaction
from app.errors import Unauthenticated
from app.flags.feed import DEPENDENCY, Feed
from app.flags.front import Front
from app.flags.listener import Listener
from app.flags.places import Places
from app.flags.streams import Streams
from app.flags.tally import Tally
from app.flags.wire import CURRENT_SPEC, Query, query_of
from app.guards import Token, token
from app.sources import Sources
from app.ui import scope

EXTENSION = "flags_serving"
InForce = Callable[[Session, str, datetime], bool]  # whether an Authorization header is good at a moment


@dataclass(frozen=True)
class Serving:
    feed: Feed
    listener: Listener
    tally: Tally
    streams: Streams
    front: Front
    sessions: Sessions
    in_force: InForce
    fetch_mode: str  # polling, streaming: what SDKs that heed it are told to do; empty: nothing

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """Headers of answers to polls."""
        return hints_of(self.fetch_mode)

    def lets_in(self, authorization: str) -> bool:
        """Asks the database; raises `Unavailable`."""
        with transaction(self.sessions, DEPENDENCY) as session:
            return self.in_force(session, authorization, clock.now())

    def start(self) -> None:
        """Hear of changes, and write what SDKs report in the background. In a forked process, not before."""
        self.listener.start()
        self.tally.start()

    def end_streams(self) -> None:
        """From a signal handler, which must take no lock itself."""
        threading.Thread(target=self.feed.close, name="flags-close").start()

    def stop(self) -> None:
        self.listener.stop()
        self.feed.close()
        self.tally.stop()


def init_app(app: Flask, sources: Sources, in_force: InForce) -> None:
    sessions, fetch_mode = sources.control, sources.config.flag_fetch_mode
    feed, tally = Feed(sessions), Tally(sessions)
    front = Front(app.wsgi_app, feed, tally, sources.config.flag_origins, hints_of(fetch_mode))
    app.wsgi_app = front  # type: ignore[method-assign]
    app.extensions[scope.EXTENSION] = Places(sessions, feed)
    listener = Listener(sessions, feed)
    app.extensions[EXTENSION] = Serving(
        feed, listener, tally, Streams(), front, sessions, in_force, fetch_mode
    )


def hints_of(fetch_mode: str) -> Sequence[tuple[str, str]]:
    """An SDK that polls changes to streaming by a header; back to polling by an event of its stream."""
    return (("fetch-mode", fetch_mode),) if fetch_mode == "streaming" else ()


def serving_of(app: Flask) -> Serving:
    found: Serving = app.extensions[EXTENSION]
    return found


def serving() -> Serving:
    return serving_of(current_app)


def sdk_token() -> Token:
    """Of the SDK that asks."""
    sender = token()
    if sender is None:
        raise Unauthenticated(_l("Send a token in the Authorization header."))
    return sender


def sdk_query() -> Query:
    """All that the token of the SDK that asks may see."""
    found = sdk_token()
    return query_of(found.environment, [], "", [], allowed=found.projects, spec=CURRENT_SPEC)


def tagged(response: Response) -> Response:
    """With an ETag that stands for its bytes; 304 without them where the sender has them already."""
    etag = hashlib.sha256(response.get_data()).hexdigest()[:32]
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(etag)
    if request.if_none_match.contains_weak(etag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
    return response
