"""What the grading tests say with."""

from __future__ import annotations

from mnist_keras.checks.answers import NotAttemptedError, NotYetError
from mnist_keras.checks.questions import Status, Verdict


def expect_correct(verdict: Verdict) -> None:
    """Complain as ``check()`` in the notebook does, unless the answer is right.

    Raises
    ------
    NotAttemptedError, NotYetError
        With what the verdict says.
    """
    if verdict.status is Status.NOT_ATTEMPTED:
        raise NotAttemptedError(verdict.message)
    if verdict.status is Status.NOT_YET:
        raise NotYetError(verdict.message)
