"""Exercise 5: from two hidden layers to one to none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mnist_keras.checks.answers import (
    Answers,
    Model,
    NotAttemptedError,
    as_model,
    axes_in,
    describe_step,
    expect,
    not_yet,
    same,
    shape_of,
)
from mnist_keras.checks.parts import (
    ACCURACY,
    DEPTH,
    Axes,
    Run,
    expect_comparable,
    expect_fraction,
    expect_labels,
    expect_learned,
    heights_over,
    judge_plot,
    run_of,
    shows,
)
from mnist_keras.checks.plain import Data, is_number, words
from mnist_keras.checks.questions import (
    Call,
    Choice,
    Exercise,
    Question,
    multiple_choice,
    prediction,
)

HIDDEN = (2, 1, 0)  # the numbers of hidden layers, in the order in which they are removed
UNITS = 100
SIDE = 28
PIXELS = SIDE * SIDE
DIGITS = 10


def counted(hidden_layers: int) -> str:
    """Say how many hidden layers there are."""
    number = {0: "no", 1: "one", 2: "two"}.get(hidden_layers, str(hidden_layers))
    return f"{number} hidden layer{'' if hidden_layers < 2 else 's'}"


def expect_network(model: Model, hidden_layers: int) -> None:
    """Expect that a model has this many dense hidden layers and one score a digit."""
    model.expect_output()
    last = model.output()
    expect(
        last.get("activation") in (None, "linear", "softmax"),
        f"the last layer of {model.what} should give logits (no activation) or end in softmax; "
        f"its activation is {last.get('activation')}",
    )
    hidden = model.hidden()
    found = ", ".join(describe_step(step) for step in model.steps())
    expect(
        len(hidden) == hidden_layers,
        f"{model.what} should have {counted(hidden_layers)}; it has {counted(len(hidden))}, since "
        f"its layers are {found}",
    )
    for step in hidden:
        expect(
            step["class"] == "Dense" and step.get("units") == UNITS,
            f"each hidden layer of {model.what} should be a Dense layer of {UNITS} units; one is "
            f"{describe_step(step)}",
        )
        activation = step.get("activation")
        expect(
            activation == "relu",
            f"each hidden layer of {model.what} should have the activation ReLU; one has "
            f"{'none' if activation in (None, 'linear') else activation}",
        )
    if not model["built"] or model["trainable"] is None:
        return
    sizes = (PIXELS, *[UNITS] * hidden_layers, DIGITS)
    wanted = sum((a + 1) * b for a, b in pairwise(sizes))
    expect(
        model["trainable"] == wanted,
        f"{model.what} has {model['trainable']:,} parameters, which does not fit {PIXELS} pixels "
        "and these layers: does it begin with Flatten, and does each unit have its bias?",
    )


def check_build(answers: Answers) -> str:
    """Judge the function that builds a network for a number of hidden layers."""
    for hidden_layers in HIDDEN:
        model = answers.model_from("build", hidden_layers)
        expect_network(model, hidden_layers)
        model.expect_loss()
        model.expect_accuracy()
        model.expect_adam()
    return "one function, three networks"


def check_parameters(answers: Answers) -> str:
    """Judge how many parameters the network without a hidden layer has."""
    number = answers.whole("softmax_parameters")
    if number == PIXELS * DIGITS:
        not_yet(f"{number:,} counts the weights; each of the ten units has one more number")
    if number in (PIXELS + DIGITS, PIXELS + DIGITS + 1, PIXELS + 2 * DIGITS):
        not_yet(f"{number:,} adds pixels and units; but each unit has a weight for every pixel")
    expect(
        number == (PIXELS + 1) * DIGITS,
        f"ten units, each with its weights and its bias, do not have {number:,} parameters "
        "together; what does a single unit have?",
    )
    return "so many numbers, and each one can be looked at: that is what we do below"


def by_hidden_layers(answers: Answers, name: str) -> dict[int, Data]:
    """Return a dictionary's values by the number of hidden layers, from the most to none."""
    found: dict[int, Data] = {}
    for key, value in answers.mapping(name).items():
        good = is_number(key) and float(key).is_integer() and key >= 0
        expect(
            good,
            f"the keys of `{name}` should be the numbers of hidden layers, 2, 1 and 0; "
            f"{words(key)} is not one",
        )
        found[round(key)] = value
    for hidden_layers in HIDDEN:
        expect(
            hidden_layers in found,
            f"`{name}` should have an entry for each of 2, 1 and 0 hidden layers; the one for "
            f"{hidden_layers} is missing",
        )
    return dict(sorted(found.items(), reverse=True))


