"""Writing an entry to the challenge: a network's architecture as JSON, its weights as arrays."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_keras import entry_rules as rules
from mnist_keras.entry_rules import RefusedError
from mnist_keras.errors import CourseError
from mnist_keras.files import write_all, write_text
from mnist_keras.runs.locking import locked
from mnist_keras.web.layers import SHARED

if TYPE_CHECKING:
    import keras


def save_entry(models: keras.Model | Sequence[keras.Model], folder: Path | str) -> str:
    """Write an entry to the challenge and return the league that it competes in.

    Parameters
    ----------
    models
        A trained network; or several trainings of one, whose mean accuracy then counts.
    folder
        Folder to write: ``entry.json`` and ``entry.npz``, or ``entry-1.npz`` and so on.

    Returns
    -------
    str
        ``"10k"`` or ``"50k"``.

    Raises
    ------
    CourseError
        If it would be refused, or the folder holds an entry.
    """
    folder = Path(folder)
    each: list[Any] = list(models) if isinstance(models, list | tuple) else [models]
    if not 1 <= len(each) <= rules.MOST_TRAININGS:
        most = rules.MOST_TRAININGS
        raise CourseError(f"an entry is one network, trained once or up to {most} times")
    *_, league = map(checked_training, each)
    shapes = [[weight.shape for weight in model.weights] for model in each]
    if any(own != shapes[0] for own in shapes):
        raise CourseError("these are different networks; an entry is several trainings of one")
    names = weights_names(len(each))
    files = [(folder / name, weights(model)) for name, model in zip(names, each, strict=True)]
    with locked(folder):
        if (folder / rules.ENTRY).exists():
            raise CourseError(f"{folder} holds an entry already; choose another folder")
        write_all([(folder / rules.ENTRY, claims(each[0], len(each))), *files])
    return league


def checked_training(model: keras.Model) -> str:
    """Return the league of a trained network."""
    from mnist_keras.challenge.rebuild import network

    text = rules.checked_architecture(model.to_json())  # how it was compiled is no part of it
    known = rules.constants(text)
    made_again = network(text)
    if [each.shape for each in made_again.weights] != [each.shape for each in model.weights]:
        raise RefusedError(SHARED)
    if not all(np.isfinite(array).all() for array in model.get_weights()):
        raise RefusedError("its weights are no finite numbers; training diverged")
    return rules.league_of(model.count_params() + known)


def weights_names(trainings: int) -> list[str]:
    """Name the files of the weights of so many trainings."""
    return [f"entry-{n + 1}.npz" for n in range(trainings)] if trainings > 1 else ["entry.npz"]


def save_training(model: keras.Model, folder: Path, number: int, trainings: int) -> None:
    """Write the weights of one of so many trainings, counted from 1."""
    write_all([(folder / weights_names(trainings)[number - 1], weights(model))])


def save_claims(model: keras.Model, folder: Path, trainings: int) -> None:
    """Write what makes the weights in a folder an entry; after them, so that it is whole."""
    write_text(folder / rules.ENTRY, claims(model, trainings))


def weights(model: keras.Model) -> bytes:
    """Return the content of a weights file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *model.get_weights())
    return buffer.getvalue()


def claims(model: keras.Model, trainings: int) -> str:
    """Return the content of the file that says what the entry is."""
    parameters = model.count_params() + rules.constants(rules.checked_architecture(model.to_json()))
    names = weights_names(trainings)
    entry = {
        "league": rules.LEAGUES[rules.league_of(parameters)],
        "architecture": model.to_json(),
        "parameters": parameters,
        "weights": names if trainings > 1 else names[0],
    }
    return json.dumps(entry, indent=1) + "\n"
