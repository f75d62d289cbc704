"""The full MNIST, and kills: what takes minutes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import environment, run_cli, snapshot, start_cli
from PIL import Image, ImageOps

from mnist_keras import load_data, predict_probabilities, prepare, read_digit
from mnist_keras.errors import CourseError
from mnist_keras.runs.folder import RunFolder

pytestmark = pytest.mark.slow

RESAMPLING = [
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
]
INKS = ["#000000", "#1a237e", "#b71c1c", "#1b5e20", "#4a148c"]
PAPERS = ["#ffffff", "#fff8dc", "#e3f2fd", "#ffe680", "#d0d0d0"]


def as_a_user_sends_it(digit, k, rng):
    """Give the digit as a file's bytes: another size, place, colour and format for each k."""
    side = int(rng.integers(200, 801))
    grey = Image.fromarray(digit).resize((side, side), RESAMPLING[k % 4])
    canvas = Image.new("L", (side + int(rng.integers(0, side)), side + int(rng.integers(0, side))))
    canvas.paste(
        grey,
        (
            int(rng.integers(0, canvas.width - side + 1)),
            int(rng.integers(0, canvas.height - side + 1)),
        ),
    )
    file = io.BytesIO()
    look = k % 7
    if look == 0:
        canvas.save(file, "PNG")
    elif look == 1:
        ImageOps.invert(canvas).save(file, "PNG")
    elif look in (2, 3):
        ink = Image.new("RGBA", canvas.size, "black" if look == 2 else "white")
        ink.putalpha(canvas)
        ink.save(file, "PNG")
    else:
        ink, paper = INKS[rng.integers(5)], PAPERS[rng.integers(5)]
        if look == 4:  # chalk
            ink, paper = paper, ink
        photo = np.asarray(ImageOps.colorize(canvas, paper, ink), float)
        if look == 6:  # a photograph: light from one side, and noise
            light = np.linspace(0.75, 1.0, canvas.width)[None, :, None]
            photo = photo * light + rng.normal(0, 5, photo.shape)
        Image.fromarray(np.clip(photo, 0, 255).astype("uint8")).save(
            file, "JPEG", quality=int(rng.integers(60, 91))
        )
    return file.getvalue()


@pytest.mark.weekly  # test_photos reads other pictures of each kind each time
def test_at_least_95_of_100_redrawn_test_images_are_recognized(full_run, tmp_path, capsys):
    from mnist_keras import load_model

    _, (x_test, y_test) = load_data()
    rng = np.random.default_rng(0)
    read, refused = np.zeros((100, 28, 28), "uint8"), []
    for k in range(100):
        (tmp_path / "sent").write_bytes(as_a_user_sends_it(x_test[k], k, rng))
        try:
            read[k] = read_digit(tmp_path / "sent")
        except CourseError as error:
            refused.append((k, str(error)))
    answers = predict_probabilities(load_model(full_run), prepare(read)).argmax(axis=1)
    wrong = [(k, int(y_test[k]), int(answers[k])) for k in np.flatnonzero(answers != y_test[:100])]
    assert refused == []
    with capsys.disabled():
        print(f"\n{100 - len(wrong)} of 100 redrawn images recognized; wrong: {wrong}")
    assert len(wrong) <= 5


def test_the_fast_network_reaches_99_per_cent_on_the_full_data(full_run, capsys):
    """With one seed; what others reach lies in the committed measurements, and their test."""
    metrics = RunFolder(full_run).metrics()
    with capsys.disabled():
        print(f"\n{metrics['test_accuracy']:.4f} in {metrics['seconds']} s")
    assert metrics["test_accuracy"] >= 0.990
    assert metrics["test_images"] == 10_000
    again = json.loads(run_cli("evaluate", full_run, "--json").stdout)
    assert again["test_accuracy"] == metrics["test_accuracy"]
    assert again["test_loss"] == pytest.approx(metrics["test_loss"], rel=1e-6)


def measured(out):
    """Give the history without the clock, and the test accuracy."""
    folder = RunFolder(out)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in folder.history()]
    return rows, (folder.metrics() or {}).get("test_accuracy")


@pytest.mark.weekly  # on the small subset, test_training holds it each time
def test_the_same_seed_gives_the_same_history_on_the_full_data(tmp_path):
    for name in ("one", "two"):
        done = run_cli("train", "--epochs", 1, "--seed", 5, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert measured(tmp_path / "one") == measured(tmp_path / "two")


@pytest.mark.parametrize("network", ["fast", pytest.param("mlp", marks=pytest.mark.weekly)])
def test_a_run_killed_at_each_kind_of_write_ends_like_one_that_was_not(network, tmp_path):
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killed_training.py"), network, tmp_path],
        capture_output=True,
        text=True,
        timeout=800,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["killed"] == told["whole"]
    assert len(told["whole"]["history"]) == 3


@pytest.mark.weekly  # at each kind of write, a run is killed each time
def test_a_run_killed_amid_an_epoch_ends_like_one_that_was_not(tmp_path):
    settings = ("--quick", "--epochs", 4, "--seed", 3)
    out = tmp_path / "killed"
    process = start_cli("train", *settings, "--out", out)
    while not any(out.glob("checkpoint/epoch-00[2-4].keras")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    time.sleep(0.05)
    process.kill()
    process.communicate()
    for folder in (out, tmp_path / "undisturbed"):
        done = run_cli("train", *settings, "--out", folder, "--resume")
        assert done.returncode == 0, done.stderr
    assert measured(out) == measured(tmp_path / "undisturbed")
    assert set(snapshot(out)) == set(snapshot(tmp_path / "undisturbed"))
