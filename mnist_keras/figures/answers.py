"""Figures of labels, and of what a network answers."""

from collections.abc import Mapping

import numpy as np

from mnist_keras.evaluation import Evaluation
from mnist_keras.figures.images import digits
from mnist_keras.figures.picture import (
    BLUE,
    GREY,
    SERIES,
    WIDTH,
    Picture,
    counted,
    new_axis,
    new_figure,
    styled,
    write,
)


def class_counts(labels: Mapping[str, np.ndarray]) -> Picture:
    """Show how many images of each digit each named set of labels holds."""
    figure, axis = new_axis(
        2.8, "how often each digit occurs", xlabel="digit", ylabel="share of the images (%)"
    )
    width = 0.8 / len(labels)
    for k, ((name, y), (colour, _)) in enumerate(zip(labels.items(), SERIES, strict=False)):
        share = 100 * np.bincount(y, minlength=10) / len(y)
        places = np.arange(10) + (k - (len(labels) - 1) / 2) * width
        hatch = "//" if k else None
        axis.bar(places, share, width, color=colour, label=name, hatch=hatch, edgecolor="white")
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
            colour = "white" if dark else GREY if row == column else "black"
            write(axis, column, row, str(count), color=colour, fontsize=9)
    axis.set_xticks(range(10))
    axis.set_yticks(range(10))
    axis.set_xlabel("answered")
    axis.set_ylabel("shown")
    found = "it made no mistake"
    if mistakes.any():
        shown, answered = np.unravel_index(mistakes.argmax(), mistakes.shape)
        times = counted(int(mistakes.max()), "time")
        found = f"its most frequent mistake is a {shown} taken for a {answered}, {times}"
    return Picture(
        figure,
        f"Confusion matrix of {int(confusion.sum()):,} images: the network is wrong on "
        f"{int(mistakes.sum())} of them, and {found}.",
    )


def accuracy_per_digit(evaluation: Evaluation) -> Picture:
    """Show the share of mistakes among the images of each digit."""
    errors = 100 * (1 - evaluation.accuracy_per_digit)
    figure, axis = new_axis(
        2.6, "wrong answers, digit by digit", xlabel="digit", ylabel="wrong (%)"
    )
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
    """Show the images, of shape (…, 28, 28), that the network was surest of and wrong about.

    There are at most ``n``.
    """
    worst = evaluation.worst_mistakes(n)
    if not worst:
        figure = new_figure(WIDTH, 0.8)
        figure.text(0.5, 0.5, "No mistakes.", ha="center", va="center")
        return Picture(figure, "The network made no mistake.")
    first = worst[0]
    return digits(
        images[[m.index for m in worst]],
        [f"{m.label} → {m.predicted}\n{100 * m.probability:.0f} %" for m in worst],
        columns=min(10, len(worst)),
        title="mistakes that it was surest of: shown → answered",
        alt=(
            f"{counted(len(worst), 'image')} that the network got wrong and was surest of. The "
            f"first shows a {first.label}; the network says {first.predicted} and is "
            f"{100 * first.probability:.0f} % sure."
        ),
    )


def probabilities(values: np.ndarray, image: np.ndarray | None = None) -> Picture:
    """Show the ten probabilities that a network gives an image, and the image if it is given.

    Parameters
    ----------
    values
        Shape (10,), adding up to 1.
    image
        Shape (28, 28).
    """
    figure = new_figure(WIDTH, 2.3, "a probability for each digit")
    if image is None:
        axis = figure.subplots()
    else:
        picture, axis = figure.subplots(1, 2, width_ratios=(1, 3))
        picture.imshow(np.reshape(image, (28, 28)), cmap="gray_r")
        picture.axis("off")
    styled(axis, xlabel="digit", ylabel="probability (%)")
    axis.bar_label(axis.bar(range(10), 100 * values, color=BLUE), fmt="%.1f", fontsize=9)
    axis.set_xticks(range(10))
    axis.set_ylim(0, 115)
    first, second = np.argsort(-values)[:2]
    return Picture(
        figure,
        f"The network gives the {first} a probability of {100 * values[first]:.1f} %, "
        f"then the {second} one of {100 * values[second]:.1f} %.",
    )


def evaluation_figures(evaluation: Evaluation, images: np.ndarray) -> dict[str, Picture]:
    """Draw the figures of an evaluation, by their files' names."""
    return {
        "confusion-matrix": confusion_matrix(evaluation),
        "mistakes-per-digit": accuracy_per_digit(evaluation),
        "worst-mistakes": worst_mistakes(evaluation, images),
    }
