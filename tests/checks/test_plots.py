"""What anybody can read from a plot, as plain data."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib import pyplot as plt

from mnist_keras.checks.plain import plain


def drawn(draw):
    fig, ax = plt.subplots()
    draw(ax)
    data = plain(ax)
    plt.close(fig)
    json.dumps(data)
    return data


def test_a_plot_becomes_its_scales_labels_and_points():
    def draw(ax):
        ax.plot([1, 10], [0.5, 0.7], label="validation")
        ax.scatter([3], [4])
        ax.bar(["a"], [9])
        ax.set(xscale="log", xlabel="rate", ylabel="accuracy", title="Sweep")
        ax.legend()

    data = drawn(draw)
    assert (data["x_scale"], data["x_label"], data["y_label"]) == ("log", "rate", "accuracy")
    line, cloud = data["lines"]
    assert (line["name"], line["x"], line["y"]) == ("validation", [1.0, 10.0], [0.5, 0.7])
    assert line["across"] == pytest.approx([0, 1])
    assert cloud["y"] == [4.0]
    assert [one["y"] for one in data["bars"]] == [[9.0]]
    assert data["legend"] == ["validation"]


X = [1, 2, 3]


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: [ax.plot(X, X, label="a"), ax.plot(X, X, label="b"), ax.legend()],
        lambda ax: [ax.plot(X, X), ax.plot(X, X), ax.legend(["a", "b"])],
        lambda ax: [ax.plot(X, X, label="c"), ax.plot(X, X, label="d"), ax.legend(["a", "b"])],
        lambda ax: [ax.plot(X, X, "k"), ax.plot(X, X, "k"), ax.legend(["a", "b"])],
        lambda ax: [ax.plot(X, X, "k-"), ax.plot(X, X, "k--"), ax.legend(["a", "b"])],
        lambda ax: [ax.plot(X, X, label="a"), ax.plot(X, X, label="b"), ax.figure.legend()],
        lambda ax: [ax.scatter(X, X, label="a"), ax.scatter(X, X, label="b"), ax.legend()],
        lambda ax: [
            ax.errorbar(X, X, yerr=1, label="a"),
            ax.errorbar(X, X, yerr=1, label="b"),
            ax.legend(),
        ],
        lambda ax: [ax.bar(X, X, label="a"), ax.bar(X, X, label="b"), ax.legend()],
        lambda ax: [
            ax.plot(X, X, "r"),
            ax.plot(X, X, "b"),
            ax.legend(handles=[plt.Line2D([], [], color=c, label=n) for c, n in ("bb", "ra")]),
        ],
        lambda ax: [ax.plot(X, X, label="a"), ax.twinx().plot(X, X, "r", label="b")],
    ],
)
def test_each_line_has_the_name_that_the_legend_gives_it(draw):
    data = drawn(draw)
    assert [one["name"] for one in [*data["lines"], *data["bars"]]] == ["a", "b"]


def test_what_is_no_line_is_none():
    def draw(ax):
        ax.fill_between(X, X)
        ax.barh(X, X)
        ax.axvspan(1, 2)

    data = drawn(draw)
    assert (data["lines"], data["bars"]) == ([], [])


@pytest.mark.parametrize("draw", ["imshow", "matshow", "pcolormesh", "pcolor"])
def test_an_image_has_its_shape_and_colours_and_a_colour_bar_is_none(draw):
    fig, ax = plt.subplots()
    image = getattr(ax, draw)(np.zeros((4, 3)), cmap="gray", vmin=-1, vmax=2)
    fig.colorbar(image)
    data = plain(fig)["axes"]
    plt.close(fig)
    assert [each["images"] for each in data] == [[[4, 3]], []]
    colours = data[0]["image_colours"][0]
    assert (colours["low"], colours["high"]) == (-1.0, 2.0)
    assert colours["colours"][0] == [0.0, 0.0, 0.0]


def test_axes_in_arrays_and_of_grids_are_found():
    fig, axes = plt.subplots(1, 2)
    plt.close(fig)

    class Grid:  # as seaborn's have it
        figure = fig

        def savefig(self):
            raise AssertionError

    assert [each["kind"] for each in plain(axes)] == ["axes", "axes"]
    assert plain(Grid())["kind"] == "figure"
