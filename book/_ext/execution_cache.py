"""Keep the outputs of executed pages for as long as the code behind them is the same."""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from mnist_keras.data import quick_mode

CACHES_KEPT = 3
RECORD = "machine.json"  # says what machine a cache was made on


def sources(root: Path) -> list[Path]:
    """List the files that a page's outputs depend on, besides the page itself.

    These are the package's modules, its data, what was measured before and the requirements.
    """
    package = root / "mnist_keras"
    measured = (package / "measurements").glob("*.json")
    listed = [*package.rglob("*.py"), *measured, package / "mnist.npz", root / "requirements.txt"]
    return sorted(path for path in listed if path.is_file())


def cache_key(root: Path, files: Iterable[Path], environ: Mapping[str, str]) -> str:
    """Name the state of everything that decides what the pages' cells print.

    Files count by name, relative to the root, and content; of the environment, MNIST_KERAS_QUICK.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    digest.update(f"\0quick={environ.get('MNIST_KERAS_QUICK', '')}\0".encode())
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()[:16]


def drop_old_caches(folder: Path, keep: int) -> None:
    """Delete all but the caches that were used last."""
    caches = sorted(filter(Path.is_dir, folder.iterdir()), key=lambda path: path.stat().st_mtime)
    for path in caches[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


def own_cores() -> set[int]:
    """Return the numbers of the processor cores that this process may use."""
    try:
        return os.sched_getaffinity(0)
    except AttributeError:  # not on macOS and Windows
        return set(range(os.cpu_count() or 1))


def cores_of(cache: Path) -> int:
    """Read how many processor cores each page had that was executed into a cache.

    It is this machine's number where the cache does not say.
    """
    try:
        return int(json.loads((cache / RECORD).read_text())["processor_cores"])
    except (OSError, ValueError, KeyError):
        return len(own_cores())


def record_cores(cache: Path, cores: int) -> None:
    """Write how many processor cores each page has that is executed into a cache."""
    (cache / RECORD).write_text(json.dumps({"processor_cores": cores}) + "\n")


def choose_cache(app: Sphinx, config: Config) -> None:
    """Send the execution to the cache of the present sources, and set the kernels' world."""
    root = Path(app.srcdir)
    # Elsewhere where it should outlive the clone, as between two runs of the checks.
    caches = Path(os.environ.get("MNIST_KERAS_CACHE") or root / ".cache") / "jupyter"
    cache = caches / cache_key(root, sources(root), os.environ)
    cache.mkdir(parents=True, exist_ok=True)
    os.utime(cache)
    drop_old_caches(caches, CACHES_KEPT)
    config.nb_execution_cache_path = str(cache)

    # The kernels inherit these; a page imports the package from this checkout.
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = [str(root), *(entry for entry in others if entry and entry != str(root))]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # A false sentence fails the build; a preview on little data may well make some false.
    os.environ["MNIST_KERAS_CLAIMS"] = "" if quick_mode() else "hold"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    # As `mnist_keras.process.startup.keep_memory` does, for cells that train without the package.
    os.environ |= {"MALLOC_MMAP_THRESHOLD_": str(2**32), "MALLOC_TRIM_THRESHOLD_": str(2**33)}
    os.environ["MALLOC_TOP_PAD_"] = str(2**28)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
