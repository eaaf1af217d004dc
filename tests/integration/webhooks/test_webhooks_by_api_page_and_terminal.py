"""Making, changing, testing and replaying webhooks in each of the three ways."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app import cli, clock
from app.webhooks import sending
from app.webhooks.models import Delivery, Endpoint


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


def test_by_api_from_making_to_deleting(admin, receiver, control_sources, control_session):
    draft = {"name": "Ops", "url": receiver.url, "types": ["alert.*"], "environments": ["production"]}
    made = admin.post("/api/v1/webhooks", json=draft)
    assert made.status_code == 201
    address, secret = made.headers["Location"], made.json["secret"]
    assert secret.startswith("whsec_")
    assert "secret" not in admin.get(address).json
    assert [one["id"] for one in admin.get("/api/v1/webhooks").json["webhooks"]] == [made.json["id"]]
    changed = admin.patch(address, json={"revision": 1, "name": "Ops at night", "types": []})
    assert (changed.json["name"], changed.json["types"], changed.json["environments"]) == (
        "Ops at night",
        [],
        ["production"],
    )
    assert admin.patch(address, json={"revision": 1, "name": "Mine"}).status_code == 409
    assert admin.post(f"{address}/secret").json["secret"] != secret
    assert admin.post(f"{address}/test").status_code == 202
    sending.send_due(control_sources)
    (one,) = admin.get(f"{address}/deliveries?state=delivered").json["deliveries"]
    assert (one["type"], one["status"], one["tries"]) == ("webhook.test", 200, 1)
    tries = admin.get(f"{address}/deliveries/{one['id']}").json["attempts"]
    assert "webhook.test" in tries[0]["request"]
    assert admin.post(f"{address}/deliveries/{one['id']}/replay").status_code == 202
    assert admin.post(f"{address}/deliveries/{one['id']}/replay").status_code == 409
    control_session.execute(update(Delivery).values(state="failed"))
    control_session.commit()
    since = {"since": "2020-01-01T00:00:00Z"}
    assert admin.post(f"{address}/replay", json=since).json == {"deliveries": 1}
    assert admin.delete(address).status_code == 204
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize(
    ("more", "field", "status"),
    [
        ({"url": "https://169.254.169.254/latest/meta-data"}, "url", 409),
        ({"url": "https://[::1]/"}, "url", 409),
        ({"url": "https://2130706433/"}, "url", 422),
        ({"types": ["flag.exploded"]}, "types.0", 422),
        ({"format": "xml"}, "format", 422),
        ({"name": " "}, "name", 422),
        ({"secret": "mine"}, "secret", 422),
    ],
)
def test_what_is_no_webhook_is_refused_beside_its_field(
    admin, receiver, control_session, more, field, status
):
    answer = admin.post("/api/v1/webhooks", json={"name": "x", "url": receiver.url, **more})
    assert answer.status_code == status
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert control_session.scalars(select(Endpoint)).all() == []


def test_who_may_not_manage_them_sees_none(signed_in):
    for role in ("viewer", "product_manager", "translator"):
        client = signed_in(role)
        assert client.get("/webhooks/").status_code == 403
        assert client.get("/api/v1/webhooks").status_code == 403
        assert client.get("/api/v1/events").status_code == 403
        assert client.get("/api/v1/events/types").status_code == 200


def test_on_the_page_the_secret_is_shown_once_and_the_address_never_whole(admin, receiver, control_session):
    made = admin.post(
        "/webhooks/", data={"name": "Chat", "url": receiver.url + "/a-secret-path", "format": "slack"}
    )
    row = control_session.scalars(select(Endpoint)).one()
    assert row.secret in made.text
    page = admin.get(f"/webhooks/{row.id}").text
    assert row.secret not in page
    assert "a-secret-path" not in page
    kept = admin.post(f"/webhooks/{row.id}", data={"revision": "1", "name": "Chat 2", "format": "slack"})
    assert kept.status_code == 303
    control_session.expire_all()
    assert (row.name, row.url) == ("Chat 2", receiver.url + "/a-secret-path")
    admin.post(f"/webhooks/{row.id}/switch", data={"active": "off"})
    assert admin.post(f"/webhooks/{row.id}/test").status_code == 409
    for path in ("", "/edit", "/_deliveries"):
        assert admin.get(f"/webhooks/{row.id}{path}").status_code == 200


def test_from_a_terminal(control_app, receiver, control_sources, control_session, capsys):
    assert cli.run(control_app, ["webhooks", "add", "Pager", receiver.url, "--type", "alert.*"]) == 0
    assert "secret whsec_" in capsys.readouterr().out
    row = control_session.scalars(select(Endpoint)).one()
    assert cli.run(control_app, ["webhooks", "test", str(row.id)]) == 0
    sending.send_due(control_sources)
    assert len(receiver.got) == 1
    control_session.execute(update(Delivery).values(state="failed", done_at=clock.now()))
    control_session.commit()
    assert cli.run(control_app, ["webhooks", "replay", str(row.id), "--since", "2020-01-01T00:00:00Z"]) == 0
    assert cli.run(control_app, ["webhooks", "list"]) == 0
    assert "alert.*" in capsys.readouterr().out
    assert cli.run(control_app, ["webhooks", "add", "x", "https://10.0.0.1/"]) == 1
    assert "url" in capsys.readouterr().err
    assert cli.run(control_app, ["sources", "add", "CI", "deploy"]) == 0
    assert "/api/v1/hooks/" in capsys.readouterr().out
