"""The shapes of people, invitations and one's own account in the API. Pure."""

from __future__ import annotations

from app.i18n import LOCALES
from app.openapi.shapes import (
    MAILBOX,
    Named,
    Shape,
    many,
    maybe,
    moment,
    one_of,
    page_of,
    text,
    thing,
    whole,
    yes_or_no,
)

NUMBER = whole("Its number.", least=1, example=7)
EMAIL = text("An e-mail address; capitals do not matter.", least=1, most=254, example="ada@example.org")
TYPED_EMAIL = text(
    "An e-mail address; capitals do not matter.", most=254, pattern=MAILBOX, example="ada@example.org"
)
NAME = text("As it is shown to others.", most=100, example="Ada")
ROLE = text("A role that comes with the house, or one of your own.", least=1, most=100, example="viewer")
LOCALE = one_of(*LOCALES, about="Language of pages and mails.")
PASSWORD = text("12 to 200 characters.", least=1, most=800, example="tall grass beside cold water")
TYPED_CODE = text("Six digits of the app, or a recovery code.", least=1, most=100, example="123456")

PERSON = Named(
    "Person",
    thing(
        {
            "id": NUMBER,
            "email": EMAIL,
            "name": NAME,
            "role": ROLE,
            "is_active": yes_or_no("Whether they may sign in."),
            "signed_in_at": maybe(moment("The last sign-in; null: never.")),
            "sessions": whole("Browsers that they are signed in with.", least=0, example=1),
            "second_factor_since": maybe(moment("null: the password alone.")),
            "has_made_password": yes_or_no(
                "Whether somebody else made it: a sign-in asks for one of their own."
            ),
        }
    ),
)
PEOPLE = page_of("people", PERSON)
PERSON_DRAFT = thing({"email": TYPED_EMAIL, "role": ROLE}, {"name": NAME})
PERSON_MADE = thing(
    {"person": PERSON, "password": text("Shown this once.", example="h4kd-8wqm-zzt3-pxn6-4mya-vq7t-k2wd")},
)
PASSWORD_MADE = thing({"password": text("Shown this once.", example="h4kd-8wqm-zzt3-pxn6-4mya-vq7t-k2wd")})
ACTIVE = thing({"active": yes_or_no("false: signed out everywhere and kept out.")})
RULE = Named(
    "SecondFactorRule",
    thing({"roles": many(ROLE, "Whose people must have a second factor; `*` is everybody.", most=100)}),
)

INVITATION = Named(
    "Invitation",
    thing(
        {
            "id": NUMBER,
            "email": EMAIL,
            "name": NAME,
            "role": ROLE,
            "locale": LOCALE,
            "state": one_of("to be sent", "sent", "ended", "accepted", "withdrawn"),
            "created_at": moment(),
            "created_by": text("Who invited.", example="admin@example.org"),
            "sent_at": maybe(moment("null: the mail is still to be sent.")),
            "expires_at": moment("Until when its link works."),
        }
    ),
)
INVITATIONS = page_of("invitations", INVITATION)
INVITATION_DRAFT = thing({"email": TYPED_EMAIL, "role": ROLE}, {"name": NAME, "locale": LOCALE})

SESSION = Named(
    "Session",
    thing(
        {
            "id": NUMBER,
            "browser": text("In words.", example="Firefox · Linux"),
            "address": text("Where the sign-in came from; of IPv6 its /64.", example="192.0.2.7"),
            "created_at": moment(),
            "seen_at": moment(),
            "is_this_one": yes_or_no("Whether the request came by it."),
        }
    ),
)
SESSIONS = page_of("sessions", SESSION)

FACTOR = Named(
    "SecondFactor",
    thing(
        {
            "since": maybe(moment("null: none is in use.")),
            "is_pending": yes_or_no("Whether one waits for its first code."),
            "is_required": yes_or_no("Whether one's role demands it."),
            "recovery_codes_left": whole(least=0, example=10),
        }
    ),
)
ME = Named(
    "Me",
    thing(
        {
            "id": NUMBER,
            "email": EMAIL,
            "name": NAME,
            "role": ROLE,
            "locale": maybe(LOCALE),
            "theme": maybe(one_of("light", "dark")),
            "confirmed_until": maybe(moment("Until when what is dangerous asks for nothing; null: it asks.")),
            "second_factor": FACTOR,
        }
    ),
)
ME_DRAFT = thing({}, {"name": NAME, "locale": maybe(LOCALE), "theme": maybe(one_of("light", "dark"))})
PASSWORD_CHANGE = thing({"old_password": PASSWORD, "new_password": PASSWORD})
CONFIRMATION: Shape = thing({}, {"password": PASSWORD, "code": TYPED_CODE}, "One of the two.")
FACTOR_SEED = thing(
    {
        "seed": text("Base32, to be typed into the app.", example="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        "uri": text("The same for a QR code.", example="otpauth://totp/Backroom:ada%40example.org"),
    }
)
FIRST_CODE = thing({"code": TYPED_CODE})
RECOVERY_CODES = thing(
    {"recovery_codes": many(text(example="abcd-efgh-ijkm-npqr"), "Shown this once; each works once.")}
)
