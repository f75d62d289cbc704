"""Exercise 3: the number of epochs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mnist_keras.checks import parts
from mnist_keras.checks.answers import Answers, NotAttemptedError, close, expect, expect_is, same
from mnist_keras.checks.plain import Data, is_number, kind_of, words
from mnist_keras.checks.rules import calls, plot, returns, rule

EPOCHS = 40
RISE = 1.02  # the last validation loss over the lowest; an overfitting network's is far above
PATIENCE = (3, 10)
CURVES_TO_TRY = (
    [0.9, 0.5, 0.6, 0.7],
    [0.3, 0.4, 0.5],
    [0.8, 0.75, 0.6, 0.55, 0.5],
    [2.5, 1.25, 1.5, 0.75, 1.75, 1.0],
)
HIDDEN_CURVES = (
    [0.7],
    [0.4, 0.41, 0.42, 0.43],
    [3.0, 2.0, 1.0, 0.5, 0.25, 0.125, 0.0625],
    [1e-9, 1e-10],
)
# What a table may say of early stopping, in English, French and German.
WITH = ("true", "1", "1.0", "yes", "y", "with", "on", "oui", "avec", "ja", "mit", "✓")
WITHOUT = ("false", "0", "0.0", "no", "n", "without", "off", "non", "sans", "nein", "ohne", "✗")


def measured(answers: Answers, name: str) -> parts.Run:
    """Return a training run whose loss and accuracy were validated after each epoch."""
    run = answers.history(name)
    count = len(run["loss"])
    expect(
        len(run.get("val_loss", [])) == count,
        f"`{name}` has no validation loss for each epoch: give fit() validation_data",
    )
    expect(
        len(run.get("accuracy", [])) == len(run.get("val_accuracy", [])) == count,
        f"`{name}` has no accuracy for each epoch: train a model as build() compiles it",
    )
    expect(not all(map(math.isnan, run["val_loss"])), f"the losses in `{name}` are not numbers")
    return run


def lowest(losses: Sequence[float]) -> list[int]:
    """Return the numbers of the epochs with the lowest loss, counted from 1; mostly one."""
    least = min(loss for loss in losses if not math.isnan(loss))
    return [epoch for epoch, loss in enumerate(losses, 1) if close(loss, least)]


@rule("3.2", "long_run")
def long_run(answers: Answers) -> str:
    run = measured(answers, "long_run")
    count = len(run["loss"])
    expect(count >= EPOCHS, f"`long_run` should have {EPOCHS} epochs; it has {count}")
    least, last = min(run["val_loss"]), run["val_loss"][-1]
    expect(
        run["loss"][-1] < last,
        f"the training loss should end below the validation loss; it ends at "
        f"{run['loss'][-1]:.4g}, the validation loss at {last:.4g}: train with `x` and `y`, and "
        "validate with other images",
    )
    expect(
        last > RISE * least,
        "after the last epoch, the validation loss should be clearly above its lowest, "
        f"{least:.4g}; it is {last:.4g}: train the network of build() with `x` and `y` only",
    )
    return f"{count} epochs, and the validation loss has risen again: the network overfits"


def curve(axes: parts.Axes, losses: Sequence[float], what: str) -> str:
    """Return the name of the line that shows these losses, from the first epoch on."""
    lines = [each for each in axes["lines"] if len(each["y"]) == len(losses)]
    lines = [each for each in lines if all(map(same, each["y"], losses))]
    expect(lines, f"the plot should show the {what} loss after each epoch of `long_run`")
    line = lines[0]
    alone = {**axes, "lines": [line], "bars": []}
    expect(
        all(
            any(same(y, loss) for y in parts.heights_over(alone, epoch))
            for epoch, loss in enumerate(losses, 1)
        ),
        f"the curve of the {what} loss should go from epoch 1 to epoch {len(losses)}; on your "
        f"horizontal axis it goes from {line['x'][0]:g} to {line['x'][-1]:g}",
    )
    return str(line["name"])


@plot("3.3", parts.EPOCH, parts.LOSS, uses="long_run")
def learning_curves(answers: Answers, axes: parts.Axes) -> None:
    run = measured(answers, "long_run")
    lines, legend = axes["lines"], axes["legend"]
    expect(len(lines) >= 2, f"the plot should have two curves, one a loss; it has {len(lines)}")
    training = curve(axes, run["loss"], "training")
    validation = curve(axes, run["val_loss"], "validation")
    expect(legend, "the plot has no legend: name each curve, then call ax.legend()")
    expect(
        training.strip() and validation.strip() and training != validation,
        "the legend should give each of the two curves a name of its own; it says "
        + " and ".join(map(words, legend)),
    )
    expect(
        not parts.exchanged(training, validation, parts.TRAINING, parts.VALIDATION),
        "the names in the legend seem to be swapped: the training loss is called "
        f"{training!r}, the validation loss {validation!r}",
    )


@rule(
    "3.4",
    "find_best_epoch best_epoch",
    uses="long_run",
    computed="best_epoch",
    calls=calls("find_best_epoch", CURVES_TO_TRY),
)
def best_epoch(answers: Answers) -> str:
    for losses in CURVES_TO_TRY:
        found = answers.result("find_best_epoch", losses)
        expect(
            is_number(found) and found == lowest(losses)[0],
            f"`find_best_epoch({losses})` should return the number of the epoch with the lowest "
            f"loss, where the first epoch has the number 1; it returns {words(found)}",
        )
    losses = measured(answers, "long_run")["val_loss"]
    epoch = answers.whole("best_epoch")
    expect(
        1 <= epoch <= len(losses),
        f"`long_run` has the epochs 1 to {len(losses)}; `best_epoch` is {epoch}",
    )
    expect(
        epoch in lowest(losses),
        f"the validation loss after epoch {epoch} was {losses[epoch - 1]:.4g}; after another epoch "
        "of `long_run` it was lower",
    )
    return f"after epoch {epoch} of {len(losses)}, your validation loss was at its lowest"


other_curves = returns(
    "3.4", "find_best_epoch", lambda losses: losses.index(min(losses)) + 1, HIDDEN_CURVES, share=0.5
)


@rule("3.5", "gap", uses="long_run", computed=True)
def gap(answers: Answers) -> str:
    gap, run = answers.number("gap"), measured(answers, "long_run")
    wanted = run["accuracy"][-1] - run["val_accuracy"][-1]
    expect(
        abs(gap) <= 1,
        "accuracies as Keras gives them are fractions from 0 to 1, so their difference lies "
        f"between -1 and 1; `gap` is {gap:.4g}",
    )
    losses = run["loss"][-1] - run["val_loss"][-1]
    parts.expect_number(
        gap,
        wanted,
        "`gap` should be the training accuracy minus the validation accuracy, both after the last "
        f"epoch of `long_run`, with three digits at least; yours is {gap:.4g}",
        {
            "`gap` should say how far the training accuracy is above the validation accuracy; "
            f"yours has the opposite sign, {gap:.4g}": -wanted,
            f"`gap` should be the gap between the accuracies; {gap:.4g} is the one between the "
            "losses": (losses, -losses),
        },
    )
    return f"after the last epoch, the accuracies lie {100 * gap:.1f} percentage points apart"


def single(value: Data) -> Data:
    """Return what a list of one holds, and anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def stopper_of(answers: Answers) -> dict[str, Any]:
    """Return the learner's callback, which watches the validation loss and brings weights back."""
    stopper = single(answers["stopper"])
    good = kind_of(stopper) == "callback" and stopper["class"] == "EarlyStopping"
    expect_is(good, "`stopper` should be a keras.callbacks.EarlyStopping(…)", stopper)
    monitor, patience = stopper["monitor"], stopper["patience"]
    expect(
        monitor == "val_loss",
        f"`stopper` should watch the validation loss; its monitor is {words(monitor)}",
    )
    expect(
        stopper.get("mode") != "max",
        "a loss is the better the lower it is; the mode of `stopper` is 'max'",
    )
    expect(
        is_number(patience) and PATIENCE[0] <= patience <= PATIENCE[1],
        f"the patience should be from {PATIENCE[0]} to {PATIENCE[1]} epochs; that of `stopper` is "
        f"{words(patience)}",
    )
    expect(
        stopper["restore_best_weights"] in (True, 1),
        "in the end, `stopper` should bring back the weights of the best epoch; its "
        f"restore_best_weights is {words(stopper['restore_best_weights'])}",
    )
    return dict(stopper)


