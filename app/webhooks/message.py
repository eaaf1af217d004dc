"""What is sent of an event: JSON of ours, Slack's Block Kit, or an Adaptive Card for Teams. Pure.

Slack: https://docs.slack.dev/reference/block-kit/blocks (header 150, section 3,000, context 10 elements,
50 blocks; & < > escaped). Teams: an Adaptive Card 1.4 as attachment, up to 28 kB, whose texts are Markdown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.webhooks.event import VERSION, Event

FORMATS = ("json", "slack", "teams")
CONTENT_TYPE = "application/json"
MOST_BODY_BYTES = 256 * 1024
SLACK_HEADER, SLACK_TEXT = 150, 3_000
TEAMS_TEXT, MOST_TEAMS_BYTES = 2_000, 28 * 1024
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~<])")
MARKS = {"bad": "🔴", "risk": "🟠", "ok": "🟢", "info": "🔵", "stale": "⚪"}
CARD_COLOURS = {"bad": "attention", "risk": "warning", "ok": "good", "info": "accent", "stale": "default"}


@dataclass(frozen=True)
class Told:
    """An event with what only the sender knows of it."""

    uid: str
    event: Event
    label: str  # its type in words
    tone: str  # bad, risk, ok, info or stale
    home: str  # where people reach the control plane

    @property
    def id(self) -> str:
        return f"evt_{self.uid.replace('-', '')}"

    @property
    def link(self) -> str:
        """Where its page is; "" where it has none."""
        url = self.event.url
        return f"{self.home.rstrip('/')}{url}" if url.startswith("/") else url


def body_of(told: Told, format_: str) -> bytes:
    made = {"json": as_json, "slack": as_slack, "teams": as_teams}[format_](told)
    body = _bytes(made)
    if len(body) <= (MOST_TEAMS_BYTES if format_ == "teams" else MOST_BODY_BYTES):
        return body
    # The facts of a flag of megabytes are read where they are.
    return _bytes({**as_json(told), "data": {**_head(told), "is_cut": True}})


def _bytes(made: Mapping[str, Any]) -> bytes:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def as_json(told: Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "type": told.event.type,
        "version": VERSION,
        "timestamp": _time(told.event.at),
        "data": {**_head(told), "facts": dict(told.event.data)},
    }


def _head(told: Told) -> dict[str, Any]:
    event = told.event
    return {
        "title": event.title,
        "subject": event.subject,
        "who": event.who,
        "environment": event.environment,
        "locale": event.locale,
        "url": told.link,
    }


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _facts(told: Told) -> list[str]:
    event = told.event
    return [one for one in (event.environment, event.locale, event.who) if one]


def as_slack(told: Told) -> dict[str, Any]:
    title = slack_text(told.event.title)
    linked = f"<{told.link}|{title}>" if told.link else title
    if len(linked) > SLACK_TEXT:
        linked = _cut(title, SLACK_TEXT)
    mark = MARKS[told.tone]
    blocks: list[dict[str, Any]] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _cut(f"{mark} {told.label}", SLACK_HEADER)},
        },
        {"type": "section", "text": {"type": "mrkdwn", "text": linked}},
    ]
    about = " · ".join(slack_text(one) for one in _facts(told))
    if about:
        element = {"type": "mrkdwn", "text": _cut(about, SLACK_TEXT)}
        blocks.append({"type": "context", "elements": [element]})
    # `text` is what notifications and screen readers say.
    return {"text": _cut(f"{mark} {slack_text(told.label)}: {title}", SLACK_TEXT), "blocks": blocks}


def slack_text(text: str) -> str:
    """No mention, link or mark-up comes out of a name: these three signs begin all that rings somebody."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_teams(told: Told) -> dict[str, Any]:
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _cut(f"{told.label}: {told.event.title}", TEAMS_TEXT),
        "body": [
            {
                "type": "TextBlock",
                "size": "medium",
                "weight": "bolder",
                "wrap": True,
                "color": CARD_COLOURS[told.tone],
                "text": teams_text(told.label),
            },
            {"type": "TextBlock", "wrap": True, "text": teams_text(told.event.title)},
            {
                "type": "TextBlock",
                "wrap": True,
                "isSubtle": True,
                "spacing": "none",
                "text": " · ".join(teams_text(one) for one in _facts(told)) or " ",
            },
        ],
    }
    if told.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Backroom", "url": told.link}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def teams_text(text: str) -> str:
    """Markdown's signs stand for themselves."""
    return MARKDOWN.sub(r"\\\1", _cut(" ".join(text.split()), TEAMS_TEXT))


def _cut(text: str, most: int) -> str:
    """Never in the middle of an escaped sign."""
    if len(text) <= most:
        return text
    return re.sub(r"&[a-z]{0,4}$", "", text[: most - 1]) + "…"
