"""The figures of *How far it scales*; each comes with its alt text and marks the knee."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator

from mnist_keras.cluster.scaling import Trials, Workload, knee
from mnist_keras.figures.picture import BLUE, GREY, SERIES, WIDTH, Picture, new_figure, styled

DEVICES = tuple(2**power for power in range(9))


def speed_ups(loads: Mapping[str, Workload], title: str) -> Picture:
    """Show how many times as fast several devices are, against their number."""
    figure = new_figure(WIDTH, 4.2)
    axis = styled(figure.subplots(), xlabel="devices", ylabel="times as fast as one device")
    axis.plot(DEVICES, DEVICES, color=GREY, linestyle=":", label="if all work counted")
    told = []
    for (name, load), (colour, marker) in zip(loads.items(), SERIES, strict=False):
        gains = [load.speed_up(devices) for devices in DEVICES]
        axis.plot(DEVICES, gains, color=colour, marker=marker, markersize=4, label=name)
        place = knee(load, DEVICES[-1])
        mark(axis, [place], [load.speed_up(place)], colour)
        told.append(
            f"{name}: at most {max(gains):.1f} times as fast, the knee is at "
            f"{place} device{'' if place == 1 else 's'}"
        )
    doubled(axis)
    axis.set_yscale("log", base=2)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_ylim(0.5, DEVICES[-1])
    return finished(axis, title, f"{'; '.join(told)}.")


def trials_an_hour(kinds: Mapping[str, Trials], title: str) -> Picture:
    """Show how many trials end in an hour, against the number of devices."""
    furthest = max(trials.knee() for trials in kinds.values())
    numbers = [2**power for power in range(math.ceil(math.log2(furthest)) + 2)]
    figure = new_figure(WIDTH, 4.2)
    axis = styled(figure.subplots(), xlabel="devices", ylabel="trials an hour")
    told = []
    for (name, trials), (colour, marker) in zip(kinds.items(), SERIES, strict=False):
        rates = [trials.an_hour(devices) for devices in numbers]
        axis.plot(numbers, rates, color=colour, marker=marker, markersize=4, label=name)
        mark(axis, [trials.knee()], [3600 / trials.launch], colour)
        told.append(f"{name}: the knee is at {trials.knee():.0f} devices")
    doubled(axis)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    most = max(rates)
    return finished(axis, title, f"At most {most:,.0f} trials an hour. {'; '.join(told)}.")


def bars(parts: Mapping[str, float], title: str, unit: str) -> Picture:
    """Show parts beside each other, each with its size."""
    figure = new_figure(WIDTH, 1.2 + 0.4 * len(parts))
    axis = styled(figure.subplots(), xlabel=unit, ylabel="")
    names, sizes = [*parts], [*parts.values()]
    axis.barh(names, sizes, color=BLUE)
    for place, size in enumerate(sizes):
        axis.annotate(f" {short(size)}", (size, place), va="center")
    axis.invert_yaxis()
    axis.grid(visible=False)
    axis.margins(x=0.12)
    told = ", ".join(f"{name} {short(size)} {unit}" for name, size in parts.items())
    return finished(axis, title, f"{told}.", legend=False)


def short(size: float) -> str:
    """Write a number with two digits, or all those before the point."""
    return f"{size:.2g}" if size < 10 else f"{size:,.0f}"


def mark(axis: Axes, x: Sequence[float], y: Sequence[float], colour: str, label: str = "") -> None:
    """Mark a knee, or name the mark in the legend."""
    axis.plot(x, y, "o", markersize=13, markerfacecolor="none", color=colour, label=label)


def doubled(axis: Axes) -> None:
    """Let the horizontal axis be one of doublings, and name the marks on it."""
    mark(axis, [], [], GREY, "knee")
    axis.set_xscale("log", base=2)
    axis.xaxis.set_major_locator(LogLocator(base=2, numticks=7))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def finished(axis: Axes, title: str, alt: str, *, legend: bool = True) -> Picture:
    """Return a figure its title and legend, and say what it shows."""
    figure = axis.figure
    axis.set_title(title, fontsize=11, loc="left", color="black")
    if legend:
        axis.legend(frameon=False, fontsize=9, loc="upper left")
    return Picture(figure, f"{title}. {alt}")  # type: ignore[arg-type]
