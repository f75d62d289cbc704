"""The course's exercises: of each its texts, ``NN-name.json``, and its rules, ``name.py``.

The texts are generated from the exercise's page, ``solutions/NN-name.md``. An exercise is
registered by being here. The rules of an exercise that only offers choices may be left out.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mnist_keras.checks.answers import Answers
from mnist_keras.checks.questions import Choice, Exercise, Question, multiple_choice
from mnist_keras.checks.rules import HiddenRule, Rule
from mnist_keras.errors import CourseError

FOLDER = Path(__file__).parent


def read_exercise(texts: Path) -> Exercise:
    """Put an exercise's texts and its rules together.

    While a page is written, its texts and rules may differ: `make notebooks` has to work then. A
    question that has no rule says so when it is judged, and a test finds rules without a question.
    """
    data = json.loads(texts.read_text(encoding="utf-8"))
    module = texts.stem.partition("-")[2].replace("-", "_")
    has_rules = (texts.parent / f"{module}.py").is_file()
    found = list(parts_of(import_module(f"{__name__}.{module}"))) if has_rules else []
    rules = {each.number: each for each in found if isinstance(each, Rule)}
    questions = tuple(_question(text, rules, f"{module}.py") for text in data["questions"])
    tests = tuple(each for each in found if isinstance(each, HiddenRule))
    return Exercise(texts.stem, data["title"], questions, tests)


def parts_of(module: ModuleType) -> Iterator[Rule | HiddenRule]:
    """List the rules and hidden tests of a module, in their order."""
    for name, each in vars(module).items():
        if isinstance(each, HiddenRule):
            yield replace(each, name=name)
        elif isinstance(each, Rule):
            yield each


def _question(text: dict[str, Any], rules: dict[str, Rule], module: str) -> Question:
    about = {name: text[name] for name in ("number", "title", "core", "points")}
    about["hints"] = tuple(text["hints"])
    if "choices" in text:
        choices = {letter: Choice(*each) for letter, each in text["choices"].items()}
        return multiple_choice(**about, name=text["name"], choices=choices, right=text["letter"])
    about |= vars(rules.get(about["number"]) or _missing(about["number"], module))
    return Question(rule=about.pop("check"), right=text["right"], **about)


def _missing(number: str, module: str) -> Rule:
    def complain(answers: Answers) -> str:
        raise CourseError(f"question {number} has neither choices nor a rule in {module}")

    return Rule(number, complain, ())


EXERCISES: tuple[Exercise, ...] = tuple(map(read_exercise, sorted(FOLDER.glob("*.json"))))


def exercise_named(name: str) -> Exercise:
    """Find an exercise by its name or number; a `CourseError` lists those that there are."""
    for exercise in EXERCISES:
        if str(name) == exercise.name or str(name).zfill(2) == exercise.name[:2]:
            return exercise
    names = ", ".join(exercise.name for exercise in EXERCISES)
    raise CourseError(f"there is no exercise {name!r}; there is: {names}")
