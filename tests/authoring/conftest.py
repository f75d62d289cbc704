"""The smallest course, made anew for each test."""

import pytest

from authoring.texts import BIBLIOGRAPHY, CONFIG, GLOSSARY, LESSON
from mnist_keras.authoring.pages import Course, Page
from mnist_keras.authoring.references import bibliography, glossary_terms
from mnist_keras.authoring.repository import Repository


@pytest.fixture
def root(tmp_path):
    """Make the smallest course, with one lesson and what a lesson may link to."""
    files = {
        "_config.yml": CONFIG,
        "book/glossary.md": GLOSSARY,
        "book/references.md": "# References\n",
        "book/references.bib": BIBLIOGRAPHY,
        "book/_static/digit.png": "",
        "book/lessons/tiny.md": LESSON,
        "book/lessons/02 next.md": "# Next\n",
        "book/lessons/job.sh": "",
        "exercises/one.ipynb": "{}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def page(root):
    course = Course(root, Repository("ada", "digits"), glossary_terms(root), bibliography(root))
    return Page(course, "book/lessons/tiny.md", kept={"accuracy", "mistakes"})
