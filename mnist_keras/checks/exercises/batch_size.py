"""Exercise 2: the batch size."""

import math
from collections.abc import Iterable

import numpy as np

from mnist_keras.checks import parts
from mnist_keras.checks.answers import Answers, expect
from mnist_keras.checks.plain import is_number, words
from mnist_keras.checks.rules import calls, plot, returns, rule

CLOCK = 1.25  # times that differ by less may change places when they are measured again
# Images and a batch size; steps, images and a batch size.
EPOCHS_TO_TRY = ((10_000, 100), (10_000, 64), (2_000, 2_000), (5, 32))
STEPS_TO_TRY = ((1_000, 10_000, 100), (1_250, 10_000, 16), (1_000, 1_030, 100), (100, 10_000, 16))
ABOUT_AS_MANY = 1.6  # rounding to whole epochs may make a half of the steps more


def numbers_by_size(answers: Answers, name: str, sizes: Iterable[int]) -> dict[int, float]:
    """Return a positive number for each of these batch sizes at least."""
    data = parts.numbered(answers, name, is_size, "batch sizes")
    for size in sizes:
        expect(size in data, f"`{name}` has no entry for the batch size {size}")
    for size, value in data.items():
        good = is_number(value) and math.isfinite(value) and value > 0
        expect(good, f"`{name}[{size}]` should be a positive number; it is {words(value)}")
    return {size: float(value) for size, value in data.items()}


def is_size(value: float) -> bool:
    return value == round(value) >= 1


def runs(answers: Answers, name: str) -> dict[int, parts.Run]:
    """Return the histories of runs by batch size: enough sizes, far enough apart, validated."""
    found = parts.runs_by(answers, name, is_size, "batch sizes")
    expect(len(found) >= 4, f"at least 4 batch sizes are needed; `{name}` has {len(found)}")
    ratio = max(found) / min(found)
    expect(
        ratio >= 16,
        f"the largest batch size should be at least 16 times the smallest; yours is {ratio:.3g} "
        "times",
    )
    return found


