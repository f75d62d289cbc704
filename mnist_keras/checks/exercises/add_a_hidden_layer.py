"""Exercise 4: adding hidden layers."""

from itertools import pairwise
from typing import Any

from mnist_keras.checks import parts
from mnist_keras.checks.answers import (
    Answers,
    NotAttemptedError,
    as_mapping,
    close,
    expect,
    same_digits,
)
from mnist_keras.checks.plain import Data, is_missing, is_number, words
from mnist_keras.checks.rules import calls, plot, returns, rule

LAYERS_TO_COUNT = ((784, 100), (100, 200), (7, 1), (2, 5))  # inputs and units
HIDDEN_LAYERS = ((1, 1), (13, 4_096), (3_000, 17))
WORKSHOP = (784, 100, 200, 10)
DEEPER = (784, 100, 200, 50, 10)
ACTIVATIONS = {"sigmoid": ("sigmoid", "logistic"), "relu": ("relu", "rectified")}
DEPTHS = (1, 2, 4, 8)

Network = tuple[str, int]  # an activation and a number of hidden layers


def too(found: float, wanted: float) -> str:
    """Say on which side of the right number another lies."""
    return f"{found:,} is too {'many' if found > wanted else 'few'}"


@rule("4.1", "dense_parameters", calls=calls("dense_parameters", LAYERS_TO_COUNT))
def function(answers: Answers) -> None:
    for inputs, units in LAYERS_TO_COUNT:
        shown = f"`dense_parameters({inputs}, {units})`"
        found = answers.result("dense_parameters", inputs, units)
        expect(is_number(found), f"{shown} should return a number; it returns {words(found)}")
        wanted = parts.parameters_of(inputs, units)
        parts.expect_number(
            found,
            wanted,
            f"{shown} should give all weights and biases of the layer; {too(found, wanted)}",
            {
                f"{shown} should count every number that training can change; it returns "
                f"{found:,}, which is the weights alone": inputs * units,
                f"{shown} returns {found:,}: that has a bias for each input, but it is not the "
                "inputs that have biases": inputs * units + inputs,
            },
            close,
        )


other_layers = returns("4.1", "dense_parameters", parts.parameters_of, HIDDEN_LAYERS, share=0.5)


@rule("4.2", "workshop_parameters deeper_parameters")
def counts(answers: Answers) -> None:
    for name, widths in (("workshop_parameters", WORKSHOP), ("deeper_parameters", DEEPER)):
        found, wanted = answers.whole(name), parts.parameters_of(*widths)
        mistakes: dict[str, float] = {
            f"`{name}` should count every number that training can change; {found:,} is the "
            "weights alone": sum(n * m for n, m in pairwise(widths))
        }
        if widths == DEEPER:
            mistakes |= {
                f"in `{name}`, the new layer is counted rightly, but the layer behind it is still "
                "as it was: has it as many inputs as before?": parts.parameters_of(*WORKSHOP)
                + parts.parameters_of(200, 50),
                f"`{name}` should count the whole network; {found:,} is the new layer "
                "alone": parts.parameters_of(200, 50),
            }
        parts.expect_number(
            found,
            wanted,
            f"`{name}` should be the sum over all dense layers of the network; "
            f"{too(found, wanted)}",
            mistakes,
            lambda a, b: a == b,
        )


@rule("4.3", "deeper")
def deeper(answers: Answers) -> None:
    model = answers.model("deeper")
    parts.expect_dense(model, DEEPER[1:-1], "sigmoid", outputs=(None, "linear"))
    if not any(layer["class"] in ("Flatten", "Reshape") for layer in model["layers"]):
        model.expect_built()


def runs(answers: Answers) -> dict[Network, parts.Run]:
    """Return the learner's histories by activation and depth.

    Both ``histories["relu", 8]`` and ``histories["relu"][8]`` are understood, in either order.
    """
    found: dict[Network, Data] = {}
    for key, data in answers.mapping("histories").items():
        if isinstance(key, tuple):
            found[as_network(*key)] = data
        else:
            for inner, each in as_mapping(data, f"`histories[{key!r}]`").items():
                found[as_network(key, inner)] = each
    return {
        (activation, depth): parts.run_of(data, f'`histories["{activation}", {depth}]`')
        for (activation, depth), data in found.items()
    }


def as_network(*key: Any) -> Network:
    """Read a key of the histories, or what a row of the table says, as a network."""
    texts = [each.strip().lower() for each in key if isinstance(each, str)]
    depths = [round(each) for each in key if is_number(each) and each == each // 1 > 0]
    expect(
        len(key) == 2 and len(texts) == len(depths) == 1,
        "each network should be named by its activation and its number of hidden layers, as in "
        f'`histories["relu", 8]`; one is named {words(list(key))}',
    )
    return texts[0], depths[0]


@rule("4.5", "histories results", computed="results")
def experiment(answers: Answers) -> str:
    found = runs(answers)
    for activation in ACTIVATIONS:
        missing = [str(depth) for depth in DEPTHS if (activation, depth) not in found]
        expect(
            not missing,
            "`histories` should have networks of 1, 2, 4 and 8 hidden layers for both activations; "
            f'with "{activation}" there is none of {" and ".join(missing)}',
        )
    epochs = parts.expect_comparable(
        found,
        "networks",
        "does each training begin with a new model from build(), of its own depth and activation?",
    )
    wanted = {each: {"validation accuracy": run["val_accuracy"][-1]} for each, run in found.items()}
    labels = ["activation", "hidden layers"]
    parts.expect_rows(answers, wanted, labels, "in the row of {} with {}", read=as_network)
    return f"{len(found)} networks, {epochs} epochs each, and the table says what they reached"


@plot("4.6", parts.DEPTH, parts.ACCURACY, uses="histories")
def accuracy_over_depth(answers: Answers, axes: parts.Axes) -> None:
    found = runs(answers)
    expect(axes["lines"], "the plot should have a line for each activation; it has none")
    expect(axes["legend"], "without a legend, nobody can tell which line is which")
    for activation, names in ACTIVATIONS.items():
        own = [line for line in axes["lines"] if parts.mentions(line["name"], names)]
        expect(own, f"no line in the legend is called {activation}")
        wanted = {
            depth: run["val_accuracy"][-1] for (a, depth), run in found.items() if a == activation
        }
        what = f"number of hidden layers with {activation}"
        parts.expect_shown({**axes, "lines": own, "bars": []}, wanted, what)


@rule("4.7", "ratios", uses="sizes", computed=True)
def ratios(answers: Answers) -> str:
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
        wanted = layers[0] / layers[-1]
        expect(found != 0, f"{what} is 0: it is small, but do not round it away")
        parts.expect_number(
            found,
            wanted,
            f"{what} should be the size at the first hidden layer divided by the size at the "
            f"output layer, for this activation; it is {words(found)}",
            {
                f"{what} should say how large the first is as a part of the last; {words(found)} "
                "says it the other way round": 1 / wanted,
                f"{what} should be the ratio itself; {words(found)} is in percent": 100 * wanted,
            },
            same_digits,
        )
    return (
        f"with sigmoid the first layer gets {given['sigmoid']:.1e} of the last one's gradient, "
        f"with ReLU {given['relu']:.1e}"
    )
