"""Disks that are full or read-only: told in one line, with nothing lost, half-written or blamed."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from attack_corpus import notebook
from command_line import COMMAND, environment, run_cli

from mnist_keras.cli import main
from mnist_keras.errors import CourseError
from mnist_keras.files import IN_USE, UNFINISHED, write_all, written_whole
from mnist_keras.runs.folder import RunFolder
from mnist_keras.runs.locking import locked
from mnist_keras.runs.settings import settings_for
from mnist_keras.tuning.record import FINISHED, Record, SearchFolder, Trial
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import read_space

FULL = "No space left on device"
READ_ONLY = "Read-only file system"
TINY = Path(__file__).parent / "tuning" / "spaces.py:tiny"
SIZE = 8 * 2**20
FILLER = "filler"


class SmallDisk:
    """A file system of its own, in memory.

    Parameters
    ----------
    path
        Where it is mounted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def leave(self, room: int) -> None:
        """Fill the disk until so many bytes are left."""
        filler = self.path / FILLER
        filler.unlink(missing_ok=True)
        free = os.statvfs(self.path)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_bsize - room)

    def make_room(self) -> None:
        """Empty the disk of what filled it."""
        (self.path / FILLER).unlink(missing_ok=True)

    def read_only(self, yes: bool = True) -> None:
        """Let nothing be written, or let it again."""
        how = "ro" if yes else "rw"
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True)

    def content(self) -> dict[str, bytes]:
        """Give each file's content, without what fills the disk."""
        return {
            str(file.relative_to(self.path)): file.read_bytes()
            for file in sorted(self.path.rglob("*"))
            if file.is_file() and file.name != FILLER
        }


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a disk of a few megabytes."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"root cannot mount a disk in memory here: {done.stderr.strip()}")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def refused(capfd, *arguments):
    """Run a command that cannot write, in this process, and give its last line."""
    status = main([str(argument) for argument in arguments])
    said = capfd.readouterr()
    assert status == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    return one_complaint(said.err)


def one_complaint(text):
    complaints = [line for line in text.splitlines() if line.startswith("mnist-keras: ")]
    assert len(complaints) == 1, text
    assert text.splitlines()[-1] == complaints[0]
    return complaints[0]


def begun_search(path):
    folder = SearchFolder(path)
    folder.begin(search_settings(quick=True), read_space(None), overwrite=False)
    folder.write(Record({"space": [], "values": {}}))
    return folder


def test_what_was_refused_at_once_leaves_all_as_it_was(disk, capfd, tmp_path):
    run = RunFolder(disk.path / "run")
    run.begin(settings_for("fast"), resume=False, overwrite=False)
    run.model().write_bytes(b"a trained model")
    begun_search(disk.path / "search")
    model = tmp_path / "model.keras"
    model.write_bytes(b"PK\5\6" + bytes(18))  # an archive, as far as can be seen without Keras
    new = disk.path / "new" / "folder"
    commands = [
        ("train", "--out", new),
        ("train", "--out", run.path, "--overwrite"),
        ("tune", "--out", new),
        ("tune", "--out", disk.path / "search", "--overwrite"),
        ("evaluate", model, "--out", new),
        ("grade", "--init", "gradescope", "--out", new),
        ("leaderboard", tmp_path, "--out", new),
    ]
    (tmp_path / "entry.json").write_text("{}")
    before = disk.content()
    for number, reason in enumerate((FULL, READ_ONLY)):
        disk.leave(0)
        if number:
            disk.read_only()
        for command in commands:
            said = refused(capfd, *command)
            assert reason in said, command
            assert str(disk.path) in said, command
            assert "--out" in said, command
            assert disk.content() == before, command
            assert not (disk.path / "new").exists(), command
    disk.read_only(False)


def test_an_old_search_is_not_removed_before_the_new_one_is_written(disk):
    folder = begun_search(disk.path / "search")
    before = disk.content()
    disk.leave(0)
    with pytest.raises(OSError, match=FULL) as error:
        folder.begin(search_settings(seed=1), read_space(None), overwrite=True)
    assert error.value.filename == str(folder.path / "search.json")
    assert disk.content() == before


@pytest.mark.parametrize("room", [0, 4096, 16_384, 65_536])
def test_files_that_belong_together_are_all_written_or_none(disk, room):
    files = {disk.path / f"{k}.txt": f"new {k}" * 4_000 for k in range(4)}
    for path in files:
        path.write_text("old")
    before = disk.content()
    disk.leave(room)
    with pytest.raises(OSError, match=FULL) as error:
        write_all(files.items())
    assert error.value.filename in map(str, files)
    assert disk.content() == before
    disk.make_room()
    assert write_all(files.items()) == list(files)
    assert {path: path.read_text() for path in files} == files


