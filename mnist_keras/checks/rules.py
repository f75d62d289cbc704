"""What a module of rules is made of: rules, which the notebook shows, and hidden tests.

::

    @rule("7.1", "parameters")
    def parameters(answers: Answers) -> str:
        found = answers.whole("parameters")
        expect(found != 78_400, "the biases count too")
        expect(found == 78_500, f"one weight an input, and a bias; not {found:,}")
        return "784 weights and a bias for each of 100 units"

A rule raises `NotYetError` unless the answer is right. It may return what to say to a right one;
otherwise the question's page has that. Choices and predictions need no rule: the page has all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Any

from mnist_keras.checks.answers import Answers, NotYetError, as_written, close, expect
from mnist_keras.checks.facts import Call
from mnist_keras.checks.parts import Axes, Mistakes, expect_labels, expect_number
from mnist_keras.checks.plain import is_number, words

AXES = "ax"  # what a question that asks for a plot calls its axes

Check = Callable[[Answers], str | None]
Names = str | Sequence[str]


@dataclass(frozen=True)
class Rule:
    """What makes an answer right; the attributes are those of a `Question`."""

    number: str
    check: Check
    names: tuple[str, ...]
    uses: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class HiddenRule:
    """What the notebook does not show of a question, and grading asks."""

    number: str  # the question's
    # As a rule. Where models read images, it also gets what each says of them: an array of shape
    # (images, 10) by the key in a dictionary of models, or by ``""`` for a single one.
    check: Callable[..., None]
    share: float = 1.0  # the share of the question's points that is lost where it fails
    calls: tuple[Call, ...] = ()  # calls of the learner's functions whose results it reads
    predict: str = ""  # a variable whose models read images that they have not seen; see `unseen`
    name: str = ""  # what it is called in its module


def calls(function: str, arguments: Iterable[Any]) -> tuple[Call, ...]:
    """List calls of a learner's function, each with a tuple of arguments, or with one."""
    return tuple(Call(function, each if isinstance(each, tuple) else (each,)) for each in arguments)


def rule(
    number: str,
    names: Names,
    *,
    uses: Names = (),
    computed: Names | bool = (),
    calls: tuple[Call, ...] = (),
    figure: str = "",
) -> Callable[[Check], Rule]:
    """Make a function the rule of a question; the parameters are attributes of a `Question`.

    A text has several names with spaces between; ``computed=True`` stands for all of the answer's.
    """
    own = _listed(names)
    typed = (own if computed else ()) if isinstance(computed, bool) else _listed(computed)
    return lambda check: Rule(number, check, own, _listed(uses), typed, calls, figure)


def plot(
    number: str, across: Sequence[str], up: Sequence[str], *, uses: Names = ()
) -> Callable[[Callable[[Answers, Axes], None]], Rule]:
    """Make a function, which gets the axes too, the rule of a question that asks for a plot, `ax`.

    Of several plots one that is right is enough. ``across`` and ``up`` are words for what the axes
    show, which should have labels.
    """

    def made(check: Callable[[Answers, Axes], None]) -> Rule:
        def judge(answers: Answers) -> None:
            errors = []
            for axes in answers.panels(AXES):
                try:
                    check(answers, axes)
                    return expect_labels(axes, across, up)
                except NotYetError as error:
                    errors.append(error)
            raise errors[0]

        return Rule(number, judge, (AXES,), _listed(uses), figure=AXES)

    return made


def number(number: str, name: str, wanted: float, otherwise: str, mistakes: Mistakes) -> Rule:
    """Make the rule of a question whose answer is one whole number; see `expect_number`.

    In what is said of a wrong one, ``{found}`` is replaced by it.
    """

    def check(answers: Answers) -> None:
        found = answers.whole(name)
        said = {text.format(found=f"{found:,}"): each for text, each in mistakes.items()}
        expect_number(found, wanted, otherwise.format(found=f"{found:,}"), said, eq)

    return Rule(number, check, (name,))


def returns(
    number: str,
    function: str,
    wanted: Callable[..., float],
    arguments: Sequence[Any],
    *,
    share: float,
) -> HiddenRule:
    """Make a hidden test that a learner's function returns what it should for other arguments."""
    listed = calls(function, arguments)

    def check(answers: Answers) -> None:
        for call in listed:
            found, right = answers.result(function, *call.arguments), wanted(*call.arguments)
            shown = as_written(function, call.arguments)
            good = is_number(found) and close(found, right)
            expect(good, f"{shown} should return {right}; it returns {words(found)}")

    return HiddenRule(number, check, share, listed)


def hidden(
    number: str, *, share: float, calls: tuple[Call, ...] = (), predict: str = ""
) -> Callable[[Callable[..., None]], HiddenRule]:
    """Make a function a hidden test of a question; see `HiddenRule`."""
    return lambda check: HiddenRule(number, check, share, calls, predict)


def _listed(names: Names) -> tuple[str, ...]:
    return tuple(names.split() if isinstance(names, str) else names)
