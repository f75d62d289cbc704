"""Exercise 5, as a learner might answer it."""

from functools import cache

from checks.cases import Cases, ExerciseCases, letters

# What takes long to make; the cases share it.
SHARED = """
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def build(hidden_layers):
    model = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Flatten()])
    for _ in range(hidden_layers):
        model.add(layers.Dense(100, activation="relu"))
    model.add(layers.Dense(10))
    model.compile(optimizer="adam", loss=LOSS, metrics=["accuracy"])
    return model


def trained(model, steps=6):
    model.optimizer.iterations.assign(steps)
    return model


shared_models = {hidden: trained(build(hidden)) for hidden in (2, 1, 0)}

rng = np.random.default_rng(0)
kernel = rng.normal(0, 0.2, size=(784, 10)).astype("float32")
bias = np.linspace(-0.7, 0.8, 10).astype("float32")
weight_images = kernel.T.reshape(10, 28, 28)
limit = np.abs(weight_images).max()


def show(count=10, cmap="PuOr", low=-limit, high=limit, images=weight_images, **options):
    figure, axes = plt.subplots(2, 5)
    for image, axis in zip(images[:count], axes.ravel()):
        axis.imshow(image, cmap=cmap, vmin=low, vmax=high, **options)
    return figure


weights_figure = show()
"""


@cache
def shared() -> dict[str, object]:
    """Make what the cases share; no case may change it."""
    return ExerciseCases("05-remove-a-hidden-layer", SHARED).namespace()


NOTEBOOK = """
from checks.cases_05_remove_a_hidden_layer import shared

globals().update(shared())
models = dict(shared_models)

prediction_5_1 = "C"
answer_5_11, answer_5_12, answer_5_13 = "B", "D", "A"
softmax_parameters = 7850


def measured(losses, accuracies):
    return {
        "loss": losses,
        "accuracy": [each + 0.01 for each in accuracies],
        "val_loss": [each + 0.05 for each in losses],
        "val_accuracy": accuracies,
    }


histories = {
    2: measured([0.5, 0.2, 0.1], [0.9, 0.97, 0.9653]),
    1: measured([0.6, 0.3, 0.2], [0.89, 0.94, 0.9587]),
    0: measured([0.9, 0.5, 0.3], [0.8, 0.9, 0.92]),
}
HIDDEN = [2, 1, 0]
ACCURACIES = [histories[hidden]["val_accuracy"][-1] for hidden in HIDDEN]
results = [
    {
        "hidden layers": hidden,
        "parameters": models[hidden].count_params(),
        "validation accuracy": histories[hidden]["val_accuracy"][-1],
    }
    for hidden in HIDDEN
]


def plot(draw, labels=("hidden layers", "validation accuracy")):
    fig, ax = plt.subplots()
    draw(ax)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    return ax


ax = plot(lambda ax: ax.plot(HIDDEN, ACCURACIES, "o-"))
accuracy_lost = ACCURACIES[0] - ACCURACIES[2]

chosen_image, chosen_digit = np.linspace(0, 1, 784, dtype="float32") ** 2, 7
score = (chosen_image * kernel[:, 7]).sum() + bias[7]

# 50 images, five of each digit, 46 of them read correctly.
validation = (np.zeros((50, 28, 28, 1), "float32"), np.repeat(np.arange(10, dtype="uint8"), 5))
answers = validation[1].copy()
answers[[20, 21, 35, 15]] = 9, 9, 9, 5
confusion = np.zeros((10, 10), dtype=int)
for shown, answered in zip(validation[1], answers):
    confusion[shown, answered] += 1
mistakes = confusion * (1 - np.eye(10, dtype=int))
most_confused = divmod(int(mistakes.argmax()), 10)
"""

# What a function of the learner's may look like, with one part of it replaced.
BUILD = """
def build(hidden_layers):
    model = keras.Sequential([keras.Input(shape=(28, 28, 1)), {flatten}])
    for _ in range({number}):
        model.add({hidden})
    model.add({last})
    model.compile(optimizer="adam", loss={loss}, metrics={metrics})
    return model
"""


def build(**parts: str) -> str:
    """Write the function `build`, with some of its parts replaced."""
    usual = {
        "flatten": "layers.Flatten()",
        "number": "hidden_layers",
        "hidden": 'layers.Dense(100, activation="relu")',
        "last": "layers.Dense(10)",
        "loss": "LOSS",
        "metrics": '["accuracy"]',
    }
    return BUILD.format(**usual | parts)


