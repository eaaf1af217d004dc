"""A candidate release over recorded traffic: stepped up when it does no harm, halted when it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.locales import commands as words_commands
from app.locales.models import Message, Translation
from app.locales.releases import commands as releases
from app.locales.releases import delivery
from app.locales.releases import queries as release_queries
from app.locales.states import APPROVED
from app.rollouts import commands as rollouts
from app.timeline.models import TimelineEntry
from app.word_releases import commands, jobs, queries, words
from app.word_releases.share_plan import SharePlan, ShareStep
from tests import words as files
from tests.reporting import prepare

WHO = "translator@house.test"
LOOK = timedelta(seconds=20)
LENGTH = timedelta(minutes=10)
PLAN = SharePlan((ShareStep(25, 3), ShareStep(50, 3)))

_VISITORS = text("""
    INSERT INTO usage_events (event_id, at, session_id, visitor_id, kind, path, locale, country, device,
                              flags, release, bucket)
    SELECT gen_random_uuid(), :at, :wave || n, :wave || n, 'page_view', '/', 'de', 'DE', 'desktop', '{}',
           :release, :bucket
    FROM generate_series(1, :count) AS n
""")
_ORDERS = text("""
    INSERT INTO orders (key, status, placed_at, paid_at, currency, gross_cents, discount_cents,
        shipping_cents, tax_cents, tax_rate_bp, total_cents, email, name, street, city, postcode, country,
        locale, device, visitor_id, session_id, release, bucket)
    SELECT :wave || n, 'paid', :at, :at, 'EUR', 1000, 0, 0, 0, 1900, 1000, 'a', 'A', 'S', 'C', '1', 'DE',
           'de', 'desktop', :wave || n, :wave || n, :release, :bucket
    FROM generate_series(1, :count) AS n
