"""A spent budget freezes rollouts; somebody with a name and a reason lifts that for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.series import store
from app.slo import commands, policies, queries, rows, status
from app.slo.bucket import measured, starts

KEY = "checkout-availability"


@pytest.fixture
def frozen(control_session, control_sources, now):
    commands.ensure_defaults(control_session, now)
    slo = queries.objective(control_session, KEY)
    found = [measured(at, 50, 100) for at in starts(now - timedelta(hours=6), now)]
    rows.save_all(control_session, [(slo, found)], {})
    status.refresh(control_session, slo, now)
    policies.apply(control_session, now, control_sources)
    control_session.commit()


def test_the_page_says_that_rollouts_are_frozen_and_who_lifted_it(signed_in, control_session, frozen):
    client = signed_in("ops")
    assert "are frozen until there is budget again" in client.get(f"/slo/{KEY}").text
    form = {"reason": "Sale day", "hours": "4"}
    assert client.post(f"/slo/{KEY}/override", data=form).status_code == 303
    page = client.get(f"/slo/{KEY}").text
    assert "ops@house.test lifted the freeze" in page
    assert "Sale day" in page
    assert store.latest(control_session, "slo.freeze", {"slo": KEY}).value == 0
    assert client.post(f"/slo/{KEY}/override/end").status_code == 303
    assert "are frozen until there is budget again" in client.get(f"/slo/{KEY}").text


@pytest.mark.parametrize(
    ("form", "field"), [({"reason": "", "hours": "4"}, "reason"), ({"reason": "x", "hours": "9999"}, "hours")]
)
def test_a_freeze_is_not_lifted_without_a_reason_and_an_end(signed_in, frozen, form, field):
    answer = signed_in("ops").post(f"/slo/{KEY}/override", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text


def test_who_may_only_look_sees_the_policy_and_no_form(signed_in, frozen):
    page = signed_in("viewer").get(f"/slo/{KEY}").text
    assert "At 0% left: Freeze rollouts" in page
    assert "Lift the freeze" not in page


def test_an_archived_objective_freezes_nothing_and_is_not_called_stale_for_ever(
    signed_in, control_session, frozen
):
    version = queries.objective(control_session, KEY).version
    assert store.latest(control_session, "slo.freeze", {"slo": KEY}).value == 1
    signed_in("ops").post(f"/slo/{KEY}/archive", data={"version": version})
    control_session.expire_all()
    assert store.latest(control_session, "slo.freeze", {"slo": KEY}) is None
    assert store.latest(control_session, "slo.state", {"slo": KEY}) is None
    assert store.latest(control_session, "slo.budget_left", {"slo": KEY}) is not None
