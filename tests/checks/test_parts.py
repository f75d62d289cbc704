"""The parts of rules that several exercises share."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

from mnist_keras.checks.answers import Answers, NotYetError, as_rows, chosen
from mnist_keras.checks.parts import (
    ACCURACY,
    RATE,
    TRAINING,
    VALIDATION,
    exchanged,
    expect_comparable,
    expect_labels,
    heights_over,
    mentions,
)
from mnist_keras.checks.plain import plain

CHOICES = {"A": "A network that has `many` layers.", "B": "It learns **nothing**.", "C": "Both."}


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b)",
        "(B)",
        "**B**",
        "[b]",
        "Answer: B",
        "Die Antwort ist B.",
        "La réponse est : b",
        "\N{CYRILLIC CAPITAL LETTER VE}",
        "(\N{GREEK CAPITAL LETTER BETA})",
    ],
)
def test_a_letter_is_found_however_it_is_written(text):
    assert chosen(text, CHOICES) == "B"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("A network that has many layers", "A"),
        ("a) a network", "A"),
        ("B) It learns nothing.", "B"),
        ("B, because the loss is not falling", "B"),
        ("C - both.", "C"),
        ("AB", None),
        ("A or B", None),
        ("B) or C)", None),
        ("not B", None),
        ("D", None),
        ("Because of B", None),
        ("A layer is missing", None),
        ("", None),
    ],
)
def test_the_text_of_a_choice_counts_and_two_letters_do_not(text, letter):
    assert chosen(text, CHOICES) == letter


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("train (evaluated later)", VALIDATION, False),
        ("val_loss", VALIDATION, True),
        ("Validierungsverlust", VALIDATION, True),
        ("valLoss", VALIDATION, True),
        ("entraînement", TRAINING, True),
        ("accurate rates", RATE, True),
        ("accurate", RATE, False),
        ("Genauigkeit [%]", ACCURACY, True),
    ],
)
def test_whole_words_are_found_in_three_languages(text, names, said):
    assert mentions(text, names) is said


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("training", "validation", False),
        ("validation", "training", True),
        ("loss", "val_loss", False),
        ("val", "loss", True),
        ("loss", "training loss", True),
        ("train, evaluated", "test", False),
        ("train without val", "val", False),
        ("first", "second", False),
    ],
)
def test_names_that_have_changed_places_are_noticed(first, second, wrong):
    assert exchanged(first, second, TRAINING, VALIDATION) is wrong


def test_labels_are_refused_only_where_each_says_what_the_other_should():
    expect_labels({"x_label": "x", "y_label": "y"}, RATE, ACCURACY)
    expect_labels({"x_label": "learning rate", "y_label": "accuracy rate"}, RATE, ACCURACY)
    with pytest.raises(NotYetError, match="swapped"):
        expect_labels({"x_label": "accuracy", "y_label": "rate"}, RATE, ACCURACY)


def test_runs_are_compared_over_as_many_epochs_of_their_own():
    one, other = {"loss": [3.0, 2.0, 1.0]}, {"loss": [3.0, 2.0, 1.5]}
    assert expect_comparable({1: one, 2: other}, "runs", "look") == 3
    for runs in ({1: one, 2: one}, {1: one, 2: {"loss": [3.0]}}, {1: {"loss": [3.0, 2.0]}}):
        with pytest.raises(NotYetError):
            expect_comparable(runs, "runs", "look")


def test_a_value_stands_where_its_number_its_name_or_its_logarithm_is():
    fig, ax = plt.subplots()
    ax.plot([0.01, 0.1], [1, 2])
    ax.plot([-2, -1], [3, 4])
    ax.bar(["0,01", "$10^{-1}$", "large"], [5, 6, 7])
    plt.close(fig)
    axes = plain(ax)
    assert heights_over(axes, 0.01) == [1, 5, 7]  # a name is taken on trust
    assert heights_over(axes, 0.1, logarithms=True) == [2, 6, 7, 4]


ROWS = [{"rate": 0.1, "loss": 2.0}, {"rate": 0.2, "loss": 1.0}]
LABELLED = {"kind": "table", "columns": ["loss"], "rows": [[2.0], [1.0]], "index": [0.1, 0.2]}


@pytest.mark.parametrize(
    "value",
    [
        plain(ROWS),
        plain([(0.1, 2.0), (0.2, 1.0)]),
        plain([("loss", "rate"), (2.0, 0.1), (1.0, 0.2)]),
        plain({"Rate": [0.1, 0.2], "loss": [2.0, 1.0]}),
        plain({"first": ROWS[0], "second": ROWS[1]}),
        plain({0.1: {"loss": 2.0}, 0.2: {"loss": 1.0}}),
        plain({0.1: 2.0, 0.2: 1.0}),
        plain({0.1: [2.0], 0.2: [1.0]}),
        plain({"rate": {0: 0.1, 1: 0.2}, "loss": {0: 2.0, 1: 1.0}}),
        plain({"loss": {0.1: 2.0, 0.2: 1.0}}),
        LABELLED | {"index_names": [None]},
        LABELLED | {"index_names": ["rate"]},
        {
            "kind": "table",
            "columns": [0.1, 0.2],
            "rows": [[2.0, 1.0]],
            "index": ["loss"],
            "index_names": [None],
        },
    ],
)
def test_a_table_is_read_however_it_was_made(value):
    rows = Answers({"results": value}).rows("results", ("rate", "loss"))
    assert [{name: row[name] for name in ("rate", "loss")} for row in rows] == ROWS


@pytest.mark.parametrize(
    "value",
    [
        5,
        "text",
        [1, 2],
        [[1, 2, 3]],
        [[1, 2], [3]],
        {"kind": "dict", "items": [[1, 2], [3, [4, 5]]]},
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(value):
    with pytest.raises(NotYetError, match="`results` should be a table"):
        as_rows(value, "`results`", ("rate", "loss"))
