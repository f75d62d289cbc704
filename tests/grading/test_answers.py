"""Each answer of each notebook, held to the rule that it shows, and to hidden tests."""

from mnist_keras.checks.answers import expect
from mnist_keras.grading.judging import expect_correct


def test_answer(verdict):
    expect_correct(verdict)


def test_with_other_data(hidden):
    expect(hidden.passed, hidden.message)
