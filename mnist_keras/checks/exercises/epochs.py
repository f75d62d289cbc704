"""Exercise 3: the number of epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mnist_keras.checks.answers import (
    Answers,
    NotAttemptedError,
    close,
    expect,
    not_yet,
    same,
)
from mnist_keras.checks.parts import (
    EPOCH,
    LOSS,
    TRAINING,
    VALIDATION,
    Axes,
    Run,
    exchanged,
    expect_fraction,
    expect_labels,
    heights_over,
    judge_plot,
)
from mnist_keras.checks.plain import Data, is_number, words
from mnist_keras.checks.questions import (
    Call,
    Choice,
    Exercise,
    Question,
    multiple_choice,
    prediction,
)

EPOCHS = 40
RISE = 1.02  # the last validation loss over the lowest; an overfitting network's is far above
PATIENCE = (3, 10)
CURVES_TO_TRY = (
    [0.9, 0.5, 0.6, 0.7],
    [0.3, 0.4, 0.5],
    [0.8, 0.75, 0.6, 0.55, 0.5],
    [2.5, 1.25, 1.5, 0.75, 1.75, 1.0],
)
# What a table may say of early stopping, in English, French and German.
WITH = ("true", "1", "1.0", "yes", "y", "with", "on", "oui", "avec", "ja", "mit", "✓")
WITHOUT = ("false", "0", "0.0", "no", "n", "without", "off", "non", "sans", "nein", "ohne", "✗")


def measured(answers: Answers, name: str) -> Run:
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


def check_long_run(answers: Answers) -> str:
    """Judge the long run: long enough, validated, and overfitting."""
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


def curve(axes: Axes, losses: Sequence[float], what: str) -> str:
    """Return the name of the line that shows these losses, from the first epoch on."""
    line = next(
        (
            line
            for line in axes["lines"]
            if len(line["y"]) == len(losses) and all(map(same, line["y"], losses))
        ),
        None,
    )
    expect(line, f"the plot should show the {what} loss after each epoch of `long_run`")
    assert line
    alone = {**axes, "lines": [line], "bars": []}
    placed = all(
        any(same(y, loss) for y in heights_over(alone, epoch))
        for epoch, loss in enumerate(losses, 1)
    )
    expect(
        placed,
        f"the curve of the {what} loss should go from epoch 1 to epoch {len(losses)}; on your "
        f"horizontal axis it goes from {line['x'][0]:g} to {line['x'][-1]:g}",
    )
    return str(line["name"])


def check_plot(answers: Answers) -> str:
    """Judge the plot: both losses over the epochs, told apart by a legend, with labelled axes."""
    run = measured(answers, "long_run")

    def rule(axes: Axes) -> str:
        lines, legend = axes["lines"], axes["legend"]
        expect(len(lines) >= 2, f"the plot should have two curves, one a loss; it has {len(lines)}")
        training = curve(axes, run["loss"], "training")
        validation = curve(axes, run["val_loss"], "validation")
        expect_labels(axes, EPOCH, LOSS)
        expect(legend, "the plot has no legend: name each curve, then call ax.legend()")
        expect(
            training.strip() and validation.strip() and training != validation,
            "the legend should give each of the two curves a name of its own; it says "
            + " and ".join(map(words, legend)),
        )
        expect(
            not exchanged(training, validation, TRAINING, VALIDATION),
            "the names in the legend seem to be swapped: the training loss is called "
            f"{training!r}, the validation loss {validation!r}",
        )
        return "a plot from which anybody can read where the overfitting begins"

    return judge_plot(answers, rule)


def check_best_epoch(answers: Answers) -> str:
    """Judge the function that finds the best epoch, and the best epoch of the learner's run."""
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


def check_gap(answers: Answers) -> str:
    """Judge the gap between the accuracies after the last epoch."""
    gap = answers.number("gap")
    run = measured(answers, "long_run")
    wanted = run["accuracy"][-1] - run["val_accuracy"][-1]
    if same(gap, wanted):
        return f"after the last epoch, the accuracies lie {100 * gap:.1f} percentage points apart"
    expect(
        abs(gap) <= 1,
        "accuracies as Keras gives them are fractions from 0 to 1, so their difference lies "
        f"between -1 and 1; `gap` is {gap:.4g}",
    )
    expect(
        not same(-gap, wanted),
        "`gap` should say how far the training accuracy is above the validation accuracy; yours "
        f"has the opposite sign, {gap:.4g}",
    )
    expect(
        not same(abs(gap), abs(run["loss"][-1] - run["val_loss"][-1])),
        f"`gap` should be the gap between the accuracies; {gap:.4g} is the one between the losses",
    )
    not_yet(
        "`gap` should be the training accuracy minus the validation accuracy, both after the last "
        f"epoch of `long_run`, with three digits at least; yours is {gap:.4g}"
    )


