"""Sign-in and people."""

from __future__ import annotations

from flask import Blueprint

from app.guards import public

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    return ""
