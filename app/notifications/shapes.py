"""The shapes of notifications and their settings in JSON."""

from __future__ import annotations

from app.notifications.kind import CHANNELS, DIGESTS, KINDS
from app.openapi.shapes import Named, many, maybe, moment, one_of, page_of, text, thing, web_address, whole
from app.webhooks.message import FORMATS
from app.webhooks.shapes import ENDPOINT

NOTIFICATION = Named(
    "Notification",
    thing(
        {
            "id": whole(least=1),
            "kind": one_of(*KINDS),
            "type": text(example="alert.fired"),
            "title": text(),
            "who": text(),
            "subject": text(),
            "url": text(),
            "at": moment(),
            "read_at": maybe(moment("null: not read yet.")),
        }
    ),
)
NOTIFICATIONS = page_of("notifications", NOTIFICATION)
UNREAD = thing({"unread": whole(least=0)})
_CHANNELS = many(one_of(*CHANNELS), most=len(CHANNELS))
_HOUR = whole("An hour of the day in that zone.", least=0, most=23)
_SETTING = {
    "time_zone": text(least=1, most=80, example="Europe/Berlin"),
    "quiet_from": maybe(_HOUR),
    "quiet_to": maybe(_HOUR),
    "digest": one_of(*DIGESTS),
    "digest_hour": _HOUR,
}
_KINDS = dict.fromkeys(KINDS, _CHANNELS)
SETTINGS = Named("NotificationSettings", thing({**_SETTING, "kinds": thing({}, _KINDS)}))
CHANGE = thing({}, {**_SETTING, "kinds": thing({}, _KINDS)})
OWN_WEBHOOK = thing(
    {"url": web_address("A public https:// address.", example="https://hooks.example/T0/B0")},
    {"format": one_of(*FORMATS)},
)
MY_WEBHOOK = thing({"webhook": maybe(ENDPOINT)})
