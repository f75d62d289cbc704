"""Exercise 3, as a learner might answer it."""

from checks.cases import Cases, ExerciseCases, letters

NOTEBOOK = """
prediction_3_1 = "B"
answer_3_9, answer_3_10, answer_3_11 = "C", "D", "A"


def measured(count, best):
    # The validation loss is at its lowest after the epoch `best`, the accuracy some epochs later.
    epochs = range(1, count + 1)
    return {
        "accuracy": [1 - 0.3 * 0.8**e for e in epochs],
        "loss": [1.2 * 0.8**e for e in epochs],
        "val_accuracy": [0.86 - 0.002 * abs(e - best - 4) for e in epochs],
        "val_loss": [0.45 + (0.004 if e > best else 0.06) * abs(e - best) for e in epochs],
    }


long_run = measured(40, 9)


def plot(draw, labels=("epoch", "loss"), legend=True):
    fig, ax = plt.subplots()
    draw(ax)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    if legend:
        ax.legend()
    return ax


epochs = list(range(1, 41))


def both(ax, x=epochs, names=("training", "validation"), keys=("loss", "val_loss")):
    for key, name in zip(keys, names):
        ax.plot(x, long_run[key], label=name)


ax = plot(both)


def find_best_epoch(losses):
    return int(np.argmin(losses)) + 1


best_epoch = find_best_epoch(long_run["val_loss"])
gap = long_run["accuracy"][-1] - long_run["val_accuracy"][-1]


def stop(**options):
    usual = {"monitor": "val_loss", "patience": 5, "restore_best_weights": True}
    return keras.callbacks.EarlyStopping(**{**usual, **options})


stopper = stop()
stopped_run = measured(14, 9)
epochs_saved = len(long_run["loss"]) - len(stopped_run["loss"])
best = int(np.argmin(stopped_run["val_loss"]))
restored_loss, restored_accuracy = (stopped_run[key][best] for key in ("val_loss", "val_accuracy"))


def row(early, run, place):
    return {
        "early stopping": early,
        "epochs": len(run["loss"]),
        "validation loss": run["val_loss"][place],
        "validation accuracy": run["val_accuracy"][place],
    }


results = [row(False, long_run, -1), row(True, stopped_run, best)]
"""


def find(line: str) -> str:
    """Write the function `find_best_epoch` with this body."""
    return f"def find_best_epoch(losses):\n    {line}"


