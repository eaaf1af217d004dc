"""Published words of the shop: fetched, verified, kept on disk, replaced as a whole.

`Catalogs.start()` is called once in each process after it was forked: one thread polls the manifest at
CATALOGS_URL (one small answer for all locales; ETag, client token), fetches the releases that it names from
CATALOGS_URL/<locale>/<number>, and listens on Redis for a nudge, so that it need not wait for the next poll.
A control plane without a manifest is asked for each CATALOGS_URL/<locale> instead. Nothing here runs while a
shopper waits; `translations.py` shows the words on pages, `wording.py` says what a catalog is.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from redis.exceptions import RedisError

from config import StorefrontConfig
from storefront import logs, telemetry
from storefront.wording import (
    SHIPPED,
    Candidate,
    Catalog,
    Place,
    Rubbish,
    Snapshot,
    babel_code,
    published,
    shipped,
)

log = logging.getLogger(__name__)

CHANNEL = "backroom:catalogs"  # a nudge: the message is the locale that changed
MAX_BYTES = 16 * 2**20
MOST_LOCALES = 200
FETCH_TIMEOUT_SECONDS = 5
NUDGE_WAIT_SECONDS = 0.5  # how long a stop may take to be noticed
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
CANDIDATE = ".candidate"  # after the locale's code: the file of its candidate

Json = dict[str, Any]


class NoManifest(Exception):
    """The control plane speaks of each locale alone."""


class Catalogs:
    """All locales of one shop: `snapshot` is replaced as a whole and never changed in place."""

    def __init__(self, config: StorefrontConfig, root: Path = SHIPPED) -> None:
        self._config = config
        self._root = root
        self._folder = config.data_dir / "catalogs"
        self._shipped = {babel_code(locale): shipped(locale, root) for locale in config.locales}
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._manifest_etag = ""  # of the manifest that is followed in full
        self.snapshot = self._last_good()
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
        hooks = {"request": [logs.carry]}
        with httpx.Client(headers=headers, timeout=FETCH_TIMEOUT_SECONDS, event_hooks=hooks) as client:
            nudges = None
            while not self._stopping.is_set():
                nudges = nudges or _subscribe(redis)
                self.refresh(client)
                nudges = self._wait(client, nudges)
        redis.close()

    def _wait(self, client: httpx.Client, nudges: Any) -> Any:
        """Until the next poll is due, asking at once when nudged. None when Redis went away."""
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
                self.refresh(client)
        return nudges

    def refresh(self, client: httpx.Client) -> None:
        """Ask once. What cannot be fetched or verified stays as it was; nothing ends the thread."""
        with logs.begin(poll="catalogs"):
            self._refresh_all(client)

    def _refresh_all(self, client: httpx.Client) -> None:
        try:
            is_current = self._by_manifest(client)
        except NoManifest:
            is_current = self._by_locale(client)
        except httpx.HTTPError as error:
            log.warning("translations: the manifest was not fetched: %s", error or type(error).__name__)
            return
        except Rubbish as error:
            self._refuse("", error)
            return
        except Exception:  # a thread that ended would never show a release again
            log.exception("translations: asking failed")
            return
        if is_current:
            self._confirmed_at = time.time()

    # --- the manifest --------------------------------------------------------------------------------

    def _by_manifest(self, client: httpx.Client) -> bool:
        """Whether every locale is as the manifest says."""
        headers = {"If-None-Match": self._manifest_etag or "none"}
        with client.stream("GET", self._config.catalogs_url, headers=headers) as response:
            if response.status_code == 304:
                return True
            if response.status_code == 404:
                raise NoManifest
            response.raise_for_status()
            told, etag = _manifest(_body(response)), response.headers.get("ETag", "")
        taken = [self._take(client, locale, about) for locale, about in told.items()]
        all_well = all(taken)
        self._manifest_etag = etag if all_well else ""
        return all_well

    def _take(self, client: httpx.Client, locale: str, about: Json) -> bool:
        """Bring one locale to what the manifest says. False: it stays as it was."""
        code = babel_code(locale)
        base = self._shipped.get(code) or shipped(locale, self._root)
        self._shipped.setdefault(code, base)
        try:
            stable = self._wanted(client, base, about.get("stable")) or base
            offered = self._wanted(client, base, about.get("candidate"))
            candidate = _candidate(offered, about.get("candidate"))
        except httpx.HTTPError as error:
            log.warning("translations: %s was not fetched: %s", locale, error or type(error).__name__)
            return False
        except Rubbish as error:
            self._refuse(locale, error)
            return False
        fallback = about.get("fallback")
        place = Place(str(about.get("availability") or "on"), babel_code(fallback) if fallback else None)
        self._show(code, stable, candidate, place)
        return True

    def _wanted(self, client: httpx.Client, base: Catalog, about: Json | None) -> Catalog | None:
        if about is None:
            return None
        release, digest, length = _described_by(about)
        here = self.snapshot.find(babel_code(base.locale), release)
        if here is not None and here.etag == _etag(release, digest):
            return here
        address = f"{self._config.catalogs_url}/{base.locale}/{release}"
        with client.stream("GET", address) as response:
            response.raise_for_status()
            data = _body(response)
        found = published(base, release, _etag(release, digest), digest, data, length)
        name = babel_code(base.locale) + (CANDIDATE if "percent" in about else "")
        self._keep(name, {"release": release, "etag": found.etag, "sha256": digest, **about}, data)
        return found

    def _show(self, code: str, stable: Catalog, candidate: Candidate | None, place: Place) -> None:
        before = self.snapshot
        same = before.stable.get(code) is stable and before.candidates.get(code) == candidate
        if same and before.places.get(code, Place()) == place:
            return
        self.snapshot = before.showing(code, stable, candidate, place)
        if stable.release == 0:
            self._forget(code)
        if candidate is None:
            self._forget(code + CANDIDATE)
        elif (was := before.candidates.get(code)) is not None and was != candidate:
            self._keep_share(code, candidate)
        self._tell_releases()
        log.info(
            "translations: %s is at release %d%s",
            stable.locale,
            stable.release,
            f", {candidate.percent} % see {candidate.catalog.release}" if candidate else "",
        )

    def _refuse(self, locale: str, error: Rubbish) -> None:
        log.error("translations: a release for %s is refused: %s", locale or "all locales", error)
        telemetry.catalog_refused(locale, error.what)

    # --- a control plane without a manifest ----------------------------------------------------------

    def _by_locale(self, client: httpx.Client) -> bool:
        taken = [self._refresh(client, code) for code in map(babel_code, self._config.locales)]
        return all(taken)

    def _refresh(self, client: httpx.Client, code: str) -> bool:
        locale = self._shipped[code].locale
        try:
            found = self._fetch(client, code)
        except httpx.HTTPError as error:
            log.warning("translations: %s was not fetched: %s", locale, error or type(error).__name__)
            return False
        except Rubbish as error:
            self._refuse(locale, error)
            return False
        self._show(code, found, None, Place())
        return True

    def _fetch(self, client: httpx.Client, code: str) -> Catalog:
        """The catalog that is live. Raises `Rubbish` or httpx's errors."""
        base, current = self._shipped[code], self.snapshot[code]
        address = f"{self._config.catalogs_url}/{base.locale}"
        with client.stream("GET", address, headers={"If-None-Match": current.etag or "none"}) as response:
            if response.status_code == 304:
                return current
            if response.status_code == 404 and response.headers.get("Backroom-Release") == "0":
                return base
            response.raise_for_status()
            data = _body(response)
        release, etag, digest = _described(response)
        found = published(base, release, etag, digest, data)
        self._keep(code, {"release": release, "etag": etag, "sha256": digest}, data)
        return found

    # --- the disk ------------------------------------------------------------------------------------

    def _keep(self, name: str, about: Json, data: bytes) -> None:
        """One file a catalog, a line about it before its bytes; replaced whole, so that nobody reads half."""
        path = self._folder / name
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(json.dumps(about).encode() + b"\n" + data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            log.warning("translations: the last good catalog was not written: %s", error)

    def _keep_share(self, code: str, candidate: Candidate) -> None:
        try:
            about, _, data = (self._folder / (code + CANDIDATE)).read_bytes().partition(b"\n")
            told = {**json.loads(about), "percent": candidate.percent, "salt": candidate.salt}
        except (OSError, ValueError, TypeError):
            return  # it is fetched again after the next start
        self._keep(code + CANDIDATE, told, data)

    def _forget(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("translations: a catalog that is withdrawn stays on disk: %s", error)

    def _last_good(self) -> Snapshot:
        stable, candidates = {}, {}
        for code, base in self._shipped.items():
            found = self._read(base, code)
            stable[code] = found[0] if found else base
            beside = self._read(base, code + CANDIDATE)
            if beside is not None and (candidate := _candidate(*beside)) is not None:
                candidates[code] = candidate
        return Snapshot(stable, candidates)

    def _read(self, base: Catalog, name: str) -> tuple[Catalog, Json] | None:
        try:
            about, _, data = (self._folder / name).read_bytes().partition(b"\n")
            kept = json.loads(about)
            etag, digest = str(kept["etag"]), str(kept["sha256"])
            return published(base, int(kept["release"]), etag, digest, data), kept
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("translations: %s on disk is not used: %s", name, error)
            return None

    def _tell_releases(self) -> None:
        for found in self.snapshot.stable.values():
            telemetry.catalog_in_use(found.locale, found.release)


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
            raise Rubbish("size", "it is too large")
    return bytes(data)


def _manifest(data: bytes) -> dict[str, Json]:
    """What the manifest says of each locale."""
    try:
        told = json.loads(data)
        locales = {str(locale): dict(about) for locale, about in told["locales"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Rubbish("manifest", f"the manifest cannot be read: {error!r}") from error
    if len(locales) > MOST_LOCALES or not all(LOCALE.fullmatch(locale) for locale in locales):
        raise Rubbish("manifest", "the manifest names what is no locale")
    return locales


def _described_by(about: Json) -> tuple[int, str, int]:
    """Release number, sha-256 as hex and length, from the manifest."""
    try:
        return int(about["release"]), str(about["sha256"]), int(about["bytes"])
    except (ValueError, TypeError, KeyError) as error:
        raise Rubbish("manifest", f"a release lacks its number, checksum or size: {error}") from error


def _candidate(found: Catalog | None, about: Json | None) -> Candidate | None:
    if found is None or about is None:
        return None
    try:
        return Candidate(found, min(max(int(about["percent"]), 0), 100), str(about["salt"]))
    except (ValueError, TypeError, KeyError) as error:
        raise Rubbish("manifest", f"the manifest lacks a candidate's share or salt: {error}") from error


def _etag(release: int, digest: str) -> str:
    return f'"{release}-{digest[:16]}"'


def _described(response: httpx.Response) -> tuple[int, str, str]:
    """Release number, ETag and the sha-256 as hex, from the headers."""
    digest = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", response.headers.get("Content-Digest", ""))
    release = response.headers.get("Backroom-Release", "")
    if digest is None or not release.isdecimal():
        raise Rubbish("checksum", "the answer lacks a checksum or a release number")
    try:
        return int(release), response.headers.get("ETag", ""), base64.b64decode(digest[1]).hex()
    except ValueError as error:
        raise Rubbish("checksum", "the checksum cannot be read") from error