FUNCTIONAL = """
def build(hidden_layers):
    inputs = keras.Input((28, 28, 1), name="pixels")
    x = layers.Flatten()(inputs)
    for number in range(hidden_layers):
        x = layers.ReLU()(layers.Dense(100, name=f"hidden_{number}")(x))
    model = keras.Model(inputs, layers.Softmax()(layers.Dense(10)(x)))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    return model
"""

OPERATIONS = """
def build(hidden_layers):
    inputs = keras.Input((28, 28, 1))
    x = keras.ops.reshape(inputs, (-1, 784))
    for _ in range(hidden_layers):
        x = {relu}(layers.Dense(100)(x))
    model = keras.Model(inputs, {last}(layers.Dense(10)(x)))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

SHARED_ACTIVATION = """
def build(hidden_layers):
    relu = layers.ReLU()
    inputs = keras.Input((28, 28, 1))
    x = layers.Flatten()(inputs)
    for _ in range(hidden_layers):
        x = relu(layers.Dense(100)(x))
    model = keras.Model(inputs, layers.Dense(10)(x))
    model.compile("adam", LOSS, metrics=["acc"])
    return model
"""

SUBCLASS = """
class Digits(keras.Model):
    def __init__(self, hidden_layers):
        super().__init__()
        self.flatten = layers.Flatten()
        self.hidden = [layers.Dense(100, "relu") for _ in range(hidden_layers)]
        self.last = layers.Dense(10)

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.last(x)


def build(hidden_layers):
    model = Digits(hidden_layers)
    model(np.zeros((1, 28, 28, 1)))
    model.compile(optimizer="adam", loss=LOSS, metrics=["accuracy"])
    return model
"""

BY_CASES = """
def build(hidden_layers):
    relu = keras.activations.relu
    if hidden_layers == 2:
        hidden = [layers.Dense(100, relu), layers.Dense(100, relu)]
    elif hidden_layers == 1:
        hidden = [layers.Dense(100, relu)]
    else:
        hidden = []
    model = keras.Sequential([layers.Flatten(), *hidden, layers.Dense(10)])
    model.compile(optimizer="adam", loss=LOSS, metrics=["accuracy"])
    return model
