"""What the HTML pages share. They run nothing and ask for nothing, whatever a learner wrote.

Every text passes through `plain` or `told`, which escape it; the pages' own Content-Security-Policy
would stop a script or a request all the same.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.notebook import marked_up, sentence
from mnist_keras.grading.grades import ClassGrades
from mnist_keras.grading.reports.text import MESSAGE, NOTE, clean, name_of

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


def plain(text: str, limit: int = MESSAGE) -> str:
    """Escape a text for the content of an element or a quoted attribute."""
    return html.escape(clean(text, limit))


def told(message: str) -> str:
    """Show a message of the rules, with its code and emphasis."""
    return marked_up(sentence(clean(message)))


def person(learner: str) -> str:
    """Show a learner's name, whose direction of writing stays its own."""
    return f"<bdi>{html.escape(name_of(learner))}</bdi>"


def titles() -> Mapping[str, str]:
    """Give the exercises' titles by their names."""
    return {exercise.name: exercise.title for exercise in EXERCISES}


def document(title: str, header: str, main: str, footer: str) -> str:
    """Put a page together; ``title`` is a text, the rest is HTML."""
    style = files("mnist_keras.grading").joinpath("templates", "reports.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{plain(title)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header>
{header}
</header>
<main>
{main}
</main>
<footer>
{footer}
</footer>
</body>
</html>
"""


def provenance(grades: ClassGrades) -> str:
    """Say how the notebooks were graded."""
    data = (
        "The notebooks ran on a small subset of the data."
        if grades.quick
        else "The notebooks ran on all of the data."
    )
    counted = "<p>The core questions alone count.</p>" if grades.core else ""
    versions = ", ".join(f"{name} {version}" for name, version in grades.versions.items())
    with_them = f"<p>Graded with {plain(versions)}.</p>" if versions else ""
    isolation = plain(grades.isolation) or "not known"
    return f"<p>Isolation of the notebooks: {isolation}</p>{counted}<p>{data}</p>{with_them}"


def bar(earned: float, points: float) -> str:
    """Draw how much was earned; the numbers stand beside it."""
    return (
        f'<span class="track" aria-hidden="true"><span style="width:{share(earned, points):.1%}">'
        "</span></span>"
    )


def share(earned: float, points: float) -> float:
    """Give the earned part, from 0 to 1."""
    return min(max(earned / points, 0.0), 1.0) if points else 0.0


def items(lines: Iterable[str], css: str = "notes") -> str:
    """List texts, or nothing."""
    listed = "".join(f"<li>{plain(line, NOTE)}</li>" for line in lines)
    return f'<ul class="{css}">{listed}</ul>' if listed else ""


def table(head: Sequence[str], rows: Iterable[str], caption: str = "", css: str = "") -> str:
    """Put a table together from cells of its head (`<th>` elements) and rows, all HTML."""
    above = f"<caption>{caption}</caption>" if caption else ""
    kind = f' class="{css}"' if css else ""
    return (
        f"<table{kind}>{above}<thead><tr>{''.join(head)}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def column(label: str, css: str = "") -> str:
    """Head a column; ``label`` is HTML."""
    kind = f' class="{css}"' if css else ""
    return f'<th scope="col"{kind}>{label}</th>'


def scrolling(content: str, label: str) -> str:
    """Let something wide scroll by itself, with the keyboard too; ``label`` is a text."""
    reached = f'tabindex="0" role="region" aria-label="{plain(label)}"'
    return f'<div class="scroll" {reached}>{content}</div>'
