"""Exercise 4: adding hidden layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mnist_keras.checks.answers import (
    Answers,
    NotAttemptedError,
    as_mapping,
    close,
    describe_step,
    expect,
    not_yet,
    same,
    same_digits,
)
from mnist_keras.checks.parts import (
    ACCURACY,
    DEPTH,
    Axes,
    expect_comparable,
    expect_fraction,
    expect_labels,
    heights_over,
    judge_plot,
    mentions,
    run_of,
    shows,
)
from mnist_keras.checks.parts import (
    Run as History,
)
from mnist_keras.checks.plain import Data, is_missing, is_number, words
from mnist_keras.checks.questions import (
    Call,
    Choice,
    Exercise,
    Question,
    multiple_choice,
    prediction,
)

LAYERS_TO_COUNT = ((784, 100), (100, 200), (7, 1), (2, 5))  # inputs and units
WORKSHOP = (784, 100, 200, 10)
DEEPER = (784, 100, 200, 50, 10)
ACTIVATIONS = {"sigmoid": ("sigmoid", "logistic"), "relu": ("relu", "rectified")}
DEPTHS = (1, 2, 4, 8)

Run = tuple[str, int]  # an activation and a number of hidden layers


def parameters(widths: Sequence[int]) -> int:
    """Count the weights and biases of dense layers on top of each other."""
    return sum((n + 1) * m for n, m in pairwise(widths))


def weights(widths: Sequence[int]) -> int:
    """Count the weights alone."""
    return sum(n * m for n, m in pairwise(widths))


def check_function(answers: Answers) -> str:
    """Judge the function that counts the parameters of a dense layer."""
    for inputs, units in LAYERS_TO_COUNT:
        shown = f"`dense_parameters({inputs}, {units})`"
        found = answers.result("dense_parameters", inputs, units)
        expect(is_number(found), f"{shown} should return a number; it returns {words(found)}")
        expect(
            not close(found, inputs * units),
            f"{shown} should count every number that training can change; it returns {found:,}, "
            "which is the weights alone",
        )
        expect(
            not close(found, inputs * units + inputs) or inputs == units,
            f"{shown} returns {found:,}: that has a bias for each input, but it is not the inputs "
            "that have biases",
        )
        expect(
            close(found, parameters((inputs, units))),
            f"{shown} should give all weights and biases of the layer; {found:,} is too "
            f"{'many' if found > parameters((inputs, units)) else 'few'}",
        )
    return "a weight for each pair of an input and a unit, and a bias for each unit"


def check_counts(answers: Answers) -> str:
    """Judge the parameters of two whole networks."""
    counted = (("workshop_parameters", WORKSHOP), ("deeper_parameters", DEEPER))
    for name, widths in counted:
        found = answers.whole(name)
        expect(
            found != weights(widths),
            f"`{name}` should count every number that training can change; {found:,} is the "
            "weights alone",
        )
        if widths == DEEPER:
            kept = parameters(WORKSHOP) + parameters((200, 50))
            expect(
                found != kept,
                f"in `{name}`, the new layer is counted rightly, but the layer behind it is still "
                "as it was: has it as many inputs as before?",
            )
            expect(
                found != parameters((200, 50)),
                f"`{name}` should count the whole network; {found:,} is the new layer alone",
            )
        expect(
            found == parameters(widths),
            f"`{name}` should be the sum over all dense layers of the network; {found:,} is too "
            f"{'many' if found > parameters(widths) else 'few'}",
        )
    return "counted before anything was built; `summary()` will say the same"


def check_deeper(answers: Answers) -> str:
    """Judge the workshop's network with one hidden layer more."""
    model = answers.model("deeper")
    other = next((step for step in model.steps() if step["class"] != "Dense"), None)
    if other is not None:
        not_yet(f"`deeper` should work with dense layers only; it has {describe_step(other)}")
    model.expect_output()
    hidden = model.hidden()
    wanted = list(DEEPER[1:-1])
    expect(
        len(hidden) == len(wanted),
        f"`deeper` should have {len(wanted)} hidden layers, one more than the workshop's network; "
        f"it has {len(hidden)}",
    )
    found = [step["units"] for step in hidden]
    expect(
        found == wanted,
        f"the hidden layers of `deeper` should have {', '.join(map(str, wanted))} units, in this "
        f"order; they have {', '.join(map(str, found))}",
    )
    for place, step in enumerate(hidden, 1):
        expect(
            step.get("activation") == "sigmoid",
            f"each hidden layer of `deeper` should have the sigmoid as its activation; number "
            f"{place} is {describe_step(step)}",
        )
    expect(
        model.output().get("activation") in (None, "linear"),
        f"the output layer of `deeper` should have no activation, as in the workshop's network; it "
        f"is {describe_step(model.output())}",
    )
    if not any(layer["class"] in ("Flatten", "Reshape") for layer in model["layers"]):
        model.expect_built()
    if model["built"] and model["parameters"] is not None:
        expect(
            model["parameters"] == parameters(DEEPER),
            "the first hidden layer of `deeper` should have all 784 pixels as its inputs, and each "
            f"unit a bias; the network has {model['parameters']:,} parameters, which does not fit: "
            "does Flatten come first?",
        )
    return "one hidden layer more, and an output layer that reads from it"


