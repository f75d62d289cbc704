"""The race of the recipes: its arithmetic, and the script itself on the small subset."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "time_to_accuracy.py"
sys.path.insert(0, str(SCRIPT.parent))

from time_to_accuracy import Race, summary, table  # noqa: E402


def a_race(network: str, seed: int, seconds: list[float], accuracy: list[float]) -> Race:
    return Race(
        network=network,
        seed=seed,
        seconds=seconds,
        accuracy=accuracy,
        parameters=1000,
        images_trained=60_000,
        flops_per_image=1_000_000,
        peak=100e9,
        import_seconds=5.0,
        memory=2**30,
        images_per_second={"1": 100.0, "1000": 10_000.0},
    )


def test_the_time_to_an_accuracy_is_that_of_the_first_epoch_that_reaches_it():
    race = a_race("fast", 0, [10.0, 20.0, 30.0], [0.985, 0.991, 0.989])
    assert race.time_to(0.98) == 10.0
    assert race.time_to(0.99) == 20.0
    assert race.time_to(0.995) is None


def test_the_share_of_the_peak_counts_three_passes_an_image():
    race = a_race("fast", 0, [1.8, 3.6], [0.9, 0.9])
    # 3 × 1 MFLOP × 60,000 images × 2 epochs in 3.6 s are 100 GFLOP/s.
    assert race.share_of_peak == pytest.approx(1.0)


def test_a_recipe_with_one_run_that_never_arrives_has_no_time():
    rows = summary(
        [
            a_race("fast", 0, [10.0], [0.992]),
            a_race("fast", 1, [12.0], [0.989]),
            a_race("mlp", 0, [50.0], [0.978]),
        ]
    )
    assert [row["network"] for row in rows] == ["fast", "mlp"]
    assert rows[0]["accuracy"] == pytest.approx(0.9905)
    assert rows[0]["time_to"] == {"0.98": 11.0, "0.99": None, "0.993": None, "0.995": None}
    assert "never" in table(rows)


@pytest.mark.slow
def test_the_race_runs_and_writes_what_it_prints(tmp_path):
    command = [sys.executable, str(SCRIPT), "--quick", "--epochs", "1", "--seeds", "1"]
    done = subprocess.run(
        [*command, "--networks", "mlp", "fast", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "time_to_accuracy.json").read_text())
    assert [race["network"] for race in result["races"]] == ["mlp", "fast"]
    assert all(0 < row["share_of_peak"] < 1 for row in result["summary"])
    assert (tmp_path / "time_to_accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert "mlp" in done.stdout
    assert "fast" in done.stdout
