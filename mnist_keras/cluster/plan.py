"""How a batch is shared among devices: plain numbers, without TensorFlow."""

from dataclasses import dataclass

from mnist_keras.errors import CourseError

STRATEGIES = ("auto", "single", "mirrored", "multinode")
MOST_DEVICES = 1024


@dataclass(frozen=True)
class Share:
    """Which part of each batch a process reads."""

    process: int = 0  # which process this is, from 0, and how many there are
    processes: int = 1
    pieces: int = 1  # into how many pieces this process cuts its part, one for each of its devices
    devices: int = 1  # how many devices there are in all processes together

    def images(self, of: int) -> int:
        """Return how many images of an epoch are used: each device must get as many."""
        return of - of % self.devices

    def rows(self, batch: int) -> slice:
        """Return which rows of a batch this process reads."""
        own = batch // self.processes
        return slice(self.process * own, (self.process + 1) * own)


WHOLE = Share()


def require_shareable(batch_size: int, devices: int) -> None:
    """Refuse a batch that devices cannot share equally, and name one near it that they can."""
    if batch_size % devices:
        below = batch_size // devices * devices
        near = " or ".join(str(size) for size in (below, below + devices) if size)
        raise CourseError(
            f"{devices} devices cannot share a batch of {batch_size} images equally; "
            f"use --batch-size {near}"
        )


def even_batch(images: int, most: int) -> int:
    """Return a size for nearly equal batches, so that no device is left without an image."""
    batches = max(1, -(-images // most))
    return max(1, -(-images // batches))
