"""Drawings about training and judging: losses, fits, margins."""

from collections.abc import Sequence

import numpy as np

from mnist_keras.drawings.canvas import chart, titled, without_ticks
from mnist_keras.evaluation import Evaluation
from mnist_keras.figures.picture import BLUE, GREY, ORANGE, Picture, beside, write


def log_loss() -> Picture:
    """Show the cross-entropy over the probability of the right digit."""
    title = "Cross-entropy: sure and wrong is expensive"
    figure, axis = chart(2.7, title, xlabel="probability given to the right digit", ylabel="loss")
    p = np.linspace(0.005, 1, 300)
    axis.plot(p, -np.log(p), color=BLUE, linewidth=2)
    points = np.array([0.01, 0.1, 0.5, 0.9])
    axis.plot(points, -np.log(points), "o", color=ORANGE)
    for p in points:
        beside(axis, f"{p:g} → {-np.log(p):.2f}", (p, -np.log(p)), (8, 4))
    axis.set_xlim(0, 1.02)
    axis.set_ylim(0, 5.3)
    told = ", ".join(f"{-np.log(point):.2f} at {point:g}" for point in points)
    return Picture(
        figure,
        f"The loss falls as the probability of the right digit rises: {told}, and 0 at 1. Near 0 "
        "it grows without end.",
    )


def fits(seed: int = 1) -> Picture:
    """Show underfitting, a good fit and overfitting of noisy points by polynomials."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-1, 1, 12)
    y = np.sin(2.5 * x) + rng.normal(0, 0.25, len(x))
    new_x = np.linspace(-0.95, 0.95, 40)
    new_y = np.sin(2.5 * new_x) + rng.normal(0, 0.25, len(new_x))
    figure = titled(2.6, "Too simple, about right, learned by heart")
    fine = np.linspace(-1, 1, 200)
    told = []
    names = ("underfitting", "good fit", "overfitting")
    axes = figure.subplots(1, 3, sharey=True)
    for axis, degree, name in zip(axes, (0, 3, 11), names, strict=True):
        fit = np.polynomial.Polynomial.fit(x, y, degree)
        errors = [float(((fit(a) - b) ** 2).mean()) for a, b in ((x, y), (new_x, new_y))]
        axis.plot(new_x, new_y, ".", color=GREY, markersize=3)
        axis.plot(x, y, "o", color=BLUE, markersize=4)
        axis.plot(fine, fit(fine), color=ORANGE)
        axis.set_ylim(-1.9, 1.9)
        without_ticks(axis)
        axis.set_title(name, fontsize=10)
        axis.set_xlabel(f"error {errors[0]:.2f}\non new points {errors[1]:.2f}", fontsize=9)
        told.append(f"{name}: error {errors[0]:.2f}, on new points {errors[1]:.2f}")
    return Picture(
        figure,
        "Three curves through the same twelve points, measured on these and on forty new ones. "
        f"{'; '.join(told)}. The curve that passes through every point is not the best on new "
        "ones.",
    )


def margins(accuracy: float, images: Sequence[int]) -> Picture:
    """Show the margin of one accuracy, in [0, 1], for several numbers of test images."""
    wide = 200 * np.sqrt(accuracy * (1 - accuracy) / np.asarray(images, float))
    title = f"The more images, the surer an accuracy of {100 * accuracy:.1f} %"
    figure, axis = chart(2.2, title, xlabel="accuracy (%)", ylabel="test images")
    rows = np.arange(len(images))
    axis.errorbar([100 * accuracy] * len(images), rows, xerr=wide, fmt="o", color=BLUE, capsize=4)
    for row, margin in zip(rows, wide, strict=True):
        beside(axis, f"± {margin:.1f}", (100 * accuracy, row), (0, 6), ha="center")
    axis.set_yticks(rows, [f"{n:,}" for n in images])
    axis.set_ylim(len(images) - 0.5, -0.8)
    told = ", ".join(f"± {m:.1f} with {n:,}" for m, n in zip(wide, images, strict=True))
    return Picture(
        figure,
        f"The margin of an accuracy of {100 * accuracy:.1f} %, in percentage points: {told} test "
        "images.",
    )


def calibration(evaluation: Evaluation) -> Picture:
    """Show how often a network is right where it is so and so sure."""
    sureness = evaluation.probabilities.max(axis=1)
    right = evaluation.predicted == evaluation.labels
    groups = np.digitize(sureness, np.arange(0.3, 1.0, 0.1))
    known = [g for g in np.unique(groups) if (groups == g).sum() >= 5]
    said = 100 * np.array([sureness[groups == g].mean() for g in known])
    was = 100 * np.array([right[groups == g].mean() for g in known])
    title = "How sure it says it is, and how often it is right"
    figure, axis = chart(3.2, title, xlabel="says that it is … % sure", ylabel="is right (%)")
    axis.plot([20, 100], [20, 100], color=GREY, linestyle=":")
    axis.plot(said, was, color=BLUE, marker="o")
    write(axis, 32, 88, "too modest", color=GREY)
    write(axis, 88, 40, "claims too much", color=GREY)
    axis.set_xlim(20, 103)
    axis.set_ylim(20, 103)
    told = ", ".join(f"{a:.0f} % sure: right in {b:.0f} %" for a, b in zip(said, was, strict=True))
    return Picture(figure, f"The network's answers, grouped by how sure it was. {told}.")


def mistakes_found(evaluation: Evaluation) -> Picture:
    """Show how many mistakes a person finds who reads the least sure images first."""
    order = np.argsort(evaluation.probabilities.max(axis=1))
    wrong = (evaluation.predicted != evaluation.labels)[order]
    found = 100 * np.cumsum(wrong) / max(1, wrong.sum())
    read = 100 * np.arange(1, len(wrong) + 1) / len(wrong)
    title = "Let a person read what the network is least sure of"
    labels = {"xlabel": "images read by a person (%)", "ylabel": "mistakes found (%)"}
    figure, axis = chart(2.7, title, **labels)
    axis.plot(read, found, color=BLUE, linewidth=2, label="least sure first")
    axis.plot([0, 100], [0, 100], color=GREY, linestyle=":", label="picked at random")
    axis.set_xlim(0, 20)
    axis.set_ylim(0, 103)
    axis.legend(frameon=False)
    told = []
    for share in (2, 5, 10):
        at = float(np.interp(share, read, found))
        axis.plot([share], [at], "o", color=ORANGE)
        beside(axis, f"{at:.0f} %", (share, at), (6, -10))
        told.append(f"{at:.0f} % of the mistakes after {share} % of the images")
    return Picture(
        figure,
        f"Read in the order of the network's doubt, a person finds {', '.join(told)}.",
    )