"""

# Each row of the table changed by an expression of `row`, or the accuracies by one of `hidden`.
ROWS = "results = [{{**row, {change}}} for row in results]"


def rows(change: str) -> str:
    """Change an entry in each row of the table."""
    return ROWS.format(change=change)


CASES = ExerciseCases(
    "05-remove-a-hidden-layer",
    NOTEBOOK,
    {
        "5.1": letters("prediction_5_1", "A"),
        "5.2": Cases(
            right={
                "functional, with activations as layers and softmax": FUNCTIONAL,
                "a subclass": SUBCLASS,
                "a case for each number, without an input": BY_CASES,
                "Keras's functions between the layers": OPERATIONS.format(
                    relu="keras.ops.relu", last="keras.ops.softmax"
                ),
                "Keras's activations between the layers": OPERATIONS.format(
                    relu="keras.activations.relu", last="keras.activations.softmax"
                ),
                "one activation layer for all": SHARED_ACTIVATION,
                "a subclass that calls the activation": SUBCLASS.replace(
                    'layers.Dense(100, "relu")', "layers.Dense(100)"
                ).replace("x = layer(x)", "x = keras.ops.relu(layer(x))"),
                "TensorFlow's functions": "import tensorflow as tf\n"
                + build(
                    hidden="layers.Dense(100, activation=tf.nn.relu)",
                    last="layers.Dense(10, activation=tf.nn.softmax)",
                    loss='"sparse_categorical_crossentropy"',
                ),
                "functions of one's own": "def relu(x):\n    return keras.ops.maximum(x, 0)\n"
                + build(hidden="layers.Dense(100, activation=relu)"),
                "a layer as an activation": build(
                    hidden="layers.Dense(100, activation=layers.ReLU())"
                ),
                "softmax and a loss without logits": build(
                    last='layers.Dense(10, activation="softmax")',
                    loss='"sparse_categorical_crossentropy"',
                ),
                "with dropout, named layers and another metric": build(
                    flatten="layers.Flatten(name='row'), layers.Dropout(0.1)",
                    metrics="[keras.metrics.SparseCategoricalAccuracy()]",
                ),
                "Reshape for Flatten": build(flatten="layers.Reshape((784,))"),
            },
            wrong={
                "always two": build(number="2"),
                "one too many": build(number="hidden_layers + 1"),
                "one too few": build(number="max(0, hidden_layers - 1)"),
                "no activation": build(hidden="layers.Dense(100)"),
                "another optimizer": build().replace('"adam"', '"sgd"'),
                "a leaky ReLU of TensorFlow's": "import tensorflow as tf\n"
                + build(hidden="layers.Dense(100, activation=tf.nn.leaky_relu)"),
                "tanh by a function": OPERATIONS.format(
                    relu="keras.ops.tanh", last="keras.ops.softmax"
                ),
                "sigmoid by a function at the end": OPERATIONS.format(
                    relu="keras.ops.relu", last="keras.ops.sigmoid"
                ),
                "a loss for one-hot labels": build(
                    last='layers.Dense(10, activation="softmax")', loss='"categorical_crossentropy"'
                ),
                "a loss for one-hot labels and logits": build(
                    loss="keras.losses.CategoricalCrossentropy(from_logits=True)"
                ),
                "a loss for two classes": build(
                    last='layers.Dense(10, activation="softmax")', loss='"binary_crossentropy"'
                ),
                "a metric that compares scores with labels": build(
                    metrics="[keras.metrics.Accuracy()]"
                ),
                "a metric for two classes": build(metrics='["binary_accuracy"]'),
                "a metric for one-hot labels": build(metrics='["categorical_accuracy"]'),
                "another activation": build(hidden='layers.Dense(100, activation="sigmoid")'),
                "another number of units": build(hidden='layers.Dense(50, activation="relu")'),
                "no last layer": build(last="layers.Dropout(0.1)"),
                "nine outputs": build(last="layers.Dense(9)"),
                "an activation on the last layer": build(
                    last='layers.Dense(10, activation="relu")'
                ),
                "no Flatten": build(flatten="layers.Rescaling(1.0)"),
                "no biases": build(last="layers.Dense(10, use_bias=False)"),
                "a loss for probabilities on logits": build(
                    loss='"sparse_categorical_crossentropy"'
                ),
                "a loss for logits on probabilities": build(
                    last='layers.Dense(10, activation="softmax")'
                ),
                "no metric": build(metrics="None"),
                "not compiled": build().replace("model.compile", "dict"),
                "a list of layers": build().replace("return model", "return model.layers"),
                "the last layer only in the loop": build(
                    number="max(1, hidden_layers)", hidden="layers.Dense(10)"
                ),
                "an argument is forgotten": build().replace("(hidden_layers):", "():", 1),
            },
        ),
        "5.3": Cases(
            right={
                "a number": "softmax_parameters = 7850",
                "worked out": "softmax_parameters = 784 * 10 + 10",
                "a float": "softmax_parameters = 7850.0",
                "a number of NumPy's": "softmax_parameters = np.int64(7850)",
                "counted": "softmax_parameters = build(0).count_params()",
            },
            wrong={
                "no biases": "softmax_parameters = 7840",
                "one bias": "softmax_parameters = 7841",
                "units added to pixels": "softmax_parameters = 794",
                "units and biases added to pixels": "softmax_parameters = 804",
                "one unit": "softmax_parameters = 785",
                "a bias for each pixel": "softmax_parameters = 784 * 11",
                "with a hidden layer": "softmax_parameters = 79_510",
                "a text": 'softmax_parameters = "7,850"',
                "a thousandth": "softmax_parameters = 7.85",
                "none": "softmax_parameters = 0",
            },
        ),
        "5.4": Cases(
            right={
                "the History objects themselves": """
for hidden, values in list(histories.items()):
    histories[hidden] = keras.callbacks.History()
    histories[hidden].history = values
""",
                "a dictionary of columns": """
results = {name: [row[name] for row in results] for name in results[0]}
""",
                "a dictionary of rows": 'results = {row["hidden layers"]: row for row in results}',
                "rounded, with capitals and underscores": """
results = [
    {k.title().replace(" ", "_"): round(v, 3) for k, v in row.items()} for row in results
]
""",
                "NumPy's numbers and another column": """
