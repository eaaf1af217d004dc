"""Files that people bring along, with markup in their names and in whatever of them is shown again."""

from __future__ import annotations

from html import escape
from io import BytesIO

import pytest

MARKUP = "<img src=x onerror=alert(1)>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>{MARKUP}</svg>'
PO = f"""
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nX-Odd: {MARKUP}\\n"

#: {MARKUP}:1
msgid "{MARKUP}"
msgstr "{MARKUP}"
"""
BILL = (
    "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeCategory\n"
    f"1,USD,2026-01-01,2026-01-02,{MARKUP},Usage\n{MARKUP},{MARKUP},x,y,{MARKUP},{MARKUP}\n"
)
OPENSLO = (
    f'apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: "{MARKUP}"}}\nspec: {{service: "{MARKUP}"}}\n'
)
WORDS, TERMS = "/locales/de/files", "/locales/de/glossary/import"
BILLS, OBJECTIVES = "/cost/bills/", "/slo/-/import"


@pytest.fixture
def admin(signed_in):
    client = signed_in("admin")
    client.post("/api/v1/locales", json={"code": "de"})
    return client


@pytest.mark.parametrize(
    ("path", "name", "text", "more"),
    [
        (WORDS, "words.po", PO, {"do": "look"}),
        (WORDS, "words.json", f'{{"{MARKUP}": "{MARKUP}", "a": {{"b": ["{MARKUP}"]}}}}', {"do": "look"}),
        (WORDS, "words.csv", f"key,{MARKUP}\n{MARKUP},{MARKUP}\n", {"do": "look"}),
        (WORDS, "picture.svg", SVG, {"do": "look"}),
        (WORDS, "words.po", SVG, {"do": "look", "format": MARKUP}),
        (TERMS, "terms.csv", f"term,translation,note\n{MARKUP},{MARKUP},{MARKUP}\n", {}),
        (TERMS, "terms.csv", f"{MARKUP}\n{MARKUP}\n", {}),
        (TERMS, "picture.svg", SVG, {}),
        (BILLS, "bill.csv", BILL, {"dry_run": "1"}),
        (BILLS, "bill.csv", BILL, {}),
        (BILLS, "picture.svg", SVG, {"dry_run": "1", "currency": MARKUP}),
        (OBJECTIVES, "slo.yaml", OPENSLO, {}),
        (OBJECTIVES, "slo.yaml", f"{MARKUP}: [", {}),
        (OBJECTIVES, "picture.svg", SVG, {}),
    ],
)
def test_a_file_is_shown_as_text_wherever_it_is_shown(admin, path, name, text, more):
    for called in (name, f"{MARKUP}.{name.rpartition('.')[2]}"):
        for headers in ({}, {"HX-Request": "true"}):
            sent = {**more, "file": (BytesIO(text.encode()), called)}
            answer = admin.post(path, data=sent, headers=headers)
            assert answer.status_code < 500
            nothing_runs(answer)
    nothing_runs(admin.get(path.removesuffix("/import") if path == TERMS else path))


def test_a_name_in_a_preview_is_escaped_and_not_left_out(admin):
    sent = {"do": "look", "file": (BytesIO(f'{{"{MARKUP}": "x"}}'.encode()), "words.json")}
    answer = admin.post(WORDS, data=sent)
    assert answer.status_code == 200
    assert escape(MARKUP) in answer.text


def nothing_runs(answer):
    assert answer.mimetype in ("text/html", "text/plain")
    for active in ("<img src=x", "<svg xmlns", 'onload="alert', "<script>alert"):
        assert active not in answer.text
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


def test_what_a_program_sends_comes_back_as_data(admin):
    """JSON and problems of the API are no page, whatever a browser makes of them."""
    for path, sent in (
        ("/api/v1/locales/de/import?format=json", f'{{"{MARKUP}": "{MARKUP}"}}'),
        ("/api/v1/locales/de/import?format=po", PO),
        ("/api/v1/flags/import", f'{{"version": 1, "features": [{{"name": "{MARKUP}"}}]}}'),
        ("/api/v1/flags/import", SVG),
        ("/api/v1/costs/imports?name=x.csv", BILL),
    ):
        answer = admin.post(path, data=sent.encode(), content_type="application/json")
        assert answer.status_code < 500
        assert answer.mimetype in ("application/json", "application/problem+json"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
