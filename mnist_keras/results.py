"""What takes too long to measure while a page is built: kept as files, made by `make benchmark`."""

import json
from pathlib import Path
from typing import Any

from mnist_keras.errors import CourseError

FOLDER = Path(__file__).with_name("measurements")


def measured(name: str) -> dict[str, Any]:
    """Return the result of one of the benchmarks, as it came with the package.

    Parameters
    ----------
    name
        ``"time_to_accuracy"``, ``"one_change_at_a_time"``, ``"where_the_time_goes"``,
        ``"exercises"``, ``"compare_tuners"``, ``"search_overhead"``, ``"grading_attacks"``,
        ``"leaderboard"``, ``"read_photos"``, ``"scaling_parts"`` or ``"memory_elsewhere"``, which
        is the memory of ``"where_the_time_goes"`` on another computer.

    Raises
    ------
    CourseError
        If there is no such result.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in FOLDER.glob("*.json")))
        raise CourseError(f"nothing named {name!r} was measured; there is: {there}")
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result
