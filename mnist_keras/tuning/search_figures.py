"""The figures of a search's report; each comes with its alt text."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mnist_keras.figures.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    WIDTH,
    Picture,
    counted,
    logarithmic,
    new_figure,
    styled,
)
from mnist_keras.tuning.importance import Importance
from mnist_keras.tuning.record import Trial

DRAWN = ("Conv2D", "SeparableConv2D", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D")
DENSE = ("Dense", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten")


def best_so_far(trials: Sequence[Trial]) -> Picture:
    """Show each trial's score against the time of the search, and the best until then."""
    figure = new_figure(WIDTH, 3.0)
    axis = styled(
        figure.subplots(), xlabel="minutes of the search", ylabel="validation images read wrong (%)"
    )
    minutes = np.array([trial.elapsed for trial in trials]) / 60
    wrong = errors_of(trials)
    best = np.minimum.accumulate(wrong)
    axis.plot(minutes, wrong, "o", color=SKY, markersize=4, label="a trial")
    axis.step(minutes, best, where="post", color=BLUE, label="best so far")
    logarithmic(axis, "y", ",g")
    axis.legend(frameon=False)
    last = trials[int(np.argmin(wrong))]
    return Picture(
        figure,
        f"Wrong answers of {counted(len(trials), 'trial')} against time: the first has "
        f"{wrong[0]:.2f} %, the best {best[-1]:.2f} %, found after {last.elapsed / 60:.1f} of "
        f"{minutes[-1]:.1f} minutes.",
    )


def accuracy_and_size(
    trials: Sequence[Trial], baselines: Mapping[str, tuple[int, float]]
) -> Picture:
    """Show wrong answers against the number of parameters, and the trials that nothing beats.

    Baselines have parameters and test accuracy of networks to compare with.
    """
    figure = new_figure(WIDTH, 3.6)
    axis = styled(figure.subplots(), xlabel="parameters", ylabel="images read wrong (%)")
    wrong = errors_of(trials)
    sizes = np.array([trial.parameters or 1 for trial in trials])
    front = pareto_front(trials)
    axis.plot(sizes, wrong, "o", color=SKY, markersize=4, label="a trial")
    axis.plot(
        [trial.parameters or 1 for trial in front],
        errors_of(front),
        color=BLUE,
        marker="o",
        markersize=5,
        drawstyle="steps-post",
        label="none is smaller and better",
    )
    others = sorted(baselines.items(), key=lambda each: each[1])
    for k, (name, (parameters, accuracy)) in enumerate(others):
        error = 100 * (1 - accuracy)
        axis.plot(parameters, error, "s", color=ORANGE, markersize=5)
        axis.annotate(
            name,
            (parameters, error),
            textcoords="offset points",
            xytext=(5 if k % 2 else -5, -4),
            ha="left" if k % 2 else "right",  # so that neighbours do not cover each other
            fontsize=9,
        )
    axis.plot([], [], "s", color=ORANGE, label="the course's, fully trained, on the test set")
    for direction in "xy":
        logarithmic(axis, direction, ",g")
    axis.margins(0.12)
    figure.legend(loc="outside upper left", frameon=False, ncols=3, fontsize=8)
    told = "; ".join(
        f"{trial.parameters:,} parameters {100 * (1 - (trial.score or 0)):.2f} %" for trial in front
    )
    return Picture(
        figure,
        f"Wrong answers against size for {counted(len(trials), 'network')}. Nothing tried is both "
        f"smaller and better than these: {told}.",
    )


def parallel_coordinates(trials: Sequence[Trial]) -> Picture:
    """Show each trial as a line through its hyperparameters; the better, the darker."""
    names = varied(trials)
    figure = new_figure(WIDTH, 4.0)
    axis = figure.subplots()
    order = sorted(trials, key=lambda trial: trial.score or 0)
    places = {name: placed([trial.values.get(name) for trial in order]) for name in names}
    for k, trial in enumerate(order):
        best = trial is order[-1]
        axis.plot(
            range(len(names)),
            [places[name][0][k] for name in names],
            color=ORANGE if best else BLUE,
            alpha=1.0 if best else 0.08 + 0.5 * (k / len(order[1:])) ** 2,
            linewidth=2.2 if best else 1.0,
            label="the best" if best else None,
            zorder=3 if best else 2,
        )
    behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6}
    for k, name in enumerate(names):
        axis.axvline(k, color="#bbbbbb", linewidth=0.8, zorder=1)
        for height, label in places[name][1]:
            axis.text(k, height, label, fontsize=7, ha="center", va="center", bbox=behind, zorder=4)
    axis.set_xticks(range(len(names)), [n.replace("_", "\n") for n in names], fontsize=8)
    axis.tick_params(axis="x", rotation=45 if len(names) > 8 else 0)
    axis.set_yticks([])
    axis.spines[:].set_visible(False)
    axis.margins(x=0.04, y=0.06)
    axis.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1.0))
    told = ", ".join(f"{name} {shown(order[-1].values.get(name))}" for name in names)
    return Picture(
        figure,
        f"{counted(len(order), 'trial')} as lines through their hyperparameters, better ones "
        f"darker. The best has {told}.",
    )


