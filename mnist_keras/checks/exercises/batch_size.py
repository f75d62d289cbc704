"""Exercise 2: the batch size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from mnist_keras.checks.answers import Answers, expect, same
from mnist_keras.checks.parts import (
    ACCURACY,
    BATCH,
    EPOCH,
    STEP,
    Axes,
    Run,
    exchanged,
    expect_comparable,
    expect_fraction,
    expect_labels,
    expect_spaced,
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

# Images and a batch size; steps, images and a batch size.
CLOCK = 1.25  # times that differ by less may change places when they are measured again
EPOCHS_TO_TRY = ((10_000, 100), (10_000, 64), (2_000, 2_000), (5, 32))
STEPS_TO_TRY = ((1_000, 10_000, 100), (1_250, 10_000, 16), (1_000, 1_030, 100), (100, 10_000, 16))
COLUMNS = (
    "batch size",
    "seconds per epoch",
    "accuracy at equal epochs",
    "accuracy at equal steps",
)
ABOUT_AS_MANY = 1.6  # rounding to whole epochs may make a half of the steps more


def is_whole(value: Data) -> bool:
    """Whether the data are a whole number; 5.0 is one."""
    return is_number(value) and math.isfinite(value) and value == round(value)


def by_batch_size(answers: Answers, name: str) -> dict[int, Data]:
    """Return a dictionary of the learner's by batch size, in ascending order."""
    found = {}
    for size, data in answers.mapping(name).items():
        expect(
            is_whole(size) and size >= 1,
            f"the keys of `{name}` should be batch sizes; {words(size)} is not one",
        )
        found[round(size)] = data
    return dict(sorted(found.items()))


def numbers_by_size(answers: Answers, name: str, sizes: Iterable[int]) -> dict[int, float]:
    """Return a positive number for each of these batch sizes at least."""
    data = by_batch_size(answers, name)
    for size in sizes:
        expect(size in data, f"`{name}` has no entry for the batch size {size}")
    for size, value in data.items():
        good = is_number(value) and math.isfinite(value) and value > 0
        expect(good, f"`{name}[{size}]` should be a positive number; it is {words(value)}")
    return {size: float(value) for size, value in data.items()}


def runs(answers: Answers, name: str) -> dict[int, Run]:
    """Return the histories of runs by batch size: enough sizes, far enough apart, validated."""
    found: dict[int, Run] = {}
    for size, data in by_batch_size(answers, name).items():
        found[size] = run_of(data, f"`{name}[{size}]`")
    expect(len(found) >= 4, f"at least 4 batch sizes are needed; `{name}` has {len(found)}")
    ratio = max(found) / min(found)
    expect(
        ratio >= 16,
        f"the largest batch size should be at least 16 times the smallest; yours is {ratio:.3g} "
        "times",
    )
    return found


def expect_steps_per_epoch(answers: Answers) -> None:
    """Expect that a function counts the steps of an epoch."""
    for images, size in EPOCHS_TO_TRY:
        call = f"`steps_per_epoch({images}, {size})`"
        steps = answers.result("steps_per_epoch", images, size)
        expect(
            is_whole(steps),
            f"{call} should return a whole number; it returns {words(steps)}",
        )
        expect(
            steps * size >= images,
            f"{call} returns {steps:g}, but in that many batches of {size} there is no room for "
            f"all of the {images:,} images",
        )
        expect(
            (steps - 1) * size < images,
            f"{call} returns {steps:g}, but all of the {images:,} images are read in fewer steps",
        )


def expect_epochs_for(answers: Answers) -> None:
    """Expect that a function turns a number of steps into a number of epochs."""
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


def check_counting(answers: Answers) -> str:
    """Judge the functions that count steps and epochs."""
    expect_steps_per_epoch(answers)
    expect_epochs_for(answers)
    return "each image is read once an epoch, and the last batch may be smaller than the others"


def check_equal_epochs(answers: Answers) -> str:
    """Judge the runs over equal epochs, and their seconds per epoch."""
    found = runs(answers, "histories")
    epochs = expect_comparable(
        found,
        "batch sizes",
        "does fit() get batch_size=batch_size, and does each training begin with a new model from "
        "build()?",
    )
    numbers_by_size(answers, "seconds", found)
    return f"{len(found)} batch sizes, each trained for {epochs} epochs"


