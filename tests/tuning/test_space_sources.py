"""Search spaces that are several files: which they are, and what it means when one is edited."""

from __future__ import annotations

import json
import sys

import pytest

from mnist_keras.errors import CourseError
from mnist_keras.tuning.record import HELPERS, SEARCH, SPACE, SearchFolder
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import load_build, read_space

SETTINGS = search_settings(quick=True)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Give a folder with a space that imports in each way, and forget afterwards what it was."""
    files = {
        "mine.py": "import os, json, blocks, missing_here\nfrom parts.conv import conv\n"
        "import mnist_keras, mnist_keras_mine\n\n\ndef build(hp):\n    import late\n"
        "    return blocks.NAME, conv(), late.WHEN\n",
        "missing_here.py": "",
        "blocks.py": "from deeper import NAME\n",
        "deeper.py": "NAME = 'deep'\n",
        "late.py": "WHEN = 'late'\n",
        "mnist_keras_mine.py": "",
        "parts/__init__.py": "from . import sizes\n",
        "parts/conv.py": "from .sizes import SIZE\n\n\ndef conv():\n    return SIZE\n",
        "parts/sizes.py": "SIZE = 3\n",
        "loose/leaf.py": "",  # in a folder without __init__.py, and not imported
        "unrelated.py": "import this_too",
        "mnist_keras/__init__.py": "raise RuntimeError",  # the course's, where it lies beside
    }
    for name, source in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def test_the_modules_beside_a_space_that_it_imports_are_found(place):
    space = read_space(f"{place / 'mine.py'}:build")
    assert list(space.helpers) == [
        "blocks.py",
        "deeper.py",
        "late.py",
        "missing_here.py",
        "mnist_keras_mine.py",
        "parts/__init__.py",
        "parts/conv.py",
        "parts/sizes.py",
    ]
    (place / "mine.py").write_text("import loose.leaf\n\ndef build(hp): pass\n")
    assert list(read_space(str(place / "mine.py")).helpers) == ["loose/leaf.py"]
    assert read_space(None).helpers == {}


def test_an_edited_helper_is_told_like_an_edited_space(place):
    folder = SearchFolder(place / "search")
    file = f"{place / 'mine.py'}:build"
    folder.begin(SETTINGS, read_space(file), overwrite=False)
    (place / "deeper.py").write_text("# what it is\nNAME = (\n    'deep'\n)\n")
    folder.begin(SETTINGS, read_space(file), overwrite=False)
    (place / "deeper.py").write_text("NAME = 'deepest'\n")
    (place / "parts" / "sizes.py").write_text("SIZE = 5\n")
    with pytest.raises(CourseError) as error:
        folder.begin(SETTINGS, read_space(file), overwrite=False)
    assert str(error.value) == (
        f"the search in {folder.path} has other settings (the code of deeper.py, which the search "
        "space imports, the code of parts/sizes.py, which the search space imports); go on with "
        "the same, start it again with --overwrite, or choose another folder with --out"
    )
    folder.begin(SETTINGS, read_space(file), overwrite=True)
    assert (folder.path / HELPERS / "deeper.py").read_text() == "NAME = 'deepest'\n"


def test_a_search_folder_has_all_that_its_space_needs(place):
    folder = SearchFolder(place / "search")
    space = read_space(f"{place / 'mine.py'}:build")
    folder.begin(SETTINGS, space, overwrite=False)
    assert folder.space() == space
    for name in space.helpers:
        (place / name).unlink()
    build = load_build(folder.space(), folder.path / SPACE, folder.path / HELPERS)
    assert build(None) == ("deep", 3, "late")
    folder.clear()
    assert not list(folder.path.iterdir())


def test_a_notebook_that_loads_a_space_again_gets_the_edited_helpers(place):
    def loaded():
        return load_build(read_space(f"{place / 'mine.py'}:build"), place / "mine.py")(None)

    assert loaded() == ("deep", 3, "late")
    (place / "deeper.py").write_text("NAME = 'another name'\n")
    (place / "parts" / "sizes.py").write_text("SIZE = 5_000\n")
    assert loaded() == ("another name", 5_000, "late")


def test_a_search_that_an_older_release_began_goes_on(place):
    folder = SearchFolder(place / "search")
    file = f"{place / 'mine.py'}:build"
    folder.begin(SETTINGS, read_space(file), overwrite=False)
    asked = json.loads((folder.path / SEARCH).read_text())
    del asked["helpers"]
    (folder.path / SEARCH).write_text(json.dumps(asked))
    folder.begin(SETTINGS, read_space(file), overwrite=False)


@pytest.mark.parametrize("content", [b"def (", b"x = '\xff'", b"x = 1\0"])
def test_a_helper_that_is_no_python_is_named(place, content):
    (place / "deeper.py").write_bytes(content)
    with pytest.raises(CourseError, match=r"deeper\.py, which is imported, is not valid Python"):
        read_space(f"{place / 'mine.py'}:build")
