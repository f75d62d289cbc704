"""What an entry to the challenge may be, and what is refused before anything is made of it."""

import json
import re
import shutil
import zipfile
from contextlib import chdir
from pathlib import Path

import keras
import numpy as np
import pytest
from command_line import run_cli
from keras import layers

from mnist_keras import CourseError, build_convnet, build_fast_cnn, build_tiny_cnn, save_entry
from mnist_keras.challenge.measure import (
    Standing,
    contents,
    find_entries,
    margin_of,
    placed,
    ranks,
)
from mnist_keras.challenge.rebuild import rebuild
from mnist_keras.entry_rules import (
    LAYERS,
    LEAGUES,
    Claims,
    RefusedError,
    checked_architecture,
    constants,
    league_of,
)
from mnist_keras.networks import averaged_over_shifts

ROOT = Path(__file__).resolve().parents[1]


def small(*more):
    return keras.Sequential(
        [keras.Input((28, 28, 1)), layers.AveragePooling2D(4), layers.Flatten(), *more]
    )


def functional():
    image = keras.Input((28, 28, 1))
    one = layers.Conv2D(4, 5, strides=4, activation="relu", padding="same")(image)
    two = layers.SeparableConv2D(4, 5, strides=4, padding="same")(image)
    joined = layers.Add()([one, two])
    flat = layers.GlobalAveragePooling2D()(layers.Activation("silu")(joined))
    return keras.Model(image, layers.Dense(10)(layers.Dropout(0.2)(flat)))


def ends_in_a_network():
    image, first, last = keras.Input((28, 28, 1)), keras.Input((28, 28, 1)), layers.Dense(10)
    within = keras.Model(first, last(layers.Flatten()(first)))
    return keras.Model(image, within(layers.Dropout(0.1)(image)))


def within_two():
    image, member = keras.Input((28, 28, 1)), small(layers.Dense(10))
    other = keras.Sequential([keras.Input((28, 28, 1)), layers.Identity(), member])
    return keras.Model(image, layers.Average()([member(image), other(image)]))


def with_a_loss_of_its_own():
    model = build_tiny_cnn()
    model.compile(loss=lambda labels, answers: keras.ops.mean((labels - answers) ** 2))
    return model


def nine_looks():
    return averaged_over_shifts(build_tiny_cnn())


def entry_at(folder):
    (entry,), _ = find_entries(folder)
    return entry


@pytest.mark.parametrize(
    "build", [build_tiny_cnn, build_convnet, functional, ends_in_a_network, nine_looks]
)
def test_an_entry_holds_all_of_a_network(build, tmp_path):
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    assert save_entry(model, tmp_path / "mine") == league_of(model.count_params())
    claims, weights = contents(entry_at(tmp_path / "mine"))
    problem, about, models = rebuild(checked_architecture(claims.architecture), weights)
    assert (problem, about["parameters"]) == ("", model.count_params())
    assert about["playground"]
    images = np.random.default_rng(0).random((5, 28, 28, 1), dtype="float32")
    np.testing.assert_array_equal(
        models["entry.npz"].predict(images, verbose=0), model.predict(images, verbose=0)
    )


@pytest.mark.parametrize("within", [False, True])
def test_how_a_network_was_compiled_is_no_part_of_it(within):
    model = build_tiny_cnn()
    model.compile(optimizer="adam", loss="mse", metrics=[keras.metrics.CategoricalAccuracy()])
    if within:
        model = keras.Sequential([keras.Input((28, 28, 1)), model])
    assert "compile_config" in model.to_json()
    assert "adam" not in checked_architecture(model.to_json()).lower()


def test_a_network_with_a_loss_of_its_own_is_written(tmp_path):
    assert save_entry(with_a_loss_of_its_own(), tmp_path / "mine") == "10k"


