"""Each answer of each notebook, held to the rule that it shows, and to hidden tests."""

from mnist_keras.checks.answers import NotAttemptedError, expect
from mnist_keras.checks.questions import Status


def test_answer(verdict):
    if verdict.status is Status.NOT_ATTEMPTED:
        raise NotAttemptedError(verdict.message)
    expect(verdict.status is Status.CORRECT, verdict.message)


def test_with_other_data(hidden):
    expect(hidden.passed, hidden.message)
