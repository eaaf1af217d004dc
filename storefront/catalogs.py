"""Published words of the shop: fetched, verified, kept on disk, replaced as a whole.

`Catalogs.start()` is called once in each process after it was forked: one thread polls
CATALOGS_URL/<locale> (ETag, client token) and listens on Redis for a nudge, so that it need not wait for
the next poll. Nothing here runs while a shopper waits; `translations.py` shows the words on pages.

What a shopper reads is the first of: the release that is published, the last good one on disk, the
translation that ships, the source text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations
from redis import Redis
from redis.exceptions import RedisError

from config import StorefrontConfig
from storefront import telemetry

log = logging.getLogger(__name__)

DOMAIN = "storefront"
SHIPPED = Path(__file__).parents[1] / "translations"
SOURCE_LOCALE = "en"  # the language of the msgids
CHANNEL = "backroom:catalogs"  # a nudge: the message is the locale that changed
MAX_BYTES = 16 * 2**20
FETCH_TIMEOUT_SECONDS = 5
NUDGE_WAIT_SECONDS = 0.5  # how long a stop may take to be noticed
# A plural rule is tried on these before a catalog is shown: `n/0` loads and raises at lookup.
PLURAL_SAMPLES = (*range(201), 1_000_000)


class Rubbish(ValueError):
    """A catalog that must not be shown; the message says why."""


@dataclass(frozen=True)
class Catalog:
    """The words of one locale. Built off the request path and never changed afterwards."""

    locale: str  # as in addresses: pt-BR
    release: int  # 0: what ships
    etag: str  # as the control plane sent it; empty: what ships
    words: NullTranslations


Snapshot = Mapping[str, Catalog]  # by Babel's code: pt_BR


class _SourceText(NullTranslations):
    """Asked last: answers with the source text and counts that a translation was missing."""

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale

    def ugettext(self, message: str) -> str:
        telemetry.translation_fallback(self._locale)
        return message

    def ungettext(self, msgid1: str, msgid2: str, n: float) -> str:
        telemetry.translation_fallback(self._locale)
        return msgid1 if n == 1 else msgid2

    def upgettext(self, context: str, message: str) -> str:
        return self.ugettext(message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        return self.ungettext(singular, plural, num)

    gettext, ngettext = ugettext, ungettext


def babel_code(locale: str) -> str:
    return locale.replace("-", "_")


def parse(locale: str, data: bytes) -> Translations:
    """Compiled words (.mo) that are safe to look up. Raises `Rubbish`."""
    try:
        words = Translations(BytesIO(data), domain=DOMAIN)
        forms = {words.plural(n) for n in PLURAL_SAMPLES}
        language = words.info().get("language", "")
    except Exception as error:  # the format has no errors of its own: struct, Unicode, index, zero division …
        raise Rubbish(f"not a compiled catalog: {error!r}") from error
    if min(forms) < 0:
        raise Rubbish("the plural rule answers below zero")
    if language and babel_code(language) != babel_code(locale):
        raise Rubbish(f"the catalog is for {language}")
    return words


def shipped(locale: str, root: Path = SHIPPED) -> Catalog:
    """What is in the package: the .po, else the .mo, else nothing but source texts."""
    last = NullTranslations() if locale == SOURCE_LOCALE else _SourceText(locale)
    source = root / babel_code(locale) / "LC_MESSAGES" / f"{DOMAIN}.po"
    try:
        data = _compiled(source) if source.exists() else source.with_suffix(".mo").read_bytes()
        words: NullTranslations = parse(locale, data)
    except FileNotFoundError:
        return Catalog(locale, 0, "", last)
    except (OSError, PoFileError, ValueError) as error:
        log.error("translations: %s cannot be read: %s", source, error)
        return Catalog(locale, 0, "", last)
    words.add_fallback(last)
    return Catalog(locale, 0, "", words)


def _compiled(source: Path) -> bytes:
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def published(base: Catalog, release: int, etag: str, digest: str, data: bytes) -> Catalog:
    """A verified release over what ships. `digest`: sha-256 as hex. Raises `Rubbish`."""
    if hashlib.sha256(data).hexdigest() != digest:
        raise Rubbish("the checksum differs")
    words = parse(base.locale, data)
    words.add_fallback(base.words)
    return Catalog(base.locale, release, etag, words)


class Catalogs:
    """All locales of one shop: `snapshot` is replaced as a whole and never changed in place."""

    def __init__(self, config: StorefrontConfig, root: Path = SHIPPED) -> None:
        self._config = config
        self._folder = config.data_dir / "catalogs"
        self._shipped = {babel_code(locale): shipped(locale, root) for locale in config.locales}
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.snapshot: Snapshot = {code: self._last_good(base) for code, base in self._shipped.items()}
        self._confirmed_at: float | None = None  # unix time of the last poll in which every locale answered

    def age_seconds(self) -> float | None:
        """Seconds since every locale was last known to be current; None: never in this process."""
        return None if self._confirmed_at is None else max(0.0, time.time() - self._confirmed_at)

    def start(self) -> None:
        """Poll in this process; does nothing where no control plane is configured."""
        self._tell_releases()
        if not (self._config.catalogs_url and self._config.flags_token) or self._thread is not None:
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="catalogs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        self._stopping.set()
        if thread is not None:
            thread.join(FETCH_TIMEOUT_SECONDS)

    def _follow(self) -> None:
        redis = Redis.from_url(self._config.redis_url, socket_connect_timeout=1, decode_responses=True)
        headers = {"Authorization": self._config.flags_token}
        with httpx.Client(headers=headers, timeout=FETCH_TIMEOUT_SECONDS) as client:
            nudges = None
            while not self._stopping.is_set():
                nudges = nudges or _subscribe(redis)
                self.refresh(client)
                nudges = self._wait(client, nudges)
        redis.close()

    def _wait(self, client: httpx.Client, nudges: Any) -> Any:
        """Until the next poll is due, fetching at once what a nudge names. None when Redis went away."""
        due = time.monotonic() + self._config.catalogs_poll_seconds
        while not self._stopping.is_set() and (left := due - time.monotonic()) > 0:
            if nudges is None:
                self._stopping.wait(left)
                return None
            try:
                nudge = nudges.get_message(timeout=min(left, NUDGE_WAIT_SECONDS))
            except (RedisError, OSError):
                nudges = None
                continue
            if nudge is not None and nudge["type"] == "message":
                self.refresh(client, babel_code(str(nudge["data"])))
        return nudges

    def refresh(self, client: httpx.Client, code: str | None = None) -> None:
        """Ask for one locale or for all. What cannot be fetched or verified stays as it was."""
        codes = [code] if code else list(self._shipped)
        answered = [self._refresh(client, each) for each in codes if each in self._shipped]
        if code is None and all(answered):
            self._confirmed_at = time.time()

    def _refresh(self, client: httpx.Client, code: str) -> bool:
        locale = self._shipped[code].locale
        try:
            catalog = self._fetch(client, code)
        except httpx.HTTPError as error:
            log.warning("translations: %s was not fetched: %s", locale, error or type(error).__name__)
            return False
        except Rubbish as error:
            log.error("translations: a release for %s is refused: %s", locale, error)
            telemetry.translation_failure(locale)
            return False
        if catalog is not None:
            self.snapshot = {**self.snapshot, code: catalog}
            self._tell_releases()
            log.info("translations: %s is at release %d", locale, catalog.release)
        return True

    def _fetch(self, client: httpx.Client, code: str) -> Catalog | None:
        """A newer catalog, or None when this one is current. Raises `Rubbish` or httpx's errors."""
        base, current = self._shipped[code], self.snapshot[code]
        address = f"{self._config.catalogs_url}/{base.locale}"
        with client.stream("GET", address, headers={"If-None-Match": current.etag or "none"}) as response:
            if response.status_code == 304:
                return None
            if response.status_code == 404 and response.headers.get("Backroom-Release") == "0":
                return self._withdrawn(code)
            response.raise_for_status()
            data = _body(response)
        release, etag, digest = _described(response)
        catalog = published(base, release, etag, digest, data)
        self._keep(catalog, digest, data)
        return catalog

    def _withdrawn(self, code: str) -> Catalog | None:
        """The control plane says that nothing is published: back to what ships."""
        if self.snapshot[code].release == 0:
            return None
        (self._folder / code).unlink(missing_ok=True)
        return self._shipped[code]

    def _keep(self, catalog: Catalog, digest: str, data: bytes) -> None:
        """One file a locale, a line about it before its bytes; replaced whole, so that nobody reads half."""
        about = json.dumps({"release": catalog.release, "etag": catalog.etag, "sha256": digest})
        path = self._folder / babel_code(catalog.locale)
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(about.encode() + b"\n" + data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            log.warning("translations: the last good catalog was not written: %s", error)

    def _last_good(self, base: Catalog) -> Catalog:
        path = self._folder / babel_code(base.locale)
        try:
            about, _, data = path.read_bytes().partition(b"\n")
            kept = json.loads(about)
            return published(base, int(kept["release"]), str(kept["etag"]), str(kept["sha256"]), data)
        except FileNotFoundError:
            return base
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("translations: %s on disk is not used: %s", base.locale, error)
            return base

    def _tell_releases(self) -> None:
        for catalog in self.snapshot.values():
            telemetry.catalog_in_use(catalog.locale, catalog.release)


def _subscribe(redis: Redis) -> Any:
    """None where Redis is down: polling goes on without nudges."""
    try:
        nudges = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        nudges.subscribe(CHANNEL)
    except (RedisError, OSError):
        return None
    return nudges


def _body(response: httpx.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise Rubbish("it is too large")
    return bytes(data)


def _described(response: httpx.Response) -> tuple[int, str, str]:
    """Release number, ETag and the sha-256 as hex, from the headers."""
    digest = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", response.headers.get("Content-Digest", ""))
    release = response.headers.get("Backroom-Release", "")
    if digest is None or not release.isdecimal():
        raise Rubbish("the answer lacks a checksum or a release number")
    try:
        return int(release), response.headers.get("ETag", ""), base64.b64decode(digest[1]).hex()
    except ValueError as error:
        raise Rubbish("the checksum cannot be read") from error
