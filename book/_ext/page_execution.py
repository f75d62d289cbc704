"""Execute the pages that are not in the cache yet, two at a time, before Sphinx reads any.

MyST-NB executes a page when Sphinx reads it, one after the other. Here they are executed beforehand
into the same cache, where MyST-NB then finds them. Each page has a share of the processor cores to
itself, so that the seconds which it measures do not depend on its neighbour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from execution_cache import processor_cores, record_cores
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

AT_A_TIME = 2
LAST_LINES = 3  # of a kernel's messages, shown where a page fails


@dataclass(frozen=True)
class Page:
    """A page that has to be executed.

    Attributes
    ----------
    name
        As the table of contents has it.
    path
        Its file.
    notebook
        Its cells, without outputs.
    timeout
        Seconds that one of its cells may take.
    """

    name: str
    path: Path
    notebook: NotebookNode
    timeout: int


def share_cores(cores: Iterable[int], at_a_time: int) -> list[set[int]]:
    """Divide processor cores among pages that are executed beside each other.

    Parameters
    ----------
    cores : Iterable of int
        The cores' numbers.
    at_a_time : int
        How many pages are executed at a time.

    Returns
    -------
    list of set of int
        As many shares, of equal size; on a single core, one share.
    """
    listed = sorted(cores)
    count = min(at_a_time, len(listed))
    size = len(listed) // count
    return [set(listed[k * size : (k + 1) * size]) for k in range(count)]


def own_cores() -> set[int]:
    """Return the numbers of the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(processor_cores()))


def pages_to_execute(
    env: BuildEnvironment, names: Iterable[str], cached: Any
) -> Iterator[tuple[Page, Any]]:
    """List the pages that are notebooks and whose outputs the cache lacks.

    Yields
    ------
    page : Page
        What to execute.
    read : Any
        How jupyter-cache reads the page's file.
    """
    for name in names:
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        config: NbParserConfig = env.mystnb_config  # type: ignore[attr-defined]
        reader = create_nb_reader(str(path), env.myst_config, config, text)  # type: ignore[attr-defined]
        if reader is None:
            continue
        notebook = reader.read(text)
        config = config.copy(**notebook.metadata.get(config.metadata_key, {}))
        try:
            cached.match_cache_notebook(notebook)
        except KeyError:
            if config.execution_mode == "cache":
                yield Page(name, path, notebook, config.execution_timeout), reader.read_fmt


def execute(page: Page, cores: set[int], messages: TextIO) -> float:
    """Execute a page's notebook in place, in an empty folder.

    Parameters
    ----------
    page : Page
        What to execute.
    cores : set of int
        The processor cores that it may use, where the system can bind it to some.
    messages : TextIO
        Where the kernel's own messages go, TensorFlow's among them.

    Returns
    -------
    float
        The seconds that it took.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)  # of this thread; the kernel inherits it
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        client = NotebookClient(
            page.notebook,
            timeout=page.timeout,
            resources={"metadata": {"path": folder}},
            record_timing=False,  # it would make the notebook another one to the cache
        )
        client.execute(stdout=subprocess.DEVNULL, stderr=messages)
    return time.monotonic() - begun


class Progress:
    """Says which pages are done, how many are left and about how long that takes.

    Parameters
    ----------
    names : Sequence of str
        The pages.
    expected : dict of str to float
        The seconds that pages took when they were executed last; some or all may be missing.
    stream : TextIO
        A terminal gets one line that changes, anything else a line a page.
    """

    def __init__(self, names: Sequence[str], expected: dict[str, float], stream: TextIO) -> None:
        self._left, self._count = set(names), len(names)
        self._expected, self._stream = dict(expected), stream
        self._begun, self._took = time.monotonic(), 0.0

    def done(self, name: str, seconds: float, outcome: str = "") -> None:
        """Say that a page is done, in how many seconds, and what is left."""
        self._left.discard(name)
        self._took += seconds
        count = self._count - len(self._left)
        head = f"[{count:>2}/{self._count}] {name}: {outcome or f'{seconds:.0f} s'}"
        tail = f"; {self._time_left()} left" if self._left else ""
        if self._stream.isatty():
            filled = round(20 * count / self._count)
            bar = "█" * filled + "░" * (20 - filled)
            end = "" if self._left and not outcome else "\n"
            self._stream.write(f"\r\x1b[K{bar} {head}{tail}{end}")
        else:
            self._stream.write(f"{head}{tail}\n")
        self._stream.flush()

    def _time_left(self) -> str:
        average = self._took / (self._count - len(self._left))
        work = sum(self._expected.get(name, average) for name in self._left)
        pace = (time.monotonic() - self._begun) / max(self._took, 1e-9)
        seconds = work * pace
        return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


def recorded_seconds(file: Path) -> dict[str, float]:
    """Read how long pages took when they were executed last; nothing where that is not known."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def record_seconds(file: Path, seconds: dict[str, float]) -> None:
    """Write how long pages took."""
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")
    os.replace(beside, file)


