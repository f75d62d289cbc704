"""What the notebook does not show: hidden tests, and what all rules ask a notebook for.

A hidden test is a `mnist_keras.checks.rules.HiddenRule` in an exercise's module of rules: a
question, the share of its points, calls of the learner's functions, and a variable whose models
read images that they have not seen.
"""

import base64
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from mnist_keras.checks.answers import Answers, NotAttemptedError, NotYetError
from mnist_keras.checks.exercises import EXERCISES, parts_of
from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Exercise, Question
from mnist_keras.checks.rules import HiddenRule
from mnist_keras.checks.unseen import hidden_images
from mnist_keras.data import NUMBER_OF_CLASSES
from mnist_keras.errors import CourseError, raised
from mnist_keras.grading.judging import judging
from mnist_keras.grading.scoring import Hidden
from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.protocol import ProtocolError, from_text

PICTURE = "picture "  # before a question's number: the key of the learner's figure

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
    file: str = ""  # where an instructor keeps it; "" for the course's own

    def run(self, data_of: Callable[[str], Mapping[str, Data]], *, strict: bool) -> Hidden:
        """Say whether the answer is right, by the data that came for each ask.

        What an instructor's own test raises, other than its complaints, takes no points: it is
        more likely a mistake in the test than in the answer. The course's own tests are tried with
        answers of every form, so there it is the answer's.
        """
        try:
            given = {"answers": Answers(data_of(self.asks[0].key))}
            if len(self.asks) > 1:
                given["predicted"] = _predicted(data_of(self.asks[1].key))
            asked = inspect.signature(self.function).parameters
            with judging(strict=strict or bool(self.file)):
                self.function(**{name: given[name] for name in asked})
        except (NotYetError, NotAttemptedError) as error:
            return Hidden(self.name, self.share, False, str(error))
        except Exception as error:
            if strict:
                raise
            where = f"the hidden test {self.name} of {self.question.number} in {self.file}"
            mistake = f"{where} failed by itself with {raised(error)}"
            return Hidden(self.name, self.share, True, mistake=mistake)
        return Hidden(self.name, self.share, True)


def _predicted(data: Mapping[str, Data]) -> Any:
    try:
        return {name: from_text(text, NUMBER_OF_CLASSES) for name, text in data.items()}
    except ProtocolError as error:
        raise NotYetError("the models should give ten numbers an image") from error


def hidden_tests(folder: str | None = None) -> list[HiddenTest]:
    """Read the hidden tests of the course, or those of a folder's modules."""
    if folder is None:
        return [_hidden_test(each, rule) for each in EXERCISES for rule in each.hidden]
    paths = sorted(Path(folder).resolve().glob("*.py"))
    if not paths:
        raise CourseError(f"there are no hidden tests in {folder}: it holds no file *.py")
    found = []
    for path in paths:
        module = ModuleType(f"hidden_tests_{path.stem}")
        try:
            SourceFileLoader(module.__name__, str(path)).exec_module(module)
        except (Exception, SystemExit) as error:
            said = f"{path} cannot be run: {raised(error)}; mend it first"
            raise CourseError(said) from error
        for rule in parts_of(module):
            if isinstance(rule, HiddenRule):
                asked = [each for each in EXERCISES if each.question(rule.number)]
                if not asked:
                    said = f"has a hidden test of {rule.number}, which nobody asks"
                    raise CourseError(f"{path} {said}")
                found.append(_hidden_test(asked[0], rule, path.name))
    return found


def _hidden_test(exercise: Exercise, rule: HiddenRule, file: str = "") -> HiddenTest:
    question = exercise.question(rule.number)
    assert question
    key = f"{question.number} {rule.name}"
    asks = [_ask(key, question, rule.calls)]
    if rule.predict:
        content = base64.b64encode(hidden_images()[0].tobytes()).decode()
        request = {"ask": "predictions", "name": rule.predict, "images": content}
        asks.append(Ask(f"{key}, predictions", request))
    return HiddenTest(exercise, question, rule.name, rule.share, tuple(asks), rule.check, file)


def asks_of(exercise: Exercise, tests: Sequence[HiddenTest]) -> dict[str, list[Ask]]:
    """List what notebooks are asked, by the question's number; what they do not show comes last."""
    asks: dict[str, list[Ask]] = {}
    for question in exercise.questions:
        own = [_ask(question.number, question, question.calls)]
        own += [ask for test in tests if test.question is question for ask in test.asks]
        if name := question.figure:
            own.append(Ask(PICTURE + question.number, {"ask": "picture", "name": name}))
        asks[question.number] = own
    return asks


def _ask(key: str, question: Question, calls: Sequence[Any]) -> Ask:
    wanted = [[call.function, list(call.arguments)] for call in calls]
    names = [*question.names, *question.uses]
    return Ask(key, {"ask": "answers", "names": names, "calls": wanted})
