"""The control plane's copies follow an erasure, and all its figures stay as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import cli
from app.kpi import erasing, jobs, rebuilding
from app.kpi.models import KpiCell, KpiErasure, KpiEvent, KpiOrder, KpiSession, KpiVisitor
from storefront.orders.models import Order
from storefront.orders.settling import confirm
from storefront.privacy import commands
from storefront.privacy.subject import Subject
from storefront.users.models import User
from tests.shopping import gateway, shop

__all__ = ["gateway", "shop"]

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "correct horse battery"}


def daily(sources) -> None:
    with sources.control.begin() as session:
        jobs.daily(session, datetime.now(UTC), sources)


def figures(sources) -> list[tuple[object, ...]]:
    """Every sum and count, of facts that are read anew."""
    with sources.control.begin() as session:
        rebuilding.recompute(session)
    daily(sources)
    with sources.control() as session:
        return sorted(
            tuple(row)
            for row in session.execute(
                sa.select(KpiCell.measure, KpiCell.dimension, KpiCell.member, KpiCell.value)
            )
        )


@pytest.fixture
def two_orders_on_two_browsers(shop):
    for number in range(2):
        browser = shop.browser()
        browser.post("/account/sign-in" if number else "/account/sign-up", ADA)
        browser.add(shop.shelve())
        assert browser.pay().status_code == 303
    for writer in ("usage", "exposures"):
        shop.app.extensions[writer].stop()
    with shop.sessions.begin() as session:
        for order in session.scalars(sa.select(Order)):
            confirm(session, order.id, datetime.now(UTC))


def test_numbers_change_and_figures_stay(shop, control_sources, two_orders_on_two_browsers):
    before = figures(control_sources)
    assert any(measure == "orders" and value == 2 for measure, dimension, _, value in before if not dimension)
    with shop.sessions.begin() as session:
        user_id = session.scalars(sa.select(User.id)).one()
        visitors = set(session.scalars(sa.select(Order.visitor_id)))
        commands.erase(session, Subject(user_id=user_id), datetime.now(UTC))
    assert commands.finish(shop.sessions, shop.config.mail_dir, datetime.now(UTC) + timedelta(minutes=5)) == 1
    for said in ("1 erasures followed", "0 erasures followed"):
        with control_sources.control.begin() as session:
            assert jobs.follow_erasures(session, datetime.now(UTC), control_sources) == said

    assert figures(control_sources) == before
    old = {erasing.number(visitor) for visitor in visitors}
    with control_sources.control() as session:
        assert old.isdisjoint(session.scalars(sa.select(KpiSession.visitor)))
        assert old.isdisjoint(session.scalars(sa.select(KpiVisitor.visitor)))
        assert erasing.account_number(user_id) not in session.scalars(sa.select(KpiSession.account)).all()
        (customer,) = set(session.scalars(sa.select(KpiOrder.customer)))
        assert customer.startswith("u-")
        assert session.scalars(sa.select(KpiErasure.user_id)).all() == [user_id]


def test_imported_events_of_a_person_lead_to_nobody(control_app, control_sources, tmp_path, capsys):
    file = tmp_path / "events.csv"
    at = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
    lines = ["event_id,at,visitor_id,session_id,user_id,kind,path"]
    lines += [
        f"00000000-0000-0000-0000-00000000000{number},{(at + timedelta(minutes=number)).isoformat()},"
        f"browser-1,visit-1,{'user-7' if number else ''},page_view,/orders/17"
        for number in range(3)
    ]
    file.write_text("\n".join(lines))
    assert cli.run(control_app, ["usage", "import", str(file)]) == 0
    before = figures(control_sources)
    assert cli.run(control_app, ["usage", "erase", "user-7"]) == 0
    assert "3 events" in capsys.readouterr().out
    with control_sources.control() as session:
        events = session.scalars(sa.select(KpiEvent)).all()
        assert {event.visitor_id for event in events}.isdisjoint({"browser-1"})
        assert {event.user_id for event in events if event.user_id}.isdisjoint({"user-7"})
        assert {event.path for event in events} == {""}
    assert figures(control_sources) == before
    assert cli.run(control_app, ["usage", "erase", "user-7"]) == 1
