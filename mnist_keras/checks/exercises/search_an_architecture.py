"""Exercise 6, the challenge: search an architecture."""

import json
import math
import re
from itertools import pairwise
from statistics import fmean, pstdev, pvariance, stdev
from typing import Any, NamedTuple

from mnist_keras.checks import parts, tables
from mnist_keras.checks.answers import (
    Answers,
    Model,
    NotAttemptedError,
    as_mapping,
    as_model,
    close,
    expect,
    expect_is,
    not_yet,
    same,
)
from mnist_keras.checks.plain import Data, is_dictionary, is_missing, is_number, kind_of, words
from mnist_keras.checks.rules import calls, hidden, plot, rule
from mnist_keras.checks.unseen import Predictions, expect_reads
from mnist_keras.entry_rules import LEAGUES, RefusedError, checked_architecture

BUDGET = 50_000  # parameters, for every network of the search
FEWEST_HYPERPARAMETERS = 4
FEWEST_TRIALS = 5
FEWEST_SEEDS = 2
ROUNDING = 6e-4  # of an accuracy to three digits
FARTHEST_FROM_VALIDATION = 0.2  # no honest test accuracy is; a loss or an error rate is
SHAPE_OF_LAYERS = (
    *("class", "activation", "parameters", "units"),
    *("filters", "kernel_size", "padding", "pool_size", "strides"),
)


class Trained(NamedTuple):
    """A trial of the search, and the size of its network."""

    values: dict[str, Data]
    score: float
    parameters: int


def near(found: float, wanted: float) -> bool:
    """Whether two figures agree, also where one is small and was rounded to three digits."""
    rounded = any(close(found, round(wanted, digits)) for digits in range(3, 9))
    return (rounded and found != 0) or math.isclose(found, wanted, rel_tol=5e-3, abs_tol=1e-9)


def named(values: Data, what: str) -> dict[str, Data]:
    """Read hyperparameters by their names, without those that Keras Tuner adds."""
    row = tables.named(as_mapping(values, what))
    return {name: each for name, each in row.items() if not name.startswith("tuner/")}


# The search space


def drawn(answers: Answers) -> list[tuple[dict[str, Data], Model]]:
    """Return the networks that were drawn from the learner's search space."""
    rows = answers.rows("samples", ("values", "model"))
    if all(is_missing(row["model"]) for row in rows):
        raise NotAttemptedError("`build` returns nothing yet: end it with `return model`")
    values = [named(row["values"], "the hyperparameters of a sample") for row in rows]
    models = [as_model(row["model"], "what `build` returns") for row in rows]
    return list(zip(values, models, strict=True))


def expect_trainable(model: Model) -> None:
    """Expect that a model gives ten numbers an image and is ready to be trained."""
    shape = model["output_shape"]
    if shape is None:  # a subclass does not know it
        model.expect_output()
    else:
        expect(
            shape == [None, 10],
            f"{model.what} should give 10 numbers an image, one a digit; the shape of its output "
            f"is {tuple(shape)}",
        )
    model.expect_loss(one_hot=True)
    model.expect_accuracy()
    model.expect_built()


def layers_of(model: Model) -> list[list[Any]]:
    """List what makes up a network's architecture."""
    return [[layer.get(each) for each in SHAPE_OF_LAYERS] for layer in model["layers"]]


@rule("6.2", "build samples")
def search_space(answers: Answers) -> str:
    """Judge the search space by networks that differ in one hyperparameter each."""
    answers["build"]
    samples = drawn(answers)
    for _, model in samples:
        expect_trainable(model)
    names = {name for values, _ in samples for name in values}
    expect(
        len(names) >= FEWEST_HYPERPARAMETERS,
        f"at least {FEWEST_HYPERPARAMETERS} hyperparameters are needed; `build` asks `hp` for "
        f"{len(names) or 'none'}",
    )
    used, of_layers = set(), set()
    for (values, model), (others, other) in pairwise(samples):
        changed = [name for name in names if values.get(name) != others.get(name)]
        if len(changed) == 1:
            used |= set(changed) if model["fingerprint"] != other["fingerprint"] else set()
            of_layers |= set(changed) if layers_of(model) != layers_of(other) else set()
    idle = ", ".join(f'"{name}"' for name in sorted(names - used))
    expect(
        len(used) >= FEWEST_HYPERPARAMETERS,
        f"at least {FEWEST_HYPERPARAMETERS} hyperparameters should make a difference. Changing "
        f"{idle} alone leaves the network and its compilation as they are: does `build` use the "
        "value that `hp` gives, and can it take several?",
    )
    expect(
        of_layers,
        "at least one hyperparameter should be about the architecture; yours change only how the "
        "network is trained",
    )
    sizes = [model["parameters"] for _, model in samples]
    over = [size for size in sizes if size > BUDGET]
    expect(
        len(over) <= len(sizes) / 2,
        f"{len(over)} of {len(sizes)} networks from your search space have more than {BUDGET:,} "
        f"parameters, up to {max(sizes):,}: most of the search would be lost on them",
    )
    found = f"networks from your search space have {min(sizes):,} to {max(sizes):,} parameters"
    return f"{found}; the tuner should skip the largest" if over else found