def test_the_first_of_files_comes_into_its_place_last(tmp_path, monkeypatch):
    replaced = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (replaced.append(b.name), replace(a, b)))
    write_all([(tmp_path / "mark", "1"), (tmp_path / "a", b"2"), (tmp_path / "b", "3")])
    assert replaced == ["b", "a", "mark"]


def test_an_error_that_a_library_covers_is_told_as_the_system_s(tmp_path):
    def write_and_cover():
        with written_whole(tmp_path / "model.keras"):
            try:
                raise OSError(errno.ENOSPC, FULL)
            finally:
                raise ValueError("cannot close an archive that is being written to")

    with pytest.raises(OSError, match=FULL) as error:
        write_and_cover()
    assert error.value.filename == str(tmp_path / "model.keras")


def test_an_outcome_that_cannot_be_kept_counts_all_the_same(disk):
    from mnist_keras.grading.kept_outcomes import Results
    from mnist_keras.sandbox.runner import Outcome

    results = Results(disk.path / "kept")
    disk.leave(0)
    results.put("key", Outcome(""))
    assert results.get("key") is None
    disk.make_room()
    results.put("key", Outcome(""))
    assert results.get("key") == Outcome("")


def test_evaluation_figures_are_replaced_together_or_stay(disk, capfd, quick_run):
    out, figures = disk.path / "figures", quick_run / "figures"
    names = {path.name: path.stat().st_size for path in figures.iterdir()}
    del names["learning-curves.png"]
    out.mkdir()
    for name in names:
        (out / name).write_bytes(b"the old one")
    before = disk.content()
    disk.leave(2 * sum(names.values()) // 3)
    arguments = ("evaluate", quick_run, "--out", out, "--overwrite")
    assert FULL in refused(capfd, *arguments)
    assert disk.content() == before
    disk.make_room()
    assert main([str(each) for each in arguments]) == 0
    after = disk.content()
    assert after.keys() == before.keys()
    assert all(content.startswith(b"\x89PNG") for content in after.values())


@pytest.mark.slow
def test_training_meets_a_full_disk_at_any_file_and_goes_on(disk, capfd, quick_run):
    sizes = {path.name: path.stat().st_size for path in quick_run.rglob("*") if path.is_file()}
    model, figures = sizes["model.keras"], sum(s for n, s in sizes.items() if n.endswith("png"))
    run = RunFolder(disk.path / "run")
    arguments = ["train", "--quick", "--epochs", "3", "--out", str(run.path)]
    kept = []
    # Room for one checkpoint and no second beside it; for the model and half of the figures.
    for room in (3 * model // 2, model + figures // 2):
        disk.leave(room)
        assert main([*arguments, *(["--resume"] if kept else [])]) == 2
        said = capfd.readouterr()
        assert FULL in one_complaint(said.err)
        assert said.out == ""
        files = disk.content()
        assert not [name for name in files if UNFINISHED in name or IN_USE in name]
        assert "run/metrics.json" not in files
        assert not [name for name in files if name.endswith(".png")]
        kept.append(len(run.history()))
    assert kept == [1, 3]
    disk.make_room()
    assert main([*arguments, "--resume", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["test_accuracy"] == RunFolder(quick_run).metrics()["test_accuracy"]


def test_an_entry_is_whole_or_not_there(disk, quick_run):
    from mnist_keras.challenge.entry import save_entry
    from mnist_keras.networks import build_tiny_cnn

    model = build_tiny_cnn()
    for room in (8_192, 20_000, 60_000):
        disk.leave(room)
        with pytest.raises(OSError, match=FULL):
            save_entry([model, model, model], disk.path / "entry")
        assert not disk.content()
        assert not (disk.path / "entry").exists()
    disk.make_room()
    with locked(disk.path / "entry"), pytest.raises(CourseError, match="in use by process"):
        save_entry(model, disk.path / "entry")
    save_entry([model, model, model], disk.path / "entry")
    assert sorted(disk.content()) == [
        "entry/entry-1.npz",
        "entry/entry-2.npz",
        "entry/entry-3.npz",
        "entry/entry.json",
    ]


def test_notebooks_are_written_together(disk, capfd):
    course = disk.path / "course"
    root = Path(__file__).parents[1]
    for name in ("solutions", "book"):
        ignored = shutil.ignore_patterns("_build", "*.png", "*.ipynb", "_ext", "demo")
        shutil.copytree(root / name, course / name, ignore=ignored)
    for name in ("_config.yml", "_toc.yml", "index.md"):
        shutil.copy(root / name, course / name)
    before = disk.content()
    disk.leave(100_000)
    assert FULL in refused(capfd, "notebooks", "--root", course)
    assert disk.content() == before
    disk.make_room()
    assert main(["notebooks", "--root", str(course)]) == 0
    capfd.readouterr()
    assert main(["notebooks", "--root", str(course), "--check"]) == 0


def scored(folder):
    """Write a record with two trials, as a search does."""
    values = {"units": 4, "rate": 0.1}
    rows = [{"epoch": k, "loss": 1 / k, "val_accuracy": 0.9} for k in (1, 2)]
    about = {"score": 0.9, "parameters": 10, "flops": 9, "history": [rows]}
    trials = [Trial(k, FINISHED, values, values, **about) for k in (1, 2)]
    folder.write(Record({"space": [], "values": {}}, trials))
    return folder.record()


@pytest.mark.parametrize("reason", [FULL, READ_ONLY])
def test_a_report_that_cannot_be_written_leaves_the_old_one(disk, capfd, reason):
    folder = begun_search(disk.path / "search")
    scored(folder)
    (folder.path / "report").mkdir()
    (folder.path / "report" / "index.html").write_text("the old one")
    disk.leave(100_000)
    if reason == READ_ONLY:
        disk.read_only()
    before = disk.content()
    assert reason in refused(capfd, "tune-report", folder.path)
    assert disk.content() == before
    disk.read_only(False)


def test_what_tensorboard_reads_is_made_up_for_when_there_is_room(disk):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from mnist_keras.tuning.tensorboard import write_board

    folder = begun_search(disk.path / "search")
    record = scored(folder)
    board = folder.path / "tensorboard"
    disk.leave(0)
    with pytest.raises(OSError, match=FULL):
        write_board(folder, record)
    assert not board.exists()
    disk.make_room()
    write_board(folder, record)
    assert sorted(path.name for path in board.iterdir()) == ["0001", "0002"]
    read = EventAccumulator(str(board / "0002")).Reload()
    assert [event.value for event in read.Scalars("score")] == [pytest.approx(0.9)]
    assert [event.step for event in read.Scalars("epoch_loss")] == [1, 2]
    assert "_hparams_/session_start_info" in read.summary_metadata


@pytest.mark.weekly
def test_a_search_blames_no_network_for_a_full_disk(disk):
    folder = SearchFolder(disk.path / "search")
    asked = ("tune", "--space", TINY, "--quick", "--epochs", 1, "--max-trials", 4)
    disk.leave(17 * 4_096)  # for one network of eight pages, and the record
    done = run_cli(*asked, "--out", folder.path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    network = re.escape(str(folder.path / "models"))
    assert re.fullmatch(
        rf"mnist-keras: {network}/\d+\.keras could not be written: {FULL}; 1 trials are kept: "
        "make room, and search again with the same settings to go on",
        one_complaint(done.stderr),
    )
    before = folder.record().trials
    assert all(trial.score is not None for trial in before)
    disk.make_room()
    done = run_cli(*asked, "--out", folder.path, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["finished"], told["failed"]) == (4, 0)
    assert folder.record().trials[: len(before)] == before


@pytest.mark.weekly
def test_grades_that_cannot_be_written_are_told(disk, tmp_path):
    name = "Émilie 漢"
    handed_in = tmp_path / "class" / name
    handed_in.mkdir(parents=True)
    (handed_in / "01-learning-rate.ipynb").write_text(notebook(["answer_1_9 = 'B'"]))
    out = disk.path / "grades"
    grade = ("grade", handed_in.parent, "--out", out)
    for reason in (FULL, READ_ONLY):
        disk.leave(0)
        disk.read_only(reason == READ_ONLY)
        at_once = run_cli(*grade)
        assert at_once.returncode == 2, at_once.stderr
        assert at_once.stdout == ""
        assert reason in one_complaint(at_once.stderr)
        assert "[1/1]" not in at_once.stderr, "a notebook ran first"
        assert not out.exists()
    disk.read_only(False)
    disk.leave(16_384)  # room for who holds the folder, and no more
    late = run_cli(*grade)
    assert late.returncode == 2, late.stderr
    assert FULL in one_complaint(late.stderr)
    assert name in late.stdout, "what was found out is lost"
    assert not [name for name in disk.content() if name.endswith((".html", ".csv", IN_USE))]
    disk.make_room()
    # The same on a terminal that knows ASCII only: there the names are escaped, and mean the same.
    done = subprocess.run(
        [*COMMAND, *grade, "--json"],
        capture_output=True,
        env=environment(LC_ALL="C", PYTHONUTF8="0"),
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads((out / "grades.json").read_text("utf-8"))
    assert json.loads(done.stdout.decode("ascii")) == written
    assert name in json.dumps(written, ensure_ascii=False)
    assert name in (out / "grades.csv").read_text("utf-8")
    assert b"Emilie" in done.stderr
    assert not (out / IN_USE).exists()
