"""Exercise 5: from two hidden layers to one to none."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from mnist_keras.checks import parts
from mnist_keras.checks.answers import (
    Answers,
    Model,
    NotAttemptedError,
    as_model,
    axes_in,
    expect,
    expect_is,
    not_yet,
    same,
    shape_of,
)
from mnist_keras.checks.plain import Data, is_number, words
from mnist_keras.checks.rules import calls, hidden, number, plot, rule
from mnist_keras.checks.unseen import Predictions, expect_reads, hidden_images

HIDDEN = (2, 1, 0)  # the numbers of hidden layers, in the order in which they are removed
UNITS = 100
SIDE = 28
PIXELS = SIDE * SIDE
DIGITS = 10


def counted(hidden_layers: int) -> str:
    number = {0: "no", 1: "one", 2: "two"}.get(hidden_layers, str(hidden_layers))
    return f"{number} hidden layer{'' if hidden_layers < 2 else 's'}"


@rule("5.2", "build", calls=calls("build", HIDDEN))
def build(answers: Answers) -> None:
    for hidden_layers in HIDDEN:
        model = answers.model_from("build", hidden_layers)
        parts.expect_dense(model, [UNITS] * hidden_layers, "relu")
        model.expect_loss()
        model.expect_accuracy()
        model.expect_adam()


softmax_parameters = number(
    "5.3",
    "softmax_parameters",
    (PIXELS + 1) * DIGITS,
    "ten units, each with its weights and its bias, do not have {found} parameters together; what "
    "does a single unit have?",
    {
        "{found} counts the weights; each of the ten units has one more number": PIXELS * DIGITS,
        "{found} adds pixels and units; but each unit has a weight for every pixel": (
            PIXELS + DIGITS,
            PIXELS + DIGITS + 1,
            PIXELS + 2 * DIGITS,
        ),
    },
)


def by_hidden_layers(answers: Answers, name: str) -> dict[int, Data]:
    """Return a dictionary's values by the number of hidden layers, from the most to none."""
    what = "the numbers of hidden layers, 2, 1 and 0"
    found = parts.numbered(answers, name, lambda key: key == round(key) >= 0, what)
    for hidden_layers in HIDDEN:
        expect(
            hidden_layers in found,
            f"`{name}` should have an entry for each of 2, 1 and 0 hidden layers; the one for "
            f"{hidden_layers} is missing",
        )
    return dict(reversed(found.items()))


def networks(answers: Answers) -> dict[int, Model]:
    found = {}
    for hidden_layers, data in by_hidden_layers(answers, "models").items():
        what = f"`models[{hidden_layers}]`"
        model = as_model(data, what)
        parts.expect_dense(model, [UNITS] * hidden_layers, "relu")
        steps = model["optimizer"]["steps"] if model["optimizer"] else 0
        trained = model["built"] and (steps > 0 or model["biased"])
        expect(trained, f"{what} should be trained: call its fit()")
        expect(model["finite"], f"{what} has weights that are not numbers: its training was lost")
        found[hidden_layers] = model
    return found


def histories_of(answers: Answers) -> dict[int, parts.Run]:
    found = by_hidden_layers(answers, "histories")
    return {number: parts.run_of(data, f"`histories[{number}]`") for number, data in found.items()}


@rule("5.4", "models histories results", computed="results")
def experiment(answers: Answers) -> None:
    models, histories = networks(answers), histories_of(answers)
    expect(
        set(models) == set(histories),
        "`models` and `histories` should have the same keys; they have "
        f"{list(models)} and {list(histories)}",
    )
    parts.expect_comparable(
        histories,
        "networks",
        "is each put under its own number of hidden layers, and does each training begin with a "
        "new network from build()?",
    )
    accuracies = parts.last_accuracies(histories)
    for hidden_layers, accuracy in accuracies.items():
        parts.expect_learned(
            accuracy, f"the last validation accuracy with {counted(hidden_layers)}"
        )
    wanted = {
        each: {"parameters": models[each]["parameters"], "validation accuracy": accuracies[each]}
        for each in models
    }
    parts.expect_rows(answers, wanted, ["hidden layers"], "with {} hidden layers", "descending")


@hidden("5.4", share=0.5, predict="models")
def networks_read_unseen_images_as_well_as_their_histories_say(
    answers: Answers, predicted: Predictions
) -> None:
    for hidden_layers, claimed in parts.last_accuracies(histories_of(answers)).items():
        keys = {str(hidden_layers), str(float(hidden_layers))}.intersection(predicted)
        what = f"`models[{hidden_layers}]`"
        expect(keys, f"{what} is no network that answers")
        expect_reads(predicted[keys.pop()], what, claimed)