results = [
    {"epochs": 3, **{k: np.float32(v) for k, v in row.items()}} for row in results
]
""",
                "functional networks with softmax": FUNCTIONAL
                + "models = {hidden: trained(build(hidden)) for hidden in HIDDEN}",
                "networks with loaded weights": """
def loaded(hidden):
    model = build(hidden)
    model.set_weights([array + 0.01 for array in models[hidden].get_weights()])
    return model


models = {hidden: loaded(hidden) for hidden in HIDDEN}
""",
                "subclasses": SUBCLASS
                + "models = {hidden: trained(build(hidden)) for hidden in HIDDEN}",
                "in another order, but for the table": """
models, histories = ({hidden: each[hidden] for hidden in (0, 1, 2)} for each in (models, histories))
""",
                "tuples in the order of the columns": """
results = [tuple(row.values()) for row in results]
""",
                "a table of pandas by the number of layers": """
import pandas as pd

results = pd.DataFrame(results).set_index("hidden layers")
""",
                "a table of pandas, from columns of pandas": """
import pandas as pd

results = pd.DataFrame(
    {
        "parameters": pd.Series({h: model.count_params() for h, model in models.items()}),
        "validation accuracy": pd.Series(dict(zip(HIDDEN, ACCURACIES))),
    },
    index=HIDDEN,
)
""",
                "networks of Keras's functions": OPERATIONS.format(
                    relu="keras.ops.relu", last="keras.ops.softmax"
                )
                + "models = {hidden: trained(build(hidden)) for hidden in HIDDEN}",
                "three hidden layers too": """
models[3] = trained(build(3))
histories[3] = measured([0.5, 0.2, 0.09], [0.9, 0.95, 0.96])
row = {"hidden layers": 3, "parameters": 99710, "validation accuracy": 0.96}
results.insert(0, row)
""",
            },
            wrong={
                "one network is missing": "del models[1]",
                "one history is missing": "del histories[0]",
                "a network that was not trained": "models[1] = build(1)",
                "networks that have learned nothing": """
for hidden, run in histories.items():
    run["val_accuracy"] = [0.09, 0.11, 0.1 + hidden / 100]
"""
                + rows('"validation accuracy": 0.1 + row["hidden layers"] / 100'),
                "the same network three times": "models = dict.fromkeys(HIDDEN, models[0])",
                "numbered from one": """
models = {hidden + 1: model for hidden, model in models.items()}
""",
                "the networks in a list": "models = [models[hidden] for hidden in HIDDEN]",
                "keyed by the network": """
histories = {models[hidden]: each for hidden, each in histories.items()}
""",
                "keys that are texts": """
histories = {str(hidden): each for hidden, each in histories.items()}
""",
                "the same history twice": "histories[1] = histories[2]",
                "one trained longer": """
histories[0] = measured([0.9, 0.5, 0.3, 0.2], [0.8, 0.9, 0.91, 0.92])
""",
                "two epochs": """
histories = {
    hidden: measured(each["loss"][1:], each["val_accuracy"][1:])
    for hidden, each in histories.items()
}
""",
                "no validation data": 'histories[1] = {"loss": [0.6, 0.3, 0.2]}',
                "only the last accuracy": """
histories = {hidden: each["val_accuracy"][-1] for hidden, each in histories.items()}
""",
                "weights that are not numbers": """
models[0] = trained(build(0))
models[0].set_weights([np.full((784, 10), np.nan), np.zeros(10)])
""",
                "ascending": "results = results[::-1]",
                "a row is missing": "results = results[:2]",
                "the training accuracy": rows(
                    '"validation accuracy": histories[row["hidden layers"]]["accuracy"][-1]'
                ),
                "the first epoch": rows(
                    '"validation accuracy": histories[row["hidden layers"]]["val_accuracy"][0]'
                ),
                "the best epoch": rows(
                    '"validation accuracy": max(histories[row["hidden layers"]]["val_accuracy"])'
                ),
                "percent for fraction": rows(
                    '"validation accuracy": 100 * row["validation accuracy"]'
                ),
                "the parameters of one network for all": rows('"parameters": 7850'),
                "parameters as texts": rows('"parameters": f"{row[\'parameters\']:,}"'),
                "a column is missing": """
results = [{"hidden layers": h, "validation accuracy": a} for h, a in zip(HIDDEN, ACCURACIES)]
""",
                "all layers counted": rows('"hidden layers": row["hidden layers"] + 1'),
                "lists in another order": """
