"""Links and images."""

import pytest

from authoring.texts import SITE, converted, problems, seen


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("02%20next.md#the-part", f"{SITE}book/lessons/02%20next.html#the-part"),
        ("<02 next.md>", f"{SITE}book/lessons/02%20next.html"),
        ("../glossary.md", f"{SITE}book/glossary.html"),
        ("/book/glossary.md", f"{SITE}book/glossary.html"),
        ("#part", f"{SITE}book/lessons/tiny.html#part"),
        ("job.sh", "https://github.com/ada/digits/blob/main/book/lessons/job.sh"),
        (
            "../../exercises/one.ipynb",
            "https://colab.research.google.com/github/ada/digits/blob/main/exercises/one.ipynb",
        ),
    ],
)
def test_link_to_a_file_leads_to_the_site(target, url, page):
    assert seen(converted(f'See [it **now**]({target} "Title").', page)).links["now"] == url


@pytest.mark.parametrize("target", ["03.md", "../../../x.md", "02%20next", "../lessons"])
def test_link_to_nowhere(target, page):
    (problem,) = problems(f"a\n[it]({target})", page)
    assert problem.startswith("2: there is no file ")


def test_image_lies_on_the_site(page):
    (image,) = seen(converted("![a digit](../_static/digit.png){width=50%}", page)).images
    assert image == {"src": f"{SITE}_images/digit.png", "alt": "a digit"}


def test_image_from_elsewhere_stays(page):
    assert converted("![a](https://example.org/a.png)", page) == "![a](https://example.org/a.png)"


def test_image_needs_a_text_and_a_file(page):
    assert problems("![](no.png)", page) == [
        "1: the image no.png lacks a text for those who cannot see it",
        "1: there is no file book/lessons/no.png",
    ]
