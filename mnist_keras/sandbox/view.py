"""What a notebook may see of the course's package: no rule, no right letter, no solution, no test.

A copy of the modules that notebooks import, and of those that run them. ``check()`` and ``hint()``
are there, and say that answers are judged after the notebook ran.
"""

import compileall
import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NAME = "mnist_keras"
OWN = ("checks/exercises", "checks/unseen.py", "grading/course")
BESIDE = ("../solutions", "../tests", "../exercises")
SECRETS = tuple(str((PACKAGE / each).resolve()) for each in (*OWN, *BESIDE))  # not to be read
SHOWN = (
    *("MNIST-LICENSE.md", "__init__.py", "mnist.npz"),
    *(f"{name}.py" for name in ("augmentation", "batches", "data", "describe")),
    *(f"{name}.py" for name in ("entry_rules", "errors", "evaluation", "files", "images")),
    *(f"{name}.py" for name in ("networks", "notebook", "photo_kinds", "photos", "recipes")),
    *("results.py", "training.py", "upright.py"),
    *("cluster", "drawings", "figures", "process", "runs", "tuning", "web"),
    "challenge/__init__.py",
    *(f"challenge/{name}.py" for name in ("entry", "rebuild")),
    *(f"checks/{name}.py" for name in ("facts", "plain", "plots", "sources")),
    *("sandbox/__init__.py", "sandbox/calls.py", "sandbox/child.py", "sandbox/kernel.py"),
    *("sandbox/protocol.py", "sandbox/shortcuts.py"),
    *("sandbox/stand_ins.py", "sandbox/stand_ins.txt"),
)
LEFT_OUT = ("__pycache__", "report.py")  # the page of a search is made by the command
INSTEAD = {"checks/__init__.py": "sandbox/unjudged.py"}


def make_view(folder: Path, inside: str) -> None:
    """Write the package as a notebook sees it, at ``inside``, below a folder that all may read."""
    copies = dict(zip(SHOWN, SHOWN, strict=True)) | INSTEAD
    for name, source in copies.items():
        target, found = folder / NAME / name, PACKAGE / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            shutil.copytree(found, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy2(found, target)
    compileall.compile_dir(folder, ddir=inside, quiet=2)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
