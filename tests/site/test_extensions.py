"""The pure functions of the site's Sphinx extensions."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from alt_text import fault_of_alt, pictures_in
from course_directives import count_words, duration, learning_time, time_needed
from docutils import nodes
from execution_cache import cache_key, drop_old_caches, sources
from launch_buttons import colab_address, notebook_path
from mathml import FormulaError, to_mathml
from repository_address import (
    PLACEHOLDER,
    address_on_github,
    origin_of,
    parse_remote,
    put_into_page,
)
from theme_repairs import repair

# --- the repository's address ---


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/ada/digits",
        "https://github.com/ada/digits.git",
        "https://github.com/ada/digits/",
        "https://x-access-token:secret@github.com/ada/digits.git",
        "git@github.com:ada/digits.git",
        "ssh://git@github.com/ada/digits.git",
        "git://github.com/ada/digits\n",
    ],
)
def test_github_remote_becomes_its_page(remote: str) -> None:
    assert parse_remote(remote) == "https://github.com/ada/digits"


def test_a_command_to_copy_holds_the_address_of_this_repository() -> None:
    address = "https://github.com/ada/digits"
    app = SimpleNamespace(config=SimpleNamespace(html_theme_options={"repository_url": address}))
    source = [f"git clone {PLACEHOLDER} course"]
    put_into_page(app, "page", source)
    assert source == ["git clone https://github.com/ada/digits course"]


def test_name_with_dots_is_kept_whole() -> None:
    remote = "git@github.com:ada/ada.github.io.git"
    assert parse_remote(remote) == "https://github.com/ada/ada.github.io"


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/digits.git",
        "https://gitlab.com/ada/digits.git",
        "https://notgithub.com/ada/digits",
        "https://example.org/github.com/ada/digits",
        "https://github.com/ada",
    ],
)
def test_remote_elsewhere_is_none(remote: str) -> None:
    assert parse_remote(remote) is None


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_workflow_on_a_branch_or_tag_names_repository_and_branch(kind: str) -> None:
    environ = {
        "GITHUB_REPOSITORY": "ada/digits",
        "GITHUB_REF_NAME": "winter",
        "GITHUB_REF_TYPE": kind,
    }
    assert address_on_github(environ) == ("https://github.com/ada/digits", "winter")


@pytest.mark.parametrize(
    "of_the_event",
    [
        {"GITHUB_REF_NAME": "12/merge", "GITHUB_HEAD_REF": "fix"},
        {"GITHUB_REF_NAME": "12/merge"},
        {},
    ],
)
def test_pull_request_leaves_the_branch_to_the_configuration(
    of_the_event: dict[str, str],
) -> None:
    environ = {"GITHUB_REPOSITORY": "ada/digits", **of_the_event}
    assert address_on_github(environ) == ("https://github.com/ada/digits", None)


@pytest.mark.parametrize("repository", ["", "digits", "ada/digits/more", "a b/c"])
def test_outside_of_github_nothing_is_known(repository: str) -> None:
    environ = {"GITHUB_REPOSITORY": repository, "GITHUB_REF_NAME": "main"}
    assert address_on_github(environ) == (None, None)


def test_folder_that_is_no_clone_has_no_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    assert origin_of(tmp_path) is None


# --- notebooks and their addresses ---


@pytest.mark.parametrize(
    ("name", "notebook"),
    [
        ("book/lessons/02-meet-mnist", "book/notebooks/02-meet-mnist.ipynb"),
        ("book/scale/colab-or-cluster", "book/notebooks/colab-or-cluster.ipynb"),
        ("solutions/01-learning-rate", "exercises/01-learning-rate.ipynb"),
        ("index", None),
        ("other/page", None),
    ],
)
def test_page_knows_its_notebook(name: str, notebook: str | None) -> None:
    assert notebook_path(name) == notebook


def test_colab_address_names_repository_branch_and_file() -> None:
    address = colab_address(
        "https://colab.research.google.com/", "https://github.com/ada/digits", "main", "a/b.ipynb"
    )
    expected = "https://colab.research.google.com/github/ada/digits/blob/main/a/b.ipynb"
    assert address == expected


# --- the cache of executed pages ---


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "mnist_keras" / "checks").mkdir(parents=True)
    (tmp_path / "mnist_keras" / "data.py").write_text("A = 1\n")
    (tmp_path / "mnist_keras" / "checks" / "rules.py").write_text("B = 1\n")
    (tmp_path / "mnist_keras" / "mnist.npz").write_bytes(b"images")
    (tmp_path / "requirements.txt").write_text("keras==3\n")
    return tmp_path


def key_of(repository: Path, **environ: str) -> str:
    return cache_key(repository, sources(repository), environ)


def test_cache_key_stays_when_nothing_changes(repository: Path) -> None:
    assert key_of(repository) == key_of(repository, HOME="/elsewhere")


@pytest.mark.parametrize(
    "changed",
    [
        "mnist_keras/data.py",
        "mnist_keras/checks/rules.py",
        "mnist_keras/mnist.npz",
        "mnist_keras/new.py",
        "requirements.txt",
    ],
)
def test_cache_key_changes_with_each_source(repository: Path, changed: str) -> None:
    before = key_of(repository)
    (repository / changed).write_text("changed\n")
    assert key_of(repository) != before


def test_cache_key_knows_the_quick_mode(repository: Path) -> None:
    assert key_of(repository) != key_of(repository, MNIST_KERAS_QUICK="1")


def test_only_the_newest_caches_are_kept(tmp_path: Path) -> None:
    for age, name in enumerate(["newest", "newer", "old", "oldest"]):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    drop_old_caches(tmp_path, keep=3)
    assert {path.name for path in tmp_path.iterdir()} == {"newest", "newer", "old"}


# --- formulas ---


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1}{n}\sum_{i=1}^n x_i",
        r"\operatorname{softmax}(z)_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
        r"\begin{align*} a &= b \\ c &= d \end{align*}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{cases} 0 & x < 0 \\ x & x \ge 0 \end{cases}",
        r"\mathbf{x} \in \mathbb{R}^{28 \times 28}",
        r"p < 0.05 \text{ and } q > 1",
    ],
)
def test_formula_becomes_mathml(tex: str) -> None:
    mathml = to_mathml(tex, display=True)
    assert mathml.startswith("<math ")
    assert 'display="block"' in mathml


def test_formula_keeps_its_tex_as_alternative_text() -> None:
    assert 'alttext="a &lt; b"' in to_mathml("a < b", display=False)


@pytest.mark.parametrize(
    "tex", [r"\foo x", r"\frac{1", r"x \left( y", "x^2^3", "{", "a & b", r"a \\ b", ""]
)
def test_faulty_formula_is_refused(tex: str) -> None:
    with pytest.raises(FormulaError):
        to_mathml(tex, display=True)


# --- pictures ---


@pytest.mark.parametrize(
    ("alt", "source"),
    [
        (None, "a.png"),
        ("", "a.png"),
        ("  ", "a.png"),
        ("a.png", "a.png"),
        ("_images/a1b2.png", "_images/a1b2.png"),
        ("digits", "images/digits.png"),
        ("plot.JPEG", "data:image/png;base64,xyz"),
    ],
)
def test_picture_without_description_is_a_fault(alt: str | None, source: str) -> None:
    assert fault_of_alt(alt, source) is not None


def test_description_is_no_fault() -> None:
    assert fault_of_alt("A handwritten seven with a bar.", "seven.png") is None


def test_pictures_in_html_are_found() -> None:
    html = '<figure><img alt="A seven." src="data:x"><IMG src="b.png"/></figure>'
    assert pictures_in(html) == [("A seven.", "data:x"), (None, "b.png")]


# --- how long a page takes ---


def test_words_of_code_outputs_and_formulas_do_not_count() -> None:
    page = nodes.section()
    page += nodes.paragraph("", "three plain words")
    page += nodes.literal_block("", "code is not prose")
    cell = nodes.container(nb_element="cell_code")
    cell += nodes.paragraph("", "nor is output")
    page += cell
    page += nodes.paragraph("", "and ", nodes.math("", "x + y"))
    page += nodes.admonition("", nodes.paragraph("", "the card itself"), classes=["lesson"])
    assert count_words(page) == 4


def test_learners_time_counts_reading_running_and_predicting() -> None:
    assert learning_time(0, 0, 0) == "about 5 minutes"
    assert learning_time(1500, 0, 0) == "about 10 minutes"
    assert learning_time(1500, 12, 4) == "about 30 minutes"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "less than a second"),
        (1.2, "1 second"),
        (59.7, "1 minute"),
        (61, "1 minute 1 second"),
        (200, "3 minutes 20 seconds"),
    ],
)
def test_duration_is_said_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_page_without_execution_names_no_machine() -> None:
    assert time_needed("about 25 minutes", None, 2) == "about 25 minutes."


def test_executed_page_names_the_machine() -> None:
    assert time_needed("about 25 minutes", 8.1, 2) == (
        "about 25 minutes. Of that, the cells ran for 8 seconds "
        "on the machine that built this page (2 processor cores)."
    )


# --- the theme's faults ---

FAULTY = """<html data-theme="auto"><script>t = localStorage.getItem("theme") || "auto"</script>
<script defer src="../_static/scripts/fontawesome.js?digest=1"></script>
<button class="btn search-button-field" title="Search" aria-label="Search">Search Ctrl+K</button>
<div id="pst-primary-sidebar" class="bd-sidebar">
<details><summary aria-label="Toggle hidden content"><p>Show</p></summary></details>
<main><div role="doc-biblioentry">A book.</div></main>"""


def test_theme_faults_are_mended() -> None:
    mended = repair(FAULTY)
    assert "fontawesome" not in mended
    assert "<summary><p>" in mended
    assert 'aria-label="Search"' not in mended
    assert 'role="region"' in mended
    assert 'role="listitem"' in mended
    assert mended.count("bd-sidebar-secondary") == 1
    assert '"auto"' not in mended


def test_mending_twice_changes_nothing_more() -> None:
    assert repair(repair(FAULTY)) == repair(FAULTY)
