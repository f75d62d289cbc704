"""Every right way to answer is accepted, every plausible mistake is not."""

from __future__ import annotations

import importlib
import json

import pytest

from checks.listed import ALL
from mnist_keras.checks import Status
from mnist_keras.checks.exercises import EXERCISES, exercise_named, parts_of
from mnist_keras.checks.rules import Rule

LISTED = [
    pytest.param(cases, number, code, expected, id=f"{number} {name}")
    for cases in ALL
    for number, question in cases.questions.items()
    for expected, listed in ((Status.CORRECT, question.right), (Status.NOT_YET, question.wrong))
    for name, code in listed.items()
]


def judged(cases, number, *code):
    exercise = exercise_named(cases.exercise)
    question = exercise.question(number)
    calls = [call.function for call in question.calls]
    namespace = cases.namespace(*code, names=[*question.names, *question.uses, *calls])
    data = exercise.collect(namespace, [question])
    # A grader takes the data from another process.
    return question.judge(json.loads(json.dumps(data)))


@pytest.mark.slow
@pytest.mark.parametrize(("cases", "number", "code", "expected"), LISTED)
def test_case(cases, number, code, expected):
    verdict = judged(cases, number, code)
    assert verdict.status is expected, verdict.message
    assert verdict.message


def test_an_entry_that_the_leaderboard_would_refuse_is_right_and_the_layer_is_named():
    (cases,) = (each for each in ALL if each.exercise == "06-search-an-architecture")
    named = "images moved at random, as the leaderboard refuses"
    moved = judged(cases, "6.9", cases.questions["6.9"].right[named])
    assert moved.status is Status.CORRECT
    assert "The leaderboard would refuse it: the layer RandomTranslation is not" in moved.message
    assert "leaderboard" not in judged(cases, "6.9").message


def test_what_a_class_does_before_it_has_read_an_image_is_said_to_be_unknown():
    (cases,) = (each for each in ALL if each.exercise == "05-remove-a-hidden-layer")
    own = cases.questions["5.2"].right["a subclass"]
    own = own.replace('"relu"', "").replace("x = layer(x)", "x = keras.ops.relu(layer(x))")
    assert judged(cases, "5.2", own).status is Status.CORRECT
    unread = own.replace("    model(np.zeros((1, 28, 28, 1)))\n", "")
    said = judged(cases, "5.2", unread).message
    assert said.endswith("`model(np.zeros((1, 28, 28, 1)))`, before you return it")


def test_each_question_has_four_right_answers_and_six_wrong_ones():
    counted = {
        number: (len(question.right), len(question.wrong))
        for cases in ALL
        for number, question in cases.questions.items()
    }
    assert sorted(counted) == sorted(q.number for e in EXERCISES for q in e.questions)
    for number, (right, wrong) in counted.items():
        assert right >= 4, number
        assert wrong >= 6, number


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_the_core_is_short_has_the_prediction_and_needs_nothing_of_the_rest(exercise):
    core = exercise.core
    assert 4 <= len(core) <= 5
    assert any(each.prediction for each in core)
    of_the_rest = {name for each in exercise.questions if not each.core for name in each.names}
    for question in core:
        needed = {*question.uses, *(call.function for call in question.calls)}
        assert not (needed & of_the_rest - set(question.names)), question.number


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_each_rule_has_its_question(exercise):
    name = exercise.name.partition("-")[2].replace("-", "_")
    rules = [*parts_of(importlib.import_module(f"mnist_keras.checks.exercises.{name}"))]
    assert rules
    assert all(exercise.question(rule.number) for rule in rules)
    asked = [each.number for each in exercise.questions if not each.choices]
    assert sorted(rule.number for rule in rules if isinstance(rule, Rule)) == sorted(asked)


@pytest.mark.parametrize("cases", ALL, ids=lambda cases: cases.exercise)
def test_the_notebook_that_the_cases_start_from_is_right(cases):
    exercise = exercise_named(cases.exercise)
    verdicts = exercise.verdicts(exercise.collect(cases.namespace()))
    assert {v.number: v.message for v in verdicts if v.status is not Status.CORRECT} == {}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_no_message_about_a_wrong_choice_names_the_right_one(exercise):
    for question in exercise.questions:
        if question.prediction or not question.choices:
            continue
        for letter in question.choices:
            verdict = question.judge({question.names[0]: letter})
            if verdict.status is Status.CORRECT:
                continue
            assert verdict.message.startswith(f"{letter} is not it. ")
            for other, choice in question.choices.items():
                if other != letter:
                    assert choice.text.rstrip(".") not in verdict.message


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_each_question_has_hints_and_each_choice_its_reason(exercise):
    for question in exercise.questions:
        assert question.hints, question.number
        assert question.number.split(".")[0] == str(int(exercise.name[:2]))
        if question.choices and not question.prediction:
            assert all(choice.why for choice in question.choices.values())