results = [list(row.values())[::-1] for row in results]
""",
            },
        ),
        "5.5": Cases(
            right={
                "ascending": """
ax = plot(lambda ax: ax.plot(HIDDEN[::-1], ACCURACIES[::-1]))
""",
                "bars": "ax = plot(lambda ax: ax.bar(HIDDEN, ACCURACIES))",
                "bars with names": """
ax = plot(lambda ax: ax.bar(["two", "one", "none"], ACCURACIES))
""",
                "bars above texts": 'ax = plot(lambda ax: ax.bar(["2", "1", "0"], ACCURACIES))',
                "points above texts": 'ax = plot(lambda ax: ax.plot(["2", "1", "0"], ACCURACIES))',
                "bars of pandas": """
import pandas as pd

ax = pd.DataFrame(results).plot.bar(
    x="hidden layers", y="validation accuracy", ylabel="accuracy", legend=False
)
""",
                "bars of seaborn": """
import pandas as pd
import seaborn as sns

ax = sns.barplot(pd.DataFrame(results), x="hidden layers", y="validation accuracy")
""",
                "labels in German": """
ax = plot(lambda ax: ax.bar(HIDDEN, ACCURACIES), labels=("versteckte Schichten", "Genauigkeit"))
""",
                "two plots beside each other": """
fig, ax = plt.subplots(1, 2)
ax[0].bar(HIDDEN, ACCURACIES)
ax[0].set(xlabel="hidden layers", ylabel="accuracy")
ax[1].plot(histories[0]["val_accuracy"])
""",
                "ticks of one's own": """
def draw(ax):
    ax.plot([0, 1, 2], ACCURACIES, "o")
    ax.set_xticks([0, 1, 2], ["2", "1", "0"])


ax = plot(draw)
""",
                "a scatter plot in percent": """
ax = plot(lambda ax: ax.scatter(HIDDEN, [100 * each for each in ACCURACIES]))
""",
                "the figure": "ax = plot(lambda ax: ax.plot(HIDDEN, ACCURACIES)).figure",
                "from many to none": """
ax = plot(lambda ax: [ax.plot(HIDDEN, ACCURACIES), ax.invert_xaxis()])
""",
            },
            wrong={
                "numbered instead of placed": "ax = plot(lambda ax: ax.plot(ACCURACIES))",
                "bars in the wrong places": "ax = plot(lambda ax: ax.bar(range(3), ACCURACIES))",
                "axes exchanged": "ax = plot(lambda ax: ax.plot(ACCURACIES, HIDDEN))",
                "lying bars": "ax = plot(lambda ax: ax.barh(HIDDEN, ACCURACIES))",
                "over the parameters": """
ax = plot(lambda ax: ax.plot([89610, 79510, 7850], ACCURACIES))
""",
                "the first epoch": """
ax = plot(lambda ax: ax.plot(HIDDEN, [histories[h]["val_accuracy"][0] for h in HIDDEN]))
""",
                "the losses": """
ax = plot(lambda ax: ax.plot(HIDDEN, [histories[h]["loss"][-1] for h in HIDDEN]))
""",
                "one network is missing": "ax = plot(lambda ax: ax.plot([2, 1], ACCURACIES[:2]))",
                "labels exchanged": """
ax = plot(lambda ax: ax.bar(HIDDEN, ACCURACIES), labels=("accuracy", "hidden layers"))
""",
                "the wrong ticks": """
def draw(ax):
    ax.plot([0, 1, 2], ACCURACIES, "o")
    ax.set_xticks([0, 1, 2], ["0", "1", "2"])


ax = plot(draw)
""",
                "no label below": """
ax = plot(lambda ax: ax.bar(HIDDEN, ACCURACIES), labels=("", "accuracy"))
""",
                "no label beside": """
ax = plot(lambda ax: ax.bar(HIDDEN, ACCURACIES), labels=("hidden layers", " "))
""",
                "what plot() returns": "ax = ax.plot(HIDDEN, ACCURACIES)",
                "the learning curves": """
ax = plot(lambda ax: [ax.plot(each["val_accuracy"][:2]) for each in histories.values()])
""",
            },
        ),
        "5.6": Cases(
            right={
                "from the table": """
accuracy_lost = results[0]["validation accuracy"] - results[-1]["validation accuracy"]
""",
                "a number": "accuracy_lost = 0.0453",
                "rounded": "accuracy_lost = round(0.9653 - 0.92, 3)",
                "a number of NumPy's": "accuracy_lost = np.float32(0.0453)",
                "something gained": """