# The search


def listed(answers: Answers) -> list[dict[str, Any]]:
    """Return the learner's list of trials, each with a score."""
    value = answers["trials"]
    if value == []:
        raise NotAttemptedError("`trials` is empty")
    good = isinstance(value, list) and all(kind_of(each) == "trial" for each in value)
    said = "`trials` should be the list that tuner.oracle.get_best_trials(…) gives"
    expect_is(good, said, value)
    for each in value:
        expect(
            each["score"] is not None,
            f"trial {each['id']} in `trials` has no score, because it failed: keep only those "
            "that have one",
        )
    return list(value)


@rule("6.3", "tuner trials seconds", uses="samples")
def search(answers: Answers) -> str:
    tuner = answers["tuner"]
    said = "`tuner` should be a tuner of Keras Tuner's, such as keras_tuner.RandomSearch(build, …)"
    expect_is(kind_of(tuner) == "tuner", said, tuner)
    objective = tuner["objective"]
    expect(
        objective.startswith("val_") and objective.endswith(("accuracy", "acc")),
        f'the objective should be "val_accuracy", the accuracy on images that the networks do not '
        f'learn from; it is "{objective}"',
    )
    expect(
        tuner["direction"] == "max",
        "the tuner should look for the largest accuracy; yours looks for the smallest",
    )
    limit = tuner["max_model_size"]
    largest = max(model["parameters"] or 0 for _, model in drawn(answers))
    expect(
        largest <= BUDGET or (limit is not None and limit <= BUDGET),
        f"your search space has networks of {largest:,} parameters, and the tuner's "
        f"max_model_size is {f'{limit:,}' if limit else 'not set'}: it should keep within "
        "the budget",
    )
    finished = {each["id"]: each for each in tuner["trials"] if each["score"] is not None}
    failed = len(tuner["trials"]) - len(finished)
    expect(
        len(finished) >= FEWEST_TRIALS,
        f"at least {FEWEST_TRIALS} trials are needed; {len(finished)} of yours finished"
        + (f" and {failed} did not" if failed else ""),
    )
    trials = listed(answers)
    identities = {each["id"] for each in trials}
    expect(
        identities == set(finished),
        f"`trials` should hold each of the {len(finished)} finished trials; it holds "
        f"{len(identities)}",
    )
    scores = [each["score"] for each in trials]
    expect(
        scores == sorted(scores, reverse=True),
        "`trials` should begin with the best, as get_best_trials() gives them",
    )
    seconds = answers.number("seconds")
    expect(seconds > 0, f"`seconds` should say how long the search took; it is {words(seconds)}")
    return f"{len(trials)} trials, {seconds / len(trials):.1f} seconds each"


def trained(answers: Answers) -> list[Trained]:
    trials, networks = listed(answers), answers["networks"]
    count = len(networks) if isinstance(networks, list) else 0
    expect(
        count == len(trials),
        f"`networks` has {count} networks for {len(trials)} trials: run its cell once more",
    )
    found = []
    for trial, network in zip(trials, networks, strict=True):
        model = as_model(network, "a network in `networks`")
        model.expect_built()
        values = named(trial["values"], "the hyperparameters of a trial")
        found.append(Trained(values, trial["score"], model["parameters"]))
    return found


# The table and the plot


def agrees(found: Data, wanted: Data) -> bool:
    """Whether a value in the table is a trial's."""
    numbers = is_number(found) and is_number(wanted)
    return near(found, wanted) if numbers else bool(found == wanted)


