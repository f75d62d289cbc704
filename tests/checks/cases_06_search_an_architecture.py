"""Exercise 6, as a learner might answer it."""

from functools import cache

from checks.cases import Cases, ExerciseCases, letters

# What a search is made with.
DEFINITIONS = """
import tempfile

import keras_tuner

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(*hidden, last=None):
    begin = [keras.Input((28, 28, 1)), layers.AveragePooling2D(4), layers.Flatten()]
    return keras.Sequential([*begin, *hidden, last or layers.Dense(10)])


def compiled(model, learning_rate=0.001, loss=LOSS, metrics=("accuracy",)):
    optimizer = keras.optimizers.Adam(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss=loss, metrics=list(metrics))
    return model


def build(hp):
    units = hp.Int("units", 4, 60)
    hidden = layers.Dense(units, activation=hp.Choice("activation", ["relu", "tanh"]))
    model = network(hidden, layers.Dropout(hp.Float("dropout", 0.0, 0.5)))
    return compiled(model, hp.Float("learning_rate", 1e-4, 1e-2, sampling="log"))


def build_with(values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return build(hp)


def draw(turns=3):
    hp = keras_tuner.HyperParameters()
    build(hp)
    values = dict(hp.values)
    drawn = [{"values": dict(values), "model": build_with(values)}]
    for seed, one in enumerate(turns * hp.space):
        values[one.name] = one.random_sample(seed)
        drawn.append({"values": dict(values), "model": build_with(values)})
    return drawn


folder = tempfile.TemporaryDirectory()


def searched(scores=(0.91, 0.88, 0.95, 0.93, 0.9, 0.945), tuner=None, **settings):
    usual = {"objective": "val_accuracy", "max_trials": 9, "max_model_size": 50_000}
    places = {"directory": folder.name, "project_name": "digits", "overwrite": True}
    kind = tuner or keras_tuner.RandomSearch
    tuner = kind(build, seed=1, **{**usual, **settings, **places})
    tuner.oracle.verbose = 0
    for score in scores:
        trial = tuner.oracle.create_trial("tuner0")
        trial.status = "FAILED"
        if score is not None:
            tuner.oracle.update_trial(trial.trial_id, {tuner.oracle.objective.name: score})
            trial.status = "COMPLETED"
        tuner.oracle.end_trial(trial)
    return tuner


def best_of(tuner, number=6):
    return tuner.oracle.get_best_trials(num_trials=number)
"""

# What takes long to make; the cases share it.
SHARED = """
samples = draw()
tuner = searched()
trials = best_of(tuner)
networks = [build(trial.hyperparameters) for trial in trials]
final = build(trials[0].hyperparameters)
"""


@cache
def shared() -> dict[str, object]:
    """Make what the cases share; no case may change it."""
    return ExerciseCases("06-search-an-architecture", DEFINITIONS + SHARED).namespace()


NOTEBOOK = """
from checks.cases_06_search_an_architecture import shared

prediction_6_1 = "B"
answer_6_10, answer_6_11, answer_6_12 = "C", "A", "D"
samples = [{**each} for each in shared()["samples"]]
tuner, final = shared()["tuner"], shared()["final"]
trials, networks = list(shared()["trials"]), list(shared()["networks"])
seconds = 21.5
n_validation = 2000


def table():
    return [
        {
            **trial.hyperparameters.values,
            "parameters": network.count_params(),
            "validation accuracy": trial.score,
        }
        for trial, network in zip(trials, networks)
    ]


results = table()
sizes = [row["parameters"] for row in results]
accuracies = [row["validation accuracy"] for row in results]


def plot(draw, labels=("parameters", "validation accuracy"), scale="log"):
    fig, ax = plt.subplots()
    draw(ax)
    if scale != "linear":
        ax.set_xscale(scale)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    return ax


ax = plot(lambda ax: ax.plot(sizes, accuracies, "o"))
best_parameters = sizes[0]
margin = 2 * np.sqrt(accuracies[0] * (1 - accuracies[0]) / n_validation)
within_noise = bool(accuracies[0] - accuracies[1] < margin)

scores = {seed: 0.876 + 0.006 * seed for seed in (11, 12)}
mean_score, spread = np.mean(list(scores.values())), np.std(list(scores.values()))
test_accuracy = mean_score - 0.001

file = folder.name + "/entry.npz"
np.savez(file, *final.get_weights())
entry = {
    "league": 10_000,
    "architecture": final.to_json(),
    "parameters": final.count_params(),
    "validation accuracy": scores[12],
    "weights": file,
}
x = np.random.default_rng(0).random((100, 28, 28, 1)).astype("float32")


def restored():
    network = keras.models.model_from_json(entry["architecture"])
    with np.load(entry["weights"], allow_pickle=False) as arrays:
        network.set_weights([arrays[name] for name in arrays.files])
    answers = network(x[:100], training=False)
    same = np.allclose(answers, final(x[:100], training=False), atol=1e-3)
    return {"parameters": network.count_params(), "same answers": same}
"""

