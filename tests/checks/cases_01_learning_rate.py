"""Exercise 1, as a learner might answer it."""

from checks.cases import Cases, ExerciseCases, letters

NOTEBOOK = """
prediction_1_1 = "C"
answer_1_8, answer_1_9 = "B", "C"


def network():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dense(10),
        ]
    )


LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def build(learning_rate):
    model = network()
    optimizer = keras.optimizers.Adam(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss=LOSS, metrics=["accuracy"])
    return model


def measured(losses, accuracies):
    return {
        "loss": losses,
        "accuracy": [each + 0.01 for each in accuracies],
        "val_loss": [each + 0.05 for each in losses],
        "val_accuracy": accuracies,
    }


histories = {
    0.0001: measured([1.5, 0.9, 0.6], [0.7, 0.8, 0.85]),
    0.001: measured([0.8, 0.4, 0.3], [0.88, 0.9, 0.92]),
    0.01: measured([0.5, 0.4, 0.35], [0.9, 0.93, 0.91]),
    0.1: measured([3.1, 2.1, 1.9], [0.3, 0.4, 0.42]),
    1.0: measured([50.0, 2.4, 2.35], [0.1, 0.11, 0.1]),
}


def table():
    return [
        {
            "learning rate": rate,
            "loss": histories[rate]["loss"][-1],
            "validation accuracy": histories[rate]["val_accuracy"][-1],
        }
        for rate in sorted(histories)
    ]


results = table()
rates = sorted(histories)
accuracies = [histories[rate]["val_accuracy"][-1] for rate in rates]


def plot(draw, scale="log", labels=("learning rate", "validation accuracy")):
    fig, ax = plt.subplots()
    draw(ax)
    if scale != "linear":
        ax.set_xscale(scale)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    return ax


ax = plot(lambda ax: ax.plot(rates, accuracies, "o-"))
best_learning_rate = max(rates, key=lambda rate: histories[rate]["val_accuracy"][-1])
lost = [rate for rate in rates if not histories[rate]["loss"][-1] < np.log(10)]
"""

# What a function of the learner's may look like, with one part of it replaced.
BUILD = """
def build(learning_rate):
    model = {network}
    model.compile(optimizer={optimizer}, loss={loss}, metrics={metrics})
    return model
"""


def build(**parts: str) -> str:
    """Write the function `build`, with some of its parts replaced."""
    usual = {
        "network": "network()",
        "optimizer": "keras.optimizers.Adam(learning_rate)",
        "loss": "LOSS",
        "metrics": '["accuracy"]',
    }
    return BUILD.format(**usual | parts)


FUNCTIONAL = """
def network():
    inputs = keras.Input((28, 28, 1))
    hidden = layers.Dense(100)(layers.Flatten()(inputs))
    return keras.Model(inputs, layers.Dense(10, name="digits")(layers.ReLU()(hidden)))
"""

SUBCLASS = """
class Digits(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = layers.Flatten()
        self.first = layers.Dense(100, activation="relu")
        self.last = layers.Dense(10)

    def call(self, x):
        return self.last(self.first(self.flatten(x)))


def network():
    model = Digits()
    model(np.zeros((1, 28, 28, 1)))
    return model
"""

SOFTMAX = """
def network():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
"""

OPERATIONS = """
def network():
    inputs = keras.Input((28, 28, 1))
    x = keras.ops.reshape(inputs, (-1, 784))
    x = keras.ops.relu(layers.Dense(100)(x))
    return keras.Model(inputs, keras.activations.softmax(layers.Dense(10)(x)))
"""

TENSORFLOW = """
import tensorflow as tf


def network():
    return tf.keras.Sequential(
        [
            tf.keras.layers.Flatten(input_shape=(28, 28, 1)),
            tf.keras.layers.Dense(100, activation=tf.nn.relu),
            tf.keras.layers.Dense(10, activation=tf.nn.softmax),
        ]
    )
"""

