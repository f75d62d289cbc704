"""What a notebook holds, as plain data."""

from __future__ import annotations

import json
import sys
from collections import namedtuple
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from mnist_keras.checks.plain import LARGEST_LIST, is_missing, plain, words


@pytest.mark.parametrize("value", [None, ...])
def test_what_is_not_filled_in_is_missing(value):
    assert is_missing(plain(value))


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (3, 3),
        (True, True),
        (0.5, 0.5),
        ("B", "B"),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.array(3), 3),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        ({2, 1}, [1, 2]),
        ([1, [2, None]], [1, [2, {"kind": "missing"}]]),
        ({1: "a", (2, 3): [4]}, {"kind": "dict", "items": [[1, "a"], [[2, 3], [4]]]}),
        (len, {"kind": "function", "name": "len"}),
        (object(), {"kind": "other", "type": "object"}),
        (Fraction(1, 4), 0.25),
        (timedelta(seconds=1.5), 1.5),
        ({2: "a", 1: "b"}.keys(), [2, 1]),
        (np.array([1, "a", None], dtype=object), [1, "a", {"kind": "missing"}]),
    ],
)
def test_values_become_plain_data(value, data):
    assert plain(value) == data


def test_everything_can_be_written_as_json():
    fig, ax = plt.subplots()
    ax.plot([1, 2], [3, 4], label="a")
    ax.imshow(np.zeros((2, 2)))
    plt.close(fig)
    deep: list = []
    for _ in range(50):
        deep = [deep]
    values = [fig, ax, deep, {"a": np.zeros((3, 3))}, np.zeros(5, "complex64"), b"bytes", 1 + 2j]
    for value in values:
        assert json.loads(json.dumps(plain(value))) is not None


def test_a_large_array_is_summarized():
    data = plain(np.arange(LARGEST_LIST + 1, dtype="float32"))
    assert data["kind"] == "array"
    assert data["shape"] == [LARGEST_LIST + 1]
    assert data["max"] == LARGEST_LIST


def test_a_list_that_holds_itself_ends():
    value: list = []
    value.append(value)
    json.dumps(plain(value))


def test_an_object_that_fails_when_it_is_looked_at_is_just_an_object():
    class Odd:
        shape = (3,)

        def __array__(self, *args, **kwargs):
            raise RuntimeError

    assert plain(Odd()) == {"kind": "other", "type": "Odd"}


def test_a_table_of_pandas_keeps_the_labels_of_its_rows():
    table = pd.DataFrame({"a": [1, 2], "b": [2.5, 3.5]})
    data = {"kind": "table", "columns": ["a", "b"], "rows": [[1, 2.5], [2, 3.5]]}
    assert plain(table) == data | {"index": [], "index_names": []}
    labelled = plain(table.set_axis([0.1, 0.2], axis="index"))
    assert (labelled["index"], labelled["index_names"]) == ([0.1, 0.2], [None])
    by_a = plain(table.set_index("a"))
    assert (by_a["columns"], by_a["index"], by_a["index_names"]) == (["b"], [1, 2], ["a"])
    both = plain(table.set_index(["a", "b"]).assign(c=7))
    assert (both["index"], both["index_names"]) == ([[1, 2.5], [2, 3.5]], ["a", "b"])


def test_a_column_of_pandas_is_a_list_or_a_dictionary():
    assert plain(pd.Series([1, 2])) == [1, 2]
    assert plain(pd.Series({0.1: 1, 0.2: 2})) == {"kind": "dict", "items": [[0.1, 1], [0.2, 2]]}


def test_a_table_of_polars_is_a_list_of_rows():
    class Table:  # as polars.DataFrame has it; polars is no requirement of the course
        def to_dicts(self):
            return [{"a": 1}]

    assert plain(Table()) == [{"kind": "dict", "items": [["a", 1]]}]


def test_rows_with_names_are_dictionaries():
    @dataclass
    class Row:
        a: int
        b: float

    named = namedtuple("Named", "a b")
    array = np.array([(1, 2.5)], dtype=[("a", int), ("b", float)])
    wanted = {"kind": "dict", "items": [["a", 1], ["b", 2.5]]}
    assert plain([Row(1, 2.5), named(1, 2.5)]) == [wanted, wanted]
    assert plain(array) == [wanted]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.123456, "0.1235"),
        (float("nan"), "nan"),
        ("x" * 50, "'" + "x" * 39 + "…'"),
        ([1, 2], "[1, 2]"),
        (list(range(9)), "a list of 9"),
        ({}, "a dictionary"),
        (None, "nothing"),
        (len, "the function len"),
        (object(), "an object of type object"),
        (np.zeros((300, 300)), "an array of shape (300, 300)"),
    ],
)
def test_data_are_said_in_a_few_words(value, said):
    assert words(plain(value)) == said


def test_nothing_here_imports_keras_or_tensorflow():
    import subprocess

    code = (
        "import sys, mnist_keras.checks; "
        "print([m for m in ('tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
