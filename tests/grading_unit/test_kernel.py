"""What the process that runs notebooks changes in Keras changes no result."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command_line import environment

TRAINED = """
import hashlib, sys
import keras, numpy as np
from mnist_keras.sandbox.kernel import _build_optimizers_first
if "built" in sys.argv:
    _build_optimizers_first()
traced = []
keras.utils.set_random_seed(1)
x, y = np.random.rand(60, 4), np.random.randint(0, 3, 60)
class Counted(keras.Sequential):
    def train_step(self, *data):
        traced.append(self.optimizer.built)
        return super().train_step(*data)
model = Counted([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
history = model.fit(x, y, epochs=3, batch_size=16, verbose=0).history
told = repr([weight.tolist() for weight in model.get_weights()]) + repr(history)
print(hashlib.sha256(told.encode()).hexdigest(), traced[0])
"""


@pytest.mark.slow
def test_building_optimizers_first_gives_the_same_weights_and_history_to_the_bit():
    found = [
        subprocess.run(
            [sys.executable, "-c", TRAINED, *how],
            capture_output=True,
            text=True,
            env=environment(),
        )
        for how in ((), ("built",))
    ]
    (plain, late), (built, early) = (done.stdout.split() for done in found)
    assert plain == built, [done.stderr for done in found]
    assert (late, early) == ("False", "True")
