"""Backup, wipe, restore, the same figures: on a real server, by the commands that people type."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import select, text

from app import cli, clock, vault
from app.accounts.identity import COOKIE
from app.audit.models import AuditEntry
from app.backups import archive, databases, jobs, making, queries
from app.cost.commands import add_line
from app.factory import create_app
from config import ROOT
from migrations.__main__ import alembic_config, upgrade
from tests import figures

OLDER = "0031"  # from before the chain of the audit trail
NEWEST = max(path.name[:4] for path in (ROOT / "migrations" / "control").glob("[0-9]*.py"))

PAGES = (
    "/api/v1/slos",
    "/api/v1/flags",
    "/api/v1/costs/lines",
    "/api/v1/kpi",
    "/api/v1/series",
    "/api/v1/audit",
)


@pytest.fixture
def house(control_app, control_session, signed_in, now):
    """Objectives, flags, words, KPIs, costs and what the audit trail says of them."""
    assert cli.run(control_app, ["init"]) == 0
    today = now.date()
    days = {today - timedelta(days=back): 100.0 + back for back in range(10)}
    figures.keep(control_session, {"orders": days}, now)
    add_line(control_session, "Servers", "hosting", "Cloud", 120_000, date(2026, 1, 1), "ops@house.test", now)
    control_session.commit()
    return signed_in("admin")


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


@pytest.fixture
def elsewhere(services):
    """The URL of a database that does not exist yet, as on a server that was set up anew."""
    name = "comeback"
    yield services.cluster.url("backroom", name, "only-for-tests")
    with services.cluster.connect("postgres") as admin:
        for (found,) in admin.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'comeback%'"
        ).fetchall():
            admin.execute(f'DROP DATABASE "{found}" WITH (FORCE)')


def answers(app, client) -> dict[str, object]:
    """What the API says, by the cookie of before."""
    other = app.test_client()
    other.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    found = {page: other.get(page) for page in PAGES}
    assert {page: answer.status_code for page, answer in found.items()} == dict.fromkeys(PAGES, 200)
    return {page: answer.get_json() for page, answer in found.items()}


def without_the_note(told):
    """The restore itself is in the audit trail of what came back, as its newest entry."""
    entries = told["/api/v1/audit"]["entries"]
    assert entries[0]["action"] == "backup.restore"
    return {**told, "/api/v1/audit": entries[1:]}


def test_what_was_lost_comes_back_with_the_same_figures(
    control_app, control_config, house, elsewhere, backup_dir, capsys
):
    before = answers(control_app, house)
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    ((path, _),) = archive.listed(backup_dir)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"Servers" not in path.read_bytes()

    # The server was set up anew: there is no such database yet.
    assert cli.run(control_app, ["restore", "newest", "--control-url", elsewhere]) == 0
    back = create_app(replace(control_config, control_database_url=elsewhere))
    told = without_the_note(answers(back, house))
    asked_for_it = before["/api/v1/audit"]["entries"]
    assert told["/api/v1/audit"][-len(asked_for_it) :] == asked_for_it
    assert {**told, "/api/v1/audit": 0} == {**before, "/api/v1/audit": 0}

    # Somebody empties a table: the database is full otherwise, and is only replaced when told so.
    with back.extensions["sources"].control.begin() as session:
        session.execute(text("TRUNCATE cost_lines CASCADE"))
    assert cli.run(back, ["restore", path.name]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert answers(back, house)["/api/v1/costs/lines"] != before["/api/v1/costs/lines"]
    assert cli.run(back, ["restore", path.name, "--replace"]) == 0
    assert "comeback_before_" in capsys.readouterr().out
    assert answers(back, house)["/api/v1/costs/lines"] == before["/api/v1/costs/lines"]
    with back.extensions["sources"].control() as session:
        assert (
            session.scalar(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1))
            == "backup.restore"
        )
    back.extensions["flags_serving"].stop()
    back.extensions["sources"].close()


@pytest.fixture
def older(elsewhere):
    """The URL of a database as it was at an earlier migration, with somebody in it."""
    url = databases.named(elsewhere, "comeback_older")
    with databases.maintenance(url) as connection:
        databases.create(connection, "comeback_older")
    upgrade("control", url, OLDER)
    with databases.engine(url).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people (email, name, role, password_hash, is_active, created_at)"
                " VALUES ('ada@house.test', 'Ada', 'ops', 'x', true, now())"
            )
        )
    return url


def test_a_backup_of_an_older_schema_ends_at_the_newest(
    control_app, control_config, older, elsewhere, backup_dir, now, capsys
):
    config = replace(control_config, control_database_url=older)
    made = making.make(config, "control", vault.held(), now)
    assert made.header.schema_revision == OLDER
    assert cli.run(control_app, ["restore", made.file_name, "--control-url", elsewhere]) == 0
    assert f"its schema was {OLDER} and is {NEWEST} now" in capsys.readouterr().out
    with databases.engine(elsewhere).connect() as back:
        assert databases.revision(back) == NEWEST
        assert back.scalar(text("SELECT name FROM people WHERE email = 'ada@house.test'")) == "Ada"
        assert (
            back.scalar(text("SELECT action FROM audit_entries WHERE seal IS NOT NULL")) == "backup.restore"
        )
    command.check(alembic_config("control", elsewhere))  # raises where a migration is missing


def test_a_backup_of_a_newer_release_is_refused_and_says_what_to_do(
    control_app, control_config, older, elsewhere, now, capsys
):
    with databases.engine(older).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    config = replace(control_config, control_database_url=older)
    made = making.make(config, "control", vault.held(), now)
    assert cli.run(control_app, ["restore", made.file_name, "--control-url", elsewhere]) == 1
    said = capsys.readouterr().err
    assert "schema 9999" in said
    assert "Restore it with that release or a later one" in said
    with databases.maintenance(elsewhere) as connection:
        assert not databases.exists(connection, "comeback")


def test_a_file_that_is_not_as_it_was_changes_nothing(control_app, admin, elsewhere, backup_dir, capsys):
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    ((path, _),) = archive.listed(backup_dir)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    wrong = {
        "flipped": (bytes(flipped), "damaged or cut off"),
        "cut": (whole[:-100], "damaged or cut off"),
        "foreign": (b"PGDMP" + whole[5:], "no backup"),
        "key": (whole.replace(b'"key": "', b'"key": "0', 1), "not in ENCRYPTION_KEYS"),
        "title": (whole.replace(b'"database": "control"', b'"database": "kontrol"', 1), "damaged or cut off"),
    }
    for name, (raw, said) in wrong.items():
        bad = backup_dir / f"{name}.bin"
        bad.write_bytes(raw)
        capsys.readouterr()
        arguments = ["restore", str(bad), "--control-url", elsewhere]
        assert cli.run(control_app, ["backup", "verify", str(bad)]) == 1, name
        assert said in capsys.readouterr().err, name
        if name != "title":
            assert cli.run(control_app, arguments) == 1, name
    with databases.maintenance(elsewhere) as connection:
        assert not databases.exists(connection, "comeback")
        left = connection.scalars(
            text(f"SELECT datname FROM pg_database WHERE datname LIKE '{databases.SCRATCH}%'")
        )
        assert left.all() == []


def test_the_job_saves_both_databases_proves_them_and_says_so(
    control_app, control_sources, admin, shop_session, now
):
    def run(job) -> str:
        with control_sources.control.begin() as session:
            return job(session, clock.now(), control_sources)

    # What dumps trip over: large objects, generated columns, partitions, names with signs in them.
    shop_session.execute(text("SELECT lo_from_bytea(0, 'a large object')"))
    twice = "twice int GENERATED ALWAYS AS (n * 2) STORED"
    shop_session.execute(text(f'CREATE TABLE "odd: name" (n int, {twice})'))
    shop_session.execute(text('INSERT INTO "odd: name" VALUES (1), (NULL)'))
    shop_session.commit()
    said = run(jobs.make)
    assert "control-" in said
    assert "shop-" in said
    assert run(jobs.make) == "nothing is due"
    proofs = run(jobs.prove)
    assert proofs.count("all the same") == 2
    assert run(jobs.prove) == "nothing is due"
    told = admin.get("/metrics").text
    assert 'backroom_backup_stale{database="control"} 0.0' in told
    assert 'backroom_backup_stale{database="shop"} 0.0' in told
    page = admin.get("/backups/").text
    assert page.count("all the same") == 2
    shop_session.execute(text("SELECT lo_unlink(oid) FROM pg_largeobject_metadata"))
    shop_session.execute(text('DROP TABLE "odd: name"'))
    shop_session.commit()


def test_a_proof_finds_what_a_dump_left_out(control_app, control_config, admin, backup_dir, capsys):
    """A list of contents that says one more row than the dump holds."""
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    ((path, head),) = archive.listed(backup_dir)
    with archive.opened(path, vault.held()) as found:
        people = found.manifest.tables["public.people"]
        tables = {**found.manifest.tables, "public.people": replace(people, rows=people.rows + 1)}
        doctored = backup_dir / "doctored.backup"
        archive.write(doctored, head, replace(found.manifest, tables=tables), found.dump, vault.held())
    assert cli.run(control_app, ["backup", "verify", str(doctored)]) == 0
    assert cli.run(control_app, ["backup", "prove", str(doctored)]) == 1
    assert "table public.people: 2 rows became 1" in capsys.readouterr().err


def test_a_server_that_lets_no_databases_be_made_says_what_to_do(control_app, admin, services, capsys):
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    with services.cluster.connect("postgres") as admin:
        admin.execute("ALTER ROLE backroom NOCREATEDB")
        try:
            assert cli.run(control_app, ["backup", "prove"]) == 1
        finally:
            admin.execute("ALTER ROLE backroom CREATEDB")
    assert "ALTER ROLE backroom CREATEDB" in capsys.readouterr().err


def test_without_pg_dump_nothing_is_left_behind(control_app, control_config, admin, backup_dir, capsys):
    config = replace(control_config, pg_bin="/nowhere")
    app = create_app(config)
    assert cli.run(app, ["backup", "make", "--database", "control"]) == 1
    assert "set PG_BIN" in capsys.readouterr().err
    assert not backup_dir.exists() or list(backup_dir.iterdir()) == []
    app.extensions["flags_serving"].stop()
    app.extensions["sources"].close()


def test_only_an_admin_sees_backups_and_asks_for_them(admin, signed_in):
    assert signed_in("ops").get("/backups/").status_code == 403
    assert signed_in("ops").post("/api/v1/backups", json={"database": "control"}).status_code == 403
    asked = admin.post("/api/v1/backups", json={"database": "control"})
    assert (asked.status_code, asked.get_json()["state"]) == (201, "asked")
    assert admin.get(asked.headers["Location"]).get_json() == asked.get_json()
    assert admin.post("/api/v1/backups", json={"database": "control"}).status_code == 409
    assert admin.post("/api/v1/backups", json={"database": "other"}).status_code == 422
    unmade = asked.get_json()["id"]
    assert admin.post(f"/api/v1/backups/{unmade}/checks", json={"kind": "prove"}).status_code == 409


def test_what_retention_lets_go_is_deleted_and_strangers_stay(
    control_app, control_sources, admin, backup_dir, now
):
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    ((first, _),) = archive.listed(backup_dir)
    (backup_dir / "notes.txt").write_text("not ours")
    assert cli.run(control_app, ["backup", "make", "--database", "control"]) == 0
    assert cli.run(control_app, ["backup", "prune"]) == 0
    assert [path.name for path, _ in archive.listed(backup_dir)] != [first.name]
    assert len(archive.listed(backup_dir)) == 1
    assert (backup_dir / "notes.txt").exists()
    with control_sources.control() as session:
        assert sorted(line.backup.state for line in queries.lines(session)) == ["gone", "ok"]
