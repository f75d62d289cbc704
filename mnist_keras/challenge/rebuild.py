"""Making an entry's networks again from its data. It runs in the sandbox's child only."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from mnist_keras.data import IMAGE_SHAPE, NUMBER_OF_CLASSES
from mnist_keras.describe import architecture as in_a_line
from mnist_keras.entry_rules import LARGEST_WEIGHTS, RefusedError, league_of
from mnist_keras.errors import CourseError
from mnist_keras.web.model_file import file_text, network_of

Rebuilt = tuple[str, dict[str, Any], dict[str, keras.Model]]


def rebuild(architecture: str, weights: Mapping[str, bytes]) -> Rebuilt:
    """Make the networks of an entry.

    Returned are: why it is refused, in a line, else an empty text; its number of parameters, its
    layers in a line and the first network as the playground's file; and a network for each file.
    """
    about: dict[str, Any] = {}
    models: dict[str, keras.Model] = {}
    try:
        for name, content in weights.items():
            model = network(architecture)
            about |= {"parameters": model.count_params(), "architecture": in_a_line(model)}
            league_of(about["parameters"])
            model.set_weights(fitting(arrays_in(content, name), model.get_weights(), name))
            models[name] = model
            if len(models) == 1:
                about["playground"] = for_playground(model)
    except RefusedError as error:
        return str(error), about, {}
    return "", about, models


def for_playground(model: keras.Model) -> str:
    """Return a network as the playground's model file; empty where the playground can't show it."""
    try:
        taken = network_of(model)
        return file_text(taken, name="", answers=taken.answers, precision="float16")
    except CourseError:
        return ""


def network(architecture: str) -> keras.Model:
    """Make a network that reads digits, with weights that are not its own yet."""
    try:
        model = keras.models.model_from_json(architecture)
        gives = model.output_shape
        reads = model.input_shape
    except Exception as error:  # Keras raises many kinds for what it cannot make
        said = " ".join(str(error).split())[:200]
        raise RefusedError(f"Keras {keras.__version__} cannot build it: {said}") from error
    if reads not in ((None, *IMAGE_SHAPE), (None, *IMAGE_SHAPE[:2])):
        raise RefusedError(f"it reads {reads}; a digit classifier reads (None, 28, 28, 1)")
    if gives != (None, NUMBER_OF_CLASSES):
        raise RefusedError(f"it gives {gives}; a digit classifier gives (None, 10)")
    return model


def arrays_in(content: bytes, name: str) -> list[np.ndarray]:
    """Read the arrays of a weights file in their order; no pickle, no more than was promised."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_WEIGHTS:
            raise RefusedError(f"{name} unpacks to more than {LARGEST_WEIGHTS // 10**6} MB")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            wanted = [f"arr_{k}" for k in range(len(arrays.files))]  # as savez names them
            others = sorted(set(arrays.files) - set(wanted))
            if others:
                raise RefusedError(
                    f"{name} holds {others[0][:60]!r}, which is no weight; write it with "
                    "np.savez(name, *model.get_weights())"
                )
            return [arrays[each] for each in wanted]
    except RefusedError:
        raise
    except Exception as error:  # a damaged archive raises what it likes
        raise RefusedError(
            f"{name} is no file of plain arrays (a pickle is not read); write it with "
            "np.savez(name, *model.get_weights())"
        ) from error


def fitting(
    arrays: Sequence[np.ndarray], wanted: Sequence[np.ndarray], name: str
) -> list[np.ndarray]:
    """Check that arrays are a network's weights: as many, of the same shapes, all finite."""
    if len(arrays) != len(wanted):
        raise RefusedError(
            f"{name} holds {len(arrays)} arrays, and the network has {len(wanted)} weights"
        )
    for k, (array, own) in enumerate(zip(arrays, wanted, strict=True)):
        if array.shape != own.shape:
            raise RefusedError(
                f"{name} does not fit the network: array {k} has the shape {array.shape}, "
                f"the weight {own.shape}"
            )
        if array.dtype.kind not in "fiu":
            raise RefusedError(f"{name} holds an array that is no numbers: {array.dtype}")
        if not np.isfinite(array).all():
            raise RefusedError(
                f"{name} holds weights that are no finite numbers; training diverged"
            )
    return [np.asarray(array, own.dtype) for array, own in zip(arrays, wanted, strict=True)]
