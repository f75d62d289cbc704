"""Drawings about neurons and dense layers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mnist_keras.drawings.canvas import PALE, arrow, sheet, signed, titled, without_ticks
from mnist_keras.figures.picture import BLUE, GREY, ORANGE, SERIES, Picture, styled, write

# Each curve and its slope.
CURVES = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
}


def neuron(inputs: Sequence[float], weights: Sequence[float], bias: float) -> Picture:
    """Show one neuron with the sigmoid: inputs times weights, their sum and bias, the curve."""
    total = float(np.dot(inputs, weights)) + bias
    output = 1 / (1 + np.exp(-total))
    figure, axis = sheet(2.5, "A neuron: multiply, add up, bend")
    ys = np.linspace(40, 12, len(inputs))
    for x, weight, y in zip(inputs, weights, ys, strict=True):
        write(axis, 6, y, f"{x:g}", bbox={"boxstyle": "circle", "facecolor": PALE})
        arrow(axis, (10, y), (43, 26 + (y - 26) * 0.25), color=BLUE)
        write(axis, 26, 26 + (y - 26) * 0.68 + 3, f"× {signed(weight)}", color=BLUE)
    ring = {"boxstyle": "circle,pad=0.5", "facecolor": PALE}
    write(axis, 50, 26, f"sum\n{signed(round(total, 2))}", bbox=ring)
    write(axis, 50, 5, f"bias {signed(bias)}", color=ORANGE)
    arrow(axis, (50, 8), (50, 17), color=ORANGE)
    arrow(axis, (58, 26), (68, 26))
    inset = axis.inset_axes((68, 17, 16, 18), transform=axis.transData)
    z = np.linspace(-6, 6, 100)
    inset.plot(z, CURVES["sigmoid"][0](z), color=GREY)
    inset.plot([total], [output], "o", color=ORANGE)
    without_ticks(inset)
    write(axis, 76, 39, "sigmoid")
    arrow(axis, (85, 26), (90, 26))
    write(axis, 95, 26, f"{output:.2f}", fontweight="bold")
    write(axis, 6, 47, "inputs", color=GREY)
    write(axis, 26, 47, "weights", color=BLUE)
    write(axis, 95, 33, "output", color=GREY)
    terms = " + ".join(f"{x:g} × {signed(w)}" for x, w in zip(inputs, weights, strict=True))
    return Picture(
        figure,
        f"A neuron: {terms} + {signed(bias)} = {signed(round(total, 2))}. The sigmoid "
        f"turns the sum into {output:.2f}, the neuron's output.",
    )


def dense_network(units: Sequence[int], shown: int = 6) -> Picture:
    """Show dense layers as columns of units, each connected to all of the column before.

    The first of the units are the numbers that go in; of a layer, so many are drawn at the most.
    """
    figure, axis = sheet(2.9, "A dense network: each unit is connected to all before it")
    columns = np.linspace(12, 88, len(units))
    places = []
    for x, n in zip(columns, units, strict=True):
        drawn = n if n <= shown else shown - 1
        ys = np.linspace(49, 15, shown)[:drawn] if n > shown else np.linspace(49, 15, drawn)
        places.append([(x, y) for y in ys] + ([(x, 15.0)] if n > shown else []))
    for left, right in pairwise(places):
        for a in left:
            for b in right:
                axis.plot(*zip(a, b, strict=True), color="#b9c6d2", linewidth=0.5, zorder=1)
    for number, (n, own) in enumerate(zip(units, places, strict=True)):
        colour = GREY if number == 0 else ORANGE if number == len(units) - 1 else BLUE
        across, heights = zip(*own, strict=True)
        axis.scatter(across, heights, s=70, color=colour, zorder=2, edgecolor="white")
        if n > shown:
            between = (own[-2][1] + own[-1][1]) / 2
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
            write(axis, own[0][0], between, "⋮", zorder=3, bbox=box)
        names = {0: "pixels", len(units) - 1: "outputs"}
        write(axis, own[0][0], 9, f"{n}\n{names.get(number, 'hidden units')}", color=colour)
    for (left, right), (before, n) in zip(pairwise(columns), pairwise(units), strict=True):
        write(axis, (left + right) / 2, 1, f"{before * n:,}\nweights", fontsize=9, color=GREY)
    counts = ", ".join(f"{a} × {b} = {a * b:,}" for a, b in pairwise(units))
    return Picture(
        figure,
        f"A network of {len(units) - 1} dense layers: {' → '.join(map(str, units))}. Every unit "
        f"has a line to every unit of the column before, so the layers have {counts} weights.",
    )


def activations(names: Sequence[str]) -> Picture:
    """Show activation curves of those in `CURVES` and, below, their slopes."""
    figure = titled(3.2, f"{' and '.join(names)}: the curve, and how steep it is")
    upper, lower = figure.subplots(2, 1, sharex=True)
    z = np.linspace(-8, 8, 401)
    for name, (colour, _), dashes in zip(names, SERIES, ("-", "--"), strict=False):
        curve, slope = CURVES[name]
        for axis, values in ((upper, curve(z)), (lower, slope(z))):
            axis.plot(z, values, color=colour, linestyle=dashes, label=name, linewidth=2)
    styled(upper, xlabel="", ylabel="output")
    styled(lower, xlabel="sum of a neuron", ylabel="slope")
    upper.set_ylim(-0.1, 2.2 if "ReLU" in names else 1.1)
    if len(names) > 1:
        upper.legend(frameon=False)
    told = {
        "sigmoid": "The sigmoid rises from 0 to 1; its slope is at most 0.25, at 0, and nearly 0 "
        f"({CURVES['sigmoid'][1](np.array(6.0)):.3f}) for a sum of 6 or −6.",
        "ReLU": "ReLU is 0 for negative sums, with slope 0, and the sum itself for positive ones, "
        "with slope 1.",
    }
    return Picture(figure, " ".join(told[name] for name in names))


def backpropagation() -> Picture:
    """Show how a loss is computed forwards, and the slopes of all weights backwards."""
    figure, axis = sheet(1.9, "Forwards: the answer. Backwards: what to change")
    names = ("image", "layer 1", "layer 2", "layer 3", "loss")
    xs = np.linspace(9, 91, len(names))
    for x, name in zip(xs, names, strict=True):
        colour = ORANGE if name == "loss" else PALE
        text = "white" if name == "loss" else "black"
        frame = {"boxstyle": "round,pad=0.5", "facecolor": colour, "edgecolor": GREY}
        write(axis, x, 18, name, bbox=frame, color=text)
    for left, right in pairwise(xs):
        arrow(axis, (left + 2, 24), (right - 2, 24), color=BLUE, connectionstyle="arc3,rad=-0.25")
    for left, right in pairwise(xs[1:]):
        arrow(axis, (right - 2, 12), (left + 2, 12), color=ORANGE, connectionstyle="arc3,rad=-0.25")
    write(axis, 50, 32, "numbers flow forwards", color=BLUE)
    write(axis, 58, 3, "slopes of the loss flow backwards", color=ORANGE)
    return Picture(
        figure,
        "Forwards, the image goes through three layers to the loss. Backwards, the slope of the "
        "loss goes from layer 3 to layer 2 to layer 1: each layer learns from the one behind it "
        "how its weights should change.",
    )
