"""Rules through the API of a ruler (Mimir, Cortex, Thanos Receive's kin) in place of a folder.

A namespace is ours alone: groups are set one by one where they differ, and those that nobody wants are
taken away. What the ruler then says it holds is compared with what was meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import yaml

from app.errors import Refused, Unavailable
from app.slo.rules import DIGEST, Group, text

NAMESPACE = "backroom"
NAME = "the ruler"
TIMEOUT_SECONDS = 10.0
YAML = {"Content-Type": "application/yaml"}
GONE = 404


def install(wanted: Sequence[Group], url: str, tenant: str) -> str:
    """Set what differs, take away what is left over, and see that it is so. Raises `Refused`."""
    meant = {group.name: _plain(group) for group in wanted}
    with httpx.Client(timeout=TIMEOUT_SECONDS, headers={"X-Scope-OrgID": tenant} if tenant else {}) as http:
        there = _groups(http, url)
        changed = [name for name, group in meant.items() if _digests(group) != _digests(there.get(name))]
        left_over = [name for name in there if name not in meant]
        for name in changed:
            _send(http, "POST", f"{url}/{NAMESPACE}", content=yaml.safe_dump(meant[name]), headers=YAML)
        for name in left_over:
            _send(http, "DELETE", f"{url}/{NAMESPACE}/{quote(name)}")
        if not changed and not left_over:
            return "unchanged and held by the ruler"
        there = _groups(http, url)
    wrong = [name for name, group in meant.items() if _digests(group) != _digests(there.get(name))]
    wrong += [name for name in there if name not in meant]
    if wrong:
        raise Refused(f"The ruler does not hold {len(wrong)} groups as they are meant, such as {wrong[0]}")
    return f"{len(changed)} groups set, {len(left_over)} taken away"


def _plain(group: Group) -> dict[str, Any]:
    """The group as the text says it: one way to write rules, not two."""
    found: dict[str, Any] = yaml.safe_load(text([group]))["groups"][0]
    return found


def _digests(group: Mapping[str, Any] | None) -> list[object]:
    if group is None:
        return []
    rules = [
        (rule.get("alert"), sorted(rule.get("labels", {}).items()), rule.get("annotations", {}).get(DIGEST))
        for rule in group.get("rules", [])
    ]
    return [group.get("name"), *rules]


def _groups(http: httpx.Client, url: str) -> dict[str, dict[str, Any]]:
    response = _send(http, "GET", f"{url}/{NAMESPACE}", may_be_gone=True)
    if response.status_code == GONE:
        return {}
    try:
        held = yaml.safe_load(response.text) or {}
        return {group["name"]: group for group in held.get(NAMESPACE, [])}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise Unavailable("The ruler did not answer with its rules as YAML", NAME) from error


def _send(
    http: httpx.Client, method: str, url: str, *, may_be_gone: bool = False, **more: Any
) -> httpx.Response:
    try:
        response = http.request(method, url, **more)
    except httpx.HTTPError as error:
        raise Unavailable(f"The ruler does not answer at {url}", NAME) from error
    if response.status_code >= 500:
        raise Unavailable(f"The ruler answered {response.status_code}", NAME)
    if response.status_code >= 400 and not (may_be_gone and response.status_code == GONE):
        raise Refused(f"The ruler refuses {method} {url}: {response.text.strip()[:300]}")
    return response