def networks(answers: Answers) -> dict[int, Model]:
    """Return the learner's trained networks by their number of hidden layers."""
    found = {}
    for hidden_layers, data in by_hidden_layers(answers, "models").items():
        what = f"`models[{hidden_layers}]`"
        model = as_model(data, what)
        expect_network(model, hidden_layers)
        trained = model["built"] and model["optimizer"] and model["optimizer"]["steps"] > 0
        expect(trained, f"{what} should be trained: call its fit()")
        expect(model["finite"], f"{what} has weights that are not numbers: its training was lost")
        found[hidden_layers] = model
    return found


def histories_of(answers: Answers) -> dict[int, Run]:
    """Return what was measured after each epoch by the number of hidden layers."""
    found = by_hidden_layers(answers, "histories")
    return {number: run_of(data, f"`histories[{number}]`") for number, data in found.items()}


def check_experiment(answers: Answers) -> str:
    """Judge the experiment and its table."""
    models, histories = networks(answers), histories_of(answers)
    expect(
        set(models) == set(histories),
        "`models` and `histories` should have the same keys; they have "
        f"{list(models)} and {list(histories)}",
    )
    expect_comparable(
        histories,
        "networks",
        "is each put under its own number of hidden layers, and does each training begin with a "
        "new network from build()?",
    )
    for hidden_layers, run in histories.items():
        what = f"the last validation accuracy with {counted(hidden_layers)}"
        expect_learned(run["val_accuracy"][-1], what)
    columns = ("hidden layers", "parameters", "validation accuracy")
    answers.rows("results", columns)
    hidden, parameters, accuracies = (answers.column("results", each, columns) for each in columns)
    expect(
        sorted(hidden) == sorted(histories),
        f"`results` should have a row for each network, so for {list(histories)} hidden layers; "
        f"its rows are for {words(hidden)}",
    )
    expect(
        hidden == sorted(hidden, reverse=True),
        "the rows should be in the order in which the layers were removed, the most first; they "
        f"are in the order {words(hidden)}",
    )
    for place, number, accuracy in zip(map(round, hidden), parameters, accuracies, strict=True):
        expect(
            number == models[place]["parameters"],
            f"with {counted(place)}, the table says {number:,.0f} parameters, but the network in "
            "`models` has another number of them",
        )
        expect_fraction(accuracy, f"with {counted(place)}, the validation accuracy")
        wanted = histories[place]["val_accuracy"][-1]
        expect(
            same(accuracy, wanted),
            f"with {counted(place)}, the validation accuracy should be that after the last epoch, "
            f"{wanted:.4g}; the table says {accuracy:.4g}",
        )
    return "three trained networks, and the table says what their histories say"


def check_plot(answers: Answers) -> str:
    """Judge the plot: the accuracy over the number of hidden layers, with labels."""
    found = histories_of(answers)

    def rule(axes: Axes) -> str:
        drawn = [y for kind in ("lines", "bars") for one in axes[kind] for y in one["y"]]
        for hidden_layers, run in found.items():
            wanted = run["val_accuracy"][-1]
            expect(
                shows(drawn, wanted),
                f"the plot should show the last validation accuracy with {counted(hidden_layers)}, "
                f"{wanted:.4g}, as a height",
            )
            expect(
                shows(heights_over(axes, hidden_layers), wanted),
                f"the validation accuracy with {counted(hidden_layers)}, {wanted:.4g}, should "
                f"stand above {hidden_layers}",
            )
        expect_labels(axes, DEPTH, ACCURACY)
        return "a plot that can be read without you beside it"

    return judge_plot(answers, rule)