# What a function of the learner's may look like, with parts of it replaced.
BUILD = """
def build(hp):
    units = {units}
    hidden = layers.Dense({used}, activation={activation})
    model = {network}(hidden, layers.Dropout({dropout}){last})
    {end}


samples = draw()
"""


def build(**parts: str) -> str:
    """Write the function `build`, with some of its parts replaced."""
    usual = {
        "units": 'hp.Int("units", 4, 60)',
        "used": "units",
        "activation": 'hp.Choice("activation", ["relu", "tanh"])',
        "network": "network",
        "dropout": 'hp.Float("dropout", 0.0, 0.5)',
        "last": "",
        "end": "return compiled(model, hp.Float('rate', 1e-4, 1e-2, sampling='log'))",
    }
    return BUILD.format(**usual | parts)


CONVOLUTIONS = """
def build(hp):
    inputs = keras.Input((28, 28, 1))
    maps = inputs
    for number in range(hp.Int("layers", 1, 3)):
        filters = hp.Choice(f"filters_{number}", [2, 4, 6])
        maps = layers.Conv2D(filters, 3, strides=2, padding="same")(maps)
        maps = layers.ReLU()(maps)
        if hp.Boolean("normalize"):
            maps = layers.BatchNormalization()(maps)
    maps = layers.Conv2D(10, hp.Choice("last kernel", [1, 3]), padding="same")(maps)
    outputs = layers.GlobalAveragePooling2D()(maps)
    return compiled(keras.Model(inputs, outputs))


samples = draw(turns=4)
"""

OPERATIONS = """
def build(hp):
    bend = getattr(keras.ops, hp.Choice("bend", ["relu", "tanh"]))
    inputs = keras.Input((28, 28, 1))
    x = layers.Flatten()(layers.AveragePooling2D(4)(inputs))
    x = bend(layers.Dense(hp.Int("units", 4, 60))(x))
    x = layers.Dropout(hp.Float("dropout", 0.0, 0.5))(x)
    model = keras.Model(inputs, keras.ops.softmax(layers.Dense(10)(x)))
    loss = {loss}
    return compiled(model, hp.Float("rate", 1e-4, 1e-2), loss)


samples = draw()
"""

SUBCLASS = """
class Digits(keras.Model):
    def __init__(self, *hidden, last=None):
        super().__init__()
        self.flatten = layers.Flatten()
        self.first, self.dropout = hidden
        self.last = layers.Dense(10)

    def call(self, x):
        return self.last(self.dropout(self.first(self.flatten(x))))


def network(*hidden):
    model = Digits(*hidden)
    model(np.zeros((1, 28, 28, 1)))
    return model
"""

CONDITION = """
def build(hp):
    kind = hp.Choice("kind", ["dense", "convolution"])
    inputs = keras.Input((28, 28, 1))
    found = layers.AveragePooling2D(4)(inputs)
    if kind == "convolution":
        with hp.conditional_scope("kind", ["convolution"]):
            found = layers.Conv2D(hp.Int("filters", 2, 9), 3)(found)
    found = layers.Flatten()(found)
    if kind == "dense":
        with hp.conditional_scope("kind", ["dense"]):
            found = layers.Dense(hp.Int("units", 2, 9))(found)
    found = layers.Dropout(hp.Float("dropout", 0.0, 0.5))(found)
    model = keras.Model(inputs, layers.Dense(10)(found))
    return compiled(model, hp.Float("rate", 1e-4, 1e-2, sampling="log"))


samples = draw(turns=6)
"""

SCHEDULE = """
peak = hp.Float("peak", 1e-3, 1e-2)
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=peak, warmup_steps=9)
    return compiled(model, schedule)
"""

SMOOTHED = """
smoothing = hp.Float("smoothing", 0.0, 0.2)
    return compiled(model, loss=keras.losses.CategoricalCrossentropy(True, smoothing))
"""

