"""One's own account: name, language, password, where one is signed in, second factor."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.accounts import commands, confirm, factor, factor_commands, identity, queries
from app.accounts.browsers import browser_name
from app.accounts.here import house_words, my_row, myself
from app.db import begin
from app.guards import confirmed, requires
from app.htmx import done
from app.i18n import LOCALES

blueprint = Blueprint("me", __name__, url_prefix="/accounts/me", template_folder="templates")


@blueprint.get("")
@requires("view")
def me() -> str:
    someone, now = myself(), clock.now()
    with begin() as db:
        return render_template(
            "accounts/me.html",
            me=someone,
            has_made_password=queries.has_made_password(db, someone.id),
            sessions=queries.sessions_of(db, someone.id, now),
            factor_since=factor_commands.since(db, someone.id),
            codes_left=factor_commands.codes_left(db, someone.id),
            few_codes=factor.FEW_RECOVERY_CODES,
            here=identity.session_id(),
            idle_hours=round(queries.IDLE.total_seconds() / 3600),
            longest_days=queries.LONGEST.days,
            languages=LOCALES,
            browser_name=browser_name,
        )


@blueprint.post("")
@requires("view")
def change_me() -> Response:
    form = request.form
    with begin() as db:
        commands.choose_looks(
            db,
            myself().id,
            form.get("name", ""),
            form.get("locale", ""),
            form.get("theme", ""),
            clock.now(),
        )
    answer = done(url_for("me.me"), _("Saved."))
    answer.delete_cookie("theme")  # this browser's own choice gives way to the one just made
    return answer


@blueprint.post("/password")
@requires("view")
def change_password() -> Response:
    """Asks for the password that it changes, so it needs no further confirmation."""
    form = request.form
    confirm.slow_down(myself())
    with begin() as db:
        commands.change_password(
            db,
            myself().id,
            form.get("old_password", ""),
            form.get("new_password", ""),
            identity.session_id(),
            clock.now(),
            house_words(),
        )
    confirm.calm_down(myself())
    return done(url_for("me.me"), _("The password is changed; other browsers are signed out."))


@blueprint.post("/sessions/end")
@requires("view")
@confirmed
def end_other_sessions() -> Response:
    with begin() as db:
        commands.sign_out_elsewhere(db, myself().id, identity.session_id(), clock.now())
    return done(url_for("me.me"), _("All other browsers are signed out."))


@blueprint.post("/sessions/<int:session_id>/end")
@requires("view")
@confirmed
def end_session(session_id: int) -> Response:
    someone = myself()
    with begin() as db:
        commands.end_session(db, someone.id, session_id, clock.now(), someone.email)
    return done(url_for("me.me"), _("That browser is signed out."))


@blueprint.get("/second-factor")
@requires("view")
def second_factor() -> str:
    someone = myself()
    with begin() as db:
        seed = factor_commands.pending_seed(db, someone.id)
        return render_template(
            "accounts/second_factor.html",
            since=factor_commands.since(db, someone.id),
            codes_left=factor_commands.codes_left(db, someone.id),
            few_codes=factor.FEW_RECOVERY_CODES,
            is_required=factor_commands.is_required(db, someone.id, clock.now()),
            is_welcome=request.args.get("welcome") == "1",
            **(drawn(seed, someone.email) if seed else {"seed": None}),
        )


def drawn(seed: str, email: str) -> dict[str, object]:
    """A seed as the apps take it: by camera or by hand."""
    return {"seed": factor.in_groups(seed), "qr": factor.qr_code(factor.setup_uri(seed, email))}


@blueprint.post("/second-factor/begin")
@requires("view")
@confirmed
def begin_factor() -> Response:
    with begin() as db:
        factor_commands.begin(db, myself().id)
    return done(url_for("me.second_factor"))


@blueprint.post("/second-factor/confirm")
@requires("view")
@confirmed
def confirm_factor() -> Response:
    """The first code. What follows is shown this once, so it is a page and not a redirect."""
    with begin() as db:
        codes = factor_commands.confirm(db, my_row(db), request.form.get("code", ""), clock.now())
    return codes_page(codes, url_for("me.me"))


@blueprint.post("/second-factor/off")
@requires("view")
@confirmed
def turn_factor_off() -> Response:
    with begin() as db:
        factor_commands.turn_off(db, my_row(db), clock.now())
    return done(
        url_for("me.second_factor"), _("The second factor is off; the password alone opens your account.")
    )


@blueprint.post("/recovery-codes")
@requires("view")
@confirmed
def renew_codes() -> Response:
    with begin() as db:
        codes = factor_commands.renew_own_codes(db, my_row(db), clock.now())
    return codes_page(codes, url_for("me.second_factor"))


def codes_page(codes: list[str], on: str) -> Response:
    return make_response(render_template("accounts/recovery_codes.html", codes=codes, on=on))
