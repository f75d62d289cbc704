"""How long each recipe trains until it reads 98, 99, 99.3 and 99.5 % of the test images.

The workshop's network, Keras's example and the course's own recipes take turns in one run, each in
a process of its own, seed after seed, because the machine's speed drifts: only ratios within one
run count. After each epoch the clock stops and the test accuracy is noted, for the record; nothing
is chosen by it. What is done is kept after each race, the trained networks too: ``--go-on`` runs
only what is missing. Run it with ``make benchmark``, or with ``--help`` to see what can be changed.
"""

import json
import math
import resource
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from machine import (
    command_line,
    in_a_process,
    machine,
    matrix_product_speed,
    mean_and_spread,
    seconds_of,
    start_keras,
    write_result,
)

from mnist_keras.runs.settings import DEFAULTS

TARGETS = (0.98, 0.99, 0.993, 0.995)
SECONDS_FOR_INFERENCE = 2.0
MODELS = "models"


@dataclass(frozen=True)
class Race:
    """What one recipe did with one seed."""

    network: str
    seed: int
    seconds: list[float]  # of training up to the end of each epoch, tracing the graph included
    accuracy: list[float]  # on test images after each epoch; the last is the recipe's result
    as_trained: float  # accuracy after the last epoch, before what the recipe makes of it
    parameters: int
    images_trained: int  # in an epoch
    flops_per_image: int  # forward and backward; a multiplication and an addition are two
    peak: float  # matrix-product speed measured just after, in FLOP/s
    import_seconds: float  # of Keras with TensorFlow
    memory: int  # the process's largest, resident, in bytes
    images_per_second: dict[str, float]  # in batches of 1 and of 1,000

    def time_to(self, target: float) -> float | None:
        """Return the training time until this accuracy was first measured; None if never."""
        measured = zip(self.seconds, self.accuracy, strict=True)
        return next((seconds for seconds, accuracy in measured if accuracy >= target), None)

    @property
    def share_of_peak(self) -> float:
        """Share of the matrix-product speed that training reaches."""
        work = self.flops_per_image * self.images_trained * len(self.seconds)
        return work / self.seconds[-1] / self.peak


def race(network: str, seed: int, epochs: int | None, quick: bool, keep: Path) -> Race:
    """Train one recipe with one seed in this process, note how it went and keep the network."""
    start = time.perf_counter()
    start_keras()
    import_seconds = time.perf_counter() - start

    import keras

    from mnist_keras.data import load_data, prepare
    from mnist_keras.evaluation import predict_probabilities
    from mnist_keras.networks import training_flops_per_image
    from mnist_keras.runs.settings import settings_for
    from mnist_keras.training import fit, save_model

    settings = settings_for(network, seed=seed, quick=quick, epochs=epochs)
    (x_train, y_train), (x_test, y_test) = load_data(quick=quick)
    x_test = prepare(x_test)

    seconds: list[float] = []
    accuracy: list[float] = []
    paused = 0.0

    def measured(model: keras.Model) -> float:
        answers = predict_probabilities(model, x_test).argmax(axis=1)
        return float(np.mean(answers == y_test))

    def note(epoch: int, logs: Any) -> None:
        nonlocal paused
        now = time.perf_counter()
        seconds.append(now - begun - paused)
        accuracy.append(measured(clock.model))
        paused += time.perf_counter() - now

    clock = keras.callbacks.LambdaCallback(on_epoch_end=note)
    begun = time.perf_counter()
    model = fit(settings, x_train, y_train, [], None, [clock])
    as_trained = accuracy[-1]
    accuracy[-1] = measured(model)
    save_model(model, keep)
    # Not before: the recipes ask for memory to be kept, which TensorFlow's first operation settles.
    peak = matrix_product_speed()

    return Race(
        network=network,
        seed=seed,
        seconds=seconds,
        accuracy=accuracy,
        as_trained=as_trained,
        parameters=model.count_params(),
        images_trained=round(len(x_train) * (1 - settings.validation_split)),
        flops_per_image=training_flops_per_image(model),
        peak=peak,
        import_seconds=import_seconds,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        images_per_second={str(n): inference_speed(model, x_test, n) for n in (1, 1000)},
    )


def inference_speed(model: Any, images: np.ndarray, batch_size: int) -> float:
    """Measure how many images a second the model reads in batches of this size (median)."""
    import tensorflow as tf

    forward = tf.function(lambda batch: model(batch, training=False))
    batch = tf.constant(np.resize(images, (batch_size, 28, 28, 1)))
    forward(batch).numpy()
    times = seconds_of(lambda: forward(batch).numpy(), 5, SECONDS_FOR_INFERENCE)
    return batch_size / statistics.median(times)


