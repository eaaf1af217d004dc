"""What a release may be like. Pure: no I/O."""

from __future__ import annotations

LONGEST_NOTE = 500