def what_mattered(importances: Sequence[Importance]) -> Picture:
    """Show how much of the differences each hyperparameter explains, and how sure that is."""
    figure = new_figure(WIDTH, 0.9 + 0.3 * len(importances))
    axis = styled(figure.subplots(), xlabel="share of the differences explained (%)", ylabel="")
    rows = np.arange(len(importances))
    found = [(each.share, each.margin, each.chance) for each in importances]
    shares, margins, chance = 100 * np.array(found).T
    axis.barh(rows, shares, color=SKY, height=0.6)
    low = np.minimum(margins, shares)
    axis.errorbar(shares, rows, xerr=[low, margins], fmt="none", ecolor=BLUE, capsize=3)
    axis.plot(chance, rows, "|", color=ORANGE, markersize=12, markeredgewidth=2)
    axis.plot([], [], "|", color=ORANGE, markeredgewidth=2, label="reached by chance, 1 in 20")
    axis.set_yticks(rows, [each.name for each in importances], fontsize=9)
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", color="#dddddd", linewidth=0.8)
    axis.set_xlim(0, min(100, max(10.0, float((shares + margins).max()) * 1.05)))
    figure.legend(loc="outside upper right", frameon=False, fontsize=9)
    sure = [each for each in importances if each.share > each.chance]
    told = ", ".join(f"{i.name} {100 * i.share:.0f} ± {100 * i.margin:.0f} %" for i in sure)
    said = f"More than chance would: {told}" if sure else "None explains more than chance would"
    return Picture(
        figure,
        "How much of the differences between trials each hyperparameter explains by itself. "
        f"{said}.",
    )


def architectures(trials: Sequence[Trial]) -> Picture:
    """Draw networks as boxes: as high as their maps, as wide as they have filters."""
    figure = new_figure(WIDTH, 1.7 * len(trials))
    axes = figure.subplots(len(trials), 1, squeeze=False).ravel()
    for axis, trial in zip(axes, trials, strict=True):
        draw_network(axis, trial)
    told = " ".join(f"Trial {trial.number}: {trial.architecture}." for trial in trials)
    return Picture(figure, f"The best networks, layer by layer. {told}")


def draw_network(axis: Axes, trial: Trial) -> None:
    """Draw one network into its axis."""
    axis.axis("off")
    axis.set_title(
        f"trial {trial.number}: {100 * (trial.score or 0):.2f} %, {trial.parameters:,} parameters",
        fontsize=9,
        loc="left",
    )
    right = 0.0
    boxes: list[tuple[float, float, str, list[str]]] = [(28, 3, SKY, ["image", "28×28"])]
    for layer in trial.layers:
        shape = layer["shape"]
        if layer["class"] in DRAWN and len(shape) == 3:
            size = f"{shape[0]}×{shape[1]}×{shape[2]}"
            colour = BLUE if "Conv" in layer["class"] else GREEN
            boxes.append((shape[0], 2 + shape[2] / 8, colour, [*halves(layer["what"]), size]))
        elif layer["class"] in DENSE and shape:
            size = str(shape[0])
            words = halves(layer["what"])
            colour = ORANGE if layer["class"] == "Dense" else GREY
            boxes.append((4 + 3 * math.log2(shape[0]), 2, colour, [*words, size]))
    look: dict[str, Any] = {"edgecolor": "black", "linewidth": 0.6, "alpha": 0.85}
    for height, width, colour, words in boxes:
        middle = right + max(width, 8) / 2
        axis.bar(middle, height, width, bottom=-height / 2, color=colour, **look)
        axis.text(middle, -18, "\n".join(words), ha="center", va="top", fontsize=6.5)
        right += max(width, 8) + 3
    axis.set_xlim(-2, max(right, 95))
    axis.set_ylim(-44, 18)


def halves(text: str) -> list[str]:
    """Break a layer's name after its first words."""
    words = text.split()
    return [" ".join(words[:2]), " ".join(words[2:])] if len(words) > 2 else [text]


def pareto_front(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials that none is both smaller and better than, the smallest first."""
    front: list[Trial] = []
    for trial in sorted(trials, key=lambda t: (t.parameters or 0, -(t.score or 0))):
        if not front or (trial.score or 0) > (front[-1].score or 0):
            front.append(trial)
    return front


def errors_of(trials: Sequence[Trial]) -> np.ndarray:
    """Return the shares of wrong answers in percent; at least a hundredth, for the logarithm."""
    return np.maximum(0.01, np.array([100 * (1 - (trial.score or 0)) for trial in trials]))


def varied(trials: Sequence[Trial]) -> list[str]:
    """Name the hyperparameters that took more than one value."""
    names = dict.fromkeys(name for trial in trials for name in trial.hyperparameters())
    return [name for name in names if len({str(t.values.get(name)) for t in trials}) > 1]


def placed(values: Sequence[Any]) -> tuple[list[float], list[tuple[float, str]]]:
    """Return each value's height from 0 to 1, and the labels at the heights."""
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    kinds = sorted({v for v in values if v is not None}, key=lambda v: (str(type(v)), v))
    if len(numbers) == len(values) and len(kinds) > 8:
        low, high = min(numbers), max(numbers)
        scale = math.log if low > 0 and high / low > 8 else float
        span = scale(high) - scale(low)
        heights = [(scale(v) - scale(low)) / span for v in numbers]
        return heights, [(0.0, shown(low)), (1.0, shown(high))]
    steps = {str(kind): k / max(1, len(kinds) - 1) for k, kind in enumerate(kinds)}
    heights = [steps.get(str(v), -0.1) for v in values]
    return heights, [(steps[str(kind)], shown(kind)) for kind in kinds]


def shown(value: Any) -> str:
    """Write a hyperparameter's value briefly."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "–" if value is None else str(value)