def reason_of(error: BaseException, messages: Path) -> str:
    """Say why a page failed: the cell and its error, or what its kernel said last."""
    if isinstance(error, CellExecutionError):
        return str(error).strip()
    said = messages.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    told = "".join(traceback.format_exception_only(error)).strip()
    return "\n".join([told, *said[-LAST_LINES:]])


def execute_pages(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Execute what the cache lacks of the pages that Sphinx is about to read.

    Raises
    ------
    ExtensionError
        If pages fail, with the cell and the error of each; the outputs of the others are kept.
    """
    place = Path(app.config.nb_execution_cache_path)
    cache = get_cache(str(place))
    pages = {page.name: (page, read) for page, read in pages_to_execute(env, names, cache)}
    if not pages:
        return
    history = place.parent / "seconds.json"
    expected = recorded_seconds(history)
    # The longest first, so that none is left to run alone at the end.
    order = sorted(pages, key=lambda name: -expected.get(name, 0.0))
    shares = share_cores(own_cores(), AT_A_TIME)
    record_cores(place, len(shares[0]))
    free: SimpleQueue[set[int]] = SimpleQueue()
    for share in shares:
        free.put(share)
    logs = Path(app.outdir).parent / "kernels"
    progress = Progress(order, expected, sys.stderr)
    failed: dict[str, str] = {}

    def run(name: str) -> float:
        cores = free.get()
        log = logs / f"{name.replace('/', '-')}.log"
        try:
            with log.open("w", encoding="utf-8") as messages:
                return execute(pages[name][0], cores, messages if app.quiet else sys.stderr)
        finally:
            free.put(cores)

    logs.mkdir(parents=True, exist_ok=True)
    several = "one at a time" if len(shares) == 1 else f"{len(shares)} at a time"
    noun = "page" if len(pages) == 1 else "pages"
    print(f"Executing {len(pages)} {noun}, {several}.", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(len(shares)) as pool:
        started: dict[Future[float], str] = {pool.submit(run, name): name for name in order}
        for future in as_completed(started):
            name = started[future]
            page, read = pages[name]
            try:
                seconds = future.result()
            except Exception as error:
                failed[name] = reason_of(error, logs / f"{name.replace('/', '-')}.log")
                progress.done(name, 0.0, "FAILED")
                continue
            project = cache.add_nb_to_project(str(page.path), read_data=read)
            cache.cache_notebook_bundle(
                CacheBundleIn(page.notebook, project.uri, data={"execution_seconds": seconds}),
                check_validity=False,
                overwrite=True,
            )
            expected[name] = seconds
            record_seconds(history, expected)
            progress.done(name, seconds)
    if failed:
        told = "\n\n".join(f"{name}:\n{reason}" for name, reason in failed.items())
        raise ExtensionError(f"{len(failed)} of {len(pages)} pages failed:\n\n{told}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.setup_extension("execution_cache")
    app.connect("env-before-read-docs", execute_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