def check_lost(answers: Answers) -> str:
    """Judge how much accuracy is lost by removing both hidden layers."""
    lost = answers.number("accuracy_lost")
    histories = histories_of(answers)
    most, none = (histories[each]["val_accuracy"][-1] for each in (2, 0))
    wanted = most - none
    if same(lost, wanted):
        return f"you go from {most:.4g} to {none:.4g}"
    expect(
        not same(lost, 100 * wanted),
        f"{lost:.4g} is in percentage points; it should be a fraction, as accuracies are",
    )
    expect(
        not same(lost, -wanted),
        "the sign is the wrong way round: what is lost counts as positive, what is gained as "
        "negative",
    )
    expect(
        not same(lost, histories[1]["val_accuracy"][-1] - none),
        f"{lost:.4g} is lost by removing the last hidden layer; what do you lose by both?",
    )
    expect(
        not same(lost, most - histories[1]["val_accuracy"][-1]),
        f"{lost:.4g} is lost by removing one hidden layer; what do you lose by both?",
    )
    not_yet(
        f"with two hidden layers your last validation accuracy is {most:.4g}, with none it is "
        f"{none:.4g}; these are not {words(lost)} apart"
    )


def parameters_of(answers: Answers) -> tuple[list[list[float]], list[float]]:
    """Return the weights and the biases of the network without a hidden layer."""
    kernel = answers.array("kernel", (PIXELS, DIGITS))
    bias = answers.array("bias", (DIGITS,))
    expect(
        any(bias),
        "all ten biases are 0, as they are before any training: take the weights from your "
        "trained network, `models[0]`",
    )
    return kernel, bias


def check_weight_images(answers: Answers) -> str:
    """Judge the weights of each digit as an image."""
    kernel, _ = parameters_of(answers)
    images = answers.array("weight_images", (DIGITS, SIDE, SIDE))

    def matches(number: Any) -> bool:
        return all(
            same(images[digit][row][column], number(digit, row, column))
            for digit in range(DIGITS)
            for row in range(SIDE)
            for column in range(SIDE)
        )

    if matches(lambda digit, row, column: kernel[SIDE * row + column][digit]):
        return "ten images, and each pixel of them is a weight"
    in_memory = [number for row in kernel for number in row]
    expect(
        not matches(lambda digit, row, column: in_memory[PIXELS * digit + SIDE * row + column]),
        "the shape is right, but the images are scrambled: the numbers of a row of `kernel` "
        "belong to ten different digits, and `reshape` alone puts them side by side into one "
        "image",
    )
    expect(
        not matches(lambda digit, row, column: kernel[SIDE * column + row][digit]),
        "each image holds the weights of its digit, but lies on its side: its rows and columns "
        "are exchanged",
    )
    for digit in range(DIGITS):
        own = [row[digit] for row in kernel]
        drawn = [number for row in images[digit] for number in row]
        found = next((i for i in range(PIXELS) if not same(drawn[i], own[i])), None)
        if found is not None:
            not_yet(
                f"`weight_images[{digit}]` should hold the weights of the digit {digit}, row by "
                f"row; its number in row {found // SIDE} and column {found % SIDE} is not the "
                f"weight of that pixel in `kernel`"
            )
    not_yet("`weight_images` does not hold the weights of `kernel`")


def check_figure(answers: Answers) -> str:
    """Judge the figure of the weights: ten images, diverging colours, one symmetric scale."""
    value = answers["weights_figure"]
    panels = list(axes_in(value))
    expect(panels, f"`weights_figure` should be a figure of Matplotlib's; it is {words(value)}")
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
    return "the middle colour means 0, and each colour means the same in all ten images"


def is_diverging(colours: Sequence[Sequence[float]]) -> bool:
    """Whether a colour map is nearly grey in the middle and has two different, other ends."""

    def brightness(colour: Sequence[float]) -> float:
        red, green, blue = colour
        return 0.21 * red + 0.72 * green + 0.07 * blue

    low, middle, high = colours
    ends = (brightness(low), brightness(high))
    apart = max(abs(a - b) for a, b in zip(low, high, strict=True))
    outside = brightness(middle) > max(ends) + 0.05 or brightness(middle) < min(ends) - 0.05
    return outside and apart > 0.15 and max(middle) - min(middle) < 0.3