def check_equal_steps(answers: Answers) -> str:
    """Judge the runs over about equally many steps."""
    found = runs(answers, "same_steps")
    for size in by_batch_size(answers, "histories"):
        expect(
            size in found,
            f"`same_steps` has no entry for {size}, which is one of your batch sizes in "
            "`histories`",
        )
    images = answers.length("x")
    steps = {size: len(one["loss"]) * math.ceil(images / size) for size, one in found.items()}
    fewest, most = min(steps, key=lambda s: steps[s]), max(steps, key=lambda s: steps[s])
    expect(
        steps[most] <= ABOUT_AS_MANY * steps[fewest],
        f"all runs should take about as many steps: with batches of {fewest} yours took "
        f"{steps[fewest]:,}, with batches of {most} it took {steps[most]:,}",
    )
    return f"each network took about {steps[most]:,} steps"


def check_table(answers: Answers) -> str:
    """Judge the table: a row a batch size, in order, with what both comparisons gave."""
    answers.rows("results", COLUMNS)
    columns = {each: answers.column("results", each, COLUMNS) for each in COLUMNS}
    sizes = columns["batch size"]
    epochs, steps = runs(answers, "histories"), runs(answers, "same_steps")
    seconds = numbers_by_size(answers, "seconds", epochs)
    expect(
        len(sizes) == len(epochs),
        f"the table should have a row for each batch size: you have {len(epochs)} sizes and "
        f"{len(sizes)} rows",
    )
    expect(sizes == sorted(sizes), "the rows should be in the order of the batch sizes")
    for row, number in enumerate(sizes):
        expect(
            number in epochs and number in steps,
            f"`results` has the batch size {number:g}, but `histories` or `same_steps` has not",
        )
        size = round(number)
        wanted = {
            "seconds per epoch": seconds[size],
            "accuracy at equal epochs": epochs[size]["val_accuracy"][-1],
            "accuracy at equal steps": steps[size]["val_accuracy"][-1],
        }
        for column, figure in wanted.items():
            found = columns[column][row]
            if column.startswith("accuracy"):
                expect_fraction(found, f"with batches of {size}, the {column}")
            what = "seconds per epoch" if column.startswith("seconds") else f"last {column}"
            expect(
                same(found, figure),
                f"with batches of {size}, you measured {figure:.4g} as the {what}; the table says "
                f"{found:.4g}",
            )
    return "the table says what you measured"


def check_plot(answers: Answers) -> str:
    """Judge the plot: both accuracies over the batch size, on a logarithmic axis."""
    found = {name: runs(answers, name) for name in ("histories", "same_steps")}

    def rule(axes: Axes) -> str:
        expect_spaced(axes, found["histories"], "batch size")
        for name, what in (("histories", "at equal epochs"), ("same_steps", "at equal steps")):
            for size, run in found[name].items():
                heights = heights_over(axes, size, logarithms=True)
                expect(
                    heights, f"the horizontal axis should show the batch size {size}; no point does"
                )
                wanted = run["val_accuracy"][-1]
                expect(
                    shows(heights, wanted),
                    f"at a batch size of {size}, the plot should show the last validation accuracy "
                    f"{what}, {wanted:.4g}",
                )
        expect_labels(axes, BATCH, ACCURACY)
        expect(
            len(axes["legend"]) >= 2 or len(axes["texts"]) >= 2,
            "the plot does not say which line is which: give each a label, and the plot a legend",
        )
        expect_names_in_place(axes, found["histories"], found["same_steps"])
        return "a plot that shows both comparisons at one glance"

    return judge_plot(answers, rule)


def expect_names_in_place(axes: Axes, epochs: Mapping[int, Run], steps: Mapping[int, Run]) -> None:
    """Say so if the names of the two comparisons have changed places."""

    def name_of(runs: Mapping[int, Run]) -> str:
        wanted = [run["val_accuracy"][-1] for run in runs.values()]
        drawn = (*axes["lines"], *axes["bars"])
        return next((e["name"] for e in drawn if all(shows(e["y"], w) for w in wanted)), "")

    names = name_of(epochs), name_of(steps)
    expect(
        not exchanged(*names, EPOCH, STEP),
        "the names in the legend seem to be swapped: the accuracy at equal epochs is called "
        f"{names[0]!r}, that at equal steps {names[1]!r}",
    )


def expect_best(
    answers: Answers,
    name: str,
    figures: Mapping[int, float],
    best: float,
    what: str,
    factor: float = 1.0,
) -> None:
    """Expect that a batch size is the best of those that the learner tried, or as good.

    Up to ``factor`` times the least counts as good, where a clock could say otherwise next time.
    """
    size = answers.number(name)
    expect(size in figures, f"`{name}` is {size:g}, which is not among your batch sizes")
    found = figures[round(size)]
    expect(
        same(found, best) or best <= found <= factor * best,
        f"`{name}` is {size:g}, where {what} {found:.4g}; another batch size of yours does better",
    )


