"""Exercise 1: the learning rate."""

import math

from mnist_keras.checks import parts
from mnist_keras.checks.answers import Answers, Model, close, expect
from mnist_keras.checks.plain import words
from mnist_keras.checks.rules import calls, hidden, plot, rule

RATES_TO_TRY = (0.003, 0.2)
HIDDEN_RATES = (0.0007, 0.05)
GUESSING = math.log(10)  # the cross-entropy of a network that gives every digit a tenth


def expect_compiled_with(model: Model, rate: float) -> None:
    model.expect_output()
    model.expect_loss()
    model.expect_adam()
    found = model["optimizer"]["learning_rate"]
    expect(
        found is not None and close(found, rate),
        f"{model.what} should learn at {rate}; its learning rate is "
        f"{'a schedule' if found is None else words(found)}",
    )


@rule("1.2", "build", calls=calls("build", RATES_TO_TRY))
def build(answers: Answers) -> None:
    for rate in RATES_TO_TRY:
        model = answers.model_from("build", rate)
        expect_compiled_with(model, rate)
        model.expect_accuracy()


@hidden("1.2", share=0.5, calls=calls("build", HIDDEN_RATES))
def build_hands_on_other_rates(answers: Answers) -> None:
    for rate in HIDDEN_RATES:
        expect_compiled_with(answers.model_from("build", rate), rate)


def sweep(answers: Answers) -> dict[float, parts.Run]:
    """Return the learner's histories by learning rate, in ascending order."""
    return parts.runs_by(answers, "histories", lambda rate: rate > 0, "learning rates")


@rule("1.3", "histories")
def compared(answers: Answers) -> str:
    found = sweep(answers)
    expect(len(found) >= 5, f"at least 5 learning rates are needed; `histories` has {len(found)}")
    ratio = max(found) / min(found)
    expect(
        ratio >= 9_999,
        "the largest learning rate should be at least 10,000 times the smallest (four decades); "
        f"yours is {ratio:,.0f} times",
    )
    parts.expect_comparable(
        found,
        "learning rates",
        "does each training begin with a new model from build(), at its own rate?",
    )
    return f"{len(found)} learning rates over {math.log10(ratio):.0f} decades"


@rule("1.4", "results", uses="histories", computed=True)
def table(answers: Answers) -> None:
    wanted = {
        rate: {"loss": run["loss"][-1], "validation accuracy": run["val_accuracy"][-1]}
        for rate, run in sweep(answers).items()
    }
    parts.expect_rows(answers, wanted, ["learning rate"], "at {:g}", "ascending")


@plot("1.5", parts.RATE, parts.ACCURACY, uses="histories")
def accuracy_over_rate(answers: Answers, axes: parts.Axes) -> None:
    found = parts.last_accuracies(sweep(answers))
    parts.expect_spaced(axes, found, "learning rate")
    parts.expect_shown(axes, found, "learning rate", logarithms=True)


@rule("1.6", "best_learning_rate", uses="histories", computed=True)
def best(answers: Answers) -> str:
    found = parts.last_accuracies(sweep(answers))
    rate = parts.expect_best(answers, "best_learning_rate", found, "the last validation accuracy")
    return f"{rate:g} gave {max(found.values()):.2%} in your sweep"


@rule("1.7", "lost", uses="histories", computed=True)
def lost(answers: Answers) -> str:
    found = sweep(answers)
    given = answers.numbers("lost", among=found)
    for rate, run in found.items():
        last = run["loss"][-1]
        lost = not last < GUESSING  # so that a loss that is no number counts
        named = any(close(rate, each) for each in given)
        expect(
            named or not lost,
            f"one learning rate is missing: after its last epoch the loss is {words(last)}",
        )
        expect(lost or not named, f"at {rate:g}, the last loss is {last:.4g}, below ln 10")
    for each in given:
        known = any(close(each, rate) for rate in found)
        expect(known, f"{each:g} is not among the learning rates of your sweep")
    if not given:
        return "none of your learning rates was lost: try a larger one too"
    return "these networks are no better than one that gives every digit a tenth"
