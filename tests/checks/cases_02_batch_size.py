"""Exercise 2, as a learner might answer it."""

from checks.cases import Cases, ExerciseCases, letters

NOTEBOOK = """
import math

prediction_2_1 = "B"
answer_2_9, answer_2_10 = "D", "B"
x = np.zeros((10_000, 4))  # the rules look at the number of images only


def steps_per_epoch(images, batch_size):
    return math.ceil(images / batch_size)


def epochs_for(steps, images, batch_size):
    return max(1, round(steps / steps_per_epoch(images, batch_size)))


def measured(epochs, loss, accuracy):
    losses = list(np.geomspace(2.2, loss, epochs)) if epochs > 1 else [loss]
    accuracies = list(np.linspace(0.3, accuracy, epochs)) if epochs > 1 else [accuracy]
    return {
        "loss": losses,
        "accuracy": [each + 0.01 for each in accuracies],
        "val_loss": [each + 0.05 for each in losses],
        "val_accuracy": accuracies,
    }


histories = {
    16: measured(5, 0.1, 0.95),
    64: measured(5, 0.2, 0.93),
    256: measured(5, 0.4, 0.90),
    1024: measured(5, 0.8, 0.82),
}
histories[64]["val_accuracy"][1] = 0.96
batch_sizes = sorted(histories)
seconds = {16: 0.8, 64: 0.3, 256: 0.1, 1024: 0.05}
ends = {16: (0.3, 0.91), 64: (0.28, 0.92), 256: (0.26, 0.94), 1024: (0.25, 0.93)}
steps = 2 * steps_per_epoch(len(x), 16)
same_steps = {size: measured(epochs_for(steps, len(x), size), *ends[size]) for size in ends}


def table():
    return [
        {
            "batch size": size,
            "seconds per epoch": seconds[size],
            "accuracy at equal epochs": histories[size]["val_accuracy"][-1],
            "accuracy at equal steps": same_steps[size]["val_accuracy"][-1],
        }
        for size in sorted(histories)
    ]


results = table()
sizes = [row["batch size"] for row in results]
at_epochs = [row["accuracy at equal epochs"] for row in results]
at_steps = [row["accuracy at equal steps"] for row in results]


def plot(draw, scale="log", labels=("batch size", "validation accuracy"), legend=True):
    fig, ax = plt.subplots()
    draw(ax)
    if scale != "linear":
        ax.set_xscale(scale)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    if legend:
        ax.legend()
    return ax


def both(ax):
    ax.plot(sizes, at_epochs, "o-", label="equal epochs")
    ax.plot(sizes, at_steps, "o-", label="equal steps")


ax = plot(both)
fastest = min(seconds, key=lambda size: seconds[size])
best_at_equal_epochs = max(histories, key=lambda size: histories[size]["val_accuracy"][-1])
best_at_equal_steps = max(same_steps, key=lambda size: same_steps[size]["val_accuracy"][-1])

rng = np.random.default_rng(0)
gradients = rng.uniform(size=10_000) - (rng.uniform(size=10_000) < 0.1)


def random_means(size, count=1_000):
    return [rng.choice(gradients, size=size).mean() for _ in range(count)]


noise = {size: np.std(random_means(size)) for size in histories}
noise_ratio = noise[16] / noise[1024]
"""

# A notebook whose batch sizes are others and whose runs are made to fit.
OTHER_SIZES = """
histories = {size: measured(3, 0.1 + size / 1e4, 0.95 - size / 1e4) for size in [512, 8, 32, 128]}
seconds = {size: 4 / size for size in histories}
"""

HISTORY_OBJECTS = """
def as_object(values):
    history = keras.callbacks.History()
    history.history = values
    return history


{name} = {{size: as_object(values) for size, values in {name}.items()}}
"""


def steps_function(body: str) -> str:
    """Write the function `steps_per_epoch`."""
    return f"def steps_per_epoch(images, batch_size):\n    return {body}\n"


def epochs_function(body: str) -> str:
    """Write the function `epochs_for`."""
    return f"def epochs_for(steps, images, batch_size):\n    return {body}\n"