def check_own_numbers(answers: Answers) -> str:
    """Judge which batch sizes were the fastest and the most accurate in the learner's runs."""
    epochs, steps = runs(answers, "histories"), runs(answers, "same_steps")
    seconds = numbers_by_size(answers, "seconds", epochs)
    seconds = {size: seconds[size] for size in epochs}
    expect_best(
        answers,
        "fastest",
        seconds,
        min(seconds.values()),
        "the seconds per epoch are",
        CLOCK,
    )
    for name, found, when in (
        ("best_at_equal_epochs", epochs, "epochs"),
        ("best_at_equal_steps", steps, "steps"),
    ):
        last = {size: one["val_accuracy"][-1] for size, one in found.items()}
        what = f"the last validation accuracy at equal {when} is"
        expect_best(answers, name, last, max(last.values()), what)
    return "so say your own runs"


def check_noise(answers: Answers) -> str:
    """Judge the spread of the gradient over random batches, and how it depends on their size."""
    gradients = answers.numbers("gradients")
    noise = numbers_by_size(answers, "noise", by_batch_size(answers, "histories"))
    smallest, largest = min(noise), max(noise)
    expect(
        noise[smallest] > 1.5 * noise[largest],
        "your noise does not fall as the batches grow: for each random batch, take the mean of "
        "its gradients, and then the standard deviation of all these means",
    )
    count = len(gradients)
    mean = math.fsum(gradients) / count
    spread = math.sqrt(math.fsum((each - mean) ** 2 for each in gradients) / count)
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
    expect(
        not math.isclose(ratio * wanted, 1, rel_tol=0.02),
        "`noise_ratio` should say how many times as large the noise of the smallest batches is; it "
        f"is {ratio:.3g}, so you divided the other way round",
    )
    expect(
        math.isclose(ratio, wanted, rel_tol=0.02),
        f"`noise_ratio` is {ratio:.3g}, but that is not your noise at {smallest} divided by your "
        f"noise at {largest}",
    )
    times = largest / smallest
    return (
        f"your largest batches have {times:.3g} times as many images as your smallest, and the "
        f"noise falls by a factor of {ratio:.3g}. The square root of {times:.3g} is "
        f"{math.sqrt(times):.3g}"
    )


