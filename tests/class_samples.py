"""Classes of learners for the tests of reports: an ordinary one, and one that means harm."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    QuestionGrade,
    State,
)

EXERCISES = {"01-learning-rate": 4, "02-batch-size": 2}

PROBE = "window.hacked = true"
ATTACKS = (
    f"<script>{PROBE}</script>",
    f"</title></style></table><script>{PROBE}</script>",
    f'<img src="https://evil.example/x.png" onerror="{PROBE}">',
    f'"><svg onload="{PROBE}"><a href="javascript:{PROBE}">here</a>',
    f"' onmouseover='{PROBE}' style='background:url(https://evil.example/y)",
    f"[a link](javascript:{PROBE}) ![](https://evil.example/z.png)",
    "`code **strong` more**` <b>` **",
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "]]> <![CDATA[ --> <!-- &lt;script&gt; &#60;",
    "\u202egnp.exe\u202c \u2066isolated",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J\x9b1m end",
    "nul\x00 bell\x07 \ud800 \ufffe \ufdd0 tab\t line\nbreak\r\u2028 \u0085",
    "A" * 10_000,
    "\u0301" * 500,
    '=HYPERLINK("https://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "../../../etc/passwd",
    "con",
    "",
    "漢字かな交じり文" * 12,
    "مرحبا بالعالم",
)


def png(size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    """Make a PNG file."""
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def question(
    number: str, earned: float, points: int = 2, message: str = "as expected"
) -> QuestionGrade:
    """Grade a question."""
    status = "correct" if earned == points else "partly" if earned else "not yet"
    return QuestionGrade(number, f"Title {number}", status, earned, points, message)


def graded(exercise: str, earned: Sequence[float], **more: object) -> NotebookGrade:
    """Grade a notebook, whose questions are worth two points each."""
    chapter = int(exercise[:2])
    questions = tuple(question(f"{chapter}.{place}", each) for place, each in enumerate(earned, 1))
    return NotebookGrade(exercise, f"someone/{exercise}.ipynb", State.GRADED, "", questions, **more)


def failed(exercise: str, reason: str = "it took too long") -> NotebookGrade:
    """Give a notebook that could not be graded."""
    questions = graded(exercise, [0] * (EXERCISES[exercise] // 2)).questions
    return NotebookGrade(exercise, "x.ipynb", State.NOT_GRADED, reason, questions)


def missing(exercise: str) -> NotebookGrade:
    """Give a notebook that was not handed in."""
    questions = graded(exercise, [0] * (EXERCISES[exercise] // 2)).questions
    return NotebookGrade(exercise, "", State.MISSING, "", questions)


def class_of(*learners: LearnerGrades, **more: object) -> ClassGrades:
    """Put learners together."""
    facts = {
        "exercises": EXERCISES,
        "isolation": "full: namespaces, Landlock",
        "quick": True,
        "versions": {"Python": "3.11", "Keras": "3.12"},
        **more,
    }
    return ClassGrades(learners, **facts)  # type: ignore[arg-type]


def ordinary_class() -> ClassGrades:
    """Make a class with one of each: done, in part, not graded, nothing handed in."""
    one, two = EXERCISES
    return class_of(
        LearnerGrades(
            "Ada Lovelace",
            (graded(one, [2, 2], figures={"1.2": png()}), graded(two, [2])),
        ),
        LearnerGrades(
            "alice",
            (graded(one, [1.5, 0], notes=("handed in twice; the newest counts",)), missing(two)),
        ),
        LearnerGrades("bob", (failed(one), graded(two, [0]))),
        LearnerGrades("Nobody", (missing(one), missing(two))),
        problems=("stray.txt: no notebook",),
    )


def hostile_class() -> ClassGrades:
    """Make a class in which every text that comes from a learner is an attack."""
    one, two = EXERCISES
    learners = []
    for place, attack in enumerate(ATTACKS):
        other = ATTACKS[(place + 7) % len(ATTACKS)]
        questions = (
            QuestionGrade("1.1", "The rate", "correct", 2, 2, attack),
            QuestionGrade("1.2", "The plot", attack[:40], 0, 2, other, corrected=place % 2 == 0),
        )
        figures = {"1.2": png() if place % 2 else attack.encode("utf-8", "replace"), attack: png()}
        notebook = NotebookGrade(one, attack, State.GRADED, "", questions, (attack, other), figures)
        unknown = NotebookGrade("", attack, State.NOT_GRADED, attack)
        learners.append(LearnerGrades(attack, (notebook, failed(two, attack), unknown)))
    return class_of(*learners, problems=ATTACKS, isolation=ATTACKS[0])
