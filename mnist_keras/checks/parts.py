"""Parts of rules that several exercises share: runs that can be compared, plots that can be read.

Each raises `NotYetError` with a sentence where something is not as it should be.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from mnist_keras.checks.answers import (
    Answers,
    Model,
    as_history,
    close,
    describe_step,
    expect,
    not_yet,
    same,
)
from mnist_keras.checks.plain import Data, is_number, words
from mnist_keras.data import IMAGE_SHAPE, NUMBER_OF_CLASSES

Run = dict[str, list[float]]  # what was measured after each epoch, by its name
Mistakes = Mapping[str, float | Sequence[float]]  # wrong numbers, by what to say of them
Agree = Callable[[float, float], bool]  # whether two numbers count as the same
Axes = Mapping[str, Any]  # as `mnist_keras.checks.plots.axes_data` gives them

PIXELS = IMAGE_SHAPE[0] * IMAGE_SHAPE[1]
FEWEST_EPOCHS = 3
BY_CHANCE = 0.25  # of 1,800 networks with random weights, the luckiest read 0.21 of 300 images
UNREAD = (  # said of such a model
    ". What a class of your own does in call() is seen only when it has read an image: let it read "
    "one, as in `model(np.zeros((1, 28, 28, 1)))`, before you return it"
)
READINGS = ("number", "text", "logarithm")  # how a place on an axis may stand for a value

# How learners name what stands on an axis or in a legend, in English, French and German. A long
# word also counts within another, as in "Validierungsgenauigkeit".
ACCURACY = ("acc", "accur", "genauigkeit", "precision", "exactitude", "justesse", "korrekt")
LOSS = ("loss", "losses", "perte", "verlust", "entropy", "entropie")
RATE = ("rate", "rates", "lr", "taux", "lernrate")
BATCH = ("batch", "batches", "batchsize", "stapel", "lot", "lots")
EPOCH = ("epoch", "epoque", "epoche")
STEP = ("step", "steps", "schritt", "pas", "etape", "iteration")
DEPTH = ("hidden", "layer", "depth", "tiefe", "schicht", "couche", "profondeur", "versteckt")
SIZE = ("param", "params", "parameter", "parametre", "weights", "gewicht", "poids")
TRAINING = ("train", "training", "entrainement", "apprentissage", "trainiert")
VALIDATION = ("val", "valid", "validation", "validierung")


def run_of(data: Data, what: str) -> Run:
    """Read a training run whose accuracy was validated after each epoch."""
    run = as_history(data, what)
    expect(
        len(run.get("val_accuracy", [])) == len(run["loss"]),
        f"{what} has no validation accuracy for each epoch: give fit() validation_data, and "
        'compile() metrics=["accuracy"]',
    )
    return run


def expect_comparable(runs: Mapping[Any, Run], things: str, advice: str) -> int:
    """Expect that some runs were trained equally long, and each for itself; return their epochs.

    ``things`` were compared, such as ``"batch sizes"``; ``advice`` says what to look at where two
    of them have the same curve.
    """
    lengths = sorted({len(run["loss"]) for run in runs.values()})
    expect(
        len(lengths) == 1,
        f"all {things} should be trained for the same number of epochs; yours have "
        f"{words(lengths)}",
    )
    expect(
        lengths[0] >= FEWEST_EPOCHS,
        f"each should be trained for at least {FEWEST_EPOCHS} epochs; yours have {lengths[0]}",
    )
    curves = {tuple(run["loss"]) for run in runs.values()}
    expect(len(curves) == len(runs), f"two {things} have exactly the same curve: {advice}")
    return lengths[0]


def runs_by(answers: Answers, name: str, fits: Callable[[Data], bool], what: str) -> dict[Any, Run]:
    """Return the runs of a dictionary of the learner's, by its keys in ascending order."""
    data = numbered(answers, name, fits, what)
    return {key: run_of(each, f"`{name}[{key:g}]`") for key, each in data.items()}


def numbered(
    answers: Answers, name: str, fits: Callable[[Data], bool], what: str
) -> dict[Any, Data]:
    """Return a dictionary of the learner's whose keys are numbers, in ascending order of these."""
    found = {}
    for key, each in answers.mapping(name).items():
        good = is_number(key) and math.isfinite(key) and fits(key)
        expect(good, f"the keys of `{name}` should be {what}; {words(key)} is not one")
        found[round(key) if key == round(key) else float(key)] = each
    return dict(sorted(found.items()))


