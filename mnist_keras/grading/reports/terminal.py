"""The grades as a table on a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from mnist_keras.grading.grades import ClassGrades, NotebookGrade, State
from mnist_keras.grading.reports import totals
from mnist_keras.reports.text import clean, columns, fitted, name_of, number, percent, plural

SHORTEST, LONGEST = 14, 32  # columns of a name
GAP = "  "


def terminal_table(grades: ClassGrades, width: int = 80) -> str:
    """Show learners × exercises with their totals, in lines of at most ``width`` columns.

    Exercises that do not fit beside the names follow in further tables. Names are cut to their
    place, without the characters that would drive the terminal.
    """
    names = ["", *(name_of(learner.learner) for learner in grades.learners)]
    longest = min(max(map(columns, names)), LONGEST)
    blocks = []
    for cells in _blocks(_columns(grades), width):
        taken = sum(len(GAP) + max(map(len, column)) for column in cells)
        place = max(min(longest, width - taken), min(SHORTEST, longest), len("learner"))
        widths = [place, *(max(map(len, column)) for column in cells)]
        rows = zip(["learner", *names], *cells, strict=True)
        blocks.append("\n".join(_line(row, widths) for row in rows))
    foot = [
        f"{plural(len(grades.learners), 'learner')}; - not handed in, ? could not be graded, "
        "* set by the instructor",
        f"isolation: {clean(grades.isolation)}",
    ]
    if grades.core:
        foot.append("core: the core questions alone count")
    if grades.quick:
        foot.append("quick: the notebooks ran on a small subset of the data")
    return "\n\n".join([*blocks, "\n".join(foot)])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = map(str.rjust, row[1:], widths[1:])
    return GAP.join((fitted(row[0], widths[0]), *cells)).rstrip()


def _columns(grades: ClassGrades) -> Iterator[list[str]]:
    """Return a column of cells for each exercise, then the totals."""
    for exercise, points in grades.exercises.items():
        notebooks = (totals.notebook_for(learner, exercise) for learner in grades.learners)
        yield [_label(exercise), f"/{points}", *map(_cell, notebooks)]
    points = totals.points_of_all(grades)
    earned = [totals.total(grades, learner) for learner in grades.learners]
    shares = [percent(each, points) for each in earned]
    yield ["total", f"/{points}", *map(number, earned)]
    yield ["%", "", *("-" if share is None else f"{share:.1f}" for share in shares)]


def _blocks(all_columns: Iterable[list[str]], width: int) -> list[list[list[str]]]:
    """Share the columns out, as many a table as fit beside a short name."""
    blocks: list[list[list[str]]] = [[]]
    room = width - SHORTEST
    for column in all_columns:
        wide = len(GAP) + max(map(len, column))
        if blocks[-1] and wide > room:
            blocks.append([])
            room = width - SHORTEST
        blocks[-1].append(column)
        room -= wide
    return blocks


def _label(exercise: str) -> str:
    head = exercise.split("-")[0]
    label = head if head.isdigit() else clean(exercise, 8)
    # A column is as wide as its text is long, so nothing wider than a column may stand in it.
    return label if columns(label) == len(label) else fitted(label, 8).strip()


def _cell(notebook: NotebookGrade) -> str:
    if not totals.counts(notebook):
        return "?" if notebook.state is State.NOT_GRADED else "-"
    return number(notebook.earned) + ("*" if totals.is_corrected(notebook) else "")
