"""Virtual environments in which a notebook runs as in Colab, where only the notebook is.

An environment has everything that the course needs but not its package, which the set-up cell
must install. It sees the packages of another environment through links: it is made in a
moment, and pip can change nothing in the other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]

# Run by the environment's own Python, so that its nbclient executes the notebook.
EXECUTE = """
import json, sys
from pathlib import Path
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

path, kernels = Path(sys.argv[1]), Path(sys.argv[2])
(kernels / "python3").mkdir(parents=True, exist_ok=True)
command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
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
try:
    client.execute()
except CellExecutionError as error:
    notebook.metadata["stopped_by"] = {"ename": error.ename, "evalue": error.evalue}
nbformat.write(notebook, path)
"""


def run(*command: object, **options: object) -> str:
    """Run a command and give what it says; fail with that where the command fails."""
    done = subprocess.run(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def files_of_the_repository() -> list[str]:
    """List what an archive of the working tree would hold, new files included."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return [name for name in set(listed.split("\0")) if name and (ROOT / name).is_file()]


def copy_repository(folder: Path) -> None:
    """Copy the working tree into a folder."""
    for name in files_of_the_repository():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)


class Environment:
    """A virtual environment that sees the packages of another, except the course's.

    Parameters
    ----------
    folder
        Where it lies.
    python
        The Python of the environment whose packages it sees; the running one, unless given.
    variables
        Further environment variables of what runs there.
    """

    def __init__(self, folder: Path, python: str | Path = sys.executable, **variables: str) -> None:
        self.folder = folder
        self.further = variables
        run(python, "-m", "venv", "--without-pip", folder / "venv")
        self.python = folder / "venv/bin/python"
        path = "import sysconfig; print(sysconfig.get_path('{}'))"
        self.packages = Path(self.ask(path.format("purelib")))
        # Links, because a folder of its own leaves out the course's package, whichever way it
        # is installed here; and pip never removes what lies outside its environment.
        shared = folder / "shared"
        shared.mkdir()
        for name in ("purelib", "platlib"):
            for entry in Path(run(python, "-c", path.format(name)).strip()).iterdir():
                ours = "mnist_keras" in entry.name or entry.suffix == ".pth"
                if not ours and not (shared / entry.name).exists():
                    (shared / entry.name).symlink_to(entry)
        (self.packages / "shared.pth").write_text(f"{shared}\n")

    @property
    def variables(self) -> dict[str, str]:
        """The environment's variables: nothing of this one's Python, and no index for pip."""
        hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        return {
            **kept,
            "IPYTHONDIR": str(self.folder / "ipython"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",
            "PYTHONNOUSERSITE": "1",
            **self.further,
        }

    def ask(self, code: str) -> str:
        """Return what some Python prints there."""
        return run(self.python, "-c", code, cwd=self.folder, env=self.variables).strip()

    def has_the_package(self) -> bool:
        """Whether the course's package can be imported there."""
        code = "import importlib.util as u; print(u.find_spec('mnist_keras') is not None)"
        return self.ask(code) == "True"

    def without_the_package(self) -> None:
        """Remove the package, as at the start of a session in Colab."""
        if self.has_the_package():
            run(
                *(self.python, "-m", "pip", "uninstall", "--quiet", "--yes", "mnist-keras"),
                env=self.variables,
            )
        assert not self.has_the_package()

    def own_packages(self) -> set[str]:
        """Return what lies in the environment itself, not in the shared folder."""
        return {path.name.partition("-")[0].lower() for path in self.packages.glob("*.dist-info")}

    def freeze(self) -> dict[str, str]:
        """Give the lines of ``pip freeze``, by the name of the package."""
        said = run(self.python, "-m", "pip", "freeze", "--all", env=self.variables)
        lines = [line for line in said.splitlines() if "==" in line or " @ " in line]
        return {line.partition("==")[0].partition(" @ ")[0]: line for line in lines}

    def execute(self, path: Path, **variables: str) -> nbformat.NotebookNode:
        """Run a notebook in its folder by a kernel of the environment, and give it as it is then.

        Where a cell fails, its metadata say under ``stopped_by`` by which error.
        """
        script = (self.python, "-c", EXECUTE, path, self.folder / "kernels")
        run(*script, cwd=path.parent, env={**self.variables, **variables})
        return nbformat.read(path, as_version=4)


def run_alone(
    notebook: Path, environment: Environment, source: Path, folder: Path, **variables: str
) -> list[nbformat.NotebookNode]:
    """Run a notebook with nothing but itself and the set-up cell's source of the package.

    Returns
    -------
    list
        Its code cells, after it ran without an error.
    """
    shutil.copyfile(notebook, folder / notebook.name)
    ran = environment.execute(
        folder / notebook.name,
        **{"MNIST_KERAS_SOURCE": str(source), "MNIST_KERAS_QUICK": "1", **variables},
    )
    assert "stopped_by" not in ran.metadata, ran.metadata["stopped_by"]
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    set_up = next(cell for cell in code if cell.source.startswith("#@title Set up"))
    printed = "".join(output.get("text", "") for output in set_up.outputs)
    assert printed.endswith("Ready.\n")
    return code


def said_by_checks(code: list[nbformat.NotebookNode]) -> list[str]:
    """Return what each call of `check()` showed, as a terminal would."""
    return [
        "\n".join(output["data"]["text/plain"] for output in cell.outputs if "data" in output)
        for cell in code
        if cell.source.startswith("check(")
    ]
