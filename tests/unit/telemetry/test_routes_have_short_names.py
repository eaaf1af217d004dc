"""Route templates as label values."""

from __future__ import annotations

import pytest

from storefront.telemetry import template


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("/<locale:locale>/products/<slug>", "/<locale>/products/<slug>"),
        ("/static/<path:filename>", "/static/<filename>"),
        ("/media/products/<slug>-<int:width>.svg", "/media/products/<slug>-<width>.svg"),
        ("/<any(a, b):x>/", "/<x>/"),
        ("/healthz", "/healthz"),
    ],
)
def test_a_template_has_no_converters(rule: str, name: str) -> None:
    assert template(rule) == name
