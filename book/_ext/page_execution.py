"""Execute the pages that are not in the cache yet, two at a time, before Sphinx reads any.

MyST-NB executes a page when Sphinx reads it, one after the other. Here they are executed beforehand
into the same cache, where MyST-NB then finds them. Each page has a share of the processor cores to
itself, so that the seconds which it measures do not depend on its neighbour. While it waits, as for
its kernel's start or TensorFlow's input, a third page uses what it leaves, at the lowest priority.
"""

import copy
import json
import os
import re
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import prepared_kernels
from execution_cache import own_cores, record_cores
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from mnist_keras.files import write_text

AT_A_TIME = 2
CLOCK = re.compile(r"perf_counter|monotonic|seconds")  # in the code of a page that measures time
LOWEST_PRIORITY = 19
LAST_LINES = 3  # of a kernel's messages, shown where a page fails


@dataclass(frozen=True)
class Page:
    """A page that has to be executed."""

    name: str  # as the table of contents has it
    path: Path  # its file
    notebook: NotebookNode  # its cells, without outputs
    timeout: int  # seconds that one of its cells may take
    read: Any  # how jupyter-cache reads its file

    @property
    def measures_time(self) -> bool:
        """Whether its code seems to read a clock."""
        code = (cell.source for cell in self.notebook.cells if cell.cell_type == "code")
        return any(map(CLOCK.search, code))


@dataclass(frozen=True)
class Slot:
    """A place for one page at a time; a spare one takes only what the others leave."""

    cores: frozenset[int]  # the numbers of its processor cores
    spare: bool = False


def slots_for(cores: Iterable[int]) -> list[Slot]:
    """Divide processor cores into slots of equal size, and a spare one; on a single core, one."""
    listed = sorted(cores)
    count = min(AT_A_TIME, len(listed))
    size = len(listed) // count
    slots = [Slot(frozenset(listed[k * size : (k + 1) * size])) for k in range(count)]
    if count > 1 and hasattr(os, "sched_setaffinity"):
        slots.append(Slot(frozenset(listed[: count * size]), spare=True))
    return slots


def pages_to_execute(env: BuildEnvironment, names: Iterable[str], cached: Any) -> Iterator[Page]:
    """List the pages that are notebooks and whose outputs the cache lacks."""
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
                yield Page(name, path, notebook, config.execution_timeout, reader.read_fmt)


def execute(page: Page, log: Path) -> float:
    """Execute a page's notebook in place, in an empty folder.

    Returned is the processor time in seconds, which its neighbours do not change.
    """
    untouched = copy.deepcopy(page.notebook.cells)
    if prepared_kernels.ARE_POSSIBLE:
        try:
            return execute_once(page, log, forked=True)
        except DeadKernelError:  # TensorFlow's makers promise nothing to forked processes
            page.notebook.cells = untouched
    return execute_once(page, log, forked=False)


def execute_once(page: Page, log: Path, *, forked: bool) -> float:
    """Execute a page's notebook in place by one kernel; see `execute`."""
    used = [0.0]

    def note_time(**_: Any) -> None:
        manager: Any = client.km
        used.append(prepared_kernels.processor_seconds(manager.provisioner.pid))

    with TemporaryDirectory() as folder, log.open("w", encoding="utf-8") as messages:
        client = NotebookClient(
            page.notebook,
            timeout=page.timeout,
            resources={"metadata": {"path": folder}},
            record_timing=False,  # it would make the notebook another one to the cache
            on_cell_executed=note_time,
        )
        if forked:
            client.kernel_manager_class = prepared_kernels.ForkedKernelManager
            client.execute(log=str(log))
        else:
            client.execute(stdout=subprocess.DEVNULL, stderr=messages)
    return used[-1]


class Progress:
    """Says which pages are done, how many are left and about how long that takes.

    A terminal gets one line that changes, anything else a line a page. ``expected`` has the seconds
    that pages took when they were executed last, as far as they are known.
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
        seconds = work * (time.monotonic() - self._begun) / max(self._took, 1e-9)
        return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


def recorded_seconds(file: Path) -> dict[str, float]:
    """Read how long pages took when they were executed last; nothing where that is not known."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def reason_of(error: BaseException, said: str) -> str:
    """Say why a page failed: the cell and its error, or what its kernel said last."""
    if isinstance(error, CellExecutionError):
        return str(error).strip()
    told = "".join(traceback.format_exception_only(error)).strip()
    return "\n".join([told, *said.strip().splitlines()[-LAST_LINES:]])


def execute_pages(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Execute what the cache lacks of the pages that Sphinx is about to read.

    Where pages fail, the outputs of the others are kept.
    """
    place = Path(app.config.nb_execution_cache_path)
    cache = get_cache(str(place))
    pages = {page.name: page for page in pages_to_execute(env, names, cache)}
    if not pages:
        return
    history = place.parent / "seconds.json"
    expected = recorded_seconds(history)
    # The longest first, so that none is left to run alone at the end.
    left = sorted(pages, key=lambda name: -expected.get(name, 0.0))
    slots = slots_for(own_cores())
    record_cores(place, len(slots[0].cores))
    logs = Path(app.outdir).parent / "kernels"
    logs.mkdir(parents=True, exist_ok=True)
    log_of = {name: logs / f"{name.replace('/', '-')}.log" for name in pages}
    progress = Progress(left, expected, sys.stderr)
    taking = threading.Lock()
    outcomes: SimpleQueue[tuple[str, float | Exception]] = SimpleQueue()

    def take(slot: Slot) -> str | None:
        with taking:
            fit = [name for name in left if not (slot.spare and pages[name].measures_time)]
            return left.pop(left.index(fit[-1 if slot.spare else 0])) if fit else None

    def work(slot: Slot) -> None:
        if hasattr(os, "sched_setaffinity"):  # both are this thread's; its kernels inherit them
            os.sched_setaffinity(0, slot.cores)
            if slot.spare:
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        while (name := take(slot)) is not None:
            try:
                outcomes.put((name, execute(pages[name], log_of[name])))
            except Exception as error:
                outcomes.put((name, error))

    if prepared_kernels.ARE_POSSIBLE:
        imported = app.config.imported_beforehand
        prepared_kernels.prepare(imported, slots[0].cores, logs / "imports.log")
    noun = "page" if len(pages) == 1 else "pages"
    print(f"Executing {len(pages)} {noun}, {len(slots)} at a time.", file=sys.stderr, flush=True)
    for slot in slots:
        threading.Thread(target=work, args=(slot,), daemon=True).start()
    failed: dict[str, str] = {}
    for _ in pages:
        name, outcome = outcomes.get()
        said = log_of[name].read_text(encoding="utf-8", errors="replace")
        if not app.quiet:
            sys.stderr.write(said)
        if isinstance(outcome, Exception):
            failed[name] = reason_of(outcome, said)
            progress.done(name, 0.0, "FAILED")
            continue
        page = pages[name]
        project = cache.add_nb_to_project(str(page.path), read_data=page.read)
        bundle = CacheBundleIn(page.notebook, project.uri, data={"execution_seconds": outcome})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        expected[name] = outcome
        write_text(history, json.dumps(expected, indent=1) + "\n")
        progress.done(name, outcome)
    if failed:
        told = "\n\n".join(f"{name}:\n{reason}" for name, reason in failed.items())
        raise ExtensionError(f"{len(failed)} of {len(pages)} pages failed:\n\n{told}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.setup_extension("execution_cache")
    app.add_config_value("imported_beforehand", prepared_kernels.IMPORTED, "")
    app.connect("env-before-read-docs", execute_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
