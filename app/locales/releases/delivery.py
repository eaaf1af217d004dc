"""What the shop is told of releases: one small manifest of all locales, and the bytes of each release."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.locales.models import Locale
from app.locales.releases.models import CandidateRelease, LiveRelease, Release

Json = dict[str, Any]


def etag(release: Release) -> str:
    """The same release has the same ETag whenever it is live."""
    return f"{release.number}-{release.sha256[:16]}"


def manifest(session: Session) -> Json:
    """All locales: what is live, what a share sees beside it, and one version of the whole."""
    candidate = aliased(Release)
    rows = session.execute(
        select(
            Locale.code,
            Locale.availability,
            Locale.fallback,
            Release,
            func.octet_length(Release.catalog).label("size"),
            CandidateRelease,
            candidate,
            func.octet_length(candidate.catalog).label("candidate_size"),
        )
        .select_from(Locale)
        .outerjoin(LiveRelease, LiveRelease.locale == Locale.code)
        .outerjoin(Release, Release.id == LiveRelease.release_id)
        .outerjoin(CandidateRelease, CandidateRelease.locale == Locale.code)
        .outerjoin(candidate, candidate.id == CandidateRelease.release_id)
        .order_by(Locale.code)
    )
    locales = {
        code: {
            "availability": availability,
            "fallback": fallback,
            "stable": _described(stable, size),
            "candidate": _offered(share, release, candidate_size),
        }
        for code, availability, fallback, stable, size, share, release, candidate_size in rows
    }
    return {"version": _version(locales), "locales": locales}


def _described(release: Release | None, size: int | None) -> Json | None:
    if release is None:
        return None
    return {"release": release.number, "sha256": release.sha256, "bytes": size}


def _offered(share: CandidateRelease | None, release: Release | None, size: int | None) -> Json | None:
    described = _described(release, size)
    if share is None or described is None:
        return None
    return {**described, "percent": share.percent, "salt": share.salt}


def _version(locales: Json) -> str:
    return hashlib.sha256(json.dumps(locales, sort_keys=True).encode()).hexdigest()[:16]
