"""Pages are executed beside each other, once, and a failure is told with its page and cell."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import prepared_kernels
import pytest
from command_line import environment
from page_execution import Progress, Slot, recorded_seconds, slots_for


@pytest.mark.parametrize(
    ("cores", "shares"),
    [
        ({0}, [{0}]),
        ({0, 1}, [{0}, {1}]),
        ({4, 5, 6, 7}, [{4, 5}, {6, 7}]),
        ({0, 1, 2}, [{0}, {1}]),
    ],
)
def test_each_page_has_cores_to_itself(cores: set[int], shares: list[set[int]]) -> None:
    assert [slot.cores for slot in slots_for(cores) if not slot.spare] == shares


def test_a_third_page_takes_what_two_leave() -> None:
    assert slots_for({0}) == [Slot(frozenset({0}))]
    one, other, *spare = slots_for({0, 1})
    assert (one.cores, other.cores) == ({0}, {1})
    if hasattr(os, "sched_setaffinity"):
        assert spare == [Slot(frozenset({0, 1}), spare=True)]


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def test_a_line_a_page_says_what_is_done_and_left() -> None:
    stream = io.StringIO()
    progress = Progress(["a", "b", "c"], {}, stream)
    progress.done("b", 20.4)
    progress.done("a", 0.0, "FAILED")
    progress.done("c", 3.0)
    first, second, third = stream.getvalue().splitlines()
    assert first.startswith("[ 1/3] b: 20 s; about ")
    assert first.endswith(" left")
    assert second.startswith("[ 2/3] a: FAILED; about ")
    assert third == "[ 3/3] c: 3 s"


def test_a_terminal_gets_one_line_that_fills() -> None:
    stream = Terminal()
    progress = Progress(["a", "b"], {"a": 1.0, "b": 9.0}, stream)
    progress.done("a", 1.0)
    progress.done("b", 9.0)
    first, second = stream.getvalue().split("\r\x1b[K")[1:]
    assert first.startswith("█" * 10 + "░" * 10 + " [ 1/2] a: 1 s; about ")
    assert second == "█" * 20 + " [ 2/2] b: 9 s\n"


def test_the_seconds_of_the_last_build_are_read(tmp_path: Path) -> None:
    file = tmp_path / "seconds.json"
    assert recorded_seconds(file) == {}
    file.write_text('{"index": 1.5}')
    assert recorded_seconds(file) == {"index": 1.5}
    file.write_text("[1, 2")
    assert recorded_seconds(file) == {}


EXTENSIONS = Path(__file__).resolve().parents[2] / "book/_ext"
CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_nb", "page_execution"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
imported_beforehand = ("ipykernel.kernelapp",)
"""
PAGE = """\
---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
---
# A page

```{{code-cell}} ipython3
import os
os.write(2, b"a line of the kernel's own")
{code}
```
"""

DIES_ONCE = """\
import pathlib
mark = pathlib.Path({!r})
if not mark.exists():
    mark.touch()
    os._exit(11)
print(9 * 9)
"""


def build(source: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", source, source / "out/html"]
    own_cache = environment(MNIST_KERAS_CACHE=str(source / ".cache"))  # .ci/run keeps its own
    return subprocess.run(command, capture_output=True, text=True, env=own_cache)


@pytest.mark.slow
def test_pages_are_executed_once_and_a_failure_names_page_and_cell(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONFIGURATION)
    pages = {"index": "print(6 * 7)", "other": "print('the other')", "third": "1 / 0"}
    for name, code in pages.items():
        (source / f"{name}.md").write_text(PAGE.format(code=code))
    failed = build(source)
    assert failed.returncode == 2
    assert "1 of 3 pages failed" in failed.stderr
    assert "third:" in failed.stderr
    assert "ZeroDivisionError" in failed.stderr
    assert "Traceback (most recent call last)" not in failed.stderr.split("pages failed")[0]

    (source / "third.md").write_text(PAGE.format(code="print(8 * 9)"))
    done = build(source)
    assert "Executing 1 page," in done.stderr, "what was executed before is kept"
    assert "a line of the kernel's own" not in done.stderr
    assert "42" in (source / "out/html/index.html").read_text()
    assert "72" in (source / "out/html/third.html").read_text()
    again = build(source)
    assert "Executing" not in again.stderr

    (source / "third.md").write_text(PAGE.format(code=DIES_ONCE.format(str(tmp_path / "mark"))))
    if prepared_kernels.ARE_POSSIBLE:
        assert build(source).returncode == 0, "a forked kernel died, and a new one had to do"
        assert "81" in (source / "out/html/third.html").read_text()
