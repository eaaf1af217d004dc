"""Edits of the list of routes, by place. Pure."""

from __future__ import annotations

from app.alerts.delivery.delivery import Delivery, Route, with_routes
from app.errors import NotFound


def add_route(delivery: Delivery, route: Route) -> Delivery:
    return with_routes(delivery, [*delivery.routes, route])


def change_route(delivery: Delivery, place: int, route: Route) -> Delivery:
    routes = list(delivery.routes)
    routes[_known(delivery, place)] = route
    return with_routes(delivery, routes)


def remove_route(delivery: Delivery, place: int) -> Delivery:
    _known(delivery, place)
    return with_routes(delivery, [one for at, one in enumerate(delivery.routes) if at != place])


def move_route(delivery: Delivery, place: int, by: int) -> Delivery:
    """Past the ends it stays where it is."""
    routes = list(delivery.routes)
    route = routes.pop(_known(delivery, place))
    routes.insert(min(len(routes), max(0, place + by)), route)
    return with_routes(delivery, routes)


def _known(delivery: Delivery, place: int) -> int:
    if not 0 <= place < len(delivery.routes):
        raise NotFound(f"There is no route {place + 1}.")
    return place
