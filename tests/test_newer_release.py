"""What a newer release of the package wrote: the advice is to update, not to start again."""

from __future__ import annotations

import json
import zipfile

import pytest

from mnist_keras import CourseError, __version__
from mnist_keras.cli import main
from mnist_keras.runs.folder import RunFolder
from mnist_keras.runs.settings import settings_for
from mnist_keras.tuning.record import Record, SearchFolder, Started, Trial
from mnist_keras.tuning.retrain import read_retrained
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import read_space


def edit(file, change):
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin(settings_for("fast"), resume=False, overwrite=False)
    return folder


@pytest.fixture
def search(tmp_path):
    folder = SearchFolder(tmp_path / "search")
    folder.begin(search_settings(), read_space(None), overwrite=False)
    trial = Trial(1, "finished", {}, {}, score=0.9)
    folder.write(Record({"space": []}, [trial], [Started(2, {}, 1)]))
    return folder


def told(read):
    with pytest.raises(CourseError) as error:
        read()
    text = str(error.value)
    assert "update mnist-keras" in text
    assert "damaged" not in text
    return text


def test_settings_of_a_run_with_a_field_that_is_new(run, capsys):
    edit(run.path / "settings.json", lambda content: content.update(momentum=0.9, warm_up=2))
    before = (run.path / "settings.json").read_text()
    said = told(run.settings)
    assert said == (
        f"{run.path / 'settings.json'} was written by a newer release of mnist-keras: "
        f"{__version__} does not know its momentum, warm_up; update mnist-keras, "
        "or choose another folder"
    )
    assert main(["train", "--out", str(run.path), "--resume"]) == 2
    assert capsys.readouterr().err == f"mnist-keras: {said}\n"
    assert main(["evaluate", str(run.path)]) == 2
    assert capsys.readouterr().err == f"mnist-keras: {said}\n"
    assert (run.path / "settings.json").read_text() == before


def test_a_network_that_is_new(run):
    edit(run.path / "settings.json", lambda content: content.update(network="transformer"))
    assert "the network is one of mlp" in told(run.settings)


def test_settings_of_a_search_with_a_field_or_a_tuner_that_is_new(search):
    edit(search.path / "search.json", lambda content: content.update(goal="small"))
    assert "goal" in told(search.settings)
    edit(search.path / "search.json", lambda content: content.pop("goal"))
    edit(search.path / "search.json", lambda content: content.update(tuner="evolution"))
    assert "the tuner is one of random" in told(search.settings)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(version=2),
        lambda content: content["trials"][0].update(version=2),
        lambda content: content["started"][0].update(version=2),
    ],
)
def test_a_record_with_something_new(search, capsys, change):
    edit(search.path / "trials.json", change)
    before = (search.path / "trials.json").read_text()
    assert "does not know its version" in told(search.record)
    assert (search.path / "trials.json").read_text() == before


def test_what_was_retrained_with_something_new(search):
    (search.path / "report").mkdir()
    values = {"trial": 1, "parameters": 1, "epochs": 1, "accuracies": [0.9], "seconds": 1.0}
    (search.path / "report" / "retrained.json").write_text(json.dumps(values))
    assert read_retrained(search).accuracies == [0.9]
    values["hardware"] = "GPU"
    (search.path / "report" / "retrained.json").write_text(json.dumps(values))
    assert "hardware" in told(lambda: read_retrained(search))


@pytest.mark.parametrize("name", ["settings.json", "metrics.json", "history.csv"])
def test_a_file_of_a_run_that_cannot_be_read_is_not_called_damaged(run, name):
    (run.path / name).unlink(missing_ok=True)
    (run.path / name).mkdir()
    read = {"settings": run.settings, "metrics": run.metrics, "history": run.history}
    with pytest.raises(CourseError, match=rf"{name} cannot be read: Is a directory"):
        read[name.partition(".")[0]]()


@pytest.mark.parametrize("name", ["search.json", "trials.json"])
def test_a_file_of_a_search_that_cannot_be_read_is_not_called_damaged(search, name):
    (search.path / name).unlink()
    (search.path / name).mkdir()
    read = {"search": search.settings, "trials": search.record}
    with pytest.raises(CourseError, match=rf"{name} cannot be read: Is a directory"):
        read[name.partition(".")[0]]()


def test_a_model_that_another_keras_saved(tmp_path):
    import keras

    from mnist_keras.training import load_model

    def saved(version):
        file = tmp_path / f"{version}.keras"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("metadata.json", json.dumps({"keras_version": version}))
            archive.writestr("config.json", json.dumps({"class_name": "Unheard"}))
        return file

    with pytest.raises(CourseError, match=r"saved with Keras 99\.0\.0 and cannot be read with Ker"):
        load_model(saved("99.0.0"))
    with pytest.raises(CourseError, match="is not a Keras model"):
        load_model(saved(keras.__version__))