# A network whose size is just below the larger budget.
LARGE = """
final = compiled(network(layers.Dense(700)))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
"""

CASES = ExerciseCases(
    "06-search-an-architecture",
    DEFINITIONS + NOTEBOOK,
    {
        "6.1": letters("prediction_6_1", "A"),
        "6.2": Cases(
            right={
                "as on the page": build(),
                "functional, a loop of convolutions, pooled at the end": CONVOLUTIONS,
                "a subclass": SUBCLASS + build(),
                "hyperparameters that depend on another": CONDITION,
                "softmax and a loss without logits": build(
                    last=', last=layers.Dense(10, activation="softmax")',
                    end='return compiled(model, hp.Float("rate", 1e-4, 1e-2), '
                    'loss="sparse_categorical_crossentropy")',
                ),
                "the peak of a schedule": build(end=SCHEDULE.strip()),
                "label smoothing": build(end=SMOOTHED.strip()),
                "Keras's functions between the layers": OPERATIONS.format(
                    loss='"sparse_categorical_crossentropy"'
                ),
                "a metric for one-hot labels with their loss": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "keras.losses.CategoricalCrossentropy(True), ['categorical_accuracy'])"
                ),
                "the metric's short name": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), metrics=['acc'])"
                ),
                "a few networks beyond the budget": build(units='hp.Int("units", 4, 1000)'),
                "one that makes no difference beside four that do": build(
                    units='hp.Int("units", 4, 60) + 0 * hp.Int("nothing", 1, 9)'
                ),
                "pairs instead of a dictionary": """
samples = [{**each, "values": list(each["values"].items())} for each in samples]
""",
            },
            wrong={
                "three hyperparameters": build(dropout="0.2"),
                "none": build(
                    units="8", activation='"relu"', dropout="0.2", end="return compiled(model)"
                ),
                "one of four is not used": build(used="16"),
                "one of four has a single value": build(activation='hp.Choice("a", ["relu"])'),
                "nothing about the architecture": build(
                    units="16",
                    activation='"relu"',
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "keras.losses.CategoricalCrossentropy(True, hp.Float('smoothing', 0.0, 0.2)), "
                    "['accuracy'] + hp.Boolean('more') * ['mse'])",
                ),
                "nine outputs": build(last=", last=layers.Dense(9)"),
                "not compiled": build(end="hp.Float('rate', 0.1, 0.2)\n    return model"),
                "a loss for probabilities on logits": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "'sparse_categorical_crossentropy')"
                ),
                "softmax and a loss for logits": build(
                    last=', last=layers.Dense(10, activation="softmax")'
                ),
                "no metric": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), metrics=())"
                ),
                "squared error": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), 'mse')"
                ),
                "softmax by a function, and a loss for logits": OPERATIONS.format(loss="LOSS"),
                "a loss for two classes": OPERATIONS.format(loss='"binary_crossentropy"'),
                "a metric that compares scores with labels": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "metrics=[keras.metrics.Accuracy()])"
                ),
                "a metric for one-hot labels with a loss for whole numbers": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "metrics=['categorical_accuracy'])"
                ),
                "a metric for two classes": build(
                    end="return compiled(model, hp.Float('rate', 1e-4, 1e-2), "
                    "metrics=['binary_accuracy'])"
                ),
                "most networks are too large": build(units='hp.Int("units", 500, 2000)'),
                "no input": "def network(*hidden, last=None):\n"
                "    return keras.Sequential([layers.Flatten(), *hidden, layers.Dense(10)])\n"
                + build(),
                "a text": build(end="return 'model'"),
                "the hyperparameters' values instead of a model": build(
                    end="compiled(model, hp.Float('rate', 1e-4, 1e-2))\n    return hp.values"
                ),
                "samples of one search space and values of another": """
samples = [{**each, "values": samples[0]["values"]} for each in samples]
""",
            },
        ),
        "6.3": Cases(
            right={
                "an objective as an object": """
tuner = searched(objective=keras_tuner.Objective("val_accuracy", direction="max"))
trials = best_of(tuner)
""",
                "another tuner": """
tuner = searched(tuner=keras_tuner.GridSearch)
trials = best_of(tuner)
""",
                "no limit where the search space needs none": """
tuner = searched(max_model_size=None)
trials = best_of(tuner)
""",
                "a limit where the search space needs one": build(units='hp.Int("units", 4, 1000)')
                + "tuner = searched()\ntrials = best_of(tuner)",
                "a smaller limit": """
tuner = searched(max_model_size=10_000)
trials = best_of(tuner)
""",
                "five trials": """
tuner = searched((0.9, 0.91, 0.92, 0.93, 0.94))
trials = best_of(tuner, 5)
""",
                "a failed trial is left out": """
tuner = searched((0.9, None, 0.91, 0.92, 0.93, 0.94))
trials = [trial for trial in best_of(tuner) if trial.score is not None]
""",
                "sorted by hand": """
trials = sorted(tuner.oracle.trials.values(), key=lambda trial: -trial.score)
""",
                "a tuple, and seconds of NumPy's": """
trials, seconds = tuple(trials), np.float32(12.5)
""",
            },
            wrong={
                "the loss as objective": """
tuner = searched(objective="val_loss")
trials = best_of(tuner)
""",
                "the training accuracy as objective": """
tuner = searched(objective="accuracy")
trials = best_of(tuner)
""",
                "looking for the smallest": """
tuner = searched(objective=keras_tuner.Objective("val_accuracy", direction="min"))
trials = best_of(tuner)
""",
                "four trials": """
tuner = searched((0.9, 0.91, 0.92, 0.93))
trials = best_of(tuner)
""",
                "failed trials do not count": """
tuner = searched((0.9, 0.91, None, None, 0.93, 0.94))
trials = best_of(tuner)[:4]
""",
                "a failed trial among the best": """
tuner = searched((0.9, None, 0.91, 0.92, 0.93, 0.94))
trials = best_of(tuner)
""",
                "not searched": "tuner = searched(())",
                "only the best trial": "trials = tuner.oracle.get_best_trials()",
                "in the order of the search": "trials = list(tuner.oracle.trials.values())",
                "the worst first": "trials = trials[::-1]",
                "hyperparameters instead of trials": """
trials = tuner.get_best_hyperparameters(num_trials=6)
""",
                "the trials' dictionary": "trials = tuner.oracle.trials",
                "the class instead of a tuner": "tuner = keras_tuner.RandomSearch",
                "what search() returns": 'tuner = "searched"',
                "no limit where the search space needs one": build(units='hp.Int("units", 4, 1000)')
                + "tuner = searched(max_model_size=None)\ntrials = best_of(tuner)",
                "a limit above the budget": build(units='hp.Int("units", 4, 1000)')
                + "tuner = searched(max_model_size=100_000)\ntrials = best_of(tuner)",
                "seconds below zero": "seconds = -21.5",
                "seconds as a text": 'seconds = "21.5 s"',
            },
        ),
        "6.4": Cases(
            right={
                "a dictionary of columns": """
results = {name: [row[name] for row in results] for name in results[0]}
""",
                "other columns beside": """
results = [{"trial": trial.trial_id, **row} for trial, row in zip(trials, results)]
""",
                "underscores and capitals": """
results = [{k.title().replace(" ", "_"): v for k, v in row.items()} for row in results]
""",
                "rounded to three digits": """
results = [{k: float(f"{v:.3g}") if isinstance(v, float) else v for k, v in row.items()}
           for row in results]
""",
                "hyperparameters in a dictionary of their own": """
results = [
    {
        "hyperparameters": trial.hyperparameters.values,
        "parameters": network.count_params(),
        "validation accuracy": trial.score,
    }
    for trial, network in zip(trials, networks)
]
""",
                "a table of pandas": "import pandas as pd\nresults = pd.DataFrame(results)",
                "a table of pandas by trial": """
import pandas as pd

results = pd.DataFrame(results, index=[trial.trial_id for trial in trials])
""",
                "a table of pandas by the number of parameters": """
import pandas as pd

results = pd.DataFrame(results).set_index("parameters")
""",
                "an array with names": """
kinds = [(name, "U9" if isinstance(value, str) else float) for name, value in results[0].items()]
results = np.array([tuple(row.values()) for row in results], dtype=kinds)
""",
                "two equal scores in the other order": """
tuner = searched((0.95, 0.95, 0.92, 0.93, 0.9, 0.94))
trials = best_of(tuner)
networks = [build(trial.hyperparameters) for trial in trials]
results = table()
results[:2] = results[1::-1]
""",
                "NumPy's numbers, as a tuple": """
results = tuple({k: np.array(v)[()] for k, v in row.items()} for row in results)
""",
            },
            wrong={
                "the worst first": "results = results[::-1]",
                "sorted by size": 'results.sort(key=lambda row: row["parameters"])',
                "one network's parameters for all": """
for row in results:
    row["parameters"] = networks[0].count_params()
""",
                "bytes instead of parameters": """
for row in results:
    row["parameters"] *= 4
""",
                "percent for fraction": """
for row in results:
    row["validation accuracy"] *= 100
""",
                "other accuracies": """
for row in results:
    row["validation accuracy"] += 0.005
""",
                "one learning rate for all": """
for row in results:
    row["learning_rate"] = 0.001
""",
                "hyperparameters in another order than the scores": """
for row, trial in zip(results, trials[::-1]):
    row |= trial.hyperparameters.values
""",
                "a hyperparameter too few": """
for row in results:
    del row["dropout"]
""",
                "no hyperparameters": """
results = [{k: row[k] for k in ("parameters", "validation accuracy")} for row in results]
""",
                "a row too few": "results = results[:-1]",
                "a row twice": "results[-1] = results[-2]",
                "lists without names": "results = [list(row.values()) for row in results]",
                "accuracies as texts": """
results = [{**r, "validation accuracy": str(r["validation accuracy"])} for r in results]
""",
            },
        ),
        "6.5": Cases(
            right={
                "a scatter plot": "ax = plot(lambda ax: ax.scatter(sizes, accuracies))",
                "an ordinary axis": """
ax = plot(lambda ax: ax.plot(sizes, accuracies, "o"), scale="linear")
""",
                "in percent": """
ax = plot(lambda ax: ax.plot(sizes, [100 * a for a in accuracies], "x"))
""",
                "thousands of parameters": """
ax = plot(lambda ax: ax.plot([size / 1000 for size in sizes], accuracies, "o"))
""",
                "the figure": 'ax = plot(lambda ax: ax.plot(sizes, accuracies, "o")).figure',
                "the logarithm of the size": """
ax = plot(lambda ax: ax.plot(np.log10(sizes), accuracies, "o"), scale="linear")
""",
                "stems": "ax = plot(lambda ax: ax.stem(sizes, accuracies))",
                "by seaborn, in colours": """
import pandas as pd
import seaborn as sns

ax = sns.scatterplot(pd.DataFrame(results), x="parameters", y="validation accuracy",
                     hue="activation", size="units")
""",
                "by pandas": """
import pandas as pd

ax = pd.DataFrame(results).plot.scatter(x="parameters", y="validation accuracy")
""",
                "labels in French": """
ax = plot(
    lambda ax: ax.scatter(sizes, accuracies), labels=("paramètres (milliers)", "exactitude en %")
)
""",
                "a line for each point": """
ax = plot(lambda ax: [ax.plot(x, y, "o") for x, y in zip(sizes, accuracies)])
""",
                "the budget as a line beside": """
ax = plot(lambda ax: [ax.plot(sizes, accuracies, "o"), ax.axvline(50_000)])
""",
            },
            wrong={
                "axes exchanged": 'ax = plot(lambda ax: ax.plot(accuracies, sizes, "o"))',
                "numbered instead of placed": 'ax = plot(lambda ax: ax.plot(accuracies, "o"))',
                "a network is missing": """
ax = plot(lambda ax: ax.plot(sizes[:-1], accuracies[:-1], "o"))
""",
                "the sizes sorted, the accuracies not": """
ax = plot(lambda ax: ax.plot(sorted(sizes), accuracies, "o"))
""",
                "the learning rate instead of the size": """
ax = plot(lambda ax: ax.plot([row["learning_rate"] for row in results], accuracies, "o"))
""",
                "the dropout instead of the accuracy": """
ax = plot(lambda ax: ax.plot(sizes, [row["dropout"] for row in results], "o"))
""",
                "labels exchanged": """
ax = plot(lambda ax: ax.plot(sizes, accuracies, "o"), labels=("accuracy", "parameters"))
""",
                "no label below": """
ax = plot(lambda ax: ax.plot(sizes, accuracies), labels=("", "accuracy"))
""",
                "no label beside": """
ax = plot(lambda ax: ax.plot(sizes, accuracies), labels=("parameters", ""))
""",
                "what plot() returns": "ax = ax.plot(sizes, accuracies)",
            },
        ),
        "6.6": Cases(
            right={
                "a float and NumPy's truth": """
best_parameters, within_noise = float(sizes[0]), np.bool_(True)
""",
                "rounded to three digits": "margin = round(margin, 3)",
                "a number of NumPy's": "margin = np.float32(margin)",
                "a lead that is larger": """
tuner = searched((0.91, 0.88, 0.95, 0.93, 0.9, 0.93))
trials = best_of(tuner)
networks = [build(trial.hyperparameters) for trial in trials]
within_noise = False
""",
                "no lead at all, and the other of the two": """
tuner = searched((0.91, 0.88, 0.95, 0.93, 0.9, 0.95))
trials = best_of(tuner)
networks = [build(trial.hyperparameters) for trial in trials]
best_parameters = networks[1].count_params()
""",
                "another number of images": """
n_validation = 333
margin = 2 * (0.95 * 0.05 / 333) ** 0.5
""",
            },
            wrong={
                "the second best's parameters": "best_parameters = sizes[1]",
                "the worst network's parameters": "best_parameters = sizes[-1]",
                "the accuracy instead of the parameters": "best_parameters = 0.95",
                "one standard error": "margin /= 2",
                "percentage points": "margin *= 100",
                "the variance": "margin = 2 * 0.95 * 0.05 / 2000",
                "not divided by the number of images": "margin = 2 * np.sqrt(0.95 * 0.05)",
                "over the training images": "margin = 2 * np.sqrt(0.95 * 0.05 / 10_000)",
                "p is left out": "margin = 2 * np.sqrt(1 / 2000)",
                "the other conclusion": "within_noise = False",
                "the conclusion as a text": 'within_noise = "yes"',
                "the lead as the conclusion": "within_noise = 0.005",
                "the best trial's name": "best_parameters = trials[0].trial_id",
            },
        ),
        "6.7": Cases(
            right={
                "dividing by one less": "spread = np.std(list(scores.values()), ddof=1)",
                "NumPy's numbers": """
scores = {seed: np.float32(score) for seed, score in scores.items()}
mean_score, spread = np.mean(list(scores.values())), np.std(list(scores.values()))
""",
                "more seeds": """
scores |= {13: 0.9515, 14: 0.94}
mean_score, spread = np.mean(list(scores.values())), np.std(list(scores.values()))
""",
                "a list": "scores = list(scores.values())",
                "a column of pandas": """
import pandas as pd

scores = pd.Series(scores)
mean_score, spread = scores.mean(), scores.std()
""",
                "rounded to three digits": """
scores = {1: 0.94233, 2: 0.94871}
mean_score, spread = 0.946, 0.003
""",
                "twice the same": """
scores = {1: 0.95, 2: 0.95}
mean_score, spread = 0.95, 0.0
""",
            },
            wrong={
                "one seed": "scores, mean_score, spread = {11: 0.942}, 0.942, 0.0",
                "percent": """
scores = {11: 94.2, 12: 94.8}
mean_score, spread = 94.5, 0.3
""",
                "the mean with the search's score": "mean_score = (0.942 + 0.948 + 0.95) / 3",
                "the better one for the mean": "mean_score = 0.948",
                "the mean in percent": "mean_score = 94.5",
                "the variance": "spread = np.var(list(scores.values()))",
                "the range": "spread = 0.948 - 0.942",
                "the spread in percent": "spread = 0.3",
                "the histories": """
scores = {seed: {"val_accuracy": [0.9, score]} for seed, score in scores.items()}
""",
                "losses": "scores = {11: 2.31, 12: 1.08}",
                "networks that have learned nothing": """
scores = {11: 0.112, 12: 0.096}
mean_score, spread = 0.104, 0.008
""",
                "all epochs": "scores = {11: [0.9, 0.942], 12: [0.91, 0.948]}",
                "a list for the mean": "mean_score = [0.945]",
            },
        ),
        "6.8": Cases(
            right={
                "a float": "test_accuracy = 0.9512",
                "a number of NumPy's": "test_accuracy = np.float32(0.9441)",
                "lower than in validation": "test_accuracy = 0.91",
                "an array without axes": "test_accuracy = np.array(0.94)",
                "all of them": "test_accuracy = 1",
            },
            wrong={
                "percent": "test_accuracy = 94.4",
                "the loss": "test_accuracy = 0.1874",
                "the share of mistakes": "test_accuracy = 0.056",
                "both numbers of evaluate()": "test_accuracy = [0.1874, 0.944]",
                "a network that has learned nothing": """
scores = {11: 0.112, 12: 0.096}
test_accuracy = 0.098
""",
                "the number of right answers": "test_accuracy = 9440",
                "a text": 'test_accuracy = "94.4 %"',
                "no number": 'test_accuracy = float("nan")',
                "True": "test_accuracy = True",
            },
        ),
        "6.9": Cases(
            right={
                "the league as a text": 'entry["league"] = "10,000"',
                "the larger league, by choice": 'entry["league"] = "50k"',
                "a larger network": LARGE + "entry['league'] = 50_000",
                "underscores": """
entry["validation_accuracy"] = entry.pop("validation accuracy")
""",
                "more entries": 'entry |= {"name": "Ada", "test accuracy": 0.944}',
                "the mean accuracy": 'entry["validation accuracy"] = 0.945',
                "compressed, with names": """
arrays = {f"weight {n:03}": array for n, array in enumerate(final.get_weights())}
np.savez_compressed(file, **arrays)
""",
                "a network of Keras's functions": """
inputs = keras.Input((28, 28, 1))
found = layers.Flatten()(layers.AveragePooling2D(4)(inputs))
found = keras.ops.relu(layers.Dense(20)(found))
final = compiled(keras.Model(inputs, layers.Dense(10)(found)))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
""",
                "images moved at random, as the leaderboard refuses": """
inputs = keras.Input((28, 28, 1))
found = layers.AveragePooling2D(4)(layers.RandomTranslation(0.1, 0.1)(inputs))
final = compiled(keras.Model(inputs, layers.Dense(10)(layers.Flatten()(found))))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
""",
                "one activation layer for all": """
bend = layers.ReLU()
inputs = keras.Input((28, 28, 1))
found = layers.Flatten()(layers.AveragePooling2D(4)(inputs))
found = bend(layers.Dense(20)(bend(layers.Dense(20)(found))))
final = compiled(keras.Model(inputs, layers.Dense(10)(found)))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
""",
                "a functional network within another": """
inputs = keras.Input((28, 28, 1))
inside = network(layers.Dense(20), layers.Dropout(0.1))
final = compiled(keras.Model(inputs, inside(layers.ReLU()(inputs))))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
""",
            },
            wrong={
                "too large for its league": LARGE,
                "a league that there is not": 'entry["league"] = 20_000',
                "the league's number": 'entry["league"] = 1',
                "the league in words": 'entry["league"] = "the small one"',
                "other parameters": 'entry["parameters"] += 10',
                "the parameters as a text": 'entry["parameters"] = "970"',
                "the configuration instead of its text": """
entry["architecture"] = final.get_config()
""",
                "the summary": 'entry["architecture"] = "Model: sequential"',
                "JSON without layers": """entry["architecture"] = '{"layers": 3}'""",
                "another network's architecture": """
entry["architecture"] = network(layers.Dense(8)).to_json()
""",
                "the architecture with other units": """
entry["architecture"] = network(layers.Dense(8), layers.Dropout(0.2)).to_json()
""",
                "the accuracy in the search": 'entry["validation accuracy"] = 0.95',
                "the accuracy in percent": 'entry["validation accuracy"] = 94.8',
                "the weights themselves": 'entry["weights"] = final.get_weights()',
                "a file of Keras's": 'entry["weights"] = "entry.keras"',
                "a file that is not there": 'entry["weights"] = "nowhere.npz"',
                "weights as a pickle": """
array = np.array([*final.get_weights(), None], dtype=object)[:-1]
np.savez(file, weights=array)
""",
                "another network's weights": """
other = build(trials[0].hyperparameters)
np.savez(file, *other.get_weights())
""",
                "too few weights": "np.savez(file, *final.get_weights()[:-1])",
                "an entry without weights": 'del entry["weights"]',
                "a list": "entry = list(entry.values())",
                "the file's name only": 'entry = "entry.npz"',
                "a network that is not compiled": """
final = network(layers.Dense(20))
np.savez(file, *final.get_weights())
entry |= {"architecture": final.to_json(), "parameters": final.count_params()}
""",
                "the trial instead of the network": "final = trials[0]",
            },
        ),
        "6.10": letters("answer_6_10", "C", "ABD"),
        "6.11": letters("answer_6_11", "A", "BCD"),
        "6.12": letters("answer_6_12", "D", "ABC"),
    },
)
