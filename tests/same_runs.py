"""Two runs that should be the same, but for the order in which numbers were added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_keras.runs.folder import RunFolder

TOLERANCE = 2e-4  # of weights around 1, after steps that differ in the order of additions
ASKED = ("--network", "sprint", "--quick", "--epochs", "2", "--seed", "4")


def assert_same(out: Path, alone: Path) -> None:
    """Compare two runs: what each epoch measured, the figures, and the network itself."""
    from mnist_keras.training import load_model

    ours, theirs = RunFolder(out), RunFolder(alone)
    for row, other in zip(ours.history(), theirs.history(), strict=True):
        for name in ("loss", "accuracy"):
            assert row[name] == pytest.approx(other[name], abs=TOLERANCE)
    mine, other_metrics = ours.metrics(), theirs.metrics()
    assert mine is not None
    assert other_metrics is not None
    assert mine["test_accuracy"] == pytest.approx(other_metrics["test_accuracy"], abs=0.0041)
    weights = [load_model(folder).get_weights() for folder in (out, alone)]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, atol=TOLERANCE)
