"""Invitations as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.accounts import account_shapes, invitations
from app.accounts.account_json import invitation_json
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("invitations_api", __name__, url_prefix="/api/v1/invitations")

PATH = {"number": account_shapes.NUMBER}


@blueprint.get("")
@requires("accounts.manage")
@operation(query=PAGING, answers={200: account_shapes.INVITATIONS})
def index() -> Response:
    """Those that nobody accepted yet, the oldest first."""
    with begin() as session:
        found = invitations.pending(session, clock.now())
    page = paging.of_list(found, lambda line: (line.created_at, line.id))
    return paging.answer("invitations", page, invitation_json)


@blueprint.post("")
@requires("accounts.manage")
@confirmed
@operation(body=account_shapes.INVITATION_DRAFT, answers={201: account_shapes.INVITATION}, problems=(409,))
def invite() -> tuple[Response, int, dict[str, str]]:
    """Invite somebody by mail.

    The mail holds a link that works once, for seven days; the API never shows it.
    """
    wanted, now = request.get_json(), clock.now()
    with begin() as session:
        row = invitations.invite(
            session,
            wanted["email"],
            wanted.get("name", ""),
            wanted["role"],
            wanted.get("locale", "en"),
            now,
            who(),
        )
        made = invitations.line(row, now)
    where = {"Location": url_for("invitations_api.show", number=made.id)}
    return jsonify(invitation_json(made)), 201, where


@blueprint.get("/<int:number>")
@requires("accounts.manage")
@operation(path=PATH, answers={200: account_shapes.INVITATION})
def show(number: int) -> Response:
    """One invitation, accepted and withdrawn ones too."""
    with begin() as session:
        return jsonify(invitation_json(invitations.one(session, number, clock.now())))


@blueprint.post("/<int:number>/send")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={202: account_shapes.INVITATION}, problems=(409,))
def send_again(number: int) -> tuple[Response, int]:
    """Mail another link for another week; the one before stops working."""
    with begin() as session:
        invitations.send_again(session, number, clock.now(), who())
        return jsonify(invitation_json(invitations.one(session, number, clock.now()))), 202


@blueprint.delete("/<int:number>")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={204: None}, problems=(409,))
def withdraw(number: int) -> tuple[str, int]:
    """Withdraw it; its link opens nothing any more."""
    with begin() as session:
        invitations.withdraw(session, number, clock.now(), who())
    return "", 204