""")


@pytest.fixture
def edit(control_session, tmp_path: Path, now) -> Callable[[str], None]:
    """`edit("Korb")`: Cart is called so, approved; release 1 says Warenkorb."""
    root = tmp_path / "translations"
    files.ship(root, "de", {"Cart": "Warenkorb", "Checkout": "Zur Kasse"})
    words_commands.load_shipped(control_session, root, now)
    message = control_session.scalars(select(Message.id).where(Message.msgid == "Cart")).one()

    def write(cart: str) -> None:
        row = control_session.get(Translation, (message, "de"))
        words_commands.save(control_session, "de", message, [cart], APPROVED, row.revision, WHO, now)
        control_session.commit()

    write("Warenkorb!")
    releases.publish(control_session, "de", "", WHO, now - timedelta(hours=1))
    control_session.commit()
    return write


@pytest.fixture
def started(control_session, edit, now) -> datetime:
    """When the candidate, release 2, was shown to a quarter."""
    edit("Korb")
    at = now - LENGTH
    commands.start(control_session, "de", "a shorter word", PLAN, WHO, at)
    control_session.commit()
    return at


@pytest.fixture
def shoppers(shop_sessions, started) -> Callable[[float, float], None]:
    """`shoppers(0.2, 0.2)`: so many of each bucket buy, while a quarter and then a half see the candidate."""

    def come(of_candidate: float, of_stable: float) -> None:
        with shop_sessions.begin() as session:
            prepare(session, started, started)
            for minutes, candidates in ((0.5, 300), (5.0, 600)):
                at = started + timedelta(minutes=minutes)
                for bucket, release, count, share in (
                    ("candidate", 2, candidates, of_candidate),
                    ("stable", 1, 1_200 - candidates, of_stable),
                ):
                    about = {"bucket": bucket, "release": release, "wave": f"{minutes}-{bucket}-"}
                    session.execute(_VISITORS, {**about, "at": at, "count": count})
                    bought = {"at": at + timedelta(seconds=5), "count": int(count * share)}
                    session.execute(_ORDERS, {**about, **bought})

    return come


def recorded(end: datetime, bad: dict[tuple[str, str], float]) -> str:
    """OpenMetrics of ten minutes, scraped every ten seconds; `bad`: the share by bucket and journey."""
    journeys, troubles = [], []
    for bucket, by_scrape in (("candidate", 10), ("stable", 30)):
        for journey in ("browse", "checkout", "fallbacks", "failures"):
            share = bad.get((bucket, journey), 0.0)
            labels = f'locale="de",bucket="{bucket}",journey="{journey}",instance="shop"'
            for outcome in ("good", "bad"):
                part = share if outcome == "bad" else 1 - share
                journeys += [
                    f'shop_words_journeys_total{{{labels},outcome="{outcome}"}} '
                    f"{int(number * by_scrape * part)} {(end - LENGTH).timestamp() + 10 * number}"
                    for number in range(62)
                ]
            troubles += [
                f"shop_words_troubles_total{{{labels}}} {int(number * by_scrape * share)} "
                f"{(end - LENGTH).timestamp() + 10 * number}"
                for number in range(62)
            ]
    return "\n".join(
        ["# TYPE shop_words_journeys counter", *journeys, "# TYPE shop_words_troubles counter", *troubles]
    )


@pytest.fixture
def watched(control_sources, prometheus, started, now) -> Callable[..., str]:
    """`watched({("candidate", "browse"): 0.2})` → how the candidate fared, looked at for ten minutes."""

    def look(bad: dict[tuple[str, str], float] | None = None, until: timedelta = LENGTH) -> str:
        prometheus.load(recorded(now, bad or {}))
        at = started
        while at <= started + until:
            with control_sources.control.begin() as session:
                jobs.decide(session, at, control_sources)
            at += LOOK
        with control_sources.control() as session:
            row = queries.latest(session, "de")
            return row.outcome or row.state

    return look


def manifest(session) -> dict[str, object]:
    session.rollback()
    return delivery.manifest(session)["locales"]["de"]


def decisions(session) -> list[tuple[str, str]]:
    row = queries.latest(session, "de")
    return [(one.action, one.code) for one in reversed(queries.decisions(session, row.id))]


def test_a_candidate_without_harm_is_stepped_up_and_shown_to_all(
    watched, shoppers, control_session, control_config
) -> None:
    shoppers(0.2, 0.2)
    assert watched() == "finished"
    assert manifest(control_session)["stable"]["release"] == 2
    assert manifest(control_session)["candidate"] is None
    said = decisions(control_session)
    assert said[0] == ("stay", "started")
    assert ("advance", "good") in said
    assert said[-1] == ("finish", "good")


def test_a_drop_of_conversion_in_the_candidate_halts_it_and_tells_who_published(
    watched, shoppers, control_session, control_sources, control_config, now
) -> None:
    shoppers(0.02, 0.2)
    assert watched() == "rolled_back"
    assert manifest(control_session)["candidate"] is None
    assert manifest(control_session)["stable"]["release"] == 1
    row = queries.latest(control_session, "de")
    assert row.reason["about"]["guards"] == ["conversion"]
    titles = control_session.scalars(select(TimelineEntry.title)).all()
    assert any("halted: conversion" in title for title in titles)
    with control_sources.control.begin() as session:
        jobs.tell(session, now, control_sources)
    mails = [path.read_text() for path in control_config.mail_dir.glob("*.eml")]
    assert any("Conversion" in mail and WHO in mail for mail in mails)


def test_the_same_drop_in_both_buckets_halts_nothing(watched, shoppers, control_session) -> None:
    shoppers(0.02, 0.02)
    assert watched() == "finished"


def test_failures_of_the_candidate_alone_halt_it(watched, shoppers, control_session) -> None:
    shoppers(0.2, 0.2)
    assert watched({("candidate", "checkout"): 0.2}) == "rolled_back"
    assert queries.latest(control_session, "de").reason["about"]["guards"] == ["errors:checkout"]


def test_failures_in_both_buckets_freeze_it_and_say_so(watched, shoppers, control_session) -> None:
    shoppers(0.2, 0.2)
    same = {(bucket, "browse"): 0.2 for bucket in ("candidate", "stable")}
    assert watched(same) == "running"
    assert ("freeze", "both_suffer") in decisions(control_session)
    assert manifest(control_session)["candidate"]["percent"] == 25


def test_a_freeze_of_all_rollouts_holds_it(watched, shoppers, control_session, started) -> None:
    shoppers(0.2, 0.2)
    rollouts.freeze(control_session, "the warehouse moves", started, WHO)
    control_session.commit()
    assert watched() == "running"
    assert ("freeze", "frozen") in decisions(control_session)
    row = queries.latest(control_session, "de")
    assert "Frozen" in words.reason(row.reason["action"], row.reason["code"], row.reason["about"], 25)
    assert manifest(control_session)["candidate"]["percent"] == 25


def test_harm_halts_it_in_spite_of_a_freeze(watched, shoppers, control_session, started) -> None:
    shoppers(0.02, 0.2)
    rollouts.freeze(control_session, "the warehouse moves", started, WHO)
    control_session.commit()
    assert watched() == "rolled_back"


def test_texts_that_only_the_candidate_lacks_halt_it(watched, shoppers, control_session) -> None:
    shoppers(0.2, 0.2)
    assert watched({("candidate", "fallbacks"): 0.3}) == "rolled_back"
    assert queries.latest(control_session, "de").reason["about"]["guards"] == ["errors:fallbacks"]


def test_texts_that_both_lack_halt_nothing_and_freeze_nothing(watched, shoppers, control_session) -> None:
    shoppers(0.2, 0.2)
    same = {(bucket, "fallbacks"): 0.9 for bucket in ("candidate", "stable")}
    assert watched(same) == "finished"
    assert ("freeze", "both_suffer") not in decisions(control_session)


def test_without_enough_shoppers_it_waits_and_never_calls_it_well(watched, control_session) -> None:
    assert watched() == "running"
    row = queries.latest(control_session, "de")
    assert words.verdict(row.verdicts) in ("early", "silent")
    assert row.reason["code"] in ("exposures", "no_exposures")
    assert manifest(control_session)["candidate"]["percent"] == 25


def test_without_figures_nothing_moves(watched, shoppers, control_session, control_sources, started) -> None:
    shoppers(0.2, 0.2)
    for second in range(0, 400, 20):
        with control_sources.control.begin() as session:
            jobs.decide(session, started + timedelta(seconds=second), control_sources)
    row = queries.latest(control_session, "de")
    assert (row.state, row.step, row.reason["code"]) == ("running", 0, "blind")


def test_going_back_ends_the_candidate(watched, started, control_session, control_sources, now) -> None:
    releases.make_live(control_session, "de", 0, WHO, now)
    control_session.commit()
    with control_sources.control.begin() as session:
        jobs.decide(session, now, control_sources)
    assert queries.latest(control_session, "de").outcome == "aborted"
    assert release_queries.live(control_session, "de") is None


def test_a_share_set_by_hand_waits_for_a_person(
    watched, shoppers, started, control_session, control_sources
) -> None:
    shoppers(0.2, 0.2)
    commands.set_share(control_session, "de", 25, WHO, started + timedelta(seconds=1))
    control_session.commit()
    assert watched(until=timedelta(minutes=4)) == "running"
    assert queries.latest(control_session, "de").reason["code"] == "by_hand"
    assert manifest(control_session)["candidate"]["percent"] == 25


def test_people_show_steer_and_withdraw_a_candidate_by_page_and_api(signed_in, edit, control_session) -> None:
    edit("Korb")
    desk = signed_in("translator")
    assert "Show a candidate" in desk.get("/locales/de/candidate").text
    shown = desk.post("/locales/de/candidate", data={"steps": "5 60, 25 360", "note": "shorter"})
    assert shown.status_code == 303
    told = desk.get("/api/v1/locales/de/candidate").get_json()
    assert (told["candidate"], told["percent"], told["verdict"]) == (2, 5, "early")
    page = desk.get("/locales/de/candidate").text
    assert "not enough data" in page
    assert "5%" in page.replace("\xa0", "")
    assert desk.post("/locales/de/publish", data={}).status_code in (409, 422)
    assert desk.post("/locales/de/candidate/share", data={"percent": "40"}).status_code == 303
    assert manifest(control_session)["candidate"]["percent"] == 40
    assert desk.post("/locales/de/candidate/share", data={"percent": "140"}).status_code == 422
    assert desk.post("/locales/de/candidate/withdraw").status_code == 303
    assert manifest(control_session)["candidate"] is None
    assert desk.post("/locales/de/candidate/withdraw").status_code == 409
    again = desk.post("/locales/de/candidate", data={"steps": "5 60", "release": "2"})
    assert again.status_code == 303
    assert desk.post("/locales/de/candidate/promote").status_code == 303
    assert manifest(control_session)["stable"]["release"] == 2
    assert signed_in("viewer").post("/locales/de/candidate/withdraw").status_code == 403


def test_a_candidate_is_steered_by_the_api(signed_in, control_session, edit) -> None:
    desk, url = signed_in("translator"), "/api/v1/locales/de/candidate"
    edit("Korb")
    for wrong in ([{"percent": 101}], [{"percent": 5, "minutes": -1}], []):
        assert desk.post(url, json={"steps": wrong}).status_code == 422
    for contradicting in ([{"percent": 50}, {"percent": 5}], [{"percent": 100}]):
        assert desk.post(url, json={"steps": contradicting}).status_code == 409
    assert desk.post(url, json={"release": 99}).status_code == 404
    assert desk.post("/api/v1/locales/xx/candidate").status_code == 404
    made = desk.post(url, json={"steps": [{"percent": 10, "minutes": 5}], "note": "shorter"})
    assert (made.status_code, made.headers["Location"]) == (201, url)
    assert made.get_json()["steps"] == [{"percent": 10, "minutes": 5}]
    assert desk.post(url).status_code == 409
    assert desk.patch(url, json={"percent": 40}).get_json()["percent"] == 40
    assert desk.delete(url).status_code == 204
    assert desk.get(url).get_json()["outcome"] == "rolled_back"
