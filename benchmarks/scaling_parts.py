"""What a training step on several devices is made of, and what a trial in a job costs.

Measured are: the input; the arithmetic, for several batch sizes; how many steps a batch of each
size takes to a certain accuracy; what it costs two processes to add up their gradients, in both
ways that Keras 3 has for several processes; the start of a job step; and Slurm's own rate, on a
Slurm that is started here. Each time is the smallest of several: whatever else the machine did made
the others longer. Run it with ``make benchmark``, or with ``--help`` to see what can be changed.
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from machine import (
    command_line,
    finish,
    in_a_process,
    machine,
    seconds_of,
    start_keras,
    write_result,
)
from slurm_cluster import free_ports, missing, slurm_cluster

NETWORK = "fast"
SIZES = (8, 16, 32, 64, 128, 256, 512)  # of a device's part of a batch
BATCHES = (16, 64, 256, 1024, 4096)  # for which steps are counted
ACCURACY, HELD_OUT, MOST_STEPS, RATE, RATE_BATCH = 0.97, 5000, 6000, 0.002, 64
AT_ONCE, AN_EPOCH, GROWTH = 10, 60, 1.08
PATIENCE = 900  # seconds for a way in which two synchronize
PARTS = (32, 64, 128)  # a process's part of a batch, where two synchronize
Ready = Callable[[Any, Any], tuple[Callable[[], Any], int]]  # makes ready so many steps


def smallest(run: Callable[[], Any], repeats: int) -> float:
    """Time something several times, in seconds; the first time does not count."""
    run()
    return min(seconds_of(run, repeats))


def input_part(repeats: int) -> float:
    """Measure what it takes to choose, shift and hand over an image, in seconds."""
    import keras

    from mnist_keras.batches import Batches
    from mnist_keras.data import load_data
    from mnist_keras.recipes import RECIPES
    from mnist_keras.runs.settings import settings_for

    (x, y), _ = load_data(quick=True)
    settings = settings_for(NETWORK)
    batches = Batches(x, keras.utils.to_categorical(y, 10), settings, RECIPES[NETWORK].augmentation)
    return smallest(lambda: [None for _ in batches.dataset()], repeats) / len(x)


def compiled_network(batch: int) -> Any:
    """Make the network with an optimizer whose rate fits the batch size."""
    import keras

    from mnist_keras.recipes import RECIPES

    keras.utils.set_random_seed(0)
    model = RECIPES[NETWORK].build()
    model.compile(
        optimizer=keras.optimizers.Adam(RATE * math.sqrt(batch / RATE_BATCH), beta_2=0.99),
        loss=RECIPES[NETWORK].loss(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)
    return model


def many(step: Callable[[], Any]) -> Callable[[], Any]:
    """Make one graph of `AT_ONCE` training steps."""
    import tensorflow as tf

    @tf.function
    def steps() -> None:
        for _ in tf.range(AT_ONCE):
            step()

    return steps


def compute_part(repeats: int) -> list[dict[str, float]]:
    """Time a training step for several batch sizes."""
    import keras
    import tensorflow as tf

    from mnist_keras.data import load_data, prepare

    (x, y), _ = load_data(quick=True)
    found = []
    for size in SIZES:
        model = compiled_network(size)
        labels = keras.utils.to_categorical(y[:size], 10)
        batch = tf.constant(prepare(x[:size])), tf.constant(labels)
        steps = many(partial(model.train_step, batch))
        found.append({"images": size, "seconds": smallest(steps, repeats) / AT_ONCE})
    return found


def steps_to_accuracy() -> list[dict[str, float | None]]:
    """Count the steps that batches of several sizes take to the same accuracy."""
    import keras
    import numpy as np
    import tensorflow as tf

    from mnist_keras.data import load_data, prepare

    (x, y), _ = load_data(quick=False)
    images, labels = prepare(x), keras.utils.to_categorical(y, 10)
    held_x, held_y = images[-HELD_OUT:], y[-HELD_OUT:]
    found: list[dict[str, float | None]] = []
    for size in BATCHES:
        model, rng = compiled_network(size), np.random.default_rng(0)
        step = tf.function(model.train_step, reduce_retracing=True)
        next_look, reached = 4, None
        for taken in range(1, MOST_STEPS + 1):
            chosen = rng.integers(0, len(images) - HELD_OUT, size)
            step((tf.constant(images[chosen]), tf.constant(labels[chosen])))
            if taken < next_look:
                continue
            next_look = math.ceil(taken * GROWTH)
            if (model.predict_on_batch(held_x).argmax(axis=1) == held_y).mean() >= ACCURACY:
                reached = taken
                break
        print(f"batch {size}: {reached} steps to {100 * ACCURACY:.0f} %", file=sys.stderr)
        found.append({"batch": size, "steps": reached})
    return found


def synchronized(way: str, ports: list[int], repeats: int, rank: int) -> list[dict[str, float]]:
    """Time a step of two processes together, in one of them, for several parts of a batch."""
    signal.alarm(PATIENCE)  # ends this process, should its partner have failed
    os.environ |= {"KERAS_BACKEND": way, "CUDA_VISIBLE_DEVICES": "-1"}
    start_keras()
    import numpy as np

    rng = np.random.default_rng(0)
    found = []
    ready = (of_tensorflow if way == "tensorflow" else of_jax)(rank, ports)
    for size in PARTS:
        x = rng.random((size, 28, 28, 1), dtype="float32")
        y = np.eye(10, dtype="float32")[rng.integers(0, 10, size)]
        steps, number = ready(x, y)
        found.append({"images": size, "seconds": smallest(steps, repeats) / number})
    return found


def of_tensorflow(rank: int, ports: list[int]) -> Ready:
    """Make ready steps under MultiWorkerMirroredStrategy, as ``--strategy multinode`` does."""
    import tensorflow as tf

    from mnist_keras.cluster.devices import devices_for, synchronize
    from mnist_keras.cluster.meeting import Team

    devices = devices_for("multinode", 2, team=Team(rank, [f"127.0.0.1:{p}" for p in ports]))
    with devices.scope():
        model = compiled_network(RATE_BATCH)
        synchronize(model, devices)

    def ready(x: Any, y: Any) -> tuple[Callable[[], Any], int]:
        batch = tf.constant(x), tf.constant(y)
        return many(partial(devices.strategy.run, model.train_step, args=(batch,))), AT_ONCE

    return ready


def of_jax(rank: int, ports: list[int]) -> Ready:
    """Make ready steps of ``fit`` under Keras's DataParallel, on JAX."""
    import keras
    import numpy as np

    keras.distribution.initialize(f"127.0.0.1:{ports[0]}", 2, rank)
    devices = keras.distribution.list_devices()
    shared = keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    keras.distribution.set_distribution(shared)
    model = compiled_network(RATE_BATCH)

    def ready(x: Any, y: Any) -> tuple[Callable[[], Any], int]:
        # Each process hands in its own part of each batch.
        data = [np.concatenate([each] * AN_EPOCH) for each in (x, y)]
        return partial(model.fit, *data, batch_size=len(x), shuffle=False, verbose=0), AN_EPOCH

    return ready