histories[0]["val_accuracy"][-1] = 0.98
accuracy_lost = 0.9653 - 0.98
""",
            },
            wrong={
                "in percent": "accuracy_lost = 4.53",
                "the wrong way round": "accuracy_lost = 0.92 - 0.9653",
                "one layer only": "accuracy_lost = 0.9653 - 0.9587",
                "the last layer only": "accuracy_lost = 0.9587 - 0.92",
                "a ratio": "accuracy_lost = 0.92 / 0.9653",
                "the accuracy that is left": "accuracy_lost = 0.92",
                "from the best epoch": "accuracy_lost = 0.97 - 0.92",
                "the training accuracy": "accuracy_lost = 0.9753 - 0.92",
                "a text": 'accuracy_lost = "4.5 %"',
                "a list": "accuracy_lost = [0.9653, 0.92]",
                "not a number": "accuracy_lost = float('nan')",
            },
        ),
        "5.7": Cases(
            right={
                "digit by digit": """
weight_images = np.array([kernel[:, digit].reshape(28, 28) for digit in range(10)])
""",
                "a list of arrays": """
weight_images = [kernel[:, digit].reshape(28, 28) for digit in range(10)]
""",
                "axes moved": """
weight_images = np.moveaxis(kernel.reshape(28, 28, 10), -1, 0)
""",
                "in Fortran's order": """
weight_images = kernel.reshape((28, 28, 10), order="F").transpose(2, 1, 0)
""",
                "tensors": """
kernel, bias = keras.Variable(kernel), keras.ops.convert_to_tensor(bias)
weight_images = keras.ops.reshape(keras.ops.transpose(kernel), (10, 28, 28))
""",
                "rounded": "weight_images = np.round(weight_images, 3)",
            },
            wrong={
                "no transpose": "weight_images = kernel.reshape(10, 28, 28)",
                "on their side": "weight_images = kernel.reshape(28, 28, 10).T",
                "digits last": "weight_images = kernel.reshape(28, 28, 10)",
                "rows of 784": "weight_images = kernel.T",
                "a channel too many": "weight_images = kernel.T.reshape(10, 28, 28, 1)",
                "one digit": "weight_images = kernel[:, 3].reshape(28, 28)",
                "upside down": "weight_images = weight_images[:, ::-1]",
                "digits in another order": "weight_images = weight_images[::-1]",
                "signs dropped": "weight_images = np.abs(weight_images)",
                "of another network": "weight_images = weight_images + 0.05",
                "not trained": "kernel, bias = build(0).layers[-1].get_weights()",
                "the first layer of another network": """
kernel, bias = build(1).layers[-2].get_weights()
""",
                "the last layer of another network": """
kernel, bias = build(1).layers[-1].get_weights()
""",
                "kernel and bias exchanged": "kernel, bias = bias, kernel",
                "the kernel transposed": "kernel = kernel.T",
                "the layer": "kernel = build(0).layers[-1]",
                "scaled to 1": "weight_images = weight_images / limit",
            },
        ),
        "5.8": Cases(
            right={
                "red and blue, reversed": 'weights_figure = show(cmap="RdBu_r")',
                "coolwarm, with a rounder limit": """
weights_figure = show(cmap="coolwarm", low=-0.8, high=0.8)
""",
                "the colour map itself": 'weights_figure = show(cmap=plt.get_cmap("PiYG"))',
                "dark in the middle": """
from matplotlib.colors import LinearSegmentedColormap

colours = LinearSegmentedColormap.from_list("mine", ["cyan", "black", "orange"])
weights_figure = show(cmap=colours)
""",
                "a centred norm": """
from matplotlib.colors import CenteredNorm

weights_figure = show(low=None, high=None, norm=CenteredNorm(halfrange=limit))
""",
                "with a colour bar": """
weights_figure = show()
weights_figure.colorbar(weights_figure.axes[0].images[0], ax=weights_figure.axes)
""",
                "with a colour bar in axes of its own": """
weights_figure = show()
place = weights_figure.add_axes([0.92, 0.1, 0.02, 0.8])
weights_figure.colorbar(weights_figure.axes[0].images[0], cax=place)
""",
                "a list of axes": "weights_figure = weights_figure.axes",
                "an array of axes": """
