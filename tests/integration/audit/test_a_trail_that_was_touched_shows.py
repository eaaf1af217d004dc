"""A trail that was touched by hand, with SQL and as superuser: what was done and where it shows."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import vault
from app.accounts.trail import gauges, jobs
from app.audit import checks, exports, queries, retention
from app.audit.commands import record
from app.audit.verifying import Broken, verify
from app.cli import run
from app.timeline.models import TimelineEntry

ENTRIES = 8
ODD = {"big": 1e22, "small": 1e-7, "none": -0.0, "long": 2**70, "text": 'ü\u202e"\\', "deep": [{"a": None}]}


@pytest.fixture
def chain(control_session, now):
    """Eight entries, each of a transaction of its own."""
    for number in range(ENTRIES):
        at = now - timedelta(days=ENTRIES - number)
        record(control_session, "ada@example.org", "flag.rollout", f"flag:{number}", {"n": number}, ODD, at)
        control_session.commit()
    assert verify(control_session).broken is None
    return control_session


@pytest.fixture
def by_hand(services):
    """As a superuser of the database: triggers are off."""
    with services.cluster.connect("backroom") as connection:

        def touch(*statements):
            with connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")
                for statement in statements:
                    connection.execute(statement)

        yield touch


COPY = """
    INSERT INTO audit_entries (at, who, action, subject, before, after, sequence, previous, seal)
    SELECT at, 'eve@example.org', action, subject, before, after, {sequence}, previous, {seal}
    FROM audit_entries WHERE sequence = 4
