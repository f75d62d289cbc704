"""The generated notebooks run from top to bottom where only the notebook is, as in Colab.

Each runs in an empty folder, by a kernel of an environment that has everything the course
needs but not its package: the set-up cell must install that. The package is removed again
before each notebook. It is installed from a wheel, so that no test needs a network and pip
leaves nothing in the repository.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from mnist_keras.authoring import EXERCISES, NOTEBOOKS, worked_solution, write_notebooks

ROOT = Path(__file__).resolve().parents[1]
GENERATED = sorted((ROOT / NOTEBOOKS).glob("*.ipynb"))
EXERCISE_NOTEBOOKS = sorted((ROOT / EXERCISES).glob("*.ipynb"))

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


def run(*command, **options):
    done = subprocess.run(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def files_of_the_repository():
    """Return what an archive of the working tree would hold, new files included."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return [name for name in set(listed.split("\0")) if name and (ROOT / name).is_file()]


def state_of_the_repository():
    return run("git", "status", "--porcelain", "--ignored", "--", "build", "*.egg-info", cwd=ROOT)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Build the package from a copy of the repository."""
    copy = tmp_path_factory.mktemp("repository")
    for name in files_of_the_repository():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
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


class Environment:
    """A virtual environment that sees the packages of this one, except the course's."""

    def __init__(self, folder):
        self.folder = folder
        run(sys.executable, "-m", "venv", folder / "venv")
        self.python = folder / "venv/bin/python"
        self.packages = Path(self.ask("import sysconfig; print(sysconfig.get_path('purelib'))"))
        # Links, because a folder of its own leaves out the course's package, whichever way it
        # is installed here; and pip never removes what lies outside its environment.
        shared = folder / "shared"
        shared.mkdir()
        for name in ("purelib", "platlib"):
            for entry in Path(sysconfig.get_path(name)).iterdir():
                ours = "mnist_keras" in entry.name or entry.suffix == ".pth"
                if not ours and not (shared / entry.name).exists():
                    (shared / entry.name).symlink_to(entry)
        (self.packages / "shared.pth").write_text(f"{shared}\n")

    @property
    def variables(self):
        """The environment's variables: nothing of this one's Python, and no index for pip."""
        hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        return {
            **kept,
            "IPYTHONDIR": str(self.folder / "ipython"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",
            "PYTHONNOUSERSITE": "1",
        }

    def ask(self, code):
        """Return what some Python prints there."""
        return run(self.python, "-c", code, cwd=self.folder, env=self.variables).strip()

    def has_the_package(self):
        """Whether the course's package can be imported there."""
        code = "import importlib.util as u; print(u.find_spec('mnist_keras') is not None)"
        return self.ask(code) == "True"

    def without_the_package(self):
        """Remove the package, as at the start of a session in Colab."""
        if self.has_the_package():
            run(
                *(self.python, "-m", "pip", "uninstall", "--quiet", "--yes", "mnist-keras"),
                env=self.variables,
            )
        assert not self.has_the_package()

    def own_packages(self):
        """Return what lies in the environment itself, not in the shared folder."""
        names = (path.name.partition("-")[0] for path in self.packages.glob("*.dist-info"))
        return {name.lower() for name in names} - {"pip", "setuptools", "wheel"}

    def execute(self, path, **variables):
        """Run a notebook in its folder by a kernel of the environment."""
        kernels = self.folder / "kernels"
        (kernels / "python3").mkdir(parents=True, exist_ok=True)
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Python 3", "language": "python"}
        (kernels / "python3/kernel.json").write_text(json.dumps(spec))
        specs = KernelSpecManager(kernel_dirs=[str(kernels)], ensure_native_kernel=False)
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=600,
            km=KernelManager(kernel_name="python3", kernel_spec_manager=specs),
            resources={"metadata": {"path": str(path.parent)}},
        )
        client.execute(env={**self.variables, **variables})
        return notebook


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


def run_alone(path, environment, wheel, tmp_path):
    """Run a notebook with nothing but itself and the set-up cell's source of the package."""
    environment.without_the_package()
    shutil.copyfile(path, tmp_path / path.name)
    notebook = environment.execute(
        tmp_path / path.name, MNIST_KERAS_SOURCE=str(wheel), MNIST_KERAS_QUICK="1"
    )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    errors = [
        output.evalue for cell in code for output in cell.outputs if output.output_type == "error"
    ]
    assert errors == []
    printed = "".join(output.get("text", "") for output in code[0].outputs)
    assert printed.endswith("Ready.\n")
    # The package came by the set-up cell, and pip left TensorFlow, Keras and NumPy alone.
    assert environment.own_packages() == {"mnist_keras"}
    return code


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.stem)
def test_notebook_runs_alone(path, environment, wheel, tmp_path):
    run_alone(path, environment, wheel, tmp_path)


def said_by_checks(code):
    """Return what each call of `check()` showed, as a terminal would."""
    return [
        "\n".join(output["data"]["text/plain"] for output in cell.outputs if "data" in output)
        for cell in code
        if cell.source.startswith("check(")
    ]


@pytest.mark.parametrize("path", EXERCISE_NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exercise_as_generated_runs_with_every_answer_not_attempted(
    path, environment, wheel, tmp_path
):
    said = said_by_checks(run_alone(path, environment, wheel, tmp_path))
    *each, everything = said
    assert everything.splitlines()[-1].startswith("0 of ")
    assert len(everything.splitlines()) - 1 == len(each)
    for line in everything.splitlines()[:-1] + each:
        assert ": not attempted. " in line


@pytest.mark.parametrize("path", EXERCISE_NOTEBOOKS, ids=lambda path: path.stem)
def test_a_worked_solution_runs_with_every_answer_correct(path, environment, wheel, tmp_path):
    solution = tmp_path / "source" / path.name
    solution.parent.mkdir()
    solution.write_text(worked_solution(ROOT, f"solutions/{path.stem}.md"), encoding="utf-8")
    said = said_by_checks(run_alone(solution, environment, wheel, tmp_path))
    *each, everything = said
    for line in everything.splitlines()[:-1] + each:
        assert ": correct. " in line
    earned, points = everything.splitlines()[-1].split()[0:3:2]
    assert earned == points


def test_smallest_notebook_runs_alone_and_says_its_numbers(
    tiny_notebook, environment, wheel, tmp_path
):
    code = run_alone(tiny_notebook, environment, wheel, tmp_path)
    (said,) = code[-1].outputs
    assert said["data"]["text/markdown"] == "One pixel is 1,276 millionths."


def test_failing_install_says_what_to_do(tiny_notebook, environment, tmp_path):
    environment.without_the_package()
    shutil.copyfile(tiny_notebook, tmp_path / "tiny.ipynb")
    missing = str(tmp_path / "missing.whl")
    with pytest.raises(Exception, match="run this cell again") as caught:
        environment.execute(tmp_path / "tiny.ipynb", MNIST_KERAS_SOURCE=missing)
    assert caught.value.ename == "UsageError"
    assert missing in caught.value.evalue
