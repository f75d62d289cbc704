"""Another exercise: its page, its rules and its cases, with one question to begin with."""

import keyword
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from mnist_keras.authoring.questions import rules_path
from mnist_keras.errors import CourseError
from mnist_keras.files import write_all

TEMPLATES = files("mnist_keras") / "authoring" / "templates"
NAMED = re.compile(r"(\d\d)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


def new_exercise(root: Path, name: str) -> list[Path]:
    """Write the page, the rules and the cases of a new exercise, and return their paths.

    The paths are relative to `root`, the course's folder; `name` is such as ``07-dropout``. If
    there is an exercise of this name or number, or the name is none, nothing is written.
    """
    match = NAMED.fullmatch(name)
    if not match or keyword.iskeyword(match[2]):
        raise CourseError(
            f"{name!r} is no name for an exercise: write two digits and some small letters, with "
            "hyphens between, as in 07-dropout"
        )
    page = f"solutions/{name}.md"
    targets = {
        Path(page): "page.md",
        Path(rules_path(page)): "rules.txt",
        Path(f"tests/checks/cases_{name.replace('-', '_')}.py"): "cases.txt",
    }
    taken = [path for path in targets if (root / path).exists()]
    taken += [path.relative_to(root) for path in (root / "solutions").glob(f"{match[1]}-*.md")]
    if taken:
        raise CourseError(f"{taken[0].as_posix()} is there already: choose another name")
    filled = {
        "NUMBER": str(int(match[1])),
        "NAME": name,
        "TITLE": match[2].replace("-", " ").capitalize(),
    }
    write_all((root / path, _filled(template, filled)) for path, template in targets.items())
    return list(targets)


def next_steps(made: list[Path]) -> str:
    """Say what to do with the files of a new exercise."""
    page, rules, cases = (path.as_posix() for path in made)
    return (
        f"{page}: write the questions, their choices and hints, and a worked solution.\n"
        f"{rules}: write a rule for each question without choices.\n"
        f"{cases}: list answers to each question, four right ones and six wrong ones.\n"
        "Then run `make notebooks`, and `make test`, which says what is missing."
    )


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return re.sub(r"\b(?:NUMBER|NAME|TITLE)\b", lambda match: words[match[0]], text)
