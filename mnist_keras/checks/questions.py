"""A question, an exercise, and the verdict on an answer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from mnist_keras.checks.answers import Answers, NotAttemptedError, NotYetError, not_yet
from mnist_keras.checks.facts import Call, collect
from mnist_keras.checks.plain import MISSING, Data, is_missing
from mnist_keras.checks.rules import AXES, HiddenRule
from mnist_keras.checks.sources import said_of_typed

# The hint of a prediction.
ANY_COUNTS = ("Any answer counts: think of what you know, and commit yourself.",)


class Status(Enum):
    """How an answer stands."""

    NOT_ATTEMPTED = "not attempted"
    NOT_YET = "not yet"
    CORRECT = "correct"


@dataclass(frozen=True)
class Verdict:
    """What a rule says of an answer."""

    number: str  # the question's, and its title
    title: str
    status: Status
    message: str  # what was expected and found, or what the answer means; a sentence or two
    points: int  # what the question is worth; ``earned`` is all of it or nothing

    @property
    def earned(self) -> int:
        """The points that the answer earns."""
        return self.points if self.status is Status.CORRECT else 0


@dataclass(frozen=True)
class Choice:
    """One of the answers that a question offers."""

    text: str  # in Markdown
    why: str  # why it is right, or what speaks against it without naming the right one


@dataclass(frozen=True)
class Question:
    """What is asked, and what makes an answer right."""

    number: str  # such as ``"1.2"``: the exercise's number and the question's
    title: str
    names: tuple[str, ...]  # the variables that the answer consists of
    rule: Callable[[Answers], str | None]  # see `rules`
    hints: tuple[str, ...]  # from a nudge to nearly the answer
    points: int = 1
    # names, or entries such as ``entry["parameters"]``, that depend on the run: a value that was
    # typed in is right for one run at most, so it has to be computed
    computed: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()  # variables of earlier questions that the rule reads too
    calls: tuple[Call, ...] = ()  # calls of the learner's functions whose results the rule reads
    choices: Mapping[str, Choice] = field(default_factory=dict)  # by letter
    prediction: bool = False  # any choice counts, because it is made before the experiment
    core: bool = False  # whether it belongs to the part that takes half an hour
    right: str = ""  # what to say to a right answer, where the rule says nothing
    figure: str = ""  # the variable that holds a figure, for the learner's page

    def judge(self, data: Mapping[str, Data], typed: Collection[str] = ()) -> Verdict:
        """Apply the rule to what was collected of a notebook.

        ``typed`` are names that were typed in, as `sources.typed_names` finds them.
        """
        typed = set(typed) & set(self.computed)
        missing = [name for name in self.names if is_missing(data.get(name, MISSING))]
        try:
            if missing:
                raise NotAttemptedError(f"fill in {_listed(missing)}{self._how_to_keep(missing)}")
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

    def _how_to_keep(self, missing: Collection[str]) -> str:
        """Say how a figure gets a name, for those who draw by ``plt.plot(…)`` alone."""
        if self.figure not in missing:
            return ""
        current = "plt.gca()" if self.figure == AXES else "plt.gcf()"
        return f": put `{self.figure} = {current}` right after your plot, before plt.show()"


@dataclass(frozen=True)
class Exercise:
    """A notebook of questions."""

    name: str  # the stem of its files, such as ``"01-learning-rate"``
    title: str  # as its page has it
    questions: Sequence[Question]
    hidden: Sequence[HiddenRule] = ()  # what the notebook does not show, and grading asks

    @property
    def core(self) -> list[Question]:
        """The questions of its core, in their order."""
        return [each for each in self.questions if each.core]

    @property
    def points(self) -> int:
        """What all its questions are worth."""
        return sum(each.points for each in self.questions)

    def question(self, number: str) -> Question | None:
        """Return the question of this number."""
        return next((each for each in self.questions if each.number == number), None)

    def collect(
        self, namespace: Mapping[str, Any], questions: Sequence[Question] | None = None
    ) -> dict[str, Data]:
        """Turn a notebook's variables into the plain data that the rules of some questions read.

        Functions that a question wants called are called here.
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
    right: str | None,
    hints: tuple[str, ...],
    **more: Any,
) -> Question:
    """Make a question that offers answers; each wrong one gets its explanation.

    None is right in a prediction, which counts whether or not it comes true. ``more`` are other
    attributes of the `Question`.
    """
    texts = {letter: choice.text for letter, choice in choices.items()}

    def rule(answers: Answers) -> str | None:
        letter = answers.choice(name, texts)
        if right is None:
            return f"your prediction, {letter}, is recorded. The experiment will tell."
        if letter != right:
            not_yet(f"{letter} is not it. {choices[letter].why}")
        return choices[right].why

    more |= {"choices": choices, "prediction": right is None}
    return Question(number, title, (name,), rule, hints or ANY_COUNTS, **more)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(", ".join(f"`{each}`" for each in names).rsplit(", ", 1))