def test_several_trainings_of_one_network_are_one_entry(tmp_path):
    save_entry([build_tiny_cnn(), build_tiny_cnn()], tmp_path / "mine")
    names = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert names == ["entry-1.npz", "entry-2.npz", "entry.json"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (build_fast_cnn, "61,290 parameters.*largest league allows 50,000"),
        (lambda: [build_tiny_cnn(), build_convnet()], "different networks"),
        (lambda: small(layers.Lambda(lambda x: x), layers.Dense(10)), "Lambda is not on the list"),
        (within_two, "call it directly in each place"),
    ],
)
def test_what_would_be_refused_is_not_written(make, says, tmp_path):
    with pytest.raises(CourseError, match=says):
        save_entry(make(), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_weights_that_are_no_numbers_are_not_written(tmp_path):
    model = small(layers.Dense(10))
    model.layers[-1].kernel.assign(np.full((49, 10), np.nan))
    with pytest.raises(CourseError, match="diverged"):
        save_entry(model, tmp_path / "mine")


def test_an_entry_is_not_overwritten(tmp_path):
    save_entry(build_tiny_cnn(), tmp_path)
    with pytest.raises(CourseError, match="holds an entry already"):
        save_entry(build_tiny_cnn(), tmp_path)


def test_leagues_end_where_they_say():
    assert [league_of(n) for n in (1, 10_000, 10_001, 50_000)] == ["10k", "10k", "50k", "50k"]
    with pytest.raises(RefusedError, match="50,001 parameters"):
        league_of(50_001)


def changed(change):
    """Give an architecture's JSON after a change to what it means."""
    value = json.loads(small(layers.Dense(10, activation="relu")).to_json())
    change(value)
    return json.dumps(value)


def last(value):
    return value["config"]["layers"][-1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "no Sequential or functional"),
        ('{"class_name": "Lambda"}', "no Sequential or functional"),
        ('{"class_name": []}', "no Sequential or functional"),
        (changed(lambda v: last(v).update(class_name=["Dense"])), "names a class by a list"),
        (changed(lambda v: last(v).update(module={})), "names a class by Dense"),
        (
            changed(
                lambda v: last(v)["config"].update(
                    activation={"module": "builtins", "class_name": "function", "config": {}}
                )
            ),
            "function a dict is not",
        ),
        (changed(lambda v: v.update(accuracy=0.999)), "claims accuracy"),
        (changed(lambda v: last(v).update(class_name="Lambda")), "layer Lambda is not"),
        (changed(lambda v: last(v).update(class_name="TFSMLayer")), "layer TFSMLayer is not"),
        (changed(lambda v: last(v).update(module="my_layers")), "layer Dense is not on"),
        (changed(lambda v: last(v).update(registered_name="mine>Dense")), "class of its own"),
        (changed(lambda v: last(v)["config"].update(activation="eval")), "activation eval"),
        (
            changed(
                lambda v: last(v)["config"].update(
                    activation={"module": "os", "class_name": "function", "config": "system"}
                )
            ),
            "function system is not",
        ),
        (
            changed(
                lambda v: last(v)["config"].update(
                    kernel_initializer={"class_name": "__lambda__", "config": {"value": "x"}}
                )
            ),
            "__lambda__ is not on the list",
        ),
        (
            changed(lambda v: last(v)["config"].update(name=json.loads("[" * 60 + "]" * 60))),
            "nested too deep",
        ),
    ],
)
def test_an_architecture_that_breaks_the_rules_is_refused(text, says):
    with pytest.raises(RefusedError, match=says) as refused:
        checked_architecture(text)
    assert "\n" not in str(refused.value)


def rescaled(scale, **more):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Rescaling(scale, **more),
            layers.Dense(10),
        ]
    )


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda: rescaled(1 / 255), 0),
        (lambda: rescaled([0.5] * 784), 784),
        (lambda: rescaled([[1] * 784], offset=[2] * 784), 1568),
        (build_tiny_cnn, 0),
        (functional, 0),
    ],
)
def test_constants_of_an_architecture_are_parameters(make, count):
    assert constants(checked_architecture(make().to_json())) == count


def test_constants_that_layers_are_called_with_count():
    model = json.loads(rescaled(1.0).to_json())
    model["config"]["layers"][1]["inbound_nodes"] = [{"args": [[[1, 2], [3, 4]]], "kwargs": {}}]
    assert constants(json.dumps(model)) == 4


@pytest.mark.parametrize("dtype", ["int4", "int8", "uint8", "float8_e4m3fn", "int8_from_float32"])
def test_numbers_that_are_no_floats_are_refused(dtype):
    model = rescaled(1.0).to_json().replace('"float32"', f'"{dtype}"')
    with pytest.raises(RefusedError, match=f"computes with {dtype}"):
        checked_architecture(model)


def test_the_lists_of_the_rules_are_keras_names():
    assert all(hasattr(layers, name) for name in LAYERS)


def weights_file(path, **arrays):
    np.savez(path, **arrays)
    return path.read_bytes()