CASES = ExerciseCases(
    "03-epochs",
    NOTEBOOK,
    {
        "3.1": letters("prediction_3_1", "A"),
        "3.2": Cases(
            right={
                "the History object itself": """
values, long_run = long_run, keras.callbacks.History()
long_run.history = values
""",
                "values as arrays": """
long_run = {name: np.array(values, dtype="float32") for name, values in long_run.items()}
""",
                "a metric as an object": """
long_run = {k.replace("accuracy", "sparse_categorical_accuracy"): v for k, v in long_run.items()}
""",
                "more epochs": "long_run = measured(60, 9)",
                "a table of pandas": "import pandas as pd\nlong_run = pd.DataFrame(long_run)",
                "a table of pandas by epoch": """
import pandas as pd

long_run = pd.DataFrame(long_run, index=pd.RangeIndex(1, 41, name="epoch"))
""",
                "a row for each epoch": """
long_run = [{k: v[place] for k, v in long_run.items()} for place in range(40)]
""",
                "a metric with a German name": """
long_run = {k.replace("accuracy", "genauigkeit"): v for k, v in long_run.items()}
""",
                "another metric beside": """
long_run |= {f"{k}sparse_top_k_categorical_accuracy": [1.0] * 40 for k in ("", "val_")}
""",
                "the learning rate measured too": 'long_run["learning_rate"] = [0.001] * 40',
                "the metric's short name": """
long_run = {k.replace("accuracy", "acc"): v for k, v in long_run.items()}
""",
            },
            wrong={
                "ten epochs": "long_run = measured(10, 9)",
                "an epoch too few": "long_run = measured(39, 9)",
                "no validation data": 'del long_run["val_loss"], long_run["val_accuracy"]',
                "no metric": 'del long_run["accuracy"], long_run["val_accuracy"]',
                "a metric that is content with the five best": """
long_run = {
    k.replace("accuracy", "sparse_top_k_categorical_accuracy"): v for k, v in long_run.items()
}
""",
                "the network does not overfit": "long_run = measured(40, 40)",
                "validated with the training images": """
long_run["val_loss"] = [0.9 * loss for loss in long_run["loss"]]
""",
                "only the last epoch": """
long_run = {name: values[-1] for name, values in long_run.items()}
""",
                "only the validation loss": 'long_run = long_run["val_loss"]',
                "the model": "long_run = keras.Sequential([layers.Dense(10)])",
                "the number of epochs": "long_run = 40",
                "losses that are no number": 'long_run["val_loss"] = [float("nan")] * 40',
            },
        ),
        "3.3": Cases(
            right={
                "a function's own colours and markers": """
def draw(ax):
    ax.plot(epochs, long_run["val_loss"], "o--", color="black", label="Validation loss")
    ax.plot(epochs, long_run["loss"], "r-", label="Training loss")

ax = plot(draw)
""",
                "names given to the legend": """
ax = plot(lambda ax: both(ax, names=(None, None)), legend=False)
ax.legend(["training", "validation"])
""",
                "two scatter plots": """
def draw(ax):
    ax.scatter(epochs, long_run["loss"], label="train")
    ax.scatter(epochs, long_run["val_loss"], label="val")

ax = plot(draw)
""",
                "the best epoch marked": """
ax = plot(lambda ax: [both(ax), ax.axvline(9, label="best")])
""",
                "the figure": "ax = plot(both).figure",
                "the names of the history": """
ax = plot(lambda ax: both(ax, names=("loss", "val_loss")))
""",
                "names with an explanation": """
ax = plot(lambda ax: both(ax, names=("train (evaluated during the epoch)", "other images")))
""",
                "names with both words in one": """
ax = plot(lambda ax: both(ax, names=("train, without the validation images", "val")))
""",
                "names and labels in French": """
ax = plot(
    lambda ax: both(ax, names=("perte d'entraînement", "perte de validation")),
    labels=("époque", "perte (entropie croisée)"),
)
""",
                "names and labels in German": """
ax = plot(
    lambda ax: both(ax, names=("Trainingsverlust", "Validierungsverlust")),
    labels=("Epoche", "Verlust"),
)
""",
                "names written together": """
ax = plot(lambda ax: both(ax, names=("trainLoss", "valLoss")))
""",
                "both in one colour": """
def draw(ax):
    ax.plot(epochs, long_run["loss"], "k-")
    ax.plot(epochs, long_run["val_loss"], "k--")

ax = plot(draw, legend=False)
ax.legend(["training", "validation"])
""",
                "a legend made by hand": """
ax = plot(lambda ax: both(ax, names=(None, None)), legend=False)
handles = [plt.Line2D([], [], color=f"C{n}", label=name) for n, name in
           ((1, "validation"), (0, "training"))]
ax.legend(handles=handles)
""",
                "a second axis beside": """
ax = plot(lambda ax: ax.plot(epochs, long_run["loss"], label="training"), legend=False)
other = ax.twinx()
other.plot(epochs, long_run["val_loss"], "r", label="validation")
ax.figure.legend()
""",
                "the area between": """
ax = plot(lambda ax: [both(ax), ax.fill_between(epochs, long_run["loss"], long_run["val_loss"])])
""",
                "a plot of its own beside": """
fig, ax = plt.subplots(1, 2)
ax[0].plot(epochs, long_run["accuracy"])
both(ax[1])
ax[1].set(xlabel="epoch", ylabel="loss")
ax[1].legend()
""",
                "each epoch's number as a tick": """
ax = plot(lambda ax: [both(ax, x=range(40)), ax.set_xticks(range(40), epochs)])
""",
                "by pandas": """
import pandas as pd

table = pd.DataFrame(long_run, index=epochs)
ax = table[["loss", "val_loss"]].plot(xlabel="epoch", ylabel="loss")
""",
                "by seaborn": """
import pandas as pd
import seaborn as sns

table = pd.DataFrame(long_run)[["loss", "val_loss"]].rename_axis("epoch").reset_index()
table["epoch"] += 1
ax = sns.lineplot(table.melt("epoch", value_name="cross-entropy"), x="epoch",
                  y="cross-entropy", hue="variable")
""",
                "a logarithmic axis and a title": """
ax = plot(both)
ax.set_yscale("log")
ax.set_title("Overfitting")
""",
                "arrays": """
ax = plot(lambda ax: both(ax, x=np.arange(40) + 1))
""",
            },
            wrong={
                "no legend": "ax = plot(both, legend=False)",
                "no names": """
ax = plot(lambda ax: both(ax, names=(None, None)), legend=False)
""",
                "no label below": 'ax = plot(both, labels=("", "loss"))',
                "no label beside": 'ax = plot(both, labels=("epoch", ""))',
                "the epochs from 0": "ax = plot(lambda ax: both(ax, x=range(40)))",
                "only the training loss": """
ax = plot(lambda ax: ax.plot(epochs, long_run["loss"], label="training"))
""",
                "the accuracies": """
ax = plot(lambda ax: both(ax, keys=("accuracy", "val_accuracy")))
""",
                "the training accuracy with the validation loss": """
ax = plot(lambda ax: both(ax, keys=("accuracy", "val_loss")))
""",
                "names exchanged": """
ax = plot(lambda ax: both(ax, names=("validation", "training")))
""",
                "names exchanged, in French": """
ax = plot(lambda ax: both(ax, names=("validation", "entraînement")))
""",
                "names exchanged in the legend": """
ax = plot(lambda ax: both(ax, names=(None, None)), legend=False)
ax.legend(["val_loss", "loss (train)"])
""",
                "labels exchanged": 'ax = plot(both, labels=("loss", "epoch"))',
                "the same name twice": 'ax = plot(lambda ax: both(ax, names=("loss", "loss")))',
                "axes exchanged": """
ax = plot(lambda ax: [ax.plot(long_run[k], epochs, label=k) for k in ("loss", "val_loss")])
""",
                "only the first ten epochs": """
ax = plot(lambda ax: [
    ax.plot(epochs[:10], long_run[k][:10], label=k) for k in ("loss", "val_loss")
])
""",
                "what plot() returns": 'ax = ax.plot(epochs, long_run["loss"])',
            },
        ),
        "3.4": Cases(
            right={
                "with index": find("return losses.index(min(losses)) + 1"),
                "a number of NumPy's": find("return np.argmin(losses) + 1")
                + '\nbest_epoch = find_best_epoch(long_run["val_loss"])',
                "a loop": find("""
    best, lowest = 0, float("inf")
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = epoch, loss
    return best
"""),
                "sorted by loss": find("return sorted(zip(losses, range(1, 99)))[0][1]"),
                "the list sorted in place": find("""
    first = list(losses)
    losses.sort()
    return first.index(losses[0]) + 1
"""),
                "a whole number written as 9.0": "best_epoch = 9.0",
                "either of two that are equal": """
long_run["val_loss"][10] = long_run["val_loss"][8]
best_epoch = 11
""",
                "the first epoch": """
long_run["val_loss"][0] = 0.1
best_epoch = 1
""",
            },
            wrong={
                "the function counts from 0": find("return int(np.argmin(losses))"),
                "the highest loss": find("return int(np.argmax(losses)) + 1"),
                "the last epoch": find("return len(losses)"),
                "the lowest loss itself": find("return min(losses)"),
                "off by two": find("return int(np.argmin(losses)) + 2"),
                "a fixed epoch": find("return 9"),
                "counted from the end": find("return int(np.argmin(losses)) - len(losses)"),
                "the first rise": find(
                    "return next((e for e in range(1, len(losses)) if losses[e] > losses[e - 1]), "
                    "len(losses))"
                ),
                "a list": find("return [int(np.argmin(losses)) + 1]"),
                "the function takes nothing": "def find_best_epoch():\n    return 9",
                "the function takes the history": find('return np.argmin(losses["val_loss"]) + 1'),
                "no function": "find_best_epoch = 9",
                "the epoch counted from 0": "best_epoch = 8",
                "one too many": "best_epoch = 10",
                "the lowest training loss, which is the last epoch": "best_epoch = 40",
                "the highest validation accuracy": """
best_epoch = int(np.argmax(long_run["val_accuracy"])) + 1
""",
                "the loss for the epoch": 'best_epoch = min(long_run["val_loss"])',
                "an epoch that was not trained": "best_epoch = 41",
                "before the first epoch": "best_epoch = 0",
                "a text": 'best_epoch = "9"',
                "both curves' epochs": "best_epoch = [40, 9]",
            },
        ),
        "3.5": Cases(
            right={
                "rounded to three digits": "gap = round(gap, 3)",
                "a number of NumPy's": "gap = np.float32(gap)",
                "an array of one number": "gap = np.array(gap)",
                "by last place": """
gap = long_run["accuracy"][39] - long_run["val_accuracy"][39]
""",
                "a gap the other way": """
long_run["accuracy"][-1] = 0.5
gap = 0.5 - long_run["val_accuracy"][-1]
""",
            },
            wrong={
                "in percent": "gap = 100 * gap",
                "the other way round": "gap = -gap",
                "between the losses": 'gap = long_run["val_loss"][-1] - long_run["loss"][-1]',
                "at the best epoch": 'gap = long_run["accuracy"][8] - long_run["val_accuracy"][8]',
                "between the best of each": """
gap = max(long_run["accuracy"]) - max(long_run["val_accuracy"])
""",
                "the ratio": 'gap = long_run["accuracy"][-1] / long_run["val_accuracy"][-1]',
                "the training accuracy": 'gap = long_run["accuracy"][-1]',
                "rounded to one digit": "gap = round(gap, 1)",
                "of each epoch": """
gap = np.array(long_run["accuracy"]) - np.array(long_run["val_accuracy"])
""",
                "a text": 'gap = "20 %"',
                "true": "gap = True",
            },
        ),
        "3.6": Cases(
            right={
                "in a list": "stopper = [stopper]",
                "the default monitor": """
stopper = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
""",
                "another patience": """
stopper = stop(patience=3)
stopped_run = measured(12, 9)
epochs_saved = 28
""",
                "the mode given": 'stopper = stop(mode="min", verbose=1)',
                "a smallest improvement": """
stopper = stop(min_delta=0.01)
stopped_run = measured(13, 9)
epochs_saved = 27
""",
                "another random start": """
stopped_run = {name: [1.1 * v for v in values] for name, values in stopped_run.items()}
""",
                "numbers of NumPy's": """
stopper = stop(patience=np.int64(5))
epochs_saved = np.int64(26)
""",
                "the History object itself": """
values, stopped_run = stopped_run, keras.callbacks.History()
stopped_run.history = values
""",
                "computed": 'epochs_saved = 40 - len(stopped_run["val_loss"])',
            },
            wrong={
                "weights not brought back": """
stopper = keras.callbacks.EarlyStopping(monitor="val_loss", patience=5)
""",
                "no patience": "stopper = stop(patience=0)",
                "too much patience": "stopper = stop(patience=40)",
                "the training loss watched": 'stopper = stop(monitor="loss")',
                "the accuracy watched": 'stopper = stop(monitor="val_accuracy")',
                "a loss to be large": 'stopper = stop(mode="max")',
                "another callback": 'stopper = keras.callbacks.ModelCheckpoint("best.keras")',
                "the class": "stopper = keras.callbacks.EarlyStopping",
                "a text": 'stopper = "EarlyStopping"',
                "the patience alone": "stopper = 5",
                "the callback was not handed over": """
stopped_run = measured(40, 9)
epochs_saved = 0
""",
                "fewer epochs asked for, and no callback": """
stopped_run = measured(12, 9)
epochs_saved = 28
""",
                "another patience than that of the run": "stopper = stop(patience=6)",
                "the trained model trained on": """
stopped_run["loss"] = [loss / 100 for loss in stopped_run["loss"]]
""",
                "no validation data": 'del stopped_run["val_loss"]',
                "the epochs that it took": "epochs_saved = 14",
                "the epochs after the best one": "epochs_saved = 31",
                "the other way round": "epochs_saved = -26",
                "one too many": "epochs_saved = 27",
                "a share": "epochs_saved = 0.65",
            },
        ),
        "3.7": Cases(
            right={
                "rounded to three digits": """
restored_loss, restored_accuracy = round(restored_loss, 3), round(restored_accuracy, 3)
""",
                "numbers of NumPy's": """
restored_loss, restored_accuracy = np.float32(restored_loss), np.float32(restored_accuracy)
""",
                "a little noise": "restored_loss *= 1.00001",
                "by name": """
scores = {"loss": restored_loss, "accuracy": restored_accuracy}
restored_loss, restored_accuracy = scores["loss"], scores["accuracy"]
""",
                "of an epoch that was not better by enough": """
stopper = stop(min_delta=0.1)
stopped_run = {name: values[:7] for name, values in stopped_run.items()}
stopped_run["val_loss"] = [0.9, 0.7, 0.65, 0.62, 0.61, 0.63, 0.64]
restored_loss, restored_accuracy = 0.7, stopped_run["val_accuracy"][1]
""",
                "either of two best epochs that are equal": """
stopped_run["val_loss"][10] = stopped_run["val_loss"][8]
restored_accuracy = stopped_run["val_accuracy"][10]
""",
            },
            wrong={
                "the last epoch": """
restored_loss, restored_accuracy = stopped_run["val_loss"][-1], stopped_run["val_accuracy"][-1]
""",
                "the long run's last epoch": """
restored_loss, restored_accuracy = long_run["val_loss"][-1], long_run["val_accuracy"][-1]
""",
                "the training images": """
restored_loss, restored_accuracy = stopped_run["loss"][8], stopped_run["accuracy"][8]
""",
                "exchanged": """
restored_loss, restored_accuracy = restored_accuracy, restored_loss
""",
                "in percent": "restored_accuracy *= 100",
                "a fresh model": "restored_loss, restored_accuracy = 2.31, 0.09",
                "an epoch too early": 'restored_loss = stopped_run["val_loss"][7]',
                "another epoch's accuracy": """
restored_accuracy = max(stopped_run["val_accuracy"])
""",
                "both in one": "restored_loss = [restored_loss, restored_accuracy]",
                "of another training": "restored_loss = 0.43",
                "texts": 'restored_loss, restored_accuracy = "0.45", "0.85"',
            },
        ),
        "3.8": Cases(
            right={
                "the other row first": "results = results[::-1]",
                "a dictionary of columns": """
results = {name: [each[name] for each in results] for name in results[0]}
""",
                "words instead of truth": """
results[0]["early stopping"], results[1]["early stopping"] = "no", "yes"
""",
                "without and with": """
results[0]["early stopping"], results[1]["early stopping"] = "Without", "With"
""",
                "other columns beside": """
results = [{**each, "best epoch": 9} for each in results]
""",
                "underscores and capitals": """
results = [{k.title().replace(" ", "_"): v for k, v in each.items()} for each in results]
""",
                "rounded to three digits": """
results = [
    {k: round(v, 3) if "valid" in k else v for k, v in each.items()} for each in results
]
""",
                "NumPy's numbers": """
results = [
    {k: np.float32(v) if "valid" in k else np.array(v) for k, v in each.items()}
    for each in results
]
""",
                "a table of pandas": "import pandas as pd\nresults = pd.DataFrame(results)",
                "a table of pandas by early stopping": """
import pandas as pd

results = pd.DataFrame(results).set_index("early stopping")
""",
                "a table of pandas on its side": """
import pandas as pd

results = pd.DataFrame(results, index=["without", "with"]).drop(columns="early stopping").T
""",
                "tuples in the order of the columns": """
results = [tuple(each.values()) for each in results]
""",
                "words in French": """
results[0]["early stopping"], results[1]["early stopping"] = "sans", "avec"
""",
                "of an epoch that was not better by enough": """
stopper = stop(min_delta=0.1)
stopped_run = {name: values[:7] for name, values in stopped_run.items()}
stopped_run["val_loss"] = [0.9, 0.7, 0.65, 0.62, 0.61, 0.63, 0.64]
results = [row(False, long_run, -1), row(True, stopped_run, 1)]
""",
                "named rows": """
results = {"the first": results[0], "the second": results[1]}
""",
            },
            wrong={
                "the best epoch without early stopping": """
results[0] = row(False, long_run, 8)
""",
                "the last epoch with early stopping": "results[1] = row(True, stopped_run, -1)",
                "the best epoch for the number of epochs": 'results[1]["epochs"] = 9',
                "the epochs saved": 'results[1]["epochs"] = epochs_saved',
                "the runs exchanged": """
results = [row(True, long_run, -1), row(False, stopped_run, 8)]
""",
                "the training figures": """
results[0]["validation loss"] = long_run["loss"][-1]
""",
                "the training accuracy": """
results[1]["validation accuracy"] = stopped_run["accuracy"][8]
""",
                "percent for fraction": """
for each in results:
    each["validation accuracy"] *= 100
""",
                "the highest accuracy": """
results[1]["validation accuracy"] = max(stopped_run["val_accuracy"])
""",
                "one row": "results = results[1:]",
                "the same row twice": "results = [results[1], results[1]]",
                "a column too few": """
for each in results:
    del each["epochs"]
""",
                "lists without early stopping": """
results = [list(each.values())[1:] for each in results]
""",
                "another word": """
results[0]["early stopping"], results[1]["early stopping"] = "long", "short"
""",
                "numbers as texts": """
for each in results:
    each["validation loss"] = f"{each['validation loss']:.3f}"
""",
            },
        ),
        "3.9": letters("answer_3_9", "C", "ABD"),
        "3.10": letters("answer_3_10", "D", "ABC"),
        "3.11": letters("answer_3_11", "A", "BCD"),
    },
)