def single(value: Data) -> Data:
    """Return what a list of one holds, and anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def stopper_of(answers: Answers) -> dict[str, Any]:
    """Return the learner's callback, which watches the validation loss and brings weights back."""
    stopper = single(answers["stopper"])
    expect(
        isinstance(stopper, dict)
        and stopper.get("kind") == "callback"
        and stopper["class"] == "EarlyStopping",
        f"`stopper` should be a keras.callbacks.EarlyStopping(…); it is {words(stopper)}",
    )
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


def check_stopped(answers: Answers) -> str:
    """Judge the callback, the run that it ended, and how much shorter that was."""
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


def check_restored(answers: Answers) -> str:
    """Judge whether the weights after the stopped run are those of its best epoch."""
    loss, accuracy = answers.number("restored_loss"), answers.number("restored_accuracy")
    run = measured(answers, "stopped_run")
    expect_fraction(accuracy, "`restored_accuracy`")
    best = kept(run, options_of(answers))
    if not any(same(loss, each) for each, _ in best):
        expect(
            not same(loss, run["val_loss"][-1]),
            f"a loss of {loss:.4g} is that after the last epoch, which was not the best: does "
            "`stopper` restore the best weights, and is `model` the one that it stopped?",
        )
        not_yet(
            "`restored_loss` should be the validation loss of the best epoch of `stopped_run`; "
            f"{loss:.4g} is not: evaluate the model of that run, with the validation images"
        )
    expect(
        any(same(accuracy, each) for _, each in best),
        "the loss is that of the best epoch, but the accuracy is not: "
        f"{accuracy:.4g} should be what evaluate() gives along with the loss",
    )
    return "the weights of the best epoch are back, and not those of the last"


def options_of(answers: Answers) -> Mapping[str, Any]:
    """Return the options of the learner's callback; none where there is no callback."""
    try:
        stopper = single(answers["stopper"])
    except NotAttemptedError:
        return {}
    return stopper if isinstance(stopper, dict) and stopper.get("kind") == "callback" else {}


