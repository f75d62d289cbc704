"""Random, grid, Bayesian and Hyperband search with the same budget, over many seeds.

Each network of a small search space is trained once, and what each epoch measured is kept in a
table. A search then looks its trials up, so that hundreds of searches cost nothing but the tuners'
own thinking. The lesson *Searching architectures* quotes the result. Run it with
``make benchmark``, or with ``--help`` to see what can be changed.
"""

import json
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from machine import command_line, finish, write_result

from mnist_keras.data import load_data, prepare
from mnist_keras.tuning.settings import TUNERS, search_settings

TRAINING, VALIDATION, NEW = 2_000, 1_000, 10_000  # images; all from the training set
EPOCHS, BATCH_SIZE = 9, 50
BUDGET = 12 * EPOCHS  # epochs a search
INITIAL_POINTS = 4
SEEDS = {"random": 100, "grid": 1, "hyperband": 100, "bayesian": 4}
CHOICES: dict[str, list[Any]] = {
    "layers": [1, 2],
    "filters": [4, 8, 16],
    "kernel_size": [3, 5],
    "dense_units": [0, 32],
    "learning_rate": [0.001, 0.003, 0.01, 0.03],
}


def build(values: dict[str, Any]) -> Any:
    """Build and compile the network that has these hyperparameters."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.AveragePooling2D(2)])
    shape = {"kernel_size": values["kernel_size"], "padding": "same", "activation": "relu"}
    for _ in range(values["layers"]):
        model.add(layers.Conv2D(values["filters"], strides=2, **shape))
    model.add(layers.Flatten())
    if values["dense_units"]:
        model.add(layers.Dense(values["dense_units"], activation="relu"))
    model.add(layers.Dense(10))
    model.compile(
        optimizer=keras.optimizers.Adam(values["learning_rate"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=20,
    )
    return model


def train_all() -> Iterator[dict[str, Any]]:
    """Train each network of the space once, and give its row of the table."""
    import keras

    (x, y), _ = load_data(quick=False)
    end = TRAINING + VALIDATION
    images, labels = prepare(x[:end]), y[:end]
    new = prepare(x[-NEW:]), y[-NEW:]
    for number, chosen in enumerate(product(*CHOICES.values())):
        values = dict(zip(CHOICES, chosen, strict=True))
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        model = build(values)
        history = model.fit(
            images[:TRAINING],
            labels[:TRAINING],
            validation_data=(images[TRAINING:], labels[TRAINING:]),
            validation_batch_size=VALIDATION,
            batch_size=BATCH_SIZE,
            epochs=EPOCHS,
            verbose=0,
        )
        _, on_new = model.evaluate(*new, batch_size=1000, verbose=0)
        yield {
            "values": values,
            "parameters": model.count_params(),
            "validation": [round(float(a), 4) for a in history.history["val_accuracy"]],
            "new": round(float(on_new), 4),
        }


def known_space() -> dict[str, Any]:
    """Return the space's hyperparameters as Keras Tuner writes them."""
    from keras_tuner import HyperParameters

    hp = HyperParameters()
    for name, choices in CHOICES.items():
        hp.Choice(name, choices)
    config: dict[str, Any] = hp.get_config()
    return config | {"values": {}}


def search(tuner: str, seed: int, table: list[dict[str, Any]]) -> dict[str, Any]:
    """Search in the table until the budget of epochs is used up.

    Returned are, after each trial, the epochs ``spent`` and the ``best`` score so far, and the
    ``winner``: the row of the network with the best score.
    """
    from mnist_keras.tuning.proposals import Proposals

    rows = {tuple(row["values"].values()): k for k, row in enumerate(table)}
    settings = search_settings(tuner=tuner, seed=seed, epochs=EPOCHS)
    proposals = Proposals(settings, known_space(), initial_points=INITIAL_POINTS)
    spent, winner, score_of_best = 0, 0, 0.0
    found: dict[str, list[Any]] = {"spent": [], "best": []}
    while (begun := proposals.next()) is not None:
        values = begun.proposed
        first = int(values.get("tuner/initial_epoch", 0))
        last = int(values.get("tuner/epochs", EPOCHS))
        if spent + last - first > BUDGET:
            break
        k = rows[tuple(values[name] for name in CHOICES)]
        score = table[k]["validation"][last - 1]
        proposals.tell(begun.number, values, None, score)
        spent += last - first
        if score > score_of_best:
            score_of_best, winner = score, k
        found["spent"].append(spent)
        found["best"].append(score_of_best)
    return {**found, "winner": winner}


def summary(searches: list[dict[str, Any]], table: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a tuner reached: mean and spread over seeds, and the course of the mean."""
    ends = [run["best"][-1] for run in searches]
    new = [table[run["winner"]]["new"] for run in searches]
    ahead = max(row["validation"][-1] for row in table)
    at = list(range(EPOCHS, BUDGET + 1, EPOCHS))
    # The best never gets worse: at each time, it is the last one's.
    before = [np.searchsorted(run["spent"], at, side="right") for run in searches]
    course = [np.array([0.0, *run["best"]])[k] for run, k in zip(searches, before, strict=True)]
    return {
        "seeds": len(searches),
        "trials": float(np.mean([len(run["spent"]) for run in searches])),
        "best": float(np.mean(ends)),
        "spread": float(np.std(ends)),
        "new": float(np.mean(new)),
        "found_the_best": float(np.mean([end >= ahead for end in ends])),
        "epochs": at,
        "course": [round(float(mean), 4) for mean in np.mean(course, axis=0)],
    }


def main() -> int:
    """Train the table, or take the one that is there; search; write the result."""
    parser = command_line(__doc__, quick=False)
    parser.add_argument("--again", action="store_true", help="search in the table of the last time")
    options = parser.parse_args()
    path = options.out / "compare_tuners.json"
    if options.again and path.exists():
        table = json.loads(path.read_text(encoding="utf-8"))["table"]
    else:
        table = []
        for row in train_all():
            table.append(row)
            print(f"{len(table):>3} {row['validation'][-1]:.4f} {row['values']}", flush=True)
        write_result(path, {"table": table})
    result: dict[str, Any] = {
        "images": {"training": TRAINING, "validation": VALIDATION, "new": NEW},
        "epochs": EPOCHS,
        "budget": BUDGET,
        "table": table,
        "tuners": {},
    }
    for tuner in sorted(TUNERS, key=list(SEEDS).index):
        searches = [search(tuner, seed, table) for seed in range(SEEDS[tuner])]
        found = result["tuners"][tuner] = summary(searches, table)
        print(
            f"{tuner:<10} {found['trials']:>5.1f} trials  best {100 * found['best']:.2f} "
            f"± {100 * found['spread']:.2f} %  on new images {100 * found['new']:.2f} %",
            flush=True,
        )
    return finish(path, result)


if __name__ == "__main__":
    sys.exit(main())
