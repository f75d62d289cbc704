"""The command line in real processes: one line for a user's mistake, and the status that it has."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from command_line import COMMAND, environment, run_cli, snapshot, start_cli
from PIL import Image

from mnist_keras import load_data
from mnist_keras.cli import main
from mnist_keras.runs.folder import FIGURE_FILES, RunFolder


def strict_json(text):
    """Parse exactly one JSON object, in which there is no NaN."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def refuse(capsys, *arguments):
    """Run a command that must be refused, and give its one line."""
    status = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    assert said.err.startswith("mnist-keras: ")
    return said.err


@pytest.fixture
def digit_png(tmp_path):
    _, (x_test, _) = load_data(quick=True)
    path = tmp_path / "seven.png"
    Image.fromarray(255 - x_test[0]).resize((200, 200)).save(path)
    return path


LAZY = """
import contextlib, io, sys
import mnist_keras
from mnist_keras.cli import main
model, image, folder = sys.argv[1:]
commands = [["--help"], ["--version"], []]
commands += [[name, "--help"] for name in ("train", "evaluate", "predict", "notebooks")]
commands += [
    ["train", "--epochs", "0", "--out", folder + "/new"],
    ["train", "--learning-rate", "nan", "--out", folder + "/new"],
    ["train", "--out", folder],
    ["train", "--out", folder, "--resume"],
    ["evaluate", folder],
    ["evaluate", image],
    ["evaluate", "missing"],
    ["evaluate", model, "--out", image],
    ["predict", model, folder, "missing.png", __file__ if "__file__" in globals() else folder],
    ["predict", image, image],
]
for command in commands:
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            status = main(command)
        except SystemExit as stop:
            status = stop.code
    assert status == (0 if command[-1:] in (["--help"], ["--version"]) else 2), (command, status)
    loaded = {"keras", "tensorflow", "matplotlib"} & set(sys.modules)
    assert not loaded, (command, loaded)
"""


def test_help_and_refused_input_import_no_keras(quick_run, digit_png, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-c", LAZY, quick_run, digit_png, tmp_path],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "new").exists()


def test_help_names_the_commands():
    done = run_cli("--help")
    assert done.returncode == 0
    for name in ("train", "evaluate", "predict", "notebooks"):
        assert re.search(rf"^ +{name}\b", done.stdout, re.M)


NUMBERS = [
    ("--epochs", ("0", "1001", "many", "1.5", "")),
    ("--batch-size", ("0", "10001", "x")),
    ("--learning-rate", ("0", "-1", "nan", "inf", "101", "fast")),
    ("--validation-split", ("-0.1", "0.95", "nan", "half")),
    ("--seed", ("-1", "4294967296", "x")),
]


@pytest.mark.parametrize(("option", "values"), NUMBERS)
def test_numbers_out_of_range_and_no_numbers_are_refused(capsys, tmp_path, option, values):
    for value in values:
        said = refuse(capsys, "train", f"{option}={value}", "--out", tmp_path / "run")
        assert option[2:].replace("-", " ") in said.replace("-", " ")
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--unknown"],
        ["train", "--resume", "--overwrite"],
        ["train", "--network", "resnet"],
        ["fly"],
        [],
        ["evaluate"],
        ["predict", "model.keras"],
    ],
)
def test_wrong_use_is_refused_in_one_line_that_names_the_help(capsys, arguments):
    assert "--help)" in refuse(capsys, *arguments)


