"""``mnist-keras grade``: a grading session of pytest, shut off from what lies around."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from mnist_keras.errors import CourseError
from mnist_keras.streams import output_status, settle_streams

TESTS = "tests/grading"
PATHS = ("submission", "out", "override", "roster")


def find_tests(named: str | None) -> Path:
    """Find the grading tests: those named, those beside the package, or those here.

    Raises
    ------
    CourseError
        If there are none.
    """
    beside = Path(__file__).resolve().parents[2] / TESTS
    places = [Path(named)] if named else [beside, Path(TESTS)]
    for place in places:
        if place.is_dir() and any(place.glob("test_*.py")):
            return place.resolve()
    raise CourseError(
        f"there are no grading tests in {places[-1]}: run this in a clone of the course's "
        "repository, or name its folder tests/grading with --tests"
    )


def grade(option: argparse.Namespace) -> NoReturn:
    """Grade as the options say, in the place of this process.

    The session reads no configuration, plugin or module but the course's, wherever it is started
    and whatever the environment says.

    Parameters
    ----------
    option
        Parsed options; see `mnist_keras.grading.options`.

    Raises
    ------
    CourseError
        If there are no grading tests.
    """
    tests = find_tests(option.tests)
    command = [sys.executable, "-P", "-s", "-m", __name__, str(tests), "-c", os.devnull]
    command += ["--rootdir", str(tests.parents[1]), "--noconftest", "--capture=no"]
    for plugin in ("mnist_keras.grading.plugin", "no:terminal", "no:cacheprovider"):
        command += ["-p", plugin]
    command += _arguments(option)
    hidden = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # Names of learners' files are UTF-8, whatever the terminal is.
    environment |= {"PYTHONUTF8": "1", "PYTHONIOENCODING": sys.stdout.encoding}
    sys.stdout.flush()
    os.chdir("/")
    # In this process's place, so that what ends this command ends the session.
    os.execve(sys.executable, command, environment)


def mapping(option: argparse.Namespace) -> str:
    """Show who handed in what, without running anything.

    Parameters
    ----------
    option
        Parsed options: ``submission``, ``due``, ``roster`` and ``json``.

    Raises
    ------
    CourseError
        If nothing was handed in, or the roster cannot be read.
    """
    from mnist_keras.grading.options import due_of
    from mnist_keras.grading.reports.mapping import mapping_json, mapping_table
    from mnist_keras.grading.roster import read_roster
    from mnist_keras.grading.submissions import find_submissions

    roster = read_roster(Path(option.roster)) if option.roster else None
    found = find_submissions(Path(option.submission), due=due_of(option), roster=roster)
    return mapping_json(found) if option.json else mapping_table(found)


def _arguments(option: argparse.Namespace) -> list[str]:
    """Give the options to pytest as they were given here, paths made absolute."""
    values: dict[str, Any] = {k: v for k, v in vars(option).items() if k in option.grading}
    found = []
    for name, value in values.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            found.append(flag)
        elif value not in (None, False):
            text = str(Path(value).absolute()) if name in PATHS else str(value)
            found.append(f"{flag}={text}")
    return found


def session(arguments: list[str]) -> int:
    """Run pytest with these arguments and give the command's exit status."""
    import pytest

    settle_streams()
    status = int(pytest.main(arguments))
    return output_status(status)


if __name__ == "__main__":
    sys.exit(session(sys.argv[1:]))
