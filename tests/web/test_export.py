"""What becomes of a Keras model on its way to the browser, and which models are refused."""

from __future__ import annotations

import base64
import json

import keras
import numpy as np
import pytest
from command_line import run_cli
from keras import layers

from mnist_keras import (
    CourseError,
    RecordSteps,
    build_fast_cnn,
    build_mlp,
    playground,
    save_playground,
    sliding_window,
)
from mnist_keras.cli import main
from mnist_keras.web.layers import KNOWN, known_layers
from mnist_keras.web.model_file import EXAMINED, Snapshot, model_file


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    """Look for mistakes among few test images."""
    monkeypatch.setenv("MNIST_KERAS_QUICK", "1")


def small(*middle: layers.Layer, name: str = "small") -> keras.Sequential:
    body = [layers.Flatten(), layers.Dense(10)]
    return keras.Sequential([keras.Input((28, 28, 1)), *middle, *body], name=name)


def content_of(model: keras.Model, **options) -> dict:
    return json.loads(model_file(model, **options))


def numbers(content: dict, kind: str = "<f4") -> np.ndarray:
    return np.frombuffer(base64.b64decode(content["weights"]), kind)


def test_file_says_what_the_network_is():
    model = small(layers.Conv2D(2, 3, activation="relu"), layers.Dropout(0.5))
    content = content_of(model)
    assert [layer["kind"] for layer in content["layers"]] == [
        *("conv", "activation", "reshape", "dense"),
    ]
    assert content["parameters"] == model.count_params() == len(numbers(content))
    assert content["answers"] == "logits"
    assert numbers(content)[:18] == pytest.approx(np.ravel(model.get_weights()[0]))
    assert content["examples"]["examined"] == min(EXAMINED, 500)
    assert len(content["examples"]["index"]) == len(content["examples"]["label"])
    model.compile(loss="mse")
    assert content_of(model)["answers"] == "estimates"


def test_half_precision_halves_the_file():
    model = small()
    content = content_of(model, precision="float16")
    assert numbers(content, "<f2") == pytest.approx(numbers(content_of(model)), abs=1e-3)


def test_batch_normalization_becomes_a_factor_and_a_summand():
    model = small(layers.BatchNormalization(epsilon=0.5))
    model.layers[0].set_weights([np.full(1, each) for each in (3.0, 5.0, 2.0, 1.75)])
    assert numbers(content_of(model))[:2] == pytest.approx([2.0, 1.0])  # 3 / √2.25, 5 − 2 × 2


class Own(layers.Layer):
    """A layer that nobody else knows."""

    def call(self, x):
        """Give what it gets."""
        return x


def two_outputs() -> keras.Model:
    image = keras.Input((28, 28, 1))
    flat = layers.Flatten()(image)
    return keras.Model(image, [layers.Dense(10)(flat), layers.Dense(10)(flat)])


def with_inputs(inputs: object) -> keras.Model:
    flat = [layers.Flatten()(each) for each in keras.tree.flatten(inputs)]
    return keras.Model(inputs, layers.Dense(10)(layers.Concatenate()([*flat, *flat])))


def of_operations() -> keras.Model:
    image = keras.Input((28, 28, 1))
    return keras.Model(image, layers.Dense(10)(keras.ops.reshape(image, (-1, 784))))


def within_two() -> keras.Model:
    image, member = keras.Input((28, 28, 1)), small()
    other = keras.Sequential([keras.Input((28, 28, 1)), layers.Identity(), member])
    return keras.Model(image, layers.Average()([member(image), other(image)]))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: with_inputs([keras.Input((28, 28, 1)) for _ in "ab"]), "one input and one output"),
        (lambda: with_inputs({"a": keras.Input((28, 28, 1), name="a")}), "one input and one out"),
        (of_operations, "made of the layers in its list"),
        (within_two, "call it directly in each place"),
        (lambda: small(layers.UpSampling2D()), "does not know the layer UpSampling2D"),
        (lambda: small(Own()), "does not know the layer Own"),
        (lambda: small(layers.Dense(3, activation=keras.ops.sin)), "activation"),
        (lambda: small(layers.LayerNormalization(axis=1)), "the last axes"),
        (lambda: small(layers.BatchNormalization(axis=1)), "axis=-1"),
        (
            lambda: keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(3)]),
            "a digit classifier gives (10,)",
        ),
        (
            lambda: keras.Sequential(
                [keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)]
            ),
            "reads (32, 32, 3)",
        ),
        (lambda: keras.Sequential([layers.Dense(10)]), "not built yet"),
        (two_outputs, "one output"),
        (lambda: "a model", "Keras models, not str"),
        (list, "empty"),
    ],
)
def test_model_that_cannot_be_shown_is_refused_in_a_line(make, reason):
    with pytest.raises(CourseError) as refused:
        playground(make())
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_diverged_training_is_refused():
    model = small()
    model.layers[-1].set_weights([np.full_like(a, np.nan) for a in model.layers[-1].get_weights()])
    with pytest.raises(CourseError, match="diverged"):
        playground(model)


