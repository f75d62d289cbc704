"""A question, an exercise, and the verdict on an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from mnist_keras.checks.answers import Answers, NotAttemptedError, NotYetError, not_yet
from mnist_keras.checks.collecting import Call, collect
from mnist_keras.checks.plain import MISSING, Data, is_missing
from mnist_keras.checks.rules import HiddenRule
from mnist_keras.checks.sources import said_of_typed


class Status(Enum):
    """How an answer stands."""

    NOT_ATTEMPTED = "not attempted"
    NOT_YET = "not yet"
    CORRECT = "correct"


@dataclass(frozen=True)
class Verdict:
    """What a rule says of an answer.

    Attributes
    ----------
    number, title
        The question's.
    status
        How the answer stands.
    message
        What was expected and what was found, or what the answer means; a sentence or two.
    points
        What the question is worth; ``earned`` is all of it or nothing.
    """

    number: str
    title: str
    status: Status
    message: str
    points: int

    @property
    def earned(self) -> int:
        """The points that the answer earns."""
        return self.points if self.status is Status.CORRECT else 0


@dataclass(frozen=True)
class Choice:
    """One of the answers that a question offers.

    Attributes
    ----------
    text
        The answer, in Markdown.
    why
        Why it is right, or what speaks against it without naming the right one.
    """

    text: str
    why: str


@dataclass(frozen=True)
class Question:
    """What is asked, and what makes an answer right.

    Attributes
    ----------
    number
        Such as ``"1.2"``: the exercise's number and the question's.
    title
        A few words.
    names
        The variables that the answer consists of.
    rule
        Raises `NotYetError` unless the answer is right; may return what to say to a right one.
    hints
        From a nudge to nearly the answer.
    points
        What a right answer is worth.
    computed
        Names, or entries such as ``entry["parameters"]``, that depend on the run: a value that was
        typed in is right for one run at most, so it has to be computed.
    uses
        Variables of earlier questions that the rule reads too.
    calls
        Calls of the learner's functions whose results the rule reads.
    choices
        What the question offers to choose from, by letter.
    prediction
        Whether any choice counts, because it is made before the experiment.
    core
        Whether it belongs to the part that takes half an hour; the others are extra.
    right
        What to say to a right answer, where the rule says nothing.
    figure
        The variable that holds a figure, for the learner's page.
    """

    number: str
    title: str
    names: tuple[str, ...]
    rule: Callable[[Answers], str | None]
    hints: tuple[str, ...]
    points: int = 1
    computed: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    prediction: bool = False
    core: bool = False
    right: str = ""
    figure: str = ""

    def judge(self, data: Mapping[str, Data], typed: Collection[str] = ()) -> Verdict:
        """Apply the rule to what was collected of a notebook.

        Parameters
        ----------
        data
            What was collected.
        typed
            Names that were typed in, as `mnist_keras.checks.sources.typed_names` finds them.
        """
        typed = set(typed) & set(self.computed)
        missing = [name for name in self.names if is_missing(data.get(name, MISSING))]
        try:
            if missing:
                raise NotAttemptedError(f"fill in {_listed(missing)}")
            message, status = self.rule(Answers(data)) or self.right, Status.CORRECT
            if typed:
                message, status = f"right for this run; {said_of_typed(typed)}", Status.NOT_YET
        except NotAttemptedError as error:
            message, status = str(error), Status.NOT_ATTEMPTED
        except NotYetError as error:
            message, status = str(error), Status.NOT_YET
            if typed:
                message += f". It was typed in: {said_of_typed(typed)}"
        return Verdict(self.number, self.title, status, message, self.points)


@dataclass(frozen=True)
class Exercise:
    """A notebook of questions.

    Attributes
    ----------
    name
        The stem of its files, such as ``"01-learning-rate"``.
    title
        As its page has it.
    questions
        In their order.
    hidden
        What the notebook does not show, and grading asks.
    """

    name: str
    title: str
    questions: Sequence[Question]
    hidden: Sequence[HiddenRule] = ()

    @property
    def core(self) -> list[Question]:
        """The questions of its core, in their order."""
        return [each for each in self.questions if each.core]

    def question(self, number: str) -> Question | None:
        """Return the question of this number."""
        return next((each for each in self.questions if each.number == number), None)

    def collect(
        self, namespace: Mapping[str, Any], questions: Sequence[Question] | None = None
    ) -> dict[str, Data]:
        """Turn what a notebook holds into the plain data that the rules read.

        Parameters
        ----------
        namespace
            The notebook's variables. Functions that a question wants called are called here.
        questions
            Those to collect for; all, unless they are given.
        """
        asked = self.questions if questions is None else questions
        names = [name for question in asked for name in (*question.names, *question.uses)]
        calls = [call for question in asked for call in question.calls]
        return collect(namespace, names, calls)

    def verdicts(self, data: Mapping[str, Data], typed: Collection[str] = ()) -> list[Verdict]:
        """Judge every question by what was collected of a notebook; see `Question.judge`."""
        return [question.judge(data, typed) for question in self.questions]


def multiple_choice(
    number: str,
    title: str,
    name: str,
    choices: Mapping[str, Choice],
    *,
    right: str,
    hints: tuple[str, ...],
    points: int = 1,
    core: bool = False,
) -> Question:
    """Make a question that offers answers; each wrong one gets its explanation."""
    texts = {letter: choice.text for letter, choice in choices.items()}

    def rule(answers: Answers) -> str | None:
        letter = answers.choice(name, texts)
        if letter != right:
            not_yet(f"{letter} is not it. {choices[letter].why}")
        return choices[right].why

    return Question(number, title, (name,), rule, hints, points, choices=choices, core=core)


def prediction(
    number: str, title: str, name: str, choices: Mapping[str, Choice], *, core: bool = False
) -> Question:
    """Make a prediction, which counts whether or not it comes true."""
    texts = {letter: choice.text for letter, choice in choices.items()}

    def rule(answers: Answers) -> str | None:
        letter = answers.choice(name, texts)
        return f"your prediction, {letter}, is recorded. The experiment will tell."

    hints = ("Any answer counts: think of what you know, and commit yourself.",)
    return Question(
        number, title, (name,), rule, hints, choices=choices, prediction=True, core=core
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(", ".join(f"`{each}`" for each in names).rsplit(", ", 1))
