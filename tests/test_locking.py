"""A folder that a command writes to is its own until it ends, however it ends."""

from __future__ import annotations

import errno
import multiprocessing
import os
import platform
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import environment, run_cli, snapshot, start_cli

from mnist_keras import CourseError, settings_for
from mnist_keras.cli import main
from mnist_keras.files import IN_USE
from mnist_keras.runs.folder import RunFolder
from mnist_keras.runs.locking import locked
from mnist_keras.tuning.record import SearchFolder
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import read_space

HOLD = """
import sys, time
from pathlib import Path
from mnist_keras.runs.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(folder):
    """Let another process hold a folder; it ends with the block, unless it was ended before."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process


def refused(capsys, monkeypatch, *arguments):
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 0.0)
    assert main([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    return said.err


def test_who_comes_second_is_told_who_holds_the_folder_and_touches_nothing(
    tmp_path, capsys, monkeypatch
):
    run, search = tmp_path / "run", tmp_path / "search"
    RunFolder(run).begin(settings_for("fast"), resume=False, overwrite=False)
    RunFolder(run).finish(dict.fromkeys(("parameters", "epochs"), 1))
    SearchFolder(search).begin(search_settings(), read_space(None), overwrite=False)
    (tmp_path / "any").mkdir()
    model = tmp_path / "model.keras"
    (tmp_path / "entry.json").write_text("{}")
    model.write_bytes(b"PK\5\6" + bytes(18))  # an archive, as far as can be seen without Keras
    commands = [
        ("train", "--out", run),
        ("train", "--out", run, "--resume"),
        ("train", "--out", run, "--overwrite"),
        ("tune", "--out", search),
        ("tune", "--out", search, "--overwrite"),
        ("evaluate", model, "--out", tmp_path / "any", "--overwrite"),
        ("leaderboard", tmp_path, "--out", tmp_path / "any"),
    ]
    for command in commands:
        folder = command[command.index("--out") + 1]
        with held_elsewhere(folder) as holder:
            before = snapshot(tmp_path)
            said = refused(capsys, monkeypatch, *command)
            assert snapshot(tmp_path) == before, command
        assert re.search(
            rf"mnist-keras: {folder} is in use by process {holder.pid} on {platform.node()} "
            r"since \d{4}-\d\d-\d\d \d\d:\d\d; wait until it has ended, or stop it",
            said,
        ), said
        assert not (folder / IN_USE).exists()


def test_a_second_grading_is_told_before_a_notebook_runs(tmp_path):
    notebook = Path(__file__).parents[1] / "exercises" / "01-learning-rate.ipynb"
    with held_elsewhere(tmp_path / "grades") as holder:
        done = run_cli("grade", notebook, "--out", tmp_path / "grades")
        assert [path.name for path in (tmp_path / "grades").iterdir()] == [IN_USE]
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"mnist-keras: {tmp_path / 'grades'} is in use by process {holder.pid} on "
    )


def test_a_lock_ends_with_its_holder_also_by_force(tmp_path):
    folder = tmp_path / "run"
    with held_elsewhere(folder) as holder:
        holder.kill()
        holder.wait()
        assert (folder / IN_USE).exists()
        with locked(folder):
            assert f"process {os.getpid()} " in (folder / IN_USE).read_text()
    assert not list(folder.iterdir())


def test_a_folder_with_what_a_kill_left_counts_as_empty(tmp_path):
    (tmp_path / IN_USE).write_text(" process 1 on elsewhere since 2026-01-01 00:00")
    RunFolder(tmp_path).begin(settings_for("fast"), resume=False, overwrite=False)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / IN_USE).write_text("")
    SearchFolder(tmp_path / "s").begin(search_settings(), read_space(None), overwrite=False)


def test_nothing_is_left_behind(tmp_path):
    new, mine = tmp_path / "a" / "b", tmp_path / "mine"
    mine.mkdir()
    for folder in (new, mine):
        with locked(folder):
            assert [path.name for path in folder.iterdir()] == [IN_USE]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with locked(new):
        (new / "kept.txt").write_text("kept")
    assert [path.name for path in new.iterdir()] == ["kept.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CourseError, match="is a file"), locked(tmp_path / "file"):
        pass


def test_the_same_process_cannot_hold_a_folder_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 0.0)
    with locked(tmp_path):
        with pytest.raises(CourseError, match=f"process {os.getpid()} "), locked(tmp_path):
            pass
        assert (tmp_path / IN_USE).exists()


@pytest.mark.parametrize("left", ["", " ", "\x00\x1b[2J", " process 7 \x1b[31m\non elsewhere"])
def test_whatever_stands_in_the_file_the_complaint_is_one_plain_line(tmp_path, monkeypatch, left):
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 0.0)
    with locked(tmp_path):
        (tmp_path / IN_USE).write_text(left)
        with pytest.raises(CourseError) as error, locked(tmp_path):
            pass
    assert str(error.value).isprintable()
    assert "in use by" in str(error.value)


@pytest.mark.skipif(sys.platform == "win32", reason="fcntl.flock is of Unix")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_work_goes_on(tmp_path, monkeypatch, number):
    import fcntl

    def without(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without)
    with locked(tmp_path):
        assert f"process {os.getpid()} " in (tmp_path / IN_USE).read_text()
    assert not list(tmp_path.iterdir())


def count_up(folder, times):
    """Add to a number in a file, by reading and writing it; two at once would lose some."""
    for _ in range(times):
        with locked(folder):
            file = folder / "number"
            number = int(file.read_text()) if file.exists() else 0
            time.sleep(0.001)
            file.write_text(str(number + 1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_many_that_come_and_go_are_never_two_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 120.0)
    monkeypatch.setattr("mnist_keras.runs.locking.TICK", 0.001)
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=count_up, args=(tmp_path / "f", 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert (tmp_path / "f" / "number").read_text() == "100"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_that_ends_does_not_end_the_lock(tmp_path, monkeypatch):
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 0.0)
    with locked(tmp_path):
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        with pytest.raises(CourseError, match="in use"), locked(tmp_path):
            pass


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="trials are forked on Linux")
def test_a_search_that_is_killed_with_its_workers_can_go_on_at_once(tmp_path):
    space = f"{os.path.dirname(__file__)}/tuning/spaces.py:tiny"
    asked = ("tune", "--space", space, "--quick", "--epochs", 1000, "--workers", 2)
    folder = SearchFolder(tmp_path / "search")
    first = start_cli(*asked, "--max-trials", 4, "--out", folder.path)
    while not ((record := folder.record()) and len(record.started) == 2):
        assert first.poll() is None, first.communicate()[1][-2000:]
        time.sleep(0.05)
    before = snapshot(folder.path)
    second = run_cli(*asked, "--max-trials", 4, "--out", folder.path)
    assert second.returncode == 2
    assert f"process {first.pid} on" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert first.poll() is None
    assert snapshot(folder.path)["trials.json"] == before["trials.json"]
    first.send_signal(signal.SIGKILL)
    first.communicate()
    third = run_cli(*asked, "--time-budget", "0.001s", "--out", folder.path)
    assert third.returncode == 1, third.stderr[-2000:]
    assert "the time is over" in third.stderr
    assert not (folder.path / IN_USE).exists()
