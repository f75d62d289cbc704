"""Figures of what the benchmarks measured."""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from mnist_keras.figures.picture import (
    GREEN,
    GREY,
    ORANGE,
    SERIES,
    SKY,
    WIDTH,
    Picture,
    logarithmic,
    new_axis,
    new_figure,
)


def race(runs: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]]) -> Picture:
    """Show how the share of wrong answers falls with training time, a line a run.

    Each recipe has its runs: the seconds at the end of each epoch, and the accuracy on the test set
    there, in [0, 1].
    """
    figure, axis = new_axis(
        *(3.9, "wrong answers against training time"),
        xlabel="seconds of training",
        ylabel="test images read wrong (%)",
    )
    said = []
    for (name, own), (colour, marker) in zip(runs.items(), cycle(SERIES), strict=False):
        looks: dict[str, Any] = {"marker": marker, "markersize": 4, "linewidth": 1, "alpha": 0.75}
        for k, (seconds, accuracy) in enumerate(own):
            wrong = 100 * (1 - np.asarray(accuracy))
            axis.plot(seconds, wrong, color=colour, label=None if k else name, **looks)
        end = np.median([seconds[-1] for seconds, _ in own])
        mean = 100 * np.mean([1 - accuracy[-1] for _, accuracy in own])
        said.append(f"{name} ends at {mean:.2f} % after {end:.1f} s")
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
    names, seconds
        Name and training time of each recipe.
    accuracies, spreads
        Mean accuracy of each over its seeds, in [0, 1], and its standard deviation.
    """
    figure = new_figure(WIDTH, 0.6 + 0.42 * len(names), "training time and mistakes")
    left, right = figure.subplots(1, 2, sharey=True)
    rows, margins = np.arange(len(names)), 100 * np.asarray(spreads)
    wrong = 100 * (1 - np.asarray(accuracies))
    left.barh(rows, seconds, color=SKY, height=0.6)
    right.errorbar(wrong, rows, xerr=margins, color=ORANGE, fmt="s", markersize=5, capsize=3)
    for row, value in enumerate(seconds):
        text = f" {value:.1f}" if value < 100 else f" {value:.0f}"
        left.annotate(text, (value, row), va="center", fontsize=8)
    for row, (value, margin) in enumerate(zip(wrong, margins, strict=True)):
        right.annotate(f"  {value:.2f}", (value + margin, row), va="center", fontsize=8)
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
    """Show for each named row how a whole of 100 % is divided, into what the labels say."""
    figure = new_figure(WIDTH, 0.9 + 0.2 * len(rows))
    axis = figure.subplots()
    parts, places = np.array(list(rows.values()), dtype=float), np.arange(len(rows))
    left = np.zeros(len(parts))
    kinds = zip(labels, (GREEN, SKY, GREY, ORANGE), ("", "//", "..", "xx"), strict=False)
    for sizes, (label, colour, hatch) in zip(parts.T, kinds, strict=False):
        looks: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        axis.barh(places, sizes, left=left, label=label, **looks)
        left = left + sizes
    axis.set_yticks(places, list(rows), fontsize=8)
    axis.invert_yaxis()
    axis.margins(y=0.01)
    axis.set_xlim(0, 100)
    axis.set_xlabel("photos (%)")
    axis.set_title("What becomes of the photos of each kind", fontsize=11, fontweight="bold")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(labels), frameon=False, fontsize=9)
    told = []
    for name, row in rows.items():
        own = [f"{size:.0f} % {label}" for size, label in zip(row, labels, strict=True) if size]
        told.append(f"{name}: {', '.join(own)}")
    return Picture(figure, f"What becomes of the photos of each kind. {'; '.join(told)}.")


def parts_of_time(parts: Mapping[str, float], *, unit: str) -> Picture:
    """Show what a whole is made of, as one bar cut into named pieces of so many units."""
    figure = new_figure(WIDTH, 1.1 + 0.25 * len(parts))
    axis = figure.subplots()
    total, start = sum(parts.values()), 0.0
    looks = zip(cycle(SERIES), cycle(("", "//", "..", "\\\\", "xx", "++")), strict=False)
    for (name, size), ((colour, _), hatch) in zip(parts.items(), looks, strict=False):
        label = f"{name}: {size:.2g} {unit}"
        axis.barh(0, size, left=start, color=colour, hatch=hatch, edgecolor="white", label=label)
        start += size
    axis.set_yticks([])
    axis.set_xlabel(unit)
    axis.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper left", frameon=False, fontsize=9)
    told = ", ".join(f"{name} {100 * size / total:.0f} %" for name, size in parts.items())
    return Picture(figure, f"{total:.2g} {unit} in all: {told}.")