@rule("6.4", "results", uses="trials networks", computed=True)
def table(answers: Answers) -> None:
    columns = ("parameters", "validation accuracy")
    rows = answers.rows("results", columns, columns)
    accuracies = [row["validation accuracy"] for row in rows]
    left = trained(answers)
    expect(
        len(rows) == len(left),
        f"the table should have a row for each trial: you have {len(left)} trials and {len(rows)} "
        "rows",
    )
    parts.expect_fraction(max(accuracies), "each validation accuracy")
    expect(
        accuracies == sorted(accuracies, reverse=True),
        "the first row should be that of the best network, the last that of the worst",
    )
    for row in rows:
        size, accuracy = (row[column] for column in columns)
        inside = [named(each, "a row") for each in row.values() if is_dictionary(each)]
        shown = {name: each for part in (row, *inside) for name, each in part.items()}
        alike = [each for each in left if same(accuracy, each.score)]
        expect(alike, f"no further trial of yours scored {accuracy:.4g}, but a row says so")
        alike = [each for each in alike if close(size, each.parameters)]
        expect(
            alike, f"the network that scored {accuracy:.4g} does not have {size:,.0f} parameters"
        )
        for name in alike[0].values:
            expect(name in shown, f'the hyperparameter "{name}" has no column')
        fitting = [e for e in alike if all(agrees(shown.get(n), v) for n, v in e.values.items())]
        wrong = [n for n, v in alike[0].values.items() if not agrees(shown.get(n), v)]
        expect(
            fitting,
            f'in the row of the network that scored {accuracy:.4g}, "{", ".join(wrong)}" is not '
            "what its trial says",
        )
        left.remove(fitting[0])


@plot("6.5", parts.SIZE, parts.ACCURACY, uses="trials networks")
def accuracy_over_size(answers: Answers, axes: parts.Axes) -> None:
    for each in trained(answers):  # two may be of one size
        shown = {each.parameters: each.score}
        units = (1, 1_000, 1_000_000)  # parameters, thousands and millions of them
        parts.expect_shown(axes, shown, "number of parameters", logarithms=True, units=units)


# The learner's own numbers


@rule(
    "6.6", "best_parameters margin within_noise", uses="trials networks n_validation", computed=True
)
def lead(answers: Answers) -> str:
    networks = sorted(trained(answers), key=lambda each: each.score, reverse=True)
    expect(len(networks) > 1, "the search should have two trials or more")
    best, second = networks[0].score, networks[1].score
    size = answers.whole("best_parameters")
    expect(
        any(each.parameters == size for each in networks if each.score == best),
        f"the network with the highest validation accuracy does not have {size:,} parameters",
    )
    count = answers.whole("n_validation")
    error = math.sqrt(best * (1 - best) / count)
    margin = answers.number("margin")
    parts.expect_number(
        margin,
        2 * error,
        f"the margin should be twice the standard error of the best accuracy, {best:.4g}, over "
        f"{count:,} images; {words(margin)} is not",
        {
            "that is one standard error; the margin is twice that": error,
            "the margin should be a fraction, as the accuracies are; yours is in percentage "
            "points": 200 * error,
        },
        near,
    )
    lead = best - second
    expect(
        answers.truth("within_noise") == (lead < 2 * error),
        f"the best is {lead:.4f} ahead of the second best: compare that with the margin once more",
    )
    if lead < 2 * error:
        return f"a lead of {lead:.4f} is too small to say which of the two networks is better"
    return f"a lead of {lead:.4f} is larger than the margin, so it is probably not chance alone"


def seeds(answers: Answers) -> list[float]:
    found = answers.numbers("scores")
    if not found:
        raise NotAttemptedError("`scores` is empty")
    expect(
        all(0 <= each <= 1 for each in found),
        "`scores` should hold validation accuracies, as fractions from 0 to 1",
    )
    return found


@rule("6.7", "scores mean_score spread", computed=True)
def repetitions(answers: Answers) -> str:
    found = seeds(answers)
    expect(
        len(found) >= FEWEST_SEEDS,
        f"at least {FEWEST_SEEDS} seeds are needed; `scores` has {len(found)}",
    )
    parts.expect_learned(max(found), "the highest accuracy in `scores`")
    mean, spread = answers.number("mean_score"), answers.number("spread")
    expect(
        abs(mean - fmean(found)) < ROUNDING,
        f"`mean_score` should be the mean of the accuracies in `scores`; {words(mean)} is not",
    )
    if not near(spread, stdev(found)):
        parts.expect_number(
            spread,
            pstdev(found),
            "`spread` should be the standard deviation of the accuracies in `scores`; "
            f"{words(spread)} is not",
            {"`spread` is the variance; the standard deviation is its root": pvariance(found)},
            near,
        )
    return f"{mean:.2%} ± {spread:.2%} from {len(found)} seeds"