def last_accuracies(runs: Mapping[Any, Run]) -> dict[Any, float]:
    """Return the validation accuracies after the last epoch."""
    return {key: run["val_accuracy"][-1] for key, run in runs.items()}


def expect_number(
    found: float, wanted: float, otherwise: str, mistakes: Mistakes, agree: Agree = same
) -> None:
    """Expect a number, and say of others what they tell.

    ``mistakes`` has what to say of numbers that tell of a certain mistake, of which the first that
    fits is said; ``otherwise`` what to say of any other.
    """
    if agree(found, wanted):
        return
    for text, wrong in mistakes.items():
        expect(not any(agree(found, one) for one in _several(wrong)), text)
    not_yet(otherwise)


def _several(figure: float | Sequence[float]) -> Sequence[float]:
    return figure if isinstance(figure, Sequence) else (figure,)


def expect_dense(
    model: Model,
    hidden: Sequence[int],
    activation: str,
    outputs: Sequence[str | None] = (None, "linear", "softmax"),
) -> None:
    """Expect a network of dense layers that reads all pixels and gives ten numbers an image.

    ``hidden`` are the numbers of units of its hidden layers, each with the ``activation``;
    ``outputs`` may be the activation of the last.
    """
    model.expect_output()
    steps, what = model.hidden(), model.what
    found = ", ".join(describe_step(step) for step in model.steps())
    expect(
        len(steps) == len(hidden),
        f"{what} should have {len(hidden)} hidden layers; it has {len(steps)}: its layers are "
        f"{found}",
    )
    for units, step in zip(hidden, steps, strict=True):
        expect(
            step["class"] == "Dense" and step.get("units") == units,
            f"the hidden layers of {what} should be Dense layers, in this order, of "
            f"{' and '.join(map(str, hidden))} units; its layers are {found}",
        )
        expect(
            step.get("activation") == activation,
            f"each hidden layer of {what} should have the activation {activation}; one is "
            f"{describe_step(step)}{UNREAD if model['unread'] else ''}",
        )
    last = model.output().get("activation")
    expect(
        last in outputs,
        f"the last layer of {what} should give logits, so it should have no activation"
        f"{' but softmax' if 'softmax' in outputs else ''}; its activation is {last}",
    )
    if model["built"] and model["trainable"] is not None:
        expect(
            model["trainable"] == parameters_of(PIXELS, *hidden, NUMBER_OF_CLASSES),
            f"{what} has {model['trainable']:,} parameters, which does not fit {PIXELS} pixels "
            "and these layers: does it begin with Flatten, and does each unit have its bias?",
        )


def parameters_of(*widths: int) -> int:
    """Count the weights and biases of dense layers on top of each other."""
    return sum((n + 1) * m for n, m in pairwise(widths))


def expect_best(
    answers: Answers, name: str, figures: Mapping[Any, float], what: str, *, clock: float = 0.0
) -> float:
    """Expect that a value is the best of those that the learner tried, or as good; return it.

    ``figures`` say what was measured for each value; the highest is the best. If it was a time, the
    lowest is, and ``clock`` times as long is as good: a clock could say otherwise next time.
    """
    value = answers.number(name)
    alike = [each for each in figures if close(each, value)]
    expect(alike, f"`{name}` is {value:g}, which is not among those that you tried")
    found, best = figures[alike[0]], (min if clock else max)(figures.values())
    expect(
        same(found, best) or best <= found <= clock * best,
        f"`{name}` is {value:g}, where {what} is {found:.4g}; another of yours does better",
    )
    return value


