"""The course's own solutions as one learner's hand-in."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.files import write_text
from mnist_keras.grading.submissions import Submission, find_submissions


def reference_solutions(root: Path) -> tuple[Submission, ...]:
    """Write the notebook of each worked solution, and return them as they would be handed in."""
    # A folder of this process's own: tests may run in several, and each lists what lies there.
    own = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    for exercise in EXERCISES:
        text = worked_solution(root, f"solutions/{exercise.name}.md")
        write_text(own / "reference" / f"{exercise.name}.ipynb", text)
    return find_submissions(own / "reference").chosen
