"""Lessons and solutions, which are MyST text notebooks, as the notebooks that Colab opens.

Colab opens ``.ipynb`` files of the repository and knows neither MyST's directives nor its roles. So
each lesson ``book/**/STEM.md`` has a committed notebook ``book/notebooks/STEM.ipynb``, written here
from the lesson's text in plain Markdown: boxes become block quotations, links lead to the site, and
a paragraph that quotes numbers becomes a cell that says it with the numbers of that run
(`mnist_keras.notebook.Numbers`). A solution ``solutions/STEM.md`` has its exercise
``exercises/STEM.ipynb``: the same page without the cells tagged ``solution``, and with those tagged
``start`` in their place.

What a notebook cannot say, an unknown directive or a link to nowhere, is an error; the errors of
all lessons are reported together, each with its file and line.

Each module imports only those above it:

- `tools`: the site's tools, imported when they are used.
- `repository`: the course's address on GitHub, read from and written to ``_config.yml``.
- `references`: the glossary and the bibliography.
- `pages`: the course, and a page while it is converted, which collects the errors.
- `inline`: a paragraph's roles, and where its links and images lead.
- `questions`: what the box of an exercise's question says.
- `directives`: boxes, formulas and figures.
- `markdown`: a Markdown text, block by block.
- `cells`: Markdown and code as cells of a notebook.
- `lessons`: a lesson as cells, with those about whose it is and where to hand it in.
- `answers`: the code of a solution, for grading, and the texts of its questions, for `check()`.
- `new_exercise`: the three files of another exercise.
- `differences`: how two notebooks differ.
- `playground`: the playground's page as one text.
- `notebooks`: the files: all lessons generated, written and checked.

The tools come with ``pip install "mnist-keras[site]"``; importing this package needs none of them.
"""

from mnist_keras.authoring.new_exercise import new_exercise, next_steps
from mnist_keras.authoring.notebooks import (
    EXERCISES,
    NOTEBOOKS,
    check_notebooks,
    worked_solution,
    write_notebooks,
)
from mnist_keras.authoring.repository import read_repository, set_repository

__all__ = [
    "EXERCISES",
    "NOTEBOOKS",
    "check_notebooks",
    "new_exercise",
    "next_steps",
    "read_repository",
    "set_repository",
    "worked_solution",
    "write_notebooks",
]
