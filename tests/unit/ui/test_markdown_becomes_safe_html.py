from __future__ import annotations

import re

import pytest

from app.ui.prose import article


def body(text):
    return str(article(text, "x").body)


def test_the_first_heading_is_the_title():
    book = article("# The checkout fails\n\nRead on.", "x")
    assert (book.title, str(book.body)) == ("The checkout fails", "<p>Read on.</p>")


def test_a_file_without_a_heading_is_named_by_itself():
    assert article("Text.", "odd-file").title == "odd-file"


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
