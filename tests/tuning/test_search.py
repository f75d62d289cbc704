"""Searching: what is recorded, what goes wrong in a space, and kills with each tuner."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import environment, run_cli, start_cli

from mnist_keras.cli import main
from mnist_keras.tuning.record import FAILED, FINISHED, OUTPUT, TOO_LARGE, SearchFolder
from mnist_keras.tuning.settings import TUNERS

from . import spaces

HERE = Path(__file__).parent
TINY = f"{HERE / 'spaces.py'}:tiny"


def searched(build, tmp_path, **options):
    """Search in this process, in a network's moment."""
    from mnist_keras.tuning.search import search

    stream = io.StringIO()
    options = {"max_trials": 2, "epochs": 1, "quick": True, "validation_split": 0.5} | options
    result = search(build, out=tmp_path / "search", stream=stream, **options)
    return result, stream.getvalue()


def test_a_search_records_what_keras_tuner_does_not(tmp_path):
    result, said = searched(spaces.tiny, tmp_path, executions=2)
    assert [trial.status for trial in result.trials] == [FINISHED, FINISHED]
    trial = result.trials[0]
    units = trial.values["units"]
    assert trial.parameters == 50 * units + 10 * (units + 1)
    assert trial.flops == 2 * (49 * units + 10 * units)
    assert [row["what"] for row in trial.layers][:2] == ["mean 4×4", "flatten"]
    assert len(trial.history) == 2
    last = [execution[-1]["val_accuracy"] for execution in trial.history]
    assert trial.score == pytest.approx(sum(last) / 2)
    assert last[0] != last[1], "both executions drew the same random numbers"
    assert "trial 1 of 2: mean 4×4 · flatten" in said
    assert "epoch 1/1" in said
    assert "best so far" in said
    assert "\x1b" not in said
    best = result.as_dict()["best"]
    assert Path(best["model"]).exists()
    json.dumps(result.as_dict())
    events = (tmp_path / "search" / "tensorboard").glob("*/events*")
    assert sorted(file.parent.name for file in events) == ["0001", "0002"]

    again, said = searched(spaces.tiny, tmp_path, executions=2)
    assert again.trials == result.trials
    assert "Going on after 2 trials" in said
    more, _ = searched(spaces.tiny, tmp_path, executions=2, max_trials=3)
    assert more.trials[:2] == result.trials
    assert len(more.trials) == 3


TALKING = f"""\
import sys

sys.path.append({str(HERE.parent)!r})
from tuning import spaces


def build(hp):
    print("about to build", hp.values)
    return spaces.tiny(hp)
"""
FAILING = """\
import sys
from pathlib import Path

from mnist_keras.tuning.trial_processes import CrashedError, run


def wrong(tell):
    raise KeyError("units")


try:
    run(wrong, print, Path(sys.argv[1]))
except CrashedError as error:
    print(error)
"""


def test_what_trials_print_is_kept(tmp_path):
    (tmp_path / "talking.py").write_text(TALKING)
    done = run_cli(
        *("tune", "--quick", "--epochs", "1", "--max-trials", "2", "--out", tmp_path / "search"),
        *("--space", tmp_path / "talking.py"),
    )
    assert done.returncode == 0, done.stderr
    kept = (tmp_path / "search" / OUTPUT).read_text()
    assert kept.count("about to build {") >= 2, "of both trials"


def test_an_error_outside_of_a_trial_says_where_it_is_told(tmp_path):
    output = tmp_path / "output.txt"
    command = [sys.executable, "-c", FAILING, output]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert done.stdout.strip() == f"its process ended with status 1; {output} says why"
    assert "KeyError: 'units'" in output.read_text()


def test_whatever_is_wrong_with_a_network_its_row_says_and_the_search_goes_on(tmp_path):
    result, _ = searched(spaces.sometimes, tmp_path, tuner="grid", max_trials=20)
    rows = {trial.values["how"]: trial for trial in result.trials}
    assert rows["works"].status == FINISHED
    assert rows["large"].status == TOO_LARGE
    assert rows["large"].error == "120,010 parameters are more than 50,000"
    expected = {
        "raises": "ValueError: the strides cannot be 0",
        "nothing": "returned nothing",
        "text": "returned str",
        "bare": "not compiled",
        "shape": "an image; it should be (10,)",
        "nan": "diverged",
    }
    for how, said in expected.items():
        assert rows[how].status == FAILED, how
        assert said in rows[how].error, how
    assert result.record.trained() == 7
    table = (tmp_path / "search" / "trials.csv").read_text()
    assert "the strides cannot be 0" in table


def test_a_sequential_without_an_input_is_built_before_its_size_is_judged(tmp_path):
    result, _ = searched(spaces.unbuilt, tmp_path, tuner="grid", max_trials=9)
    assert [trial.status for trial in result.trials] == [FINISHED, TOO_LARGE]


def test_a_class_of_the_learners_own_is_searched_and_its_operations_stay_open(tmp_path):
    result, _ = searched(spaces.own_class, tmp_path, max_trials=1)
    assert result.best is not None, result.trials[0].error
    assert result.best.flops is None
    assert result.best.parameters > 0
    done = run_cli("tune-report", tmp_path / "search")
    assert done.returncode == 0, done.stderr