@plot("5.5", parts.DEPTH, parts.ACCURACY, uses="histories")
def accuracy_over_depth(answers: Answers, axes: parts.Axes) -> None:
    found = parts.last_accuracies(histories_of(answers))
    drawn = [y for kind in ("lines", "bars") for one in axes[kind] for y in one["y"]]
    for hidden_layers, accuracy in found.items():
        expect(
            parts.shows(drawn, accuracy),
            f"the plot should show the last validation accuracy with {counted(hidden_layers)}, "
            f"{accuracy:.4g}, as a height",
        )
    parts.expect_shown(axes, found, "number of hidden layers")


@rule("5.6", "accuracy_lost", uses="histories", computed=True)
def accuracy_lost(answers: Answers) -> str:
    lost, accuracies = answers.number("accuracy_lost"), parts.last_accuracies(histories_of(answers))
    most, one, none = (accuracies[each] for each in HIDDEN)
    parts.expect_number(
        lost,
        most - none,
        f"with two hidden layers your last validation accuracy is {most:.4g}, with none it is "
        f"{none:.4g}; these are not {words(lost)} apart",
        {
            f"{lost:.4g} is in percentage points; it should be a fraction, as accuracies are": 100
            * (most - none),
            "the sign is the wrong way round: what is lost counts as positive, what is gained as "
            "negative": none - most,
            f"{lost:.4g} is lost by removing the last hidden layer; what do you lose by both?": one
            - none,
            f"{lost:.4g} is lost by removing one hidden layer; what do you lose by both?": most
            - one,
        },
    )
    return f"you go from {most:.4g} to {none:.4g}"


