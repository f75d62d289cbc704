from __future__ import annotations

import json

import pytest
from command_line import snapshot

from mnist_keras import CourseError, settings_for
from mnist_keras.files import written_whole
from mnist_keras.runs.folder import RunFolder, find_model

SETTINGS = settings_for("fast", quick=True, epochs=3)
ROW = {"epoch": 1, "accuracy": 0.5, "loss": 1.25, "seconds": 0.1}
METRICS = {
    "network": "fast",
    "parameters": 1,
    "epochs": 3,
    "seconds": 1.0,
    "test_accuracy": 0.5,
    "test_loss": None,
    "test_images": 500,
}


@pytest.fixture
def begun(tmp_path):
    """Give a run that is unfinished after its first epoch."""
    folder = RunFolder(tmp_path / "run")
    folder.begin(SETTINGS, resume=False, overwrite=False)
    folder.checkpoint(1).parent.mkdir()
    folder.checkpoint(1).write_bytes(b"model")
    folder.write_history([ROW])
    return folder


@pytest.fixture
def finished(begun):
    """Give a finished run with a figure."""
    begun.model().write_bytes(b"model")
    (begun.path / "figures").mkdir()
    (begun.path / "figures" / "confusion-matrix.png").write_bytes(b"png")
    begun.finish(METRICS)
    return begun


def test_a_new_folder_and_an_empty_one_are_taken(tmp_path):
    for place in (tmp_path / "a" / "b", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        RunFolder(place).begin(SETTINGS, resume=False, overwrite=False)
        assert RunFolder(place).settings() == SETTINGS


def test_settings_history_and_metrics_come_back_as_written(finished):
    assert finished.settings() == SETTINGS
    assert finished.history() == [ROW]
    assert type(finished.history()[0]["epoch"]) is int
    assert finished.metrics() == METRICS


def test_a_history_that_was_read_is_written_back_the_same(begun):
    text = (begun.path / "history.csv").read_bytes()
    begun.write_history(begun.history())
    assert (begun.path / "history.csv").read_bytes() == text


def test_a_diverged_run_s_history_can_be_read(begun):
    begun.write_history([ROW, {**ROW, "epoch": 2, "loss": float("nan")}])
    assert str(begun.history()[1]["loss"]) == "nan"


@pytest.mark.parametrize("files", [["settings.json"], ["holiday.jpg"]])
def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path, files):
    for name in files:
        (tmp_path / name).write_text("mine")
    before = snapshot(tmp_path)
    with pytest.raises(CourseError, match=r"--resume.*--overwrite.*--out"):
        RunFolder(tmp_path).begin(SETTINGS, resume=False, overwrite=False)
    assert snapshot(tmp_path) == before


def test_overwrite_removes_what_a_run_wrote_and_leaves_foreign_files(finished):
    (finished.path / "notes.txt").write_text("mine")
    other = settings_for("mlp", quick=True)
    finished.begin(other, resume=False, overwrite=True)
    assert sorted(p.name for p in finished.path.iterdir()) == ["notes.txt", "settings.json"]
    assert finished.settings() == other


def test_overwrite_leaves_foreign_files_in_the_figures_folder(finished):
    mine = finished.path / "figures" / "my own.png"
    mine.write_bytes(b"mine")
    finished.begin(SETTINGS, resume=False, overwrite=True)
    assert mine.read_bytes() == b"mine"
    assert [p.name for p in mine.parent.iterdir()] == ["my own.png"]


def test_resume_of_other_settings_is_refused_naming_each_difference(begun):
    before = snapshot(begun.path)
    with pytest.raises(CourseError, match=r"epochs 3 → 4, seed 0 → 1\)"):
        begun.begin(
            settings_for("fast", quick=True, epochs=4, seed=1), resume=True, overwrite=False
        )
    assert snapshot(begun.path) == before


