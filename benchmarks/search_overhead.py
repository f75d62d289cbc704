"""What a search costs beside the training itself: ours, plain Keras Tuner, and the bare fits.

All three train the same networks of the same space on the same images for as many epochs. Memory
and disk are measured too. Run it with ``make benchmark``, or with ``--help`` to see what can be
changed.
"""

import io
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from machine import command_line, finish, in_a_process, start_keras

TRIALS, EPOCHS, BATCH_SIZE, SEED = 10, 2, 64, 1
LEAST_TRIALS = 5  # between which and the end memory is compared


def build(hp: Any) -> Any:
    """Build a small convolutional network; the search space of the comparison."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(shape=(28, 28, 1))])
    shape = {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}
    for _ in range(hp.Int("layers", 1, 2)):
        model.add(layers.Conv2D(hp.Choice("filters", [8, 16]), **shape))
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    hp.Choice("batch_size", [BATCH_SIZE])
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 1e-3, 1e-2, sampling="log")),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def memory() -> int:
    """Return the resident memory of this process in bytes."""
    return int(psutil.Process().memory_info().rss)


def disk(folder: Path) -> int:
    """Return the size of all files in a folder in bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def ours(asked: Namespace, folder: Path) -> dict[str, Any]:
    """Search with `mnist_keras.tuning`, a forked process a trial."""
    from mnist_keras.tuning.search import search

    after: list[int] = []

    class Noting(io.StringIO):
        """Notes the memory whenever a trial has ended."""

        def write(self, text: str) -> int:
            if "best so far" in text:
                after.append(memory())
            return len(text)

    start = time.perf_counter()
    result = search(
        build,
        out=folder / "ours",
        max_trials=asked.trials,
        epochs=EPOCHS,
        quick=asked.quick,
        seed=SEED,
        stream=Noting(),
    )
    seconds = time.perf_counter() - start
    values = [trial.hyperparameters() for trial in result.trials]
    return {"seconds": seconds, "memory": after, "disk": disk(folder), "values": values}


def data(quick: bool) -> tuple[Any, Any]:
    """Return the images that the search trains with and is scored by, prepared."""
    from mnist_keras.data import hold_out, load_data, prepare
    from mnist_keras.tuning.settings import SearchSettings

    (x, y), _ = load_data(quick=quick)
    split = SearchSettings().validation_split
    (x, y), (x_held, y_held) = hold_out(x, y, validation_split=split, seed=SEED)
    return (prepare(x), y), (prepare(x_held), y_held)


def plain_keras_tuner(asked: Namespace, folder: Path) -> dict[str, Any]:
    """Search with Keras Tuner as its guide shows it."""
    import keras_tuner as kt

    train, held = data(asked.quick)
    after: list[int] = []

    class Noting(kt.RandomSearch):
        """Notes the memory whenever a trial has ended."""

        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            after.append(memory())

    start = time.perf_counter()
    tuner = Noting(
        build,
        objective="val_accuracy",
        max_trials=asked.trials,
        seed=SEED + 1,
        directory=folder,
        project_name="plain",
    )
    tuner.search(*train, validation_data=held, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    return {
        "seconds": time.perf_counter() - start,
        "memory": after,
        "disk": disk(folder),
        "values": [trial.hyperparameters.values for trial in tuner.oracle.trials.values()],
    }


def bare(asked: Namespace, folder: Path) -> dict[str, Any]:
    """Train the networks one after the other in one process, keeping nothing."""
    import keras
    from keras_tuner import HyperParameters

    train, held = data(asked.quick)
    start = time.perf_counter()
    for values in asked.values[: asked.trials]:
        hp = HyperParameters()
        hp.values = values
        keras.utils.set_random_seed(SEED)
        model = build(hp)
        model.fit(*train, validation_data=held, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    return {"seconds": time.perf_counter() - start, "memory": [memory()], "disk": 0, "values": []}


WAYS: dict[str, Callable[[Namespace, Path], dict[str, Any]]] = {
    "ours": ours,
    "keras_tuner": plain_keras_tuner,
    "bare": bare,
}


def cost(way: str, asked: Namespace) -> dict[str, Any]:
    """Search, or train, in this process, and measure what that takes."""
    start_keras()
    import keras_tuner  # noqa: F401 - the imports are no part of what is compared

    import mnist_keras.tuning.search  # noqa: F401

    before = sum(os.times()[:4])  # of this process and of those that it started
    with TemporaryDirectory() as folder:
        result = WAYS[way](asked, Path(folder))
        return {**result, "processor_seconds": sum(os.times()[:4]) - before}


def main() -> int:
    """Compare the ways, and write the table and the JSON file."""
    parser = command_line(__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for way in WAYS:
        if way == "bare":
            options.values = results["ours"].pop("values")
        found = results[way] = in_a_process(cost, way, options)
        each = found["seconds"] / options.trials
        early = found["memory"][min(LEAST_TRIALS, len(found["memory"])) - 1]
        growth = found["memory"][-1] / early
        worked = found["processor_seconds"] / options.trials
        print(
            f"{way:<12} {each:>6.2f} s a trial ({worked:.2f} s of a processor), "
            f"{3600 / each:>5.0f} trials an hour, memory "
            f"{found['memory'][-1] / 2**20:>5.0f} MiB ({100 * (growth - 1):+.0f} % since trial "
            f"{LEAST_TRIALS}), disk {found['disk'] / 2**20:.1f} MiB",
            flush=True,
        )
    result = {"trials": options.trials, "ways": results}
    return finish(options.out / "search_overhead.json", result)


if __name__ == "__main__":
    sys.exit(main())
