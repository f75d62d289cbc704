"""How training and searching scale: a small simulation from parts that were measured.

A training step waits for the slowest of three: reading its images, the arithmetic of the largest
part of the batch, and then, for all devices, adding up the gradients. How many steps there are
depends on the batch. A search waits for its trials or, when there are many, for the one process
that starts them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

BYTES = 4  # of a gradient's number
BATCHES = tuple(2**power for power in range(4, 16))


@dataclass(frozen=True)
class Workload:
    """A network, its images and the devices that train it."""

    start: float  # seconds of a step whatever its size
    image: float  # seconds that a device needs for one more image in it
    read: float  # seconds that a process needs to choose, change and hand over an image
    parameters: int  # of the network
    # a batch of `b` images needs ``least_steps * (1 + critical_batch / b)`` steps
    least_steps: float
    critical_batch: float
    latency: float  # seconds for a message from a device to the next
    bandwidth: float  # bytes a second between them

    def step(self, batch: int, devices: int) -> float:
        """Return how long a step takes, in seconds."""
        compute = self.start + self.image * math.ceil(batch / devices)
        return max(compute, self.read * batch) + self.synchronize(devices)

    def synchronize(self, devices: int) -> float:
        """Return how long it takes to add up gradients around a ring of devices, in seconds.

        In ``2 (n - 1)`` messages, each device passes on its n-th part of the gradients, first to
        add them up, then to hand out the sums.
        """
        passes = 2 * (devices - 1)
        return passes * (self.latency + BYTES * self.parameters / devices / self.bandwidth)

    def steps(self, batch: int) -> float:
        """Return how many steps reach the accuracy."""
        return self.least_steps * (1 + self.critical_batch / batch)

    def time(self, devices: int, batch: int | None = None) -> float:
        """Return how long the accuracy takes, in seconds, with the best batch or with a given."""
        batches = [batch] if batch else [each for each in BATCHES if each >= devices]
        return min(self.steps(each) * self.step(each, devices) for each in batches)

    def speed_up(self, devices: int, batch: int | None = None) -> float:
        """Return how many times as fast as one device so many are."""
        return self.time(1, batch) / self.time(devices, batch)


@dataclass(frozen=True)
class Trials:
    """What a trial of a search costs in a job."""

    training: float  # seconds
    # seconds from the start of its step until it can train: Python, TensorFlow, the images
    ready: float
    launch: float  # seconds of the one process that starts steps and keeps the record

    def an_hour(self, devices: int) -> float:
        """Return how many trials end in an hour, one at a time on each device."""
        return 3600 * min(devices / (self.launch + self.ready + self.training), 1 / self.launch)

    def knee(self) -> float:
        """Return the number of devices that the one process can keep busy."""
        return (self.launch + self.ready + self.training) / self.launch


def workload(measured: Mapping[str, Any], way: str = "tensorflow") -> Workload:
    """Read a workload out of what ``benchmarks/scaling_parts.py`` measured.

    Two processes of one machine pass each gradient on twice. What their step takes more than that
    of one of them is put down to messages; the memory of one machine is no bottleneck for so few
    numbers.
    """
    sizes, seconds = columns(measured["compute"], "images", "seconds")
    image, start = np.polyfit(sizes, seconds, 1, w=1 / np.asarray(seconds))
    alone = dict(zip(sizes, seconds, strict=True))
    extra = [row["seconds"] - alone[row["images"]] for row in measured["synchronized"][way]]
    batches, steps = columns(measured["steps"], "batch", "steps")
    slope, least = np.polyfit([1 / batch for batch in batches], steps, 1, w=1 / np.asarray(steps))
    return Workload(
        start=max(0.0, float(start)),
        image=float(image),
        read=measured["input_seconds_an_image"],
        parameters=measured["parameters"],
        least_steps=float(least),
        critical_batch=float(slope / least),
        latency=max(0.0, float(np.median(extra))) / 2,
        bandwidth=math.inf,
    )


def columns(
    rows: Sequence[Mapping[str, Any]], first: str, second: str
) -> tuple[list[float], list[float]]:
    """Return two columns of rows, without those that have no second value."""
    whole = [row for row in rows if row[second] is not None]
    return [row[first] for row in whole], [row[second] for row in whole]


def knee(load: Workload, most: int = 1024, batch: int | None = None) -> int:
    """Return the largest number of devices, a power of two, half of whose work still counts."""
    numbers = [2**power for power in range(int(math.log2(most)) + 1)]
    useful = [n for n in numbers if load.speed_up(n, batch) >= n / 2]
    return max(useful)
