"""One function, one figure; each returns the picture together with its alt text.

The alt text states what the figure shows, computed from the same data. Colours are Okabe and
Ito's, which colour-blind readers can tell apart, and no figure relies on colour alone.
"""

from __future__ import annotations

import base64
import html
import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mnist_keras.evaluation import Evaluation
from mnist_keras.files import write_all
from mnist_keras.runs import Epoch

BLUE, ORANGE, GREEN, PURPLE, SKY, GREY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#666666",
)
SERIES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"), (GREY, "x"))
POINTS_PER_INCH = 72
TITLE = 0.35  # inches that a title takes
WIDTH = 6.6  # inches; small, so that the letters stay readable on a phone
PIXELS_PER_INCH = 100  # on the page; the file holds twice as many


@dataclass(frozen=True)
class Picture:
    """A figure and what it shows in words.

    Notebooks and the site display it as an image with that alt text.
    """

    figure: Figure  # the Matplotlib figure
    alt: str  # one or two sentences that state the finding

    def png(self) -> bytes:
        """Return the figure as a PNG file, with the alt text in its ``Description``."""
        buffer = io.BytesIO()
        self.figure.savefig(
            buffer,
            format="png",
            dpi=2 * PIXELS_PER_INCH,
            facecolor="white",
            metadata={"Description": self.alt},
        )
        return buffer.getvalue()

    def save(self, path: Path | str) -> None:
        """Write the PNG file, whole or not at all."""
        write_all([(Path(path), self.png())])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        width = round(self.figure.get_figwidth() * PIXELS_PER_INCH)
        data = base64.b64encode(self.png()).decode("ascii")
        return {
            "text/html": (
                f'<figure class="picture"><img alt="{html.escape(self.alt)}" width="{width}" '
                f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
                "</figure>"
            ),
            "text/plain": self.alt,
        }


def digits(
    images: np.ndarray,
    captions: Sequence[object] = (),
    *,
    columns: int = 10,
    alt: str = "",
    title: str = "",
) -> Picture:
    """Show images side by side.

    Parameters
    ----------
    images
        Shape (n, 28, 28) or (n, 28, 28, 1), in any range.
    captions
        One a picture, or none at all.
    columns
        Pictures in a row.
    alt
        What they show; by default their captions.
    title
        What stands above them, if anything.
    """
    rows = math.ceil(len(images) / columns)
    fontsize = min(11, 90 / columns)
    lines = max((str(caption).count("\n") + 1 for caption in captions), default=0)
    height = WIDTH / columns + lines * fontsize / POINTS_PER_INCH * 1.5
    figure = new_figure(WIDTH, rows * height, title)
    axes = bare_grid(figure, rows, columns)
    for axis, image in zip(axes, images, strict=False):
        axis.imshow(np.reshape(image, (28, 28)), cmap="gray_r")
    for axis, caption in zip(axes, captions, strict=False):
        axis.set_title(str(caption), fontsize=fontsize, pad=2)
    told = ", ".join(str(caption).replace("\n", " ") for caption in captions)
    return Picture(figure, alt or f"{len(images)} handwritten digits: {told or 'no labels given'}.")


