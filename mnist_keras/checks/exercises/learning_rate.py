"""Exercise 1: the learning rate."""

from __future__ import annotations

import math

from mnist_keras.checks.answers import Answers, Model, close, expect, same
from mnist_keras.checks.parts import (
    ACCURACY,
    RATE,
    Axes,
    Run,
    expect_comparable,
    expect_fraction,
    expect_labels,
    expect_spaced,
    heights_over,
    judge_plot,
    run_of,
    shows,
)
from mnist_keras.checks.plain import words
from mnist_keras.checks.questions import (
    Call,
    Choice,
    Exercise,
    Question,
    multiple_choice,
    prediction,
)

RATES_TO_TRY = (0.003, 0.2)
GUESSING = math.log(10)  # the cross-entropy of a network that gives every digit a tenth


def expect_compiled_with(model: Model, rate: float) -> None:
    """Expect that a model reads digits and learns by Adam at this rate."""
    model.expect_output()
    model.expect_loss()
    model.expect_adam()
    found = model["optimizer"]["learning_rate"]
    expect(
        found is not None and close(found, rate),
        f"{model.what} should learn at {rate}; its learning rate is "
        f"{'a schedule' if found is None else words(found)}",
    )


def check_build(answers: Answers) -> str:
    """Judge the function that builds a model for a learning rate."""
    for rate in RATES_TO_TRY:
        model = answers.model_from("build", rate)
        expect_compiled_with(model, rate)
        model.expect_accuracy()
    return "your function hands its learning rate to the optimizer"


def sweep(answers: Answers) -> dict[float, Run]:
    """Return the learner's histories by learning rate, in ascending order."""
    histories = answers.mapping("histories")
    found = {}
    for rate, data in histories.items():
        expect(
            isinstance(rate, int | float) and rate > 0,
            f"the keys of `histories` should be learning rates; {words(rate)} is not one",
        )
        found[float(rate)] = run_of(data, f"the history at {rate}")
    return dict(sorted(found.items()))


def check_sweep(answers: Answers) -> str:
    """Judge the sweep: enough rates, far enough apart, trained equally long."""
    found = sweep(answers)
    expect(len(found) >= 5, f"at least 5 learning rates are needed; `histories` has {len(found)}")
    ratio = max(found) / min(found)
    expect(
        ratio >= 9_999,
        "the largest learning rate should be at least 10,000 times the smallest (four decades); "
        f"yours is {ratio:,.0f} times",
    )
    expect_comparable(
        found,
        "learning rates",
        "does each training begin with a new model from build(), at its own rate?",
    )
    return f"{len(found)} learning rates over {math.log10(ratio):.0f} decades"


def check_table(answers: Answers) -> str:
    """Judge the table: a row a rate, in order, with the last epoch's figures."""
    columns = ("learning rate", "loss", "validation accuracy")
    answers.rows("results", columns)
    rates, losses, accuracies = (answers.column("results", each, columns) for each in columns)
    found = sweep(answers)
    expect(
        len(rates) == len(found),
        f"the table should have a row for each learning rate: you have {len(found)} rates and "
        f"{len(rates)} rows",
    )
    expect(rates == sorted(rates), "the rows should be in the order of the learning rates")
    for rate, loss, accuracy in zip(rates, losses, accuracies, strict=True):
        one = next((found[each] for each in found if close(each, rate)), None)
        expect(one, f"`histories` has no learning rate {rate:g}, but `results` has")
        assert one
        expect(
            same(loss, one["loss"][-1]),
            f"at {rate:g}, the loss should be the training loss after the last epoch, "
            f"{one['loss'][-1]:.4g}; the table says {loss:.4g}",
        )
        expect_fraction(accuracy, f"at {rate:g}, the validation accuracy")
        expect(
            same(accuracy, one["val_accuracy"][-1]),
            f"at {rate:g}, the validation accuracy should be that after the last epoch, "
            f"{one['val_accuracy'][-1]:.4g}; the table says {accuracy:.4g}",
        )
    return "the table says what the histories say"


