"""The glossary and the bibliography."""

import pytest
from sphinx.util.nodes import _make_id

from mnist_keras.authoring.references import bibliography, glossary_anchor, glossary_terms
from mnist_keras.errors import CourseError


@pytest.mark.parametrize(
    "term",
    ["epoch", "Learning rate", "one-hot code", "F₁ score", "Schrödinger ß", "a_b.c", "t-SNE!"],
)
def test_anchor_of_a_term_is_the_one_of_sphinx(term):
    assert glossary_anchor(term) == _make_id(f"term-{term}")


def test_terms_stand_only_in_the_glossary_directive(root):
    (root / "book/glossary.md").write_text(
        "no term\n\n```{glossary}\n:sorted:\n\nb : noun\nc\n  text\n```\n\nno term either\n"
    )
    assert glossary_terms(root) == {"b": "b", "c": "c"}


def test_course_without_glossary_and_bibliography(root):
    (root / "book/glossary.md").unlink()
    (root / "book/references.bib").unlink()
    assert glossary_terms(root) == {}
    assert bibliography(root) == {}


def test_broken_bibliography_is_an_error(root):
    (root / "book/references.bib").write_text("@article{a, author={")
    with pytest.raises(CourseError, match=r"^book/references\.bib: .+") as caught:
        bibliography(root)
    assert "\n" not in str(caught.value)
