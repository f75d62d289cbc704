"""Exercise 4, as a learner might answer it."""

from checks.cases import Cases, ExerciseCases, letters

NOTEBOOK = """
prediction_4_4 = "D"
answer_4_8, answer_4_9, answer_4_10 = "C", "A", "D"


def dense_parameters(inputs, units):
    return (inputs + 1) * units


workshop_parameters = 100_710
deeper_parameters = 109_260


def network(*units, activation="sigmoid", end="linear", outputs=10):
    model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Flatten()])
    for each in units:
        model.add(layers.Dense(each, activation=activation))
    model.add(layers.Dense(outputs, activation=end))
    return model


deeper = network(100, 200, 50)


def measured(accuracies):
    return {
        "loss": [2 - 1.5 * each for each in accuracies],
        "accuracy": [each + 0.01 for each in accuracies],
        "val_loss": [2.1 - 1.5 * each for each in accuracies],
        "val_accuracy": accuracies,
    }


histories = {
    ("sigmoid", 1): measured([0.85, 0.89, 0.91]),
    ("sigmoid", 2): measured([0.75, 0.86, 0.89]),
    ("sigmoid", 4): measured([0.11, 0.22, 0.35]),
    ("sigmoid", 8): measured([0.101, 0.11, 0.107]),
    ("relu", 1): measured([0.88, 0.91, 0.92]),
    ("relu", 2): measured([0.89, 0.92, 0.93]),
    ("relu", 4): measured([0.895, 0.925, 0.935]),
    ("relu", 8): measured([0.87, 0.905, 0.915]),
}
depths = [1, 2, 4, 8]


def table():
    return [
        {
            "activation": activation,
            "hidden layers": depth,
            "validation accuracy": histories[activation, depth]["val_accuracy"][-1],
        }
        for activation, depth in histories
    ]


results = table()


def accuracies(activation, epoch=-1, name="val_accuracy"):
    return [histories[activation, depth][name][epoch] for depth in depths]


def plot(draw, legend=True, labels=("hidden layers", "validation accuracy")):
    fig, ax = plt.subplots()
    draw(ax)
    if legend:
        ax.legend(*([legend] if isinstance(legend, list) else []))
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    return ax


def both(ax, sigmoid="sigmoid", relu="relu"):
    ax.plot(depths, accuracies("sigmoid"), "o-", label=sigmoid)
    ax.plot(depths, accuracies("relu"), "o-", label=relu)


ax = plot(both)
sizes = {
    "sigmoid": [2.3456e-6, 3e-6, 1e-5, 6e-5, 3e-4, 1.4e-3, 7e-3, 3.5e-2, 0.84],
    "relu": [0.4321, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3],
}
ratios = {name: values[0] / values[-1] for name, values in sizes.items()}
"""

FUNCTIONAL = """
inputs = keras.Input((28, 28, 1))
x = layers.Flatten(name="pixels")(inputs)
for units in (100, 200, 50):
    x = layers.Activation("sigmoid")(layers.Dense(units)(x))
deeper = keras.Model(inputs, layers.Dense(10, name="digits")(x))
"""

OPERATIONS = """
inputs = keras.Input((28, 28, 1))
x = keras.ops.reshape(inputs, (-1, 784))
x = keras.ops.sigmoid(layers.Dense(100)(x))
x = keras.activations.sigmoid(layers.Dense(200)(x))
x = keras.ops.{activation}(layers.Dense(50)(x))
deeper = keras.Model(inputs, layers.Dense(10)(x))
"""

SHARED_ACTIVATION = """
bend = layers.Activation("sigmoid")
inputs = keras.Input((28, 28, 1))
x = layers.Flatten()(inputs)
for units in (100, 200, 50):
    x = bend(layers.Dense(units)(x))
deeper = keras.Model(inputs, layers.Dense(10)(x))
"""

SUBCLASS = """
class Deeper(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = layers.Flatten()
        self.first = layers.Dense(100, activation="sigmoid")
        self.second = layers.Dense(200, activation="sigmoid")
        self.third = layers.Dense(50, activation="sigmoid")
        self.last = layers.Dense(10)

    def call(self, x):
        return self.last(self.third(self.second(self.first(self.flatten(x)))))


deeper = Deeper()
"""