def test_resume_where_nothing_was_begins(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin(SETTINGS, resume=True, overwrite=False)
    assert folder.settings() == SETTINGS


def test_resume_of_a_folder_that_holds_no_run_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").write_text("mine")
    with pytest.raises(CourseError, match="holds no run to resume"):
        RunFolder(tmp_path).begin(SETTINGS, resume=True, overwrite=False)


def test_resume_removes_what_a_killed_process_left_half_written(begun):
    leftovers = [
        begun.path / "history.unfinished-4242.csv",
        begun.path / "checkpoint" / "epoch-002.unfinished-4242.keras",
        begun.path / "figures" / "one.unfinished-4242.png",
    ]
    for file in leftovers:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"half")
    begun.begin(SETTINGS, resume=True, overwrite=False)
    assert not any(file.exists() for file in leftovers)
    assert begun.history() == [ROW]
    assert begun.checkpoint(1).exists()


@pytest.mark.parametrize("resume", [False, True])
def test_a_kill_before_the_settings_were_whole_leaves_an_empty_folder(tmp_path, resume):
    (tmp_path / "settings.unfinished-4242.json").write_text('{"network"')
    RunFolder(tmp_path).begin(SETTINGS, resume=resume, overwrite=False)
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_a_kill_between_metrics_and_tidying_leaves_a_finished_run(finished):
    finished.checkpoint(1).parent.mkdir()
    finished.checkpoint(1).write_bytes(b"model")
    finished.begin(SETTINGS, resume=True, overwrite=False)
    assert not finished.checkpoint(1).parent.exists()
    assert finished.metrics() == METRICS


def test_resume_of_a_finished_run_changes_nothing(finished):
    before = snapshot(finished.path)
    finished.begin(SETTINGS, resume=True, overwrite=False)
    assert snapshot(finished.path) == before


def test_only_the_last_epoch_s_checkpoint_is_kept(begun):
    begun.checkpoint(2).write_bytes(b"model")
    begun.write_history([ROW, {**ROW, "epoch": 2}])
    assert [p.name for p in (begun.path / "checkpoint").iterdir()] == ["epoch-002.keras"]


NOT_A_RUN = ["", "{", "[]", "null", "{}", "\x00\x01", '{"network": "fast"}', '"text"']


@pytest.mark.parametrize("text", [*NOT_A_RUN, json.dumps({**SETTINGS.as_dict(), "epochs": "many"})])
def test_damaged_settings_are_refused_in_one_line(begun, text):
    (begun.path / "settings.json").write_text(text)
    with pytest.raises(CourseError, match=r"settings\.json") as error:
        begun.settings()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", NOT_A_RUN)
def test_damaged_metrics_are_refused_in_one_line(finished, text):
    (finished.path / "metrics.json").write_text(text)
    with pytest.raises(CourseError, match=r"metrics\.json is damaged.*--overwrite"):
        finished.metrics()


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss\n1,a lot\n",
        "epoch,loss\n1\n",
        "epoch,loss\n1,2,3\n",
        "epoch,loss\n2,0.5\n",
        "epoch,loss\n1,0.5\n1,0.4\n",
        "loss\n0.5\n",
        "epoch,loss\n1," + "9" * 200_000 + "x\n",
        "\x00\x00,\x00\n1,2\n",
    ],
)
def test_a_damaged_history_is_refused_in_one_line(begun, text):
    (begun.path / "history.csv").write_text(text)
    with pytest.raises(CourseError, match=r"history\.csv is damaged.*--overwrite"):
        begun.history()


def test_a_history_that_is_no_text_is_refused(begun):
    (begun.path / "history.csv").write_bytes(b"\xff\xfe\x00epoch")
    with pytest.raises(CourseError, match=r"history\.csv is damaged"):
        begun.history()


def test_a_model_file_is_found_in_a_finished_run_only(begun):
    with pytest.raises(CourseError, match="not finished; go on with --resume"):
        find_model(begun.path)


def test_an_error_on_the_way_leaves_a_file_as_it_was(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("before")

    def write_and_fail():
        with written_whole(file) as beside:
            beside.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_and_fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "before")]


def test_an_unfinished_file_keeps_its_suffix_and_lies_beside(tmp_path):
    with written_whole(tmp_path / "new" / "model.keras") as beside:
        assert beside.suffix == ".keras"
        assert beside.parent == tmp_path / "new"
        beside.write_text("whole")
    assert (tmp_path / "new" / "model.keras").read_text() == "whole"