OWN_LOSS = """
def own_loss(labels, scores):
    return keras.losses.{kind}_crossentropy(labels, scores, from_logits=True)
"""

NINE = SOFTMAX.replace('layers.Dense(10, activation="softmax")', "layers.Dense(9)")

CASES = ExerciseCases(
    "01-learning-rate",
    NOTEBOOK,
    {
        "1.1": letters("prediction_1_1", "A"),
        "1.2": Cases(
            right={
                "by position": build(),
                "functional, with the activation as a layer": FUNCTIONAL + build(),
                "a subclass": SUBCLASS + build(),
                "softmax and a loss without logits": SOFTMAX
                + build(loss='"sparse_categorical_crossentropy"'),
                "a metric as an object": build(
                    metrics="[keras.metrics.SparseCategoricalAccuracy()]"
                ),
                "Keras's functions between the layers": OPERATIONS
                + build(loss='"sparse_categorical_crossentropy"'),
                "through tf.keras, with TensorFlow's functions": TENSORFLOW
                + build(
                    optimizer="tf.keras.optimizers.Adam(learning_rate)",
                    loss="tf.keras.losses.SparseCategoricalCrossentropy()",
                ),
                "a loss of one's own": OWN_LOSS.format(kind="sparse_categorical")
                + build(loss="own_loss"),
                "a loss with its arguments filled in": "import functools\n"
                + build(
                    loss="functools.partial("
                    "keras.losses.sparse_categorical_crossentropy, from_logits=True)",
                ),
                "a loss of TensorFlow's": "import tensorflow as tf\n"
                + build(loss="tf.nn.sparse_softmax_cross_entropy_with_logits"),
                "the metric's short name": build(metrics='["acc"]'),
                "the metric's whole name": build(metrics='["sparse_categorical_accuracy"]'),
                "a metric as an object with a name": build(
                    metrics='(keras.metrics.SparseCategoricalAccuracy("acc"),)'
                ),
                "two metrics": build(
                    metrics='[keras.metrics.SparseTopKCategoricalAccuracy(3), "accuracy"]'
                ),
                "a default for the argument": build().replace(
                    "(learning_rate):", "(learning_rate=0.001):", 1
                ),
            },
            wrong={
                "the rate is not handed on": build(optimizer="keras.optimizers.Adam()"),
                "a fixed rate": build(optimizer="keras.optimizers.Adam(0.001)"),
                "an optimizer by name": build(optimizer='"adam"'),
                "another optimizer": build(optimizer="keras.optimizers.SGD(learning_rate)"),
                "a loss for probabilities on logits": build(
                    loss='"sparse_categorical_crossentropy"'
                ),
                "a loss for logits on probabilities": SOFTMAX + build(),
                "squared error": build(loss='"mean_squared_error"'),
                "softmax by a function, and a loss for logits": OPERATIONS + build(),
                "softmax of TensorFlow's, and a loss for logits": TENSORFLOW + build(),
                "a sigmoid at the end": SOFTMAX.replace("softmax", "sigmoid") + build(),
                "a loss for one-hot labels": SOFTMAX + build(loss='"categorical_crossentropy"'),
                "a loss for one-hot labels and logits": build(
                    loss="keras.losses.CategoricalCrossentropy(from_logits=True)"
                ),
                "a loss for one-hot labels, of one's own": OWN_LOSS.format(kind="categorical")
                + build(loss="own_loss"),
                "a loss for two classes": SOFTMAX + build(loss='"binary_crossentropy"'),
                "no metric": build(metrics="None"),
                "a metric that compares scores with labels": build(
                    metrics="[keras.metrics.Accuracy()]"
                ),
                "a metric for two classes": build(metrics='["binary_accuracy"]'),
                "a metric for two classes, as an object": build(
                    metrics="[keras.metrics.BinaryAccuracy()]"
                ),
                "a metric for one-hot labels": build(
                    metrics="[keras.metrics.CategoricalAccuracy()]"
                ),
                "a metric that is content with the five best": build(
                    metrics="[keras.metrics.SparseTopKCategoricalAccuracy()]"
                ),
                "one output too few": NINE + build(),
                "compile() is returned": build().replace("return model", "return model.compile()")
                + "\nbuild_was = build\ndef build(rate):\n    return 'model'",
                "a learning rate of half the size": build(
                    optimizer="keras.optimizers.Adam(learning_rate / 2)"
                ),
                "the argument is forgotten": build().replace("(learning_rate):", "():", 1),
            },
        ),
        "1.3": Cases(
            right={
                "more rates and epochs": """
for rate in (1e-5, 1e-6):
    histories[rate] = measured([2.31, 2.2, 2.1 + rate], [0.1, 0.2, 0.3])
""",
                "the History objects themselves": """
for rate, values in list(histories.items()):
    histories[rate] = keras.callbacks.History()
    histories[rate].history = values
""",
                "rates as NumPy's numbers": """
histories = {np.float32(rate): values for rate, values in histories.items()}
""",
                "in another order": "histories = dict(reversed(histories.items()))",
                "pairs instead of a dictionary": "histories = list(histories.items())",
                "tables of pandas": """
import pandas as pd

histories = {rate: pd.DataFrame(values) for rate, values in histories.items()}
""",
                "another metric beside": """
for values in histories.values():
    values["val_sparse_top_k_categorical_accuracy"] = [1.0, 1.0, 1.0]
    values["sparse_top_k_categorical_accuracy"] = [1.0]
""",
                "losses that are no number": """
histories[1.0] = measured([float("nan")] * 3, [0.1, 0.1, 0.1])
""",
                "values as arrays": """
histories = {
    rate: {name: np.array(each) for name, each in values.items()}
    for rate, values in histories.items()
}
""",
            },
            wrong={
                "four rates": "del histories[0.1]",
                "three decades": """
histories[0.0002] = histories.pop(1.0)
""",
                "one rate trained longer": """
histories[0.01] = measured([0.5, 0.4, 0.35, 0.3], [0.9, 0.93, 0.91, 0.92])
""",
                "two epochs": """
histories = {r: measured(h["loss"][:2], h["val_accuracy"][:2]) for r, h in histories.items()}
""",
                "no validation data": """
histories = {r: {"loss": h["loss"], "accuracy": h["accuracy"]} for r, h in histories.items()}
""",
                "the same model trained on": "histories[0.1] = histories[0.01]",
                "only the last loss": """
histories = {rate: values["loss"][-1] for rate, values in histories.items()}
""",
                "keys that are texts": """
histories = {str(rate): values for rate, values in histories.items()}
""",
                "a list of histories": "histories = [histories[rate] for rate in histories]",
                "the models instead": "histories = {rate: build(rate) for rate in histories}",
            },
        ),
        "1.4": Cases(
            right={
                "a dictionary of columns": """
results = {name: [row[name] for row in results] for name in results[0]}
""",
                "other columns beside": """
results = [{**row, "epochs": 3} for row in results]
""",
                "underscores and capitals": """
results = [{k.title().replace(" ", "_"): v for k, v in row.items()} for row in results]
""",
                "rounded to three digits": """
results = [{k: float(f"{v:.3f}") if k != "learning rate" else v for k, v in row.items()}
           for row in results]
""",
                "NumPy's numbers": """
results = [{k: np.float32(v) for k, v in row.items()} for row in results]
""",
                "a tuple of rows": "results = tuple(results)",
                "lists in the order of the columns": """
results = [list(row.values()) for row in results]
""",
                "an array in the order of the columns": """
results = np.array([list(row.values()) for row in results])
""",
                "the names in the first row": """
results = [["loss", "learning rate", "validation accuracy"]] + [
    [row["loss"], row["learning rate"], row["validation accuracy"]] for row in results
]
""",
                "an array with names": """
names = [(name, float) for name in results[0]]
results = np.array([tuple(row.values()) for row in results], dtype=names)
""",
                "named tuples": """
from collections import namedtuple

Row = namedtuple("Row", "learning_rate loss validation_accuracy")
results = [Row(*row.values()) for row in results]
""",
                "rows by learning rate": """
results = {
    row["learning rate"]: {k: row[k] for k in ("loss", "validation accuracy")} for row in results
}
""",
                "pairs by learning rate": """
results = {row["learning rate"]: (row["loss"], row["validation accuracy"]) for row in results}
""",
                "a table of pandas": "import pandas as pd\nresults = pd.DataFrame(results)",
                "a table of pandas by learning rate": """
import pandas as pd

results = pd.DataFrame(results).set_index("learning rate")
""",
                "a table of pandas by what has no name": """
import pandas as pd

rows = {row.pop("learning rate"): row for row in results}
results = pd.DataFrame.from_dict(rows, orient="index")
""",
                "a table of pandas on its side": """
import pandas as pd

results = pd.DataFrame({row.pop("learning rate"): row for row in results})
""",
                "a table of pandas, sorted, as a dictionary": """
import pandas as pd

results = pd.DataFrame(results[::-1]).sort_values("learning rate").to_dict()
""",
                "columns of pandas": """
import pandas as pd

results = dict(pd.DataFrame(results).items())
""",
                "short names": """
results = [
    {"learning_rate": row["learning rate"], "loss": row["loss"], "val_acc": accuracy}
    for row, accuracy in zip(results, accuracies)
]
""",
            },
            wrong={
                "lists in another order": """
results = [list(row.values())[::-1] for row in results]
""",
                "a table of pandas without the rates": """
import pandas as pd

results = pd.DataFrame(results).drop(columns="learning rate")
""",
                "a table of pandas, sorted by accuracy": """
import pandas as pd

results = pd.DataFrame(results).sort_values("validation accuracy")
""",
                "sorted by accuracy": """
results.sort(key=lambda row: row["validation accuracy"])
""",
                "descending": "results = results[::-1]",
                "the training accuracy": """
for row in results:
    row["validation accuracy"] = histories[row["learning rate"]]["accuracy"][-1]
""",
                "the validation loss": """
for row in results:
    row["loss"] = histories[row["learning rate"]]["val_loss"][-1]
""",
                "the first epoch": """
for row in results:
    row["loss"] = histories[row["learning rate"]]["loss"][0]
""",
                "the best epoch for the last": """
for row in results:
    row["validation accuracy"] = max(histories[row["learning rate"]]["val_accuracy"])
""",
                "percent for fraction": """
for row in results:
    row["validation accuracy"] *= 100
""",
                "a row too few": "results = results[1:]",
                "a column too few": """
results = [{"learning rate": r["learning rate"], "loss": r["loss"]} for r in results]
""",
                "the accuracies alone": "results = accuracies",
                "rates as texts": """
results = [{**row, "learning rate": str(row["learning rate"])} for row in results]
""",
            },
        ),
        "1.5": Cases(
            right={
                "semilogx": "ax = plot(lambda ax: ax.semilogx(rates, accuracies))",
                "a scatter plot": "ax = plot(lambda ax: ax.scatter(rates, accuracies))",
                "in percent": """
ax = plot(lambda ax: ax.plot(rates, [100 * a for a in accuracies]))
""",
                "the figure": "ax = plot(lambda ax: ax.plot(rates, accuracies)).figure",
                "with the training accuracy beside": """
ax = plot(lambda ax: [ax.plot(rates, accuracies), ax.plot(rates, [0.5] * 5)])
""",
                "in another order": """
ax = plot(lambda ax: ax.plot(rates[::-1], accuracies[::-1], "o"))
""",
                "by pyplot alone": """
ax = plot(lambda ax: [plt.sca(ax), plt.plot(rates, accuracies), plt.xscale("log")])
""",
                "the logarithm of the rate": """
ax = plot(lambda ax: ax.plot(np.log10(rates), accuracies, "o"), scale="linear")
""",
                "rates as names": """
ax = plot(lambda ax: ax.plot([f"{rate:g}" for rate in rates], accuracies), scale="linear")
""",
                "numbered, with the rates as ticks": """
ax = plot(lambda ax: ax.plot(accuracies, "o"), scale="linear")
ax.set_xticks(range(5), rates)
""",
                "powers of ten as ticks": """
ax = plot(lambda ax: ax.plot(accuracies, "o"), scale="linear")
ax.set_xticks(range(5), [f"$10^{{{power}}}$" for power in range(-4, 1)])
""",
                "bars on a logarithmic axis": """
ax = plot(lambda ax: ax.bar(rates, accuracies, width=[rate / 2 for rate in rates]))
""",
                "bars above names": """
ax = plot(lambda ax: ax.bar([str(rate) for rate in rates], accuracies), scale="linear")
""",
                "error bars": "ax = plot(lambda ax: ax.errorbar(rates, accuracies, yerr=0.01))",
                "stems": "ax = plot(lambda ax: ax.stem(rates, accuracies))",
                "an area below": """
ax = plot(lambda ax: [ax.plot(rates, accuracies), ax.fill_between(rates, accuracies)])
""",
                "linear around zero, logarithmic beyond": """
ax = plot(lambda ax: ax.plot(rates, accuracies))
ax.set_xscale("symlog", linthresh=1e-4)
""",
                "with the loss on an axis of its own": """
ax = plot(lambda ax: ax.plot(rates, [histories[r]["loss"][-1] for r in rates]))
other = ax.twinx()
other.plot(rates, accuracies, "r")
other.set_ylabel("accuracy")
""",
                "two plots beside each other": """
fig, ax = plt.subplots(1, 2)
ax[0].plot(rates, [histories[r]["loss"][-1] for r in rates])
ax[1].semilogx(rates, accuracies)
ax[1].set(xlabel="learning rate", ylabel="accuracy")
""",
                "labels of the whole figure": """
ax = plot(lambda ax: ax.plot(rates, accuracies), labels=("", ""))
ax.figure.supxlabel("learning rate")
ax.figure.supylabel("accuracy")
""",
                "labels in French": """
ax = plot(
    lambda ax: ax.plot(rates, accuracies),
    labels=("taux d’apprentissage (échelle log)", "exactitude de validation"),
)
""",
                "labels in German": """
ax = plot(lambda ax: ax.plot(rates, accuracies), labels=("Lernrate", "Genauigkeit in %"))
""",
                "by pandas": """
import pandas as pd

table = pd.DataFrame(results)
ax = table.plot(x="learning rate", y="validation accuracy", logx=True, ylabel="accuracy")
""",
                "by seaborn": """
import pandas as pd
import seaborn as sns

ax = sns.lineplot(pd.DataFrame(results), x="learning rate", y="validation accuracy")
ax.set_xscale("log")
""",
                "a grid of seaborn's": """
import pandas as pd
import seaborn as sns

ax = sns.relplot(pd.DataFrame(results), x="learning rate", y="validation accuracy")
ax.set(xscale="log")
""",
            },
            wrong={
                "an ordinary axis": """
ax = plot(lambda ax: ax.plot(rates, accuracies), scale="linear")
""",
                "bars on an ordinary axis": """
ax = plot(lambda ax: ax.bar(rates, accuracies), scale="linear")
""",
                "linear around zero, where all rates are": """
ax = plot(lambda ax: ax.plot(rates, accuracies))
ax.set_xscale("symlog")
""",
                "the wrong rates as ticks": """
ax = plot(lambda ax: ax.plot(accuracies, "o"), scale="linear")
ax.set_xticks(range(5), rates[::-1])
""",
                "labels exchanged": """
ax = plot(
    lambda ax: ax.plot(rates, accuracies), labels=("validation accuracy", "learning rate")
)
""",
                "no label below": """
ax = plot(lambda ax: ax.plot(rates, accuracies), labels=("", "accuracy"))
""",
                "no label beside": """
ax = plot(lambda ax: ax.plot(rates, accuracies), labels=("learning rate", ""))
""",
                "axes exchanged": "ax = plot(lambda ax: ax.plot(accuracies, rates))",
                "the loss instead": """
ax = plot(lambda ax: ax.plot(rates, [histories[r]["loss"][-1] for r in rates]))
""",
                "the first epoch": """
ax = plot(lambda ax: ax.plot(rates, [histories[r]["val_accuracy"][0] for r in rates]))
""",
                "a rate is missing": "ax = plot(lambda ax: ax.plot(rates[:-1], accuracies[:-1]))",
                "numbered instead of placed": "ax = plot(lambda ax: ax.plot(accuracies))",
                "what plot() returns": "ax = ax.plot(rates, accuracies)",
            },
        ),
        "1.6": Cases(
            right={
                "a number": "best_learning_rate = 0.001",
                "in powers of ten": "best_learning_rate = 10**-3",
                "a number of NumPy's": "best_learning_rate = np.float32(0.001)",
                "a tensor": "best_learning_rate = keras.ops.convert_to_tensor(0.001)",
                "a fraction": """
from fractions import Fraction

best_learning_rate = Fraction(1, 1000)
""",
                "by pandas": """
import pandas as pd

best_learning_rate = pd.DataFrame(results).set_index("learning rate").loc[
    :, "validation accuracy"
].idxmax()
""",
                "looked up": """
best_learning_rate = max(histories, key=lambda r: histories[r]["val_accuracy"][-1])
""",
                "either of two that are equal": """
histories[0.01]["val_accuracy"][-1] = 0.92
best_learning_rate = 0.01
""",
            },
            wrong={
                "the best epoch instead of the last": "best_learning_rate = 0.01",
                "the largest": "best_learning_rate = 1.0",
                "the smallest": "best_learning_rate = 0.0001",
                "the accuracy": "best_learning_rate = 0.92",
                "its place in the list": "best_learning_rate = 1",
                "a rate that was not tried": "best_learning_rate = 0.002",
                "a text": 'best_learning_rate = "0.001"',
                "a list": "best_learning_rate = [0.001]",
                "its negative exponent": "best_learning_rate = -3",
            },
        ),
        "1.7": Cases(
            right={
                "a tuple": "lost = (1.0,)",
                "a set": "lost = {1}",
                "an array": "lost = np.array([1.0])",
                "a column of pandas": """
import pandas as pd

table = pd.DataFrame(results)
lost = table.loc[table["loss"] >= np.log(10), "learning rate"]
""",
                "the keys of a dictionary": "lost = {1.0: 2.35}.keys()",
                "a dictionary of losses by the rate": """
lost = {rate: run["loss"][-1] for rate, run in histories.items() if run["loss"][-1] >= 2.302}
""",
                "a dictionary of rates": "lost = {'too large': 1.0}",
                "no number counts": """
histories[0.1] = measured([float("nan")] * 3, [0.1, 0.1, 0.1])
lost = [0.1, 1.0]
""",
                "none, where none is": """
histories[1.0] = measured([9.0, 2.2, 2.1], [0.1, 0.2, 0.3])
lost = []
""",
                "both ends": """
histories[0.0001] = measured([2.33, 2.32, 2.31], [0.1, 0.11, 0.12])
lost = [1.0, 0.0001]
""",
            },
            wrong={
                "one too many": "lost = [0.1, 1.0]",
                "none": "lost = []",
                "by the first epoch": "lost = [0.1]",
                "all": "lost = list(histories)",
                "the losses": "lost = [2.35]",
                "a text": 'lost = "1.0"',
                "the good ones": "lost = [0.0001, 0.001, 0.01, 0.1]",
                "a rate that was not tried": "lost = [1.0, 10.0]",
            },
        ),
        "1.8": letters("answer_1_8", "B", "ACD"),
        "1.9": letters("answer_1_9", "C", "ABD"),
    },
)
