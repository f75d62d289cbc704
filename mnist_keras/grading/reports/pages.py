"""`index.html`, the class for the instructor, and `learners/NAME.html`, which a learner may get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.pictures import PictureError, checked_png
from mnist_keras.grading.reports import sums
from mnist_keras.reports.pages import page
from mnist_keras.reports.text import NAME, clean, number, worth

MARKS = {"correct": "✓", "partly": "◐", "not yet": "✗", "not attempted": "○"}
TITLES = {exercise.name: exercise.title for exercise in EXERCISES}


def class_page(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Write the page of the class; ``stems`` has the file name of each learner's page."""
    bins = sums.histogram(grades)
    return page(
        "class",
        grades=grades,
        stems=stems,
        titles=TITLES,
        points=sums.points_of_all(grades),
        cards=list(_cards(grades)),
        bins=bins,
        bars=[(place, count) for place, count in enumerate(bins) if count],
        exercises=sums.exercise_sums(grades),
        missed=sums.missed_questions(grades),
        failures=[e for e in sums.entries(grades) if e[1].state is State.NOT_GRADED],
        noted=list(_noted(grades)),
        total=sums.total,
        counts=sums.counts,
        is_corrected=sums.is_corrected,
        notebook_for=sums.notebook_for,
    )


def learner_page(grades: ClassGrades, learner: LearnerGrades) -> str:
    """Write a learner's page."""
    notebooks = [sums.notebook_for(learner, exercise) for exercise in grades.exercises]
    return page(
        "learner",
        grades=grades,
        learner=learner,
        titles=TITLES,
        marks=MARKS,
        earned=sums.total(grades, learner),
        points=sums.points_of_all(grades),
        notebooks=[(each, grades.exercises[each.exercise]) for each in notebooks],
        others=[(each, each.points) for each in sums.unassigned(grades, learner)],
        counts=sums.counts,
        figures_of=_figures,
    )


def _cards(grades: ClassGrades) -> Iterator[tuple[str, str, str]]:
    """Sum the class up in a few numbers, each with what stands before and behind it."""
    totals = [sums.total(grades, learner) for learner in grades.learners]
    mean = number(round(sum(totals) / len(totals), 1)) if totals else "–"
    states = [notebook.state for _, notebook in sums.entries(grades) if not sums.counts(notebook)]
    found = sums.exercise_sums(grades)
    yield "Mean of the totals", mean, f"of {sums.points_of_all(grades)}"
    asked = len(grades.learners) * len(grades.exercises)
    yield "Notebooks graded", str(sum(each.graded for each in found)), f"of {asked}"
    yield "Could not be graded", str(states.count(State.NOT_GRADED)), ""
    yield "Not handed in", str(states.count(State.MISSING)), ""


def _noted(grades: ClassGrades) -> Iterator[tuple[LearnerGrades, list[str]]]:
    """Return what is noted of each learner's hand-ins, an instructor's corrections last."""
    for learner in grades.learners:
        lines = []
        for notebook in sums.notebooks_of(grades, learner):
            label = clean(notebook.exercise or notebook.file, NAME)
            corrections = (
                f"set by the instructor: {question.number} {question.title}"
                f": {worth(question.earned, question.points)}"
                for question in notebook.questions
                if question.corrected
            )
            lines += [f"{label}: {note}" for note in (*notebook.notes, *corrections)]
        if lines:
            yield learner, lines


def _figures(notebook: NotebookGrade) -> dict[str, dict[str, bytes | str]]:
    """Return the pictures of a notebook, ready for a page, or why each is left out."""
    found: dict[str, dict[str, bytes | str]] = {}
    for key, data in notebook.figures.items():
        try:
            found[key] = {"png": checked_png(data), "why": ""}
        except PictureError as error:
            found[key] = {"png": b"", "why": str(error)}
    return found
