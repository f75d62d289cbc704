"""What a search may be asked, and what a space is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import numpy as np
import pytest

from mnist_keras.errors import CourseError
from mnist_keras.tuning.settings import Budget, duration_of, search_budget, search_settings
from mnist_keras.tuning.space_sources import as_space, load_build, read_space


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("0.5h", 1800), (12.5, 12.5)],
)
def test_durations_are_read(text, seconds):
    assert duration_of(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "10 min", "ten", "-5", "1d", "10m5"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(CourseError, match="10m"):
        duration_of(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tuner": "luck"}, "random, grid"),
        ({"epochs": 0}, "epochs"),
        ({"validation_split": 0.0}, "validation split"),
        ({"max_parameters": -1}, "parameters"),
        ({"tuner": "hyperband", "executions": 2}, "--executions"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, said):
    with pytest.raises(CourseError, match=said):
        search_settings(**wrong)


def test_numbers_of_numpy_are_numbers():
    settings = search_settings(seed=np.arange(4)[3], validation_split=np.float64(0.25))
    assert json.loads(json.dumps(asdict(settings)))["seed"] == 3
    assert search_budget(np.int64(7), None, quick=False) == Budget(7, None)


def test_a_budget_is_a_number_of_trials_unless_time_is_given():
    assert search_budget(None, None, quick=False) == Budget(20, None)
    assert search_budget(None, "1m", quick=False) == Budget(None, 60)
    assert search_budget(7, "1m", quick=False) == Budget(7, 60)
    with pytest.raises(CourseError):
        search_budget(None, "0", quick=False)


def test_a_space_is_the_same_whatever_its_layout_and_comments():
    one = as_space("a.py", "build", "def build(hp):\n    return hp.Int('n', 1, 2)  # so\n")
    same = as_space("b.py", "build", "# a comment\ndef build(hp): return hp.Int('n',1,2)\n")
    other = as_space("a.py", "build", "def build(hp):\n    return hp.Int('n', 1, 3)\n")
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (None, "missing.py:build", "cannot be read"),
        ("def build(hp: pass", "space.py:build", "not valid Python"),
        ("def make(hp): pass", "space.py:build", "defines no function build"),
        ("def make(hp): pass", "space.py", "defines no function build"),
        ("1 / 0\ndef build(hp): pass", "space.py", "ZeroDivisionError"),
    ],
)
def test_a_file_that_is_no_space_is_refused_in_a_line(tmp_path, content, where, said):
    if content:
        (tmp_path / "space.py").write_text(content)

    def read_and_run():
        load_build(read_space(str(tmp_path / where)), tmp_path / "space.py")

    with pytest.raises(CourseError, match=said):
        read_and_run()


@pytest.mark.parametrize(
    "source",
    [
        "from helper import build\n",
        "from helper import make as build\n",
        "from helper import make\n\nbuild: object = make\n",
        "try:\n    import nothing_here\nexcept ImportError:\n    def build(hp): return 1\n",
        "\ufeffdef build(hp):\n    return 1\n",
    ],
)
def test_a_space_comes_by_its_function_as_python_lets_it(tmp_path, monkeypatch, source):
    monkeypatch.setattr(sys, "path", list(sys.path))
    helper = "\ufeffdef make(hp):\n    return 1\n\n\nbuild = make\n"
    (tmp_path / "helper.py").write_text(helper, encoding="utf-8")
    file = tmp_path / "space.py"
    file.write_text(source, encoding="utf-8")
    assert load_build(read_space(str(file)), file)(None) == 1
    sys.modules.pop("helper", None)


def test_a_space_may_be_named_with_or_without_its_function(tmp_path):
    file = tmp_path / "space.py"
    file.write_text("def build(hp):\n    return 1\n\nmake = build\n")
    for where, function in ((f"{file}", "build"), (f"{file}:make", "make")):
        space = read_space(where)
        assert space.function == function
        assert load_build(space, file)(None) == 1