def check_plot(answers: Answers) -> str:
    """Judge the plot: accuracy over learning rate, on a logarithmic axis with labels."""
    found = sweep(answers)

    def rule(axes: Axes) -> str:
        expect_spaced(axes, found, "learning rate")
        for rate, run in found.items():
            wanted = run["val_accuracy"][-1]
            expect(
                shows(heights_over(axes, rate, logarithms=True), wanted),
                f"at {rate:g}, the plot should show the last validation accuracy, {wanted:.4g}",
            )
        expect_labels(axes, RATE, ACCURACY)
        return "a plot that can be read without you beside it"

    return judge_plot(answers, rule)


def check_best(answers: Answers) -> str:
    """Judge which rate is the best in the learner's own sweep."""
    rate = answers.number("best_learning_rate")
    found = sweep(answers)
    one = next((found[each] for each in found if close(each, rate)), None)
    expect(one, f"{rate:g} is not among the learning rates of your sweep")
    assert one
    best = max(each["val_accuracy"][-1] for each in found.values())
    expect(
        same(one["val_accuracy"][-1], best),
        f"at {rate:g}, your validation accuracy after the last epoch is "
        f"{one['val_accuracy'][-1]:.4g}; another of your learning rates scores higher",
    )
    return f"{rate:g} gave {best:.2%} in your sweep"


def check_lost(answers: Answers) -> str:
    """Judge which rates left the network no better than guessing."""
    given = answers.numbers("lost")
    for rate, one in sweep(answers).items():
        last = one["loss"][-1]
        lost = not last < GUESSING  # so that a loss that is no number counts
        named = any(close(rate, each) for each in given)
        expect(
            named or not lost,
            f"one learning rate is missing: after its last epoch the loss is {words(last)}",
        )
        expect(lost or not named, f"at {rate:g}, the last loss is {last:.4g}, below ln 10")
    for each in given:
        known = any(close(each, rate) for rate in sweep(answers))
        expect(known, f"{each:g} is not among the learning rates of your sweep")
    if not given:
        return "none of your learning rates was lost: try a larger one too"
    return "these networks are no better than one that gives every digit a tenth"


