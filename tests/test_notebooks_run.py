"""The generated notebooks run from top to bottom where only the notebook is, as in Colab.

Each runs in an empty folder, by a kernel of an environment that has everything the course
needs but not its package: the set-up cell must install that. The package is removed again
before each notebook. It is installed from a wheel, so that no test needs a network and pip
leaves nothing in the repository.

One exercise stands for the others, which the grader runs as generated (`grading_unit/test_class`).
The lessons and the worked solutions run likewise in `test_colab.py`, with Colab's versions. With
this environment's versions the site executes them, and its tests look at what the checks said.
"""

import importlib.metadata
import shutil
import sys

import pytest
from notebook_environment import (
    ROOT,
    Environment,
    copy_repository,
    run,
    run_alone,
    said_by_checks,
)

from mnist_keras.authoring import EXERCISES, write_notebooks

FIRST, *OTHERS = sorted((ROOT / EXERCISES).glob("*.ipynb"))
EXERCISE_NOTEBOOKS = [FIRST, *(pytest.param(path, marks=pytest.mark.weekly) for path in OTHERS)]

LESSON = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---
# Tiny

```{code-cell} ipython3
from mnist_keras import Numbers, load_data

numbers = Numbers()
(x_train, _), _ = load_data()
```

```{code-cell} ipython3
:tags: [remove-cell]

numbers.keep(millionths=1e6 / x_train[0].size)
```

One pixel is {glue:text}`millionths:,.0f` millionths.
"""

pytestmark = pytest.mark.slow


def state_of_the_repository():
    return run("git", "status", "--porcelain", "--ignored", "--", "build", "*.egg-info", cwd=ROOT)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Build the package from a copy of the repository."""
    copy = tmp_path_factory.mktemp("repository")
    copy_repository(copy)
    before = state_of_the_repository()
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    try:
        recent = int(importlib.metadata.version("setuptools").partition(".")[0]) >= 71
    except importlib.metadata.PackageNotFoundError:
        recent = False
    if recent:  # else pip fetches it
        command.append("--no-build-isolation")
    folder = tmp_path_factory.mktemp("wheel")
    run(*command, "--wheel-dir", folder, copy, cwd=folder)
    assert state_of_the_repository() == before
    (found,) = folder.glob("mnist_keras-*.whl")
    return found


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="session")
def tiny_notebook(tmp_path_factory):
    """Generate the notebook of the smallest lesson."""
    root = tmp_path_factory.mktemp("course")
    (root / "book").mkdir()
    (root / "book/tiny.md").write_text(LESSON)
    (root / "_config.yml").write_text(
        "repository: {url: https://github.com/OWNER/REPOSITORY, branch: main}\n"
    )
    (path,) = write_notebooks(root)
    return root / path


def run_here(path, environment, wheel, tmp_path):
    """Run a notebook alone, after removing the package that an earlier one has installed."""
    environment.without_the_package()
    code = run_alone(path, environment, wheel, tmp_path)
    # The package came by the set-up cell, and pip left TensorFlow, Keras and NumPy alone.
    assert environment.own_packages() == {"mnist_keras"}
    return code


@pytest.mark.parametrize("path", EXERCISE_NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exercise_as_generated_runs_with_every_answer_not_attempted(
    path, environment, wheel, tmp_path
):
    said = said_by_checks(run_here(path, environment, wheel, tmp_path))
    *each, everything = said
    assert everything.splitlines()[-1].startswith("core: 0 of 5; 0 of ")
    assert len(everything.splitlines()) - 1 == len(each)
    for line in everything.splitlines()[:-1] + each:
        assert ": not attempted. " in line


def test_smallest_notebook_runs_alone_and_says_its_numbers(
    tiny_notebook, environment, wheel, tmp_path
):
    code = run_here(tiny_notebook, environment, wheel, tmp_path)
    (said,) = code[-1].outputs
    assert said["data"]["text/markdown"] == "One pixel is 1,276 millionths."


def test_failing_install_says_what_to_do(tiny_notebook, environment, tmp_path):
    environment.without_the_package()
    shutil.copyfile(tiny_notebook, tmp_path / "tiny.ipynb")
    missing = str(tmp_path / "missing.whl")
    ran = environment.execute(tmp_path / "tiny.ipynb", MNIST_KERAS_SOURCE=missing)
    stopped = ran.metadata["stopped_by"]
    assert stopped["ename"] == "UsageError"
    assert "run this cell again" in stopped["evalue"]
    assert missing in stopped["evalue"]
