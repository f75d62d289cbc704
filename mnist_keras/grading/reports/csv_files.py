"""`grades.csv`, and `canvas.csv` and `moodle.csv`, which learning platforms import.

`grades.csv` has one row a learner. The columns are ``learner``; what each exercise earned, by its
name, empty where nothing was handed in; ``total``, ``points`` (what all exercises are worth) and
``percent`` (empty where they are worth nothing); for each exercise ``NAME state``, which is
``graded``, ``could not be graded`` (its points are then 0, unless an instructor set some) or ``not
handed in``; ``notes``, joined by semicolons; and ``isolation``, how far the notebooks were shut
off. The same grades give the same bytes. Text that a spreadsheet would take for a formula has an
apostrophe before it.

Canvas finds a learner by ``ID`` or by an ``SIS`` column, Moodle by ``Identifier`` or by
``Email address``. The grades know only names, so these come from a roster (`read_roster`); without
one they are empty and Canvas asks who is who, while in Moodle the instructor chooses the column to
map by. Exercises that were not handed in or could not be graded are empty, which both platforms
take as "no grade yet": a zero there is the instructor's to give.
"""

import html
from collections.abc import Mapping

from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.reports import totals
from mnist_keras.grading.roster import Roster
from mnist_keras.reports.sheets import sheet, text_cell
from mnist_keras.reports.text import name_of, number, percent


def grades_csv(grades: ClassGrades) -> str:
    """Write the class as a sheet: all that was found out, a row a learner."""
    names, points = [*map(text_cell, grades.exercises)], totals.points_of_all(grades)
    header = ["learner", *names, "total", "points", "percent"]
    rows = [[*header, *(f"{name} state" for name in names), "notes", "isolation"]]
    for learner in grades.learners:
        notebooks = totals.by_exercise(grades, learner)
        earned = totals.total(grades, learner)
        share = percent(earned, points)
        told = ("; ".join(totals.note_lines(grades, learner)), grades.isolation)
        rows.append(
            [
                text_cell(name_of(learner.learner)),
                *(number(n.earned) if n.state is State.NOT_GRADED else _cell(n) for n in notebooks),
                *(number(earned), str(points), "" if share is None else number(share)),
                *(notebook.state.value for notebook in notebooks),
                *map(text_cell, told),
            ]
        )
    return sheet(rows)


def canvas_csv(grades: ClassGrades, roster: Roster | None = None) -> str:
    """Write the class as a sheet for Canvas's gradebook: a column an exercise.

    The second row, "Points Possible", says what each is worth. A column whose name is no
    assignment's yet is offered as a new assignment.
    """
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [
        [*header, *map(text_cell, grades.exercises)],
        ["Points Possible", "", "", "", "", *map(str, grades.exercises.values())],
    ]
    for learner in grades.learners:
        known = _known(roster, learner)
        keys = ("id", "sis_user_id", "sis_login_id", "section")
        about = (name_of(learner.learner), *(known.get(key, "") for key in keys))
        rows.append([*map(text_cell, about), *map(_cell, totals.by_exercise(grades, learner))])
    return sheet(rows)


def moodle_csv(grades: ClassGrades, roster: Roster | None = None) -> str:
    """Write the class as a sheet for Moodle, whose offline grading worksheets have these columns.

    ``Grade`` is the sum of all exercises; a column an exercise follows ``Feedback comments``, for
    the import of grades into the gradebook, which maps columns to grade items.
    """
    header = ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]
    rows = [[*header, "Feedback comments", *map(text_cell, grades.exercises)]]
    for learner in grades.learners:
        known, notebooks = _known(roster, learner), totals.by_exercise(grades, learner)
        about = (known.get("id", ""), name_of(learner.learner), known.get("email", ""))
        earned = totals.total(grades, learner)
        grade = number(earned) if any(map(totals.counts, notebooks)) else ""
        sums = (grade, str(totals.points_of_all(grades)), text_cell(_feedback(grades, learner)))
        rows.append([*map(text_cell, about), *sums, *map(_cell, notebooks)])
    return sheet(rows)


def _known(roster: Roster | None, learner: LearnerGrades) -> Mapping[str, str]:
    return (roster or {}).get(learner.learner, {})


def _cell(notebook: NotebookGrade) -> str:
    return number(notebook.earned) if totals.counts(notebook) else ""


def _feedback(grades: ClassGrades, learner: LearnerGrades) -> str:
    parts = []
    for each in totals.by_exercise(grades, learner):
        earned = f"{number(each.earned)} of {grades.exercises[each.exercise]}"
        parts.append(f"{each.exercise}: {earned if totals.counts(each) else each.state.value}")
    # Moodle takes feedback for HTML.
    return html.escape("; ".join([*parts, *totals.note_lines(grades, learner)]), quote=False)
