"""The cell that installs the package."""

import re
import sys

import pytest
from IPython.core.error import UsageError

from mnist_keras.authoring.cells import set_up_cell
from mnist_keras.authoring.repository import Repository


def run_set_up(monkeypatch, *, found, returncode=0, source=None):
    """Run the set-up cell with pip and the report replaced; return pip's command, if any."""
    commands, reports = [], []

    class Done:
        pass

    def run(command, **options):
        commands.append(command)
        done = Done()
        done.returncode = returncode
        return done

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if found else None)
    monkeypatch.setattr("mnist_keras.notebook.set_up_report", lambda: reports.append(1))
    if source is None:
        monkeypatch.delenv("MNIST_KERAS_SOURCE", raising=False)
    else:
        monkeypatch.setenv("MNIST_KERAS_SOURCE", source)
    exec(compile(set_up_cell(Repository("ada", "digits"))["source"], "cell", "exec"), {})
    assert reports == [1]
    return commands


ARCHIVE = "https://github.com/ada/digits/archive/main.zip"


@pytest.mark.parametrize(
    ("source", "expected"), [(None, ARCHIVE), ("", ARCHIVE), ("/a folder/x.whl", "/a folder/x.whl")]
)
def test_set_up_cell_installs_only_the_package(monkeypatch, source, expected):
    (command,) = run_set_up(monkeypatch, found=False, source=source)
    assert command == [sys.executable, "-m", "pip", "install", "--quiet", expected]


def test_set_up_cell_leaves_an_installed_package_alone(monkeypatch):
    assert run_set_up(monkeypatch, found=True) == []


def test_set_up_cell_says_what_to_do_when_pip_fails(monkeypatch):
    # IPython shows a UsageError as one line, without a traceback.
    with pytest.raises(UsageError) as caught:
        run_set_up(monkeypatch, found=False, returncode=1)
    assert ARCHIVE in str(caught.value)
    assert "run this cell again" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_set_up_cell_is_a_form_that_names_no_other_package():
    cell = set_up_cell(Repository("ada", "digits"))
    assert cell["metadata"] == {"cellView": "form"}
    assert cell["source"].startswith("#@title Set up: run this cell first\n")
    assert not re.search(r"(?i)tensorflow|numpy|(?<!mnist_)keras", cell["source"])
