"""Plans, guards and decisions in words that a product manager would use. Pure: in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.rollouts.plan import GUARD_KINDS, Audience, Guard, Plan, Step
from app.ui import formats

COUNTRIES = {
    "DE": _l("Germany"),
    "AT": _l("Austria"),
    "FR": _l("France"),
    "NL": _l("the Netherlands"),
    "BE": _l("Belgium"),
    "LU": _l("Luxembourg"),
    "IT": _l("Italy"),
    "ES": _l("Spain"),
    "PL": _l("Poland"),
    "DK": _l("Denmark"),
    "SE": _l("Sweden"),
    "IE": _l("Ireland"),
    "GB": _l("the United Kingdom"),
    "AE": _l("the Emirates"),
    "SA": _l("Saudi Arabia"),
    "EG": _l("Egypt"),
}
LOCALES = {"de": _l("German"), "en": _l("English"), "ar": _l("Arabic")}
DEVICES = {"desktop": _l("desktop"), "mobile": _l("mobile phone"), "tablet": _l("tablet")}
CUSTOMERS = {"": _l("shoppers"), "guest": _l("guests"), "account": _l("shoppers with an account")}
JOURNEYS = {
    "all": _l("anything shoppers do"),
    "browse": _l("browsing"),
    "search": _l("search"),
    "cart": _l("the cart"),
    "checkout": _l("checkout"),
    "pay": _l("payment"),
}
GUARDS = {
    "errors": _l("Failures"),
    "latency": _l("Speed"),
    "burn": _l("Burn of an objective"),
    "budget": _l("Error budget used"),
    "conversion": _l("Conversion"),
    "revenue": _l("Revenue per shopper"),
    "checkout": _l("Orders of those at the checkout"),
    "cost": _l("Cost per user"),
}
ON_HARM = {
    "roll_back": _l("roll back to where it was"),
    "off": _l("switch it off for everybody"),
    "hold": _l("stop there and ask me"),
}
AT_DEADLINE = {"roll_back": _l("roll back to where it was"), "stay": _l("leave it where it is")}
APPROVERS = {
    "": _l("nobody"),
    "another": _l("somebody else than who starts it"),
    "product_manager": _l("a product manager"),
    "ops": _l("somebody of ops"),
    "admin": _l("an admin"),
}
WHEN_SILENT = {"hold": _l("wait"), "ignore": _l("go on")}
OUTCOMES = {
    "": _l("on its way"),
    "finished": _l("finished"),
    "rolled_back": _l("rolled back"),
    "off": _l("switched off"),
    "expired": _l("ran out of time"),
    "aborted": _l("aborted"),
}
DOING = {
    "stay": _l("on its way"),
    "hold": _l("waits"),
    "freeze": _l("frozen"),
    "ask": _l("needs approval"),
}
STATES = {
    "harm": _l("worse"),
    "suspect": _l("suspicious"),
    "ok": _l("no harm"),
    "early": _l("too early to say"),
    "silent": _l("no data"),
    "ignored": _l("no data, left out"),
}


def people(audience: Audience) -> str:
    """guests in Germany or Austria, reading German, on a mobile phone"""
    words = [str(CUSTOMERS[audience.customer])]
    if audience.countries:
        words.append(_("in %(countries)s", countries=_or(audience.countries, COUNTRIES)))
    if audience.locales:
        words.append(_("who read %(languages)s", languages=_or(audience.locales, LOCALES)))
    if audience.devices:
        words.append(_("on a %(devices)s", devices=_or(audience.devices, DEVICES)))
    if audience.segments:
        words.append(_("in the segment %(segments)s", segments=_or(audience.segments, {})))
    return " ".join(words)


def _or(values: Iterable[str], names: Mapping[str, object]) -> str:
    return str(_(" or ")).join(str(names.get(value, value)) for value in values)


def share(step: Step, audience: Audience) -> str:
    """10 % of guests in Germany; everybody"""
    aimed = audience if step.scope == "audience" else Audience()
    if step.percent == 100:
        return str(_("everybody") if aimed.is_everybody else _("all %(people)s", people=people(aimed)))
    return str(
        _("%(percent)s of %(people)s", percent=formats.percent(step.percent / 100), people=people(aimed))
    )


def step(one: Step, audience: Audience) -> str:
    told = conditions(one)
    return share(one, audience) + (f" ({told})" if told else "")


def conditions(one: Step) -> str:
    """for at least 30 minutes, until 50 of them have met it"""
    found: list[str] = []
    if one.minutes:
        found.append(_("for at least %(span)s", span=formats.span(timedelta(minutes=one.minutes))))
    if one.exposures:
        found.append(_("until %(count)s of them have met it", count=formats.number(one.exposures)))
    if one.approver:
        found.append(_("once %(who)s agreed", who=APPROVERS[one.approver]))
    return ", ".join(found)


def guard(one: Guard) -> str:
    """unless …"""
    limit = formats.number(one.limit)
    percent = formats.percent(one.limit)
    what = JOURNEYS.get(one.journey, "")
    words = {
        "errors": _("%(what)s fails %(times)s times as often", what=what, times=limit),
        "latency": _("%(what)s takes %(times)s times as long", what=what, times=limit),
        "burn": _("the budget of %(slo)s burns %(times)s times too fast", slo=one.slo, times=limit),
        "budget": _("it uses %(share)s of the budget of %(slo)s", share=percent, slo=one.slo),
        "conversion": _("fewer buy, by %(share)s or more", share=percent),
        "revenue": _("revenue per shopper falls by %(share)s or more", share=percent),
        "checkout": _("fewer of those at the checkout order, by %(share)s or more", share=percent),
        "cost": _("a user costs %(times)s times as much", times=limit),
    }
    return str(words[one.kind])


def sentence(plan: Plan) -> str:
    """The whole plan, read aloud."""
    then = str(_(", then "))
    walk = then.join(step(one, plan.audience) for one in plan.steps)
    by = _("by %(moment)s", moment=formats.moment(plan.deadline))
    unless = _(" or ").join(guard(one) for one in plan.guards)
    if not unless:
        return str(_("%(walk)s, %(by)s. Nothing guards it.", walk=_capital(walk), by=by))
    whole = _(
        "%(walk)s, %(by)s, unless %(unless)s. Then: %(harm)s.",
        walk=_capital(walk),
        by=by,
        unless=unless,
        harm=ON_HARM[plan.on_harm],
    )
    return str(whole)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def guard_name(key: str, plan: Plan) -> str:
    found = next((one for one in plan.guards if one.key == key), None)
    if found is None:
        return key
    about = str(JOURNEYS[found.journey]) if found.journey else ""
    return " · ".join(part for part in (str(GUARDS[found.kind]), found.slo or about) if part)


def value(kind: str, number: float | None) -> str:
    """One side's figure of a guard, with its unit."""
    if number is None:
        return formats.number(None)
    match kind:
        case "latency":
            return formats.seconds(number)
        case "burn":
            return str(_("%(times)s×", times=formats.number(number)))
        case "revenue" | "cost":
            return formats.unit_money(number)
        case _:
            return formats.percent(number, 2)


def limit(kind: str, number: float) -> str:
    """What is put up with, with its unit."""
    if GUARD_KINDS[kind].unit == "share":
        return formats.percent(number)
    return str(_("%(times)s×", times=formats.number(number)))
