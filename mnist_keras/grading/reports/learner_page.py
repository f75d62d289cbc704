"""`learners/NAME.html`: what a learner earned, and why, on one page that they may be sent."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    QuestionGrade,
    State,
)
from mnist_keras.grading.pictures import PictureError, checked_png
from mnist_keras.grading.reports.pages import (
    bar,
    column,
    document,
    items,
    person,
    plain,
    provenance,
    table,
    titles,
    told,
)
from mnist_keras.grading.reports.sums import (
    counts,
    notebook_for,
    points_of_all,
    total,
    unassigned,
)
from mnist_keras.grading.reports.text import NAME, name_of, number, percent, plural, worth

MARKS = {"correct": "✓", "partly": "◐", "not yet": "✗", "not attempted": "○"}


def learner_page(grades: ClassGrades, learner: LearnerGrades) -> str:
    """Write a learner's page."""
    earned, points = total(grades, learner), points_of_all(grades)
    share = percent(earned, points)
    in_percent = "" if share is None else f", {number(share)} %"
    header = (
        f'<p class="over">Grades</p><h1>{person(learner.learner)}</h1>'
        f'<p class="lead"><strong>{number(earned)}</strong> of {points} points{in_percent}</p>'
    )
    notebooks = [notebook_for(learner, exercise) for exercise in grades.exercises]
    cards = "".join(
        card(place, notebook, grades.exercises[notebook.exercise])
        for place, notebook in enumerate(notebooks, 1)
    )
    overview = f'<nav aria-label="Exercises"><ul class="cards">{cards}</ul></nav>' if cards else ""
    sections = [
        section(f"exercise-{place}", notebook, grades.exercises[notebook.exercise])
        for place, notebook in enumerate(notebooks, 1)
    ]
    sections += [
        section(f"file-{place}", notebook, notebook.points)
        for place, notebook in enumerate(unassigned(grades, learner), 1)
    ]
    if not sections:
        sections = ["<p>There is nothing to grade.</p>"]
    title = f"Grades of {name_of(learner.learner)}"
    return document(title, header, overview + "".join(sections), provenance(grades))


def card(place: int, notebook: NotebookGrade, points: int) -> str:
    """Sum an exercise up, with a link to its section."""
    if counts(notebook):
        value = f"{number(notebook.earned)} <small>of {points}</small>"
    else:
        value = f"<small>{notebook.state.value}</small>"
    return (
        f'<li><a class="label" href="#exercise-{place}">{heading(notebook)}</a>'
        f'<span class="value">{value}</span>{bar(notebook.earned, points)}</li>'
    )


def heading(notebook: NotebookGrade) -> str:
    """Name the exercise, or the file where it could not be told."""
    label = titles().get(notebook.exercise, notebook.exercise)
    return plain(label or notebook.file or "A file", NAME)


def section(anchor: str, notebook: NotebookGrade, points: int) -> str:
    """Show an exercise: what became of the notebook, then question by question."""
    parts = [f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{heading(notebook)}</h2>']
    if notebook.file:
        earned = f"{number(notebook.earned)} of {plural(points, 'point')}"
        parts.append(f'<p class="muted">{earned} for <code>{plain(notebook.file, NAME)}</code></p>')
    if notebook.state is State.NOT_GRADED:
        reason = told(notebook.reason or "the reason is not known")
        parts.append(
            f'<p class="callout"><strong>This notebook could not be graded.</strong> {reason}</p>'
        )
    elif notebook.state is State.MISSING:
        parts.append('<p class="callout"><strong>Not handed in.</strong></p>')
    parts.append(items(notebook.notes))
    if notebook.questions and counts(notebook):
        head = [
            column("Result", "result"),
            column("Question"),
            column("Points", "number"),
        ]
        rows = [row(question, notebook.figures) for question in notebook.questions]
        parts.append(table(head, rows, css="questions"))
    asked = {question.number for question in notebook.questions} if counts(notebook) else set()
    parts += [picture(key, notebook.figures[key]) for key in notebook.figures if key not in asked]
    return "".join(parts) + "</section>"


def row(question: QuestionGrade, figures: Mapping[str, bytes]) -> str:
    """Show a question, with the learner's figure below where there is one."""
    data = figures.get(question.number)
    status = question.status if question.status in MARKS else "not yet"
    mark = (
        f'<span class="mark {status.replace(" ", "-")}">'
        f'<span aria-hidden="true">{MARKS[status]}</span> {plain(question.status)}</span>'
    )
    corrected = '<span class="corrected">Set by the instructor</span>' if question.corrected else ""
    kind = ' class="has-picture"' if data is not None else ""
    shown = (
        f'<tr{kind}><td class="result">{mark}</td>'
        f'<th scope="row"><span class="question">{plain(question.number)} '
        f"{plain(question.title)}</span>{corrected}"
        f'<span class="message">{told(question.message)}</span></th>'
        f'<td class="number">{worth(question.earned, question.points)}</td></tr>'
    )
    if data is not None:
        shown += f'<tr><td colspan="3">{picture(question.number, data)}</td></tr>'
    return shown


def picture(question: str, data: bytes) -> str:
    """Show a learner's figure, or why it is left out."""
    label = f"The learner's figure for question {plain(question, 20)}"
    try:
        code = base64.b64encode(checked_png(data)).decode("ascii")
    except PictureError as error:
        return f'<p class="muted">{label} is left out: {plain(str(error))}.</p>'
    return f'<figure><img src="data:image/png;base64,{code}" alt="{label}"></figure>'
