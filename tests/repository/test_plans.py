"""The plans for instructors: each brings what a page asks for before that page."""

from __future__ import annotations

import re
from pathlib import Path

import course_directives
import pytest

from mnist_keras.authoring.questions import MINUTES_A_QUESTION

ROOT = Path(__file__).resolve().parents[2]

TEACH = ROOT / "book" / "instructors" / "teach-it.md"
PLANS = ("Ninety minutes", "Half a day", "Two days")


def linked(text: str, page: Path) -> list[Path]:
    """List the pages that a text links to, in order."""
    found = re.findall(r"\]\(([^)#]+\.md)", text)
    return [(page.parent / each).resolve() for each in found]


def asked_before(page: Path) -> list[Path]:
    """List what a lesson or an exercise asks for, as its card says."""
    line = re.search(r"^:before: (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return linked(line[1], page) if line else []


def plan(text: str, title: str) -> str:
    """Find the table of a plan."""
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return "\n".join(line for line in section.splitlines() if line.startswith("|"))


def missing(table: str) -> list[str]:
    """Say which page of a plan comes before what it asks for."""
    done: list[Path] = []
    faults = []
    for page in linked(table, TEACH):
        faults += [
            f"{page.stem} needs {each.stem}" for each in asked_before(page) if each not in done
        ]
        done.append(page)
    return faults


@pytest.mark.parametrize("title", PLANS)
def test_a_plan_brings_what_each_page_asks_for_before_it(title):
    table = plan(TEACH.read_text(encoding="utf-8"), title)
    assert linked(table, TEACH)
    assert missing(table) == []


def test_a_plan_that_leaves_out_what_a_page_needs_is_seen():
    lesson, exercise = "../lessons/04-a-first-network.md", "../../solutions/01-learning-rate.md"
    assert missing(f"| 30 | [A]({lesson}) |\n| 25 | [B]({exercise}) |") == [
        "04-a-first-network needs 03-preparing-the-data",
        "01-learning-rate needs 06-training-and-hyperparameters",
    ]


def test_the_page_says_by_which_formula_minutes_are_counted():
    text = " ".join(TEACH.read_text(encoding="utf-8").split())
    assert f"{course_directives.WORDS_PER_MINUTE} words a minute" in text
    assert f"{course_directives.MINUTES_A_CELL} minute for each cell of code" in text
    assert f"{course_directives.MINUTES_A_PREDICTION} for each prediction" in text
    assert f"A question of an exercise takes {MINUTES_A_QUESTION}." in text
