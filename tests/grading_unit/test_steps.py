"""Where in a notebook each question is looked at."""

import pytest

from mnist_keras.checks.exercises import exercise_named
from mnist_keras.grading.course import parts_of
from mnist_keras.grading.steps import cut_into_pieces, order_of_names, visits

EXERCISE = exercise_named("01-learning-rate")
ORDER = order_of_names(EXERCISE, parts_of(EXERCISE))
CELLS = [
    "import keras",
    'prediction_1_1 = "C"',
    "def build(learning_rate):\n    return learning_rate",
    "histories = {}\nfor rate in rates:\n    histories[rate] = 1",
    "results = []",
    "fig, ax = plt.subplots()",
    "plt.xlabel('rate')",
    "best_learning_rate = 3",
    "lost = []\nfor rate in rates:\n    lost.append(rate)",
    'answer_1_8 = "B"',
    'answer_1_9 = "C"',
    "check()",
]


def places(cells):
    """Give the cell after which each question is looked at for good, and where before that."""
    pieces = cut_into_pieces(cells, ORDER)
    last, early = {}, {}
    for visit in visits(EXERCISE, pieces, ORDER):
        cell = pieces[visit.after].cell if visit.after >= 0 else -1
        (last if visit.last else early)[visit.question.number] = cell
    return last, early


def test_each_question_is_looked_at_after_its_cells():
    last, early = places(CELLS)
    assert last == {
        "1.1": 1,
        "1.2": 2,
        "1.3": 3,
        "1.4": 4,
        "1.5": 6,  # the next cell belongs to the plot too
        "1.6": 7,
        "1.7": 8,
        "1.8": 9,
        "1.9": 11,  # and check()
    }
    assert early == {}


def test_a_table_that_a_function_fills_is_looked_at_where_the_learner_asks():
    find = "def find(rate):\n    lost.append(rate)"
    filled = ["lost = []", find, "for rate in rates:\n    find(rate)", 'check("1.7")']
    last, early = places([*CELLS[:8], *filled, *CELLS[9:]])
    assert (last["1.7"], early) == (11, {"1.7": 9})
    assert last["1.8"] == 12


def test_a_question_without_a_cell_is_looked_at_after_the_one_before():
    last, _ = places([cell for cell in CELLS if "def build" not in cell])
    assert last["1.2"] == last["1.1"] == 1
    assert last["1.3"] == 2


def test_what_comes_after_the_last_check_is_no_answer():
    last, _ = places([*CELLS, "def build(rate):\n    return None", "fig, ax = plt.subplots()"])
    assert last["1.2"] == 2
    assert last["1.5"] == 6


def test_a_correction_behind_the_last_check_counts_where_it_was_checked():
    further = ["def build(rate):\n    return None", "best_learning_rate = 4", 'check("1.6")']
    last, early = places([*CELLS, *further])
    assert (last["1.6"], early) == (14, {"1.6": 7})
    assert last["1.2"] == 2  # which nobody asked for again
    last, early = places([*CELLS, *further, "best_learning_rate = 5", 'check("1.6")'])
    assert (last["1.6"], early) == (16, {"1.6": 14})
    used = [*CELLS[:8], "half = best_learning_rate / 2", *CELLS[8:], *further]
    last, early = places(used)  # what was made of it was made before
    assert (last["1.6"], early) == (7, {})
    # The course's answer to 1.3 calls build(), and so may functions of the learner's.
    last, early = places([*CELLS, CELLS[2], 'check("1.2")'])
    assert (last["1.2"], early) == (2, {})
    uses = ["def best():\n    return best_learning_rate", *CELLS[:8], "b = best()", *CELLS[8:]]
    last, early = places([*uses, *further])
    assert (last["1.6"], early) == (8, {})
    last, early = places([*CELLS, 'ax.set_xscale("log")', 'check("1.5")'])  # mended in place
    assert (last["1.5"], early) == (13, {"1.5": 6})
    last, early = places([*CELLS, 'check("1.6")'])  # asked again, and nothing changed
    assert (last["1.6"], early) == (7, {})


def test_a_check_before_all_answers_does_not_end_the_notebook():
    last, _ = places([CELLS[0], "check()", *CELLS[1:-1]])
    assert last["1.9"] == 11


def test_an_answer_that_is_overwritten_is_looked_at_where_it_was_checked():
    cells = [*CELLS[:6], 'check("1.5")', *CELLS[7:9], "fig, ax = plt.subplots()", *CELLS[9:]]
    last, early = places(cells)
    assert early == {"1.5": 6}
    assert last["1.5"] == 9


def test_a_corrected_answer_is_looked_at_where_it_was_corrected():
    last, _ = places([*CELLS[:-1], "best_learning_rate = max(rates)"])
    assert last["1.6"] == 11


def test_a_value_that_the_same_cell_puts_right_again_is_the_one_that_counts():
    around = (
        "histories = frame(histories)",
        "lost = list(histories.rate)",
        "histories = histories.to_dict()",
    )
    cells = [*CELLS[:8], "\n".join(around), *CELLS[9:]]
    pieces = cut_into_pieces(cells, ORDER)
    (visit,) = (v for v in visits(EXERCISE, pieces, ORDER) if v.question.number == "1.7")
    assert pieces[visit.after].source.startswith("histories = histories.to_dict()")


def test_merged_cells_are_cut_between_questions():
    pieces = cut_into_pieces(["\n".join(CELLS)], ORDER)
    last, _ = places(["\n".join(CELLS)])
    assert [piece.source.partition(" ")[0] for piece in pieces][1:4] == [
        "prediction_1_1",
        "def",
        "histories",
    ]
    assert "".join(piece.source for piece in pieces) == "\n".join(CELLS)
    assert set(last.values()) == {0}


@pytest.mark.parametrize(
    "line", ['exec("build = print")', "from helpers import *", "%run answers.py"]
)
def test_what_is_answered_in_a_roundabout_way_is_looked_for_at_the_end(line):
    last, _ = places([CELLS[0], line])
    assert set(last.values()) == {1}


def test_a_name_within_a_word_or_a_comparison_is_no_answer():
    last, _ = places([*CELLS[:-1], "print(results == 1)", "my_results = 3", "x = results[0]"])
    assert last["1.4"] == 4
