"""What the API of backups takes and answers. Pure."""

from __future__ import annotations

from app.openapi.shapes import (
    Named,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    yes_or_no,
)

DATABASE = one_of("control", "shop", about="the control plane's own database, or the shop's")
KIND = one_of("verify", "prove", about="read to the end, or restored beside and compared")

ASK = thing({"database": DATABASE})
CHECK_ASKED = thing({"kind": KIND})
CHECK = Named(
    "BackupCheck",
    thing(
        {
            "kind": KIND,
            "state": one_of("asked", "running", "ok", "failed"),
            "asked_by": text(example="ada@example.org"),
            "asked_at": moment(),
            "finished_at": maybe(moment()),
            "said": text("what was found", example="restored: 116 tables, 41030 rows, all the same"),
        }
    ),
)
BACKUP = Named(
    "Backup",
    thing(
        {
            "id": whole(least=1, example=7),
            "database": DATABASE,
            "state": one_of("asked", "running", "ok", "failed", "gone", about="gone: its file was deleted"),
            "cause": one_of("schedule", "page", "api", "cli", "found", about="found: its file was there"),
            "asked_by": text(example="ada@example.org"),
            "asked_at": moment(),
            "made_at": maybe(moment("the moment that it holds")),
            "error": text("what went wrong; empty: nothing"),
            "file_name": maybe(text(example="control-20260131T030000Z-a1b2c3.backup")),
            "size_bytes": maybe(whole(least=0, example=8_112_004)),
            "key_name": maybe(text("which of ENCRYPTION_KEYS opens it", example="0a1b2c3d")),
            "schema_revision": text("the newest migration that it holds", example="0034"),
            "tables": maybe(whole(least=0, example=116)),
            "rows": maybe(whole(least=0, example=41_030)),
            "seconds": maybe(number("how long it took", least=0, example=3.2)),
            "verified": maybe(CHECK),
            "proven": maybe(CHECK),
        }
    ),
)
STANDING = thing(
    {
        "database": DATABASE,
        "saved_at": maybe(moment("of the newest backup whose file is there")),
        "proven_at": maybe(moment("of the newest backup that was restored and was the same")),
        "is_stale": yes_or_no("no proven backup is young enough"),
        "failed": text("why the newest try failed; empty: it did not"),
    }
)
LIST = page_of("backups", BACKUP)
LIST["properties"]["databases"] = many(STANDING)
LIST["required"] = [*LIST["required"], "databases"]
PRUNED = thing({"deleted": many(text(example="control-20260131T030000Z-a1b2c3.backup"))})
