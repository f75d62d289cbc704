"""``mnist-keras grade``, and what it has in common with ``pytest tests/grading``."""

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnist_keras.grading.grades import ClassGrades, State
from mnist_keras.grading.hidden import hidden_tests
from mnist_keras.grading.options import due_of, settings_of, shard_of
from mnist_keras.grading.overrides import Overrides, apply_overrides, read_overrides
from mnist_keras.grading.reports import terminal_table, write_reports
from mnist_keras.grading.reports.grades_json import grades_json
from mnist_keras.grading.reports.mapping import mapping_json, mapping_table
from mnist_keras.grading.roster import Roster, read_roster
from mnist_keras.grading.scoring import before_grading, core_only, with_absent
from mnist_keras.grading.session import grade
from mnist_keras.grading.submissions import Handins, find_submissions
from mnist_keras.process.streams import printable_json
from mnist_keras.reports.text import plural
from mnist_keras.runs.locking import locked


@dataclass(frozen=True)
class Given:
    """What the options name, read before a notebook runs: a mistake in it is told first."""

    handins: Handins
    overrides: Overrides | None
    roster: Roster | None


def read_given(option: Any) -> Given:
    """Read the files that the options name."""
    roster = read_roster(Path(option.roster)) if option.roster else None
    overrides = read_overrides(Path(option.override)) if option.override else None
    found = find_submissions(Path(option.submission), due=due_of(option), roster=roster)
    if overrides:
        apply_overrides(before_grading(found), overrides)
    return Given(found, overrides, roster)


def report(grades: ClassGrades, given: Given, option: Any) -> tuple[str, bool]:
    """Correct grades and write the reports.

    Returned are the text for the terminal, and whether every notebook could be graded.
    """
    grades = with_absent(replace(grades, problems=given.handins.problems), given.handins.missing)
    states = [row.state for learner in grades.learners for row in learner.notebooks]
    if given.overrides:
        grades = apply_overrides(grades, given.overrides)
    if option.core:
        grades = core_only(grades)
    text = printable_json(grades_json(grades)) if option.json else terminal_table(grades)
    if option.out:
        try:
            write_reports(grades, Path(option.out), roster=given.roster)
        except BaseException:  # it was found out, and only could not be written
            print(text)
            raise
    return text, State.NOT_GRADED not in states


def run(option: Any) -> int:
    """Grade as parsed options say, print the grades and return the exit status."""
    if option.list:
        given = read_given(option)
        print(mapping_json(given.handins) if option.json else mapping_table(given.handins))
        return 0
    _start_again_alone()
    with ExitStack() as held:
        tests, share = hidden_tests(option.tests), shard_of(option)
        # Shares may run beside each other: each outcome is a file that is whole or not there.
        if option.out and not option.shard:
            held.enter_context(locked(Path(option.out)))
        given = read_given(option)
        chosen = given.handins.chosen[share]
        grades = grade(chosen, tests, settings_of(option), _say)
        if option.shard:
            print(
                f"Share {option.shard}: {plural(len(chosen), 'notebook')}. When each share has "
                "ended, the same command without --shard writes the reports."
            )
            return 0
        text, complete = report(grades, given, option)
    print(text)
    return 0 if complete else 1


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")  # at once: several threads do
    sys.stderr.flush()


def _start_again_alone() -> None:
    """Put a Python in this one's place that reads no module but the course's and its packages.

    Neither the folder it is started in nor the environment has a say, and names of learners' files
    are UTF-8, whatever the terminal is.
    """
    if sys.flags.safe_path:
        return
    hidden = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    environment |= {"PYTHONIOENCODING": sys.stdout.encoding}
    sys.stdout.flush()
    # In this process's place, so that what ends this command ends the session.
    command = [sys.executable, "-P", "-s", "-m", "mnist_keras", *sys.argv[1:]]
    os.execve(sys.executable, command, environment)
