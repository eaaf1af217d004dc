"""What the log of deliveries keeps of a body: its beginning, without what must not be read there. Pure."""

from __future__ import annotations

from app.masking import mask

LONGEST = 2_000


def excerpt(body: bytes) -> str:
    """Masked before it is cut: half a secret would not be known as one."""
    text = body[: 2 * LONGEST].decode("utf-8", "replace").replace("\x00", "")
    return mask(text)[:LONGEST]