def test_train_refuses_folders_that_it_cannot_use(capsys, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    before = snapshot(tmp_path)
    assert "is a file" in refuse(capsys, "train", "--out", tmp_path / "file")
    assert "--out" in refuse(capsys, "train", "--out", tmp_path / "file" / "run")
    assert "--out" in refuse(capsys, "train", "--out", "/proc/run")
    assert "not empty" in refuse(capsys, "train", "--out", tmp_path / "mine")
    assert "no run to resume" in refuse(capsys, "train", "--out", tmp_path / "mine", "--resume")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("file", ["settings.json", "metrics.json", "history.csv"])
def test_damaged_run_folders_are_refused_in_one_line(capsys, tmp_path, quick_run, file):
    run = shutil.copytree(quick_run, tmp_path / "run")
    if file == "history.csv":
        (run / "metrics.json").unlink()
    (run / file).write_text("{")
    if file == "history.csv":
        (run / file).write_text("epoch\nx\n")
    arguments = ("train", "--quick", "--epochs", 3, "--out", run, "--resume")
    assert file in refuse(capsys, *arguments)


def test_evaluate_and_predict_refuse_what_is_no_model(capsys, tmp_path, quick_run, digit_png):
    (tmp_path / "text.keras").write_text("no model")
    content = (quick_run / "model.keras").read_bytes()
    (tmp_path / "truncated.keras").write_bytes(content[: len(content) // 2])
    (tmp_path / "folder").mkdir()
    unfinished = RunFolder(tmp_path / "unfinished")
    unfinished.begin(RunFolder(quick_run).settings(), resume=False, overwrite=False)
    before = snapshot(tmp_path)
    for name, reason in (
        ("missing.keras", "there is no"),
        ("text.keras", "not a Keras model"),
        ("truncated.keras", "not a Keras model"),
        ("folder", "not a run folder"),
        ("unfinished", "not finished; go on with --resume"),
    ):
        for arguments in (
            ("evaluate", tmp_path / name, "--out", tmp_path / "figures"),
            ("predict", tmp_path / name, digit_png),
        ):
            said = refuse(capsys, *arguments)
            assert reason in said
            assert name in said
    assert snapshot(tmp_path) == before


def test_a_model_of_other_shapes_is_refused_with_the_right_ones(capfd, tmp_path, digit_png):
    import keras

    layers = keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(7)
    keras.Sequential(list(layers)).save(tmp_path / "other.keras")
    assert re.fullmatch(
        r"mnist-keras: .*other\.keras reads \(None, 32, 32, 3\) and gives \(None, 7\); .*\n",
        refuse(capfd, "predict", tmp_path / "other.keras", digit_png, "--json"),
    )


def test_pictures_that_cannot_be_read_are_refused_one_line_each(capsys, tmp_path, quick_run):
    def bad(name, content=b"", picture=None):
        if picture:
            picture.save(tmp_path / name)
        else:
            (tmp_path / name).write_bytes(content)

    bad("white.png", picture=Image.new("L", (50, 50), 255))
    bad("black.png", picture=Image.new("L", (50, 50), 0))
    bad("clear.png", picture=Image.new("RGBA", (50, 50)))
    bad("text.png", b"this is text")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90)).astype("uint8"))
    for name in ("cut.png", "cut.jpg"):
        noise.save(tmp_path / name)
        bad(name, (tmp_path / name).read_bytes()[:1500])
    (tmp_path / "folder").mkdir()
    names = [*sorted(path.name for path in tmp_path.iterdir()), "missing.png"]
    for name in names:
        assert name in refuse(capsys, "predict", quick_run, tmp_path / name)
    assert main(["predict", str(quick_run), *(str(tmp_path / name) for name in names)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [name in line for name, line in zip(names, said.err.splitlines(), strict=True)] == (
        [True] * len(names)
    )


def test_predict_names_the_digit_and_goes_on_after_a_picture_it_cannot_read(
    capfd, quick_run, digit_png, tmp_path
):
    (tmp_path / "text.png").write_text("text")
    images = [str(tmp_path / "text.png"), str(digit_png)]
    assert main(["predict", str(quick_run), *images, "--json"]) == 2
    said = capfd.readouterr()
    assert len(said.err.splitlines()) == 1
    said_in_json = strict_json(said.out)
    (refused,) = said_in_json["refused"]
    assert refused["image"] == images[0]
    assert refused["reason"] in said.err
    (answer,) = said_in_json["predictions"]
    assert answer["image"] == str(digit_png)
    assert answer["sure"] == (answer["candidates"] == [7])
    assert answer["candidates"][0] == 7
    assert answer["digit"] == int(np.argmax(answer["probabilities"])) == 7
    assert sum(answer["probabilities"]) == pytest.approx(1)


def test_predict_lists_each_digits_probability(capsys, quick_run, digit_png, monkeypatch):
    assert main(["predict", str(quick_run), str(digit_png)]) == 0
    line = capsys.readouterr().out
    assert line.startswith(f"{digit_png}: 7   (7: ")
    monkeypatch.setattr("mnist_keras.evaluation.SURE", 1.1)
    assert main(["predict", str(quick_run), str(digit_png)]) == 0
    assert capsys.readouterr().out.startswith(f"{digit_png}: not sure: 7")
    shares = [float(share) for share in re.findall(r"\d: ([\d.]+) %", line)]
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)


def test_evaluate_agrees_with_the_run_and_draws_its_figures(quick_run, tmp_path):
    out = tmp_path / "figures"
    done = run_cli("evaluate", quick_run, "--out", out, "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    found, metrics = strict_json(done.stdout), RunFolder(quick_run).metrics()
    assert found["test_accuracy"] == metrics["test_accuracy"]
    assert found["test_loss"] == pytest.approx(metrics["test_loss"])
    confusion = np.array(found["confusion_matrix"])
    assert confusion.sum() == found["test_images"] == 500
    assert np.trace(confusion) == round(500 * found["test_accuracy"])
    assert {file.name for file in out.iterdir()} == set(FIGURE_FILES) - {"learning-curves.png"}
    for file in out.iterdir():
        assert (
            "network" in Image.open(file).info["Description"]
            or "digit" in Image.open(file).info["Description"]
        )


def test_evaluate_refuses_to_replace_figures_unless_told(capsys, quick_run, tmp_path):
    (tmp_path / "confusion-matrix.png").write_bytes(b"mine")
    before = snapshot(tmp_path)
    assert "--overwrite" in refuse(capsys, "evaluate", quick_run, "--out", tmp_path)
    (tmp_path / "file").write_text("mine")
    assert "is a file" in refuse(capsys, "evaluate", quick_run, "--out", tmp_path / "file")
    assert "file" in refuse(capsys, "evaluate", quick_run, "--out", tmp_path / "file" / "deeper")
    assert snapshot(tmp_path)["confusion-matrix.png"] == before["confusion-matrix.png"]
    assert main(["evaluate", str(quick_run), "--out", str(tmp_path), "--overwrite"]) == 0
    said = capsys.readouterr().out
    assert Image.open(tmp_path / "confusion-matrix.png").format == "PNG"
    assert "Test accuracy" in said
    assert "shown (row) and answered (column)" in said


def test_a_finished_run_is_not_trained_again(capsys, quick_run):
    before = snapshot(quick_run)
    arguments = ["train", "--quick", "--epochs", "3", "--out", str(quick_run), "--resume"]
    assert main(arguments) == 0
    assert "was finished before; nothing was done" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    assert strict_json(capsys.readouterr().out)["epochs"] == 3
    assert main([*arguments[:3], "4", *arguments[4:]]) == 2
    assert "epochs 3 → 4" in capsys.readouterr().err
    assert snapshot(quick_run) == before


def train_here(*arguments):
    """Train in this process, which has Keras already."""
    return main(["train", *map(str, arguments)])


def test_a_diverging_run_prints_strict_json_and_one_plain_line_an_epoch(capfd, tmp_path):
    wild = ("--learning-rate", 100, "--epochs", 2, "--quick")
    assert train_here("--network", "mlp", *wild, "--json", "--out", tmp_path / "run") == 0
    said = capfd.readouterr()
    assert strict_json(said.out)["epochs"] == 2
    assert len(said.out.splitlines()) == 1
    assert re.fullmatch(
        r"Training mlp for 2 epochs into .*\n"
        r"epoch 1/2: loss \S+, accuracy \S+, \S+ s, \d+:\d\d left\n"
        r"epoch 2/2: loss \S+, accuracy \S+, \S+ s\n",
        said.err,
    )
    strict_json((tmp_path / "run" / "metrics.json").read_text())


def test_a_network_without_numbers_is_measured_and_drawn_but_names_no_digit(
    capsys, monkeypatch, tmp_path, quick_run, digit_png
):
    import keras

    model = keras.models.load_model(quick_run / "model.keras")
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    model.save(tmp_path / "nan.keras")
    monkeypatch.setenv("MNIST_KERAS_QUICK", "1")
    arguments = ["evaluate", str(tmp_path / "nan.keras"), "--json", "--out", str(tmp_path / "figs")]
    assert main(arguments) == 0
    assert strict_json(capsys.readouterr().out)["test_loss"] is None
    assert "diverged" in refuse(capsys, "predict", tmp_path / "nan.keras", digit_png, "--json")


def test_a_terminal_shows_a_line_renewed_in_place_and_ctrl_c_keeps_the_epochs(tmp_path):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "train", "--network", "mlp", "--quick", "--epochs", "1000", "--out", "run"],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=tmp_path,
        env=environment(),
    )
    os.close(follower)
    shown = b""
    while b"epoch 2/1000: " not in shown:
        assert process.poll() is None, shown
        shown += os.read(leader, 4096)
    process.send_signal(signal.SIGINT)
    try:
        while True:
            shown += os.read(leader, 4096)
    except OSError:  # the terminal's other side is closed
        os.close(leader)
    assert process.wait(60) == 130
    text = shown.decode()
    assert re.search(r"\repoch 1/1000 ━+ +accuracy 0\.\d{4}, (\d+:)?\d+:\d\d left\x1b\[K", text)
    assert re.search(r"\r\x1b\[Kepoch 1/1000: loss [\d.]+, accuracy", text)
    assert "Traceback" not in text
    kept = len(RunFolder(tmp_path / "run").history())
    assert kept >= 2
    last = text.replace("\r\n", "\n").rstrip("\n").splitlines()[-1]
    assert last == (
        f"mnist-keras: stopped; {kept} of 1000 epochs are kept in run; "
        "run the same command with --resume to go on"
    )