def synchronization_part(repeats: int) -> dict[str, Any]:
    """Let two processes of this machine train together, in each way that is installed."""
    found: dict[str, Any] = {}
    for way in ["tensorflow", "jax"] if find_spec("jax") else ["tensorflow"]:
        one = partial(in_a_process, synchronized, way, free_ports(2), repeats)
        try:
            with ThreadPoolExecutor() as pool:
                found[way], _ = pool.map(one, range(2))
        except Exception as error:
            if not found:
                raise
            print(f"not measured: {way}: {error}", file=sys.stderr)
    return found


def slurm_part(repeats: int) -> dict[str, float] | None:
    """Measure the start of a step, of what a trial needs in it, and the rate of jobs."""
    if lacking := missing():
        print(f"not measured: {lacking}", file=sys.stderr)
        return None
    with slurm_cluster() as slurm:
        said, python = slurm.folder / "said.json", sys.executable
        measure = f"{python} -c 'import scaling_parts as s; s.steps_in_a_job({repeats})'"
        options = ("-n2", f"--output={said}", f"--wrap={measure}")
        slurm.wait(slurm.submit(*options, cwd=Path(__file__).parent), limit=900)
        found: dict[str, float] = json.loads(said.read_text().splitlines()[-1])
        jobs, begun = 20, time.perf_counter()
        numbers = [slurm.submit("--output=/dev/null", "--wrap=true") for _ in range(jobs)]
        found["submit"] = (time.perf_counter() - begun) / jobs
        for number in numbers:
            slurm.wait(number)
        found["job"] = (time.perf_counter() - begun) / jobs
        return found


def steps_in_a_job(repeats: int) -> None:
    """Say, in a job, how long the start of a step takes, and what a trial needs in it."""
    srun = partial(subprocess.run, check=True, stderr=subprocess.DEVNULL)
    begin = ["srun", "--exact", "-N1", "-n1", "-c1"]
    trial = [sys.executable, "-c", "import mnist_keras.tuning.trial_task"]
    step, ready = (
        min(seconds_of(partial(srun, begin + command), repeats)) for command in (["true"], trial)
    )
    print(json.dumps({"step": step, "python": ready - step}))


PARTS_OF_ALL: dict[str, Callable[[int], Any]] = {
    "slurm": slurm_part,
    "synchronized": synchronization_part,
    "input_seconds_an_image": input_part,
    "compute": compute_part,
    "steps": lambda repeats: steps_to_accuracy(),
}


def main() -> int:
    """Measure; write the JSON file."""
    parser = command_line(__doc__, quick=False)
    parser.add_argument("--repeats", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--part", choices=[*PARTS_OF_ALL], nargs="+", help="only these parts")
    options = parser.parse_args()
    start_keras()

    path = options.out / "scaling_parts.json"
    # What was measured before is kept, so that a part can be measured again by itself.
    result = json.loads(path.read_text()) if options.part and path.exists() else {}
    model = compiled_network(RATE_BATCH)
    result |= {
        "machine": machine()
        | {
            "jax": __import__("jax").__version__ if find_spec("jax") else None,
            "load": os.getloadavg()[2],
        },
        "network": NETWORK,
        "parameters": model.count_params(),
        "accuracy": ACCURACY,
    }
    for part in options.part or PARTS_OF_ALL:
        result[part] = PARTS_OF_ALL[part](options.repeats)
        write_result(path, result)
    print(json.dumps(result, indent=1))
    return finish(path, result)


if __name__ == "__main__":
    sys.exit(main())
