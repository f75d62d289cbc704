"""`check()` and `hint()` in a notebook: what the rules say of the answers that it holds."""

import html
import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mnist_keras.checks.exercises import exercise_named
from mnist_keras.checks.questions import Exercise, Question, Status, Verdict
from mnist_keras.checks.sources import typed_names

MARKS = {Status.NOT_ATTEMPTED: "○", Status.NOT_YET: "✗", Status.CORRECT: "✓"}
# Readable on white and on black, and told apart by colour-blind readers; the words say it too.
COLOURS = {Status.NOT_ATTEMPTED: "#767676", Status.NOT_YET: "#c25400", Status.CORRECT: "#0b7bc1"}


class Note:
    """Some lines to show: as HTML in a notebook, as text in a terminal."""

    def __init__(self, text: str, markup: str) -> None:
        self._text, self._markup = text, markup

    def __repr__(self) -> str:
        """Return the text."""
        return self._text

    def _repr_html_(self) -> str:
        return self._markup


def open_exercise(name: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """Make `check` and `hint` for the notebook of an exercise.

    ``check()`` judges every answer of the notebook that calls it, ``check("1.2")`` one;
    ``hint("1.2")`` shows the question's next hint.

    Raises
    ------
    CourseError
        If there is no exercise of this name, such as ``"01-learning-rate"``, or number.
    """
    exercise = exercise_named(name)
    shown: Counter[str] = Counter()

    def check(number: str | float | None = None) -> None:
        """Say of each answer, or of one, whether it is right, and what to look at if not."""
        frame = inspect.currentframe()
        namespace = frame.f_back.f_globals if frame and frame.f_back else {}
        question = exercise.question(str(number))
        known = question is not None or number is None
        show(judged(exercise, namespace, question) if known else numbers_note(exercise))

    def hint(number: str | float | None = None) -> None:
        """Show the next hint of a question."""
        question = exercise.question(str(number))
        show(hint_note(question, shown[question.number]) if question else numbers_note(exercise))
        shown[str(number)] += 1

    return check, hint


def judged(exercise: Exercise, namespace: Mapping[str, Any], question: Question | None) -> Note:
    """Judge one answer, or all of them with the points together."""
    typed = typed_names(each for each in namespace.get("In", ()) if isinstance(each, str))
    if question is not None:
        return verdict_note([question.judge(exercise.collect(namespace, [question]), typed)])
    verdicts = exercise.verdicts(exercise.collect(namespace), typed)
    earned, points = sum(v.earned for v in verdicts), sum(v.points for v in verdicts)
    core = {question.number for question in exercise.core}
    done = sum(v.status is Status.CORRECT for v in verdicts if v.number in core)
    total = f"{earned} of {points} points"
    return verdict_note(verdicts, f"core: {done} of {len(core)}; {total}" if core else total)


def numbers_note(exercise: Exercise) -> Note:
    """Say which numbers of questions there are."""
    numbers = ", ".join(f'"{each.number}"' for each in exercise.questions)
    text = f"This notebook's questions are {numbers}."
    return Note(text, f"<p>{html.escape(text)}</p>")


def hint_note(question: Question, count: int) -> Note:
    """Show a hint: the one after `count` others, or the last again."""
    total = len(question.hints)
    place = min(count, total - 1)
    label = f"Hint {place + 1} of {total} for {question.number}"
    more = "" if count < total else " That was the last one; the solution's page has the rest."
    text = question.hints[place] + more
    return Note(f"{label}: {plain_text(text)}", box("#767676", label, text))


def verdict_note(verdicts: Sequence[Verdict], total: str = "") -> Note:
    """Show what the rules say, a line a question."""
    lines, boxes = [], []
    for verdict in verdicts:
        head = f"{MARKS[verdict.status]} {verdict.number} {verdict.title}: {verdict.status.value}"
        lines.append(plain_text(f"{head}. {sentence(verdict.message)}".strip()))
        boxes.append(box(COLOURS[verdict.status], head, sentence(verdict.message)))
    if total:
        lines.append(total)
        boxes.append(f"<p><strong>{html.escape(total)}</strong></p>")
    return Note("\n".join(lines), "".join(boxes))


def box(colour: str, head: str, text: str) -> str:
    """Put a bold line and a text behind a coloured edge."""
    return (
        f'<div style="border-left:5px solid {colour};margin:6px 0;padding:2px 10px">'
        f"<strong>{marked_up(head)}</strong><br>{marked_up(text)}</div>"
    )


def sentence(text: str) -> str:
    """Begin a message with a capital, unless it begins with code, and end it with a full stop."""
    if text and text[-1] not in ".!?":
        text += "."
    return text[:1].upper() + text[1:]


def marked_up(text: str) -> str:
    """Turn the code and the emphasis of a message's Markdown into HTML."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def plain_text(text: str) -> str:
    """Leave out the marks of emphasis, which a terminal shows as they are."""
    return text.replace("**", "")


def show(note: Note) -> None:
    """Show a note where the code runs: in a notebook or in a terminal."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display

        display(note)
    else:
        print(note)