def test_weights_must_be_the_networks(tmp_path):
    text = checked_architecture(small(layers.Dense(10)).to_json())
    kernel, bias = np.zeros((49, 10)), np.zeros(10)
    path = tmp_path / "weights.npz"

    def problem(**arrays):
        return rebuild(text, {"weights.npz": weights_file(path, **arrays)})[0]

    assert problem(arr_0=kernel, arr_1=bias) == ""
    assert "1 arrays, and the network has 2" in problem(arr_0=kernel)
    assert "does not fit" in problem(arr_0=kernel.T, arr_1=bias)
    assert "no finite numbers" in problem(arr_0=kernel, arr_1=np.full(10, np.inf))
    assert "no numbers" in problem(arr_0=kernel, arr_1=np.array(["a"] * 10))
    assert "'accuracy', which is no weight" in problem(arr_0=kernel, arr_1=bias, accuracy=0.99)
    pickled = np.array([print] * 10, dtype=object)
    assert "a pickle is not read" in problem(arr_0=kernel, arr_1=pickled)


def test_weights_that_unpack_to_much_more_are_refused(tmp_path):
    path = tmp_path / "weights.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("arr_0.npy", b"\0" * 50_000_000)
    text = checked_architecture(small(layers.Dense(10)).to_json())
    assert "unpacks to more than 4 MB" in rebuild(text, {"weights.npz": path.read_bytes()})[0]


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (small(layers.Dense(9)), r"gives \(None, 9\)"),
        (
            keras.Sequential([keras.Input((784,)), layers.Dense(10)]),
            r"reads \(None, 784\)",
        ),
    ],
)
def test_a_network_that_classifies_no_digits_is_refused(model, says):
    problem, _, models = rebuild(checked_architecture(model.to_json()), {"weights.npz": b""})
    assert models == {}
    assert re.search(says, problem)


def test_entries_are_found_by_whose_they_are(tmp_path):
    model = small(layers.Dense(10))
    for name in ("alice/entry", "bob/first", "bob/second", "lee_123_assignsubmission_file_"):
        save_entry(model, tmp_path / name)
    (tmp_path / "carol").mkdir()
    (tmp_path / "carol/notes.txt").write_text("none yet")
    with zipfile.ZipFile(tmp_path / "dana.zip", "w") as archive:
        for file in (tmp_path / "alice/entry").iterdir():
            archive.write(file, f"entry/{file.name}")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve/entry.json").symlink_to("/etc/passwd")
    for file in (tmp_path / "alice/entry").iterdir():
        shutil.copy(file, tmp_path / f"fayed_12_34_{file.stem}-1{file.suffix}")
    entries, problems = find_entries(tmp_path)
    assert [entry.name for entry in entries] == [
        *("alice", "bob (first)", "bob (second)", "dana", "eve", "fayed", "lee"),
    ]
    assert problems == []
    for entry in entries:
        if entry.name == "eve":
            with pytest.raises(RefusedError, match="link, which is not followed"):
                contents(entry)
        else:
            claims, weights = contents(entry)
            assert rebuild(checked_architecture(claims.architecture), weights)[0] == ""


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (
            ["lee_111_71_{}", "lee_222_72_{}", "wu_333_73_{}"],
            ["lee (111)", "lee (222)", "wu"],
        ),
        (["lee_111_71_first/{}", "lee_222_72_first/{}"], ["lee (111)", "lee (222)"]),
        (
            [
                "12-9 - Ann Lee - Nov 3, 2026 1159 PM - {}",
                "12-9 - Ann Lee - Nov 28, 2026 105 PM - {}",
                "13-9 - Ann Lee - Nov 28, 2026 105 PM - {}",
            ],
            ["Ann Lee (12)", "Ann Lee (13)"],
        ),
        (["Exercise 6/alice/{}", "Exercise 6/bob/{}"], ["alice", "bob"]),
        (["a/x/{}", "a.zip/{}"], ["a (a)", "a (a.zip)"]),
    ],
)
def test_learners_of_one_name_stay_two_and_resubmissions_are_one(files, names, tmp_path):
    for place in files:
        for name in ("entry.json", "entry.npz"):
            file = tmp_path / place.format(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(place)
    entries, _ = find_entries(tmp_path)
    assert [entry.name for entry in entries] == names
    # Each entry is of one hand-in, the newest.
    for entry in entries:
        texts = {found.content.read() for found in entry.files.values()}
        assert len(texts) == 1
        assert b"Nov 3" not in texts.pop()


def test_the_exercise_writes_what_is_read_here(tmp_path):
    """Its solution's own lines, run on a network."""
    source = (ROOT / "solutions/06-search-an-architecture.md").read_text()
    start = source.index('np.savez("entry.npz", *final.get')
    lines = source[start : source.index("```", start)]
    names = {"np": np, "final": build_tiny_cnn(), "scores": {12: 0.9}}
    with chdir(tmp_path):
        exec(lines, names)
    (tmp_path / "entry.json").write_text(json.dumps(names["entry"]))
    claims, weights = contents(entry_at(tmp_path))
    assert rebuild(checked_architecture(claims.architecture), weights)[0] == ""
    assert (claims.league, claims.parameters) == (10_000, 9_588)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weights": None}, 'no "weights"'),
        ({"weights": "../entry.npz"}, 'no "weights"'),
        ({"weights": "model.pkl"}, 'no "weights"'),
        ({"weights": []}, "from one to 5 files"),
        ({"weights": ["entry.npz"] * 2}, "from one to 5 files"),
        ({"weights": "other.npz"}, "other.npz is not there"),
        ({"architecture": {}}, 'no "architecture"'),
        ({"test accuracy": 0.9999}, "claims test accuracy; scores are computed here"),
        ({"league": 1_000_000}, "no league 1000000"),
        ({"league": [[10_000]]}, "no league a list"),
        ({"parameters": "few"}, "few is no number of parameters"),
    ],
)
def test_a_file_that_makes_no_entry_is_refused(change, says, tmp_path):
    save_entry(small(layers.Dense(10)), tmp_path / "mine")
    path = tmp_path / "mine/entry.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(RefusedError, match=says):
        contents(entry_at(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("entry.json", b"\xff\xfe", "is not text"),
        ("entry.json", b"{", "is not JSON"),
        ("entry.json", b'"' + b"x" * 2_000_000 + b'"', "larger than 1 MB"),
        ("entry.npz", b"\0" * 5_000_000, "larger than 4 MB"),
    ],
)
def test_files_that_cannot_be_read_are_refused(name, content, says, tmp_path):
    save_entry(small(layers.Dense(10)), tmp_path / "mine")
    (tmp_path / "mine" / name).write_bytes(content)
    with pytest.raises(RefusedError, match=says):
        contents(entry_at(tmp_path))


