from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from app import cli, clock, vault
from app.alerts.delivery import queries as delivery
from app.alerts.delivery.models import DeliveryRow
from app.audit.models import AuditEntry
from app.vault import Vault

OLD, NEW = "the-key-that-sealed-everything-so-far", "the-key-that-seals-from-today-onwards"
SECRET = "https://hooks.slack.example/services/T0/B0/very-secret"
RECEIVER = {"name": "team", "kind": "slack", "channel": "#alerts", "send_resolved": True}


@pytest.fixture(autouse=True)
def own_keys(control_app):
    before = vault.held()
    yield
    vault.use(before)


@pytest.fixture
def sealed_with_the_old_key(control_session):
    vault.use(Vault([OLD]))
    control_session.add(
        DeliveryRow(
            id=1,
            revision=1,
            body={"receivers": [RECEIVER], "routes": [], "mute_times": [], "escalations": []},
            secrets=json.dumps({"team": {"api_url": SECRET}}),
            updated_at=clock.now(),
            updated_by="ops@house.test",
        )
    )
    control_session.commit()
    control_session.expunge_all()


def raw(session) -> str:
    return session.scalar(text("SELECT secrets FROM alert_delivery"))


def test_nobody_reads_a_receivers_address_out_of_the_table(sealed_with_the_old_key, control_session):
    row = control_session.execute(text("SELECT row(alert_delivery.*)::text FROM alert_delivery")).scalar_one()
    assert "very-secret" not in row
    (receiver,) = delivery.current(control_session).delivery.receivers
    assert receiver.secrets == {"api_url": SECRET}


def test_after_the_change_the_new_key_alone_opens_everything(
    control_app, control_session, sealed_with_the_old_key, capsys
):
    vault.use(Vault([NEW, OLD]))
    assert cli.run(control_app, ["secrets", "check", "--json"]) == 0
    (before,) = json.loads(capsys.readouterr().out)
    assert (before["place"], before["rows"], before["state"]) == ("alert_delivery.secrets", 1, "old")

    assert cli.run(control_app, ["secrets", "rotate", "--json"]) == 0
    done = {one["place"]: one["resealed"] for one in json.loads(capsys.readouterr().out)}
    assert done["alert_delivery.secrets"] == 1

    vault.use(Vault([NEW]))
    (receiver,) = delivery.current(control_session).delivery.receivers
    assert receiver.secrets == {"api_url": SECRET}
    entry = control_session.scalar(select(AuditEntry).where(AuditEntry.action == "secrets.rotate"))
    assert entry.after["rows"]["alert_delivery.secrets"] == 1


def test_changing_keys_twice_changes_nothing_the_second_time(
    control_app, control_session, sealed_with_the_old_key
):
    vault.use(Vault([NEW, OLD]))
    assert cli.run(control_app, ["secrets", "rotate"]) == 0
    once = raw(control_session)
    control_session.rollback()
    assert cli.run(control_app, ["secrets", "rotate"]) == 0
    assert raw(control_session) == once


def test_a_row_whose_key_is_gone_is_named_and_left_as_it_is(
    control_app, control_session, sealed_with_the_old_key, capsys
):
    before = raw(control_session)
    control_session.rollback()
    vault.use(Vault([NEW]))
    assert cli.run(control_app, ["secrets", "check"]) == 1
    assert "1 rows need a key that is not in ENCRYPTION_KEYS" in capsys.readouterr().err
    assert cli.run(control_app, ["secrets", "rotate"]) == 1
    assert raw(control_session) == before
