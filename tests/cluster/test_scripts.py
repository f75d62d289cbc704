"""Job scripts, filled in for a cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from mnist_keras.cli import main
from mnist_keras.cluster.scripts import (
    JOBS,
    PLAIN,
    SITES,
    Request,
    find_scripts,
    gpu_for,
    refusal,
    site_here,
)
from mnist_keras.errors import CourseError
from mnist_keras.grading.options import shard_of

SHELLCHECK = Path(sys.prefix) / "bin" / "shellcheck"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CC_CLUSTER", "SCRATCH", "SBATCH_ACCOUNT", "SBATCH_GPUS_PER_NODE"):
        monkeypatch.delenv(name, raising=False)


def script(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["slurm", *arguments, "--dry-run"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("job", JOBS)
def test_a_filled_in_script_is_whole_and_without_fault(
    job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = script(capsys, job, *([str(Path(__file__).parent)] if job == "grade" else []))
    assert "common.sh\n" not in text
    checked = subprocess.run([SHELLCHECK, "-"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train --epochs 0", "epochs is a whole number from 1 to 1000"),
        ("seeds --network fats", "argument --network: invalid choice: 'fats'"),
        ("train-multi-gpu --devices 0", "the number of devices is a whole number"),
        ("train --patience soon", "'soon' is no duration"),
        ("tune --time-budget 10x", "'10x' is no duration"),
        ("tune --space nowhere.py", "the search space nowhere.py cannot be read"),
        ("tune --epochs 0", "epochs is a whole number from 1 to 1000"),
        ("grade", "name what to grade"),
        ("grade no-such-class", "no-such-class does not exist"),
        ("grade . --roster no-such.csv", "no-such.csv does not exist"),
        ("grade . --due tomorrow", "--due is a date and a time"),
        ("grade . --memory 1", "--memory is at least 256"),
        ("grade . --shard 4/3", "--shard is a share such as 1/3"),
    ],
)
def test_no_job_waits_for_what_its_command_would_refuse(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["slurm", *arguments.split(), "--dry-run"])
    except SystemExit as stop:  # as the parser does
        status = stop.code  # type: ignore[assignment]
    assert status == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert said in answer.err


def test_a_script_holds_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    text = script(
        capsys,
        *("seeds", "--account", "def-x", "--network", "fast", "--gpu", "a100", "--time", "2:00:00"),
        *("--array", "0-9%2", "--results", "/some where", "--epochs", "3"),
    )
    lines = text.splitlines()
    assert "#SBATCH --account=def-x" in lines
    assert "#SBATCH --gpus-per-node=a100:1" in lines
    assert "#SBATCH --time=2:00:00" in lines
    assert "#SBATCH --array=0-9%2" in lines
    assert lines.count("#SBATCH --array=0-4") == 0
    assert "set -- --network fast --epochs 3" in lines
    assert "RESULTS='/some where'" in lines
    assert "GPU=a100:1" in lines


def test_each_cluster_gets_what_it_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC_CLUSTER", "narval")
    monkeypatch.setenv("SCRATCH", "/scratch/me")
    lines = script(capsys, "train").splitlines()
    assert "#SBATCH --account=def-yourprofessor" in lines  # shown, but refused if handed in
    assert "#SBATCH --gpus-per-node=a100_1g.5gb:1" in lines
    assert "MODULES='python/3.11 gcc opencv'" in lines
    assert "RESULTS=/scratch/me/mnist-keras-results" in lines


def test_as_json_the_script_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    plainly = script(capsys, "tune")
    assert json.loads(script(capsys, "tune", "--json")) == {"script": plainly}


def test_gpus_are_named_as_each_cluster_names_them() -> None:
    assert gpu_for(None, "train", PLAIN) == ""
    assert gpu_for(None, "train", SITES["fir"]) == "nvidia_h100_80gb_hbm3_1g.10gb:1"
    assert gpu_for(None, "train-multi-gpu", SITES["trillium"]) == "h100:4"
    assert gpu_for("h100:2", "train", PLAIN) == "h100:2"
    assert gpu_for("none", "train", SITES["fir"]) == ""
    assert gpu_for("h100", "grade", SITES["fir"]) == ""
    assert site_here({"CC_CLUSTER": "vulcan"}).name == "Vulcan"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Invalid account or account/partition combination", "'def-x' is not yours to use here"),
        ("Invalid generic resource (gres) specification", "no node here has what was asked for"),
        ("Requested time limit is invalid (missing or exceeds some limit)", "ask for less"),
        ("Unable to contact slurm controller (connect failure)", "Slurm does not answer"),
        ("I/O error writing script/environment to file", "a disk is full"),
        ("Something else", "sbatch refused the job: Something else"),
        ("", "sbatch refused the job: it did not say why"),
    ],
)
def test_what_sbatch_says_becomes_a_line_with_a_way_out(said: str, expected: str) -> None:
    request = Request("train", (), "def-x", "h100:1", "", "", "", {})
    line = refusal(f"sbatch: error: Batch job submission failed: {said}\n" if said else "", request)
    assert expected in line
    assert "\n" not in line


def test_a_copy_without_the_scripts_says_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mnist_keras.cluster.scripts.__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(CourseError, match="run this in a clone of the course's repository"):
        find_scripts()


def test_a_share_of_a_class_is_every_nth_notebook() -> None:
    class_of_ten = list(range(10))
    shares = [class_of_ten[shard_of(Namespace(shard=f"{k}/3", out="x"))] for k in (1, 2, 3)]
    assert sorted(each for share in shares for each in share) == class_of_ten
    assert class_of_ten[shard_of(Namespace(shard=None, out=None))] == class_of_ten


@pytest.mark.parametrize("share", ["0/3", "4/3", "1", "a/b", "1/", "-1/3"])
def test_a_share_that_there_is_not_is_refused(share: str) -> None:
    with pytest.raises(CourseError, match="such as 1/3"):
        shard_of(Namespace(shard=share, out="x"))


def test_a_share_needs_a_folder_for_what_it_found() -> None:
    with pytest.raises(CourseError, match="--out"):
        shard_of(Namespace(shard="1/3", out=None))
