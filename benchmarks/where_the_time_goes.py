"""Where the time of a training step goes: arithmetic, overhead, the optimizer, the input.

A step of the fast recipe, and one of sprint's, is timed whole and in parts, in turn and several
times over, and compared with the time that its arithmetic would take at the machine's
matrix-product peak. What it costs to give memory back after each step, and to get it anew, is
measured for the first of them, in processes of their own.
Run it with ``make benchmark``, or with ``--help`` to see what can be changed.
"""

import math
import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from machine import (
    command_line,
    finish,
    in_a_process,
    matrix_product_speed,
    medians,
    seconds_of,
    start_keras,
)

from mnist_keras.runs.settings import DEFAULTS, settings_for

PROFILED = [name for name in DEFAULTS if not name.startswith("golf")]  # no separable convolutions
STEPS = 40  # in one call, as Keras does with steps_per_execution


def ready_steps(network: str, quick: bool) -> dict[str, Callable[[], Any]]:
    """Make functions that take `STEPS` steps on a batch that lies ready, each doing more or less.

    ``products`` are each convolution and dense layer alone, forward and backward; ``gradients`` the
    whole network; ``step`` also the optimizer's update; ``compiled`` the step, compiled by XLA.
    """
    import keras
    import tensorflow as tf

    from mnist_keras.data import load_data, prepare
    from mnist_keras.networks import layers_that_multiply
    from mnist_keras.recipes import RECIPES

    settings, recipe = settings_for(network), RECIPES[network]
    (x, y), _ = load_data(quick=quick)
    batch = tf.constant(prepare(x[: settings.batch_size]))
    target = tf.constant(keras.utils.to_categorical(y[: settings.batch_size], 10))
    model, loss = recipe.build(), recipe.loss()
    optimizer = recipe.optimizer(settings, 1000)
    optimizer.build(model.trainable_variables)

    def product(layer: keras.Layer, trained_before: bool) -> Callable[[], tf.Tensor]:
        given = tf.random.stateless_uniform((settings.batch_size, *layer.input.shape[1:]), (0, 0))
        kernel = tf.constant(layer.kernel)

        def alone() -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch([given, kernel])
                if isinstance(layer, keras.layers.Dense):
                    result = given @ kernel
                else:
                    result = tf.nn.conv2d(given, kernel, layer.strides, layer.padding.upper())
            wanted = [kernel] * layer.trainable + [given] * trained_before
            done = tape.gradient(result, wanted) if wanted else [result]
            return tf.add_n([tf.reduce_sum(g) for g in done])

        return alone

    products, trained_before = [], False
    for layer in layers_that_multiply(model):
        products.append(product(layer, trained_before))
        trained_before |= layer.trainable

    def gradients() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            value = loss(target, model(batch, training=True))
        return tape.gradient(value, model.trainable_variables)

    def summed(part: Callable[[], list[tf.Tensor]]) -> Callable[[], tf.Tensor]:
        def many() -> tf.Tensor:
            total = tf.constant(0.0)
            for _ in tf.range(STEPS):
                total += tf.add_n([tf.reduce_sum(each) for each in part()])
            return total

        return tf.function(many)

    def step() -> tf.Tensor:
        for _ in tf.range(STEPS):
            optimizer.apply(gradients(), model.trainable_variables)
        return tf.constant(0.0)

    return {
        "products": summed(lambda: [alone() for alone in products]),
        "gradients": summed(gradients),
        "step": tf.function(step),
        "compiled": tf.function(step, jit_compile=True),
    }


