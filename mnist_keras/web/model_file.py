"""The playground's model file: a network's operations as JSON, its weights as numbers in text."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from mnist_keras.data import load_data
from mnist_keras.errors import CourseError
from mnist_keras.evaluation import evaluate, trained_with_squared_error
from mnist_keras.files import require_new, write_text
from mnist_keras.web.layers import Network, taken_apart

if TYPE_CHECKING:
    import keras

FORMAT, VERSION = "mnist-keras playground", 1
PRECISIONS = {"float32": "<f4", "float16": "<f2"}
EXAMINED = 2000  # test images, among which mistakes are looked for
RIGHT, WRONG = 20, 20  # test images that are shown
NEIGHBOURS = 300  # training images, among which the nearest are looked for


@dataclass(frozen=True)
class Snapshot:
    """A network's weights at some time of its training."""

    label: str  # when that was, such as ``after 50 steps``
    weights: list[np.ndarray]  # what `keras.Model.get_weights` gave


def save_playground(
    model: keras.Model, path: Path | str, *, history: Sequence[Snapshot] = ()
) -> Path:
    """Write a model as a file that the playground on the course's site opens.

    Parameters
    ----------
    model
        A trained classifier of the ten digits.
    path
        The file to write; its name should end in ``.json``.
    history
        What `RecordSteps` collected, for the playground's time slider.

    Raises
    ------
    CourseError
        If the playground does not know a layer of it, or the file is there already.
    """
    path = Path(path)
    require_new(path)
    text = model_file(model, history=history, precision="float32")
    write_text(path, text + "\n")
    return path


def model_file(
    model: keras.Model,
    *,
    history: Sequence[Snapshot] = (),
    precision: str = "float32",
    name: str | None = None,
) -> str:
    """Return the content of a model file.

    The history has snapshots of the same model. ``float16`` halves the size.
    """
    network = network_of(model)
    _, (images, labels) = load_data()
    return file_text(
        network,
        name=name or model.name,
        answers="estimates" if trained_with_squared_error(model) else network.answers,
        precision=precision,
        snapshots=[(each.label, network_of(model, each.weights).weights) for each in history],
        examples=examples(model, images[:EXAMINED], labels[:EXAMINED]),
    )


def network_of(model: keras.Model, weights: list[np.ndarray] | None = None) -> Network:
    """Take a Keras model apart, with its own weights or others."""
    if not hasattr(model, "to_json") or not hasattr(model, "get_weights"):
        raise CourseError(f"the playground shows Keras models, not {type(model).__name__}")
    if not model.built:
        raise CourseError(
            "the model is not built yet; start it with keras.Input(shape=(28, 28, 1)), or train it"
        )
    try:
        description = model.to_json()
    except (NotImplementedError, TypeError, ValueError) as error:
        raise CourseError(
            "the playground shows Sequential and functional models, and this one is neither"
        ) from error
    own = model.get_weights()
    if weights is not None and [w.shape for w in weights] != [w.shape for w in own]:
        raise CourseError("the snapshots are of another network than the model")
    return taken_apart(description, own if weights is None else weights)


def file_text(
    network: Network,
    *,
    name: str,
    answers: str,
    precision: str,
    snapshots: Sequence[tuple[str, np.ndarray]] = (),
    examples: dict[str, Any] | None = None,
) -> str:
    """Return the text of a model file."""
    steps = [{"label": at[:60], "weights": as_text(array, precision)} for at, array in snapshots]
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "name": name[:60],
        "parameters": network.parameters,
        "answers": answers,
        "layers": network.layers,
        "precision": precision,
        "weights": as_text(network.weights, precision),
    }
    if steps:
        content["steps"] = steps
    if examples:
        content["examples"] = examples
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def as_text(array: np.ndarray, precision: str) -> str:
    """Write numbers as text: little-endian, base64."""
    if not np.isfinite(array).all():
        raise CourseError("the model's weights are no finite numbers; its training diverged")
    largest = float(np.finfo(PRECISIONS[precision]).max)
    numbers = np.clip(array, -largest, largest).astype(PRECISIONS[precision])
    return base64.b64encode(numbers.tobytes()).decode()


def examples(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Choose test images to show: mistakes, the surest first, and as many that are right."""
    evaluation = evaluate(model, images, labels)
    wrong = [mistake.index for mistake in evaluation.worst_mistakes(WRONG)]
    known = evaluation.predicted == evaluation.labels
    # Two of each digit, as they come.
    of_each = [np.flatnonzero(known & (labels == digit))[: RIGHT // 10] for digit in range(10)]
    right = np.concatenate(of_each).tolist()
    return {
        "examined": len(images),
        "mistakes": int((~known).sum()),
        "wrong": len(wrong),
        "index": [*wrong, *right],
        "label": [int(labels[index]) for index in (*wrong, *right)],
        "images": picture(images[[*wrong, *right]]),
    }


def neighbours() -> dict[str, Any]:
    """Choose training images for the playground: as many of each digit, the same for everybody."""
    (images, labels), _ = load_data()
    rng = np.random.default_rng(seed=0)
    own = [np.flatnonzero(labels == digit) for digit in range(10)]
    chosen = np.concatenate([rng.choice(each, NEIGHBOURS // 10, replace=False) for each in own])
    return {
        "index": chosen.tolist(),
        "label": labels[chosen].tolist(),
        "images": picture(images[chosen]),
    }


def picture(images: np.ndarray) -> str:
    """Put images, uint8 of shape (n, 28, 28), below each other into one PNG, as text."""
    buffer = io.BytesIO()
    Image.fromarray(images.reshape(-1, images.shape[-1])).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
