"""What each choice behind the fast network is worth: one change at a time, over seeds.

First the way from the workshop's network to the course's fast one, each step with one change more.
Then the fast recipe with one choice undone, or one added that was left out. All are compared on
10,000 images held out of the training set; the test set plays no part. Run it with
``make benchmark``, or with ``--help`` to see what can be changed.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import command_line, finish, mean_and_spread, start_keras

from mnist_keras.process.startup import keep_memory
from mnist_keras.runs.settings import TrainingSettings, settings_for

if TYPE_CHECKING:
    import keras

    from mnist_keras.recipes import Recipe

    MakesOptimizer = Callable[[TrainingSettings, int], keras.optimizers.Optimizer]

HELD_OUT = 10_000


@dataclass(frozen=True)
class Variant:
    """A recipe under a name."""

    group: str  # "way": a step from the workshop's network to the fast one; or "change" of that
    name: str  # what was changed, as the table says it
    recipe: Recipe
    settings: TrainingSettings


@dataclass(frozen=True)
class Outcome:
    """What one variant did with one seed."""

    group: str
    name: str
    seed: int
    seconds: float | None  # of training, tracing the graph included; none if it was not timed
    accuracy: float  # share of the held-out images read correctly, in [0, 1]
    parameters: int


def fast_cnn_with(
    *, use_bias: bool = False, normalize: bool = True, strides: bool = False, learn: bool = False
) -> keras.Model:
    """Build the fast network with what it leaves out, or without what it has.

    With ``strides``, the second and third convolution compute every second place only, instead of
    keeping the largest of four. With ``learn``, the first convolution is trained too.
    """
    import keras
    from keras import layers

    def convolution(filters: int, *, halve: bool) -> list[layers.Layer]:
        step, padding = (2 if halve and strides else 1), ("same" if halve else "valid")
        kernel = layers.Conv2D(filters, 3, strides=step, padding=padding, use_bias=use_bias)
        pool = [layers.MaxPooling2D()] if halve and not strides else []
        norm = [layers.BatchNormalization(momentum=0.9, scale=False)] if normalize else []
        return [kernel, *pool, *norm, layers.ReLU()]

    with_bias = use_bias and learn
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(16, 4, 2, use_bias=with_bias, activation="relu", trainable=learn),
            *convolution(32, halve=True),
            *convolution(64, halve=True),
            *convolution(64, halve=False),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def averaged(make: MakesOptimizer) -> MakesOptimizer:
    """Let an optimizer end on a moving average of the weights."""
    import keras

    def with_average(settings: TrainingSettings, steps: int) -> keras.optimizers.Optimizer:
        plain = make(settings, steps).get_config()
        return keras.optimizers.Adam.from_config({**plain, "use_ema": True, "ema_momentum": 0.995})

    return with_average


def variants(quick: bool) -> Iterator[Variant]:
    """List what is compared, each with one change against its neighbour or against ``fast``."""
    import keras

    from mnist_keras.networks import build_mlp
    from mnist_keras.recipes import RECIPES, adam

    def cross_entropy() -> keras.losses.Loss:
        return keras.losses.CategoricalCrossentropy(from_logits=True)

    fast = RECIPES["fast"]
    recipe, settings = RECIPES["mlp"], settings_for("mlp", quick=quick)

    def step(name: str, new: Recipe, **changes: Any) -> Variant:
        nonlocal recipe, settings
        if quick:
            changes.pop("epochs", None)
        recipe, settings = new, replace(settings, **changes)
        return Variant("way", name, recipe, settings)

    goal = settings_for("fast", quick=quick)
    yield step("the workshop's network", recipe)
    yield step(f"batches of {goal.batch_size} instead of 32", recipe, batch_size=goal.batch_size)
    yield step(f"{goal.epochs} epochs instead of 25", recipe, epochs=goal.epochs)
    yield step("cross-entropy instead of squared error", replace(recipe, loss=cross_entropy))
    relu = partial(build_mlp, activation="relu")
    yield step("ReLU instead of sigmoid", replace(recipe, build=relu))
    learned = partial(fast_cnn_with, learn=True, normalize=False)
    yield step("convolutions instead of hidden dense layers", replace(recipe, build=learned))
    yield step(
        "a learning rate that climbs and falls",
        replace(recipe, optimizer=fast.optimizer),
        learning_rate=goal.learning_rate,
    )
    yield step("label smoothing", replace(recipe, loss=fast.loss))
    yield step("shifted images", recipe, augment=True)
    computed = replace(fast, build=partial(fast_cnn_with, normalize=False))
    yield step("a first layer that is computed", computed)
    yield step("batch normalization: the fast recipe", fast)

    def change(name: str, new: Recipe = fast, **changes: Any) -> Variant:
        return Variant("change", name, new, replace(goal, **changes))

    def built(**parts: bool) -> Recipe:
        return replace(fast, build=partial(fast_cnn_with, **parts))

    constant = replace(fast, optimizer=adam)
    narrow = replace(fast, build=RECIPES["sprint"].build)
    yield change("without shifted images", augment=False)
    yield change("without label smoothing", replace(fast, loss=cross_entropy))
    yield change("with a constant learning rate of 0.001", constant, learning_rate=0.001)
    yield change("with the network of sprint", narrow)
    yield change("with strides instead of pooling", built(strides=True))
    yield change("with its first layer learned", replace(built(learn=True), start=None))
    yield change("with biases", built(use_bias=True))
    yield change("with averaged weights", replace(fast, optimizer=averaged(fast.optimizer)))


def outcomes(seeds: Iterable[int], quick: bool, only: Collection[str] = ()) -> Iterator[Outcome]:
    """Train each variant with each seed, in turn, and measure it on the held-out images.

    All of them, unless ``only`` names some.
    """
    import keras
    import numpy as np

    from mnist_keras.data import hold_out, load_data, prepare
    from mnist_keras.evaluation import predict_probabilities
    from mnist_keras.training import fit

    keep_memory()  # for all alike: it is no choice of a recipe's
    (x, y), _ = load_data(quick=quick)
    (x_train, y_train), (x_held, y_held) = hold_out(
        x, y, validation_split=HELD_OUT / 60_000, seed=0
    )
    x_held = prepare(x_held)
    for seed in seeds:
        for variant in variants(quick):
            if only and variant.name not in only:
                continue
            keras.backend.clear_session()
            start = time.perf_counter()
            settings = replace(variant.settings, seed=seed)
            model = fit(settings, x_train, y_train, [], None, [], variant.recipe)
            seconds = time.perf_counter() - start
            right = predict_probabilities(model, x_held).argmax(axis=1) == y_held
            about = float(np.mean(right)), model.count_params()
            yield Outcome(variant.group, variant.name, seed, seconds, *about)


def summary(all_outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Summarize each variant over its seeds, in the order in which they ran."""
    rows = []
    for group, name in dict.fromkeys((o.group, o.name) for o in all_outcomes):
        own = [o for o in all_outcomes if (o.group, o.name) == (group, name)]
        times = [o.seconds for o in own if o.seconds is not None]
        rows.append(
            {
                "group": group,
                "name": name,
                "seeds": len(own),
                "parameters": own[0].parameters,
                "timed": len(times),
                "seconds": statistics.median(times),
                **mean_and_spread(o.accuracy for o in own),
            }
        )
    return rows


