"""Grades as a terminal's table, CSV, JSON and HTML pages, a module a format.

Each file is written whole or not at all, and the same grades give the same bytes. That nothing in
a report acts, whatever a learner wrote, is the work of `mnist_keras.reports`.

- `file_names`, `totals`: what several formats need.
- `csv_files`, `grades_json`: for programs, spreadsheets and learning platforms.
- `pages`: for readers.
- `gradescope`: for Gradescope's autograder.
- `terminal`, `mapping`: for the terminal.
"""

from collections.abc import Iterator
from pathlib import Path

from mnist_keras.files import remove_unfinished, write_all
from mnist_keras.grading.grades import ClassGrades
from mnist_keras.grading.reports.csv_files import canvas_csv, grades_csv, moodle_csv
from mnist_keras.grading.reports.file_names import file_stems
from mnist_keras.grading.reports.grades_json import grades_json
from mnist_keras.grading.reports.gradescope import gradescope_json, gradescope_results
from mnist_keras.grading.reports.pages import class_page, learner_page
from mnist_keras.grading.reports.terminal import terminal_table
from mnist_keras.grading.roster import Roster, read_roster

__all__ = ["gradescope_results", "read_roster", "terminal_table", "write_reports"]


def write_reports(grades: ClassGrades, out: Path, roster: Roster | None = None) -> list[Path]:
    """Write every report.

    Files of the same names are replaced, others stay. Without a roster the identifiers in
    ``canvas.csv`` and ``moodle.csv`` are empty.
    """
    for folder in (out, out / "learners", out / "gradescope"):
        remove_unfinished(folder)
    stems = file_stems([learner.learner for learner in grades.learners])

    def reports() -> Iterator[tuple[Path, str]]:
        yield out / "index.html", class_page(grades, stems)
        yield out / "grades.csv", grades_csv(grades)
        yield out / "grades.json", grades_json(grades)
        yield out / "canvas.csv", canvas_csv(grades, roster)
        yield out / "moodle.csv", moodle_csv(grades, roster)
        # One page at a time, because each may hold many pictures.
        for learner in grades.learners:
            stem = stems[learner.learner]
            yield out / "learners" / f"{stem}.html", learner_page(grades, learner)
            yield out / "gradescope" / f"{stem}.json", gradescope_json(learner, grades.isolation)

    return write_all(reports())
