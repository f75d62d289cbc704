"""``mnist-keras predict``: the digit in a photo or drawing."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_keras.commands.shared import JSON, MODEL, add_options, complain, keras_starting
from mnist_keras.errors import CourseError
from mnist_keras.runs.folder import find_model

if TYPE_CHECKING:
    from mnist_keras.evaluation import Verdict


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras predict``."""
    add_options(parser, MODEL | {"images IMAGE+": "photo or drawing of one digit"} | JSON)


def run(options: argparse.Namespace) -> int:
    """Name the digit in each image; those that show none are complained of, one line each."""
    find_model(options.model)
    import numpy as np

    from mnist_keras.images import read_digit

    status = 0
    read: list[tuple[Path, np.ndarray]] = []
    refused: list[dict[str, str]] = []
    for path in options.images:
        try:
            read.append((path, read_digit(path)))
        except CourseError as error:
            status = complain(str(error))
            refused.append({"image": str(path), "reason": str(error)})
    answers: list[tuple[Path, Verdict, list[float]]] = []
    if read:
        from mnist_keras.data import prepare
        from mnist_keras.evaluation import name_digit, predict_probabilities

        with keras_starting():
            from mnist_keras.training import load_model

        model = load_model(options.model)
        rows = predict_probabilities(model, prepare(np.stack([image for _, image in read])))
        if not np.isfinite(rows).all():
            raise CourseError(f"{options.model} answers no numbers; its training diverged")
        answers = [
            (path, name_digit(row), row.tolist()) for (path, _), row in zip(read, rows, strict=True)
        ]
    if options.json:
        predictions = [
            {"image": str(path), **asdict(verdict), "probabilities": probabilities}
            for path, verdict, probabilities in answers
        ]
        print(json.dumps({"predictions": predictions, "refused": refused}))
        return status
    for path, verdict, probabilities in answers:
        ranked = sorted(enumerate(probabilities), key=lambda pair: -pair[1])
        listed = ", ".join(f"{digit}: {100 * p:.1f} %" for digit, p in ranked)
        print(f"{path}: {verdict}   ({listed})")
    return status
