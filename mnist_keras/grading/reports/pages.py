"""`index.html`, the class for the instructor, and `learners/NAME.html`, which a learner may get."""

from collections.abc import Iterator, Mapping

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.pictures import PictureError, checked_png
from mnist_keras.grading.reports import totals
from mnist_keras.reports.pages import page
from mnist_keras.reports.text import NAME, clean, number, worth

MARKS = {"correct": "✓", "partly": "◐", "not yet": "✗", "not attempted": "○"}
TITLES = {exercise.name: exercise.title for exercise in EXERCISES}


def class_page(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Write the page of the class; ``stems`` has the file name of each learner's page."""
    bins = totals.histogram(grades)
    entries = [(each, n) for each in grades.learners for n in totals.notebooks_of(grades, each)]
    return page(
        "class",
        grades=grades,
        totals=totals,
        stems=stems,
        titles=TITLES,
        points=totals.points_of_all(grades),
        cards=list(_cards(grades, [n.state for _, n in entries if not totals.counts(n)])),
        bins=bins,
        bars=[(place, count) for place, count in enumerate(bins) if count],
        missed=totals.missed_questions(grades),
        failures=[each for each in entries if each[1].state is State.NOT_GRADED],
        noted=list(_noted(grades)),
    )


def learner_page(grades: ClassGrades, learner: LearnerGrades) -> str:
    """Write a learner's page."""
    notebooks = totals.by_exercise(grades, learner)
    return page(
        "learner",
        grades=grades,
        totals=totals,
        learner=learner,
        titles=TITLES,
        marks=MARKS,
        earned=totals.total(grades, learner),
        points=totals.points_of_all(grades),
        notebooks=[(each, grades.exercises[each.exercise]) for each in notebooks],
        others=[(each, each.points) for each in totals.unassigned(grades, learner)],
        figures_of=_figures,
    )


def _cards(grades: ClassGrades, states: list[State]) -> Iterator[tuple[str, str, str]]:
    """Sum the class up in a few numbers, each with what stands before and behind it."""
    earned = [totals.total(grades, learner) for learner in grades.learners]
    mean = number(round(sum(earned) / len(earned), 1)) if earned else "–"
    graded = sum(each.graded for each in totals.exercise_sums(grades))
    yield "Mean of the totals", mean, f"of {totals.points_of_all(grades)}"
    yield "Notebooks graded", str(graded), f"of {len(grades.learners) * len(grades.exercises)}"
    yield "Could not be graded", str(states.count(State.NOT_GRADED)), ""
    yield "Not handed in", str(states.count(State.MISSING)), ""


def _noted(grades: ClassGrades) -> Iterator[tuple[LearnerGrades, list[str]]]:
    """Return what is noted of each learner's hand-ins, an instructor's corrections last."""
    for learner in grades.learners:
        lines = []
        for notebook in totals.notebooks_of(grades, learner):
            label = clean(notebook.exercise or notebook.file, NAME)
            corrections = (
                f"set by the instructor: {q.number} {q.title}: {worth(q.earned, q.points)}"
                for q in notebook.questions
                if q.corrected
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
