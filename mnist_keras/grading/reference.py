"""The course's own solutions as one learner's hand-in."""

from __future__ import annotations

from pathlib import Path

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.files import write_text
from mnist_keras.grading.submissions import Submission, find_submissions

FOLDER = Path("_build", "reference")


def reference_solutions(root: Path) -> tuple[Submission, ...]:
    """Write the notebook of each worked solution, and give them as they would be handed in.

    Parameters
    ----------
    root
        The folder of the course.
    """
    for exercise in EXERCISES:
        text = worked_solution(root, f"solutions/{exercise.name}.md")
        write_text(root / FOLDER / f"{exercise.name}.ipynb", text)
    return find_submissions(root / FOLDER).chosen