def fit_costs(network: str, quick: bool, epochs: int, keep: bool) -> dict[str, float]:
    """Train some epochs in this process, with memory kept or not, and time them, in seconds.

    ``start_up`` is what the first takes more than another one; ``whole`` is a step of a later one,
    which took ``seconds`` in all, and the last one ``kernel`` in the kernel.
    """
    start_keras()
    import keras

    from mnist_keras.data import load_data
    from mnist_keras.recipes import RECIPES
    from mnist_keras.training import fit

    settings, recipe = settings_for(network, epochs=epochs), RECIPES[network]
    (x, y), _ = load_data(quick=quick)
    history: list[Any] = []
    kernel: list[float] = []
    keras.backend.clear_session()
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kernel.append(os.times().system)
    )
    fit(settings, x, y, history, None, [note], replace(recipe, keep_memory=keep))
    first, *others = [row["seconds"] for row in history]
    later = min(others)
    return {
        "start_up": max(0.0, first - later),
        "whole": later / math.ceil(len(x) / settings.batch_size),
        "seconds": later,
        "kernel": kernel[-1] - kernel[-2],
    }


def memory_costs(network: str, repeats: int, quick: bool) -> dict[str, dict[str, float]]:
    """Measure an epoch with memory kept and given back, in turn (medians, in seconds)."""
    found: dict[str, list[dict[str, float]]] = {"kept": [], "given back": []}
    # What keeps memory from outside would make both alike.
    for name in [name for name in os.environ if name.startswith("MALLOC_")]:
        del os.environ[name]
    for _ in range(repeats):
        for way, results in found.items():
            cost = in_a_process(fit_costs, network, quick, 2, way == "kept")
            results.append({name: cost[name] for name in ("seconds", "kernel")})
    return {way: medians(results) for way, results in found.items()}


def profile(network: str, repeats: int, quick: bool) -> dict[str, Any]:
    """Time the parts in turn; medians, in milliseconds a step."""
    from mnist_keras.data import load_data
    from mnist_keras.networks import training_flops_per_image
    from mnist_keras.recipes import RECIPES

    steps, recipe = ready_steps(network, quick), RECIPES[network]
    for run in steps.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in steps}
    others = []
    for _ in range(repeats):
        peak = matrix_product_speed()
        for name, run in steps.items():
            times[name] += seconds_of(run, 3)
        others.append({"peak": peak} | fit_costs(network, quick, 3, recipe.keep_memory))
    other, batch_size = medians(others), settings_for(network).batch_size
    images = len(load_data(quick=quick)[0][0])
    work = training_flops_per_image(recipe.build()) * batch_size
    measured = {"ideal": work / other["peak"], "whole": other["whole"]}
    measured |= {name: statistics.median(values) / STEPS for name, values in times.items()}
    return {
        "batch_size": batch_size,
        "steps": math.ceil(images / batch_size),
        "start_up_seconds": other["start_up"],
        "milliseconds": {name: 1000 * value for name, value in measured.items()},
        "matrix_product_gflops": other["peak"] / 1e9,
    }


def main() -> int:
    """Measure; write the table and the JSON file."""
    parser = command_line(__doc__)
    parser.add_argument("--networks", nargs="+", choices=PROFILED, default=["fast", "sprint"])
    parser.add_argument("--repeats", type=int, default=5, help="how often (default: 5)")
    options = parser.parse_args()
    start_keras()

    memory = memory_costs(options.networks[0], options.repeats, options.quick)
    networks = {name: profile(name, options.repeats, options.quick) for name in options.networks}
    told = {
        "ideal": "its arithmetic at the matrix-product peak",
        "products": "convolutions and dense products alone",
        "gradients": "the network forward and backward",
        "step": "the same and the optimizer's update",
        "whole": "a step of fit, with the input pipeline",
        "compiled": "forward, backward and update, compiled by XLA",
    }
    for network, result in networks.items():
        print(f"{network}: {result['steps']} steps an epoch, batches of {result['batch_size']}")
        for name, words in told.items():
            print(f"{words:<50} {result['milliseconds'][name]:>8.2f} ms")
        print(f"{'start-up of fit':<50} {result['start_up_seconds']:>8.2f} s")
    for way, cost in memory.items():
        seconds, kernel = cost["seconds"], cost["kernel"]
        print(f"an epoch, memory {way:<33} {seconds:>8.2f} s, {kernel:.2f} s in the kernel")
    return finish(
        options.out / "where_the_time_goes.json", {"networks": networks, "memory": memory}
    )


if __name__ == "__main__":
    sys.exit(main())
