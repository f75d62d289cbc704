"""The playground's JavaScript computes what Keras computes, layer by layer."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from playwright.sync_api import Page
from slanting import sheared, slant

from mnist_keras import (
    Upright,
    build_accurate_cnn,
    build_convnet,
    build_mlp,
    build_tiny_cnn,
    load_data,
    predict_probabilities,
    prepare,
)
from mnist_keras.evaluation import trained_with_squared_error
from mnist_keras.networks import averaged_over_shifts, leaves
from mnist_keras.web.layers import ACTIVATIONS, KNOWN
from mnist_keras.web.model_file import file_text, network_of

from .architectures import architectures, shaken
from .conftest import as_text

pytestmark = pytest.mark.browser

IMAGES = 1000
ANSWER = """([text, count, all]) => {
    const network = readNetwork(text)
    const answers = []
    for (let k = 0; k < count; k++) {
        const values = run(network, testImages[k])
        answers.push(...probabilities(network, values))
        if (k === 0 && all) globalThis.slopes = [...gradient(network, values, 3)]
    }
    return answers
}"""


@pytest.fixture(scope="module")
def images(calculator: Page) -> np.ndarray:
    """Give test images to Python and to the browser."""
    _, (x, _) = load_data()
    calculator.evaluate(
        """text => {
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0))
            globalThis.testImages = Array.from({ length: bytes.length / 784 }, (_, k) =>
                Float32Array.from(bytes.subarray(784 * k, 784 * (k + 1)), grey => grey / 255))
        }""",
        as_text(x[:IMAGES]),
    )
    return prepare(x[:IMAGES])


def in_browser(page: Page, model: keras.Model, count: int, precision: str = "float32"):
    network = network_of(model)
    answers = "estimates" if trained_with_squared_error(model) else network.answers
    text = file_text(network, name=model.name, answers=answers, precision=precision)
    return np.reshape(page.evaluate(ANSWER, [text, count, True]), (count, 10))


def course_network(name: str) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = {"mlp": build_mlp, "convnet": build_convnet, "tiny": build_tiny_cnn}[name]()
    shaken(model, np.random.default_rng(1))
    if name == "mlp":
        model.compile(loss="mse")
    return model


@pytest.mark.parametrize("name", ["mlp", "convnet", "tiny"])
def test_course_networks_answer_as_keras_does(calculator, images, name):
    model = course_network(name)
    found = in_browser(calculator, model, IMAGES)
    assert np.abs(found - predict_probabilities(model, images)).max() < 1e-5


def test_trained_network_answers_as_keras_does(calculator, images, fast):
    expected = predict_probabilities(fast, images)
    assert np.abs(in_browser(calculator, fast, IMAGES) - expected).max() < 1e-5
    halved = in_browser(calculator, fast, IMAGES, "float16")
    first, second = np.sort(expected, axis=1)[:, :-3:-1].T
    tied = first - second < 0.01
    assert ((halved.argmax(axis=1) == expected.argmax(axis=1)) | tied).all()
    assert np.abs(halved - expected).max() < 0.01


def test_network_in_a_network_answers_as_keras_does(calculator, images):
    model = averaged_over_shifts(build_accurate_cnn())
    shaken(model, np.random.default_rng(2))
    assert len(network_of(model).weights) < model.count_params()  # each once
    found = in_browser(calculator, model, 20)
    assert np.abs(found - predict_probabilities(model, images[:20])).max() < 1e-5


def member(**settings) -> keras.Model:
    image = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(keras.layers.Conv2D(2, 5, strides=3)(image))
    return keras.Model(image, keras.layers.Dense(10, **settings)(flat))


def average_of_probabilities(image):
    return keras.layers.Average()([member(activation="softmax")(image) for _ in range(2)])


def reshaped_probabilities(image):
    return keras.layers.Reshape((10,))(member(activation="softmax")(image))


def member_at_the_end(image):
    return member()(Upright()(image))


def member_called_twice_at_the_end(image):
    twice = member()
    twice(image)
    return twice(Upright()(image))


def member_that_is_given_its_image_by_name(image):
    return keras.layers.Identity()(member()(inputs=image))


@pytest.mark.parametrize(
    "body",
    [
        average_of_probabilities,
        reshaped_probabilities,
        member_at_the_end,
        member_called_twice_at_the_end,
        member_that_is_given_its_image_by_name,
    ],
)
def test_networks_of_networks_answer_as_keras_does(calculator, images, body):
    keras.utils.set_random_seed(4)
    image = keras.Input((28, 28, 1))
    model = keras.Model(image, body(image))
    found = in_browser(calculator, model, 20)
    assert np.abs(found - predict_probabilities(model, images[:20])).max() < 5e-5
    assert found.std(axis=0).max() > 5e-4


def test_an_ensemble_that_looks_nine_times_answers_as_keras_does(calculator, images):
    image = keras.Input((28, 28, 1))
    members = {"one": build_accurate_cnn(), "two": build_tiny_cnn(), "three": build_tiny_cnn()}
    views = (image, Upright()(image), image)
    answers = []
    for (name, member), view in zip(members.items(), views, strict=True):
        member.name = name
        shaken(member, np.random.default_rng(3))
        answers.append(keras.layers.Activation("log_softmax")(member(view)))
    model = averaged_over_shifts(keras.Model(image, keras.layers.Average()(answers)))
    assert len(network_of(model).layers) > 400
    found = in_browser(calculator, model, 20)
    # Keras finds a slant with seven digits, and a row is moved by up to ten times that.
    assert np.abs(found - predict_probabilities(model, images[:20])).max() < 5e-5


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def score_before_softmax(model: keras.Model) -> keras.Model:
    """Give the scores, also of a network that ends in a softmax."""
    last = model.layers[-1]
    if last.activation is not keras.activations.softmax:
        return model
    scores = keras.layers.Dense(10)(last.input)
    before = keras.Model(model.input, scores)
    before.layers[-1].set_weights(last.get_weights())
    return before


def test_random_architectures_answer_as_keras_does(calculator, images):
    seen, curves = set(), set()
    for model in architectures(images[:50]):
        own = images[..., 0] if len(model.input_shape) == 3 else images
        raw = np.asarray(model(own, training=False), "float64")
        expected = raw if model.name.endswith(tuple("13579")) else softmax(raw)
        found = in_browser(calculator, model, IMAGES)
        # Keras finds a slant with seven digits, and a row is moved by up to ten times that.
        assert np.abs(found - expected).max() < 5e-5, model.name
        assert found.std(axis=0).max() > 5e-4, f"{model.name} says the same of every image"

        for layer in leaves(model):
            seen.add(type(layer).__name__)
            curves.add(getattr(getattr(layer, "activation", None), "__name__", ""))
        if any(isinstance(layer, Upright) for layer in leaves(model)):
            continue  # TensorFlow's gradient through it is an approximation
        one = tf.Variable(own[:1])
        with tf.GradientTape() as tape:
            score = score_before_softmax(model)(one, training=False)[0, 3]
        slope = np.asarray(tape.gradient(score, one)).ravel()
        own_slope = np.array(calculator.evaluate("slopes"))
        assert np.abs(own_slope - slope).max() < 2e-3 * np.abs(slope).max() + 1e-6, model.name
    assert set(KNOWN) <= seen
    assert curves >= ACTIVATIONS


def test_what_a_pixel_does_to_the_slant_counts_in_the_gradient(calculator, images):
    hidden = [Upright(), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((28, 28, 1)), *hidden, keras.layers.Dense(10)])
    shaken(model, np.random.default_rng(5))
    in_browser(calculator, model, 1)
    found = np.array(calculator.evaluate("slopes")).reshape(28, 28)
    kernel = model.layers[-1].get_weights()[0][:, 3].reshape(28, 28)
    image = images[0, :, :, 0].astype("float64")

    def score(changed):
        return float((sheared(changed, slant(changed)) * kernel).sum())

    for place in np.argwhere(image > 0.5)[::7]:
        step = np.zeros_like(image)
        step[tuple(place)] = 1e-6
        slope = (score(image + step) - score(image - step)) / 2e-6
        assert found[tuple(place)] == pytest.approx(slope, abs=2e-4), place


def test_field_of_a_number_is_what_it_can_have_seen(calculator, images):
    model = build_tiny_cnn()
    shaken(model, np.random.default_rng(3))
    network = network_of(model)
    text = file_text(network, name="tiny", answers="logits", precision="float32")
    deep = [k for k, layer in enumerate(network.layers, 1) if layer["kind"] == "conv"][2]
    region = calculator.evaluate(
        """([text, node]) => {
            globalThis.network = readNetwork(text)
            return fieldOf(network, node, { top: 1, bottom: 2, left: 2, right: 3 })
        }""",
        [text, deep],
    )
    seen = calculator.evaluate(
        """([node, at]) => {
            const [height, width, maps] = network.layers[node - 1].shape
            const number = image => run(network, image)[node].data[(1 * width + 2) * maps]
            const plain = new Float32Array(784).fill(0.5)
            const before = number(plain)
            const seen = []
            for (let k = 0; k < 784; k++) {
                const changed = plain.slice()
                changed[k] = 4
                if (number(changed) !== before) seen.push(k)
            }
            return seen
        }""",
        [deep, 0],
    )
    rows, columns = np.divmod(np.array(seen), 28)
    assert (rows.min(), rows.max() + 1) == (region["top"], region["bottom"])
    assert (columns.min(), columns.max() + 1) == (region["left"], region["right"])


# --- Files that nobody should trust -------------------------------------------------------------


def small_file() -> dict:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(2, 3, strides=3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )
    network = network_of(model)
    return json.loads(file_text(network, name="small", answers="logits", precision="float32"))


def broken(change) -> str:
    content = small_file()
    change(content)
    return json.dumps(content)


NAN = as_text(np.full(3, np.nan, "float32"))
HOSTILE = {
    "": "not a model file",
    "null": "not a model file",
    "[1, 2": "damaged, or cut off",
    '{"format": "other"}': "not a model file",
    broken(lambda c: c.update(version=2)): "another release",
    broken(lambda c: c.update(layers=[])): "from 1 to",
    broken(lambda c: c.update(layers=[c["layers"][0]] * 1001)): "from 1 to",
    broken(lambda c: c.update(weights=c["weights"][:-40])): "weights, and the file holds",
    broken(lambda c: c.update(weights="*")): "weights are damaged",
    broken(lambda c: c.update(weights=7)): "no weights",
    broken(lambda c: c.update(weights=c["weights"][:-16] + NAN)): "no finite numbers",
    broken(lambda c: c.update(precision="int8")): "neither float32 nor float16",
    broken(lambda c: c["layers"].pop()): "a network for digits gives 10",
    broken(lambda c: c["layers"][0].update(kind="lambda")): "of a kind that the playground",
    broken(lambda c: c["layers"][0].update(kind="constructor")): "of a kind that the playground",
    broken(lambda c: c["layers"][0].update({"from": [3]})): "should be a whole number from 0 to 0",
    broken(lambda c: c["layers"][0].update({"from": []})): "does not say what it reads",
    broken(lambda c: c["layers"][0].update(size=[40, 40])): "empty array",
    broken(lambda c: c["layers"][0].update(filters=1e9)): "should be a whole number",
    broken(lambda c: c["layers"][0].update(strides=[0, 0])): "should be a whole number",
    broken(lambda c: c["layers"][1].update(how="eval")): "unknown to the playground",
    broken(lambda c: c["layers"][2].update(shape=[1e12])): "should be a whole number",
    broken(lambda c: c["layers"][0].update(like=1)): "from 1 to 0",
    broken(lambda c: c["layers"][3].update(like=1)): "not like the one that it names",
    broken(lambda c: c["layers"][3].update(units=65536)): "too large for the playground",
    broken(
        lambda c: c["layers"].insert(
            0, {"kind": "frame", "from": [0], "edges": [256, 256, 256, 256], "name": "x"}
        )
    ): "a network for digits gives 10",
    broken(
        lambda c: c.update(
            layers=[
                {"kind": "frame", "from": [k], "edges": [256] * 4, "name": "x"} for k in range(30)
            ]
        )
    ): "too large for the playground",
    broken(lambda c: c.update(steps=[{"label": "x", "weights": ""}])): "the file holds 0",
    broken(
        lambda c: c.update(examples={"index": [1], "label": [1], "images": "<svg onload=x>"})
    ): "images are damaged",
    broken(
        lambda c: c.update(examples={"index": [1], "label": [1], "images": "iVBORw0KGgo="})
    ): "another size",
}


def test_hostile_files_are_refused_in_a_line(calculator):
    complaints = calculator.evaluate(
        """texts => texts.map(text => {
            try { readNetwork(text); return "taken" } catch (error) { return error.message }
        })""",
        list(HOSTILE),
    )
    for complaint, expected in zip(complaints, HOSTILE.values(), strict=True):
        assert expected in complaint
        assert "\n" not in complaint


def test_huge_file_is_refused_before_it_is_read(calculator):
    complaint = calculator.evaluate(
        """() => {
            try { readNetwork({ length: 1e9 }) } catch (error) { return error.message }
        }"""
    )
    assert "too large" in complaint