def pictures(shown: Mapping[str, np.ndarray], *, columns: int, alt: str) -> Picture:
    """Show pictures of any size side by side, each under its title.

    Parameters
    ----------
    shown
        Title and picture: colour, shape (height, width, 3), 0 to 255; or ink, shape
        (height, width), which is drawn dark.
    columns
        Pictures in a row.
    alt
        What they show.
    """
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(WIDTH, rows * WIDTH / columns)
    axes = bare_grid(figure, rows, columns)
    for axis, (title, picture) in zip(axes, shown.items(), strict=False):
        step = max(1, max(picture.shape) // 400)  # more pixels than that are not seen
        thinned = picture[::step, ::step]
        if picture.ndim == 3:
            axis.imshow(np.clip(thinned, 0, 255).astype("uint8"))
        else:
            axis.imshow(thinned, cmap="gray_r", vmin=0)
        axis.set_title(textwrap.fill(title, 70 // columns), fontsize=min(11, 30 / columns), pad=3)
    return Picture(figure, alt)


def pixels(image: np.ndarray) -> Picture:
    """Show one image with the number of each pixel written into it.

    Parameters
    ----------
    image
        uint8, shape (28, 28).
    """
    figure = new_figure(WIDTH, WIDTH)
    axis = figure.subplots()
    axis.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    for (row, column), value in np.ndenumerate(image):
        axis.text(
            column,
            row,
            str(value),
            ha="center",
            va="center",
            fontsize=6,
            color="white" if value > 140 else "black" if value else GREY,
        )
    axis.set_xlabel("column")
    axis.set_ylabel("row")
    inked = int(np.count_nonzero(image))
    return Picture(
        figure,
        f"One digit as a grid of 28 by 28 numbers. {inked} of its {image.size} pixels are above 0; "
        f"the largest is {int(image.max())}. The background is 0.",
    )


def class_counts(labels: Mapping[str, np.ndarray]) -> Picture:
    """Show how many images of each digit each named set of labels holds."""
    figure = new_figure(WIDTH, 2.8, "how often each digit occurs")
    axis = styled(figure.subplots(), xlabel="digit", ylabel="share of the images (%)")
    width = 0.8 / len(labels)
    for k, ((name, y), (colour, _)) in enumerate(zip(labels.items(), SERIES, strict=False)):
        share = 100 * np.bincount(y, minlength=10) / len(y)
        axis.bar(
            np.arange(10) + (k - (len(labels) - 1) / 2) * width,
            share,
            width,
            color=colour,
            label=name,
            hatch="//" if k else None,
            edgecolor="white",
        )
    axis.set_xticks(range(10))
    axis.axhline(10, color=GREY, linewidth=1, linestyle=":")
    axis.legend(frameon=False, ncols=len(labels), loc="upper right", bbox_to_anchor=(1, 1.15))
    first = np.bincount(next(iter(labels.values())), minlength=10)
    return Picture(
        figure,
        f"Every digit makes up about a tenth of the images: the {first.argmax()} is the most "
        f"frequent ({100 * first.max() / first.sum():.1f} %), the {first.argmin()} the rarest "
        f"({100 * first.min() / first.sum():.1f} %).",
    )


def learning_curves(history: Sequence[Epoch] | Mapping[str, Sequence[float]]) -> Picture:
    """Show loss and accuracy after each epoch, for training and, if any, validation.

    Parameters
    ----------
    history
        Rows of a run's history, or the dictionary ``History.history`` that ``fit`` gives.
    """
    columns = as_columns(history)
    epochs = np.arange(1, len(columns["loss"]) + 1)
    figure = new_figure(WIDTH, 2.8, "loss and accuracy after each epoch")
    said = []
    for axis, (name, unit, scale) in zip(
        figure.subplots(1, 2), (("loss", "loss", 1), ("accuracy", "accuracy (%)", 100)), strict=True
    ):
        styled(axis, xlabel="epoch", ylabel=unit)
        for key, label, (colour, marker) in (
            (name, "training", SERIES[0]),
            (f"val_{name}", "validation", SERIES[1]),
        ):
            if key not in columns:
                continue
            values = scale * np.asarray(columns[key], dtype=float)
            axis.plot(epochs, values, color=colour, marker=marker, markersize=4, label=label)
            digits_shown = 1 if scale == 100 else 3
            unit_said = " %" if scale == 100 else ""
            said.append(f"{label} {name} {course_of(values, digits_shown)}{unit_said}")
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
    log: bool = False,
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
    log
        Whether the vertical axis is logarithmic.
    x
        Places on the horizontal axis; by default the epochs 1, 2, 3 and so on.
    xlabel
        What the horizontal axis is.
    """
    figure = new_figure(WIDTH, 3.0, f"{ylabel}, by {xlabel}")
    axis = styled(figure.subplots(), xlabel=xlabel, ylabel=ylabel + (" (%)" if percent else ""))
    factor, unit, digits_shown = (100, " %", 1) if percent else (1, "", 3)
    longest = max(len(values) for values in curves.values())
    places = list(x) if x is not None else list(range(1, longest + 1))
    said = []
    for (name, values), (colour, marker) in zip(curves.items(), cycle(SERIES), strict=False):
        shown = factor * np.asarray(values, dtype=float)
        axis.plot(places[: len(shown)], shown, color=colour, marker=marker, label=name)
        said.append(f"{name} {course_of(shown, digits_shown)}{unit}")
    if log:
        axis.set_yscale("log")
    if x is None:
        whole_epochs(axis, longest)
    axis.legend(frameon=False)
    return Picture(
        figure,
        f"{ylabel.capitalize()} from {xlabel} {places[0]:g} to {places[-1]:g}: {'; '.join(said)}.",
    )


def sweep(
    values: Sequence[float],
    accuracies: Sequence[float],
    *,
    name: str,
    log: bool = True,
    chance: float = 0.1,
) -> Picture:
    """Show the accuracy that each value of one hyperparameter led to.

    Parameters
    ----------
    values
        Values that were tried.
    accuracies
        Validation accuracy of each, in [0, 1].
    name
        The hyperparameter's name.
    log
        Whether its axis is logarithmic.
    chance
        Accuracy of guessing, drawn as a line.
    """
    figure = new_figure(WIDTH, 2.9, f"validation accuracy, by {name}")
    axis = styled(figure.subplots(), xlabel=name, ylabel="validation accuracy (%)")
    shown = 100 * np.asarray(accuracies, dtype=float)
    axis.plot(values, shown, color=BLUE, marker="o")
    for value, accuracy in zip(values, shown, strict=True):
        axis.annotate(
            f"{accuracy:.1f}",
            (value, accuracy),
            textcoords="offset points",
            xytext=(0, 8),
            ha="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
        )
    axis.axhline(100 * chance, color=GREY, linewidth=1, linestyle=":")
    # In the middle, since too small and too large values are those that end near guessing.
    axis.annotate(
        "guessing",
        (0.5, 100 * chance),
        xycoords=axis.get_yaxis_transform(),
        textcoords="offset points",
        xytext=(0, 4),
        ha="center",
        fontsize=9,
        color=GREY,
    )
    if log:
        axis.set_xscale("log")
    axis.set_ylim(0, 108)
    best = int(np.argmax(shown))
    pairs = ", ".join(f"{v:g}: {a:.1f} %" for v, a in zip(values, shown, strict=True))
    return Picture(
        figure,
        f"Validation accuracy for each {name} tried ({pairs}). The best is {values[best]:g}.",
    )


def confusion_matrix(evaluation: Evaluation) -> Picture:
    """Show how often each digit was taken for each other; right answers are left white."""
    confusion = evaluation.confusion
    mistakes = confusion - np.diag(np.diag(confusion))
    figure = new_figure(5.4, 4.8, "which digit is taken for which")
    axis = figure.subplots()
    axis.imshow(mistakes, cmap="Oranges")
    for (row, column), count in np.ndenumerate(confusion):
        if row == column or count:
            dark = row != column and count > 0.6 * max(1, mistakes.max())
            axis.text(
                column,
                row,
                str(count),
                ha="center",
                va="center",
                fontsize=9,
                color="white" if dark else GREY if row == column else "black",
            )
    axis.set_xticks(range(10))
    axis.set_yticks(range(10))
    axis.set_xlabel("answered")
    axis.set_ylabel("shown")
    if not mistakes.any():
        found = "it made no mistake"
    else:
        shown, answered = np.unravel_index(mistakes.argmax(), mistakes.shape)
        found = (
            f"its most frequent mistake is a {shown} taken for a {answered}, "
            f"{counted(int(mistakes.max()), 'time')}"
        )
    total = int(confusion.sum())
    return Picture(
        figure,
        f"Confusion matrix of {total:,} images: the network is wrong on "
        f"{int(mistakes.sum())} of them, and {found}.",
    )


def accuracy_per_digit(evaluation: Evaluation) -> Picture:
    """Show the share of mistakes among the images of each digit."""
    errors = 100 * (1 - evaluation.accuracy_per_digit)
    figure = new_figure(WIDTH, 2.6, "wrong answers, digit by digit")
    axis = styled(figure.subplots(), xlabel="digit", ylabel="wrong (%)")
    bars = axis.bar(range(10), np.nan_to_num(errors), color=BLUE)
    axis.bar_label(bars, labels=["–" if np.isnan(e) else f"{e:.1f}" for e in errors], fontsize=9)
    axis.set_xticks(range(10))
    axis.margins(y=0.15)
    hardest, easiest = int(np.nanargmax(errors)), int(np.nanargmin(errors))
    return Picture(
        figure,
        f"Share of wrong answers for each digit: the {hardest} is the hardest "
        f"({errors[hardest]:.1f} % wrong), the {easiest} the easiest ({errors[easiest]:.1f} %).",
    )


def worst_mistakes(evaluation: Evaluation, images: np.ndarray, n: int = 20) -> Picture:
    """Show the images that the network was surest of and wrong about.

    Parameters
    ----------
    evaluation
        The network's answers.
    images
        The images they are about, shape (n, 28, 28).
    n
        How many at the most.
    """
    worst = evaluation.worst_mistakes(n)
    if not worst:
        figure = new_figure(WIDTH, 0.8)
        figure.text(0.5, 0.5, "No mistakes.", ha="center", va="center")
        return Picture(figure, "The network made no mistake.")
    captions = [f"{m.label} → {m.predicted}\n{100 * m.probability:.0f} %" for m in worst]
    first = worst[0]
    return digits(
        images[[m.index for m in worst]],
        captions,
        columns=min(10, len(worst)),
        title="mistakes that it was surest of: shown → answered",
        alt=(
            f"{counted(len(worst), 'image')} that the network got wrong and was surest of. The "
            f"first shows a {first.label}; the network says {first.predicted} and is "
            f"{100 * first.probability:.0f} % sure."
        ),
    )


def probabilities(values: np.ndarray, image: np.ndarray | None = None) -> Picture:
    """Show one image and the ten probabilities that a network gives it.

    Parameters
    ----------
    values
        Shape (10,), adding up to 1.
    image
        Shape (28, 28), or None to leave it out.
    """
    figure = new_figure(WIDTH, 2.3, "a probability for each digit")
    if image is None:
        axis = figure.subplots()
    else:
        picture, axis = figure.subplots(1, 2, width_ratios=(1, 3))
        picture.imshow(np.reshape(image, (28, 28)), cmap="gray_r")
        picture.axis("off")
    styled(axis, xlabel="digit", ylabel="probability (%)")
    bars = axis.bar(range(10), 100 * values, color=BLUE)
    axis.bar_label(bars, fmt="%.1f", fontsize=9)
    axis.set_xticks(range(10))
    axis.set_ylim(0, 115)
    first, second = np.argsort(-values)[:2]
    return Picture(
        figure,
        f"The network gives the {first} a probability of {100 * values[first]:.1f} %, "
        f"then the {second} one of {100 * values[second]:.1f} %.",
    )


def kernels(weights: np.ndarray) -> Picture:
    """Show the kernels of a first convolution.

    Parameters
    ----------
    weights
        Shape (height, width, 1, filters), as ``layer.get_weights()[0]`` gives them.
    """
    height, width, _, filters = weights.shape
    columns = min(filters, 16)
    rows = math.ceil(filters / columns)
    figure = new_figure(WIDTH, WIDTH / columns * rows, "the kernels of the first convolution")
    limit = float(np.abs(weights).max())
    axes = bare_grid(figure, rows, columns)
    for k in range(filters):
        axes[k].imshow(weights[:, :, 0, k], cmap="PuOr", vmin=-limit, vmax=limit)
    return Picture(
        figure,
        f"The {filters} kernels of the first convolution, {height} by {width} weights each: "
        "positive weights violet, negative ones orange. Many hold a light and a dark side, "
        "which answers to an edge in one direction.",
    )


def feature_maps(
    maps: np.ndarray, *, title: str, names: Sequence[str] = (), n: int = 16
) -> Picture:
    """Show what a layer makes of one image.

    Parameters
    ----------
    maps
        The layer's output for one image, shape (height, width, filters).
    title
        What the layer is; it stands above the maps and in the alt text.
    names
        One for each map that is shown, or none at all.
    n
        How many feature maps at the most.
    """
    height, width, filters = maps.shape
    shown = min(n, filters)
    columns = min(shown, 8)
    rows = math.ceil(shown / columns)
    figure = new_figure(WIDTH, WIDTH / columns * rows + 0.3 * bool(names), title)
    axes = bare_grid(figure, rows, columns)
    for k in range(shown):
        axes[k].imshow(maps[:, :, k], cmap="viridis")
    for axis, name in zip(axes, names, strict=False):
        axis.set_title(name, fontsize=10)
    return Picture(
        figure,
        f"{shown} of {filters} feature maps of {title}, {height} by {width} pixels each. Each "
        "lights up at other parts of the digit's strokes.",
    )


def race(runs: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]]) -> Picture:
    """Show how the share of wrong answers falls with training time, a line a run.

    Parameters
    ----------
    runs
        For each recipe its runs: the seconds at the end of each epoch, and the accuracy on the test
        set there, in [0, 1].
    """
    figure = new_figure(WIDTH, 3.9, "wrong answers against training time")
    axis = styled(
        figure.subplots(), xlabel="seconds of training", ylabel="test images read wrong (%)"
    )
    said = []
    for (name, own), (colour, marker) in zip(runs.items(), cycle(SERIES), strict=False):
        for k, (seconds, accuracy) in enumerate(own):
            axis.plot(
                seconds,
                100 * (1 - np.asarray(accuracy)),
                color=colour,
                marker=marker,
                markersize=4,
                linewidth=1,
                alpha=0.75,
                label=None if k else name,
            )
        end = np.median([seconds[-1] for seconds, _ in own])
        wrong = 100 * np.mean([1 - accuracy[-1] for _, accuracy in own])
        said.append(f"{name} ends at {wrong:.2f} % after {end:.1f} s")
    for direction in "xy":
        logarithmic(axis, direction)
    axis.legend(frameon=False)
    return Picture(figure, f"Share of wrong answers against training time: {'; '.join(said)}.")


def time_and_accuracy(
    names: Sequence[str],
    seconds: Sequence[float],
    accuracies: Sequence[float],
    spreads: Sequence[float],
) -> Picture:
    """Show training time and accuracy of several recipes side by side, a row each.

    Parameters
    ----------
    names
        One a recipe.
    seconds
        Training time of each.
    accuracies, spreads
        Mean accuracy of each over its seeds, in [0, 1], and its standard deviation.
    """
    figure = new_figure(WIDTH, 0.6 + 0.42 * len(names), "training time and mistakes")
    left, right = figure.subplots(1, 2, sharey=True)
    rows = np.arange(len(names))
    wrong = 100 * (1 - np.asarray(accuracies))
    left.barh(rows, seconds, color=SKY, height=0.6)
    right.errorbar(
        wrong, rows, xerr=100 * np.asarray(spreads), color=ORANGE, fmt="s", markersize=5, capsize=3
    )
    for row, value in enumerate(seconds):
        left.annotate(
            f" {value:.1f}" if value < 100 else f" {value:.0f}",
            (value, row),
            va="center",
            fontsize=8,
        )
    for row, (value, spread) in enumerate(zip(wrong, spreads, strict=True)):
        right.annotate(f"  {value:.2f}", (value + 100 * spread, row), va="center", fontsize=8)
    left.set_yticks(rows, [textwrap.fill(name, 26) for name in names], fontsize=8)
    left.invert_yaxis()
    for axis, label in ((left, "seconds of training"), (right, "images read wrong (%)")):
        axis.set_xlabel(label)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.2)
    left.set_xlim(left=0)
    told = "; ".join(
        f"{name}: {s:.1f} s, {w:.2f} % wrong"
        for name, s, w in zip(names, seconds, wrong, strict=True)
    )
    return Picture(figure, f"Training time and share of wrong answers. {told}.")


def shares(rows: Mapping[str, Sequence[float]], labels: Sequence[str]) -> Picture:
    """Show for each row how a whole of 100 % is divided.

    Parameters
    ----------
    rows
        Name of each row, and its shares in per cent.
    labels
        What the shares are.
    """
    figure = new_figure(WIDTH, 0.9 + 0.2 * len(rows))
    axis = figure.subplots()
    parts = np.array(list(rows.values()), dtype=float)
    left = np.zeros(len(parts))
    for k, (label, colour, hatch) in enumerate(
        zip(labels, (GREEN, SKY, GREY, ORANGE), ("", "//", "..", "xx"), strict=False)
    ):
        axis.barh(
            np.arange(len(parts)),
            parts[:, k],
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            label=label,
        )
        left += parts[:, k]
    axis.set_yticks(np.arange(len(parts)), list(rows), fontsize=8)
    axis.invert_yaxis()
    axis.margins(y=0.01)
    axis.set_xlim(0, 100)
    axis.set_xlabel("photos (%)")
    axis.set_title("What becomes of the photos of each kind", fontsize=11, fontweight="bold")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(labels), frameon=False, fontsize=9)
    told = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{share:.0f} % {label}" for share, label in zip(row, labels, strict=True) if share
        )
        for name, row in rows.items()
    )
    return Picture(figure, f"What becomes of the photos of each kind. {told}.")


def parts_of_time(parts: Mapping[str, float], *, unit: str) -> Picture:
    """Show what a whole is made of, as one bar cut into pieces.

    Parameters
    ----------
    parts
        Name and size of each piece, in order.
    unit
        What they are measured in.
    """
    figure = new_figure(WIDTH, 1.1 + 0.25 * len(parts))
    axis = figure.subplots()
    total = sum(parts.values())
    start = 0.0
    for (name, size), (colour, _), hatch in zip(
        parts.items(), cycle(SERIES), cycle(("", "//", "..", "\\\\", "xx", "++")), strict=False
    ):
        label = f"{name}: {size:.2g} {unit}"
        axis.barh(0, size, left=start, color=colour, hatch=hatch, edgecolor="white", label=label)
        start += size
    axis.set_yticks([])
    axis.set_xlabel(unit)
    axis.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper left", frameon=False, fontsize=9)
    told = ", ".join(f"{name} {100 * size / total:.0f} %" for name, size in parts.items())
    return Picture(figure, f"{total:.2g} {unit} in all: {told}.")


def write_run_figures(
    folder: Path, history: Sequence[Epoch], evaluation: Evaluation, images: np.ndarray
) -> None:
    """Write the figures of a finished run as PNG files into ``folder``."""
    curves = {"learning-curves": learning_curves(history)}
    save_pictures(folder, curves | evaluation_figures(evaluation, images))


def evaluation_figures(evaluation: Evaluation, images: np.ndarray) -> dict[str, Picture]:
    """Draw the figures of an evaluation, by their files' names."""
    return {
        "confusion-matrix": confusion_matrix(evaluation),
        "mistakes-per-digit": accuracy_per_digit(evaluation),
        "worst-mistakes": worst_mistakes(evaluation, images),
    }


def save_pictures(folder: Path, pictures: Mapping[str, Picture]) -> None:
    """Write pictures of one thing as PNG files: all of them, or none if one cannot be written."""
    write_all((folder / f"{name}.png", each.png()) for name, each in pictures.items())


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Make a figure of this size in inches, a title on top, apart from pyplot's global state."""
    figure = Figure(figsize=(width, height + TITLE * bool(title)), layout="constrained")
    if title:
        figure.suptitle(title[:1].upper() + title[1:], fontsize=11, fontweight="bold")
    return figure


def bare_grid(figure: Figure, rows: int, columns: int) -> np.ndarray:
    """Return axes for pictures, without ticks and frames, row by row."""
    axes: np.ndarray = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    return axes


def logarithmic(axis: Axes, direction: str, form: str = "g") -> None:
    """Make an axis logarithmic, with plain numbers in this format."""
    each = axis.xaxis if direction == "x" else axis.yaxis
    (axis.set_xscale if direction == "x" else axis.set_yscale)("log")
    each.set_major_locator(LogLocator(subs=(1, 2, 5)))
    each.set_major_formatter(FuncFormatter(lambda value, _: f"{value:{form}}"))
    each.set_minor_formatter(NullFormatter())


def styled(axis: Axes, *, xlabel: str, ylabel: str) -> Axes:
    """Label an axis and leave out the frame's upper and right side."""
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="#dddddd", linewidth=0.8)
    axis.set_axisbelow(True)
    return axis


def whole_epochs(axis: Axes, n: int) -> None:
    """Put ticks at whole epochs only."""
    axis.set_xticks(range(1, n + 1, max(1, math.ceil(n / 10))))


def course_of(values: np.ndarray, digits_shown: int) -> str:
    """Say in words where a curve starts and ends."""
    first, last = (f"{value:.{digits_shown}f}" for value in (values[0], values[-1]))
    return f"goes from {first} to {last}" if len(values) > 1 else f"is {last}"


def as_columns(
    history: Sequence[Epoch] | Mapping[str, Sequence[float]],
) -> Mapping[str, Sequence[float]]:
    """Return a history as one list for each measured quantity."""
    if isinstance(history, Mapping):
        return history
    return {name: [row[name] for row in history] for name in history[0]}


def counted(n: int, thing: str) -> str:
    """Say how many, in the singular or the plural."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