def test_snapshots_of_another_network_are_refused():
    with pytest.raises(CourseError, match="another network"):
        playground(small(), history=[Snapshot("before", build_mlp().get_weights())])
    with pytest.raises(CourseError, match="not both"):
        playground([small()], history=[Snapshot("before", small().get_weights())])


def test_list_of_models_becomes_steps():
    first, second = small(), small()
    content = json.loads(
        playground([first, second]).page.partition('"models":[')[2].partition('],"neighbours"')[0]
    )
    (step,) = content["steps"]
    assert step["label"] == "network 1 of 2"
    kept = np.frombuffer(base64.b64decode(step["weights"]), "<f2")
    assert kept == pytest.approx(np.concatenate([a.ravel() for a in first.get_weights()]), abs=1e-3)


@pytest.mark.parametrize("at_once", [1, 4])
def test_recorder_keeps_the_chosen_steps(at_once):
    model = small()
    model.compile("sgd", "mse", steps_per_execution=at_once)
    recorder = RecordSteps(steps=(0, 2, 9, 100))
    x, y = np.ones((64, 28, 28, 1), "float32"), np.ones((64, 10), "float32")
    start = model.get_weights()
    model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=[recorder])
    labels = [snapshot.label for snapshot in recorder.snapshots]
    steps = (2, 9) if at_once == 1 else (4, 12)
    assert labels == ["before training", *(f"after {step} steps" for step in steps)]
    assert np.array_equal(recorder.snapshots[0].weights[0], start[0])
    assert not np.array_equal(recorder.snapshots[1].weights[0], start[0])
    with pytest.raises(CourseError, match="whole numbers"):
        RecordSteps(steps=(-1,))


def test_output_is_small_and_names_nothing_outside():
    shown = playground(build_fast_cnn())
    output = shown._repr_html_()
    assert len(output) < 400_000
    assert "sandbox='allow-scripts'" in output
    assert "connect" not in shown.page
    assert "default-src 'none'" in shown.page
    assert repr(shown) == "<Draw a digit, and look inside; a notebook shows it>"


def test_names_cannot_end_the_script():
    page = playground(small(), name="</script><script>alert(1)</script>").page
    assert "</script><script>alert" not in page
    assert page.count("</script>") == playground(small()).page.count("</script>")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"image": np.zeros((3, 3))}, "shape (3, 3)"),
        ({"image": np.zeros((28, 28)), "kernel": np.zeros((2, 3))}, "shape (2, 3)"),
        ({"image": np.zeros((28, 28)), "size": 9}, "shape (9, 9)"),
    ],
)
def test_window_of_a_wrong_shape_is_refused(options, reason):
    with pytest.raises(CourseError) as refused:
        sliding_window(**options)
    assert reason in str(refused.value)


def test_every_known_layer_is_listed():
    assert all(f"`{name}`" in known_layers()[0] for name in KNOWN)


def test_file_is_not_overwritten(tmp_path):
    path = save_playground(small(), tmp_path / "mine.json")
    assert json.loads(path.read_text(encoding="utf-8"))["precision"] == "float32"
    with pytest.raises(CourseError, match="is there already"):
        save_playground(small(), path)
    assert list(tmp_path.iterdir()) == [path]


def test_command_writes_the_file_or_says_why_not(tmp_path, capsys):
    small().save(tmp_path / "small.keras")
    out = tmp_path / "my_model.json"
    done = run_cli("export-web", tmp_path / "small.keras", "-o", out)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["name"] == "small"

    for model, path, reason in (
        ("small.keras", out, "is there already"),
        ("nothing", tmp_path / "new.json", "no run folder or model file"),
    ):
        assert main(["export-web", str(tmp_path / model), "-o", str(path)]) == 2
        said = capsys.readouterr().err
        assert reason in said
        assert said.count("\n") == 1


# --- The site's extension -----------------------------------------------------------------------


def test_site_takes_networks_out_of_outputs():
    import html

    import playground as extension

    output = playground(small(), name="mine")._repr_html_()
    mount, data = extension.DATA.search(html.unescape(output)).groups()
    assert mount == "mount"
    assert [model["name"] for model in json.loads(data)["models"]] == ["mine"]
    other = sliding_window(np.zeros((28, 28)))._repr_html_()
    assert extension.DATA.search(html.unescape(other))[1] == "mountSliding"
