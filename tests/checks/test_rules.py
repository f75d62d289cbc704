"""What a module of rules is made of, and the shared parts that say what is not right."""

from __future__ import annotations

import pytest

from mnist_keras.checks.answers import Answers, NotYetError
from mnist_keras.checks.facts import Call, call_key
from mnist_keras.checks.parts import expect_best, expect_number, expect_rows, numbered
from mnist_keras.checks.plain import plain
from mnist_keras.checks.rules import calls, number, returns, rule

MISTAKES = {"{found} lacks the biases": 20, "{found} is far off": (7, 9)}


def said(check, **values):
    """Give what a rule says of some variables: of a right answer and of another."""
    try:
        return check(Answers({name: plain(each) for name, each in values.items()}))
    except NotYetError as error:
        return str(error)


def test_a_rule_names_what_it_reads_and_what_should_be_computed():
    @rule("7.1", "best worst", uses="runs", computed=True, calls=calls("build", [1, (2, 3)]))
    def made(answers):
        return "good"

    assert (made.number, made.names, made.uses) == ("7.1", ("best", "worst"), ("runs",))
    assert made.computed == made.names
    assert made.calls == (Call("build", (1,)), Call("build", (2, 3)))
    assert said(made.check) == "good"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (30, None),
        (30.0, None),
        (20, "20 lacks the biases"),
        (9, "9 is far off"),
        (31, "not 31"),
        (30.5, "`n` should be a whole number; it is 30.5"),
    ],
)
def test_a_plain_number_needs_no_function(found, message):
    assert said(number("7.1", "n", 30, "not {found}", MISTAKES).check, n=found) == message


def test_a_hidden_test_calls_a_function_with_other_arguments():
    hidden = returns("7.1", "double", lambda x: 2 * x, [3, 4], share=0.5)
    assert (hidden.calls, hidden.share) == (calls("double", [3, 4]), 0.5)
    results = {call_key("double", (3,)): 6, call_key("double", (4,)): 8, "double": len}
    assert said(hidden.check, **results) is None
    results[call_key("double", (4,))] = 9
    assert said(hidden.check, **results) == "`double(4)` should return 8; it returns 9"


def test_of_a_wrong_number_the_first_mistake_that_fits_is_said():
    expect_number(0.5, 0.5001, "else", {"half": 0.5})
    for found, message in ((0.25, "a quarter"), (0.9, "else")):
        with pytest.raises(NotYetError, match=message):
            expect_number(found, 0.5, "else", {"a quarter": (0.25, 4), "also": 0.25})


def test_the_keys_of_a_dictionary_are_numbers_in_order():
    answers = Answers({"runs": plain({2: "b", 1.0: "a", 0.5: "c"})})
    assert numbered(answers, "runs", lambda key: key > 0, "sizes") == {0.5: "c", 1: "a", 2: "b"}
    for key in (-1, "x", float("nan"), float("inf")):
        bad = Answers({"runs": plain({key: "a"})})
        with pytest.raises(NotYetError, match="the keys of `runs` should be sizes"):
            numbered(bad, "runs", lambda key: key > 0, "sizes")


def test_what_was_tried_and_is_as_good_as_the_best_is_the_best():
    seconds = {16: 4.0, 64: 1.2, 256: 1.0}
    assert expect_best(Answers({"best": 16}), "best", seconds, "it") == 16
    assert expect_best(Answers({"best": 64}), "best", seconds, "it", clock=1.25) == 64
    for value, message in ((64, "another of yours does better"), (32, "not among those")):
        with pytest.raises(NotYetError, match=message):
            expect_best(Answers({"best": value}), "best", seconds, "it", clock=1.1)


WANTED = {1: {"epochs": 5, "accuracy": 0.9}, 2: {"epochs": 5, "accuracy": (0.8, 0.7)}}
RIGHT = [
    {"size": 1, "epochs": 5, "accuracy": 0.9},
    {"size": 2, "epochs": 5, "accuracy": 0.7},
]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (RIGHT, None),
        (RIGHT[::-1], "the rows should be in ascending order of the size"),
        (RIGHT[:1], "one row for each of your 2 runs; it has 1 rows, for 1 of them"),
        ([*RIGHT, RIGHT[0]], "it has 3 rows, for 2 of them"),
        ([{**RIGHT[0], "size": 3}, RIGHT[1]], "size 3 stands in `results`, but no run of yours"),
        ([{**RIGHT[0], "accuracy": 90}, RIGHT[1]], "at 1, the accuracy should be a fraction"),
        ([{**RIGHT[0], "accuracy": 0.8}, RIGHT[1]], "at 1, the accuracy should be 0.9, as you"),
        ([{**RIGHT[0], "epochs": 6}, RIGHT[1]], "at 1, the epochs should be 5, as you measured"),
    ],
)
def test_a_table_says_what_was_measured(rows, message):
    answers = Answers({"results": plain(rows)})
    if message is None:
        expect_rows(answers, WANTED, ["size"], "at {}", "ascending")
        return
    with pytest.raises(NotYetError, match=message):
        expect_rows(answers, WANTED, ["size"], "at {}", "ascending")
