"""Standard streams as a command may find them: closed, full, cut off, or of ASCII only."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from command_line import COMMAND, environment

from mnist_keras.process.streams import IN_ASCII, printable_json, readable
from mnist_keras.runs.folder import METRICS, MODEL, RunFolder, to_json
from mnist_keras.runs.settings import settings_for

ASCII_ONLY = ({"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"})
TOLD = {
    "network": "fast",
    "parameters": 17_882,
    "epochs": 3,
    "seconds": 1.0,
    "test_accuracy": 0.9,
    "test_loss": 0.5,
    "test_images": 500,
}


@pytest.fixture
def finished(tmp_path):
    """Return the arguments of a command that has a result to tell and needs no Keras for it."""
    folder = RunFolder(tmp_path / "Läufe – 2×")
    folder.begin(settings_for("fast", quick=True), resume=False, overwrite=False)
    (folder.path / MODEL).write_bytes(b"model")
    (folder.path / METRICS).write_text(to_json(TOLD))
    return ["train", "--quick", "--out", str(folder.path), "--resume"]


def in_shell(line, arguments=(), **variables):
    """Run the command as a shell's line says, where ``"$@"`` is the command."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *COMMAND, *arguments],
        capture_output=True,
        env=environment(**variables),
        timeout=60,
    )


@pytest.mark.parametrize("variables", ASCII_ONLY, ids=["C", "ascii"])
def test_a_terminal_of_ascii_gets_readable_text(finished, variables):
    done = in_shell('"$@"', finished, **variables)
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert "Test accuracy 90.00 %" in said
    # The name's bytes go out as they came in where Python could not read them, else in ASCII.
    assert "Läufe – 2×" in said or "Laufe - 2x" in said
    refused = in_shell('"$@"', [*finished, "--epochs", "1"], **variables)
    assert refused.returncode == 2
    assert b"epochs 2 -> 1" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("variables", ASCII_ONLY, ids=["C", "ascii"])
@pytest.mark.parametrize("name", ["train", "evaluate", "predict", "tune", "grade", "notebooks"])
def test_help_can_be_read_there(name, variables):
    done = in_shell('"$@"', [name, "--help"], **variables)
    assert done.returncode == 0
    assert done.stdout.decode("ascii").startswith("usage: mnist-keras")


def test_what_ascii_lacks_is_written_like_it():
    def written(text):
        return readable(UnicodeEncodeError("ascii", text, 0, len(text), "no"))[0].decode("utf-8")

    for character, plain in IN_ASCII.items():
        assert written(character) == plain
    assert written("é") == "e"
    assert written("Ångström") == "Angstrom"
    assert written("漢") == "?"
    assert written("é".encode().decode("ascii", "surrogateescape")) == "é"


def test_json_means_the_same_in_ascii(monkeypatch):
    import io

    text = json.dumps({"name": "Émile 漢 😀 – ×", "quote": '"\\'}, ensure_ascii=False)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert printable_json(text).isascii()
    assert json.loads(printable_json(text)) == json.loads(text)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('"$@" >&-', 0),
        ('"$@" 2>&-', 0),
        ('"$@" >&- 2>&-', 0),
        ('"$@" <&- >&- 2>&-', 0),
        ('set -o pipefail; "$@" | true', 0),
        ('set -o pipefail; "$@" 2>&1 | true', 0),
        ('set -o pipefail; "$@" --epochs 1 2>&1 | true', 2),
        ('"$@" --epochs 1 2>&-', 2),
        ('"$@" --epochs 1 2>/dev/full', 2),
    ],
)
def test_closed_streams_change_neither_work_nor_status(finished, line, status):
    done = in_shell(line, finished)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_the_first_line_is_told_to_who_wants_no_more(finished):
    done = in_shell('set -o pipefail; "$@" | head -1', finished)
    assert done.returncode == 0
    assert done.stdout.decode().count("\n") == 1
    assert "was finished before" in done.stdout.decode()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_output_without_room_is_told_once_and_is_no_failure_of_the_work(finished):
    done = in_shell('"$@" >/dev/full', [*finished, "--json"])
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()[-1:]
    assert line.startswith("mnist-keras: standard output could not be written: No space left")


FILES = """
import os, sys
from mnist_keras.process.streams import settle_streams
settle_streams()
with open(sys.argv[1], "w") as file:
    assert file.fileno() > 2
    os.write(1, b"to whoever listens")
    print("to whoever listens")
    file.write("mine")
"""


def test_no_file_gets_the_descriptor_of_a_closed_stream(tmp_path):
    done = subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", sys.executable, "-c", FILES, tmp_path / "f"],
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        timeout=60,
    )
    assert done.returncode == 0
    assert (tmp_path / "f").read_text() == "mine"


@pytest.mark.parametrize("value", ["maybe", "2", "ja", "1 0"])
@pytest.mark.parametrize("command", [["train"], ["tune"], ["evaluate", "MODEL"]])
def test_an_environment_variable_that_says_neither_yes_nor_no(tmp_path, command, value):
    model = tmp_path / "model.keras"
    model.write_bytes(b"PK\5\6" + bytes(18))
    arguments = [str(model) if each == "MODEL" else each for each in command]
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(MNIST_KERAS_QUICK=value),
        timeout=60,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith(
        f"mnist-keras: the environment variable MNIST_KERAS_QUICK is {value!r}; set it to 1"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.slow
def test_another_backend_is_answered_in_a_line_and_tensorflow_used(quick_run):
    done = subprocess.run(
        [*COMMAND, "evaluate", str(quick_run), "--json"],
        capture_output=True,
        text=True,
        env=environment(KERAS_BACKEND="torch"),
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "mnist-keras: KERAS_BACKEND is torch; this command uses tensorflow anyway\n"
    )
    found = json.loads(done.stdout)
    assert found["test_accuracy"] == RunFolder(quick_run).metrics()["test_accuracy"]