def test_conditional_hyperparameters_are_known_from_the_start(tmp_path):
    result, _ = searched(spaces.conditional, tmp_path, max_trials=1)
    names = [one["config"]["name"] for one in result.record.space["space"]]
    assert names == ["kind", "dropout"]


def test_training_is_asked_for_by_name_and_one_hot_labels_are_given_where_wanted(tmp_path):
    result, _ = searched(spaces.one_hot, tmp_path, max_trials=1)
    assert result.best is not None, result.trials[0].error


def test_when_every_trial_fails_the_search_ends_with_a_reason(tmp_path):
    result, _ = searched(spaces.raises, tmp_path, max_trials=50)
    assert result.best is None
    assert result.record.trained() == 10
    assert result.why_not() == (
        "the usual reason: RuntimeError: no network today; mend the search space"
    )


def test_a_time_budget_ends_a_search_over_all_its_sessions(tmp_path):
    result, _ = searched(spaces.tiny, tmp_path, max_trials=None, time_budget=0.001)
    assert (result.trials, result.ended) == ([], "the time is over")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--time-budget", "soon"], "90s, 10m or 1h30m"),
        (["--space", "nowhere.py:build"], "cannot be read"),
        (["--max-trials", "0"], "number of trials"),
        (["--tuner", "hyperband", "--executions", "3"], "--executions"),
        (["--tuner", "luck"], "invalid choice"),
    ],
)
def test_a_mistake_is_one_line(capsys, monkeypatch, tmp_path, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(["tune", *arguments]) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert len(complaint.splitlines()) == 1
    assert not list(tmp_path.iterdir())


AFTER_TRAINING = """
import sys
import keras
import spaces
from mnist_keras import search
keras.ops.zeros(1)  # after an operation, TensorFlow cannot run in a forked process
budget = {"max_trials": 2, "epochs": 1, "validation_split": 0.5}
result = search(spaces.tiny, out=sys.argv[1], workers=2, quick=True, **budget, stream=sys.stdout)
print([trial.status for trial in result.trials])
"""


@pytest.mark.slow
def test_in_a_session_that_has_trained_workers_become_one_and_the_search_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", AFTER_TRAINING, str(tmp_path / "search")],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(PYTHONPATH=os.pathsep.join([str(HERE), *sys.path])),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("One trial at a time: a process that has trained cannot start")
    assert done.stdout.splitlines()[-1] == "['finished', 'finished']"


@pytest.mark.slow
def test_the_command_searches_resumes_and_refuses(tmp_path):
    out = tmp_path / "search"
    command = ["tune", "--space", TINY, "--quick", "--epochs", 1, "--out", out, "--json"]
    done = run_cli(*command, "--max-trials", 2)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["finished"] == 2
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    refused = run_cli(*command, "--seed", 3)
    assert refused.returncode == 2
    assert "seed 0 → 3" in refused.stderr
    evaluated = run_cli("evaluate", answer["best"]["model"])
    assert evaluated.returncode == 0, evaluated.stderr


@pytest.mark.slow
def test_a_space_that_always_fails_ends_with_one_line_and_status_1(tmp_path):
    space = f"{HERE / 'spaces.py'}:raises"
    done = run_cli("tune", "--space", space, "--quick", "--max-trials", 3, "--out", tmp_path / "s")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "the usual reason: RuntimeError: no network today; mend the search space"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="trials are forked on Linux")
@pytest.mark.parametrize(
    "tuner",
    [t if t == "random" else pytest.param(t, marks=pytest.mark.weekly) for t in TUNERS],
)
def test_a_search_that_is_killed_again_and_again_ends_like_one_that_was_not(tuner, tmp_path):
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_search.py"), tuner, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=800,
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["killed"] == told["whole"]
    assert told["killed files"] == told["whole files"]
    kept = [numbers for _, numbers in told["kept"]]
    assert kept == sorted(kept), "a kill took a trial that was finished"
    assert kept[-1] == [1]
    record = SearchFolder(tmp_path / "killed").record()
    assert record is not None
    assert all(trial.status == FINISHED for trial in record.trials)


@pytest.mark.weekly  # test_search_in_steps and test_locking kill a search with workers each time
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="trials are forked on Linux")
def test_workers_search_beside_each_other_and_lose_nothing_when_killed(tmp_path):
    asked = ("tune", "--space", TINY, "--quick", "--epochs", 4, "--max-trials", 6, "--workers", 2)
    folder = SearchFolder(tmp_path / "search")
    first = start_cli(*asked, "--out", folder.path)
    while not ((record := folder.record()) and record.trials and len(record.started) == 2):
        assert first.poll() is None, first.communicate()[1][-2000:]
        time.sleep(0.02)
    first.kill()
    first.communicate()
    before = folder.record()
    done = run_cli(*asked, "--out", folder.path)
    assert done.returncode == 0, done.stderr[-2000:]
    after = folder.record()
    kept = len(before.trials)
    assert after.trials[:kept] == before.trials
    assert sorted(trial.number for trial in after.trials) == [1, 2, 3, 4, 5, 6]
    begun = {each.number: each.proposed for each in before.started}
    again = {t.number: t.proposed for t in after.trials if t.number in begun}
    assert again == begun, "a trial that was under way was forgotten"
    assert "trial 6 of 6, epoch 4/4" in done.stderr
    rows = (folder.path / "trials.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == list("123456")