@rule("6.8", "test_accuracy", uses="scores", computed=True)
def test_accuracy(answers: Answers) -> None:
    found = answers.number("test_accuracy")
    validation = fmean(seeds(answers))
    expect(
        0 <= found <= 1,
        "`test_accuracy` should be a fraction from 0 to 1, as evaluate() gives it; it is "
        f"{found:g}",
    )
    parts.expect_learned(found, "`test_accuracy`")
    expect(
        abs(found - validation) <= FARTHEST_FROM_VALIDATION,
        f"`test_accuracy` is {found:.4g}, and the validation accuracy of the same network was "
        f"about {validation:.4g}: of the two numbers of evaluate(), the first is the loss",
    )


@hidden("6.8", share=0.5, predict="final")
def the_network_reads_unseen_images_as_well_as_was_said(
    answers: Answers, predicted: Predictions
) -> None:
    claimed = answers.number("test_accuracy")
    expect("" in predicted, "`final` should be a network")
    expect_reads(predicted[""], "`final`", claimed)


# The entry


def league_of(value: Data) -> int | None:
    """Read a league, such as 50_000, "50,000" or "50k"; ``None`` for anything else."""
    if isinstance(value, str):
        match = re.match(r"\D*(\d[\d,_ ]*)(k?)", value.strip().lower())
        if match is None:
            return None
        value = int(re.sub(r"\D", "", match[1])) * (1000 if match[2] else 1)
    return next((each for each in LEAGUES.values() if is_number(value) and value == each), None)


def layers_in(architecture: Data) -> list[str]:
    """List the classes of the layers that `to_json()` wrote, without inputs."""
    said = '`entry["architecture"]` should be a text, as final.to_json() gives it'
    expect_is(isinstance(architecture, str), said, architecture)
    try:
        written = json.loads(architecture)
    except ValueError:
        not_yet('`entry["architecture"]` should be JSON, as final.to_json() writes it; it is not')
    found = layer_classes(written)
    expect(found, '`entry["architecture"]` names no layers; final.to_json() does')
    return found


def layer_classes(written: Any) -> list[str]:
    """List the classes of a model's layers, those of models within it included."""
    config = written.get("config") if isinstance(written, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    found: list[str] = []
    for layer in layers if isinstance(layers, list) else []:
        within = layer_classes(layer)
        name = layer.get("class_name") if isinstance(layer, dict) else None
        found += within or ([] if name == "InputLayer" else [str(name)])
    return found


@rule(
    "6.9",
    "final entry",
    uses="scores restored",
    computed=('entry["parameters"]', 'entry["validation accuracy"]'),
    calls=calls("restored", [()]),
)
def entry(answers: Answers) -> str:
    final = answers.model("final")
    expect_trainable(final)
    entry = answers.record(
        "entry", ("league", "architecture", "parameters", "validation accuracy", "weights")
    )
    league, size = league_of(entry["league"]), entry["parameters"]
    if league is None:
        not_yet(f'`entry["league"]` should be 10_000 or 50_000; it is {words(entry["league"])}')
    expect(
        is_number(size) and size == final["parameters"],
        '`entry["parameters"]` should be the number of parameters of `final`; '
        f"{words(size)} is not",
    )
    expect(
        size <= league,
        f"`final` has {final['parameters']:,} parameters, too many for the league of {league:,}",
    )
    classes = [layer["class"] for layer in final["layers"]]
    expect(
        sorted(layers_in(entry["architecture"])) == sorted(classes),
        f'the layers in `entry["architecture"]` are not those of `final`, {", ".join(classes)}',
    )
    scores, accuracy = seeds(answers), entry["validation accuracy"]
    expect(
        is_number(accuracy) and any(same(accuracy, each) for each in (*scores, fmean(scores))),
        '`entry["validation accuracy"]` should be that of the network that was trained again, as '
        f"in `scores`; {words(accuracy)} is not",
    )
    weights = entry["weights"]
    good = isinstance(weights, str) and weights.endswith(".npz")
    expect_is(good, '`entry["weights"]` should be the name of a .npz file', weights)
    back = answers.result("restored")
    expect(is_dictionary(back), "`restored` should stay as it was given")
    same_answers = named(back, "what `restored` returns").get("same answers")
    expect(
        same_answers is True,
        "the network that comes back from the entry does not answer as `final` does: are the "
        "weights in the file those of `final`?",
    )
    said = f"your network of {size:,} parameters comes back from plain data and answers the same"
    try:
        checked_architecture(entry["architecture"])
    except RefusedError as error:
        said += f". The leaderboard would refuse it: {error}"
    return said
