"""The course's address."""

import re

import pytest
import yaml

from authoring.texts import CONFIG
from mnist_keras.authoring.repository import Repository, read_repository, set_repository
from mnist_keras.errors import CourseError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada/digits", Repository("ada", "digits", "main")),
        ("ada/digits@2026-autumn", Repository("ada", "digits", "2026-autumn")),
        ("ada/digits@feature/x", Repository("ada", "digits", "feature/x")),
        ("a-d-a/.github.io", Repository("a-d-a", ".github.io", "main")),
        ("https://github.com/ada/digits.git", Repository("ada", "digits", "main")),
        ("https://github.com/ada/digits/", Repository("ada", "digits", "main")),
        (" ada/di_gi.ts ", Repository("ada", "di_gi.ts", "main")),
    ],
)
def test_repository_is_read_from_text(text, expected):
    assert Repository.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "digits",
        "/digits",
        "ada/",
        "ada/digits/tree",
        "-ada/digits",
        "ada-/digits",
        "a--da/digits",
        "a" * 40 + "/digits",
        "ada/" + "d" * 101,
        "ada/..",
        "ada/dig its",
        "ada/digits@",
        "ada/digits@a b",
        "ada/digits@a..b",
        "ada/digits@/a",
        "ada/digits@a/",
        "ada/digits@a//b",
        "ada/digits@.a",
        "ada/digits@a/.b",
        "ada/digits@a.lock",
        "ada/digits@-a",
        "ada/digits@a:b",
        "ada/digits@a@{b",
        "ada/digits@a\\b",
        "https://gitlab.com/ada/digits",
    ],
)
def test_impossible_repository_is_refused_in_one_line(text):
    with pytest.raises(CourseError, match="OWNER/NAME") as caught:
        Repository.parse(text)
    assert "\n" not in str(caught.value)


def test_addresses_of_a_repository():
    repository = Repository("Ada", "digits", "feature/x#1")
    assert repository.site_url == "https://Ada.github.io/digits/"
    assert repository.archive_url == "https://github.com/Ada/digits/archive/feature/x%231.zip"
    assert repository.colab_url("book/notebooks/a.ipynb") == (
        "https://colab.research.google.com/github/Ada/digits/blob/feature/x%231/book/notebooks/a.ipynb"
    )
    assert repository.page_url("book/a b.md") == "https://Ada.github.io/digits/book/a%20b.html"
    assert repository.file_url("a.sh") == "https://github.com/Ada/digits/blob/feature/x%231/a.sh"


def test_site_of_a_user_stands_at_the_root():
    assert Repository("Ada", "ada.github.io").site_url == "https://ada.github.io/"


def test_repository_is_read_from_the_configuration(root):
    assert read_repository(root) == Repository("ada", "digits", "main")


def test_repository_in_one_line_of_configuration(root):
    line = "repository: {url: https://github.com/a/b, branch: 1.0}\n"
    (root / "_config.yml").write_text(line)
    assert read_repository(root) == Repository("a", "b", "1.0")
    set_repository(root, "c/d@2.0")
    assert (root / "_config.yml").read_text() == (
        'repository: {url: https://github.com/c/d, branch: "2.0"}\n'
    )
    assert read_repository(root) == Repository("c", "d", "2.0")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("title: x\n", "`url` under `repository`"),
        ("repository:\n  url: https://github.com/a/b\n", "`branch` under `repository`"),
        ("repository:\n  url: nonsense\n  branch: main\n", "OWNER/NAME"),
        ("repository: [\n", "not valid YAML"),
        ("", "`url`"),
    ],
)
def test_configuration_without_repository_is_an_error(root, config, message):
    (root / "_config.yml").write_text(config)
    with pytest.raises(CourseError, match=re.escape(message)) as caught:
        read_repository(root)
    assert "\n" not in str(caught.value)


def test_missing_configuration_is_an_error(tmp_path):
    with pytest.raises(CourseError, match=r"no _config\.yml"):
        read_repository(tmp_path)


def test_setting_the_repository_leaves_the_rest_byte_for_byte(root):
    path = root / "_config.yml"
    path.write_bytes(CONFIG.replace("\n", "\r\n").encode())
    assert set_repository(root, "bob/numbers@feature/x") == Repository(
        "bob", "numbers", "feature/x"
    )
    expected = CONFIG.replace("ada/digits", "bob/numbers").replace(": main", ": feature/x")
    assert path.read_bytes() == expected.replace("\n", "\r\n").encode()
    assert yaml.safe_load(path.read_text())["launch_buttons"] == {"url": "untouched"}
    assert sorted(each.name for each in root.iterdir()) == ["_config.yml", "book", "exercises"]


def test_setting_the_repository_without_a_branch_keeps_the_branch(root):
    set_repository(root, "ada/digits@autumn")
    assert set_repository(root, "bob/numbers") == Repository("bob", "numbers", "autumn")


def test_wrong_repository_changes_nothing(root):
    with pytest.raises(CourseError):
        set_repository(root, "bob")
    assert (root / "_config.yml").read_text() == CONFIG