def expect_rows(
    answers: Answers,
    wanted: Mapping[Any, Mapping[str, float | Sequence[float]]],
    labels: Sequence[str],
    said: str,
    order: str = "",
    read: Callable[..., Any] = lambda label: label,
) -> None:
    """Expect that the table `results` has a row for each of some things, with these figures.

    Parameters
    ----------
    answers
        What was collected.
    wanted
        For each thing its figures by the table's columns; where several are right, a list of them.
        An ``int`` counts exactly.
    labels
        The columns that say what a row is about; ``read`` makes a thing of what they hold.
    said
        Names a thing in a message, as does ``"at {:g}"``.
    order
        ``"ascending"`` or ``"descending"`` where the rows should be.
    """
    figures = list(next(iter(wanted.values())))
    rows = answers.rows("results", (*labels, *figures), figures)
    keys = [read(*(row[label] for label in labels)) for row in rows]
    for place, key in enumerate(keys):
        alike = [each for each in wanted if _alike(key, each)]
        expect(alike, f"{labels[0]} {words(key)} stands in `results`, but no run of yours has it")
        keys[place] = alike[0]
    expect(
        len(keys) == len(wanted) == len(set(keys)),
        f"the table should have one row for each of your {len(wanted)} runs; it has {len(keys)} "
        f"rows, for {len(set(keys))} of them",
    )
    right = sorted(keys, reverse=order == "descending") if order else keys
    expect(keys == right, f"the rows should be in {order} order of the {labels[0]}")
    for key, row in zip(keys, rows, strict=True):
        what = said.format(*key) if isinstance(key, tuple) else said.format(key)
        for column, figure in wanted[key].items():
            found, each = row[column], _several(figure)
            if "accuracy" in column:
                expect_fraction(found, f"{what}, the {column}")
            agree = close if isinstance(each[0], int) else same
            expect(
                any(agree(found, one) for one in each),
                f"{what}, the {column} should be {words(each[0])}, as you measured it; the table "
                f"says {words(found)}",
            )


def _alike(key: Any, other: Any) -> bool:
    return bool(key == other or (is_number(key) and is_number(other) and close(key, other)))


def expect_fraction(value: float, what: str) -> None:
    """Say so if an accuracy is above 1, as one in percent is."""
    expect(
        not value > 1,
        f"{what} should be a fraction from 0 to 1, as Keras gives it; it is {value:.4g}",
    )


def expect_learned(accuracy: float, what: str) -> None:
    """Say so if an accuracy is what a network reaches that has learned nothing."""
    expect(
        accuracy > BY_CHANCE,
        f"{what} is {accuracy:.4g}, about what a network reaches by guessing: was it trained?",
    )


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a text has one of these words, in capitals or not, with accents or not."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # as in trainLoss, but also Re LU
    letters = unicodedata.normalize("NFKD", f"{text} {spaced}").encode("ascii", "ignore").decode()
    found = re.findall(r"[a-z]+", letters.lower())
    return any(name == each or (len(name) > 4 and name in each) for name in names for each in found)


def exchanged(first: str, second: str, of_first: Sequence[str], of_second: Sequence[str]) -> bool:
    """Whether two names seem to have changed places: each says what the other should."""

    def says_only(text: str, own: Sequence[str], other: Sequence[str]) -> bool:
        return mentions(text, own) and not mentions(text, other)

    return (says_only(second, of_first, of_second) and not mentions(first, of_first)) or (
        says_only(first, of_second, of_first) and not mentions(second, of_second)
    )


def expect_labels(axes: Axes, across: Sequence[str], up: Sequence[str]) -> None:
    """Expect that both axes have labels that have not changed places.

    ``across`` and ``up`` are words for what the horizontal and the vertical axis show.
    """
    labels = axes["x_label"], axes["y_label"]
    for side, label in zip(("horizontal", "vertical"), labels, strict=True):
        expect(label.strip(), f"the {side} axis has no label")
    expect(
        not exchanged(*labels, across, up),
        f"the labels of the axes seem to be swapped: the horizontal one says {words(labels[0])}, "
        f"the vertical one {words(labels[1])}",
    )


def heights_over(axes: Axes, value: float, *, logarithms: bool = False) -> list[float]:
    """Return the heights of what a plot shows over a value of the horizontal axis.

    Lines, points and bars count. A value stands where its number is, or where the text below the
    axis is its number; a name for it, such as "none", is taken on trust. With ``logarithms``, it
    may stand where its logarithm is.
    """
    readings = READINGS if logarithms else READINGS[:-1]
    return [y for reading in readings for _, y in _points_over(axes, value, reading)]


def shows(heights: Sequence[float], wanted: float) -> bool:
    """Whether an accuracy is among some heights, as a fraction or in percent."""
    return any(same(y, wanted) or same(y, 100 * wanted) for y in heights)