@rule("3.6", "stopper stopped_run epochs_saved", uses="long_run", computed="epochs_saved")
def stopped(answers: Answers) -> str:
    stopper = stopper_of(answers)
    long_run, run = measured(answers, "long_run"), measured(answers, "stopped_run")
    count, whole = len(run["loss"]), len(long_run["loss"])
    expect(
        count < whole,
        "the stopped run should be shorter than the long one; it has "
        f"{count} epochs, the long one {whole}: was `stopper` among the callbacks that fit() got?",
    )
    expect(
        run["loss"][0] > long_run["loss"][0] / 2,
        f"in its first epoch, the stopped run has a training loss of {run['loss'][0]:.4g} already; "
        "let it begin with a fresh model from build()",
    )
    waited = [count - epoch for epoch in lowest(run["val_loss"])]
    plain = not any(stopper.get(name) for name in ("min_delta", "start_from_epoch"))
    if plain and not is_number(stopper.get("baseline")):
        expect(
            stopper["patience"] in waited,
            f"the run ended {waited[0]} epochs after its lowest validation loss; the patience of "
            f"`stopper` is {words(stopper['patience'])}: train again, with this `stopper` among "
            "the callbacks",
        )
    saved = answers.whole("epochs_saved")
    expect(
        saved == whole - count,
        f"`epochs_saved` should say how many epochs fewer the stopped run took than the long one; "
        f"{saved} does not fit the lengths of your two runs",
    )
    return f"{count} epochs instead of {whole}: {saved} saved"


