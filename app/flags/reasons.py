"""Why a flag answered what it answered, as sentences for people. Pure: no I/O, no clock."""

from __future__ import annotations

from flask_babel import gettext as _

from app.flags import wording
from app.flags.explain import Bucket, Checked, Chosen, Explanation, Parent, Step


def because(found: Explanation) -> str:
    """The one sentence that matters most."""
    match found.cause:
        case "unknown":
            return str(_("There is no such flag."))
        case "off":
            return str(_("The flag is switched off in this environment."))
        case "parent":
            unmet = next((one for one in found.parents if one.is_satisfied is not True), None)
            return parent(unmet) if unmet is not None else str(_("A flag that it depends on says otherwise."))
        case "unreadable":
            return str(_("SDKs cannot read one of its strategies, so it is off."))
        case "everybody":
            return str(_("It is on and has no strategy: everybody gets it."))
        case "strategy":
            return _yes(found)
        case "nobody":
            return _no(found)


def _yes(found: Explanation) -> str:
    for number, step in enumerate(found.steps, 1):
        if step.is_decisive:
            return str(
                _("Strategy %(number)s says yes. %(lot)s", number=number, lot=_lot(step.bucket))
            ).strip()
    return str(_("Lots are drawn anew each time."))


def _no(found: Explanation) -> str:
    """With a single strategy, what is missing; with several, that none says yes."""
    asked = [step for step in found.steps if not step.is_disabled]
    if not asked:
        return str(_("All of its strategies are switched off."))
    if any(step.holds is None for step in asked):
        return str(_("Lots are drawn anew each time."))
    if len(asked) == 1:
        return missing(asked[0])
    return str(_("None of its %(num)s strategies says yes.", num=len(asked)))


def missing(step: Step) -> str:
    """Why a strategy says no."""
    failed = next((one for one in step.constraints if not one.holds), None)
    if failed is not None:
        return checked(failed)
    if step.missing_segments:
        return str(_("It names a segment that does not exist."))
    if step.bucket is not None:
        return _lot(step.bucket) or str(_("Its share draws nobody without a field to draw by."))
    return str(_("This shopper is not among those that it names."))


def checked(found: Checked) -> str:
    """A constraint and what the context says."""
    rule = wording.constraint(found.constraint)
    said = _("it is “%(value)s”", value=found.value) if found.value is not None else _("nothing is known")
    if found.segment:
        return str(_("%(segment)s: %(rule)s – %(said)s", segment=found.segment, rule=rule, said=said))
    return str(_("%(rule)s – %(said)s", rule=rule, said=said))


def bucket(found: Bucket) -> str:
    return _lot(found)


def parent(found: Parent) -> str:
    if not found.is_known:
        return str(_("It depends on %(name)s, which does not exist.", name=found.name))
    if found.has_parent:
        return str(
            _("It depends on %(name)s, which has a parent itself: SDKs do not follow.", name=found.name)
        )
    wants = wording.parent(
        {"feature": found.name, "enabled": found.wants_enabled, "variants": list(found.wants_variants)}
    )
    if found.is_satisfied:
        return str(_("It asks that %(wants)s, and so it is.", wants=wants))
    return str(_("It asks that %(wants)s, and so it is not.", wants=wants))


def variant(found: Chosen) -> str:
    match found.cause:
        case "override":
            return str(_("chosen for %(field)s “%(value)s”", field=found.field, value=found.value))
        case "bucket":
            return _lot(found.bucket)
        case "chance":
            return str(_("drawn anew each time"))
        case "none":
            return str(_("no variant has a weight"))


def _lot(found: Bucket | None) -> str:
    if found is None:
        return ""
    if found.number is None:
        return str(_("Lots are drawn anew each time."))
    return str(
        _(
            "By %(field)s the lot is %(number)s of %(size)s; up to %(limit)s get it.",
            field=found.stickiness,
            number=found.number,
            size=found.size,
            limit=found.limit,
        )
    )
