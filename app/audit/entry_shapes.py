"""What the API says of the audit trail. Pure."""

from __future__ import annotations

from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    anything,
    maybe,
    moment,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)
from app.ui.shapes import when

SEARCH: dict[str, Shape] = {
    "q": text("In who, action or subject.", most=200),
    "who": text("Exactly this person, token or job.", most=200, example="ada@example.org"),
    "action": text("How the action begins.", most=200, example="flag."),
    "subject": text("Exactly this thing.", most=200, example="flag:new-checkout"),
    "address": text("Exactly this network address.", most=200, example="203.0.113.7"),
    "text": text("In what was there before and after.", most=200),
    "from": when("Not before this moment."),
    "to": when("Not after this moment."),
}
SEARCH_PAGES = SEARCH | PAGING

VALUES = table(anything(), "The changed thing as plain values; secrets are masked.", example={"share": 25})
ENTRY = Named(
    "AuditEntry",
    thing(
        {
            "id": whole(least=1),
            "at": moment(),
            "who": text("An address, token:<name>, cli:<account> or job:<name>.", example="ada@example.org"),
            "action": text(example="flag.rollout"),
            "subject": text(example="flag:new-checkout"),
            "before": VALUES,
            "after": VALUES,
            "via": maybe(one_of("page", "api", "cli", "job")),
            "address": maybe(text("Where the request came from.", example="203.0.113.7")),
            "agent": maybe(text("The browser or program, as it names itself.")),
            "request_id": maybe(text("Under which logs speak of the request.")),
            "token_id": maybe(whole("The token that was used.", least=1)),
            "sequence": maybe(whole("Its place in the chain; null: not sealed yet.", least=1)),
            "previous": maybe(text("The seal of the entry before.")),
            "seal": maybe(text("HMAC over this entry and the seal before.")),
        }
    ),
)
ENTRIES = page_of("entries", ENTRY)

ANCHOR = thing(
    {
        "at": moment("When it was asked for."),
        "sequence": whole("Of the newest entry.", least=0),
        "seal": text("Of the newest entry: keep it elsewhere."),
    }
)
VERDICT = thing(
    {
        "is_whole": yes_or_no("Whether no entry was altered, removed, added or moved."),
        "broken_at": maybe(whole("The first place in the chain that is wrong.")),
        "how": maybe(
            one_of("altered", "removed", "inserted", "reordered", "cut", "head", "unknown key", "anchor")
        ),
        "first": whole("The first entry that is kept.", least=1),
        "last": whole(least=0),
        "seal": text("Of the last entry."),
        "waiting": whole("Entries from before the chain that are not sealed yet.", least=0),
    }
)
