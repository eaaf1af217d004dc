"""Errors are grouped by what broke, not by where a line stands or what somebody had typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.error_reports import reading
from app.error_reports.words import flags_shared, headline
from app.failures import Failure, PerAddress, Waiting, normal, of_browser, of_exception, told

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def raised(source: str, argument: object = None) -> Exception:
    """What a module of ours raises whose source this is."""
    module = ModuleType("app.somewhere")
    exec(compile(source, "<somewhere>", "exec"), vars(module))
    try:
        module.work(argument)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


PLAIN = "def work(x):\n    return {}[x]\n"


def test_a_line_more_above_changes_nothing():
    assert of_exception(raised(PLAIN, "a")) == of_exception(raised("import os\n\n\n# more\n" + PLAIN, "a"))


@given(st.text(), st.text())
def test_another_value_is_the_same_error(one, other):
    assert of_exception(raised(PLAIN, one)).fingerprint == of_exception(raised(PLAIN, other)).fingerprint


def test_another_function_or_another_type_is_another_error():
    found = {
        of_exception(raised(source, "a")).fingerprint
        for source in (
            PLAIN,
            PLAIN.replace("{}[x]", "int(x)"),
            "def other(x):\n    return {}[x]\nwork = other\n",
        )
    }
    assert len(found) == 3


def test_depth_of_recursion_is_no_difference():
    deep = "def work(n):\n    return work(n - 1) if n else 1 / 0\n"
    assert of_exception(raised(deep, 3)).fingerprint == of_exception(raised(deep, 9)).fingerprint


def test_an_error_says_its_place_and_hides_secrets():
    error = raised("def work(x):\n    raise RuntimeError('no charge for 4242424242424242, token=abcdefgh')\n")
    failure = of_exception(error)
    assert failure.place == "app.somewhere.work"
    for text in (failure.message, told(error)):
        assert "424242424242" not in text
        assert "abcdefgh" not in text
    assert "RuntimeError" in told(error)


def test_a_message_without_what_varies():
    assert normal("order 17 of 'ada' at 0x7f12 failed") == normal("order 99 of 'bob' at 0xffee failed")


# --- storms ---------------------------------------------------------------------------------------------


def failure(name: str) -> Failure:
    return Failure(name, "KeyError", "'a'", "app.x", "")


def note(waiting: Waiting, name: str, at: datetime, person: str = "") -> bool:
    return waiting.note(failure(name), "shop", "r1", {"route": "/"}, person, at)


def test_a_storm_is_counted_exactly_and_kept_in_few_samples():
    waiting = Waiting(samples_a_minute=10)
    for nth in range(5_000):
        note(waiting, "a", NOW, f"person {nth % 3}")
    reports = waiting.take("r1")
    assert sum(report.count for report in reports) == 5_000
    assert len(reports) == 11
    assert {person for report in reports for person in report.people} == {"person 0", "person 1", "person 2"}
    assert waiting.take("r1") == []


def test_the_next_minute_keeps_samples_again():
    waiting = Waiting(samples_a_minute=1)
    for seconds in (0, 1, 61):
        note(waiting, "a", NOW + timedelta(seconds=seconds))
    assert [bool(report.request) for report in waiting.take("r1")] == [True, True, False]


def test_more_kinds_of_errors_than_there_is_room_for_are_counted_as_dropped():
    waiting = Waiting(most_groups=3)
    assert [note(waiting, name, NOW) for name in "abcd"] == [True, True, True, False]
    assert waiting.dropped == 1


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 200)), max_size=60))
def test_nothing_is_counted_twice_or_lost_while_the_database_is_away(events):
    waiting = Waiting(most_groups=4, samples_a_minute=2)
    for nth, (name, seconds) in enumerate(events):
        note(waiting, name, NOW + timedelta(seconds=seconds))
        if nth % 7 == 0:
            waiting.put_back(waiting.take("r1"))
    assert sum(report.count for report in waiting.take("r1")) + waiting.dropped == len(events)


# --- browsers -------------------------------------------------------------------------------------------


def sent(**changes: object) -> bytes:
    one = {
        "kind": "error",
        "name": "TypeError",
        "message": "x is undefined",
        "place": "https://shop.test/static/js/swap.js?v=abc:10:4",
        "stack": "TypeError: x\n    at go (https://shop.test/static/js/swap.js?v=abc:10:4)",
    } | changes
    return json.dumps({"errors": [one]}).encode()


def test_a_browsers_error_is_the_same_in_another_build_and_line():
    (one,) = reading.read_errors(sent())
    (other,) = reading.read_errors(
        sent(
            place="https://shop.test/static/js/swap.js?v=fff:99:1",
            stack="TypeError: x\n    at go (https://shop.test/static/js/swap.js?v=fff:99:1)",
        )
    )
    assert one.fingerprint == other.fingerprint
    assert one.place == "/static/js/swap.js"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"errors": []}',
        b'{"errors": [1]}',
        b'{"errors": [{"kind": "other"}]}',
        b"[" * 9_000,
        b"\xff",
    ],
)
def test_nonsense_is_refused(body):
    with pytest.raises(reading.Nonsense):
        reading.read_errors(body)


def test_both_forms_of_a_policy_violation_are_the_same_error():
    (old,) = reading.read_violations(
        json.dumps(
            {
                "csp-report": {
                    "effective-directive": "script-src",
                    "blocked-uri": "https://evil.test/x.js?u=ada",
                }
            }
        ).encode()
    )
    (new,) = reading.read_violations(
        json.dumps(
            [
                {
                    "type": "csp-violation",
                    "body": {"effectiveDirective": "script-src", "blockedURL": "https://evil.test/y.js"},
                }
            ]
        ).encode()
    )
    assert old.fingerprint == new.fingerprint
    assert old.message == "script-src stopped https://evil.test"


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_a_browser_sends_becomes_short_storable_text(kind, message, place, stack):
    found = of_browser(kind, message, place, stack)
    assert len(found.message) <= 500
    assert len(found.fingerprint) == 16


def test_one_sender_is_heard_so_often_a_minute():
    senders = PerAddress(2, most_addresses=2)
    assert [senders.may("a", NOW) for _ in range(3)] == [True, True, False]
    assert senders.may("b", NOW)
    assert not senders.may("c", NOW), "there is no more room within this minute"
    assert senders.may("c", NOW + timedelta(minutes=1))


# --- what they had in common ----------------------------------------------------------------------------


def test_the_flag_that_all_of_them_had_on_comes_first():
    requests = [{"flags": {"new-checkout": "on", "banner": answer}} for answer in ("off", "off", "a")]
    first, second = flags_shared([*requests, {}, {"flags": {}}])
    assert (first.flag, first.answer, first.requests, first.of, first.percent) == (
        "new-checkout",
        "on",
        3,
        3,
        100,
    )
    assert (second.flag, second.answer) == ("banner", "off")


def test_a_headline_is_one_line():
    assert headline("app.errors.Odd", "a\nb  c") == "Odd: a b c"
    assert len(headline("X", "y" * 999)) == 160
