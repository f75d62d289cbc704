"""Judging answers while notebooks run."""

import queue
import signal
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any

from mnist_keras.checks.answers import NotAttemptedError, NotYetError
from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Question, Status, Verdict

UNREADABLE = "the answer has a form that cannot be judged"
SECONDS_TO_JUDGE = 20


@contextmanager
def judging(*, strict: bool = False) -> Iterator[None]:
    """Stop a rule that a learner's data keep busy, and let none complain but in its own words.

    Only a program's first thread can. With ``strict``, a rule's own mistakes are raised as they
    are: for the course's own solutions.
    """

    def stop(*_: object) -> None:
        raise NotYetError(UNREADABLE)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_TO_JUDGE)
    try:
        yield
    except (NotYetError, NotAttemptedError):
        raise
    except Exception as error:
        if strict:
            raise
        raise NotYetError(UNREADABLE) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def judged(
    question: Question, data: Mapping[str, Data], typed: Collection[str], *, strict: bool = False
) -> Verdict:
    """Judge an answer, whatever form its data have; see `judging`."""
    try:
        with judging(strict=strict):
            return question.judge(data, typed)
    except (NotYetError, NotAttemptedError) as error:
        return not_yet_verdict(question, str(error))


def not_yet_verdict(question: Question, message: str) -> Verdict:
    """Return the verdict on an answer that cannot be judged."""
    return Verdict(question.number, question.title, Status.NOT_YET, message, question.points)


class Judge:
    """Judges for the threads that run notebooks, in the first, where a clock can stop a rule."""

    def __init__(self) -> None:
        self._wanted: queue.SimpleQueue[tuple[Future[Verdict], Any] | None] = queue.SimpleQueue()
        self._closed = False

    def verdict(
        self, question: Question, data: Mapping[str, Data], typed: Collection[str]
    ) -> Verdict:
        """Wait for the verdict on an answer."""
        verdict: Future[Verdict] = Future()
        self._wanted.put((verdict, (question, data, typed)))
        if self._closed:
            raise CancelledError
        return verdict.result()

    def serve_until(self, outcome: Future[Any]) -> None:
        """Judge what comes, until an outcome is there."""
        outcome.add_done_callback(lambda _: self._wanted.put(None))
        while not outcome.done():
            if wanted := self._wanted.get():
                wanted[0].set_result(judged(*wanted[1]))

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed = True
        while not self._wanted.empty():
            if wanted := self._wanted.get():
                wanted[0].cancel()
