"""Figures of training: curves over its epochs, and the values that were tried."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from mnist_keras.evaluation import Evaluation
from mnist_keras.figures.answers import evaluation_figures
from mnist_keras.figures.picture import (
    BLUE,
    GREY,
    SERIES,
    WIDTH,
    Picture,
    beside,
    counted,
    course_of,
    new_axis,
    new_figure,
    save_pictures,
    styled,
    whole_epochs,
)
from mnist_keras.runs.folder import Epoch


def learning_curves(history: Sequence[Epoch] | Mapping[str, Sequence[float]]) -> Picture:
    """Show loss and accuracy after each epoch, for training and, if any, validation.

    The history is a run's rows, or the dictionary ``History.history`` that ``fit`` gives.
    """
    if not isinstance(history, Mapping):
        history = {name: [row[name] for row in history] for name in history[0]}
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure = new_figure(WIDTH, 2.8, "loss and accuracy after each epoch")
    said = []
    left, right = figure.subplots(1, 2)
    for axis, name, factor, unit in ((left, "loss", 1, ""), (right, "accuracy", 100, " %")):
        styled(axis, xlabel="epoch", ylabel=f"{name} ({unit.strip()})" if unit else name)
        curves = (("training", name), ("validation", f"val_{name}"))
        for (label, key), (colour, marker) in zip(curves, SERIES, strict=False):
            if key in history:
                values = factor * np.asarray(history[key], dtype=float)
                axis.plot(epochs, values, color=colour, marker=marker, markersize=4, label=label)
                said.append(f"{label} {name} {course_of(values, 1 if unit else 3)}{unit}")
        whole_epochs(axis, len(epochs))
        axis.legend(frameon=False)
    return Picture(
        figure, f"Learning curves over {counted(len(epochs), 'epoch')}: {'; '.join(said)}."
    )


def compare_curves(
    curves: Mapping[str, Sequence[float]],
    *,
    ylabel: str,
    percent: bool = False,
    x: Sequence[float] | None = None,
    xlabel: str = "epoch",
) -> Picture:
    """Show one measured quantity for several experiments.

    Parameters
    ----------
    curves
        Name of each experiment and its values, one for each place on the horizontal axis.
    ylabel
        What is measured.
    percent
        Whether the values are shares, to be shown in per cent.
    x
        Places on the horizontal axis; by default the epochs 1, 2, 3 and so on.
    xlabel
        What the horizontal axis is.
    """
    factor, unit, digits_shown = (100, " %", 1) if percent else (1, "", 3)
    named = ylabel + (" (%)" if percent else "")
    figure, axis = new_axis(3.0, f"{ylabel}, by {xlabel}", xlabel=xlabel, ylabel=named)
    longest = max(len(values) for values in curves.values())
    places = list(x) if x is not None else list(range(1, longest + 1))
    said = []
    for (name, values), (colour, marker) in zip(curves.items(), cycle(SERIES), strict=False):
        shown = factor * np.asarray(values, dtype=float)
        axis.plot(places[: len(shown)], shown, color=colour, marker=marker, label=name)
        said.append(f"{name} {course_of(shown, digits_shown)}{unit}")
    if x is None:
        whole_epochs(axis, longest)
    axis.legend(frameon=False)
    return Picture(
        figure,
        f"{ylabel.capitalize()} from {xlabel} {places[0]:g} to {places[-1]:g}: {'; '.join(said)}.",
    )


def sweep(values: Sequence[float], accuracies: Sequence[float], *, name: str) -> Picture:
    """Show the accuracy that each value of one hyperparameter led to, and that of guessing.

    Parameters
    ----------
    values
        Values that were tried.
    accuracies
        Validation accuracy of each, in [0, 1].
    name
        The hyperparameter's name; its axis is logarithmic.
    """
    figure, axis = new_axis(
        2.9, f"validation accuracy, by {name}", xlabel=name, ylabel="validation accuracy (%)"
    )
    shown = 100 * np.asarray(accuracies, dtype=float)
    axis.plot(values, shown, color=BLUE, marker="o")
    style = {"ha": "center", "fontsize": 9}
    frame = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    for place in zip(values, shown, strict=True):
        beside(axis, f"{place[1]:.1f}", place, (0, 8), bbox=frame, **style)
    axis.axhline(10, color=GREY, linewidth=1, linestyle=":")
    # In the middle, since too small and too large values are those that end near guessing.
    across = axis.get_yaxis_transform()
    beside(axis, "guessing", (0.5, 10), (0, 4), xycoords=across, color=GREY, **style)
    axis.set_xscale("log")
    axis.set_ylim(0, 108)
    best = int(np.argmax(shown))
    pairs = ", ".join(f"{v:g}: {a:.1f} %" for v, a in zip(values, shown, strict=True))
    return Picture(
        figure,
        f"Validation accuracy for each {name} tried ({pairs}). The best is {values[best]:g}.",
    )


def write_run_figures(
    folder: Path, history: Sequence[Epoch], evaluation: Evaluation, images: np.ndarray
) -> None:
    """Write the figures of a finished run as PNG files into ``folder``."""
    curves = {"learning-curves": learning_curves(history)}
    save_pictures(folder, curves | evaluation_figures(evaluation, images))