def timed_by(earlier: Path, done: list[Outcome]) -> list[Outcome]:
    """Take the times of an earlier run instead, in which the machine did nothing else."""
    told = json.loads(earlier.read_text(encoding="utf-8"))["outcomes"]
    times = {(each["name"], each["seed"]): each["seconds"] for each in told}
    return [replace(each, seconds=times.get((each.name, each.seed))) for each in done]


def main() -> int:
    """Compare the variants; write the table and the JSON file."""
    parser = command_line(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (default: 5)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="of these rows alone")
    parser.add_argument(
        "--times-of", type=Path, metavar="FILE", help="take the times of this earlier result"
    )
    options = parser.parse_args()
    start_keras()

    done = []
    for outcome in outcomes(range(options.seeds), options.quick, options.only):
        done.append(outcome)
        print(
            f"seed {outcome.seed}, {outcome.name}: {100 * outcome.accuracy:.2f} % "
            f"after {outcome.seconds:.1f} s",
            file=sys.stderr,
            flush=True,
        )
    if options.times_of:
        done = timed_by(options.times_of, done)
    rows = summary(done)
    for row in rows:
        print(
            f"{row['name']:<45} {row['seconds']:>7.1f} s {100 * row['accuracy']:>7.2f} "
            f"± {100 * row['spread']:.2f} %"
        )
    result = {"summary": rows, "outcomes": [asdict(o) for o in done]}
    return finish(options.out / "one_change_at_a_time.json", result)


if __name__ == "__main__":
    sys.exit(main())