CASES = ExerciseCases(
    "02-batch-size",
    NOTEBOOK,
    {
        "2.1": letters("prediction_2_1", "A"),
        "2.2": Cases(
            right={
                "negative floor division": steps_function("-(-images // batch_size)"),
                "with an offset": steps_function("(images + batch_size - 1) // batch_size"),
                "NumPy's ceil": steps_function("np.ceil(images / batch_size)"),
                "a loop": """
def steps_per_epoch(images, batch_size):
    steps = 0
    for _ in range(0, images, batch_size):
        steps += 1
    return steps
""",
                "with a remainder": """
def steps_per_epoch(n, size):
    full, rest = divmod(n, size)
    return full + (1 if rest else 0)
""",
                "the steps counted by Keras's own rule": steps_function(
                    "len(range(0, images, batch_size))"
                ),
                "epochs rounded up": epochs_function(
                    "math.ceil(steps / steps_per_epoch(images, batch_size))"
                ),
                "epochs rounded down": epochs_function(
                    "max(steps // steps_per_epoch(images, batch_size), 1)"
                ),
                "epochs as NumPy's whole number": epochs_function(
                    "np.int64(max(1, np.round(steps / steps_per_epoch(images, batch_size))))"
                ),
                "epochs without the other function": epochs_function(
                    "max(1, round(steps / math.ceil(images / batch_size)))"
                ),
            },
            wrong={
                "rounded down": steps_function("images // batch_size"),
                "rounded to the nearest": steps_function("round(images / batch_size)"),
                "not rounded": steps_function("images / batch_size"),
                "always one more": steps_function("images // batch_size + 1"),
                "upside down": steps_function("math.ceil(batch_size / images)"),
                "for this notebook's images only": steps_function("math.ceil(len(x) / batch_size)"),
                "the images": steps_function("images"),
                "a text": steps_function('f"{math.ceil(images / batch_size)} steps"'),
                "without bound": steps_function('float("inf")'),
                "arguments exchanged": """
def steps_per_epoch(batch_size, images):
    return math.ceil(images / batch_size)
""",
                "epochs as a float": epochs_function(
                    "np.round(steps / steps_per_epoch(images, batch_size))"
                ),
                "no epoch at all": epochs_function("steps // steps_per_epoch(images, batch_size)"),
                "epochs without the smaller batch": epochs_function(
                    "max(1, round(steps / (images // batch_size)))"
                ),
                "steps times batch size": epochs_function("steps * batch_size"),
                "the batches for the epochs": epochs_function("max(1, steps // batch_size)"),
                "a fixed number": epochs_function("5"),
                "one argument too few": """
def epochs_for(steps, batch_size):
    return max(1, round(steps / steps_per_epoch(len(x), batch_size)))
""",
                "a number instead of a function": "epochs_for = 5",
            },
        ),
        "2.3": Cases(
            right={
                "other batch sizes in another order": OTHER_SIZES,
                "the History objects themselves": HISTORY_OBJECTS.format(name="histories"),
                "keys as NumPy's numbers": """
histories = {np.int64(size): values for size, values in histories.items()}
seconds = {np.float32(size): np.float32(each) for size, each in seconds.items()}
""",
                "pairs instead of a dictionary": """
histories, seconds = list(histories.items()), list(seconds.items())
""",
                "more batch sizes": """
histories[128], seconds[128] = measured(5, 0.3, 0.92), 0.2
""",
                "just sixteen times": """
histories = {size: measured(3, size / 10, 0.9) for size in (2, 8, 16, 32)}
seconds = {size: 1 for size in histories}
""",
                "a metric of another name": """
for values in histories.values():
    values["val_sparse_categorical_accuracy"] = values.pop("val_accuracy")
""",
                "a small batch that was not the slowest": "seconds[16] = 0.01",
                "columns of pandas": """
import pandas as pd

seconds = pd.Series(seconds)
histories = pd.Series(histories)
""",
                "tables of pandas, and times": """
from datetime import timedelta

import pandas as pd

seconds = {size: timedelta(seconds=each) for size, each in seconds.items()}
histories = {size: pd.DataFrame(values) for size, values in histories.items()}
""",
            },
            wrong={
                "three batch sizes": "del histories[64]",
                "too close together": """
histories = {size: measured(3, size / 10, 0.9) for size in (16, 32, 64, 128)}
seconds = {size: 1.0 for size in histories}
""",
                "one trained longer": "histories[1024] = measured(20, 0.5, 0.9)",
                "two epochs": """
histories = {size: measured(2, size / 2000, 0.9) for size in histories}
""",
                "the batch size not handed on": "histories[64] = histories[16]",
                "no validation data": """
for values in histories.values():
    del values["val_accuracy"], values["val_loss"]
""",
                "only the last accuracy": """
histories = {size: values["val_accuracy"][-1] for size, values in histories.items()}
""",
                "a size without seconds": "del seconds[256]",
                "the seconds of each epoch": "seconds[16] = [0.8, 0.8, 0.9, 0.7]",
                "no time in between": "seconds[16] = float('nan')",
                "the clock read the wrong way round": "seconds[16] = -0.8",
                "seconds as texts": 'seconds[16] = "0.8 s"',
                "one number for all": "seconds = 0.3",
                "keys that are texts": """
histories = {str(size): values for size, values in histories.items()}
""",
                "keys that are learning rates": """
histories = {size / 1000: values for size, values in histories.items()}
""",
                "a key that was not filled in": "histories[...] = measured(5, 0.1, 0.9)",
                "keys that are pairs": """
histories = {(size, 5): values for size, values in histories.items()}
""",
            },
        ),
        "2.4": Cases(
            right={
                "the History objects themselves": HISTORY_OBJECTS.format(name="same_steps"),
                "rounded up": "same_steps[64] = measured(8, 0.2, 0.9)",
                "three epochs of the smallest": """
same_steps = {
    size: measured(epochs_for(1875, 10_000, size), 0.3, 0.9) for size in reversed(histories)
}
""",
                "a thousand steps": """
same_steps = {size: measured(epochs_for(1000, 10_000, size), 0.3, 0.9) for size in histories}
""",
                "one batch size more": "same_steps[32] = measured(4, 0.3, 0.9)",
                "images as a tensor": "x = keras.ops.convert_to_tensor(x)",
                "few images": """
x = x[:1_667]
same_steps = {size: measured(epochs_for(210, 1_667, size), 0.3, 0.9) for size in histories}
""",
                "keys as NumPy's numbers": """
same_steps = {np.int32(size): values for size, values in same_steps.items()}
""",
            },
            wrong={
                "equal epochs again": "same_steps = histories",
                "one too long": "same_steps[1024] = measured(300, 0.2, 0.9)",
                "one stopped early": "same_steps[1024] = measured(50, 0.2, 0.9)",
                "epochs in proportion to the steps": """
same_steps = {size: measured(steps_per_epoch(1_000, size), 0.2, 0.9) for size in histories}
""",
                "a batch size is missing": "del same_steps[256]",
                "another batch size": "same_steps[512] = same_steps.pop(1024)",
                "no validation data": """
for values in same_steps.values():
    del values["val_accuracy"], values["val_loss"]
""",
                "only the last accuracy": """
same_steps = {size: values["val_accuracy"][-1] for size, values in same_steps.items()}
""",
                "the steps instead": """
same_steps = {size: 1250 for size in same_steps}
""",
                "keys that are texts": """
same_steps = {str(size): values for size, values in same_steps.items()}
""",
                "a list": "same_steps = list(same_steps.values())",
                "the images overwritten": "x = 3",
            },
        ),
        "2.5": Cases(
            right={
                "a dictionary of columns": """
results = {name: [row[name] for row in results] for name in results[0]}
""",
                "other columns beside": """
results = [{**row, "steps": 1250, "kind": "SGD"} for row in results]
""",
                "underscores and capitals": """
results = [{k.title().replace(" ", "_"): v for k, v in row.items()} for row in results]
""",
                "rounded to three digits": """
results = [{k: v if k == "batch size" else float(f"{v:.3f}") for k, v in row.items()}
           for row in results]
""",
                "NumPy's numbers": """
results = [{k: np.float32(v) for k, v in row.items()} for row in results]
""",
                "a dictionary of rows": """
results = {row["batch size"]: row for row in results}
""",
                "a tuple of rows": "results = tuple(results)",
                "tuples in the order of the columns": """
results = [tuple(row.values()) for row in results]
""",
                "a table of pandas by batch size": """
import pandas as pd

results = pd.DataFrame(results).set_index("batch size")
""",
                "a table of pandas, from columns of pandas": """
import pandas as pd

results = pd.DataFrame(
    {
        "seconds per epoch": pd.Series(seconds),
        "accuracy at equal epochs": pd.Series(dict(zip(sizes, at_epochs))),
        "accuracy at equal steps": pd.Series(dict(zip(sizes, at_steps))),
    }
)
""",
            },
            wrong={
                "tuples with the columns exchanged": """
results = [(size, second, steps, epochs) for size, second, epochs, steps in
           (row.values() for row in results)]
""",
                "descending": "results = results[::-1]",
                "sorted by accuracy": """
results.sort(key=lambda row: row["accuracy at equal steps"])
""",
                "the columns exchanged": """
for row in results:
    row["accuracy at equal steps"], row["accuracy at equal epochs"] = (
        row["accuracy at equal epochs"], row["accuracy at equal steps"]
    )
""",
                "the training accuracy": """
for row in results:
    row["accuracy at equal epochs"] = histories[row["batch size"]]["accuracy"][-1]
""",
                "the first epoch": """
for row in results:
    row["accuracy at equal steps"] = same_steps[row["batch size"]]["val_accuracy"][0]
""",
                "the best epoch for the last": """
for row in results:
    row["accuracy at equal epochs"] = max(histories[row["batch size"]]["val_accuracy"])
""",
                "the validation loss": """
for row in results:
    row["accuracy at equal epochs"] = histories[row["batch size"]]["val_loss"][-1]
""",
                "percent for fraction": """
for row in results:
    row["accuracy at equal steps"] *= 100
""",
                "the seconds of all epochs": """
for row in results:
    row["seconds per epoch"] *= 5
""",
                "milliseconds": """
for row in results:
    row["seconds per epoch"] *= 1000
""",
                "a row too few": "results = results[1:]",
                "a column too few": """
for row in results:
    del row["accuracy at equal steps"]
""",
                "lists without the batch sizes": """
results = [list(row.values())[1:] for row in results]
""",
                "batch sizes as texts": """
results = [{**row, "batch size": str(row["batch size"])} for row in results]
""",
                "a batch size that was not tried": "results[0]['batch size'] = 8",
            },
        ),
        "2.6": Cases(
            right={
                "semilogx": """
ax = plot(lambda ax: [ax.semilogx(sizes, at_epochs, label="epochs"),
                      ax.semilogx(sizes, at_steps, label="steps")])
""",
                "a base of two": """
ax = plot(both)
ax.set_xscale("log", base=2)
""",
                "scatter plots": """
ax = plot(lambda ax: [ax.scatter(sizes, at_epochs, label="epochs"),
                      ax.scatter(sizes, at_steps, label="steps")])
""",
                "in percent": """
ax = plot(lambda ax: [ax.plot(sizes, [100 * a for a in at_epochs], label="epochs"),
                      ax.plot(sizes, [100 * a for a in at_steps], label="steps")])
""",
                "the figure": "ax = plot(both).figure",
                "names in the legend only": """
ax = plot(lambda ax: [ax.plot(sizes, at_epochs), ax.plot(sizes, at_steps)], legend=False)
ax.legend(["equal epochs", "equal steps"])
""",
                "a legend beside the axes": """
ax = plot(both, legend=False)
ax.figure.legend()
""",
                "names written beside the lines": """
ax = plot(both, legend=False)
ax.annotate("equal epochs", (sizes[-1], at_epochs[-1]))
ax.text(sizes[-1], at_steps[-1], "equal steps")
""",
                "bars beside each other": """
ax = plot(
    lambda ax: [
        ax.bar(np.arange(4) - 0.2, at_epochs, 0.4, label="equal epochs"),
        ax.bar(np.arange(4) + 0.2, at_steps, 0.4, label="equal steps"),
        ax.set_xticks(range(4), sizes),
    ],
    scale="linear",
)
""",
                "bars of pandas": """
import pandas as pd

ax = pd.DataFrame(results).plot.bar(
    x="batch size", y=["accuracy at equal epochs", "accuracy at equal steps"], ylabel="accuracy"
)
""",
                "the logarithm to the base of two": """
ax = plot(
    lambda ax: [
        ax.plot(np.log2(sizes), at_epochs, label="equal epochs"),
        ax.plot(np.log2(sizes), at_steps, label="equal steps"),
    ],
    scale="linear",
)
""",
                "batch sizes as names, with thousands": """
names = [f"{size:,}" for size in sizes]
ax = plot(
    lambda ax: [
        ax.plot(range(4), at_epochs, label="equal epochs"),
        ax.plot(range(4), at_steps, label="equal steps"),
        ax.set_xticks(range(4), names),
    ],
    scale="linear",
)
""",
                "by seaborn": """
import pandas as pd
import seaborn as sns

table = pd.DataFrame(results).drop(columns="seconds per epoch")
table = table.melt("batch size", var_name="comparison", value_name="accuracy")
ax = sns.lineplot(table, x="batch size", y="accuracy", hue="comparison", marker="o")
ax.set_xscale("log", base=2)
""",
                "labels and names in German": """
ax = plot(
    lambda ax: [
        ax.plot(sizes, at_epochs, label="gleich viele Epochen"),
        ax.plot(sizes, at_steps, label="gleich viele Schritte"),
    ],
    labels=("Stapelgröße (Bilder)", "Genauigkeit"),
)
""",
                "in another order": """
ax = plot(lambda ax: [ax.plot(sizes[::-1], at_steps[::-1], "o", label="steps"),
                      ax.plot(sizes[::-1], at_epochs[::-1], "o", label="epochs")])
""",
            },
            wrong={
                "an ordinary axis": 'ax = plot(both, scale="linear")',
                "no label below": 'ax = plot(both, labels=("", "accuracy"))',
                "no label beside": 'ax = plot(both, labels=("batch size", " "))',
                "labels exchanged": 'ax = plot(both, labels=("accuracy", "batch size"))',
                "names exchanged": """
ax = plot(lambda ax: [ax.plot(sizes, at_epochs, label="equal steps"),
                      ax.plot(sizes, at_steps, label="equal epochs")])
""",
                "names exchanged in the legend": """
ax = plot(lambda ax: [ax.plot(sizes, at_epochs), ax.plot(sizes, at_steps)], legend=False)
ax.legend(["equal steps", "equal epochs"])
""",
                "bars beside each other on an ordinary axis": """
ax = plot(
    lambda ax: [
        ax.bar([size - 3 for size in sizes], at_epochs, 6, label="equal epochs"),
        ax.bar([size + 3 for size in sizes], at_steps, 6, label="equal steps"),
    ],
    scale="linear",
)
""",
                "no legend": "ax = plot(both, legend=False)",
                "only equal epochs": """
ax = plot(lambda ax: ax.plot(sizes, at_epochs, label="equal epochs"))
""",
                "only equal steps": """
ax = plot(lambda ax: ax.plot(sizes, at_steps, label="equal steps"))
""",
                "axes exchanged": """
ax = plot(lambda ax: [ax.plot(at_epochs, sizes, label="epochs"),
                      ax.plot(at_steps, sizes, label="steps")])
""",
                "numbered instead of placed": """
ax = plot(lambda ax: [ax.plot(at_epochs, label="epochs"), ax.plot(at_steps, label="steps")])
""",
                "the first epoch": """
ax = plot(lambda ax: [
    ax.plot(sizes, at_epochs, label="epochs"),
    ax.plot(sizes, [same_steps[s]["val_accuracy"][0] for s in sizes], label="steps"),
])
""",
                "the loss": """
ax = plot(lambda ax: [
    ax.plot(sizes, [histories[s]["loss"][-1] for s in sizes], label="epochs"),
    ax.plot(sizes, [same_steps[s]["loss"][-1] for s in sizes], label="steps"),
])
""",
                "a batch size is missing": """
ax = plot(lambda ax: [ax.plot(sizes[1:], at_epochs[1:], label="epochs"),
                      ax.plot(sizes[1:], at_steps[1:], label="steps")])
""",
                "what plot() returns": 'ax = ax.plot(sizes, at_epochs, label="equal epochs")',
            },
        ),
        "2.7": Cases(
            right={
                "looked up": """
fastest = min(seconds, key=seconds.get)
best_at_equal_steps = max(same_steps, key=lambda s: same_steps[s]["val_accuracy"][-1])
""",
                "numbers of NumPy's": """
fastest, best_at_equal_epochs = np.int64(1024), np.float32(16)
""",
                "from an array": "fastest = np.array(sizes)[np.argmin(list(seconds.values()))]",
                "either of two that are equal": """
same_steps[64]["val_accuracy"][-1] = 0.94
best_at_equal_steps = 64
""",
                "where the fastest was another": """
seconds[256] = 0.04
fastest = 256
""",
                "as an array of one": "best_at_equal_epochs = np.array(16)",
                "a tensor": "best_at_equal_steps = keras.ops.convert_to_tensor(256)",
                "by pandas": """
import pandas as pd

fastest = pd.Series(seconds).idxmin()
""",
                "as fast as the fastest, for all that a clock can tell": """
seconds[256] = 0.06
fastest = 256
""",
            },
            wrong={
                "the slowest": "fastest = 16",
                "clearly slower": "seconds[256], fastest = 0.07, 256",
                "the seconds": "fastest = 0.05",
                "the largest at equal steps": "best_at_equal_steps = 1024",
                "exchanged": "best_at_equal_epochs, best_at_equal_steps = 256, 16",
                "the accuracy": "best_at_equal_epochs = 0.95",
                "the best epoch instead of the last": "best_at_equal_epochs = 64",
                "its place in the list": "best_at_equal_steps = 2",
                "a size that was not tried": "fastest = 2048",
                "a text": 'fastest = "1024"',
                "a list": "best_at_equal_epochs = [16]",
                "the history": "best_at_equal_steps = same_steps[256]",
            },
        ),
        "2.8": Cases(
            right={
                "by the law": """
noise = {size: np.std(gradients) / np.sqrt(size) for size in histories}
noise_ratio = 8
""",
                "all training images": """
gradients = rng.uniform(size=60_000) - (rng.uniform(size=60_000) < 0.1)
noise = {size: np.std(random_means(size, 500)) for size in histories}
noise_ratio = noise[min(noise)] / noise[max(noise)]
""",
                "all batches at once": """
noise = {
    size: gradients[rng.integers(len(gradients), size=(1_000, size))].mean(axis=1).std()
    for size in histories
}
noise_ratio = noise[16] / noise[1024]
""",
                "without an image standing twice": """
noise = {
    size: np.std([rng.permutation(gradients)[:size].mean() for _ in range(300)])
    for size in histories
}
noise_ratio = noise[16] / noise[1024]
""",
                "few images": """
gradients = gradients[:1_667]
noise = {
    size: np.std([rng.choice(gradients, size, replace=False).mean() for _ in range(1_000)])
    for size in histories
}
noise_ratio = noise[16] / noise[1024]
""",
                "the unbiased deviation": """
noise = {size: np.std(random_means(size), ddof=1) for size in histories}
noise_ratio = noise[16] / noise[1024]
""",
                "rounded": "noise_ratio = float(f'{noise_ratio:.3g}')",
                "a column of pandas": """
import pandas as pd

noise = pd.Series(noise)
noise_ratio = noise.max() / noise.min()
""",
                "with Python's means": """
import statistics

noise = {
    size: statistics.stdev(
        statistics.fmean(rng.choice(gradients, size=size).tolist()) for _ in range(500)
    )
    for size in histories
}
noise_ratio = noise[16] / noise[1024]
""",
                "other batch sizes": OTHER_SIZES
                + """
noise = {size: np.std(random_means(size)) for size in histories}
noise_ratio = noise[8] / noise[512]
""",
            },
            wrong={
                "the spread within one batch": """
noise = {size: np.std(rng.choice(gradients, size=size)) for size in histories}
""",
                "the variance": """
noise = {size: np.var(random_means(size)) for size in histories}
""",
                "the sum of a batch": """
noise = {
    size: np.std([rng.choice(gradients, size=size).sum() for _ in range(300)])
    for size in histories
}
""",
                "the mean of the means": """
noise = {size: abs(np.mean(random_means(size))) for size in histories}
""",
                "the range": """
noise = {size: np.ptp(random_means(size)) for size in histories}
""",
                "in proportion to the batch size": """
noise = {size: np.std(gradients) / size for size in histories}
""",
                "one batch for all": """
noise = {size: np.std([rng.choice(gradients, size=size).mean()]) for size in histories}
""",
                "a batch size is missing": "del noise[64]",
                "the means themselves": "noise = {size: random_means(size) for size in histories}",
                "the same batch size for all": """
noise = {size: np.std(random_means(16)) for size in histories}
""",
                "a list": "noise = [noise[size] for size in sorted(noise)]",
                "the ratio upside down": "noise_ratio = 1 / noise_ratio",
                "the ratio of the batch sizes": "noise_ratio = 1024 / 16",
                "the difference": "noise_ratio = noise[16] - noise[1024]",
                "the ratio of neighbours": "noise_ratio = noise[16] / noise[64]",
                "a text": 'noise_ratio = "8"',
            },
        ),
        "2.9": letters("answer_2_9", "D", "ABC"),
        "2.10": letters("answer_2_10", "B", "ACD"),
    },
)