def check_score(answers: Answers) -> str:
    """Judge the score that a digit gets for an image, computed by hand."""
    score = answers["score"]
    while isinstance(score, list) and len(score) == 1:
        score = score[0]
    expect(
        is_number(score) and math.isfinite(score),
        f"`score` should be one number, the score of one digit; it is {words(score)}",
    )
    kernel, bias = parameters_of(answers)
    image = flat(answers["chosen_image"])
    expect(
        len(image) == PIXELS,
        f"`chosen_image` should be one image of {PIXELS} pixels; it is "
        f"{words(answers['chosen_image'])}",
    )
    digit = answers.whole("chosen_digit")
    expect(0 <= digit < DIGITS, f"`chosen_digit` should be one of 0 to 9; it is {digit}")

    def near(wanted: float, tolerance: float = 5e-3) -> bool:
        return math.isclose(score, wanted, rel_tol=tolerance, abs_tol=tolerance)

    sums = [sum(x * row[d] for x, row in zip(image, kernel, strict=True)) for d in range(DIGITS)]
    wanted = sums[digit] + bias[digit]
    expect(
        near(wanted, 1e-4) or not near(sums[digit], 1e-4),
        "that is what the pixels add up to; one number is still to be added, which does not depend "
        "on the image",
    )
    if near(wanted):
        return f"the score of the digit {digit} is {score:.4g}"
    expect(
        not any(near(each + b) for each, b in zip(sums, bias, strict=True)),
        f"{words(score)} is the score of another digit: take the weights and the bias of {digit}",
    )
    not_yet(
        f"{words(score)} is not the score of the digit {digit} for `chosen_image`, which is made "
        "of 784 products and one more number, all added up"
    )


def flat(value: Data) -> list[float]:
    """Return the numbers of nested lists; none where it is anything else."""
    if shape_of(value) is None or not isinstance(value, list):
        return []
    return [n for each in value for n in ([each] if is_number(each) else flat(each))]


def check_confused(answers: Answers) -> str:
    """Judge the confusion matrix, and which digit was most often taken for which other."""
    table = answers.array("confusion", (DIGITS, DIGITS))
    expect(
        all(float(number).is_integer() and number >= 0 for row in table for number in row),
        "`confusion` should hold counts: whole numbers, not shares",
    )
    shown = shown_digits(answers)
    for digit in range(DIGITS if shown else 0):
        expect(
            sum(table[digit]) == shown[digit],
            f"row {digit} should count what was answered where a {digit} was shown, so it should "
            f"add up to the {shown[digit]} validation images of a {digit}; it adds up to "
            f"{sum(table[digit]):.0f}",
        )
    images = sum(map(sum, table))
    right = sum(table[digit][digit] for digit in range(DIGITS))
    accuracy = histories_of(answers)[0]["val_accuracy"][-1]
    expect(
        images and abs(right / images - accuracy) <= max(0.002, 2.01 / images),
        f"by `confusion`, {right:.0f} of {images:.0f} images were read right, but the last "
        f"validation accuracy in `histories[0]` is {accuracy:.4g}: are these the answers of "
        "`models[0]` to the validation images?",
    )
    pair = answers.numbers("most_confused")
    good = len(pair) == 2 and all(each in range(DIGITS) for each in pair)
    expect(
        good,
        "`most_confused` should be two digits, the one that was shown and the one that was "
        f"answered; it is {words(answers['most_confused'])}",
    )
    one, other = (round(each) for each in pair)
    expect(
        one != other,
        f"({one}, {other}) stands for a {one} that was read as a {other}, which is no mistake",
    )
    most = max(table[i][j] for i in range(DIGITS) for j in range(DIGITS) if i != j)
    expect(
        table[one][other] == most,
        f"a {one} read as a {other}: `confusion` counts {table[one][other]:.0f} of these; another "
        "mistake is more frequent",
    )
    return f"a {one} read as a {other}: `confusion` counts {most:.0f} of these, and no mistake more"


def shown_digits(answers: Answers) -> Counter[int]:
    """Count the validation images of each digit; nothing where the labels are no digits."""
    value = answers["validation"]
    labels: Data = value[1] if isinstance(value, list) and len(value) == 2 else None
    good = isinstance(labels, list) and all(is_number(label) for label in labels)
    return Counter(round(label) for label in labels) if good else Counter()