figure, weights_figure = plt.subplots(2, 5)
for image, axis in zip(weight_images, weights_figure.ravel()):
    axis.imshow(image, cmap="PuOr", vmin=-limit, vmax=limit)
""",
                "by pcolormesh": """
weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    mesh = axis.pcolormesh(image, cmap="PuOr", vmin=-limit, vmax=limit)
    axis.invert_yaxis()
weights_figure.colorbar(mesh, ax=axes)
""",
                "by matshow": """
weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    axis.matshow(image, cmap="RdBu", vmin=-limit, vmax=limit)
""",
                "by seaborn, with colour bars": """
import seaborn as sns

weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    sns.heatmap(image, cmap="coolwarm", vmin=-limit, vmax=limit, ax=axis, square=True)
""",
                "by seaborn, centred": """
import seaborn as sns

weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    axis.axis("off")
    sns.heatmap(
        image, cmap="PuOr", center=0, vmin=-limit, vmax=limit, ax=axis, cbar=False,
        xticklabels=False, yticklabels=False,
    )
""",
                "by pyplot alone": """
weights_figure = plt.figure()
for digit in range(10):
    plt.subplot(2, 5, digit + 1)
    plt.imshow(weight_images[digit], cmap="PuOr", vmin=-limit, vmax=limit)
""",
                "with the axes hidden and titles": """
weights_figure = show()
for digit, axis in enumerate(weights_figure.axes):
    axis.axis("off")
    axis.set_title(digit)
""",
            },
            wrong={
                "the usual colours": 'weights_figure = show(cmap="viridis")',
                "shades of grey": 'weights_figure = show(cmap="gray")',
                "a rainbow": 'weights_figure = show(cmap="jet")',
                "from cold to hot": 'weights_figure = show(cmap="inferno")',
                "colours that come back": 'weights_figure = show(cmap="twilight")',
                "no scale": "weights_figure = show(low=None, high=None)",
                "from smallest to largest": """
weights_figure = show(low=weight_images.min() - 0.3, high=weight_images.max())
""",
                "from zero": "weights_figure = show(low=0)",
                "a scale for each": """
weights_figure = show()
for axis, image in zip(weights_figure.axes, weight_images):
    most = np.abs(image).max() * (1 + image[0, 0] ** 2)
    axis.images[0].set_clim(-most, most)
""",
                "by seaborn, with its own colours": """
import seaborn as sns

weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    sns.heatmap(image, vmin=-limit, vmax=limit, ax=axis, xticklabels=False, yticklabels=False)
""",
                "by pcolormesh, with a scale for each": """
weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images, axes.ravel()):
    axis.pcolormesh(image, cmap="PuOr")
""",
                "by pcolormesh, nine images and a colour bar": """
weights_figure, axes = plt.subplots(2, 5)
for image, axis in zip(weight_images[:9], axes.ravel()):
    mesh = axis.pcolormesh(image, cmap="PuOr", vmin=-limit, vmax=limit)
weights_figure.colorbar(mesh, cax=axes[1, 4])
""",
                "nine images": "weights_figure = show(count=9)",
                "one digit": """
weights_figure, axis = plt.subplots()
axis.imshow(weight_images[0], cmap="PuOr", vmin=-limit, vmax=limit)
""",
                "all weights as one image": """
weights_figure, axis = plt.subplots()
axis.imshow(kernel, cmap="PuOr", vmin=-limit, vmax=limit)
""",
                "rows of 784": """
weights_figure = show(images=[kernel[:, digit][None] for digit in range(10)])
""",
                "all in the last axes": """
weights_figure, axes = plt.subplots(2, 5)
for image in weight_images:
    axes[1, 4].imshow(image, cmap="PuOr", vmin=-limit, vmax=limit)
""",
                "the numbers": "weights_figure = weight_images",
                "what imshow() returns": """
weights_figure = plt.imshow(weight_images[0], cmap="PuOr", vmin=-limit, vmax=limit)
""",
            },
        ),
        "5.9": Cases(
            right={
                "all ten, and one of them": "score = (chosen_image @ kernel + bias)[chosen_digit]",
                "a loop": """
score = float(bias[chosen_digit])
for pixel in range(784):
    score += float(chosen_image[pixel]) * float(kernel[pixel, chosen_digit])
""",
                "from the weight image": """
