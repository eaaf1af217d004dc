from __future__ import annotations

import re

import pytest

from app.alerts.runbook import load, names, parse


def body(text):
    return str(parse("x", text).body)


def test_the_first_heading_is_the_title():
    book = parse("x", "# The checkout fails\n\nRead on.")
    assert (book.title, str(book.body)) == ("The checkout fails", "<p>Read on.</p>")


def test_a_file_without_a_heading_is_named_by_itself():
    assert parse("odd-file", "Text.").title == "odd-file"


def test_paragraphs_lists_and_code_are_told_apart():
    found = body(
        "One\ntwo.\n\n## Act\n1. First\n   goes on\n2. Second\n\n- a\n* b\n\n```\nSELECT 1 < 2\n```\nEnd"
    )
    assert found.split("\n") == [
        "<p>One two.</p>",
        "<h2>Act</h2>",
        "<ol><li>First goes on</li><li>Second</li></ol>",
        "<ul><li>a</li><li>b</li></ul>",
        "<pre><code>SELECT 1 &lt; 2</code></pre>",
        "<p>End</p>",
    ]


def test_code_bold_and_links_work_within_a_line():
    found = body("Open [Flags](/flags/), run `a<b` and **wait**.")
    assert found == (
        '<p>Open <a href="/flags/">Flags</a>, run <code>a&lt;b</code> and <strong>wait</strong>.</p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "[click](//evil.example)",
        "[click](data:text/html,x)",
        '[click](https://a.example/"onmouseover="x)',
        "`<img src=x onerror=y>`",
        "**<b onclick=x>**",
        "# <script>x</script>",
        "```\n</code></pre><script>x</script>",
    ],
)
def test_no_text_becomes_markup(text):
    found = body("\n" + text)
    assert not re.search(r"<(script|img|b)\b", found)
    assert not re.search(r'href="(?!https://|/[^/])', found)
    assert not re.search(r"<[^>]*\son\w+=", found)


@pytest.mark.parametrize(
    "name", ["../../config", "..", "a/b", "", "A", "no-such", ".hidden", "checkout-errors.md"]
)
def test_only_files_of_the_folder_can_be_named(name):
    assert load(name) is None


def test_every_runbook_has_a_title_and_steps_to_act():
    assert {"checkout-errors", "checkout-slow", "monitoring-blind"} <= set(names())
    for name in names():
        book = load(name)
        assert book.title != name
        assert "<h2>Act</h2>" in book.body
        assert "<h2>Verify</h2>" in book.body