def kept(run: Run, options: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the validation loss and accuracy of the epoch that a callback keeps.

    And those of the epochs that equal it. Keras takes an epoch for better only if its loss is lower
    by more than ``min_delta``, so that it may keep another epoch than the one with the lowest loss.
    """
    pairs = list(zip(run["val_loss"], run["val_accuracy"], strict=True))
    least, begin = options.get("min_delta", 0), options.get("start_from_epoch", 0)
    margin = abs(least) if is_number(least) else 0
    best: float | None = None
    for loss, _ in pairs[begin if isinstance(begin, int) else 0 :]:
        if best is None or loss + margin < best:
            best = loss
    return [pair for pair in pairs if best is not None and same(pair[0], best)]


def stops_early(value: Data) -> bool:
    """Read what a row says of early stopping: False or True, or a word for it."""
    text = str(value).strip().lower()
    expect(
        text in (*WITH, *WITHOUT),
        f'the column "early stopping" should hold False or True; it holds {words(value)}',
    )
    return text in WITH


def check_table(answers: Answers) -> str:
    """Judge the table: what one ends up with, without and with early stopping."""
    flag, *figures = ("early stopping", "epochs", "validation loss", "validation accuracy")
    rows = answers.rows("results", (flag, *figures))
    columns = [answers.column("results", name, (flag, *figures)) for name in figures]
    flags = [stops_early(row[flag]) for row in rows]
    expect(
        sorted(flags) == [False, True],
        f"there should be one row without early stopping and one with it; `results` has "
        f"{flags.count(False)} without and {flags.count(True)} with",
    )
    runs = {False: measured(answers, "long_run"), True: measured(answers, "stopped_run")}
    best = kept(runs[True], options_of(answers))
    for early, epochs, loss, accuracy in zip(flags, *columns, strict=True):
        run, how = runs[early], "with early stopping" if early else "without early stopping"
        last = (run["val_loss"][-1], run["val_accuracy"][-1])
        ends = best if early else [last]
        which = "of the restored weights" if early else "after the last epoch"
        expect(
            epochs == len(run["loss"]),
            f"{how}, the number of epochs should be that of all that were trained, the waiting "
            f"included; the table says {epochs:g}",
        )
        expect(
            any(same(loss, each) for each, _ in ends),
            f"{how}, the validation loss should be that {which}; the table says {loss:.4g}",
        )
        expect_fraction(accuracy, f"{how}, the validation accuracy")
        expect(
            any(same(accuracy, each) for _, each in ends),
            f"{how}, the validation accuracy should be that {which}; the table says {accuracy:.4g}",
        )
    return "the table says what your two runs have come to"


EXERCISE = Exercise(
    "03-epochs",
    "Epochs",
    (
        prediction(
            "3.1",
            "While the loss rises",
            "prediction_3_1",
            {
                "A": Choice("It falls, as clearly as the loss rises.", ""),
                "B": Choice("It stays about the same.", ""),
                "C": Choice("It goes on rising, to nearly 100 %.", ""),
                "D": Choice("It falls to that of guessing, 10 %.", ""),
            },
            core=True,
        ),
        Question(
            "3.2",
            "A run that is too long",
            ("long_run",),
            check_long_run,
            (
                "`model.fit()` takes the images, the labels, the number of epochs and the "
                "validation data. The lesson's function `train` shows such a call.",
                "`validation` is a pair already: `validation_data=validation`.",
                "`history = model.fit(x, y, validation_data=…, epochs=40, verbose=0)`, and then "
                "`long_run = history.history`.",
            ),
            core=True,
        ),
        Question(
            "3.3",
            "Learning curves",
            ("ax",),
            check_plot,
            (
                'Both curves are in `long_run`: `"loss"` is the one for training, `"val_loss"` '
                "the one for validation.",
                "Without a horizontal position, `ax.plot` begins at 0. Give it one for each loss: "
                "`range(1, 41)` for 40 epochs.",
                '`ax.plot(epochs, losses, label="…")` draws a curve with a name, and '
                "`ax.legend()` shows the names; `ax.set_xlabel(…)` and `ax.set_ylabel(…)` label "
                "the axes.",
            ),
            uses=("long_run",),
            core=True,
        ),
        Question(
            "3.4",
            "The best epoch",
            ("find_best_epoch", "best_epoch"),
            check_best_epoch,
            (
                "The best epoch is the one whose weights do best on images that the network does "
                "not learn from.",
                "`np.argmin(losses)` gives the place of the lowest loss. Try it with a short list: "
                "from where does it count?",
                "The function ends with `return …`; the place of the first epoch in the list is 0, "
                'its number 1. Your curve is `long_run["val_loss"]`.',
            ),
            points=2,
            computed=("best_epoch",),
            uses=("long_run",),
            calls=tuple(Call("find_best_epoch", (losses,)) for losses in CURVES_TO_TRY),
            core=True,
        ),
        Question(
            "3.5",
            "The gap",
            ("gap",),
            check_gap,
            (
                "The accuracies, not the losses, and the last of each.",
                'The training accuracy is `long_run["accuracy"]`; the other one has the same name '
                "with `val_` before it. `[-1]` is the last of a list.",
                "Subtract the validation accuracy from the training accuracy. Do not multiply by "
                "100, and do not round.",
            ),
            computed=("gap",),
            uses=("long_run",),
        ),
        Question(
            "3.6",
            "Stop early",
            ("stopper", "stopped_run", "epochs_saved"),
            check_stopped,
            (
                "The lesson uses `keras.callbacks.EarlyStopping`. Three of its arguments matter "
                "here: what it watches, how long it waits, and what becomes of the weights.",
                "The arguments are `monitor`, `patience` and `restore_best_weights`. The last one "
                "is off unless you turn it on. `fit()` gets the callback in a list: "
                "`callbacks=[stopper]`.",
                'The name of what it watches is `"val_loss"`. A run has as many epochs as '
                '`len(stopped_run["loss"])` says; subtract that from the same of `long_run`.',
            ),
            points=2,
            computed=("epochs_saved",),
            uses=("long_run",),
            core=True,
        ),
        Question(
            "3.7",
            "The restored weights",
            ("restored_loss", "restored_accuracy"),
            check_restored,
            (
                "A model measures its loss and its metrics on some images with `evaluate()`.",
                "`evaluate()` takes the images and the labels. `validation` is a pair of both: "
                "`*validation` hands them over one by one.",
                "`model.evaluate(…, verbose=0)` gives the loss first and then the accuracy. If "
                "they are not those of the best epoch, look at the third argument of `stopper`, "
                "and train again.",
            ),
            computed=("restored_loss", "restored_accuracy"),
            uses=("stopped_run", "stopper"),
        ),
        Question(
            "3.8",
            "Without and with",
            ("results",),
            check_table,
            (
                "A list of two dictionaries. Without early stopping the model keeps the weights of "
                "the last epoch.",
                "With early stopping the model has the weights that you measured in 3.7. The "
                "epochs still count, also those of the waiting.",
                '`{"early stopping": False, "epochs": len(long_run["loss"]), "validation loss": '
                'long_run["val_loss"][-1], …}` is the first row; the second one has `True`, the '
                "length of `stopped_run`, `restored_loss` and `restored_accuracy`.",
            ),
            computed=("results",),
            uses=("long_run", "stopped_run", "stopper"),
        ),
        multiple_choice(
            "3.9",
            "Read two curves",
            "answer_3_9",
            {
                "A": Choice(
                    "The network overfits.",
                    "A network that overfits does better on the images that it learns from than on "
                    "others. These curves look as if it did worse on them.",
                ),
                "B": Choice(
                    "The network underfits: it learns too little, and needs to be larger.",
                    "A network that learns too little has two curves that soon stop falling, both "
                    "at a high loss. It does not say which of them is the lower one.",
                ),
                "C": Choice(
                    "Nothing is wrong: dropout is at work only while the training loss is "
                    "measured.",
                    "The training loss is that of a network in which some units are switched off, "
                    "and it is an average over the epoch, while the weights still get better. The "
                    "validation loss is measured after the epoch, with all units.",
                ),
                "D": Choice(
                    "There is a bug: a validation loss cannot be lower than a training loss.",
                    "It can. The two are not measured at the same moment, nor with the network in "
                    "the same state. Look up in the lessons what changes between training and "
                    "use.",
                ),
            },
            right="C",
            hints=(
                "When is each of the two losses measured, and in what state is the network then?",
                "Dropout sets a random part of a layer's inputs to 0. Does it do that in "
                "validation too?",
            ),
        ),
        multiple_choice(
            "3.10",
            "Not with the test set",
            "answer_3_10",
            {
                "A": Choice(
                    "It would take too much time.",
                    "Reading the test images takes no longer than reading as many validation "
                    "images, and we did that after each epoch.",
                ),
                "B": Choice(
                    "Nothing, as long as the weights do not learn from the test images.",
                    "Weights are not all that can be fitted to images. You would look at the same "
                    "images forty times, and keep what happens to suit them.",
                ),
                "C": Choice(
                    "The test images are harder to read than the training images.",
                    "Were they harder, all forty accuracies would be lower, and you could still "
                    "compare them. The trouble is another one.",
                ),
                "D": Choice(
                    "The chosen number would suit just these images, so their accuracy would "
                    "promise more than the network can do with new ones.",
                    "The best of forty accuracies is partly luck, and the luck stays with those "
                    "images. If you choose with the test set, you have no images left for an "
                    "honest measurement.",
                ),
            },
            right="D",
            hints=(
                "What is the accuracy on the test set to tell the people who will use the network?",
                "Of forty numbers that all vary by chance, you keep the largest. What does that do "
                "to it?",
            ),
        ),
        multiple_choice(
            "3.11",
            "What patience is for",
            "answer_3_11",
            {
                "A": Choice(
                    "The validation loss also goes up and down by chance: after one worse epoch, "
                    "a better one may follow.",
                    "One epoch says little. Only when several bring no improvement is it likely "
                    "that the lowest point is past.",
                ),
                "B": Choice(
                    "A network that overfits a little is better on new images.",
                    "It is not, and with restore_best_weights nothing remains of the epochs of the "
                    "waiting.",
                ),
                "C": Choice(
                    "The validation loss is not measured after every epoch.",
                    "It is: your histories hold one validation loss for each epoch.",
                ),
                "D": Choice(
                    "With it, the training ends exactly with the best epoch.",
                    "Compare the length of your stopped run with the epoch of its lowest "
                    "validation loss: it ends later.",
                ),
            },
            right="A",
            hints=(
                "Look closely at the validation loss of your long run: does it fall and then rise "
                "without a single exception?",
                "What would a patience of 1 have done, had the second epoch been a bit worse than "
                "the first by bad luck?",
            ),
        ),
    ),
)
