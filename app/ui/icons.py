"""Our own icons: 16 × 16 outlines in the colour of the text beside them, written into the page."""

# ruff: noqa: E501 - an outline stays on one line

from __future__ import annotations

from markupsafe import Markup, escape

from app.ui.drawn import drawn

# Each value is what stands inside <svg>. Strokes only, 1.5 wide, so that all icons weigh the same.
ICONS = {
    # rooms
    "overview": '<path d="M2.5 8.5 8 3l5.5 5.5"/><path d="M4 7.5V13h8V7.5"/>',
    "slo": '<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="8" r="2"/><path d="M8 1v2.5M15 8h-2.5"/>',
    "alerts": '<path d="M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8z"/><path d="M6.8 14.5h2.4"/>',
    "flags": '<path d="M3.5 14.5V2"/><path d="M3.5 2.8c3-1.6 5 1.6 9 0v6c-4 1.6-6-1.6-9 0"/>',
    "rollouts": '<path d="M2 13.5h3v-3h3.2v-3h3.2v-3H14"/><path d="m12 2.5 2 2-2 2"/>',
    "experiments": '<path d="M6.2 2v4.2L2.8 12.6a1 1 0 0 0 .9 1.4h8.6a1 1 0 0 0 .9-1.4L9.8 6.2V2"/>'
    '<path d="M5 2h6M4.6 10h6.8"/>',
    "kpi": '<path d="M2 13.5h12"/><path d="m2.5 10 3.5-3.5 2.5 2.5 5-5.5"/><path d="M10.5 3.5h3v3"/>',
    "cost": '<circle cx="8" cy="8" r="5.8"/><path d="M10.4 6a2.8 2.8 0 1 0 0 4M4.8 7.3h4M4.8 8.9h4"/>',
    "locales": '<circle cx="8" cy="8" r="5.8"/><path d="M2.2 8h11.6"/>'
    '<path d="M8 2.2c3.4 3.4 3.4 8.2 0 11.6-3.4-3.4-3.4-8.2 0-11.6z"/>',
    "jobs": '<path d="M13.6 8A5.6 5.6 0 1 1 11.7 3.8"/><path d="M8 4.8V8l2.2 1.6"/><path d="M9.6 3.9h2.6V1.4"/>',
    "audit": '<path d="M3.5 2h6l3 3v9h-9z"/><path d="M9.5 2v3h3M5.8 8h4.4M5.8 10.8h4.4"/>',
    "eye": '<path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8z"/><circle cx="8" cy="8" r="1.8"/>',
    "download": '<path d="M8 2v8M4.8 7 8 10.2 11.2 7"/><path d="M2.5 13.5h11"/>',
    "people": '<circle cx="6" cy="5.2" r="2.4"/><path d="M1.8 13.5c0-2.6 1.8-4.2 4.2-4.2s4.2 1.6 4.2 4.2"/>'
    '<path d="M10.4 3a2.3 2.3 0 0 1 0 4.4M11.8 9.7c1.5.6 2.4 1.9 2.4 3.8"/>',
    # states
    "ok": '<circle cx="8" cy="8" r="5.8"/><path d="m5.4 8.2 1.8 1.8 3.5-3.9"/>',
    "risk": '<path d="M8 2.2 14.2 13H1.8z"/><path d="M8 6.4v3.2M8 11.4v.1"/>',
    "burning": '<path d="M8 14c-2.7 0-4.4-1.7-4.4-4.1C3.6 7 6.4 5.7 6.6 2c2.3 1 3.2 2.8 3.1 4.6.6-.3 1-.9 1.1-1.6'
    ' 1.1 1.2 1.6 2.9 1.6 4.6C12.4 12.3 10.7 14 8 14z"/>',
    "exhausted": '<path d="M5.5 2h5l3.5 3.5v5L10.5 14h-5L2 10.5v-5z"/><path d="m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4"/>',
    "stale": '<circle cx="8" cy="8" r="5.8" stroke-dasharray="2.4 1.9"/><path d="M8 4.8V8l2 1.4"/>',
    "nodata": '<circle cx="8" cy="8" r="5.8" stroke-dasharray="2.4 1.9"/><path d="M5.5 8h5"/>',
    "frozen": '<path d="M8 1.8v12.4M2.6 4.9l10.8 6.2M13.4 4.9 2.6 11.1"/>'
    '<path d="m6.3 2.8 1.7 1.5 1.7-1.5M6.3 13.2 8 11.7l1.7 1.5"/>',
    "info": '<circle cx="8" cy="8" r="5.8"/><path d="M8 7.4v3.4M8 5.2v.1"/>',
    "running": '<path d="M2.2 8a5.8 5.8 0 0 1 5.8-5.8"/><circle cx="8" cy="8" r="1.6"/>'
    '<path d="M13.8 8A5.8 5.8 0 0 1 8 13.8"/>',
    # what happened
    "deploy": '<path d="M8 10.5V2.5M5 5.3l3-2.8 3 2.8"/><path d="M2.5 10.5v3h11v-3"/>',
    "release": '<path d="M2.5 5.3 8 2.5l5.5 2.8v5.4L8 13.5l-5.5-2.8z"/><path d="M2.5 5.3 8 8l5.5-2.7M8 8v5.5"/>',
    "incident": '<path d="M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z"/>',
    "maintenance": '<path d="M9.8 5.2a3 3 0 0 1 3.9-3l-2 2 .3 1.7 1.7.3 1.9-1.9a3 3 0 0 1-4 3.8L6 13.6a1.7 1.7 0 0 1-2.4-2.4z"/>',
    # doing
    "add": '<path d="M8 3v10M3 8h10"/>',
    "close": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "more": '<path d="M3.5 8h.1M8 8h.1M12.5 8h.1" stroke-width="2.5"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1"/>',
    "moon": '<path d="M13.2 9.6A5.7 5.7 0 0 1 6.4 2.8a5.7 5.7 0 1 0 6.8 6.8z"/>',
    "sign-out": '<path d="M6.5 2.5h-4v11h4"/><path d="M6.5 8h7M10.8 5.2 13.6 8l-2.8 2.8"/>',
    "key": '<circle cx="5.2" cy="10.8" r="2.9"/><path d="m7.4 8.6 6-6M10.8 5.2l2 2"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1"/><path d="M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/>',
    "edit": '<path d="m3 13 .7-3L11 2.7 13.3 5 6 12.3z"/><path d="M9.3 4.4l2.3 2.3"/>',
    "delete": '<path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5 4.7 14h6.6l.7-9.5"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8.5" rx="1"/><path d="M10.5 5.5V2h-8v8.5h3"/>',
    "run": '<path d="M4.5 2.8 13 8l-8.5 5.2z"/>',
    "pause": '<path d="M5 3v10M11 3v10"/>',
    "undo": '<path d="M2.8 6h6.7a3.5 3.5 0 1 1 0 7H6"/><path d="M5.6 3 2.6 6l3 3"/>',
    "refresh": '<path d="M13.5 8a5.5 5.5 0 1 1-1.7-4"/><path d="M12.3 1.5v2.8H9.5"/>',
    "external": '<path d="M7 3H3v10h10V9"/><path d="M9.5 2.5h4v4M13.3 2.7 8 8"/>',
    "filter": '<path d="M2 3h12L9.5 8.5v4.5l-3-1.5v-3z"/>',
    "up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "down": '<path d="M8 3v10M4 9l4 4 4-4"/>',
    "next": '<path d="m6 3 5 5-5 5"/>',
    "previous": '<path d="m10 3-5 5 5 5"/>',
    "check": '<path d="m3 8.5 3.3 3.3L13 4.5"/>',
    "user": '<circle cx="8" cy="5.2" r="2.8"/><path d="M2.8 14c0-3 2.2-4.8 5.2-4.8s5.2 1.8 5.2 4.8"/>',
    "book": '<path d="M8 4c-1.3-1-3-1.5-5.5-1.5v10C5 12.5 6.7 13 8 14c1.3-1 3-1.5 5.5-1.5v-10C11 2.5 9.3 3 8 4z"/><path d="M8 4v10"/>',
    "shop": '<path d="M2.5 6.5 3.5 2.5h9l1 4M3.5 8v5.5h9V8"/><path d="M2.5 6.5a1.8 1.8 0 0 0 3.7 0 1.8 1.8 0 0 0 3.6 0 1.8 1.8 0 0 0 3.7 0"/>',
    "webhook": '<circle cx="4" cy="11.5" r="2.2"/><circle cx="12" cy="11.5" r="2.2"/><circle cx="8" cy="4" r="2.2"/><path d="M7 6 4.8 9.5M9 6l2.2 3.5M6.2 11.5h3.6"/>',
    "inbox": '<path d="M2.5 9 4 3h8l1.5 6v4h-11z"/><path d="M2.5 9H6a2 2 0 0 0 4 0h3.5"/>',
    "star": '<path d="m8 1.8 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z"/>',
    "keyboard": '<rect x="1.5" y="4" width="13" height="8.5" rx="1"/><path d="M4 7h.1M7 7h.1M10 7h.1M12.5 7h.1M5 10h6"/>',
}


def icon(name: str, label: object = "") -> Markup:
    """An icon; without a label it is decoration that screen readers pass over. An unknown name is a bug."""
    shape = ICONS[name]
    seen = f'role="img" aria-label="{escape(str(label))}"' if label else 'aria-hidden="true"'
    return drawn(
        f'<svg class="icon icon--{name}" viewBox="0 0 16 16" width="16" height="16" fill="none" '
        f'stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" {seen}>'
        f"{shape}</svg>"
    )
