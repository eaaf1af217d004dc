"""The files of the pages, the choice of light or dark, and the living style page."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)

from app import clock, i18n
from app.errors import NotFound
from app.guards import public, requires
from app.ui import samples
from app.ui.paths import local_path
from app.ui.scope import ENVIRONMENT_COOKIE, environments
from app.ui.templating import THEME_COOKIE, THEMES

blueprint = Blueprint("ui", __name__, template_folder="templates")
ONE_YEAR_SECONDS = 31_536_000


@blueprint.get("/static/bundle/<name>")
@public
def bundle(name: str) -> Response:
    found = next((b for b in current_app.extensions["bundles"].values() if b.url_name == name), None)
    if found is None:
        raise NotFound("There is no such file.")
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.zipped if zipped else found.body, mimetype=found.mimetype)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR_SECONDS}, immutable"
    response.vary.add("Accept-Encoding")
    return response


@blueprint.post("/ui/theme")
@public
def choose_theme() -> Response:
    """Light, dark or as the system says; kept in a cookie so that the first paint is already right."""
    response = make_response(redirect(local_path(request.form.get("back")), code=303))
    chosen = request.form.get("theme", "")
    _remember(response, THEME_COOKIE, chosen if chosen in THEMES else "")
    return response


@blueprint.post("/ui/locale")
@public
def choose_locale() -> Response:
    """The language of this browser; who is signed in chooses on the own page."""
    response = make_response(redirect(local_path(request.form.get("back")), code=303))
    chosen = request.form.get("locale", "")
    _remember(response, i18n.COOKIE, chosen if chosen in i18n.LOCALES else "")
    return response


@blueprint.post("/ui/scope")
@requires("view")
def choose_scope() -> Response:
    """The environment that pages start from."""
    response = make_response(redirect(local_path(request.form.get("back")), code=303))
    environment = request.form.get("environment", "")
    _remember(response, ENVIRONMENT_COOKIE, environment if environment in environments() else "")
    return response


def _remember(response: Response, name: str, value: str) -> None:
    if not value:
        response.delete_cookie(name)
        return
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(name, value, max_age=ONE_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


@blueprint.get("/ui")
@requires("view")
def style_page() -> str:
    return render_template("ui/index.html", samples=samples.make(clock.now()))


@blueprint.get("/ui/sample-chart")
@requires("view")
def sample_chart() -> Response:
    return jsonify(samples.make(clock.now())["chart"])