@rule("3.7", "restored_loss restored_accuracy", uses="stopped_run stopper", computed=True)
def restored(answers: Answers) -> None:
    loss, accuracy = answers.number("restored_loss"), answers.number("restored_accuracy")
    run = measured(answers, "stopped_run")
    parts.expect_fraction(accuracy, "`restored_accuracy`")
    losses, accuracies = kept(answers, run)
    expect(
        any(same(loss, each) for each in losses) or not same(loss, run["val_loss"][-1]),
        f"a loss of {loss:.4g} is that after the last epoch, which was not the best: does "
        "`stopper` restore the best weights, and is `model` the one that it stopped?",
    )
    expect(
        any(same(loss, each) for each in losses),
        "`restored_loss` should be the validation loss of the best epoch of `stopped_run`; "
        f"{loss:.4g} is not: evaluate the model of that run, with the validation images",
    )
    expect(
        any(same(accuracy, each) for each in accuracies),
        "the loss is that of the best epoch, but the accuracy is not: "
        f"{accuracy:.4g} should be what evaluate() gives along with the loss",
    )


def kept(answers: Answers, run: parts.Run) -> tuple[list[float], list[float]]:
    """Return the validation losses and accuracies of the epoch that a callback keeps.

    And those of the epochs that equal it. Keras takes an epoch for better only if its loss is lower
    by more than ``min_delta``, so that it may keep another epoch than the one with the lowest loss.
    """
    try:
        stopper = single(answers["stopper"])
    except NotAttemptedError:
        stopper = None
    options: Mapping[str, Any] = stopper if kind_of(stopper) == "callback" else {}
    least, begin = options.get("min_delta", 0), options.get("start_from_epoch", 0)
    margin = abs(least) if is_number(least) else 0
    best: float | None = None
    for loss in run["val_loss"][begin if isinstance(begin, int) else 0 :]:
        if best is None or loss + margin < best:
            best = loss
    pairs = list(zip(run["val_loss"], run["val_accuracy"], strict=True))
    pairs = [pair for pair in pairs if best is not None and same(pair[0], best)]
    pairs = pairs or [(math.inf, math.inf)]  # of a callback that began after the last epoch
    return [loss for loss, _ in pairs], [accuracy for _, accuracy in pairs]


def stops_early(value: Data) -> bool:
    """Read what a row says of early stopping: False or True, or a word for it."""
    text = str(value).strip().lower()
    expect(
        text in (*WITH, *WITHOUT),
        f'the column "early stopping" should hold False or True; it holds {words(value)}',
    )
    return text in WITH


@rule("3.8", "results", uses="long_run stopped_run stopper", computed=True)
def table(answers: Answers) -> None:
    long_run, run = measured(answers, "long_run"), measured(answers, "stopped_run")
    losses, accuracies = kept(answers, run)
    wanted: dict[bool, dict[str, float | list[float]]] = {
        False: {
            "epochs": len(long_run["loss"]),
            "validation loss": long_run["val_loss"][-1],
            "validation accuracy": long_run["val_accuracy"][-1],
        },
        True: {
            "epochs": len(run["loss"]),
            "validation loss": losses,
            "validation accuracy": accuracies,
        },
    }
    parts.expect_rows(
        answers, wanted, ["early stopping"], "with early stopping {}", read=stops_early
    )