weights = weight_images[chosen_digit]
score = np.sum(weights * chosen_image.reshape(28, 28)) + bias[chosen_digit]
""",
                "rounded": "score = float(f'{score:.3g}')",
                "a list with one number": "score = [score]",
                "a tensor": """
product = keras.ops.matmul(chosen_image[None], kernel[:, 7:8])
score = product + bias[7:8]
""",
                "another image, as it comes": """
chosen_image, chosen_digit = np.full((28, 28, 1), 0.25), 3
score = 0.25 * kernel[:, 3].sum() + bias[3]
""",
            },
            wrong={
                "no bias": "score = (chosen_image * kernel[:, 7]).sum()",
                "the bias for each pixel": "score = (chosen_image * kernel[:, 7] + bias[7]).sum()",
                "another digit": "score = (chosen_image * kernel[:, 6]).sum() + bias[6]",
                "the bias of another": "score = (chosen_image * kernel[:, 7]).sum() + bias[1]",
                "all ten": "score = chosen_image @ kernel + bias",
                "all products": "score = chosen_image * kernel[:, 7]",
                "the bias subtracted": "score = (chosen_image * kernel[:, 7]).sum() - bias[7]",
                "the mean": "score = (chosen_image * kernel[:, 7]).mean() + bias[7]",
                "a probability": """
scores = np.exp(chosen_image @ kernel + bias)
score = (scores / scores.sum())[7]
""",
                "the digit": "score = 7",
                "pixels up to 255": "score = (255 * chosen_image * kernel[:, 7]).sum() + bias[7]",
                "the weights alone": "score = kernel[:, 7].sum() + bias[7]",
                "a text": "score = str(score)",
                "no number": "score = float('nan')",
                "an image cut short": "chosen_image = chosen_image[:783]",
                "no image": 'chosen_image = "the first"',
                "no digit": "chosen_digit = 10",
            },
        ),
        "5.10": Cases(
            right={
                "lists": "confusion, most_confused = confusion.tolist(), [4, 9]",
                "looked up": """
mistakes = confusion - np.diag(np.diag(confusion))
most_confused = np.unravel_index(mistakes.argmax(), mistakes.shape)
""",
                "counts as floats": "confusion = confusion.astype(float)",
                "a tensor and an array": """
confusion = keras.ops.convert_to_tensor(confusion)
most_confused = np.array([4, 9])
""",
                "a table": """
confusion = [{j: int(count) for j, count in enumerate(row)} for row in confusion]
""",
                "tables of pandas": """
import pandas as pd

confusion = pd.DataFrame(confusion)
most_confused = confusion.where(~np.eye(10, dtype=bool)).stack().idxmax()
""",
                "counted by pandas": """
import pandas as pd

shown, answered = np.indices((10, 10)).reshape(2, -1).repeat(confusion.ravel(), axis=1)
confusion = pd.crosstab(shown, answered)
""",
                "either of two that are equal": """
confusion[7, [7, 9]] = 3, 2
confusion[3, [3, 5]] = 5, 0
most_confused = (7, 9)
""",
                "labels as one-hot codes": """
validation = (validation[0], np.eye(10)[validation[1]])
""",
            },
            wrong={
                "the other way round": "most_confused = (9, 4)",
                "another mistake": "most_confused = (7, 9)",
                "the diagonal": "most_confused = (0, 0)",
                "one digit": "most_confused = 4",
                "three numbers": "most_confused = (4, 9, 2)",
                "a text": 'most_confused = "49"',
                "no digits": "most_confused = (4, 19)",
                "half digits": "most_confused = (4.5, 9)",
                "the place in the flat matrix": "most_confused = 49",
                "rows and columns exchanged": "confusion, most_confused = confusion.T, (9, 4)",
                "shares": "confusion = confusion / 5",
                "mistakes only": "confusion = confusion - np.diag(np.diag(confusion))",
                "of another network": """
confusion = 5 * np.eye(10, dtype=int)
confusion[4, [4, 9]] = 4, 1
""",
                "nine digits": "confusion = confusion[:9, :9]",
                "of other images": "confusion = 2 * confusion",
                "the answers": "confusion = np.zeros(50, dtype=int)",
                "a number": "confusion = 0.92",
            },
        ),
        "5.11": letters("answer_5_11", "B", "ACD"),
        "5.12": letters("answer_5_12", "D", "ABC"),
        "5.13": letters("answer_5_13", "A", "BCD"),
    },
)
