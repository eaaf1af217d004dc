"""What the API takes and answers of locales. Pure: shapes alone."""

from __future__ import annotations

from app.openapi.shapes import text

CODE = text(
    "A locale as it is written here: language, script, territory.",
    least=2,
    most=11,
    pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
    example="de",
)
