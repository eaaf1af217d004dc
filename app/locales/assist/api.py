"""What the panel and the glossary show, as JSON under /api/v1/locales."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import access, rights
from app.locales import queries as locales
from app.locales.assist import commands, glossary, outline, queries, shapes
from app.locales.assist.models import GlossaryTerm
from app.locales.assist.queries import Judged, Memory
from app.locales.shapes import CHECK, PATH
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, text
from app.paging import answer, of_list
from app.sources import sources

blueprint = Blueprint("locale_assist_api", __name__, url_prefix="/api/v1/locales")

WARNING = {**PATH, "check": CHECK, "form": shapes.FORM}


@blueprint.get("/<code>/strings/<int:message_id>/help")
@requires("view")
@operation(path=PATH, answers={200: shapes.HELP})
def panel(code: str, message_id: int) -> Response:
    """Findings with their dismissals, glossary terms, texts that resemble it, and where it stands."""
    config, now = sources().config, clock.now()
    with begin() as session:
        shown = queries.help_of(session, code, message_id)
    key = shown.message.key
    return jsonify(
        findings=[_judged(row) for row in shown.judged],
        glossary=[
            {"term": term.term, "translation": term.translation, "note": term.note} for term in shown.terms
        ],
        memory=[_memory(one) for one in shown.memory],
        component=shown.component or None,
        locations=shown.message.locations,
        comments=shown.message.comments,
        previous=shown.previous and {"msgid": shown.previous[0], "plural": shown.previous[1]},
        pages=[
            {
                "endpoint": page.endpoint,
                "path": page.path,
                "last_seen_at": page.last_seen_at.isoformat(),
                "outlined": outline.link(config.shop_url, page.path, code, key, config.outline_secret, now),
            }
            for page in shown.pages
        ],
    )


def _judged(row: Judged) -> dict[str, object]:
    said = row.dismissal
    return {
        "check": row.finding.check,
        "form": row.finding.form,
        "blocks": row.finding.blocks,
        "message": str(row.finding.message),
        "dismissed": said and {"who": said.who, "reason": said.reason, "at": said.at.isoformat()},
    }


def _memory(one: Memory) -> dict[str, object]:
    return {
        "source": one.msgid,
        "forms": list(one.forms),
        "similarity": round(one.similarity, 3),
        "place": one.place,
        "origin": one.origin,
        "obsolete": one.is_obsolete,
        "author": one.author,
        "at": one.at.isoformat(),
    }


@blueprint.get("/<code>/memory")
@requires("view")
@operation(path=PATH, query=shapes.LIKE, required=("text",), answers={200: shapes.MEMORY})
def memory(code: str) -> Response:
    """Texts of the locale whose source resembles a text, the nearest first."""
    with begin() as session:
        locales.locale(session, code)
        found = queries.memory(session, code, request.args["text"])
    return jsonify(memory=[_memory(one) for one in found])


@blueprint.put("/<code>/strings/<int:message_id>/dismissals/<check>/<int:form>")
@requires("view")
@operation(path=WARNING, body=shapes.REASON, answers={200: shapes.DISMISSED})
def dismiss(code: str, message_id: int, check: str, form: int) -> Response:
    """Say that a warning does not matter for the text as it is saved now."""
    reason = request.get_json()["reason"]
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        said = commands.dismiss(session, code, message_id, check, form, reason, who(), clock.now())
        answer = {"check": said.check, "form": said.form, "reason": said.reason, "who": said.who}
    events.publish(sources().redis, "locales")
    return jsonify(answer)


@blueprint.delete("/<code>/strings/<int:message_id>/dismissals/<check>/<int:form>")
@requires("view")
@operation(path=WARNING, answers={204: None})
def recall(code: str, message_id: int, check: str, form: int) -> tuple[str, int]:
    """Let a dismissed warning be shown again."""
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.recall(session, code, message_id, check, form, who(), clock.now())
    events.publish(sources().redis, "locales")
    return "", 204


# --- glossary ----------------------------------------------------------------------------------------


@blueprint.get("/<code>/glossary")
@requires("view")
@operation(path=PATH, query=PAGING, answers={200: shapes.TERMS})
def terms(code: str) -> Response:
    """How words of the shop are said in a locale."""
    with begin() as session:
        locales.locale(session, code)
        rows = queries.term_rows(session, code)
    return answer("terms", of_list(rows, lambda row: (row.term.lower(), row.id)), _term)


def _term(row: GlossaryTerm) -> dict[str, object]:
    return {
        "id": row.id,
        "term": row.term,
        "translation": row.translation,
        "note": row.note,
        "do_not_translate": row.is_kept,
        "case_sensitive": row.is_case_sensitive,
    }


@blueprint.post("/<code>/glossary")
@requires("view")
@operation(path=PATH, body=shapes.TERM_DRAFT, answers={201: shapes.TERM})
def add_term(code: str) -> tuple[Response, int, dict[str, str]]:
    """Say how a word is said in a locale, or that a name stays as it is."""
    made = _saved(code, None)
    return jsonify(made), 201, {"Location": url_for("locale_assist_api.term", code=code, term_id=made["id"])}


@blueprint.get("/<code>/glossary/<int:term_id>")
@requires("view")
@operation(path=PATH, answers={200: shapes.TERM})
def term(code: str, term_id: int) -> Response:
    """One term of the glossary."""
    with begin() as session:
        return jsonify(_term(queries.term_row(session, code, term_id)))


@blueprint.put("/<code>/glossary/<int:term_id>")
@requires("view")
@operation(path=PATH, body=shapes.TERM_DRAFT, answers={200: shapes.TERM})
def save_term(code: str, term_id: int) -> Response:
    """Change a term of the glossary."""
    return jsonify(_saved(code, term_id))


def _saved(code: str, term_id: int | None) -> dict[str, object]:
    sent = request.get_json()
    term = glossary.checked(
        *(sent.get(name, "") for name in ("term", "translation", "note")),
        is_kept=sent.get("do_not_translate", False),
        is_case_sensitive=sent.get("case_sensitive", False),
    )
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        return _term(commands.save_term(session, code, term, who(), clock.now(), term_id))


@blueprint.delete("/<code>/glossary/<int:term_id>")
@requires("view")
@operation(path=PATH, answers={204: None})
def delete_term(code: str, term_id: int) -> tuple[str, int]:
    """Take a term out of the glossary."""
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.delete_term(session, code, term_id, who(), clock.now())
    return "", 204


@blueprint.get("/<code>/glossary/export")
@requires("view")
@operation(path=PATH, answers={200: text()}, gives={200: "text/csv"})
def export_terms(code: str) -> Response:
    """The glossary as a table, as an import takes it."""
    with begin() as session:
        locales.locale(session, code)
        data = glossary.as_csv(queries.terms(session, code))
    return Response(data, mimetype="text/csv")


@blueprint.post("/<code>/glossary/import")
@requires("view")
@operation(
    path=PATH,
    takes={"text/csv": shapes.TERM_TABLE},
    or_takes=("application/octet-stream", "text/plain"),
    answers={200: shapes.TAKEN_IN},
)
def import_terms(code: str) -> Response:
    """Take in a table of terms: new ones are added, known ones get what the table says."""
    request.max_content_length = glossary.MOST_BYTES + 1
    with begin() as session:
        locales.locale(session, code)
        rights.demand(session, code, access.TRANSLATE)
        found = glossary.read_csv(request.get_data())
        return jsonify(terms=commands.import_terms(session, code, found, who(), clock.now()))
