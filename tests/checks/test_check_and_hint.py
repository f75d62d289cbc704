"""`check()` and `hint()` where learners call them: in IPython, in a notebook, in a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from mnist_keras.checks import Choice, Exercise, Question, Status, open_exercise
from mnist_keras.checks.answers import expect
from mnist_keras.checks.notebook import judged, verdict_note
from mnist_keras.checks.questions import Call, multiple_choice
from mnist_keras.errors import CourseError


def tiny(rule):
    return Exercise("09-tiny", "Tiny", (Question("9.1", "One", ("answer",), rule, ("think",), 2),))


def more_than_one(answers):
    value = answers.number("answer")
    expect(value > 1, f"`answer` should be more than 1; it is {value:g} <b>")


@pytest.mark.parametrize(
    ("namespace", "status", "message"),
    [
        ({}, Status.NOT_ATTEMPTED, "fill in `answer`"),
        ({"answer": ...}, Status.NOT_ATTEMPTED, "fill in `answer`"),
        ({"answer": 1}, Status.NOT_YET, "`answer` should be more than 1; it is 1 <b>"),
        ({"answer": "2"}, Status.NOT_YET, "`answer` should be a number; it is '2'"),
        ({"answer": float("inf")}, Status.NOT_YET, "`answer` should be a finite number; it is inf"),
        ({"answer": True}, Status.NOT_YET, "`answer` should be a number; it is True"),
        ({"answer": 2}, Status.CORRECT, ""),
    ],
)
def test_an_answer_has_one_of_three_states(namespace, status, message):
    exercise = tiny(more_than_one)
    (verdict,) = exercise.verdicts(exercise.collect(namespace))
    assert (verdict.status, verdict.message) == (status, message)
    assert verdict.earned == (2 if status is Status.CORRECT else 0)


def test_a_function_is_called_only_when_its_question_is_judged():
    called = []
    one = Question("9.1", "One", ("answer",), more_than_one, ("think",))
    two = Question("9.2", "Two", ("f",), lambda answers: None, ("x",), calls=(Call("f"),))
    exercise = Exercise("09-tiny", "Tiny", (one, two))
    namespace = {"answer": 2, "f": lambda: called.append(1)}
    judged(exercise, namespace, one)
    assert called == []
    judged(exercise, namespace, None)
    assert called == [1]


def test_what_is_shown_is_escaped_and_its_code_marked():
    note = judged(tiny(more_than_one), {"answer": 1}, None)
    assert "&lt;b&gt;" in note._repr_html_()
    assert "<code>answer</code> should be" in note._repr_html_()
    assert "0 of 2 points" in repr(note)


def test_colour_is_not_the_only_sign():
    exercise = tiny(more_than_one)
    for value, mark in ((..., "○"), (1, "✗"), (2, "✓")):
        verdicts = exercise.verdicts(exercise.collect({"answer": value}))
        assert mark in repr(verdict_note(verdicts))
        assert verdicts[0].status.value in verdict_note(verdicts)._repr_html_()


def test_a_wrong_choice_gets_its_own_explanation():
    question = multiple_choice(
        "9.2",
        "Two",
        "choice",
        {"A": Choice("one", "one is odd"), "B": Choice("two", "two is even")},
        right="B",
        hints=("halve it",),
    )
    assert question.judge({"choice": "a"}).message == "A is not it. one is odd"
    assert question.judge({"choice": "b"}).status is Status.CORRECT


@pytest.fixture
def shell():
    shell = InteractiveShell()
    shell.run_cell("from mnist_keras.checks import open_exercise")
    shell.run_cell('check, hint = open_exercise("01-learning-rate")')
    yield shell
    shell.reset()
    InteractiveShell.clear_instance()


def shown(shell, code):
    with capture_output() as captured:
        assert shell.run_cell(code).success
    return captured.stdout + "".join(repr(output) for output in captured.outputs)


def test_check_reads_the_variables_of_the_notebook(shell):
    assert "1.1 A rate 1,000 times too large: not attempted" in shown(shell, 'check("1.1")')
    shell.run_cell('prediction_1_1 = "b"')
    assert "correct" in shown(shell, "check(1.1)")
    everything = shown(shell, "check()")
    assert everything.count("not attempted") == 8
    assert "core: 1 of 5; 1 of 12 points" in everything


def test_check_works_within_a_function_of_the_learner_s(shell):
    shell.run_cell('answer_1_8 = "B"\ndef mine():\n    check("1.8")')
    assert "correct" in shown(shell, "mine()")


def test_hints_come_one_by_one_and_end(shell):
    hints = [shown(shell, 'hint("1.2")') for _ in range(4)]
    assert [hint.partition(":")[0] for hint in hints] == [
        f"Hint {count} of 3 for 1.2" for count in (1, 2, 3, 3)
    ]
    assert "That was the last one" in hints[3]


@pytest.mark.parametrize("call", ['check("9.9")', 'hint("one")', "hint(None)"])
def test_an_unknown_question_is_answered_with_the_known_ones(shell, call):
    assert """This notebook's questions are "1.1", "1.2",""" in shown(shell, call)


def test_an_unknown_exercise_is_one_clear_line():
    with pytest.raises(CourseError, match="there is no exercise '77'; there is: 01-learning-rate"):
        open_exercise("77")


def test_a_plain_terminal_shows_text():
    code = (
        "from mnist_keras.checks import open_exercise\n"
        'check, hint = open_exercise("1")\nprediction_1_1 = "A"\ncheck("1.1")\nhint("1.1")'
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    first, second = answer.stdout.splitlines()
    assert first.startswith("✓ 1.1 A rate 1,000 times too large: correct. Your prediction, A,")
    assert second.startswith("Hint 1 of 1 for 1.1: Any answer counts")


def test_a_function_that_raises_or_exits_is_an_answer_like_another():
    def boom(answers):
        return answers.model_from("build", 0.003).what

    for body in ("raise ValueError('a\\nb')", "return undefined_name", "raise SystemExit"):
        values: dict = {}
        exec(f"def build(rate):\n    {body}", values)

        question = Question(
            "9.3", "Three", ("build",), boom, ("x",), calls=(Call("build", (0.003,)),)
        )
        exercise = Exercise("09-tiny", "Tiny", (question,))
        (verdict,) = exercise.verdicts(exercise.collect(values))
        assert verdict.status is Status.NOT_YET
        assert "`build(0.003)` stopped with " in verdict.message
        assert "\n" not in verdict.message
