"""`index.html`: the class on one page, for the instructor."""

from __future__ import annotations

from collections.abc import Mapping

from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.reports.pages import (
    bar,
    column,
    document,
    items,
    person,
    plain,
    provenance,
    scrolling,
    share,
    table,
    titles,
    told,
)
from mnist_keras.grading.reports.sums import (
    BINS,
    ExerciseSums,
    QuestionSums,
    counts,
    entries,
    exercise_sums,
    histogram,
    is_corrected,
    missed_questions,
    notebook_for,
    points_of_all,
    total,
)
from mnist_keras.grading.reports.text import NAME, clean, number, percent, plural, worth

MOST = 10  # questions in the list of those most often missed


def class_page(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Write the page of the class; ``stems`` has the file name of each learner's page."""
    points = points_of_all(grades)
    header = (
        '<p class="over">Grades</p><h1>The class</h1>'
        f'<p class="lead">{plural(len(grades.learners), "learner")}, '
        f"{plural(len(grades.exercises), 'exercise')}, {plural(points, 'point')}</p>"
    )
    main = "".join(
        (
            summary(grades),
            learners_section(grades, stems),
            distribution_section(grades),
            exercises_section(grades),
            questions_section(grades),
            failures_section(grades, stems),
            notes_section(grades, stems),
            problems_section(grades),
        )
    )
    return document("Grades of the class", header, main, provenance(grades))


def section(anchor: str, title: str, content: str) -> str:
    """Put a section together."""
    return f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{title}</h2>{content}</section>'


def summary(grades: ClassGrades) -> str:
    """Sum the class up in a few numbers."""
    points, sums = points_of_all(grades), exercise_sums(grades)
    totals = [total(grades, learner) for learner in grades.learners]
    mean = sum(totals) / len(totals) if totals else None
    asked = len(grades.learners) * len(grades.exercises)
    known = sum(each.graded for each in sums)
    failed = sum(state is State.NOT_GRADED for state in unknown_states(grades))
    missing = sum(each.missing for each in sums)
    cards = [
        ("Mean of the totals", "–" if mean is None else number(round(mean, 1)), f"of {points}"),
        ("Notebooks graded", str(known), f"of {asked}"),
        ("Could not be graded", str(failed), ""),
        ("Not handed in", str(missing), ""),
    ]
    shown = "".join(
        f'<li><span class="label">{label}</span>'
        f'<span class="value">{value} <small>{rest}</small></span></li>'
        for label, value, rest in cards
    )
    return f'<ul class="cards">{shown}</ul>'


def unknown_states(grades: ClassGrades) -> list[State]:
    """List how far the notebooks came whose points are not known."""
    return [notebook.state for _, notebook in entries(grades) if not counts(notebook)]


def learners_section(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Show each learner's points, exercise by exercise."""
    if not grades.learners:
        return section("learners", "Learners", "<p>Nobody handed anything in.</p>")
    heads = [
        column(f"{plain(short(exercise))}<small>of {points}</small>", "number")
        for exercise, points in grades.exercises.items()
    ]
    head = [
        column("Learner"),
        column(f"Total<small>of {points_of_all(grades)}</small>", "number"),
        column("%", "number"),
        *heads,
    ]
    rows = [learner_row(grades, learner, stems) for learner in grades.learners]
    key = (
        '<p class="muted">– not handed in · ? could not be graded · '
        "* set by the instructor, wholly or in part</p>"
    )
    shown = scrolling(table(head, rows, css="matrix"), "Points of each learner")
    return section("learners", "Learners", shown + key)


def short(exercise: str) -> str:
    """Give the number that an exercise's name begins with, or the name."""
    head = exercise.split("-")[0]
    return head if head.isdigit() else exercise


def learner_row(grades: ClassGrades, learner: LearnerGrades, stems: Mapping[str, str]) -> str:
    """Show a learner as a row."""
    cells = [
        cell(notebook_for(learner, exercise), points)
        for exercise, points in grades.exercises.items()
    ]
    earned = total(grades, learner)
    in_percent = percent(earned, points_of_all(grades))
    return (
        f'<tr><th scope="row">{linked(learner, stems)}</th>'
        f'<td class="number total">{number(earned)}</td>'
        f'<td class="number">{"–" if in_percent is None else f"{in_percent:.1f}"}</td>'
        f"{''.join(cells)}</tr>"
    )


def cell(notebook: NotebookGrade, points: int) -> str:
    """Show what a notebook earned."""
    if not counts(notebook):
        mark = "?" if notebook.state is State.NOT_GRADED else "–"
        return (
            f'<td class="number"><span aria-hidden="true">{mark}</span>'
            f'<span class="hidden">{notebook.state.value}</span></td>'
        )
    star = (
        '<span aria-hidden="true">*</span><span class="hidden"> set by the instructor</span>'
        if is_corrected(notebook)
        else ""
    )
    part = f"{share(notebook.earned, points):.3f}"
    return f'<td class="number earned" style="--share:{part}">{number(notebook.earned)}{star}</td>'


def linked(learner: LearnerGrades, stems: Mapping[str, str]) -> str:
    """Name a learner, with a link to their page."""
    return f'<a href="learners/{plain(stems[learner.learner])}.html">{person(learner.learner)}</a>'


def distribution_section(grades: ClassGrades) -> str:
    """Show how the totals are spread, as a picture and as a table."""
    counted = histogram(grades)
    if not sum(counted):
        return section("distribution", "Distribution", "<p>There are no totals to show.</p>")
    rows = [
        f'<tr><th scope="row">{interval(place)}</th><td class="number">{count}</td></tr>'
        for place, count in enumerate(counted)
    ]
    head = [column("Percent of the points"), column("Learners", "number")]
    content = (
        f'<figure class="histogram">{histogram_svg(counted)}'
        "<figcaption>Learners by the percentage of all points that they earned; what is missing "
        "or could not be graded counts as 0.</figcaption></figure>"
        "<details><summary>The same as a table</summary>"
        f"{table(head, rows, css='narrow')}</details>"
    )
    return section("distribution", "Distribution", content)


def interval(place: int) -> str:
    """Name a tenth of the points."""
    low = 100 * place // BINS
    high = 100 * (place + 1) // BINS
    return f"{low} to {high}" if place == BINS - 1 else f"{low} to less than {high}"


def histogram_svg(counted: list[int]) -> str:
    """Draw the counts as bars."""
    width, height, base, step = 430, 200, 160, 42
    most = max(counted)
    parts = []
    for place, count in enumerate(counted):
        tall = 130 * count / most
        left = 5 + place * step
        if count:
            parts.append(
                f'<rect class="bar" x="{left + 3}" y="{base - tall:.1f}" width="{step - 6}" '
                f'height="{tall:.1f}" rx="3"/>'
                f'<text class="count" x="{left + step / 2}" y="{base - tall - 6:.1f}" '
                f'text-anchor="middle">{count}</text>'
            )
    parts.append(f'<line class="axis" x1="5" y1="{base}" x2="{width - 5}" y2="{base}"/>')
    for place in range(0, BINS + 1, 2):
        x = 5 + place * step
        anchor = "start" if place == 0 else "end" if place == BINS else "middle"
        parts.append(f'<text x="{x}" y="{base + 18}" text-anchor="{anchor}">{10 * place} %</text>')
    said = "; ".join(
        f"{interval(place)} percent: {plural(count, 'learner')}"
        for place, count in enumerate(counted)
        if count
    )
    label = f"Histogram of the totals. {said}."
    return (
        f'<svg viewBox="0 0 {width} {height - 15}" role="img" aria-label="{plain(label)}">'
        f"{''.join(parts)}</svg>"
    )


def exercises_section(grades: ClassGrades) -> str:
    """Show how the class did in each exercise."""
    sums = exercise_sums(grades)
    if not sums:
        return section("exercises", "Exercises", "<p>No exercise was graded.</p>")
    head = [
        column("Exercise"),
        column("Mean", "number"),
        column("Median", "number"),
        column("Points", "number"),
        column("Graded", "number"),
        column("Could not be graded", "number"),
        column("Not handed in", "number"),
    ]
    shown = table(
        head,
        [exercise_row(each) for each in sums],
        css="matrix",
    )
    about = '<p class="muted">Mean and median of the notebooks that could be graded.</p>'
    return section("exercises", "Exercises", about + scrolling(shown, "Means of the exercises"))


def exercise_row(sums: ExerciseSums) -> str:
    """Show an exercise as a row."""
    title = titles().get(sums.exercise, sums.exercise)
    label = f"{short(sums.exercise)} {title}" if title != sums.exercise else title
    middle = [
        f'<td class="number earned" style="--share:{share(value or 0, sums.points):.3f}">'
        f"{'–' if value is None else number(value)}</td>"
        for value in (sums.mean, sums.median)
    ]
    rest = [sums.points, sums.graded, sums.not_graded, sums.missing]
    return (
        f'<tr><th scope="row">{plain(label)}</th>{"".join(middle)}'
        + "".join(f'<td class="number">{value}</td>' for value in rest)
        + "</tr>"
    )


def questions_section(grades: ClassGrades) -> str:
    """Show the questions that most missed."""
    missed = missed_questions(grades)
    if not missed:
        content = "<p>Nobody whose notebook was graded missed a question.</p>"
        return section("missed", "Questions most often missed", content)
    head = [column("Question"), column("Got it", "share")]
    caption = "Of the learners whose notebook of that exercise was graded."
    shown = table(head, [question_row(each) for each in missed[:MOST]], caption)
    if len(missed) > MOST:
        shown += f'<p class="muted">{plural(len(missed) - MOST, "further question")} missed.</p>'
    return section("missed", "Questions most often missed", shown)


def question_row(sums: QuestionSums) -> str:
    """Show a question as a row."""
    partly = f", {sums.partly} in part" if sums.partly else ""
    title = titles().get(sums.exercise, sums.exercise)
    return (
        f'<tr><th scope="row">{plain(sums.number)} {plain(sums.title)}'
        f'<span class="message muted">{plain(title)}</span></th>'
        f'<td class="share">{round(100 * sums.share)} %: {sums.right} of {sums.asked}{partly}'
        f"{bar(sums.right, sums.asked)}</td></tr>"
    )


def failures_section(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Show which notebooks could not be graded, and why."""
    rows = [
        f'<tr><th scope="row">{linked(learner, stems)}</th>'
        f"<td>{plain(notebook.exercise or 'unknown exercise')}"
        f'<span class="message muted">{plain(notebook.file, NAME)}</span></td>'
        f"<td>{told(notebook.reason or 'the reason is not known')}</td></tr>"
        for learner, notebook in entries(grades)
        if notebook.state is State.NOT_GRADED
    ]
    title = "Could not be graded"
    if not rows:
        return section("failures", title, "<p>Every notebook could be graded.</p>")
    head = [column("Learner"), column("Notebook"), column("Why")]
    return section("failures", title, table(head, rows))


def notes_section(grades: ClassGrades, stems: Mapping[str, str]) -> str:
    """Show what is noted of hand-ins: late, twice, corrected."""
    lines: dict[str, list[str]] = {}
    for learner, notebook in entries(grades):
        label = clean(notebook.exercise or notebook.file, NAME)
        told_of = lines.setdefault(learner.learner, [])
        told_of += [f"{label}: {note}" for note in noted(notebook)]
    rows = [
        f'<tr><th scope="row">{linked(learner, stems)}</th>'
        f"<td>{items(lines[learner.learner])}</td></tr>"
        for learner in grades.learners
        if lines.get(learner.learner)
    ]
    if not rows:
        return section("notes", "Notes", "<p>There is nothing to note.</p>")
    head = [column("Learner"), column("What was noted")]
    return section("notes", "Notes", table(head, rows, css="noted"))


def noted(notebook: NotebookGrade) -> list[str]:
    """List the notes of a notebook, an instructor's corrections last."""
    corrections = [
        f"set by the instructor: {question.number} {question.title}"
        f": {worth(question.earned, question.points)}"
        for question in notebook.questions
        if question.corrected
    ]
    return [*notebook.notes, *corrections]


def problems_section(grades: ClassGrades) -> str:
    """Show files that belong to nobody."""
    if not grades.problems:
        return ""
    content = "<p>These files belong to no learner or no exercise.</p>" + items(grades.problems)
    return section("problems", "Problems", content)
