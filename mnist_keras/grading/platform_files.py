"""``mnist-keras grade --init``: the files that platforms, and a container's image, are made of."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.files import write_all

# What is written, below --out, from the templates of the same names.
WORKFLOWS = ".github/workflows/"
PLATFORMS = {
    "github-classroom": [f"{WORKFLOWS}classroom.yml"],
    "gradescope": [f"gradescope/{name}" for name in ("setup.sh", "run_autograder", "README.md")],
    "container": [f"container/{name}" for name in ("Containerfile", "README.md")],
}
# What notebooks import, and what runs them; their versions go into the container's image.
IN_CONTAINER = (
    *("ipython", "keras", "keras-tuner", "matplotlib", "numpy", "opencv-python-headless"),
    *("pandas", "pillow", "pyseccomp", "scikit-learn", "scipy", "tensorboard", "tensorflow"),
)
PLACEHOLDER = ("OWNER", "REPOSITORY")


def write_platform(platform: str, out: Path, course: Path | None = None) -> list[Path]:
    """Write a platform's files, all or none; what is there already stays."""
    texts = {}
    for name in PLATFORMS[platform]:
        template = files("mnist_keras.grading") / "templates" / name.removeprefix(WORKFLOWS)
        texts[out / name] = _filled(template.read_text(encoding="utf-8"), course)
    for path in texts:
        if path.exists() or path.is_symlink():
            raise CourseError(
                f"{path} is there already and stays as it is; nothing was written: "
                "move it away, or choose another folder with --out"
            )
    write_all(texts.items())
    for path, text in texts.items():
        if text.startswith("#!"):
            path.chmod(0o755)
    return list(texts)


def _filled(text: str, course: Path | None) -> str:
    """Put the course's address, or the versions of packages, where a template asks for them."""
    text = text.replace("@PACKAGES@", " ".join(_pinned()))
    text = text.replace("@PYTHON@", "{}.{}".format(*sys.version_info[:2]))
    if "@REPOSITORY@" not in text:
        return text
    from mnist_keras.authoring import read_repository

    beside = Path(__file__).resolve().parents[2]
    here = beside if (beside / "_config.yml").is_file() else Path()
    repository = read_repository(course or here)
    if (repository.owner, repository.name) == PLACEHOLDER:
        raise CourseError(
            "the course's address is not known yet; set it first: "
            "mnist-keras notebooks --repository OWNER/NAME"
        )
    address, ref = f"{repository.owner}/{repository.name}", repository.branch
    # A JSON text is a YAML text, whatever the branch is called.
    text = text.replace("@REPOSITORY@", json.dumps(address))
    return text.replace("@REF@", json.dumps(ref, ensure_ascii=False))


def _pinned() -> Iterator[str]:
    for name in IN_CONTAINER:
        with suppress(PackageNotFoundError):
            yield f"{name}=={version(name)}"
