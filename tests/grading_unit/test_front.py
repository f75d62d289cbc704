"""``pytest tests/grading --submission PATH`` has a test an answer, and one a hidden test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from command_line import environment

from mnist_keras.checks.exercises import exercise_named

ROOT = Path(__file__).resolve().parents[2]


def test_each_answer_and_each_hidden_test_of_what_was_handed_in_is_a_test(tmp_path):
    exercise = exercise_named("05-remove-a-hidden-layer")
    (tmp_path / "ada").mkdir()
    shutil.copy(ROOT / "exercises" / f"{exercise.name}.ipynb", tmp_path / "ada")
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/grading", "--submission", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line}
    assert exercise.hidden
    assert found == {
        *(f"test_answer[ada-{each.number}]" for each in exercise.questions),
        *(f"test_with_other_data[ada-{each.number}-{each.name}]" for each in exercise.hidden),
    }
