"""A notebook that was late or crashed runs once more, after all others and alone."""

from __future__ import annotations

import threading
import time

import pytest
from attack_corpus import EXERCISE, WRONG, notebook

from mnist_keras.grading import session
from mnist_keras.grading.hidden import hidden_tests
from mnist_keras.grading.session import GradingSession, Settings
from mnist_keras.grading.submissions import find_submissions
from mnist_keras.sandbox.runner import Outcome


class Runs:
    """In a runner's place: says of what runs whether it was late, and with how many others."""

    level, versions, waiting = "none", {}, 0

    def __init__(self, late: int, error: Exception | None = None) -> None:
        self._late, self._error, self._lock = late, error, threading.Lock()
        self.running, self.beside, self.closed = 0, [], False

    def hold(self, conversation: object, *, keras: bool, all_images: bool) -> Outcome:
        """Be late as often as told, then be done."""
        with self._lock:
            self.running += 1
            self._late -= 1
            late = self._late >= 0
        time.sleep(0.05)
        with self._lock:
            self.beside.append(self.running)
            self.running -= 1
        if late and self._error:
            raise self._error
        if late:
            return Outcome("it did not end within 1 seconds", unsteady=True)
        return Outcome(answers={"1.6": {"best_learning_rate": 5.0}})

    def close(self) -> None:
        """Take note."""
        self.closed = True


@pytest.mark.parametrize("error", [None, OSError(11, "no more processes")])
@pytest.mark.parametrize(("late", "kept"), [(0, 4), (3, 4), (5, 3), (8, 0)])
def test_what_was_late_or_failed_runs_again_alone_and_is_not_kept(
    late, error, kept, tmp_path, monkeypatch
):
    """Whatever the grader meets at one notebook, the class is graded."""
    runs = Runs(late, error)
    monkeypatch.setattr(session, "Runner", lambda *_, **__: runs)
    for k in range(4):
        (tmp_path / "class" / f"learner{k}").mkdir(parents=True)
        text = notebook([*WRONG, f"mark = {k}"])
        (tmp_path / "class" / f"learner{k}" / f"{EXERCISE}.ipynb").write_text(text)
    found = find_submissions(tmp_path / "class").chosen
    grading = GradingSession(found, [], Settings(jobs=2, kept=tmp_path / "kept"))
    grading.start()
    outcomes = [entry.outcome.result(30) for entry in grading.entries]
    again = min(late, 4)
    assert len(runs.beside) == 4 + again
    assert runs.beside[4:] == [1] * again
    assert sum(bool(each.problem) for each in outcomes) == max(0, late - 4)
    assert not any(each.notes for each in outcomes), "nothing in a grade tells of a second run"
    for entry in grading.entries:
        grading.judge(entry)
        assert entry.outcome.result().answers == {}
    grading.close()
    assert runs.closed
    assert len(list((tmp_path / "kept").glob("*.json"))) == kept


def test_a_hidden_test_of_what_is_not_filled_in_says_so_and_ends_nothing():
    (test,) = (each for each in hidden_tests() if each.question.number == "1.2")
    said = test.run(lambda key: {}, strict=True)
    assert (said.passed, said.share) == (False, 0.5)
    assert said.message == "`build` is not filled in"
