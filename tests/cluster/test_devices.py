"""A batch that several devices share trains the network that one device would have trained."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import COMMAND, environment, run_cli, team_of
from same_runs import ASKED, assert_same

from mnist_keras.cluster.plan import Share, even_batch, require_shareable
from mnist_keras.errors import CourseError
from mnist_keras.runs.folder import RunFolder


def test_the_rows_of_all_processes_are_the_batch():
    shares = [Share(process, 4, 2, 8) for process in range(4)]
    rows = [row for share in shares for row in range(48)[share.rows(48)]]
    assert rows == list(range(48))
    assert shares[0].images(60_003) == 60_000


def test_batches_for_measuring_leave_no_device_without_an_image():
    assert even_batch(1001, 1000) == 501
    assert even_batch(200, 1000) == 200
    assert even_batch(0, 1000) == 1


def test_a_batch_that_cannot_be_shared_names_one_that_can():
    require_shareable(128, 4)
    with pytest.raises(CourseError, match="3 devices cannot share a batch of 128 images") as error:
        require_shareable(128, 3)
    assert "--batch-size 126 or 129" in str(error.value)
    with pytest.raises(CourseError, match=r"--batch-size 200$"):
        require_shareable(7, 200)


def test_each_normalization_sees_the_batch_of_all_devices_also_in_a_network_in_a_network():
    import keras

    from mnist_keras.cluster.devices import ONE_DEVICE, Devices, synchronize

    outer, inner = (keras.layers.BatchNormalization() for _ in range(2))
    image = keras.Input((28, 28, 1))
    within = keras.Sequential([keras.Input((28, 28, 1)), inner])
    model = keras.Model(image, within(outer(image)))
    for devices in (Devices(SimpleNamespace(num_replicas_in_sync=2)), ONE_DEVICE):
        synchronize(model, devices)
        assert outer.synchronized == inner.synchronized == (devices.replicas == 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--strategy", "multinode"), "--strategy multinode needs several processes"),
        (("--devices", "7"), "7 devices cannot share a batch of 96 images equally"),
        (("--devices", "0"), "the number of devices is a whole number from 1 to 1024"),
        (("--strategy", "single", "--devices", "2"), "--strategy single trains on one device"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(tmp_path, arguments, said):
    done = run_cli("train", "--network", "sprint", "--out", tmp_path / "run", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_without_a_second_device_the_old_run_is_kept(tmp_path):
    (tmp_path / "settings.json").write_text("{}")
    done = run_cli("train", "--strategy", "mirrored", "--overwrite", "--out", tmp_path)
    assert done.returncode == 2
    assert "there is no second device here to train on" in done.stderr
    assert (tmp_path / "settings.json").read_text() == "{}"


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("alone") / "run"
    done = run_cli("train", *ASKED, "--strategy", "single", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.weekly  # slurm/test_jobs does it each time
def test_two_devices_train_the_network_of_one(alone, tmp_path):
    done = run_cli("train", *ASKED, "--strategy", "mirrored", "--devices", "2", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "metrics.json").read_text())["devices"] == 2
    assert_same(tmp_path, alone)


@pytest.mark.slow
def test_two_processes_train_the_network_of_one_also_after_a_kill(alone, tmp_path):
    out = tmp_path / "run"
    first, second = start_two(out)
    history = RunFolder(out).path / "history.csv"
    until = time.monotonic() + 300
    while not history.exists():
        assert time.monotonic() < until
        assert first.poll() is None, first.communicate()
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    _, said = second.communicate(timeout=300)
    assert second.returncode == 2, said
    assert "another process of this training has ended" in said.splitlines()[-1]

    ended = [each.communicate(timeout=300) for each in start_two(out, "--resume", "--json")]
    assert ended[0][0], ended
    assert [json.loads(ended[0][0])["processes"], ended[1][0]] == [2, ""]
    assert_same(out, alone)

    again = [each.communicate(timeout=100) for each in start_two(out, "--resume")]
    assert "was finished before" in again[0][0]
    assert again[1] == ("", "")
    refused = [each.communicate(timeout=100)[1] for each in start_two(out)]
    assert "is not empty" in refused[0]
    assert refused[1].startswith("mnist-keras: process 0 ended: ")


def start_two(out: Path, *arguments: str) -> list[subprocess.Popen[str]]:
    """Start the same training in two processes on loopback."""
    return [
        subprocess.Popen(
            [*COMMAND, "train", *ASKED, *arguments, "--out", str(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(TF_CONFIG=each),
        )
        for each in team_of(2)
    ]
