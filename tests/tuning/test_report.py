"""The report: what mattered, what the figures say, and a page that needs nothing but itself."""

from __future__ import annotations

import json
import random
import re

import pytest

from mnist_keras.challenge.measure import contents, find_entries
from mnist_keras.challenge.rebuild import rebuild
from mnist_keras.cli import main
from mnist_keras.entry_rules import checked_architecture
from mnist_keras.errors import CourseError
from mnist_keras.runs.locking import locked
from mnist_keras.tuning import search_figures
from mnist_keras.tuning.importance import importances
from mnist_keras.tuning.record import FAILED, FINISHED, HAND_IN, Record, SearchFolder, Trial
from mnist_keras.tuning.report import write_report
from mnist_keras.tuning.retrain import read_retrained, retrain
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import space_of

from . import spaces

LAYERS = [
    {"class": "Conv2D", "what": "conv 8 3×3 /2", "shape": [14, 14, 8], "parameters": 80},
    {"class": "Flatten", "what": "flatten", "shape": [1568], "parameters": 0},
    {"class": "Dense", "what": "dense 10", "shape": [10], "parameters": 15690},
]


def searched(n, seed=0):
    """Give trials in which the activation decides, the units a little, and the rest nothing."""
    draw = random.Random(seed)
    trials = []
    for number in range(1, n + 1):
        values = {
            "activation": draw.choice(["relu", "tanh"]),
            "units": draw.choice([4, 8, 16]),
            "rate": 10 ** draw.uniform(-3, -1),
            "normalize": draw.choice([True, False]),
            "fixed": 3,
        }
        score = 0.95 + 0.03 * (values["activation"] == "relu") + 0.002 * draw.random()
        trial = Trial(
            number,
            FINISHED,
            values,
            values,
            architecture="conv 8 3×3 /2 · flatten · dense 10 <b>",
            layers=LAYERS,
            parameters=1000 * values["units"],
            flops=10**6,
            score=score,
            seconds=3.0,
            elapsed=4.0 * number,
        )
        trials.append(trial)
    return trials


@pytest.fixture
def folder(tmp_path):
    folder = SearchFolder(tmp_path / "search")
    folder.begin(search_settings(quick=True), space_of(spaces.tiny), overwrite=False)
    return folder


def test_what_decides_is_found_and_what_does_not_is_not():
    found = importances(searched(40))
    assert found[0].name == "activation"
    assert found[0].share > 0.6
    assert found[0].share - found[0].margin > found[0].chance
    assert {one.name for one in found} == {"activation", "units", "rate", "normalize"}
    assert sum(one.share > one.chance for one in found[1:]) <= 1


def test_from_few_trials_nothing_is_concluded():
    assert importances(searched(5)) == []


def test_with_fewer_trials_the_uncertainty_is_larger():
    few = {one.name: one for one in importances(searched(10))}
    many = {one.name: one for one in importances(searched(80))}
    assert few["activation"].margin > many["activation"].margin


def test_the_front_holds_what_nothing_beats():
    sizes = [(100, 0.9), (200, 0.8), (300, 0.95), (300, 0.94), (50, 0.5)]
    trials = [
        Trial(k, FINISHED, {}, {}, parameters=size, score=score)
        for k, (size, score) in enumerate(sizes, 1)
    ]
    assert [trial.number for trial in search_figures.pareto_front(trials)] == [5, 1, 3]


def test_the_page_opens_without_a_request_and_escapes_what_it_shows(folder):
    failed = Trial(21, FAILED, {"units": 4}, {"units": 4}, error="no", elapsed=90.0)
    folder.write(Record({}, [*searched(20), failed]))
    page = write_report(folder).read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "<script" not in page
    assert "url(" not in page
    assert "dense 10 <b>" not in page
    assert "dense 10 &lt;b&gt;" in page
    alts = re.findall(r'<img alt="([^"]+)"', page)
    assert len(alts) == 5
    assert any("activation" in alt for alt in alts)
    assert len(list((folder.path / "report").glob("*.png"))) == 5
    assert "Not measured yet" in page


def test_a_report_on_one_trial_is_a_report(folder):
    folder.write(Record({}, searched(1)))
    assert "at least 6 trials" in write_report(folder).read_text(encoding="utf-8")


def test_without_a_score_there_is_nothing_to_report(folder, capsys):
    assert main(["tune-report", str(folder.path)]) == 2
    assert "has a score yet" in capsys.readouterr().err
    assert main(["tune-report", str(folder.path.parent)]) == 2
    assert "holds no search" in capsys.readouterr().err


def test_how_long_the_best_is_trained_follows_the_search_unless_it_is_said(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "mnist_keras.tuning.retrain.retrain", lambda *_, **options: asked.append(options["epochs"])
    )
    for further in ([], ["--epochs", "7"]):
        main(["tune-report", str(folder.path), "--retrain", *further])
    assert asked == [None, 7]


def test_the_best_is_measured_once_and_another_is_refused(folder, monkeypatch):
    import io

    values = {"units": 8, "activation": "relu", "learning_rate": 0.05}
    better = {**values, "units": 16}
    record = Record({"space": [], "values": {}}, [])
    record.trials.append(Trial(1, FINISHED, values, values, score=0.5, parameters=490))
    folder.write(record)
    stream = io.StringIO()
    monkeypatch.setattr("mnist_keras.runs.locking.PATIENCE", 0.0)
    with locked(folder.path), pytest.raises(CourseError, match="is in use by process"):
        retrain(folder, stream, build=spaces.tiny)
    first = retrain(folder, stream, build=spaces.tiny, seeds=2, epochs=1)
    assert len(first.accuracies) == 2
    assert first.accuracies[0] != first.accuracies[1]
    assert "seed 2 of 2: epoch 1/1" in stream.getvalue()
    assert retrain(folder, stream, build=spaces.tiny, seeds=5) == first
    kept = json.loads((folder.path / "report" / "retrained.json").read_text())
    assert kept["accuracies"] == first.accuracies
    stopped = {**kept, "accuracies": first.accuracies[:1]}
    (folder.path / "report" / "retrained.json").write_text(json.dumps(stopped))
    assert read_retrained(folder) is None
    stream = io.StringIO()
    again = retrain(folder, stream, build=spaces.tiny, seeds=2, epochs=1)
    assert again.accuracies == first.accuracies
    assert "seed 1 of 2" not in stream.getvalue()
    (entry,), _ = find_entries(folder.path / HAND_IN)
    claims, weights = contents(entry)
    problem, about, models = rebuild(checked_architecture(claims.architecture), weights)
    assert (problem, about["parameters"], len(models)) == ("", 490, 2)

    record.trials.append(Trial(2, FINISHED, better, better, score=0.6, parameters=970))
    folder.write(record)
    with pytest.raises(CourseError, match="choice by the test set"):
        retrain(folder, stream, build=spaces.tiny)
    folder.clear()
    assert not list(folder.path.iterdir())
