"""What the panel and the glossary show, as JSON under /api/v1/locales."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.locales import access, rights
from app.locales import queries as locales
from app.locales.assist import commands, glossary, outline, queries
from app.locales.assist.models import GlossaryTerm
from app.locales.assist.queries import Judged, Memory
from app.sources import sources

blueprint = Blueprint("locale_assist_api", __name__, url_prefix="/api/v1/locales")

LONGEST_TEXT = 10_000


@blueprint.get("/<code>/strings/<int:message_id>/help")
@requires("view")
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
def memory(code: str) -> Response:
    """Texts of the locale whose source resembles `text`, the nearest first."""
    text = request.args.get("text", "").replace("\x00", "")[:LONGEST_TEXT]
    if not text.strip():
        raise Refused(_("Give a text."), {"text": _("Give a text.")})
    with begin() as session:
        locales.locale(session, code)
        found = queries.memory(session, code, text)
    return jsonify(memory=[_memory(one) for one in found])


@blueprint.put("/<code>/strings/<int:message_id>/dismissals/<check>/<int:form>")
@requires("view")
def dismiss(code: str, message_id: int, check: str, form: int) -> Response:
    """`{"reason": "…"}`: the warning does not matter for the text as it is saved now."""
    reason = str((request.get_json(silent=True) or {}).get("reason", ""))
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        said = commands.dismiss(session, code, message_id, check, form, reason, who(), clock.now())
        answer = {"check": said.check, "form": said.form, "reason": said.reason, "who": said.who}
    events.publish(sources().redis, "locales")
    return jsonify(answer)


@blueprint.delete("/<code>/strings/<int:message_id>/dismissals/<check>/<int:form>")
@requires("view")
def recall(code: str, message_id: int, check: str, form: int) -> tuple[str, int]:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.recall(session, code, message_id, check, form, who(), clock.now())
    events.publish(sources().redis, "locales")
    return "", 204


# --- glossary ----------------------------------------------------------------------------------------


@blueprint.get("/<code>/glossary")
@requires("view")
def terms(code: str) -> Response:
    with begin() as session:
        locales.locale(session, code)
        rows = queries.term_rows(session, code)
    return jsonify(terms=[_term(row) for row in rows])


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
def add_term(code: str) -> tuple[Response, int]:
    return jsonify(_saved(code, None)), 201


@blueprint.put("/<code>/glossary/<int:term_id>")
@requires("view")
def save_term(code: str, term_id: int) -> Response:
    return jsonify(_saved(code, term_id))


def _saved(code: str, term_id: int | None) -> dict[str, object]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refused(_("Send a JSON object."))
    term = glossary.checked(
        *(str(sent.get(name) or "") for name in ("term", "translation", "note")),
        is_kept=sent.get("do_not_translate") is True,
        is_case_sensitive=sent.get("case_sensitive") is True,
    )
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        return _term(commands.save_term(session, code, term, who(), clock.now(), term_id))


@blueprint.delete("/<code>/glossary/<int:term_id>")
@requires("view")
def delete_term(code: str, term_id: int) -> tuple[str, int]:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.delete_term(session, code, term_id, who(), clock.now())
    return "", 204


@blueprint.post("/<code>/glossary/import")
@requires("view")
def import_terms(code: str) -> Response:
    """The body is CSV: term, translation, note, do_not_translate, case_sensitive."""
    request.max_content_length = glossary.MOST_BYTES + 1
    found = glossary.read_csv(request.get_data())
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        return jsonify(terms=commands.import_terms(session, code, found, who(), clock.now()))