def runs(answers: Answers) -> dict[Run, History]:
    """Return the learner's histories by activation and depth.

    Both ``histories["relu", 8]`` and ``histories["relu"][8]`` are understood, in either order.
    """
    found: dict[Run, Data] = {}
    for key, data in answers.mapping("histories").items():
        if isinstance(key, tuple):
            found[as_run(key)] = data
        else:
            for inner, each in as_mapping(data, f"`histories[{key!r}]`").items():
                found[as_run((key, inner))] = each
    histories = {}
    for (activation, depth), data in found.items():
        what = f'`histories["{activation}", {depth}]`'
        histories[activation, depth] = run_of(data, what)
    return histories


def as_run(key: tuple[Any, ...]) -> Run:
    """Read a key of the histories, or what a row of the table says, as a network."""
    texts = [each.strip().lower() for each in key if isinstance(each, str)]
    depths = [round(each) for each in key if is_number(each) and each == each // 1 > 0]
    expect(
        len(key) == 2 and len(texts) == len(depths) == 1,
        "each history should stand under its activation and its number of hidden layers, as in "
        f'`histories["relu", 8]`; one stands under {words(list(key))}',
    )
    return texts[0], depths[0]


def check_experiment(answers: Answers) -> str:
    """Judge the experiment, trained equally long at each depth, and its table."""
    found = runs(answers)
    for activation in ACTIVATIONS:
        missing = [str(depth) for depth in DEPTHS if (activation, depth) not in found]
        expect(
            not missing,
            "`histories` should have networks of 1, 2, 4 and 8 hidden layers for both activations; "
            f'with "{activation}" there is none of {" and ".join(missing)}',
        )
    epochs = expect_comparable(
        found,
        "networks",
        "does each training begin with a new model from build(), of its own depth and activation?",
    )
    check_table(answers, found)
    return f"{len(found)} networks, {epochs} epochs each, and the table says what they reached"


def check_table(answers: Answers, found: dict[Run, History]) -> None:
    """Judge the table: a row a network, with the last epoch's validation accuracy."""
    columns = ("activation", "hidden layers", "validation accuracy")
    rows = answers.rows("results", columns)
    accuracies = answers.column("results", columns[2], columns)
    seen = set()
    for row, accuracy in zip(rows, accuracies, strict=True):
        activation, depth = row["activation"], row["hidden layers"]
        expect(
            isinstance(activation, str),
            f'the column "activation" of `results` should hold texts; one is {words(activation)}',
        )
        expect(
            is_number(depth) and depth == depth // 1 > 0,
            f'the column "hidden layers" of `results` should hold whole numbers; one is '
            f"{words(depth)}",
        )
        run = as_run((activation, depth))
        what = f"in the row of {activation} with {depth:g}"
        expect(run in found, f"`results` has {activation} with {depth:g}, but `histories` has not")
        expect(run not in seen, f"`results` has two rows for {activation} with {depth:g}")
        seen.add(run)
        expect_fraction(accuracy, f"{what}, the validation accuracy")
        last = found[run]["val_accuracy"][-1]
        expect(
            same(accuracy, last),
            f"{what}, the validation accuracy should be that after the last epoch, {last:.4g}; it "
            f"is {accuracy:.4g}",
        )
    expect(
        len(seen) == len(found),
        f"the table should have a row for each network: you have {len(found)} networks and "
        f"{len(seen)} rows",
    )


def check_plot(answers: Answers) -> str:
    """Judge the plot: accuracy over depth, a labelled line for each activation."""
    found = runs(answers)

    def rule(axes: Axes) -> str:
        expect(axes["lines"], "the plot should have a line for each activation; it has none")
        expect_labels(axes, DEPTH, ACCURACY)
        expect(axes["legend"], "without a legend, nobody can tell which line is which")
        for activation, names in ACTIVATIONS.items():
            own = [line for line in axes["lines"] if mentions(line["name"], names)]
            expect(own, f"no line in the legend is called {activation}")
            alone = {**axes, "lines": own, "bars": []}
            for (other, depth), run in found.items():
                if other != activation:
                    continue
                wanted = run["val_accuracy"][-1]
                expect(
                    shows(heights_over(alone, depth), wanted),
                    f"over {depth} on the horizontal axis, the line of {activation} should show "
                    f"the validation accuracy after the last epoch, {wanted:.4g}",
                )
        return "two lines that can be told apart, and axes that say what they show"

    return judge_plot(answers, rule)


def check_ratios(answers: Answers) -> str:
    """Judge how large the first layer's gradient is, compared with the last layer's."""
    given = {str(key).strip().lower(): each for key, each in answers.mapping("ratios").items()}
    sizes = {str(key).lower(): each for key, each in answers.mapping("sizes").items()}
    for activation in ACTIVATIONS:
        what = f'`ratios["{activation}"]`'
        expect(activation in given, f'`ratios` should have the key "{activation}"')
        found = given[activation]
        if is_missing(found):
            raise NotAttemptedError(f"{what} is not filled in")
        expect(is_number(found), f"{what} should be a number; it is {words(found)}")
        layers: Data = sizes.get(activation)
        good = isinstance(layers, list) and len(layers) > 1
        good = good and all(is_number(each) and each > 0 for each in layers)
        expect(good, "`sizes` is not as the cell above made it: run that cell again")
        first, last = layers[0], layers[-1]
        wanted = first / last
        expect(found != 0, f"{what} is 0: it is small, but do not round it away")
        expect(
            same_digits(wanted, 1) or not same_digits(found, last / first),
            f"{what} should say how large the first is as a part of the last; {words(found)} says "
            "it the other way round",
        )
        expect(
            not same_digits(found, 100 * wanted),
            f"{what} should be the ratio itself; {words(found)} is in percent",
        )
        expect(
            same_digits(found, wanted),
            f"{what} should be the size at the first hidden layer divided by the size at the "
            f"output layer, for this activation; it is {words(found)}",
        )
    return (
        f"with sigmoid the first layer gets {given['sigmoid']:.1e} of the last one's gradient, "
        f"with ReLU {given['relu']:.1e}"
    )


EXERCISE = Exercise(
    "04-add-a-hidden-layer",
    "Add a hidden layer",
    (
        Question(
            "4.1",
            "The parameters of a dense layer",
            ("dense_parameters",),
            check_function,
            (
                "Begin with a single unit: how many numbers does it need to compute its output "
                "from its inputs?",
                "A unit has a weight for each of its inputs. Then something is added to the sum, "
                "and that is a number too.",
                "What one unit has, each of the `units` has. One multiplication is left, and "
                "`return`.",
            ),
            points=2,
            calls=tuple(Call("dense_parameters", each) for each in LAYERS_TO_COUNT),
            core=True,
        ),
        Question(
            "4.2",
            "The parameters of two networks",
            ("workshop_parameters", "deeper_parameters"),
            check_counts,
            (
                "Go layer by layer. The outputs of one layer are the inputs of the next.",
                "Flatten has no parameters, but it says how many inputs the first dense layer has: "
                "28 × 28.",
                "The workshop's network is `dense_parameters(784, 100) + dense_parameters(100, "
                "200) + …`. In the deeper one, two terms are not the same: look at what comes "
                "before the output layer.",
            ),
        ),
        Question(
            "4.3",
            "The deeper network",
            ("deeper",),
            check_deeper,
            (
                "In a `keras.Sequential`, the layers stand in a list, in their order.",
                "Begin as in the lesson: `keras.Input(shape=(28, 28, 1))`, `layers.Flatten()`, "
                'then `layers.Dense(100, activation="sigmoid")`.',
                "The new layer comes directly before the output layer, `layers.Dense(10)`. It is "
                "written like the hidden layers before it, with another number of units.",
            ),
            points=2,
            core=True,
        ),
        prediction(
            "4.4",
            "Eight hidden layers with the sigmoid",
            "prediction_4_4",
            {
                "A": Choice("Better than with one: it has more parameters to learn with.", ""),
                "B": Choice("About as well as with one.", ""),
                "C": Choice("Somewhat worse, but most digits are right.", ""),
                "D": Choice("It hardly learns at all.", ""),
            },
            core=True,
        ),
        Question(
            "4.5",
            "The experiment",
            ("histories", "results"),
            check_experiment,
            (
                "Each turn of the inner loop builds a new network, trains it, keeps what was "
                "measured, and adds a row to the table.",
                "`history = model.fit(x, y, validation_data=validation, epochs=…, verbose=0)`, "
                "then `histories[activation, depth] = history.history`.",
                'A row is `{"activation": activation, "hidden layers": depth, "validation '
                'accuracy": …}`. The last epoch\'s value is `history.history["val_accuracy"][-1]`.',
            ),
            points=2,
            computed=("results",),
            core=True,
        ),
        Question(
            "4.6",
            "The plot",
            ("ax",),
            check_plot,
            (
                "Draw twice into the same axes, once for each activation.",
                "Each `ax.plot(…)` gets the depths, the accuracies of these depths, and a "
                "`label=…`.",
                "`ax.legend()` shows the labels. `ax.set_xlabel(…)` and `ax.set_ylabel(…)` name "
                "the axes.",
            ),
            uses=("histories",),
            core=True,
        ),
        Question(
            "4.7",
            "How much arrives",
            ("ratios",),
            check_ratios,
            (
                "`sizes` has a list for each activation: the first number belongs to the first "
                "hidden layer, the last to the output layer.",
                "How large is a, as a part of b? It is a divided by b.",
                'For the sigmoid it is `sizes["sigmoid"][0] / sizes["sigmoid"][-1]`.',
            ),
            points=2,
            computed=("ratios",),
            uses=("sizes",),
        ),
        multiple_choice(
            "4.8",
            "Why the gradient vanishes",
            "answer_4_8",
            {
                "A": Choice(
                    "The first hidden layer has by far the most weights, and the gradient is "
                    "shared out among them.",
                    "The ReLU network has just as many weights in its first layer. Compare its "
                    "numbers in `sizes`.",
                ),
                "B": Choice(
                    "The outputs of a sigmoid lie between 0 and 1, so all numbers in the network "
                    "shrink to 0.",
                    "The outputs do not shrink from layer to layer: the sigmoid of a sum near 0 is "
                    "0.5, in the first layer and in the eighth.",
                ),
                "C": Choice(
                    "On its way back, the gradient is multiplied at each layer by the slope of "
                    "the sigmoid, which is at most 1/4.",
                    "Eight factors of at most a quarter leave at most 1/65,536. The weights are "
                    "factors too, but at the start of training they change its size only a little.",
                ),
                "D": Choice(
                    "The learning rate is too small for a deep network.",
                    "The learning rate says how far a step goes along the gradient. The gradients "
                    "in `sizes` were computed without any step.",
                ),
            },
            right="C",
            hints=(
                "What do the two deep networks have in common, and in what do they differ?",
                "The gradient is computed from the output backwards, layer by layer. What does "
                "each layer do to it?",
                "Look at the formula for the slope of the sigmoid. Try it for an output of 0.5, "
                "and for 0.9.",
            ),
        ),
        multiple_choice(
            "4.9",
            "Why it does not vanish with ReLU",
            "answer_4_9",
            {
                "A": Choice(
                    "Where a unit's sum is positive, the slope of ReLU is 1: the gradient passes "
                    "as it is.",
                    "A product of ones is one, however many layers there are. Units whose sum is "
                    "negative pass nothing, but enough others do.",
                ),
                "B": Choice(
                    "The slope of ReLU is never 0, so that no unit ever stops learning.",
                    "For every negative sum, ReLU is flat: it gives 0, and its slope is 0.",
                ),
                "C": Choice(
                    "The slope of ReLU grows with the sum, which makes up for the layers with "
                    "small slopes.",
                    "ReLU is a straight line on each side of 0, and a straight line has the same "
                    "slope everywhere.",
                ),
                "D": Choice(
                    "ReLU is quicker to compute, so that the network takes more steps in an epoch.",
                    "The steps of an epoch are the images divided by the batch size. The "
                    "activation does not change their number.",
                ),
            },
            right="A",
            hints=(
                "Draw ReLU: 0 for negative sums, the sum itself for positive ones. How steep is "
                "it on each side?",
                "What does multiplying by that slope do to a gradient, eight times in a row?",
            ),
        ),
        multiple_choice(
            "4.10",
            "Does more depth always help?",
            "answer_4_10",
            {
                "A": Choice(
                    "Yes: a deeper network has more parameters, so it can only be better.",
                    "More parameters let a network express more. Whether training finds good "
                    "values for them is another matter: look at the deep networks in your table.",
                ),
                "B": Choice(
                    "Yes, as long as the activation is ReLU.",
                    "With ReLU the gradient arrives, so the network can be trained. That alone "
                    "does not make each further layer an improvement: look along that line of "
                    "your plot.",
                ),
                "C": Choice(
                    "No: one hidden layer is as good as any number of them.",
                    "For dense networks on these small images one layer does well. The best image "
                    "readers have dozens of layers, each building on what the one before has "
                    "found.",
                ),
                "D": Choice(
                    "No: it helps while the network can be trained and the task has more to give. "
                    "Validation data show where that ends.",
                    "Depth is a hyperparameter like the others: add a layer, compare, and keep it "
                    "if it pays.",
                ),
            },
            right="D",
            hints=(
                "Look at both lines of your plot, from left to right.",
                "What one data set shows for one kind of layer, does it hold for all?",
            ),
        ),
    ),
)
