"""Lines that go straight to file descriptor 2 are kept off it, and shown if the import fails."""

import os
import platform
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from mnist_keras.process.startup import quiet_start


def test_lines_past_python_are_not_shown(capfd):
    with quiet_start():
        os.write(2, b"cuda says hello\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def failing_import():
    with quiet_start():
        os.write(2, b"why it failed\n")
        raise ImportError


def test_lines_of_a_failed_import_are_shown(capfd):
    with pytest.raises(ImportError):
        failing_import()
    assert capfd.readouterr().err == "why it failed\n"


def test_result_and_later_complaints_of_python_are_shown(capfd):
    with quiet_start():
        print("result")
    print("complaint", file=sys.stderr)
    assert capfd.readouterr() == ("result\n", "complaint\n")


@pytest.mark.parametrize("before", ["os.close(2)", "sys.stderr = None"])
def test_program_without_standard_error_starts_too(before):
    script = (
        f"import os, sys; {before}\n"
        "from mnist_keras.process.startup import quiet_start\n"
        "with quiet_start(): print('in')\n"
        "print('after')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "in\nafter\n")


def test_notebook_is_kept_quiet_too():
    code = (
        "import os, sys\n"
        "from mnist_keras.process.startup import quiet_start\n"
        "with quiet_start():\n"
        "    os.write(2, b'cuda says hello\\n')\n"
        "print('after', file=sys.stderr)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (cell,) = NotebookClient(notebook, timeout=60).execute().cells
    assert [output.text for output in cell.outputs] == ["after\n"]


ALLOCATE = """
import resource, sys
from mnist_keras.process.startup import keep_memory
if "keep" in sys.argv:
    assert keep_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(40):
    b"x" * 64_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back so")
def test_memory_that_is_kept_need_not_be_cleared_anew():
    """Of 40 equally large blocks, one after the other, only the first is new to the kernel."""
    as_shipped = {name: value for name, value in os.environ.items() if "MALLOC_" not in name}

    def faults(*words):
        command = [sys.executable, "-c", ALLOCATE, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=as_shipped)
        return int(done.stdout)

    assert faults("keep") < faults() / 5


def test_keras_starts_without_packages_that_are_there_afterwards():
    code = (
        "import gc, sys\n"
        "from mnist_keras.process.startup import quick_start\n"
        "with quick_start():\n"
        "    assert 'keras' in sys.modules\n"
        "    assert not {'scipy', 'cv2'} & {*sys.modules}\n"
        "    import scipy.sparse\n"
        "assert gc.isenabled()\n"
        "assert not {'sklearn', 'scipy.stats', 'cv2'} & {*sys.modules}\n"
        "import cv2, sklearn\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
