"""`grades.csv`: one row a learner.

The columns are ``learner``; what each exercise earned, by its name, empty where nothing was handed
in; ``total``, ``points`` (what all exercises are worth) and ``percent`` (empty where they are worth
nothing); for each exercise ``NAME state``, which is ``graded``, ``could not be graded`` (its points
are then 0, unless an instructor set some) or ``not handed in``; ``notes``, joined by semicolons;
and ``isolation``, how far the notebooks were shut off. The same grades give the same bytes. Text
that a spreadsheet would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

from mnist_keras.grading.grades import ClassGrades, LearnerGrades, State
from mnist_keras.grading.reports import totals
from mnist_keras.reports.sheets import sheet, text_cell
from mnist_keras.reports.text import name_of, number, percent


def grades_csv(grades: ClassGrades) -> str:
    """Write the class as a sheet."""
    names = [text_cell(exercise) for exercise in grades.exercises]
    header = ["learner", *names, "total", "points", "percent"]
    header += [*(f"{name} state" for name in names), "notes", "isolation"]
    return sheet([header, *(row(grades, learner) for learner in grades.learners)])


def row(grades: ClassGrades, learner: LearnerGrades) -> list[str]:
    """Write a learner as a row."""
    notebooks = [totals.notebook_for(learner, exercise) for exercise in grades.exercises]
    earned, points = totals.total(grades, learner), totals.points_of_all(grades)
    share = percent(earned, points)
    return [
        text_cell(name_of(learner.learner)),
        *(
            # empty where none was handed in
            "" if each.state is State.MISSING and not totals.counts(each) else number(each.earned)
            for each in notebooks
        ),
        number(earned),
        str(points),
        "" if share is None else number(share),
        *(notebook.state.value for notebook in notebooks),
        text_cell("; ".join(totals.note_lines(grades, learner))),
        text_cell(grades.isolation),
    ]
