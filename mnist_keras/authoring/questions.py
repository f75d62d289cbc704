"""What the box of a question says: its title, points, text, choices, hints and confirmation.

::

    :::{question} 7.2 What dropout does
    :core:
    :points: 2

    What does dropout switch off?

    - **A.** Some of the images.

      Each image is read in every epoch.

    - **B.** Some of a layer's inputs.

      Another part of them in each step.

    **Hints**

    1. When is it at work?
    :::

Below each choice stands what to say to a learner who chooses it. A box with the option
``prediction`` asks for a guess, which counts whatever it is. The option ``right`` is what to say to
a right answer, where the rule has nothing of its own to say. The letter of the right choice stands
once on the page: in the solution's cell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

EXERCISES = "mnist_keras/checks/exercises"  # texts and rules
OPTIONS = frozenset({"core", "points", "prediction", "right"})
NUMBERED = re.compile(r"(\d+\.\d+)\s+(\S.*)")
HINTS = "**Hints**"
CHOICE = re.compile(r"^- \*\*([A-Z])\.\*\* ", re.MULTILINE)
# What only the site can show: roles, links and formulas.
NOT_FOR_CHECK = re.compile(r"\{[a-z:]+\}`|\]\(|(?<![\\`])\$[^`$]+\$")
MINUTES_A_QUESTION = 6  # for learners, reading and waiting included


def texts_path(page: str) -> str:
    """Return where the texts of an exercise's page lie."""
    return f"{EXERCISES}/{PurePosixPath(page).stem}.json"


def rules_path(page: str) -> str:
    """Return where the rules of an exercise lie: ``solutions/07-my-name.md`` has ``my_name.py``."""
    name = PurePosixPath(page).stem.partition("-")[2]
    return f"{EXERCISES}/{name.replace('-', '_')}.py"


@dataclass(frozen=True)
class Asked:
    """A question as its page has it."""

    number: str  # such as ``1.2``
    title: str
    text: str  # what is asked, in MyST Markdown, without choices and hints
    # what is offered, by letter: its text, and what to say to those who choose it
    choices: Mapping[str, tuple[str, str]]
    hints: tuple[str, ...]  # from a nudge to nearly the answer
    points: int = 1
    core: bool = False
    prediction: bool = False  # whether any choice counts
    right: str = ""  # what to say of a right answer, where the rule says nothing

    @property
    def heading(self) -> str:
        """What stands above the question."""
        kind = "Prediction" if self.prediction else "Question"
        worth = "1 point" if self.points == 1 else f"{self.points} points"
        part = "core" if self.core else "extra"
        return f"{kind} {self.number}: {self.title} ({part}, {worth})"


def read_question(argument: str, options: Mapping[str, str | None], body: str) -> Asked:
    """Read the box of a question: number and title behind its name, its options, and its text.

    A ValueError says what is missing or does not fit, and what to write.
    """
    named = NUMBERED.fullmatch(argument.strip())
    if not named:
        raise ValueError("a question begins with its number and its title, as in {question} 1.2 …")
    text, *hinted = re.split(rf"^{re.escape(HINTS)}[ \t]*$", body, flags=re.MULTILINE)
    hints = re.split(r"^\d+\. ", "".join(hinted[:1]), flags=re.MULTILINE)
    text, *offered = CHOICE.split(text)
    points = options.get("points") or "1"
    if not re.fullmatch(r"[1-9]\d?", points):
        raise ValueError(f"points should be a whole number from 1 to 99; they are {points!r}")
    asked = Asked(
        named[1],
        named[2],
        text.strip("\n"),
        {letter: _choice(each) for letter, each in zip(offered[::2], offered[1::2], strict=True)},
        tuple(" ".join(hint.split()) for hint in hints if hint.strip()),
        int(points),
        "core" in options,
        "prediction" in options,
        " ".join((options.get("right") or "").split()),
    )
    for fault in _faults(asked, offered[::2]):
        raise ValueError(f"question {asked.number}: {fault}")
    return asked


def _choice(item: str) -> tuple[str, str]:
    text, _, why = item.partition("\n\n")
    return " ".join(text.split()), " ".join(why.split())


def _faults(asked: Asked, letters: Sequence[str]) -> Iterator[str]:
    """Say what is missing or does not fit."""
    if list(letters) != [chr(ord("A") + place) for place in range(len(letters))]:
        yield f"the choices should have the letters A, B, C …; they have {', '.join(letters)}"
    if asked.prediction and (not asked.choices or asked.hints):
        yield "a prediction has choices, and no hints"
    if not asked.prediction and not asked.hints:
        yield f"write a line {HINTS}, and below it a numbered list of one hint or more"
    reasons = [why for _, why in asked.choices.values()]
    if any(reasons) if asked.prediction else not all(reasons):
        yield (
            "below each choice stands, in a paragraph of its own, what speaks for or against it; "
            "below those of a prediction nothing"
        )
    shown = next(filter(NOT_FOR_CHECK.search, (*asked.hints, *reasons, asked.right)), None)
    if shown:
        yield f"check() and hint() show `code` and **bold**, and neither roles nor links: {shown}"


def time_of_questions(core_or_not: Sequence[bool]) -> str:
    """Say how long learners take for questions of the core or not, as a sentence's beginning."""
    core, everything = MINUTES_A_QUESTION * sum(core_or_not), MINUTES_A_QUESTION * len(core_or_not)
    return f"about {core} minutes for the core questions, about {everything} for all of them"


def questions_in(text: str) -> list[Asked]:
    """Return the questions of a page; a box with a mistake is left out, and named elsewhere."""
    found = []
    for match in re.finditer(r"(?ms)^(:{3,})\{question\} (.*?)\n(.*?)^\1$", text):
        lines = match[3].splitlines()
        options = options_in(lines)
        with suppress(ValueError):
            body = "\n".join(lines[len(options) :])
            found.append(read_question(match[2], dict(options), body))
    return found


def options_in(lines: Sequence[str]) -> list[tuple[str, str]]:
    """List the options at the start of a box: lines such as ``:name: value``."""
    found = []
    for line in lines:
        option = re.fullmatch(r"\s*:([\w-]+):(.*)", line)
        if not option:
            break
        found.append((option[1], re.sub(r"""^(["'])(.*)\1$""", r"\2", option[2].strip())))
    return found