def median_or_none(values: list[float | None]) -> float | None:
    """Return the median, where a run that never got there is the slowest; None if it is that."""
    median = statistics.median(math.inf if v is None else v for v in values)
    return median if math.isfinite(median) else None


def summary(races: list[Race]) -> list[dict[str, Any]]:
    """Summarize each recipe over its seeds."""
    rows = []
    for network in dict.fromkeys(r.network for r in races):
        own = [r for r in races if r.network == network]
        rows.append(
            {
                "network": network,
                "seeds": len(own),
                "parameters": own[0].parameters,
                **mean_and_spread(r.accuracy[-1] for r in own),
                "as_trained": statistics.mean(r.as_trained for r in own),
                "seconds": statistics.median(r.seconds[-1] for r in own),
                "time_to": {str(t): median_or_none([r.time_to(t) for r in own]) for t in TARGETS},
                "share_of_peak": statistics.median(r.share_of_peak for r in own),
                "memory": max(r.memory for r in own),
                "images_per_second": {
                    n: statistics.median(r.images_per_second[n] for r in own) for n in ("1", "1000")
                },
            }
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Write the summary as a table."""
    head = f"{'':>9} {'param.':>8} {'accuracy, %':>14} {'train, s':>9}"
    head += "".join(f"{f'to {100 * t:g} %':>10}" for t in TARGETS)
    head += f"{'of peak':>9}{'memory':>9}{'img/s, 1':>10}{'img/s, 1000':>12}"
    lines = [head]
    for row in rows:
        line = f"{row['network']:>9} {row['parameters']:>8,} "
        line += f"{100 * row['accuracy']:>7.2f} ± {100 * row['spread']:.2f} {row['seconds']:>9.1f}"
        for seconds in row["time_to"].values():
            line += f"{'never' if seconds is None else f'{seconds:.1f} s':>10}"
        line += f"{100 * row['share_of_peak']:>7.0f} %{row['memory'] / 2**20:>6.0f} MB"
        line += f"{row['images_per_second']['1']:>10,.0f}{row['images_per_second']['1000']:>12,.0f}"
        lines.append(line)
    return "\n".join(lines)


def report(races: list[Race]) -> dict[str, Any]:
    """Gather all that was measured."""
    return {
        "machine": {
            **machine(),
            "matrix_product_gflops": statistics.median(r.peak for r in races) / 1e9,
            "import_seconds": statistics.median(r.import_seconds for r in races),
        },
        "summary": summary(races),
        "races": [asdict(r) for r in races],
    }


def main() -> int:
    """Run the races and write the table, the figure and the JSON file."""
    parser = command_line(__doc__)
    parser.add_argument("--networks", nargs="+", choices=list(DEFAULTS), default=list(DEFAULTS))
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (default: 5)")
    parser.add_argument("--epochs", type=int, help="epochs instead of each recipe's own")
    parser.add_argument("--go-on", action="store_true", help="keep the races that OUT holds")
    options = parser.parse_args()
    path = options.out / "time_to_accuracy.json"
    try:
        kept = json.loads(path.read_text()) if options.go_on and path.exists() else {}
        races = [Race(**row) for row in kept.get("races", [])]
    except (ValueError, TypeError, AttributeError):
        parser.error(f"{path} holds no races to go on with: remove it, or leave out --go-on")
    for seed in range(options.seeds):
        for network in options.networks:
            if any((r.network, r.seed) == (network, seed) for r in races):
                continue
            keep = options.out / MODELS / f"{network}-{seed}.keras"
            done = in_a_process(race, network, seed, options.epochs, options.quick, keep)
            races.append(done)
            write_result(path, report(races))
            print(
                f"{network}, seed {seed}: {100 * done.accuracy[-1]:.2f} % after "
                f"{done.seconds[-1]:.1f} s ({done.peak / 1e9:.0f} GFLOP/s)",
                file=sys.stderr,
                flush=True,
            )
    result = report(races)
    write_result(path, result)
    from mnist_keras import figures

    courses: dict[str, list[Any]] = {race.network: [] for race in races}
    for each in races:
        courses[each.network].append((each.seconds, each.accuracy))
    figures.race(courses).save(path.with_suffix(".png"))
    print(table(result["summary"]))
    about = result["machine"]
    print(
        f"Machine: {about['cores']} cores, matrix product {about['matrix_product_gflops']:.0f} "
        f"GFLOP/s; importing Keras takes {about['import_seconds']:.1f} s"
        ". Medians over the seeds; accuracies are means."
    )
    print(f"Written: {path} and {path.with_suffix('.png').name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