EXERCISE = Exercise(
    "05-remove-a-hidden-layer",
    "Remove a hidden layer",
    (
        prediction(
            "5.1",
            "A network without any hidden layer",
            "prediction_5_1",
            {
                "A": Choice("About 10 %: it can only guess.", ""),
                "B": Choice("About 50 %.", ""),
                "C": Choice("About 90 %.", ""),
                "D": Choice("As many as with two hidden layers.", ""),
            },
            core=True,
        ),
        Question(
            "5.2",
            "Two hidden layers, one, none",
            ("build",),
            check_build,
            (
                "A loop that runs `hidden_layers` times adds as many layers. Where it runs 0 "
                "times, it adds none.",
                'Each hidden layer is `layers.Dense(100, activation="relu")`. The last layer '
                "stands after the loop, not in it: every network has it, once.",
                "The last layer is `layers.Dense(10)`, and the loss "
                "`keras.losses.SparseCategoricalCrossentropy(from_logits=True)`. The metric is "
                '`"accuracy"`, in a list. The function ends with `return model`.',
            ),
            calls=tuple(Call("build", (hidden_layers,)) for hidden_layers in HIDDEN),
            core=True,
        ),
        Question(
            "5.3",
            "Parameters, by hand",
            ("softmax_parameters",),
            check_parameters,
            (
                "Begin with a single unit: how many inputs does it have when there is nothing "
                "between it and the pixels?",
                "An image has 28 × 28 pixels. A unit has a weight for each of them.",
                "Each unit has one bias as well. There are ten units: (28 × 28 + 1) × 10.",
            ),
        ),
        Question(
            "5.4",
            "The experiment and its table",
            ("models", "histories", "results"),
            check_experiment,
            (
                "In each turn of the loop: build a network, train it, keep both the network and "
                "what `fit()` measured.",
                "`models[hidden_layers] = model` keeps the network, and "
                "`histories[hidden_layers] = history.history` what `fit()` returned.",
                "A row is a dictionary with the three entries. `model.count_params()` gives the "
                'parameters, `histories[hidden_layers]["val_accuracy"][-1]` the accuracy.',
            ),
            points=2,
            computed=("results",),
            core=True,
        ),
        Question(
            "5.5",
            "The plot",
            ("ax",),
            check_plot,
            (
                "The number of hidden layers goes to the right, the accuracy up.",
                'Both `ax.plot(hidden, accuracies, "o-")` and `ax.bar(hidden, accuracies)` do.',
                "`ax.set_xlabel(…)` and `ax.set_ylabel(…)` name the axes. "
                "`ax.set_xticks([0, 1, 2])` leaves only whole numbers below.",
            ),
            uses=("histories",),
            core=True,
        ),
        Question(
            "5.6",
            "What it costs",
            ("accuracy_lost",),
            check_lost,
            (
                "Two rows of your table are needed: the first and the last.",
                "It is a difference of two accuracies, and not in per cent.",
                "The accuracy with two hidden layers, minus the one with none.",
            ),
            computed=("accuracy_lost",),
            uses=("histories",),
            core=True,
        ),
        Question(
            "5.7",
            "Weights as images",
            ("kernel", "bias", "weight_images"),
            check_weight_images,
            (
                "`models[0].get_weights()` gives two arrays. Look at their shapes: which one is "
                "`kernel`?",
                "The weights of the digit 3 are the *column* `kernel[:, 3]`: 784 numbers, which "
                "`reshape(28, 28)` turns into an image. Look at it with `plt.imshow`.",
                "`reshape` reads an array row by row. So first make the columns rows, with `.T`, "
                "and then reshape to (10, 28, 28).",
            ),
        ),
        Question(
            "5.8",
            "Show the weights",
            ("weights_figure",),
            check_figure,
            (
                "`imshow` puts its lowest colour at the smallest number and its highest at the "
                "largest, unless you say otherwise. Where is 0 then?",
                "`vmin` and `vmax` set the ends of the scale. Take the largest absolute value of "
                "all weights, `np.abs(weight_images).max()`, with a minus sign for one of them.",
                '`axis.imshow(weight_images[digit], cmap="PuOr", vmin=-limit, vmax=limit)`, for '
                "each digit on axes of its own: `axes.ravel()` lists all ten.",
            ),
        ),
        Question(
            "5.9",
            "A score by hand",
            ("score",),
            check_score,
            (
                "Multiply each pixel by its weight for this digit, and add up the products. "
                "Something is missing then.",
                "The weights of the digit are `kernel[:, chosen_digit]`. Multiply `chosen_image` "
                "by them with `*`, which goes number by number; `.sum()` adds up the products.",
                "Add the digit's bias, `bias[chosen_digit]`, once at the end.",
            ),
            computed=("score",),
            uses=("kernel", "bias", "chosen_image", "chosen_digit"),
        ),
        Question(
            "5.10",
            "The most frequent mistake",
            ("confusion", "most_confused"),
            check_confused,
            (
                "The network's answer is the digit with the highest score: "
                "`models[0].predict(…)` gives the scores, `.argmax(axis=1)` the digits.",
                "Begin with `np.zeros((10, 10), dtype=int)`. For each image, add 1 in the row of "
                "its label and in the column of the answer.",
                "The diagonal counts what was read right. Leave it out, and look for the row and "
                "the column of the largest number that remains.",
            ),
            computed=("confusion", "most_confused"),
            uses=("validation", "histories"),
        ),
        multiple_choice(
            "5.11",
            "What a hidden layer adds",
            "answer_5_11",
            {
                "A": Choice(
                    "A second weighted sum after the first, which weighs the pixels more finely.",
                    "A weighted sum of weighted sums of pixels is a weighted sum of pixels again. "
                    "Two dense layers with nothing between them can be multiplied out into one, "
                    "and gain nothing by their number.",
                ),
                "B": Choice(
                    "Through its activation, what a pixel counts for a digit can depend on what "
                    "other pixels show.",
                    "Without it, ink in a pixel adds the same to a digit's score in every image. A "
                    "unit with an activation answers to a combination of pixels, such as a stroke, "
                    "and is silent without it. Only the activation makes that possible: two "
                    "dense layers with none between them are one dense layer.",
                ),
                "C": Choice(
                    "Knowledge of which pixels are neighbours.",
                    "Each unit of a dense layer is connected to all pixels alike. Shuffle the "
                    "pixels of all images in the same way, and it learns as well as before.",
                ),
                "D": Choice(
                    "Outputs that are probabilities and add up to 1.",
                    "That is the work of softmax, after the last layer. The network without a "
                    "hidden layer has it too.",
                ),
            },
            right="B",
            hints=(
                "In the network without a hidden layer, how much does ink in one pixel add to the "
                "score of the 3? Does that depend on the rest of the image?",
                "Write two dense layers without an activation as formulas, and put the first into "
                "the second.",
            ),
        ),
        multiple_choice(
            "5.12",
            "Blurred, with negative rings",
            "answer_5_12",
            {
                "A": Choice(
                    "Each image is the average of the training images of its digit.",
                    "An average of pixels from 0 to 1 is never negative, and it would not care "
                    "what the other nine digits look like.",
                ),
                "B": Choice(
                    "The network was trained for too few epochs; later the images become sharp.",
                    "With more epochs the weights grow and the images become rougher, but not "
                    "sharper: a pixel still has one weight for all the ways to write a digit.",
                ),
                "C": Choice(
                    "The negative weights are left over from the random start.",
                    "The random start is as often positive as negative, and looks like noise. A "
                    "ring or a stroke of one sign is something that training made.",
                ),
                "D": Choice(
                    "Ink where the digit usually has it speaks for it; ink where others have it "
                    "and this one has not speaks against it.",
                    "The many ways to write a digit share one weight a pixel, which blurs the "
                    "shape. The negative weights lie where ink means another digit: in the hole of "
                    "the 0, for instance.",
                ),
            },
            right="D",
            hints=(
                "Look at the 0. What would it mean for a 0 if there were ink in its middle?",
                "A score is for telling one digit from nine others. What does a negative weight do "
                "to a score where there is ink?",
            ),
        ),
        multiple_choice(
            "5.13",
            "The border",
            "answer_5_13",
            {
                "A": Choice(
                    "Those pixels are empty in the training images, so the weights multiply zeros: "
                    "they never change a score, and their gradient is 0.",
                    "A weight moves only if moving it would change the loss. What it multiplies is "
                    "0 in every image, so it stays exactly where chance put it.",
                ),
                "B": Choice(
                    "Keras does not train the weights at the border of an image.",
                    "For a dense layer there is no border: it sees 784 numbers in a row, and all "
                    "of its weights are trained alike.",
                ),
                "C": Choice(
                    "Ink at the border is as frequent for every digit, so that all pushes cancel.",
                    "Look at some images: how much ink do you see at their borders, for any digit?",
                ),
                "D": Choice(
                    "The learning rate is too small to reach them; more epochs would.",
                    "All weights have the same learning rate, and those in the middle moved far. "
                    "Train for ten times as many epochs: the border stays as it is.",
                ),
            },
            right="A",
            hints=(
                "What do the images of MNIST look like near their borders?",
                "The gradient of a weight is its input times something. What is the input there?",
            ),
        ),
    ),
)
