"""An instructor's corrections, which always win and are marked.

A TOML file with a table a correction::

    [[override]]
    learner = "alice"
    question = "1.4"
    earned = 1
    why = "the plot was right, in another backend"
"""

import difflib
import math
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading.contents import own_text
from mnist_keras.grading.grades import ClassGrades, NotebookGrade, QuestionGrade, State

LISTED = 8  # names in a message
EXAMPLES = {"learner": "alice", "question": "1.4", "why": "the plot was right"}


@dataclass(frozen=True)
class Override:
    """A correction of one question: whose, its number, what it earns from now on, and why."""

    learner: str
    question: str
    earned: float
    why: str = ""


@dataclass(frozen=True)
class Overrides:
    """The corrections of a file, in its order, and the file's name for messages."""

    source: str
    corrections: tuple[Override, ...]


def read_overrides(path: Path) -> Overrides:
    """Read an instructor's corrections."""
    try:
        data = tomllib.loads(own_text(path, str(path)))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path} is no TOML file: {error}") from error
    tables = data.get("override", [])
    if data.keys() - {"override"} or not isinstance(tables, list):
        raise CourseError(f"{path} must have each correction under [[override]], and nothing else")
    found = [_override(f"{path}, correction {k}", table) for k, table in enumerate(tables, 1)]
    count = Counter((each.learner, each.question) for each in found)
    for (learner, question), times in count.items():
        if times > 1:
            raise CourseError(f"{path} corrects {question} of {learner!r} twice")
    return Overrides(str(path), tuple(found))


def _override(where: str, table: object) -> Override:
    if not isinstance(table, dict):
        raise CourseError(f"{where} must stand under [[override]]")
    keys = [each.name for each in fields(Override)]
    for key in sorted(table.keys() - set(keys)):
        raise CourseError(f"{where} has an unknown key {key!r}; {_near(key, keys)}")
    for key, example in EXAMPLES.items():
        if not isinstance(table.get(key, ""), str):
            raise CourseError(f'{where}: {key} must be text, such as {key} = "{example}"')
        if key != "why" and not table.get(key):
            raise CourseError(f"{where} names no {key}")
    earned = table.get("earned")
    if isinstance(earned, bool) or not isinstance(earned, int | float):
        raise CourseError(f"{where} must say what was earned, such as earned = 1")
    if not math.isfinite(earned) or earned < 0:
        raise CourseError(f"{where}: earned must be 0 or more, not {earned}")
    why = " ".join(table.get("why", "").split())
    return Override(table["learner"], table["question"], float(earned), why)


def apply_overrides(grades: ClassGrades, overrides: Overrides) -> ClassGrades:
    """Correct the grades; what was corrected is marked, and the reason is added for the learner.

    A question can be corrected also in a notebook that could not be graded or is missing.
    """
    learners = {learner.learner: learner for learner in grades.learners}
    rows = [row for learner in grades.learners for row in learner.notebooks]
    asked = dict.fromkeys(question.number for row in rows for question in row.questions)
    for each in overrides.corrections:
        for what, names in (("learner", learners), ("question", asked)):
            if (name := getattr(each, what)) not in names:
                near = _near(name, names)
                raise CourseError(f"{overrides.source}: there is no {what} {name!r}; {near}")
        learner = learners[each.learner]
        corrected = tuple(_corrected(overrides.source, row, each) for row in learner.notebooks)
        learners[each.learner] = replace(learner, notebooks=corrected)
    return replace(grades, learners=tuple(learners.values()))


def _corrected(source: str, notebook: NotebookGrade, correction: Override) -> NotebookGrade:
    def of(question: QuestionGrade) -> QuestionGrade:
        if question.number != correction.question:
            return question
        if correction.earned > question.points:
            whose = f"{question.number} of {correction.learner!r} is worth {question.points}"
            raise CourseError(f"{source}: {whose}, so earned cannot be {correction.earned:g}")
        earned, message = correction.earned, question.message.rstrip()
        whole = "correct" if earned == question.points else ""
        status = whole or ("partly" if earned else "not yet")
        said = "Set by the instructor" + (f": {correction.why}" if correction.why else "")
        if message:
            said = f"{message}{'' if message.endswith(('.', '!', '?')) else '.'} {said}"
        return replace(question, status=status, earned=earned, message=said, corrected=True)

    questions = tuple(map(of, notebook.questions))
    changed = questions != notebook.questions
    notebook = replace(notebook, questions=questions)
    if notebook.state is not State.MISSING or not changed:
        return notebook  # what could not be graded still waits for the rest
    notes = (*notebook.notes, f"graded by the instructor; before: {notebook.state.value}")
    return replace(notebook, state=State.GRADED, notes=notes)


def _near(name: str, names: Iterable[str]) -> str:
    """Name what was meant, perhaps, or what there is."""
    there = list(names)
    if near := difflib.get_close_matches(name, there, n=3, cutoff=0.6):
        return f"did you mean {' or '.join(map(repr, near))}?"
    more = ", …" if len(there) > LISTED else ""
    return f"there is: {', '.join(map(repr, there[:LISTED]))}{more}" if there else "there is none"
