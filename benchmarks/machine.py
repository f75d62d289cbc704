"""What the benchmarks share: the machine's name and speed, and how a result is written."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

from mnist_keras.files import write_text
from mnist_keras.startup import quiet_start

PEAK_SIDE, PEAK_REPEATS = 2048, 12


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
    times: list[float] = []
    for _ in range(PEAK_REPEATS):
        start = time.perf_counter()
        tf.linalg.matmul(a, a).numpy()
        times.append(time.perf_counter() - start)
    return 2 * PEAK_SIDE**3 / statistics.median(times)


def write_result(path: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, whole or not at all."""
    write_text(path, json.dumps(result, indent=1) + "\n")
