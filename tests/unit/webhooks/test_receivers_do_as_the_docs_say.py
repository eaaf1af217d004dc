"""The code that docs/webhooks.md gives to receivers takes our messages, and none that was changed."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable

import pytest

from app.webhooks import signing
from local.browser_libraries import find_node
from local.machine import ROOT

SECRET = signing.make_secret(b"k" * 32)
BODY = '{"title": "Über"}'.encode()


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def by_python(headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Callable[..., None]] = {}
    exec(code("python"), names)
    try:
        names["verify"](SECRET, headers, body)
    except ValueError:
        return False
    return True


def by_node(headers: dict[str, str], body: bytes) -> bool:
    call = (
        f"verify({json.dumps(SECRET)}, {json.dumps(headers)}, Buffer.from({json.dumps(body.hex())}, 'hex'));"
    )
    done = subprocess.run([str(find_node()), "-e", code("js") + call], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("verify", [by_python, by_node])
def test_our_messages_are_taken_and_changed_or_old_ones_are_not(verify):
    now = int(time.time())
    ours = signing.headers([signing.make_secret(b"x" * 32), SECRET], "evt_1", now, BODY)
    assert verify(ours, BODY)
    assert not verify(ours, BODY + b" ")
    assert not verify({**ours, "webhook-id": "evt_2"}, BODY)
    assert not verify(signing.headers([SECRET], "evt_1", now - 400, BODY), BODY)