def test_ctrl_c_before_anything_is_trained_says_one_line(tmp_path):
    process = start_cli("train", "--quick", "--out", tmp_path / "run")
    while not (tmp_path / "run" / "settings.json").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.5)  # amid Keras's start
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "mnist-keras: stopped" in err.splitlines()[-1]
    assert "Traceback" not in err


@contextmanager
def files_of_at_most(size):
    """Let the system refuse to write more than so many bytes into a file, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_ends_in_one_line_and_resume_goes_on(capfd, quick_run, tmp_path):
    arguments = ("--quick", "--epochs", 3, "--out", tmp_path / "run")
    with files_of_at_most(200_000):
        assert train_here(*arguments) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        r"Training fast for 3 epochs into .*\n"
        r"mnist-keras: File too large while writing to .*run; .*--resume\n",
        said.err,
    )
    assert [f.name for f in (tmp_path / "run").rglob("*") if f.is_file()] == ["settings.json"]
    assert train_here(*arguments, "--resume", "--json") == 0
    accuracy = strict_json(capfd.readouterr().out)["test_accuracy"]
    assert accuracy == RunFolder(quick_run).metrics()["test_accuracy"]


def test_a_disk_too_full_for_the_model_keeps_the_epochs(capfd, quick_run, tmp_path):
    run = shutil.copytree(quick_run, tmp_path / "run")
    (run / "checkpoint").mkdir()
    (run / "model.keras").rename(run / "checkpoint" / "epoch-003.keras")
    (run / "metrics.json").unlink()
    shutil.rmtree(run / "figures")
    arguments = ("--quick", "--epochs", 3, "--out", run, "--resume", "--json")
    with files_of_at_most(200_000):
        assert train_here(*arguments) == 2
    assert "the finished epochs are kept" in capfd.readouterr().err
    assert not (run / "model.keras").exists()
    assert train_here(*arguments) == 0
    accuracy = strict_json(capfd.readouterr().out)["test_accuracy"]
    assert accuracy == RunFolder(quick_run).metrics()["test_accuracy"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_ends_in_one_line(unbuffered, quick_run):
    arguments = ["train", "--quick", "--epochs", "3", "--out", str(quick_run), "--resume"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(PYTHONUNBUFFERED=unbuffered),
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr


def test_a_closed_pipe_ends_quietly(quick_run):
    arguments = ["train", "--quick", "--epochs", "3", "--out", str(quick_run), "--resume"]
    process = start_cli(*arguments)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == 0
