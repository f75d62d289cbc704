"""``mnist-keras evaluate``: what a trained network gets right and wrong."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_keras.commands.shared import JSON, MODEL, add_options, keras_starting
from mnist_keras.data import load_data
from mnist_keras.errors import CourseError
from mnist_keras.runs.folder import RunFolder, find_model
from mnist_keras.runs.locking import locked

if TYPE_CHECKING:
    from mnist_keras.evaluation import Evaluation


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras evaluate``."""
    options = {
        "--out DIR": "folder for the figures (default: none)",
        "--overwrite": "replace figures in DIR",
    }
    add_options(parser, MODEL | options | JSON)


def run(options: argparse.Namespace) -> int:
    """Measure a model on the test set and draw the figures."""
    find_model(options.model)
    with locked(options.out) if options.out else nullcontext():
        if options.out and not options.overwrite and any(options.out.glob("*.png")):
            raise CourseError(
                f"{options.out} holds figures already; choose another folder with --out, "
                "or add --overwrite"
            )
        evaluation = evaluated(options.model, options.out)
    if options.json:
        print(json.dumps({"model": str(options.model), **evaluation.as_dict()}))
        return 0

    n = len(evaluation.labels)
    print(
        f"Test accuracy {100 * evaluation.accuracy:.2f} %, loss {evaluation.loss:.4f} "
        f"(cross-entropy), on {n:,} images.\n"
    )
    print("digit     " + "".join(f"{d:>7}" for d in range(10)))
    print("right, %  " + "".join(f"{100 * share:>7.2f}" for share in evaluation.accuracy_per_digit))
    print("\nshown (row) and answered (column):")
    print("          " + "".join(f"{d:>7}" for d in range(10)))
    for digit, row in enumerate(evaluation.confusion):
        print(f"{digit:>10}" + "".join(f"{count or '·':>7}" for count in row))
    worst = evaluation.worst_mistakes(5)
    if worst:
        print("\nThe mistakes it was surest of:")
    for mistake in worst:
        print(
            f"  test image {mistake.index}: a {mistake.label}, taken for a {mistake.predicted} "
            f"({100 * mistake.probability:.1f} % sure)"
        )
    if options.out:
        print(f"\nThe figures lie in {options.out}.")
    return 0


def evaluated(path: Path, out: Path | None) -> Evaluation:
    """Measure a model, and draw the figures into a folder if there is one."""
    quick = RunFolder(path).settings().quick if path.is_dir() else None
    _, (x_test, y_test) = load_data(quick=quick)
    with keras_starting(out):
        from mnist_keras.evaluation import evaluate
        from mnist_keras.training import load_model

    evaluation = evaluate(load_model(path), x_test, y_test)
    if out:
        from mnist_keras.figures import evaluation_figures, save_pictures

        save_pictures(out, evaluation_figures(evaluation, x_test))
    return evaluation
