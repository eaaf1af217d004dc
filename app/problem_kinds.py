"""Every kind of problem that the API tells of: its name in `type`, and what to do about it.

`type` is `/problems/<kind>`, which is also a page that says the same. A kind never changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

PATH = "/problems/"


@dataclass(frozen=True)
class Kind:
    status: int
    title: str  # the same in every answer of the kind
    happened: object  # lazy text: what has happened
    to_do: object  # lazy text: what to do now


KINDS: dict[str, Kind] = {
    "bad-request": Kind(
        400,
        "Bad Request",
        _l("The request could not be read: its body is no JSON, or a header has the wrong form."),
        _l("Mend what the detail names, then send it again. Nothing was changed."),
    ),
    "sign-in-first": Kind(
        401,
        "Sign in first",
        _l("No token came with the request, or one that is unknown, has ended or was revoked."),
        _l("Get a new access token, or make a new token on the page of tokens."),
    ),
    "not-allowed": Kind(
        403,
        "Not allowed",
        _l("Whoever asks may not do this."),
        _l("An admin can grant it; the document of the API says which permission is needed."),
    ),
    "confirm": Kind(
        403,
        "Confirm that it is you",
        _l("This is dangerous, and it is a while since you gave your password or a code."),
        _l("Give it again, then repeat the request."),
    ),
    "not-found": Kind(
        404,
        "Not found",
        _l("There is no such thing, or it is not yours to see."),
        _l("Read the list that it should be in."),
    ),
    "unknown-version": Kind(
        404,
        "Unknown version",
        _l("The API has no such version."),
        _l("Use one of the versions that the detail names."),
    ),
    "method-not-allowed": Kind(
        405,
        "Method Not Allowed",
        _l("This address does not take that kind of request."),
        _l("The header Allow says which kinds it takes."),
    ),
    "not-acceptable": Kind(
        406,
        "Not Acceptable",
        _l("The header Accept asks for a kind of content that this address does not give."),
        _l("Accept application/json, or leave the header out."),
    ),
    "conflict": Kind(
        409,
        "Conflict",
        _l("It was changed since you read it, or exists already. Nothing was overwritten."),
        _l("Read it again, make your change to what is there now, and send that."),
    ),
    "does-not-fit": Kind(
        409,
        "Does not fit",
        _l(
            "Each field has the form that is declared, but does not fit another field, what is there, "
            "or the language that it is written in. Nothing was changed."
        ),
        _l("`errors` says for each field what is wrong with it. Mend that, then send it again."),
    ),
    "in-progress": Kind(
        409,
        "In progress",
        _l("A request with the same Idempotency-Key is being carried out right now."),
        _l("Wait as long as Retry-After says, then send it again with the same key."),
    ),
    "carried-out": Kind(
        409,
        "Carried out before",
        _l("A request with this Idempotency-Key was carried out, but its answer was lost."),
        _l("Look at what came of it. Send it with a new key only if you want it done once more."),
    ),
    "changed-meanwhile": Kind(
        412,
        "Precondition failed",
        _l("It was changed since you read it: If-Match names another state. Nothing was overwritten."),
        _l("`current` holds what is there now. Make your change to it, and send it with its ETag."),
    ),
    "too-large": Kind(
        413,
        "Content Too Large",
        _l("This is more than can be taken at once."),
        _l("Send it in parts."),
    ),
    "unsupported-media-type": Kind(
        415,
        "Unsupported Media Type",
        _l("The body is of a kind that this address does not take."),
        _l("Send application/json, not compressed, unless the document of the API says otherwise."),
    ),
    "refused": Kind(
        422,
        "Refused",
        _l("What was sent breaks a rule. Nothing was changed."),
        _l("`errors` says for each field what is wrong with it."),
    ),
    "key-used-before": Kind(
        422,
        "Idempotency-Key used before",
        _l("The same Idempotency-Key came with another request before."),
        _l("Use a new key for each thing that is to be done."),
    ),
    "too-many-requests": Kind(
        429,
        "Too Many Requests",
        _l("More was asked for than the limit allows."),
        _l("Wait as long as Retry-After says. The header RateLimit tells how much is left."),
    ),
    "slowed": Kind(
        429,
        "Too many tries",
        _l("Too many tries to sign in."),
        _l("Wait as long as Retry-After says, then try again."),
    ),
    "internal-error": Kind(
        500,
        "Internal error",
        _l("Something broke on our side."),
        _l("Send it again later; with an Idempotency-Key nothing is done twice. `instance` names the error."),
    ),
    "unavailable": Kind(
        503,
        "Not available at the moment",
        _l("Something that is needed for this does not answer."),
        _l("Wait as long as Retry-After says, then send it again."),
    ),
}


def of_status(status: int) -> str:
    """The kind of a problem of which no more is known than its status."""
    plain = {
        400: "bad-request",
        401: "sign-in-first",
        403: "not-allowed",
        404: "not-found",
        405: "method-not-allowed",
        406: "not-acceptable",
        409: "conflict",
        412: "changed-meanwhile",
        413: "too-large",
        415: "unsupported-media-type",
        422: "refused",
        429: "too-many-requests",
        503: "unavailable",
    }
    return plain.get(status, "internal-error" if status >= 500 else "bad-request")


def type_of(kind: str) -> str:
    return PATH + kind
