"""The race of the recipes: its arithmetic, and the script itself on the small subset."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import one_change_at_a_time as study
import pytest
from command_line import environment
from time_to_accuracy import Race, median_or_none, summary, table

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


def a_race(network: str, seed: int, seconds: list[float], accuracy: list[float]) -> Race:
    return Race(
        network=network,
        seed=seed,
        seconds=seconds,
        accuracy=accuracy,
        as_trained=accuracy[-1],
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


def test_the_share_of_the_peak_is_that_of_all_epochs():
    race = a_race("fast", 0, [0.6, 1.2], [0.9, 0.9])
    # 1 MFLOP × 60,000 images × 2 epochs in 1.2 s are 100 GFLOP/s.
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


def test_a_run_that_never_arrives_counts_as_the_slowest():
    assert median_or_none([5.0, None, 3.0]) == 5.0
    assert median_or_none([5.0, None, None]) is None


def run_script(name: str, *options: object) -> str:
    done = subprocess.run(
        [sys.executable, str(FOLDER / name), *map(str, options)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.weekly
def test_the_race_runs_and_writes_what_it_prints_and_goes_on_where_it_stopped(tmp_path):
    options = ("--quick", "--epochs", 1, "--seeds", 1, "--out", tmp_path)
    printed = run_script("time_to_accuracy.py", *options, "--networks", "mlp")
    assert "mlp" in printed
    first = json.loads((tmp_path / "time_to_accuracy.json").read_text())["races"]
    printed = run_script("time_to_accuracy.py", *options, "--networks", "mlp", "fast", "--go-on")
    assert "fast" in printed
    result = json.loads((tmp_path / "time_to_accuracy.json").read_text())
    assert [race["network"] for race in result["races"]] == ["mlp", "fast"]
    assert result["races"][0] == first[0]
    assert all(row["share_of_peak"] > 0 for row in result["summary"])
    assert (tmp_path / "time_to_accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_the_way_changes_one_thing_at_a_time_and_ends_at_the_fast_recipe():
    from mnist_keras import settings_for
    from mnist_keras.recipes import RECIPES

    way = [v for v in study.variants(quick=False) if v.group == "way"]
    assert (way[0].recipe, way[0].settings) == (RECIPES["mlp"], settings_for("mlp"))
    assert way[-1].recipe == RECIPES["fast"]
    goal = {**settings_for("fast").as_dict(), "network": "mlp"}
    assert way[-1].settings.as_dict() == goal
    for before, after in itertools.pairwise(way):
        assert before.settings != after.settings or before.recipe != after.recipe
    assert len({v.name for v in way}) == len(way)


def test_the_study_s_network_without_options_is_the_fast_one():
    from mnist_keras import build_fast_cnn, load_data, prepare

    ours, theirs = build_fast_cnn(), study.fast_cnn_with()
    theirs.set_weights(ours.get_weights())
    images = prepare(load_data(quick=True)[0][0][:5])
    np.testing.assert_allclose(ours(images), theirs(images), atol=1e-5)
    trained = [weight.shape for weight in ours.trainable_weights]
    assert [weight.shape for weight in theirs.trainable_weights] == trained


def test_each_change_differs_from_the_fast_recipe():
    from mnist_keras import settings_for
    from mnist_keras.recipes import RECIPES

    changes = [v for v in study.variants(quick=False) if v.group == "change"]
    plain = (RECIPES["fast"], settings_for("fast"))
    assert len(changes) >= 8
    assert all((v.recipe, v.settings) != plain for v in changes)


def study_of(names, *options, out):
    printed = run_script("one_change_at_a_time.py", "--quick", "--seeds", 1, "--out", out, *options)
    rows = json.loads((out / "one_change_at_a_time.json").read_text())["summary"]
    assert [row["name"] for row in rows] == names
    assert all(row["name"] in printed for row in rows)
    assert all(0.05 < row["accuracy"] < 1 for row in rows)


def test_the_study_may_take_its_times_from_an_earlier_run(tmp_path):
    def outcome(seed, seconds, accuracy):
        return study.Outcome("way", "a", seed, seconds, accuracy, 10)

    earlier = {"outcomes": [asdict(outcome(0, 2.0, 0.5)), asdict(outcome(1, 4.0, 0.5))]}
    (tmp_path / "earlier.json").write_text(json.dumps(earlier))
    done = [outcome(seed, 99.0, 0.9) for seed in range(3)]
    (row,) = study.summary(study.timed_by(tmp_path / "earlier.json", done))
    assert (row["seeds"], row["timed"], row["seconds"]) == (3, 2, 3.0)
    assert row["accuracy"] == pytest.approx(0.9)


@pytest.mark.weekly
def test_the_study_runs_variants_and_writes_what_it_prints(tmp_path):
    groups = {v.group: v.name for v in study.variants(quick=True)}
    study_of(list(groups.values()), "--only", *groups.values(), out=tmp_path)


@pytest.mark.weekly
def test_the_study_runs_every_variant(tmp_path):
    study_of([v.name for v in study.variants(quick=True)], out=tmp_path)


def test_a_damaged_result_is_not_gone_on_with(tmp_path):
    (tmp_path / "time_to_accuracy.json").write_text('{"races": [{"network": "fast"}]}')
    command = [
        sys.executable,
        FOLDER / "time_to_accuracy.py",
        "--go-on",
        "--out",
        tmp_path,
    ]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert answer.returncode == 2
    assert "holds no races to go on with: remove it" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.weekly
def test_each_solution_is_timed(tmp_path):
    printed = run_script(
        "time_exercises.py", "--quick", "--only", "01-learning-rate", "--out", tmp_path
    )
    seconds = json.loads((tmp_path / "exercises.json").read_text())["seconds"]
    assert seconds.keys() == {"01-learning-rate"}
    assert f"{seconds['01-learning-rate']:.1f} s" in printed


@pytest.mark.weekly
def test_the_profile_measures_each_part_and_prints_it(tmp_path):
    options = ("--quick", "--networks", "sprint", "--repeats", 1, "--out", tmp_path)
    printed = run_script("where_the_time_goes.py", *options)
    result = json.loads((tmp_path / "where_the_time_goes.json").read_text())
    sprint, memory = result["networks"]["sprint"], result["memory"]
    ms = sprint["milliseconds"]
    assert sprint["steps"] == math.ceil(2_000 / sprint["batch_size"])
    assert ms.keys() == {"ideal", "products", "gradients", "step", "whole", "compiled"}
    assert all(value > 0 for value in ms.values())
    assert memory.keys() == {"kept", "given back"}
    assert all(cost["seconds"] > 0 and cost["kernel"] >= 0 for cost in memory.values())
    for value in ms.values():
        assert f"{value:.2f} ms" in printed
