"""The form that asks again who one is."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request

from app.accounts import confirm as asking
from app.accounts.here import myself
from app.errors import Refused, Slowed
from app.guards import requires
from app.htmx import is_fragment
from app.ui.paths import local_path

blueprint = Blueprint("confirm", __name__, url_prefix="/accounts/confirm", template_folder="templates")


@blueprint.get("")
@requires("view")
def form() -> Response:
    return asking.page(myself(), back=local_path(request.args.get("next")))


@blueprint.post("")
@requires("view")
def confirm() -> Response:
    """From the dialog nothing but that it is done; from the page back to where one was."""
    someone, back = myself(), local_path(request.form.get("next"))
    try:
        asking.prove(someone, request.form.get(asking.PASSWORD, ""), request.form.get(asking.CODE, ""))
    except (Refused, Slowed) as problem:
        if is_fragment():
            raise
        return asking.page(someone, problem, back)
    if is_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Trigger"] = "confirmed"
        return answer
    return make_response(redirect(back, code=303))