def counter(formula: str) -> str:
    """Write the function `dense_parameters` with another formula."""
    return f"def dense_parameters(inputs, units):\n    return {formula}\n"


def sequential(*lines: str) -> str:
    """Write `deeper` as a list of layers."""
    return f"deeper = keras.Sequential([{', '.join(lines)}])"


CASES = ExerciseCases(
    "04-add-a-hidden-layer",
    NOTEBOOK,
    {
        "4.1": Cases(
            right={
                "multiplied out": counter("inputs * units + units"),
                "a lambda": "dense_parameters = lambda n, m: m * (n + 1)",
                "in steps": """
def dense_parameters(inputs, units):
    weights = inputs * units
    biases = units
    return weights + biases
""",
                "a fraction": counter("float(inputs + 1) * units"),
                "a number of NumPy's": counter("np.prod([inputs + 1, units])"),
                "a small number of NumPy's": counter("np.float32((inputs + 1) * units)"),
                "counted by Keras": """
def dense_parameters(inputs, units):
    model = keras.Sequential([keras.Input((inputs,)), layers.Dense(units)])
    return model.count_params()
""",
            },
            wrong={
                "the biases are forgotten": counter("inputs * units"),
                "a single bias": counter("inputs * units + 1"),
                "a bias for each input": counter("inputs * (units + 1)"),
                "a bias for each of both": counter("(inputs + 1) * (units + 1)"),
                "units only": counter("inputs + units"),
                "a fixed layer": counter("(784 + 1) * 100"),
                "a text": counter('f"{(inputs + 1) * units}"'),
                "weights and biases apart": counter("(inputs * units, units)"),
                "one argument": "def dense_parameters(units):\n    return 785 * units",
                "the result instead of the function": "dense_parameters = 78_500",
                "two biases a unit": counter("(inputs + 2) * units"),
            },
        ),
        "4.2": Cases(
            right={
                "by the function": """
f = dense_parameters
workshop_parameters = f(784, 100) + f(100, 200) + f(200, 10)
deeper_parameters = f(784, 100) + f(100, 200) + f(200, 50) + f(50, 10)
""",
                "on paper": """
workshop_parameters = 785 * 100 + 101 * 200 + 201 * 10
deeper_parameters = workshop_parameters + 201 * 50 - 201 * 10 + 51 * 10
""",
                "fractions": """
workshop_parameters, deeper_parameters = 100_710.0, 109_260.0
""",
                "numbers of NumPy's": """
workshop_parameters, deeper_parameters = np.int64(100_710), np.int32(109_260)
""",
                "counted by Keras": """
workshop_parameters = network(100, 200).count_params()
deeper_parameters = deeper.count_params()
""",
            },
            wrong={
                "the output layer is left as it was": "deeper_parameters = 100_710 + 201 * 50",
                "the output layer is left out": "deeper_parameters = 100_710 - 2_010 + 201 * 50",
                "only the new layer": "deeper_parameters = 201 * 50",
                "no biases in the workshop's": "workshop_parameters = 100_400",
                "no biases in the deeper": "deeper_parameters = 108_900",
                "units added up": "workshop_parameters = 784 + 100 + 200 + 10",
                "everything multiplied": "workshop_parameters = 784 * 100 * 200 * 10",
                "exchanged": """
workshop_parameters, deeper_parameters = deeper_parameters, workshop_parameters
""",
                "the new layer in front of the 200": """
deeper_parameters = 785 * 100 + 101 * 50 + 51 * 200 + 201 * 10
""",
                "a text": 'deeper_parameters = "109,260"',
                "a list of layers": "deeper_parameters = [78_500, 20_200, 10_050, 510]",
                "a model": "deeper_parameters = deeper",
                "in thousands": "workshop_parameters = 100.71",
            },
        ),
        "4.3": Cases(
            right={
                "functional, with the activation as a layer": FUNCTIONAL,
                "a subclass": SUBCLASS + "deeper(np.zeros((1, 28, 28, 1)))",
                "a subclass that has read nothing": SUBCLASS,
                "Keras's functions between the layers": OPERATIONS.format(activation="sigmoid"),
                "one activation layer for all": SHARED_ACTIVATION,
                "a subclass that calls the activation": SUBCLASS.replace(
                    ', activation="sigmoid"', ""
                ).replace(
                    "self.third(self.second(self.first(self.flatten(x))))",
                    "bend(self.third(bend(self.second(bend(self.first(self.flatten(x)))))))",
                )
                + "bend = keras.ops.sigmoid\ndeeper(np.zeros((1, 28, 28, 1)))",
                "TensorFlow's sigmoid": """
import tensorflow as tf

deeper = network(100, 200, 50, activation=tf.nn.sigmoid)
""",
                "a sigmoid of one's own": """
def bend(x):
    return 1 / (1 + keras.ops.exp(-x))


deeper = network(100, 200, 50, activation=bend)
""",
                "a list of layers": sequential(
                    "keras.Input((28, 28, 1))",
                    "layers.Flatten()",
                    'layers.Dense(100, "sigmoid")',
                    'layers.Dense(200, "sigmoid")',
                    'layers.Dense(50, "sigmoid")',
                    "layers.Dense(10)",
                ),
                "no input": sequential(
                    "layers.Flatten()",
                    'layers.Dense(100, activation="sigmoid")',
                    'layers.Dense(200, activation="sigmoid")',
                    'layers.Dense(50, activation="sigmoid")',
                    "layers.Dense(10)",
                ),
                "activations as functions": """
deeper = network(100, 200, 50, activation=keras.activations.sigmoid)
""",
                "activations as layers in a list": sequential(
                    "keras.Input((28, 28))",
                    "layers.Reshape((784,))",
                    *(
                        f'layers.Dense({units}), layers.Activation("sigmoid")'
                        for units in (100, 200, 50)
                    ),
                    "layers.Dense(10)",
                ),
                "with names": sequential(
                    "keras.Input((28, 28, 1))",
                    "layers.Flatten()",
                    'layers.Dense(100, "sigmoid", name="first")',
                    'layers.Dense(200, "sigmoid", name="second")',
                    'layers.Dense(50, "sigmoid", name="new")',
                    'layers.Dense(10, name="digits")',
                ),
                "compiled too": """
deeper.compile(optimizer="adam", loss="mean_squared_error")
""",
                "the workshop's function": """
from mnist_keras import build_mlp

deeper = build_mlp((100, 200, 50))
""",
            },
            wrong={
                "the workshop's network": "deeper = network(100, 200)",
                "two layers more": "deeper = network(100, 200, 50, 50)",
                "the new layer comes first": "deeper = network(50, 100, 200)",
                "the new layer is in the middle": "deeper = network(100, 50, 200)",
                "ReLU": 'deeper = network(100, 200, 50, activation="relu")',
                "no activation": 'deeper = network(100, 200, 50, activation="linear")',
                "ReLU by a function after the new layer": OPERATIONS.format(activation="relu"),
                "TensorFlow's tanh": """
import tensorflow as tf

deeper = network(100, 200, 50, activation=tf.nn.tanh)
""",
                "softmax by a function at the output": FUNCTIONAL.replace(
                    'layers.Dense(10, name="digits")(x)', "keras.ops.softmax(layers.Dense(10)(x))"
                ),
                "no activation in the new layer": sequential(
                    "keras.Input((28, 28, 1))",
                    "layers.Flatten()",
                    'layers.Dense(100, "sigmoid")',
                    'layers.Dense(200, "sigmoid")',
                    "layers.Dense(50)",
                    "layers.Dense(10)",
                ),
                "as many units as before": "deeper = network(100, 200, 200)",
                "five units": "deeper = network(100, 200, 5)",
                "no output": sequential(
                    "keras.Input((28, 28, 1))",
                    "layers.Flatten()",
                    'layers.Dense(100, "sigmoid")',
                    'layers.Dense(200, "sigmoid")',
                    'layers.Dense(50, "sigmoid")',
                ),
                "nine outputs": "deeper = network(100, 200, 50, outputs=9)",
                "a sigmoid at the output": 'deeper = network(100, 200, 50, end="sigmoid")',
                "softmax at the output": 'deeper = network(100, 200, 50, end="softmax")',
                "no Flatten": sequential(
                    "keras.Input((28, 28, 1))",
                    'layers.Dense(100, "sigmoid")',
                    'layers.Dense(200, "sigmoid")',
                    'layers.Dense(50, "sigmoid")',
                    "layers.Dense(10)",
                ),
                "no Flatten and no input": sequential(
                    'layers.Dense(100, "sigmoid")',
                    'layers.Dense(200, "sigmoid")',
                    'layers.Dense(50, "sigmoid")',
                    "layers.Dense(10)",
                ),
                "a convolution": sequential(
                    "keras.Input((28, 28, 1))",
                    "layers.Conv2D(100, 3)",
                    "layers.Flatten()",
                    'layers.Dense(200, "sigmoid")',
                    'layers.Dense(50, "sigmoid")',
                    "layers.Dense(10)",
                ),
                "no layers": "deeper = keras.Sequential()",
                "a list": "deeper = deeper.layers",
                "the function": "deeper = network",
                "what compile() returns": "deeper = str(deeper.compile())",
            },
        ),
        "4.4": letters("prediction_4_4", "B"),
        "4.5": Cases(
            right={
                "the History objects themselves": """
for run, values in list(histories.items()):
    histories[run] = keras.callbacks.History()
    histories[run].history = values
""",
                "the depth first": """
histories = {(depth, activation): h for (activation, depth), h in histories.items()}
""",
                "a dictionary of dictionaries": """
histories = {
    a: {d: h for (b, d), h in histories.items() if a == b} for a in ("sigmoid", "relu")
}
""",
                "a dictionary of dictionaries, by depth": """
histories = {d: {a: histories[a, d] for a in ("sigmoid", "relu")} for d in depths}
""",
                "capitals": """
names = {"relu": "ReLU", "sigmoid": "Sigmoid"}
histories = {(names[a], d): h for (a, d), h in histories.items()}
""",
                "pairs, and depths of NumPy's": """
histories = [((a, np.int64(d)), h) for (a, d), h in histories.items()]
""",
                "more depths and epochs": """
histories = {
    run: measured([0.05, *h["val_accuracy"]]) for run, h in histories.items()
}
histories["relu", 16] = measured([0.3, 0.4, 0.5, 0.6])
results = table()
""",
                "another activation too": """
histories["tanh", 8] = measured([0.88, 0.9, 0.9])
results = table()
""",
                "the table in another order": "results = results[::-1]",
                "rounded": """
for row in results:
    row["validation accuracy"] = round(row["validation accuracy"], 3)
""",
                "a dictionary of columns": """
results = {name: [row[name] for row in results] for name in results[0]}
""",
                "underscores and capitals": """
results = [{k.title().replace(" ", "_"): v for k, v in row.items()} for row in results]
""",
                "tuples in the order of the columns": """
results = [tuple(row.values()) for row in results]
""",
                "accuracies by activation and depth": """
results = {run: values["val_accuracy"][-1] for run, values in histories.items()}
""",
                "a table of pandas by activation and depth": """
import pandas as pd

results = pd.DataFrame(results).set_index(["activation", "hidden layers"])
""",
                "a table of pandas by what has no name": """
import pandas as pd

rows = {run: {"val_accuracy": each["val_accuracy"][-1]} for run, each in histories.items()}
results = pd.DataFrame.from_dict(rows, orient="index")
""",
                "tables of pandas as histories": """
import pandas as pd

histories = {run: pd.DataFrame(values) for run, values in histories.items()}
""",
                "other columns beside, in NumPy's numbers": """
results = [{**row, "validation accuracy": np.float32(row["validation accuracy"]), "epochs": 3}
           for row in results]
""",
            },
            wrong={
                "a depth is missing": """
for activation in ("sigmoid", "relu"):
    del histories[activation, 8]
results = table()
""",
                "only ReLU": """
histories = {run: h for run, h in histories.items() if run[0] == "relu"}
results = table()
""",
                "under the depth alone": """
histories = {depth: h for (_, depth), h in histories.items()}
""",
                "under the activation alone": """
histories = {activation: h for (activation, _), h in histories.items()}
""",
                "under a text": """
histories = {f"{a} {d}": h for (a, d), h in histories.items()}
""",
                "under the model": """
histories = {network(): h for h in histories.values()}
""",
                "a list of histories": "histories = list(histories.values())",
                "one network trained longer": """
histories["sigmoid", 8] = measured([0.1, 0.11, 0.12, 0.13])
results = table()
""",
                "two epochs": """
histories = {run: measured(h["val_accuracy"][:2]) for run, h in histories.items()}
results = table()
""",
                "no validation data": """
histories = {run: {"loss": h["loss"], "accuracy": h["accuracy"]} for run, h in histories.items()}
""",
                "the same network twice": """
histories["sigmoid", 2] = histories["sigmoid", 1]
results = table()
""",
                "only the accuracy": """
histories = {run: h["val_accuracy"][-1] for run, h in histories.items()}
""",
                "a row is missing": "results = results[:-1]",
                "a row is there twice": "results.append(results[0])",
                "the last network in all rows": """
for row in results:
    row["validation accuracy"] = histories["relu", 8]["val_accuracy"][-1]
""",
                "the training accuracy": """
for row in results:
    row["validation accuracy"] += 0.01
""",
                "the first epoch": """
for row in results:
    run = row["activation"], row["hidden layers"]
    row["validation accuracy"] = histories[run]["val_accuracy"][0]
""",
                "percent": """
for row in results:
    row["validation accuracy"] *= 100
""",
                "the accuracies alone": "results = accuracies('sigmoid') + accuracies('relu')",
                "no activations": """
for row in results:
    del row["activation"]
""",
                "activations exchanged": """
for row in results:
    row["activation"] = "relu" if row["activation"] == "sigmoid" else "sigmoid"
""",
                "depths as texts": """
for row in results:
    row["hidden layers"] = str(row["hidden layers"])
""",
                "activations as numbers": """
for row in results:
    row["activation"] = len(row["activation"])
""",
                "a network that was not trained": """
results.append({"activation": "relu", "hidden layers": 3, "validation accuracy": 0.9})
""",
            },
        ),
        "4.6": Cases(
            right={
                "other labels": """
ax = plot(lambda ax: both(ax, "with the Sigmoid", "with ReLU"))
""",
                "the labels in the legend": """
def draw(ax):
    ax.plot(depths, accuracies("relu"))
    ax.plot(depths, accuracies("sigmoid"), "--")


ax = plot(draw, legend=["ReLU", "sigmoid"])
""",
                "scatter plots": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.scatter(depths, accuracies(name), label=name)


ax = plot(draw)
""",
                "in percent, over a logarithmic axis": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(depths, [100 * each for each in accuracies(name)], label=name)
    ax.set_xscale("log", base=2)


ax = plot(draw)
""",
                "the figure": "ax = ax.figure",
                "depths as categories": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot([str(depth) for depth in depths], accuracies(name), label=name)


ax = plot(draw)
""",
                "the depths as ticks": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(range(4), accuracies(name), label=name)
    ax.set_xticks(range(4), depths)


ax = plot(draw)
""",
                "error bars": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.errorbar(depths, accuracies(name), yerr=0.01, label=name)


ax = plot(draw)
""",
                "other words, in French": """
ax = plot(
    lambda ax: both(ax, "fonction sigmoïde", "unité linéaire rectifiée (ReLU)"),
    labels=("couches cachées", "exactitude"),
)
""",
                "by seaborn": """
import pandas as pd
import seaborn as sns

ax = sns.lineplot(pd.DataFrame(results), x="hidden layers", y="validation accuracy",
                  hue="activation", style="activation")
""",
                "by pandas": """
import pandas as pd

table = pd.DataFrame(results).pivot(index="hidden layers", columns="activation")
ax = table["validation accuracy"].plot(ylabel="accuracy")
""",
                "with a line at guessing": """
ax = plot(lambda ax: [both(ax), ax.axhline(0.1, color="grey")])
""",
            },
            wrong={
                "one line": """
ax = plot(lambda ax: ax.plot(depths, accuracies("relu"), label="relu"))
""",
                "one line for all": """
ax = plot(lambda ax: ax.plot(2 * depths, accuracies("sigmoid") + accuracies("relu"), label="all"))
""",
                "no legend": "ax = plot(both, legend=False)",
                "the labels are exchanged": 'ax = plot(lambda ax: both(ax, "relu", "sigmoid"))',
                "the axes' labels are exchanged": """
ax = plot(both, labels=("validation accuracy", "hidden layers"))
""",
                "the legend is exchanged": """
ax = plot(lambda ax: both(ax, None, None), legend=["relu", "sigmoid"])
""",
                "labels that say nothing": 'ax = plot(lambda ax: both(ax, "first", "second"))',
                "no label below": 'ax = plot(both, labels=("", "accuracy"))',
                "no label beside": 'ax = plot(both, labels=("hidden layers", ""))',
                "a depth is missing": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(depths[:-1], accuracies(name)[:-1], label=name)


ax = plot(draw)
""",
                "the axes are exchanged": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(accuracies(name), depths, label=name)


ax = plot(draw)
""",
                "the first epoch": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(depths, accuracies(name, epoch=0), label=name)


ax = plot(draw)
""",
                "the loss": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(depths, accuracies(name, name="val_loss"), label=name)


ax = plot(draw)
""",
                "over the epochs": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(histories[name, 8]["val_accuracy"], label=name)


ax = plot(draw)
""",
                "what plot() returns": "ax = ax.lines[0]",
                "numbered instead of placed": """
def draw(ax):
    for name in ("relu", "sigmoid"):
        ax.plot(accuracies(name), label=name)


ax = plot(draw)
""",
            },
        ),
        "4.7": Cases(
            right={
                "written out": """
ratios = {
    "sigmoid": sizes["sigmoid"][0] / sizes["sigmoid"][8],
    "relu": sizes["relu"][0] / sizes["relu"][8],
}
""",
                "rounded to two digits": """
ratios = {name: float(f"{value:.1e}") for name, value in ratios.items()}
""",
                "rounded to three digits": 'ratios = {"sigmoid": 2.79e-6, "relu": 1.44}',
                "numbers of NumPy's": """
ratios = {name: np.float32(value) for name, value in ratios.items()}
""",
                "capitals, in another order": """
ratios = {"ReLU": ratios["relu"], "Sigmoid": ratios["sigmoid"]}
""",
                "arrays": """
ratios = {name: np.array(values)[0] / np.array(values)[-1] for name, values in sizes.items()}
""",
                "pairs": "ratios = list(ratios.items())",
                "a column of pandas": """
import pandas as pd

sizes = pd.DataFrame(sizes)
ratios = sizes.iloc[0] / sizes.iloc[-1]
sizes = sizes.to_dict("list")
""",
            },
            wrong={
                "the other way round": """
ratios = {name: values[-1] / values[0] for name, values in sizes.items()}
""",
                "the activations are exchanged": """
ratios = {"relu": ratios["sigmoid"], "sigmoid": ratios["relu"]}
""",
                "rounded away": 'ratios = {"sigmoid": round(ratios["sigmoid"], 3), "relu": 1.44}',
                "percent": "ratios = {name: 100 * each for name, each in ratios.items()}",
                "the last hidden layer": """
ratios = {name: values[0] / values[-2] for name, values in sizes.items()}
""",
                "the second layer": """
ratios = {name: values[1] / values[-1] for name, values in sizes.items()}
""",
                "the sizes themselves": """
ratios = {name: values[0] for name, values in sizes.items()}
""",
                "a part of all": """
ratios = {name: values[0] / sum(values) for name, values in sizes.items()}
""",
                "a difference": """
ratios = {name: values[-1] - values[0] for name, values in sizes.items()}
""",
                "one is missing": 'del ratios["relu"]',
                "a list": "ratios = list(ratios.values())",
                "sigmoid over ReLU": """
ratios = {"sigmoid": sizes["sigmoid"][0] / sizes["relu"][0], "relu": ratios["relu"]}
""",
                "texts": "ratios = {name: str(each) for name, each in ratios.items()}",
                "one digit": 'ratios = {"sigmoid": 3e-6, "relu": 1.44}',
            },
        ),
        "4.8": letters("answer_4_8", "C", "ABD"),
        "4.9": letters("answer_4_9", "A", "BCD"),
        "4.10": letters("answer_4_10", "D", "ABC"),
    },
)
