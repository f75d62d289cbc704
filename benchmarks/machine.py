"""What the benchmarks share: their options, processes of their own, the machine, the result."""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from mnist_keras.files import write_text
from mnist_keras.process.startup import quiet_start

PEAK_SIDE, PEAK_REPEATS = 2048, 12
REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.append(str(REPOSITORY / "tools"))  # has a Slurm to start here, and the corpus of attacks


def command_line(about: str | None, *, quick: bool = True) -> argparse.ArgumentParser:
    """Describe a benchmark's command line, after its docstring's first line."""
    parser = argparse.ArgumentParser(description=(about or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("_build/benchmark"), help="a folder")
    if quick:
        parser.add_argument("--quick", action="store_true", help="the small subset, to try it")
    return parser


def start_keras() -> None:
    """Import Keras, without TensorFlow's start-up lines."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_start():
        import keras  # noqa: F401


def in_a_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a process that inherits no memory and no threads; return its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def seconds_of(run: Callable[[], Any], least: int, seconds: float = 0.0) -> list[float]:
    """Time something at least so many times, for at least so long."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < least:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def medians(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each column of some rows."""
    listed = list(rows)
    return {name: statistics.median(row[name] for row in listed) for name in listed[0]}


def mean_and_spread(values: Iterable[float]) -> dict[str, float]:
    """Return the mean ``accuracy`` of some networks, and its ``spread``: none of one alone."""
    listed = list(values)
    spread = statistics.stdev(listed) if len(listed) > 1 else 0.0
    return {"accuracy": statistics.mean(listed), "spread": spread}


def machine() -> dict[str, Any]:
    """Name the machine and the versions."""
    with quiet_start():
        import keras
        import tensorflow as tf

    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }


def matrix_product_speed() -> float:
    """Measure the machine's speed at the product of two large matrices, in FLOP/s (median)."""
    import tensorflow as tf

    a = tf.random.stateless_uniform((PEAK_SIDE, PEAK_SIDE), seed=(0, 0))
    times = seconds_of(lambda: tf.linalg.matmul(a, a).numpy(), PEAK_REPEATS)
    return 2 * PEAK_SIDE**3 / statistics.median(times)


def write_result(path: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, with the machine that it was measured on, whole or not at all."""
    write_text(path, json.dumps({"machine": machine()} | result, indent=1) + "\n")


def finish(path: Path, result: dict[str, Any]) -> int:
    """Write a result, say where it lies, and return the exit status."""
    write_result(path, result)
    print(f"Written: {path}")
    return 0
