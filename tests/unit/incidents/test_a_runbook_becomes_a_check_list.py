from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.errors import Refused
from app.incidents.incident import PROCEDURES
from app.incidents.procedure import ACTIONS, checked, steps, without_marks
from app.incidents.runbooks import FOLDER

TEXT = """# Fire

Read on.

## Act

1. Leave the **house**
   at once. {within 2 min}
2. Call for help. {do tell-shoppers} {within 5 min}

- Not numbered

## Verify

* Count everybody.
"""


def test_each_item_is_a_step_of_its_section():
    found = steps(TEXT)
    assert [(step.section, step.text) for step in found] == [
        ("Act", "Leave the **house** at once."),
        ("Act", "Call for help."),
        ("Act", "Not numbered"),
        ("Verify", "Count everybody."),
    ]


def test_marks_give_a_time_and_a_button():
    first, second, third, _ = steps(TEXT)
    assert (first.within_minutes, first.action) == (2, None)
    assert (second.within_minutes, second.action) == (5, "tell-shoppers")
    assert (third.within_minutes, third.action) == (None, None)


def test_a_step_cannot_carry_markup():
    [step] = steps("1. <script>x</script> **now**")
    assert step.words == "&lt;script&gt;x&lt;/script&gt; <strong>now</strong>"


def test_for_reading_the_time_is_said_in_words():
    assert "(**2 min**)" in without_marks(TEXT)
    assert "{" not in without_marks(TEXT)


@pytest.mark.parametrize(
    "text",
    ["no title", "# T\n\n1. Go. {do launch-rockets}", "# T\n" + "x" * 50_000, "# T\n" + "1. a\n" * 201],
    ids=["title", "button", "long", "steps"],
)
def test_a_runbook_that_could_not_be_followed_is_refused(text):
    with pytest.raises(Refused) as refused:
        checked(text)
    assert set(refused.value.fields) == {"text"}


def test_line_ends_of_every_system_are_taken():
    assert checked("# T\r\n\r\n1. Go.\r\n") == "# T\n\n1. Go.\n"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_what_ships_can_be_followed(path: Path):
    text = path.read_text()
    assert checked(text) == text
    sections = {step.section for step in steps(text)}
    assert {"Identify", "Act", "Verify"} <= sections


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.runbook)
def test_the_emergency_procedures_have_times_and_buttons(procedure):
    found = steps((FOLDER / f"{procedure.runbook}.md").read_text())
    assert any(step.within_minutes for step in found)
    assert {"freeze-rollouts", "kill-flag", "thaw-rollouts"} <= {step.action for step in found}
    assert {step.action for step in found} - {None} <= set(ACTIONS)
    assert {"Identify", "Act", "Verify", "Review"} == {step.section for step in found}


def test_pages_named_in_runbooks_are_paths():
    for path in FOLDER.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            assert target.startswith(("/", "https://")), (path.name, target)
