"""Entries measured by the command, each in a sandbox: who leads, and who is refused and why."""

import csv
import io
import json
import shutil

import keras
import numpy as np
import pytest
from command_line import run_cli
from keras import layers

from mnist_keras import load_data, predict_probabilities, prepare, save_entry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def trained(seed):
    """Train a small network for a moment, so that seeds differ."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 5, strides=3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(10),
        ]
    )
    (x, y), _ = load_data(quick=True)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(prepare(x), y, epochs=2, verbose=0)
    return model


def accuracy(model):
    _, (x, y) = load_data(quick=True)
    return float((predict_probabilities(model, prepare(x)).argmax(axis=1) == y).mean())


def claim(folder, **more):
    """Change what an entry says."""
    path = folder / "entry.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


def weigh(folder, **arrays):
    """Change an entry's weights."""
    path = folder / "entry.npz"
    with np.load(path) as before:
        kept = {name: before[name] for name in before.files}
    np.savez(path, **{**kept, **arrays})


@pytest.fixture(scope="module")
def models():
    return [trained(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def handed_in(models, tmp_path_factory):
    """Give a class folder: two honest entries, and one for each way to be refused."""
    place = tmp_path_factory.mktemp("class")
    save_entry(models[0], place / "alice")
    save_entry(models, place / "bob")
    for name in ("too-large", "lambda", "not-fitting", "nan", "claims", "pickle", "shrunk"):
        save_entry(models[0], place / name)
    dense = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(64)])
    dense.add(layers.Dense(10))
    claim(place / "too-large", architecture=dense.to_json())
    lambdas = keras.Sequential([keras.Input((28, 28, 1)), layers.Lambda(lambda x: x)])
    claim(place / "lambda", architecture=lambdas.to_json())
    weigh(place / "not-fitting", arr_0=np.zeros((5, 5, 1, 9)))
    weigh(place / "nan", arr_3=np.full(10, np.nan))
    claim(place / "claims", score=0.9999)
    weigh(place / "pickle", arr_0=np.array([print], dtype=object))
    claim(place / "shrunk", parameters=12)
    return place


@pytest.fixture(scope="module")
def board(handed_in, tmp_path_factory):
    out = tmp_path_factory.mktemp("board")
    done = run_cli("leaderboard", handed_in, "--out", out, "--quick", "--json", limit=500)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout), out, done.stderr


def test_accuracies_are_those_that_the_networks_have(board, models):
    rows = {row["name"]: row for row in board[0]["leagues"]["10k"]}
    assert rows.keys() == {"alice", "bob"}
    each = [accuracy(model) for model in models]
    assert rows["alice"]["accuracy"] == pytest.approx(each[0])
    assert rows["bob"]["accuracy"] == pytest.approx(np.mean(each))
    assert rows["bob"]["spread"] == pytest.approx(np.std(each, ddof=1))
    assert rows["alice"]["parameters"] == models[0].count_params()
    assert rows["alice"]["architecture"].startswith("conv 8 5×5 /3 relu")


def test_the_most_accurate_leads(board):
    accuracies = [row["accuracy"] for row in board[0]["leagues"]["10k"]]
    assert accuracies == sorted(accuracies, reverse=True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("too-large", "50,890 parameters, and the largest league allows 50,000"),
        ("lambda", "layer Lambda is not on the list"),
        ("not-fitting", "does not fit the network"),
        ("nan", "no finite numbers"),
        ("claims", "claims score; scores are computed here"),
        ("shrunk", "says that it has 12 parameters"),
        ("pickle", "a pickle is not read"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_rule(name, says, board):
    result, out, _ = board
    refused = {row["name"]: row["problem"] for row in result["refused"]}
    assert says in refused[name]
    assert len(refused) == 7
    assert f"{name}: " in (out / "index.html").read_text()


def test_table_and_progress_have_every_entry(board):
    _, out, told = board
    rows = list(csv.DictReader(io.StringIO((out / "leaderboard.csv").read_text())))
    assert [row["rank"] for row in rows[:2]] == ["1", "1"]  # of 500 images, they are a draw
    assert len(rows) == 9
    assert "9 of 9" in told


@pytest.mark.browser
def test_each_entry_can_be_drawn_for(board, browser):
    result, out, _ = board
    page = browser.new_page()
    page.goto((out / "index.html").as_uri())
    links = page.get_by_role("link", name="Draw for it")
    assert links.count() == 2
    for number in range(2):
        page.goto((out / "index.html").as_uri())
        name = page.locator("tbody th").nth(number).inner_text()
        links.nth(number).click()
        page.locator(".pg-name", has_text=name).wait_for()
        field = page.locator(".pg-field")
        field.press(" ")
        for _ in range(6):
            field.press("Shift+ArrowDown")
        page.get_by_text("It says").or_(page.get_by_text("It is not sure")).first.wait_for()
    assert "playground" not in result["leagues"]["10k"][0]
    assert {path.stem for path in (out / "playground").glob("*.json")} == {
        path.stem for path in (out / "playground").glob("*.html")
    }
    page.close()


def test_what_was_measured_is_not_measured_again(board, handed_in, models, tmp_path):
    """A later run measures what is new, and the rest stands as it was."""
    result, out, _ = board
    again = tmp_path / "again"
    shutil.copytree(out, again)
    entries = tmp_path / "entries"
    shutil.copytree(handed_in / "alice", entries / "alice")
    shutil.copytree(handed_in / "bob", entries / "bob")
    kept = (again / "leaderboard.json").read_text()
    marked = kept.replace("conv 8 5×5 /3 relu", "as it was before")
    assert marked != kept
    (again / "leaderboard.json").write_text(marked)
    done = run_cli("leaderboard", entries, "--out", again, "--quick", "--json")
    rows = json.loads(done.stdout)["leagues"]["10k"]
    assert all(row["architecture"].startswith("as it was before") for row in rows)
    assert [row["accuracy"] for row in rows] == [
        row["accuracy"] for row in result["leagues"]["10k"]
    ]


def test_an_entry_is_written_from_a_run(quick_run, tmp_path):
    done = run_cli("enter", quick_run, "--out", tmp_path / "entry")
    assert done.returncode == 2
    assert "largest league allows 50,000" in done.stderr
    model = trained(5)
    model.save(tmp_path / "mine.keras")
    done = run_cli("enter", tmp_path / "mine.keras", "--out", tmp_path / "entry")
    assert done.returncode == 0, done.stderr
    assert "league 10k" in done.stdout
    board = run_cli("leaderboard", tmp_path / "entry", "--out", tmp_path / "board", "--quick")
    assert board.returncode == 0, board.stderr
    assert f"{100 * accuracy(model):.2f} ± " in board.stdout