def test_what_an_entry_says_of_its_network_has_to_be_so():
    Claims("", (), 50_000, 9_000).hold(9_000)
    with pytest.raises(RefusedError, match="says that it has 8,000 parameters, but it has 9,000"):
        Claims("", (), 10_000, 8_000).hold(9_000)
    with pytest.raises(RefusedError, match="20,000 parameters are too many for the league"):
        Claims("", (), 10_000).hold(20_000)


def standing(name, wrong, parameters=100, problem=""):
    league = "" if problem else "10k"
    return Standing(name, problem, league, parameters, "dense 10", tuple(wrong), 1000)


def test_the_most_accurate_lead_and_the_smaller_of_equals():
    rows = [
        standing("c", [20, 22]),
        standing("b", [10], 300),
        standing("a", [10], 200),
        standing("refused", [], problem="too large"),
    ]
    assert [each.name for _, each in placed(rows, "10k")] == ["a", "b", "c"]
    assert rows[0].accuracy == pytest.approx(0.979)
    assert rows[0].spread == pytest.approx(0.0014142, rel=1e-3)
    assert placed(rows, "50k") == []
    assert set(LEAGUES) == {"10k", "50k"}


def test_golf_is_won_by_the_fewest_parameters_that_read_enough_in_three_trainings():
    rows = [
        standing("just enough", [20, 20, 20], 300),
        standing("one image short", [20, 20, 21], 200),
        standing("two trainings", [0, 0], 100),
        standing("as small, reads more", [5, 5, 5, 6], 300),
        standing("large", [1, 2, 3], 9_000),
        standing("refused", [], problem="too large"),
    ]
    assert [(rank, each.name) for rank, each in placed(rows, "golf-98")] == [
        (1, "as small, reads more"),
        (1, "just enough"),
        (3, "large"),
    ]
    assert [each.name for _, each in placed(rows, "golf-99")] == ["as small, reads more", "large"]


def test_entries_share_a_rank_unless_one_is_ahead_by_more_than_its_margin():
    assert margin_of(0.9, 900) == pytest.approx(0.02)
    # The margin of the first, and of the second, is 0.02; that of the third 0.022.
    assert ranks([0.9, 0.881, 0.879, 0.5], [900] * 4) == [1, 1, 2, 4]
    assert ranks([], []) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("leaderboard", "nowhere"), "nowhere does not exist"),
        (("leaderboard", "empty"), "there is no entry in empty"),
        (("enter", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_gets_a_line(arguments, says, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run_cli(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