@rule(
    "2.2",
    "steps_per_epoch epochs_for",
    calls=calls("steps_per_epoch", EPOCHS_TO_TRY) + calls("epochs_for", STEPS_TO_TRY),
)
def counting(answers: Answers) -> None:
    for images, size in EPOCHS_TO_TRY:
        call = f"`steps_per_epoch({images}, {size})`"
        steps = answers.result("steps_per_epoch", images, size)
        whole = is_number(steps) and math.isfinite(steps) and steps == round(steps)
        expect(whole, f"{call} should return a whole number; it returns {words(steps)}")
        expect(
            steps * size >= images,
            f"{call} returns {steps:g}, but in that many batches of {size} there is no room for "
            f"all of the {images:,} images",
        )
        expect(
            (steps - 1) * size < images,
            f"{call} returns {steps:g}, but all of the {images:,} images are read in fewer steps",
        )
    for steps, images, size in STEPS_TO_TRY:
        call = f"`epochs_for({steps}, {images}, {size})`"
        epochs = answers.result("epochs_for", steps, images, size)
        expect(is_number(epochs), f"{call} should return a number; it returns {words(epochs)}")
        expect(
            isinstance(epochs, int),
            f"{call} returns {epochs:g} with a decimal point, which fit() does not take for its "
            "epochs: make it an int",
        )
        expect(
            epochs >= 1, f"{call} returns {epochs}, but one epoch is the least that can be trained"
        )
        per_epoch = math.ceil(images / size)
        expect(
            epochs in {max(1, steps // per_epoch), math.ceil(steps / per_epoch)},
            f"{call} returns {epochs}, which makes {epochs * per_epoch:,} steps; there is a whole "
            f"number of epochs that comes nearer to {steps:,}",
        )


def steps_of(images: int, batch_size: int) -> int:
    return math.ceil(images / batch_size)


def epochs_of(steps: int, images: int, batch_size: int) -> int:
    return max(1, round(steps / steps_of(images, batch_size)))


other_sizes = returns(
    "2.2", "steps_per_epoch", steps_of, ((12_345, 67), (1, 512), (60_000, 1)), share=0.25
)
other_steps = returns(
    "2.2", "epochs_for", epochs_of, ((925, 12_345, 67), (3, 12_345, 5)), share=0.25
)


@rule("2.3", "histories seconds")
def equal_epochs(answers: Answers) -> str:
    found = runs(answers, "histories")
    epochs = parts.expect_comparable(
        found,
        "batch sizes",
        "does fit() get batch_size=batch_size, and does each training begin with a new model from "
        "build()?",
    )
    numbers_by_size(answers, "seconds", found)
    return f"{len(found)} batch sizes, each trained for {epochs} epochs"


@rule("2.4", "same_steps", uses="histories x")
def equal_steps(answers: Answers) -> str:
    found = runs(answers, "same_steps")
    for size in parts.numbered(answers, "histories", is_size, "batch sizes"):
        expect(
            size in found,
            f"`same_steps` has no entry for {size}, which is one of your batch sizes in "
            "`histories`",
        )
    images = answers.length("x")
    steps = {size: len(one["loss"]) * steps_of(images, size) for size, one in found.items()}
    fewest, most = min(steps, key=lambda s: steps[s]), max(steps, key=lambda s: steps[s])
    expect(
        steps[most] <= ABOUT_AS_MANY * steps[fewest],
        f"all runs should take about as many steps: with batches of {fewest} yours took "
        f"{steps[fewest]:,}, with batches of {most} it took {steps[most]:,}",
    )
    return f"each network took about {steps[most]:,} steps"


def accuracies(answers: Answers) -> tuple[dict[int, float], dict[int, float]]:
    one, other = (parts.last_accuracies(runs(answers, n)) for n in ("histories", "same_steps"))
    return one, other


@rule("2.5", "results", uses="histories seconds same_steps", computed=True)
def table(answers: Answers) -> None:
    epochs, steps = accuracies(answers)
    seconds = numbers_by_size(answers, "seconds", epochs)
    for size in epochs:
        expect(size in steps, f"`same_steps` has no entry for the batch size {size}")
    wanted = {
        size: {
            "seconds per epoch": seconds[size],
            "accuracy at equal epochs": epochs[size],
            "accuracy at equal steps": steps[size],
        }
        for size in epochs
    }
    parts.expect_rows(answers, wanted, ["batch size"], "with batches of {}", "ascending")


@plot("2.6", parts.BATCH, parts.ACCURACY, uses="histories same_steps")
def accuracy_over_size(answers: Answers, axes: parts.Axes) -> None:
    both = accuracies(answers)
    parts.expect_spaced(axes, both[0], "batch size")
    for found in both:
        parts.expect_shown(axes, found, "batch size", logarithms=True)
    expect(
        len(axes["legend"]) >= 2 or len(axes["texts"]) >= 2,
        "the plot does not say which line is which: give each a label, and the plot a legend",
    )
    drawn = (*axes["lines"], *axes["bars"])
    one, other = (
        next((e["name"] for e in drawn if all(parts.shows(e["y"], w) for w in found.values())), "")
        for found in both
    )
    expect(
        not parts.exchanged(one, other, parts.EPOCH, parts.STEP),
        "the names in the legend seem to be swapped: the accuracy at equal epochs is called "
        f"{one!r}, that at equal steps {other!r}",
    )


@rule(
    "2.7",
    "fastest best_at_equal_epochs best_at_equal_steps",
    uses="histories seconds same_steps",
    computed=True,
)
def own_numbers(answers: Answers) -> None:
    epochs, steps = accuracies(answers)
    seconds = numbers_by_size(answers, "seconds", epochs)
    seconds = {size: seconds[size] for size in epochs}
    parts.expect_best(answers, "fastest", seconds, "the time per epoch", clock=CLOCK)
    for name, found in (("best_at_equal_epochs", epochs), ("best_at_equal_steps", steps)):
        parts.expect_best(answers, name, found, "the last validation accuracy")


@rule("2.8", "noise noise_ratio", uses="gradients histories", computed=True)
def noise(answers: Answers) -> str:
    gradients = answers.numbers("gradients")
    sizes = parts.numbered(answers, "histories", is_size, "batch sizes")
    noise = numbers_by_size(answers, "noise", sizes)
    smallest, largest = min(noise), max(noise)
    expect(
        noise[smallest] > 1.5 * noise[largest],
        "your noise does not fall as the batches grow: for each random batch, take the mean of "
        "its gradients, and then the standard deviation of all these means",
    )
    count = len(gradients)
    expect(count, "`gradients` is empty: run the cell that measures them again")
    spread = np.std(gradients)
    for size, found in noise.items():
        most = spread / math.sqrt(size)
        # Batches in which no image stands twice spread less.
        least = most * math.sqrt(max(0, count - size) / max(1, count - 1))
        expect(
            0.7 * least <= found <= 1.3 * most,
            f"`noise[{size}]` is {found:.3g}, which is not how widely the means of random batches "
            f"of {size} spread: look at how many gradients each batch has, how many batches there "
            "are (1,000 do), and that you take their standard deviation",
        )
    ratio, wanted = answers.number("noise_ratio"), noise[smallest] / noise[largest]
    parts.expect_number(
        ratio,
        wanted,
        f"`noise_ratio` is {ratio:.3g}, but that is not your noise at {smallest} divided by your "
        f"noise at {largest}",
        {
            "`noise_ratio` should say how many times as large the noise of the smallest batches "
            f"is; it is {ratio:.3g}, so you divided the other way round": 1 / wanted
        },
        lambda a, b: math.isclose(a, b, rel_tol=0.02),
    )
    times = largest / smallest
    return (
        f"your largest batches have {times:.3g} times as many images as your smallest, and the "
        f"noise falls by a factor of {ratio:.3g}. The square root of {times:.3g} is "
        f"{math.sqrt(times):.3g}"
    )