EXERCISE = Exercise(
    "02-batch-size",
    "Batch size",
    (
        prediction(
            "2.1",
            "As many steps, larger batches",
            "prediction_2_1",
            {
                "A": Choice("The one with batches of 16.", ""),
                "B": Choice("The one with batches of 1,024.", ""),
                "C": Choice("Neither: as many steps teach as much.", ""),
            },
            core=True,
        ),
        Question(
            "2.2",
            "Steps and epochs",
            ("steps_per_epoch", "epochs_for"),
            check_counting,
            (
                "How many batches does it take until every image was read once? The images that "
                "are left over when no full batch can be made are read too.",
                "For `steps_per_epoch`, divide and round up: `math.ceil` does that. For "
                "`epochs_for`, divide the wanted steps by the steps of one epoch.",
                "`fit()` needs a whole number of epochs, which `round()` makes. If that gives 0, "
                "one epoch is still the least that you can train: `max(1, …)`.",
            ),
            points=2,
            calls=(
                *(Call("steps_per_epoch", each) for each in EPOCHS_TO_TRY),
                *(Call("epochs_for", each) for each in STEPS_TO_TRY),
            ),
            core=True,
        ),
        Question(
            "2.3",
            "Equal epochs",
            ("histories", "seconds"),
            check_equal_epochs,
            (
                "Batch sizes are compared by factors: each, say, four times the one before.",
                "`fit()` takes `batch_size=…`, `epochs=…`, `validation_data=validation` and "
                "`callbacks=[clock]`. It returns a History, whose `.history` goes into "
                "`histories`.",
                "After `fit()`, `np.diff(ends)` has the seconds of all epochs but the first. "
                "Their middle one is `np.median(np.diff(ends))`.",
            ),
            points=2,
            core=True,
        ),
        Question(
            "2.4",
            "Equal steps",
            ("same_steps",),
            check_equal_steps,
            (
                "The smallest batches need the most steps for an epoch. How many are two epochs of "
                "theirs?",
                "`steps = 2 * steps_per_epoch(len(x), min(batch_sizes))`.",
                "The loop is the one of 2.3, only with "
                "`epochs=epochs_for(steps, len(x), batch_size)`, and with `same_steps` instead of "
                "`histories`.",
            ),
            points=2,
            uses=("histories", "x"),
            core=True,
        ),
        Question(
            "2.5",
            "The table",
            ("results",),
            check_table,
            (
                "A list of dictionaries is a table: each dictionary is a row.",
                'The last validation accuracy of a run is `histories[batch_size]["val_accuracy"]'
                "[-1]`.",
                "Go through `sorted(histories)`. The accuracy at equal steps comes from "
                "`same_steps` in the same way, the seconds are `seconds[batch_size]`.",
            ),
            computed=("results",),
            uses=("histories", "seconds", "same_steps"),
        ),
        Question(
            "2.6",
            "The plot",
            ("ax",),
            check_plot,
            (
                "Two lines over the same batch sizes: one for equal epochs, one for equal steps.",
                '`ax.set_xscale("log")` makes each factor as wide as the others.',
                '`ax.plot(sizes, accuracies, "o-", label="equal epochs")` draws a line with a '
                "name, and `ax.legend()` shows the names. Label both axes too.",
            ),
            uses=("histories", "same_steps"),
        ),
        Question(
            "2.7",
            "Your own numbers",
            ("fastest", "best_at_equal_epochs", "best_at_equal_steps"),
            check_own_numbers,
            (
                "Look at your table: which row has the fewest seconds per epoch, and which has the "
                "highest accuracy in each of the two columns? Let Python find them, so that they "
                "stay right when you run the notebook again: times differ from run to run.",
                "`min(seconds, key=…)` gives the batch size for which something is the smallest, "
                "`max(histories, key=…)` that for which something is the largest.",
                "`fastest = min(histories, key=lambda size: seconds[size])`, and for the best "
                '`key=lambda size: histories[size]["val_accuracy"][-1]`.',
            ),
            computed=("fastest", "best_at_equal_epochs", "best_at_equal_steps"),
            uses=("histories", "seconds", "same_steps"),
            core=True,
        ),
        Question(
            "2.8",
            "The noise of the gradient",
            ("noise", "noise_ratio"),
            check_noise,
            (
                "`rng.choice(gradients, size=batch_size)` draws a random batch of gradients. What "
                "is the gradient of the whole batch?",
                "It is the mean. Draw 1,000 batches of the same size and put their means into a "
                "list. `np.std` says how widely they spread.",
                "`means = [rng.choice(gradients, size=batch_size).mean() for _ in range(1_000)]`, "
                "then `noise[batch_size] = np.std(means)`. For the ratio, divide the noise of the "
                "smallest batch size by that of the largest.",
            ),
            points=2,
            computed=("noise", "noise_ratio"),
            uses=("gradients", "histories"),
        ),
        multiple_choice(
            "2.9",
            "Seconds per epoch",
            "answer_2_9",
            {
                "A": Choice(
                    "An epoch with large batches reads fewer images.",
                    "In every epoch each image is read once, whatever the batch size.",
                ),
                "B": Choice(
                    "Exact gradients need less computing than noisy ones.",
                    "How exact a gradient is says nothing about how long it takes. An epoch is "
                    "over when all images were read, wherever the steps have led.",
                ),
                "C": Choice(
                    "With large batches the network has fewer weights.",
                    "The network is the same: `build()` does not even know the batch size.",
                ),
                "D": Choice(
                    "There are fewer steps, and part of the work of a step is the same for any "
                    "batch.",
                    "Starting a step and moving the weights costs as much for 16 images as for "
                    "1,024. Besides, a processor multiplies many numbers at once faster than as "
                    "many one after the other.",
                ),
            },
            right="D",
            hints=(
                "Which work is done once for each image, and which once for each step?",
                "Think of an errand: walking to the shop takes as long for one loaf as for ten.",
            ),
        ),
        multiple_choice(
            "2.10",
            "Twice the batch size",
            "answer_2_10",
            {
                "A": Choice(
                    "Halve the learning rate.",
                    "There are only half as many steps now. If each is half as long too, the "
                    "network gets about a quarter as far.",
                ),
                "B": Choice(
                    "Double the learning rate.",
                    "Half as many steps, each twice as long, lead about as far, and the more "
                    "exact gradient allows for the longer step. It holds until the steps are so "
                    "long that training is lost.",
                ),
                "C": Choice(
                    "Halve the number of epochs.",
                    "That leaves a quarter of the steps: half from the larger batches, and half of "
                    "those from the shorter training.",
                ),
                "D": Choice(
                    "Nothing: the network reads the same images as often as before.",
                    "It learns by its steps, and of those there are only half as many. Look at "
                    "your accuracies at equal epochs.",
                ),
            },
            right="B",
            hints=(
                "How many steps are in one epoch now, compared with before?",
                "The way that a network goes is made of steps. With fewer of them, what must be "
                "different about each, so that the way is about as long?",
            ),
        ),
    ),
)