EXERCISE = Exercise(
    "01-learning-rate",
    "Learning rate",
    (
        prediction(
            "1.1",
            "A rate 1,000 times too large",
            "prediction_1_1",
            {
                "A": Choice("It learns 1,000 times as fast.", ""),
                "B": Choice("It learns as well, only less smoothly.", ""),
                "C": Choice("It ends no better than guessing.", ""),
                "D": Choice("Keras stops with an error.", ""),
            },
            core=True,
        ),
        Question(
            "1.2",
            "A model for a learning rate",
            ("build",),
            check_build,
            (
                "The optimizer takes the learning rate, not `fit()`: look at what "
                "`keras.optimizers.Adam` can be given.",
                "`keras.optimizers.Adam(learning_rate=…)` goes into `model.compile(optimizer=…)`. "
                "Do not write a number there, but the function's argument.",
                "The last layer gives logits, so the loss needs `from_logits=True`; labels are "
                'whole numbers, so it is the sparse one. The metric is `"accuracy"`, in a list. '
                "The function ends with `return model`.",
            ),
            points=2,
            calls=tuple(Call("build", (rate,)) for rate in RATES_TO_TRY),
            core=True,
        ),
        Question(
            "1.3",
            "The sweep",
            ("histories",),
            check_sweep,
            (
                "Learning rates are compared by factors, not by differences: 0.001, 0.01, 0.1.",
                "Build a new model in each turn of the loop. A model that was trained once goes on "
                "from where it stopped.",
                "`fit()` returns a History. Put its `.history` into `histories` under the learning "
                "rate: `histories[rate] = history.history`.",
            ),
            points=2,
            core=True,
        ),
        Question(
            "1.4",
            "The table",
            ("results",),
            check_table,
            (
                "A list of dictionaries is a table: each dictionary is a row.",
                "The last epoch's value is `[-1]` of a list: "
                '`histories[rate]["val_accuracy"][-1]`.',
                "Go through `sorted(histories)`, so that the rows are in order.",
            ),
            computed=("results",),
            uses=("histories",),
        ),
        Question(
            "1.5",
            "The plot",
            ("ax",),
            check_plot,
            (
                "On an ordinary axis, all the small learning rates would lie on one spot.",
                '`ax.set_xscale("log")` makes each factor of ten as wide as the others.',
                '`ax.plot(rates, accuracies, "o-")` draws; `ax.set_xlabel(…)` and '
                "`ax.set_ylabel(…)` name the axes.",
            ),
            uses=("histories",),
            core=True,
        ),
        Question(
            "1.6",
            "The best learning rate",
            ("best_learning_rate",),
            check_best,
            (
                "Look at your table: which row has the highest validation accuracy? Let Python "
                "find it, so that it stays right when you run the notebook again.",
                "`max(histories, key=…)` gives the key for which something is the largest. It is "
                "the learning rate that is asked for, not the accuracy.",
                '`max(histories, key=lambda rate: histories[rate]["val_accuracy"][-1])`.',
            ),
            computed=("best_learning_rate",),
            uses=("histories",),
            core=True,
        ),
        Question(
            "1.7",
            "Lost",
            ("lost",),
            check_lost,
            (
                "A network that gives every digit the probability 1/10 has a cross-entropy of "
                "−ln(1/10) = ln 10, about 2.303.",
                "Name every learning rate whose loss after the last epoch is not below that. They "
                "may lie at both ends. A loss of nan counts too.",
                "`lost = [rate for rate in histories if …]`, with `np.log(10)` to compare with.",
            ),
            points=2,
            computed=("lost",),
            uses=("histories",),
        ),
        multiple_choice(
            "1.8",
            "Read a loss curve",
            "answer_1_8",
            {
                "A": Choice(
                    "The learning rate is too small.",
                    "With steps that are too small the loss falls, slowly and smoothly. It does "
                    "not jump up.",
                ),
                "B": Choice(
                    "The learning rate is too large.",
                    "The steps are so long that they jump across the valley of the loss: it falls "
                    "at first, then leaps up and down and gets no lower.",
                ),
                "C": Choice(
                    "The network is overfitting.",
                    "When a network overfits, the training loss goes on falling; only the "
                    "validation loss rises. This is the training loss.",
                ),
                "D": Choice(
                    "It needs more epochs.",
                    "The last five epochs brought nothing: the curve has no downward trend that "
                    "more of the same could follow.",
                ),
            },
            right="B",
            hints=(
                "Which of the four makes a *training* loss go up from one epoch to the next?",
                "Compare with the curves of your own sweep, from the smallest rate to the largest.",
            ),
        ),
        multiple_choice(
            "1.9",
            "Why a factor of ten",
            "answer_1_9",
            {
                "A": Choice(
                    "Because Keras accepts only powers of ten.",
                    "Keras accepts any positive number, such as 0.0037.",
                ),
                "B": Choice(
                    "Because good learning rates are always powers of ten.",
                    "Nothing makes a power of ten better than its neighbours. Try 0.003 in your "
                    "sweep.",
                ),
                "C": Choice(
                    "Because nobody knows beforehand which size is right, and what counts is the "
                    "factor between two rates.",
                    "From 0.001 to 0.002 a step doubles; from 0.1 to 0.101 it hardly changes. "
                    "Equal factors cover many sizes with few experiments. Then you can look more "
                    "closely around the best.",
                ),
                "D": Choice(
                    "Because larger factors make the training faster.",
                    "Each training takes as long, whatever its learning rate is.",
                ),
            },
            right="C",
            hints=(
                "How many experiments would steps of 0.001 need, from 0.001 to 1?",
                "What matters more to a step: that the rate grows by 0.1, or that it doubles?",
            ),
        ),
    ),
)