def expect_shown(
    axes: Axes,
    wanted: Mapping[Any, float],
    what: str,
    *,
    logarithms: bool = False,
    units: Sequence[float] = (1,),
) -> None:
    """Expect that a plot shows an accuracy over each of some values.

    ``wanted`` is the accuracy by the value of the horizontal axis, ``what`` was varied. With
    ``logarithms``, see `heights_over`; the values may be divided by ``units``, as by 1,000.
    """
    for value, accuracy in wanted.items():
        over = [heights_over(axes, value / unit, logarithms=logarithms) for unit in units]
        heights = [height for each in over for height in each]
        expect(heights, f"the horizontal axis should show the {what} {value:g}; no point does")
        expect(
            shows(heights, accuracy),
            f"over the {what} {value:g}, the plot should show the validation accuracy after the "
            f"last epoch, {accuracy:.4g}",
        )


def expect_spaced(axes: Axes, values: Iterable[float], what: str) -> None:
    """Expect that a plot spaces values by their factors, or evenly, and not by their differences.

    A logarithmic axis does, logarithms on an ordinary one, and names.
    """
    ordered = sorted(values)
    over = [[_points_over(axes, value, reading) for value in ordered] for reading in READINGS]
    for value, *found in zip(ordered, *over, strict=True):
        expect(any(found), f"the horizontal axis should show the {what} {value:g}; no point does")
    shown = [_stretched([points[0][0] for points in each]) for each in over if all(each)]
    even = _stretched(list(range(len(ordered))))
    factors, differences = _stretched([math.log(each) for each in ordered]), _stretched(ordered)
    expect(
        any(
            min(_farthest(each, factors), _farthest(each, even)) < _farthest(each, differences)
            for each in shown
        ),
        f"each {what} of yours is several times the one before, so their axis should be "
        f'logarithmic, as `ax.set_xscale("log")` makes it; it is {axes["x_scale"]}',
    )


def _points_over(axes: Axes, value: float, reading: str) -> list[tuple[float, float]]:
    """Return the points over a value, each as its place on the scale and its height."""
    beside = len(axes["bars"]) > 1  # several bars stand around their place
    return [
        (across, y)
        for kind in ("lines", "bars")
        for one in axes[kind]
        for x, across, y in zip(one["x"], one["across"], one["y"], strict=True)
        if _stands_for(axes, x, value, reading, beside and kind == "bars")
    ]


def _stands_for(axes: Axes, place: float, value: float, reading: str, beside: bool) -> bool:
    """Whether a place means a value: as its number, by the text below it, or as its logarithm."""
    if reading == "number":
        return close(place, value) or (beside and math.isclose(place, value, rel_tol=0.25))
    if reading == "logarithm":
        logs = (math.log10(value), math.log2(value), math.log(value)) if value > 0 else ()
        return any(math.isclose(place, each, rel_tol=1e-4, abs_tol=1e-9) for each in logs)
    gaps = [abs(b - a) for (a, _), (b, _) in pairwise(axes["x_ticks"])]
    reach = 0.49 * min(gaps, default=1.0) if beside else 1e-6
    texts = [text for tick, text in axes["x_ticks"] if math.isclose(place, tick, abs_tol=reach)]
    numbers = [_numbers_in(text) for text in texts]
    return any(not each or any(close(number, value) for number in each) for each in numbers)


def _numbers_in(text: str) -> list[float]:
    """Read the number below an axis in each way in which it may be meant; a name has none."""
    bare = text.replace("−", "-").replace("\u202f", "").replace(" ", "")
    power = re.fullmatch(
        r"\$?(?:\\mathdefault)?\{?(-?)(?:(.+)\\(?:times|cdot))?10\^\{?(-?\d+)\}?\}*\$?", bare
    )
    if power:
        return [(-1 if power[1] else 1) * float(power[2] or 1) * 10.0 ** int(power[3])]
    found: list[float] = []
    for written in (bare, bare.replace(",", ""), bare.replace(",", ".")):
        with suppress(ValueError):
            found.append(float(written))
    return found or ([math.nan] if any(each.isdigit() for each in bare) else [])


def _stretched(places: Sequence[float]) -> list[float]:
    """Move and stretch places so that the first is 0 and the last 1."""
    first, last = places[0], places[-1]
    return [(each - first) / (last - first) if first != last else math.nan for each in places]


def _farthest(places: Sequence[float], others: Sequence[float]) -> float:
    """Return how far two rows of places lie apart where they differ most; infinity for none."""
    apart = [abs(a - b) for a, b in zip(places, others, strict=True)]
    return math.inf if any(map(math.isnan, apart)) else max(apart)
