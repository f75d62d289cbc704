"""The instructors' table of the answers that the tests hold right and wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from computed_tables import all_cases, counts_table, described, escaped

from mnist_keras.checks.exercises import EXERCISES

QUESTIONS = sorted(question.number for each in EXERCISES for question in each.questions)


def counted(rows: list[tuple[str, str, str]]) -> None:
    assert sorted(number for number, _, _ in rows) == QUESTIONS
    for number, right, wrong in rows:
        assert int(right) >= 4, number
        assert int(wrong) >= 6, number


def test_the_table_counts_four_right_answers_and_six_wrong_ones_for_every_question() -> None:
    row = re.compile(r"\| (\d+\.\d+) .* \| (\d+) \| (\d+) \|")
    counted([row.fullmatch(line).groups() for line in counts_table(all_cases())[2:]])


def test_every_answer_that_is_counted_is_described() -> None:
    for exercise, questions in all_cases().items():
        text = "\n".join(described(exercise, questions))
        for cases in questions.values():
            for name in (*cases["right"], *cases["wrong"]):
                assert escaped(name) in text


def test_descriptions_are_no_markdown() -> None:
    assert escaped("a_b *c* `d` [e] <f>") == r"a\_b \*c\* \`d\` \[e\] \<f\>"


@pytest.mark.browser
def test_the_built_page_shows_the_table(site: Path) -> None:
    page = site / "book/instructors/what-the-checks-accept.html"
    row = re.compile(
        r"<tr[^>]*><td[^>]*><p>(\d+\.\d+) .*?</p></td>\s*"
        r"<td[^>]*><p>(\d+)</p></td>\s*<td[^>]*><p>(\d+)</p></td>\s*</tr>"
    )
    counted(row.findall(page.read_text(encoding="utf-8")))
