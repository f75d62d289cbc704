"""What the notebook does not show: the tests of ``tests/grading``, and what all tests ask for.

A hidden test is a function with the mark ``pytest.mark.points(number, share, calls, predict)``, in
a module with the mark ``pytest.mark.exercise(name)``: the question, the share of its points, calls
of the learner's functions, and a variable whose models read images. It gets ``answers``, the plain
data of the question's variables and calls, or ``predicted``, what each model says of the images.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_keras.checks.answers import Answers, NotAttemptedError, NotYetError
from mnist_keras.checks.exercises import exercise_named
from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Exercise, Question
from mnist_keras.data import NUMBER_OF_CLASSES
from mnist_keras.errors import CourseError
from mnist_keras.grading.gradebook import Hidden
from mnist_keras.grading.judging import judging
from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.protocol import ProtocolError, from_text

TESTS = "tests/grading"
PICTURE = "picture "  # before a question's number: the key of the learner's figure
FIGURES = ("ax", "weights_figure")  # variables that hold a figure

Asks = Mapping[str, Sequence[Ask]]


@dataclass(frozen=True)
class HiddenTest:
    """A test of a question's answer that the notebook does not show."""

    exercise: Exercise  # what it is about
    question: Question
    name: str  # the function's
    share: float  # the share of the question's points that is lost where it fails
    # what it asks the notebook for: data, then perhaps what models say of images
    asks: tuple[Ask, ...]
    function: Callable[..., None]  # complains unless the answer is right

    def run(self, data_of: Callable[[str], Mapping[str, Data]], *, strict: bool) -> Hidden:
        """Say whether the answer is right, by the data that came for each ask."""
        try:
            given = {"answers": Answers(data_of(self.asks[0].key))}
            if len(self.asks) > 1:
                given["predicted"] = _predicted(data_of(self.asks[1].key))
            asked = inspect.signature(self.function).parameters
            with judging(strict=strict):
                self.function(**{name: given[name] for name in asked})
        except (NotYetError, NotAttemptedError) as error:
            return Hidden(self.name, self.share, False, str(error))
        return Hidden(self.name, self.share, True)


def _predicted(data: Mapping[str, Data]) -> Any:
    try:
        return {name: from_text(text, NUMBER_OF_CLASSES) for name, text in data.items()}
    except ProtocolError as error:
        raise NotYetError("the models should give ten numbers an image") from error


def find_tests(named: str | None = None) -> Path:
    """Find the grading tests: those named, those beside the package, or those here."""
    beside = Path(__file__).resolve().parents[2] / TESTS
    places = [Path(named)] if named else [beside, Path(TESTS)]
    for place in places:
        if place.is_dir() and any(place.glob("test_*.py")):
            return place.resolve()
    raise CourseError(
        f"there are no grading tests in {places[-1]}: run this in a clone of the course's "
        "repository, or name its folder tests/grading with --tests"
    )


def hidden_tests(folder: Path) -> list[HiddenTest]:
    """Read the hidden tests of a folder's modules."""
    sys.path.insert(0, str(folder.parent))
    found = []
    for path in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(f"{folder.name}.{path.stem}")
        exercise = exercise_named(module.pytestmark.args[0])
        for name, function in vars(module).items():
            for mark in getattr(function, "pytestmark", ()):
                if mark.name == "points":
                    found.append(_hidden_test(exercise, name, function, mark))
    sys.path.remove(str(folder.parent))
    return found


def _hidden_test(exercise: Exercise, name: str, function: Any, mark: Any) -> HiddenTest:
    question = exercise.question(mark.args[0])
    assert question, f"{exercise.name} has no question {mark.args[0]}"
    key = f"{question.number} {name}"
    asks = [_ask(key, question, mark.kwargs.get("calls", ()))]
    if "predict" in mark.kwargs:
        variable, images = mark.kwargs["predict"]
        content = base64.b64encode(images.tobytes()).decode()
        request = {"ask": "predictions", "name": variable, "images": content}
        asks.append(Ask(f"{key}, predictions", request))
    share = float(mark.kwargs.get("share", 1.0))
    return HiddenTest(exercise, question, name, share, tuple(asks), function)


def asks_of(exercise: Exercise, tests: Sequence[HiddenTest]) -> dict[str, list[Ask]]:
    """List what the notebooks of an exercise are asked, by the question's number.

    What the notebook does not show comes after what it shows.
    """
    asks: dict[str, list[Ask]] = {}
    for question in exercise.questions:
        figures = [name for name in question.names if name in FIGURES]
        asks[question.number] = [
            _ask(question.number, question, question.calls),
            *(ask for test in tests if test.question is question for ask in test.asks),
            *(Ask(PICTURE + question.number, {"ask": "picture", "name": name}) for name in figures),
        ]
    return asks


def _ask(key: str, question: Question, calls: Sequence[Any]) -> Ask:
    """Ask for a question's variables and for the results of calls."""
    wanted = [[call.function, list(call.arguments)] for call in calls]
    names = [*question.names, *question.uses]
    return Ask(key, {"ask": "answers", "names": names, "calls": wanted})