def parameters_of(answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and the biases of the network without a hidden layer."""
    kernel = np.array(answers.array("kernel", (PIXELS, DIGITS)))
    bias = np.array(answers.array("bias", (DIGITS,)))
    expect(
        bias.any(),
        "all ten biases are 0, as they are before any training: take the weights from your "
        "trained network, `models[0]`",
    )
    return kernel, bias


@rule("5.7", "kernel bias weight_images")
def weight_images(answers: Answers) -> None:
    kernel, _ = parameters_of(answers)
    images = np.array(answers.array("weight_images", (DIGITS, SIDE, SIDE)))

    def differing(wanted: np.ndarray) -> list[int]:
        pairs = zip(images.ravel().tolist(), wanted.ravel().tolist(), strict=True)
        return [place for place, pair in enumerate(pairs) if not same(*pair)]

    wanted = kernel.T.reshape(DIGITS, SIDE, SIDE)
    wrong = differing(wanted)
    if not wrong:
        return
    expect(
        differing(kernel.reshape(DIGITS, SIDE, SIDE)),
        "the shape is right, but the images are scrambled: the numbers of a row of `kernel` "
        "belong to ten different digits, and `reshape` alone puts them side by side into one "
        "image",
    )
    expect(
        differing(wanted.swapaxes(1, 2)),
        "each image holds the weights of its digit, but lies on its side: its rows and columns "
        "are exchanged",
    )
    digit, row, column = np.unravel_index(wrong[0], images.shape)
    not_yet(
        f"`weight_images[{digit}]` should hold the weights of the digit {digit}, row by row; its "
        f"number in row {row} and column {column} is not the weight of that pixel in `kernel`"
    )


@hidden("5.7", share=0.5)
def weights_read_unseen_images(answers: Answers) -> None:
    kernel, bias = parameters_of(answers)
    images, _ = hidden_images()
    scores = (images.reshape(len(images), -1) / 255) @ kernel + bias
    expect_reads(scores, "the network of `kernel` and `bias`")


@rule("5.8", "weights_figure", figure="weights_figure")
def weights_figure(answers: Answers) -> None:
    value = answers["weights_figure"]
    panels = list(axes_in(value))
    expect_is(panels, "`weights_figure` should be a figure of Matplotlib's", value)
    shapes = [shape for panel in panels for shape in panel["images"]]
    if not shapes:
        raise NotAttemptedError("the figure has no images yet: draw them with imshow()")
    full = sum(bool(panel["images"]) for panel in panels)
    expect(
        full == DIGITS,
        f"the figure should show ten images, each on axes of its own; {full} of its axes have one",
    )
    other = next((shape for shape in shapes if shape != [SIDE, SIDE]), None)
    expect(
        other is None,
        f"each image should have {SIDE} rows and {SIDE} columns; one has the shape "
        f"{tuple(other or ())}",
    )
    scales = [colours for panel in panels for colours in panel["image_colours"]]
    expect(
        all(is_diverging(each["colours"]) for each in scales),
        "the colour map should be a diverging one, which is pale or dark in the middle and goes to "
        "a different colour at either end, such as PuOr, RdBu or coolwarm; yours is not",
    )
    for scale in scales:
        low, high = scale["low"], scale["high"]
        expect(
            low is not None and abs(low + high) <= 0.02 * abs(high - low),
            "the scale should reach as far below 0 as above, so that the middle colour means 0; "
            f"one of yours runs from {words(low)} to {words(high)}",
        )
    highs = [scale["high"] for scale in scales]
    expect(
        max(highs) - min(highs) <= 0.02 * max(highs),
        "all ten images should have the same scale, so that a colour means the same in each; "
        f"yours end between {words(min(highs))} and {words(max(highs))}",
    )


def is_diverging(colours: Sequence[Sequence[float]]) -> bool:
    """Whether a colour map is nearly grey in the middle and has two different, other ends."""
    low, middle, high = colours
    *ends, between = np.dot((low, high, middle), (0.21, 0.72, 0.07)).tolist()
    apart = max(abs(a - b) for a, b in zip(low, high, strict=True))
    outside = between > max(ends) + 0.05 or between < min(ends) - 0.05
    return outside and apart > 0.15 and max(middle) - min(middle) < 0.3


@rule("5.9", "score", uses="kernel bias chosen_image chosen_digit", computed=True)
def score(answers: Answers) -> str:
    score = answers["score"]
    while isinstance(score, list) and len(score) == 1:
        score = score[0]
    good = is_number(score) and math.isfinite(score)
    expect_is(good, "`score` should be one number, the score of one digit", score)
    kernel, bias = parameters_of(answers)
    image = answers["chosen_image"]
    image = np.ravel(image) if isinstance(image, list) and shape_of(image) else []
    said = f"`chosen_image` should be one image of {PIXELS} pixels"
    expect_is(len(image) == PIXELS, said, answers["chosen_image"])
    digit = answers.whole("chosen_digit")
    expect(0 <= digit < DIGITS, f"`chosen_digit` should be one of 0 to 9; it is {digit}")
    sums = image @ kernel
    wanted = sums[digit] + bias[digit]
    expect(
        math.isclose(score, wanted, rel_tol=1e-4, abs_tol=1e-4)
        or not math.isclose(score, sums[digit], rel_tol=1e-4, abs_tol=1e-4),
        "that is what the pixels add up to; one number is still to be added, which does not depend "
        "on the image",
    )
    parts.expect_number(
        score,
        wanted,
        f"{words(score)} is not the score of the digit {digit} for `chosen_image`, which is made "
        "of 784 products and one more number, all added up",
        {
            f"{words(score)} is the score of another digit: take the weights and the bias of "
            f"{digit}": (sums + bias).tolist()
        },
        partial(math.isclose, rel_tol=5e-3, abs_tol=5e-3),
    )
    return f"the score of the digit {digit} is {score:.4g}"


@rule("5.10", "confusion most_confused", uses="validation histories", computed=True)
def confused(answers: Answers) -> str:
    table = answers.array("confusion", (DIGITS, DIGITS))
    expect(
        all(float(number).is_integer() and number >= 0 for row in table for number in row),
        "`confusion` should hold counts: whole numbers, not shares",
    )
    value = answers["validation"]
    labels: Data = value[1] if isinstance(value, list) and len(value) == 2 else None
    good = isinstance(labels, list) and all(is_number(label) for label in labels)
    shown = Counter(round(label) for label in labels) if good else Counter()
    for digit in range(DIGITS if shown else 0):
        expect(
            sum(table[digit]) == shown[digit],
            f"row {digit} should count what was answered where a {digit} was shown, so it should "
            f"add up to the {shown[digit]} validation images of a {digit}; it adds up to "
            f"{sum(table[digit]):.0f}",
        )
    images, right = np.sum(table), np.trace(table)
    accuracy = histories_of(answers)[0]["val_accuracy"][-1]
    expect(
        images and abs(right / images - accuracy) <= max(0.002, 2.01 / images),
        f"by `confusion`, {right:.0f} of {images:.0f} images were read right, but the last "
        f"validation accuracy in `histories[0]` is {accuracy:.4g}: are these the answers of "
        "`models[0]` to the validation images?",
    )
    pair = answers.numbers("most_confused")
    good = len(pair) == 2 and all(each in range(DIGITS) for each in pair)
    two = "two digits, the one that was shown and the one that was answered"
    expect_is(good, f"`most_confused` should be {two}", answers["most_confused"])
    one, other = (round(each) for each in pair)
    expect(
        one != other,
        f"({one}, {other}) stands for a {one} that was read as a {other}, which is no mistake",
    )
    most = np.max(table - np.diag(np.diag(table)))
    expect(
        table[one][other] == most,
        f"a {one} read as a {other}: `confusion` counts {table[one][other]:.0f} of these; another "
        "mistake is more frequent",
    )
    return f"a {one} read as a {other}: `confusion` counts {most:.0f} of these, and no mistake more"
