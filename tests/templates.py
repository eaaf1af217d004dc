"""Each test has an app of its own; what Jinja makes of a template is the same for all of them."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Kept as code, not as bytes: a page draws on dozens of templates, and each app asks for all anew."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}  # by template and by what its source is

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code