"""
SHIFT_UP = [
    f"UPDATE audit_entries SET sequence = {n + 1} WHERE sequence = {n}" for n in range(ENTRIES, 3, -1)
]
SHIFT_DOWN = [
    f"UPDATE audit_entries SET sequence = {n - 1} WHERE sequence = {n}" for n in range(5, ENTRIES + 1)
]
TOUCHED = {
    "a value": (
        ["UPDATE audit_entries SET after = '{\"share\": 99}' WHERE sequence = 3"],
        Broken(3, "altered"),
    ),
    "who": (["UPDATE audit_entries SET who = 'eve@example.org' WHERE sequence = 8"], Broken(8, "altered")),
    "when": (["UPDATE audit_entries SET at = at + interval '1 us' WHERE sequence = 1"], Broken(1, "altered")),
    "from where": (["UPDATE audit_entries SET address = '::1' WHERE sequence = 5"], Broken(5, "altered")),
    "one in the middle": (["DELETE FROM audit_entries WHERE sequence = 4"], Broken(4, "removed")),
    "the first": (["DELETE FROM audit_entries WHERE sequence = 1"], Broken(1, "removed")),
    "the last": (["DELETE FROM audit_entries WHERE sequence = 8"], Broken(8, "cut")),
    "all": (["DELETE FROM audit_entries"], Broken(1, "cut")),
    "one, and the others moved up": (
        ["DELETE FROM audit_entries WHERE sequence = 4", *SHIFT_DOWN],
        Broken(4, "removed"),
    ),
    "two that changed places": (
        [
            "UPDATE audit_entries SET sequence = 99 WHERE sequence = 3",
            "UPDATE audit_entries SET sequence = 3 WHERE sequence = 6",
            "UPDATE audit_entries SET sequence = 6 WHERE sequence = 99",
        ],
        Broken(3, "reordered"),
    ),
    "one put between": (
        [*SHIFT_UP, COPY.format(sequence=4, seal="seal").replace("= 4", "= 5")],
        Broken(4, "inserted"),
    ),
    "one put behind the end": ([COPY.format(sequence=9, seal="seal")], Broken(9, "inserted")),
    "one without a seal": ([COPY.format(sequence="NULL", seal="NULL")], Broken(9, "inserted")),
    "one with a seal and no place": ([COPY.format(sequence="NULL", seal="seal")], Broken(9, "inserted")),
    "one put before the begin": ([COPY.format(sequence=0, seal="seal")], Broken(0, "inserted")),
    "the last, and the head with it": (
        ["DELETE FROM audit_entries WHERE sequence = 8", "UPDATE audit_head SET sequence = 7"],
        Broken(7, "head"),
    ),
    "the head": (["DELETE FROM audit_head"], Broken(1, "head")),
    "a seal by another key": (
        ["UPDATE audit_entries SET seal = 'deadbeef' || substr(seal, 9) WHERE sequence = 2"],
        Broken(2, "unknown key"),
    ),
}


@pytest.mark.parametrize("what", TOUCHED)
def test_what_was_done_by_hand_is_found(chain, what, by_hand):
    statements, broken = TOUCHED[what]
    by_hand(*statements)
    assert verify(chain).broken == broken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET who = 'eve@example.org' WHERE sequence = 3",
        "UPDATE audit_entries SET seal = NULL WHERE sequence = 3",
        "DELETE FROM audit_entries WHERE sequence = 3",
    ],
)
def test_the_database_itself_refuses_to_touch_an_entry(chain, statement):
    with pytest.raises(DBAPIError, match="neither changed nor removed"):
        chain.execute(text(statement))


def test_who_has_the_keys_too_is_found_by_an_anchor_kept_elsewhere(chain, now, by_hand):
    kept = dict([checks.end_of(chain)])
    by_hand("DELETE FROM audit_entries", "DELETE FROM audit_head")
    for number in range(ENTRIES + 1):
        record(chain, "ada@example.org", "flag.rollout", f"flag:{number}", {}, {}, now)
        chain.commit()
    assert verify(chain).broken is None
    assert verify(chain, kept).broken == Broken(ENTRIES, "anchor")


def test_a_changed_key_goes_on_while_the_old_one_is_known(chain, control_config, now):
    before = control_config.encryption_keys
    try:
        vault.use(vault.Vault(("another-key-that-came-after-the-first", *before)))
        record(chain, "a", "b", "c", {}, {}, now)
        chain.commit()
        assert verify(chain).broken is None
        vault.use(vault.Vault(("another-key-that-came-after-the-first",)))
        assert verify(chain).broken == Broken(1, "unknown key")
    finally:
        vault.use(vault.Vault(before))


def test_what_is_old_goes_through_a_checkpoint(chain, now, by_hand):
    assert retention.remove_old(chain, 4, now, "job:audit.prune") == 4
    chain.commit()
    found = verify(chain)
    assert (found.broken, found.first, found.last) == (None, 5, ENTRIES + 1)
    assert queries.newest(chain, 1)[0].action == "audit.prune"
    by_hand("DELETE FROM audit_entries WHERE sequence = 5")
    assert verify(chain).broken == Broken(5, "removed")


def test_all_may_be_old_and_nothing_may_have_to_go(chain, now):
    assert retention.remove_old(chain, 0, now, "job:audit.prune") == 0
    assert retention.remove_old(chain, 400, now, "job:audit.prune") == 0
    assert retention.remove_old(chain, 400, now + timedelta(days=800), "job:audit.prune") == ENTRIES
    chain.commit()
    found = verify(chain)
    assert (found.broken, found.first, found.last) == (None, ENTRIES + 1, ENTRIES + 1)


def test_nothing_is_removed_from_a_trail_that_is_broken(chain, now, by_hand):
    by_hand("UPDATE audit_entries SET who = 'eve' WHERE sequence = 2")
    checks.check(chain, now)
    assert retention.remove_old(chain, 1, now, "job:audit.prune") == 0


def test_what_is_older_than_the_chain_is_taken_into_it_once(control_session, now, by_hand):
    by_hand(
        "INSERT INTO audit_entries (at, who, action, subject, before, after)"
        " SELECT now(), 'ada@example.org', 'flag.rollout', 'flag:' || n, '{}', '{\"share\": 2.50}'"
        " FROM generate_series(1, 3) AS n",
    )
    record(control_session, "a", "b", "c", {}, {}, now)
    control_session.commit()
    assert (verify(control_session).broken, verify(control_session).waiting) == (None, 3)
    assert retention.adopt(control_session, now, "job:audit.verify") == 3
    control_session.commit()
    assert retention.adopt(control_session, now, "job:audit.verify") == 0
    control_session.commit()
    found = verify(control_session)
    assert (found.broken, found.waiting, found.last) == (None, 0, 5)
    by_hand(
        "INSERT INTO audit_entries (id, at, who, action, subject, before, after) OVERRIDING SYSTEM VALUE"
        " VALUES (-1, now(), 'eve', 'x', 'y', '{}', '{}')",
    )
    assert retention.adopt(control_session, now, "job:audit.verify") == 0
    assert verify(control_session).broken == Broken(6, "inserted")


def test_an_export_that_is_longer_than_what_is_read_at_once_is_whole(chain, monkeypatch):
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    assert len(list(queries.in_order(chain, queries.Wanted()))) == ENTRIES


def test_an_export_is_verified_without_the_database(chain):
    lines = list(exports.json_lines(queries.in_order(chain, queries.Wanted())))
    assert exports.verify_lines(lines) == exports.FileVerdict(ENTRIES, 0, None)
    some = [lines[0], lines[3], lines[4]]
    assert exports.verify_lines(some) == exports.FileVerdict(3, 2, None)
    changed = json.dumps(json.loads(lines[3]) | {"who": "eve@example.org"})
    assert exports.verify_lines([lines[0], changed]).wrong_line == 2
    assert exports.verify_lines([lines[3], lines[0]]).why == "out of order"
    assert exports.verify_lines(["{}"]).why == "not an entry"


def test_the_job_tells_the_page_the_gauge_and_the_timeline(chain, signed_in, control_sources, now, by_hand):
    assert "are whole" in jobs.verify(chain, now, control_sources)
    chain.commit()
    assert "backroom_audit_chain_broken 0.0" in list(gauges.tell(chain))
    by_hand("UPDATE audit_entries SET who = 'eve' WHERE sequence = 2")
    for _turn in range(2):
        assert "BROKEN at entry 2: altered" in jobs.verify(chain, now, control_sources)
    chain.commit()
    assert "backroom_audit_chain_broken 1.0" in list(gauges.tell(chain))
    assert chain.query(TimelineEntry).filter_by(subject="audit:chain").count() == 1
    assert "was tampered with at entry 2" in signed_in("ops").get("/audit/").text


def test_the_command_line_ends_with_1_where_it_is_broken(chain, control_app, tmp_path, capsys, by_hand):
    assert run(control_app, ["audit", "export"]) == 0
    (tmp_path / "trail.jsonl").write_text(capsys.readouterr().out)
    assert run(control_app, ["audit", "verify", "--file", str(tmp_path / "trail.jsonl")]) == 0
    assert run(control_app, ["audit", "verify"]) == 0
    by_hand("DELETE FROM audit_entries WHERE sequence = 2")
    assert run(control_app, ["audit", "verify"]) == 1
    assert "BROKEN at entry 2: removed" in capsys.readouterr().out


def test_the_api_verifies_and_gives_an_anchor(chain, signed_in):
    client = signed_in("ops")
    found = client.post("/api/v1/audit/verify").json
    assert (found["is_whole"], found["last"]) == (True, ENTRIES)
    assert client.get("/api/v1/audit/anchor").json["seal"] == found["seal"]
