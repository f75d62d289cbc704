"""What the process that runs notebooks changes in Keras changes no result."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from command_line import environment

TRAINED = """
import hashlib, json, sys
import keras, numpy as np, tensorflow as tf
from keras import layers
from keras.src.backend.tensorflow.trainer import TFEpochIterator
from mnist_keras.sandbox.shortcuts import shorten_training
if "short" in sys.argv:
    shorten_training()
traced, begun = [], []
class Counted(keras.Sequential):
    def train_step(self, *data):
        traced.append(1)
        return super().train_step(*data)
original = TFEpochIterator._get_iterator
def counted(self):
    begun.append(1)
    return original(self)
TFEpochIterator._get_iterator = counted
keras.utils.set_random_seed(1)
x, y = np.random.rand(60, 4), np.random.randint(0, 3, 60)
model = Counted([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.2), layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
history = model.fit(x, y, 16, epochs=3, validation_data=(x[:7], y[:7]), verbose=0).history
history |= model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(16), verbose=0).history
batches, at_once = [], []
class Batches(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        batches.append(batch)
for callbacks in ([keras.callbacks.EarlyStopping(patience=40)], [Batches()]):
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=["accuracy"])
    said = {"validation_data": (x[:7], y[:7]), "callbacks": callbacks, "verbose": 0}
    run = model.fit(x, y, 7, epochs=50, **said)
    history |= {name + type(callbacks[0]).__name__: each for name, each in run.history.items()}
    at_once.append(model.steps_per_execution)
told = repr(batches) + repr([weight.tolist() for weight in model.get_weights()]) + repr(history)
digest = hashlib.sha256(told.encode()).hexdigest()
try:
    model.compile("sgd", loss, metrics=["accuracy"])
    model.fit(x, keras.utils.to_categorical(y), verbose=0)
except ValueError as error:
    wrong = str(error)
if "short" not in sys.argv:  # Keras by itself could not train this model any more
    model.compile("sgd", loss, metrics=["accuracy"])
model.fit(x, y, verbose=0)
(measure,) = model.metrics[1].metrics
told = [digest, len(batches), wrong, type(measure).__name__]
print(json.dumps([*told, len(traced), len(begun), at_once]))
"""


@pytest.mark.slow
def test_a_shortened_training_gives_the_same_weights_history_and_errors_to_the_bit():
    plain, short = (
        subprocess.run(
            [sys.executable, "-c", TRAINED, *how],
            capture_output=True,
            text=True,
            env=environment(),
        )
        for how in ((), ("short",))
    )
    *usual, traced, begun, at_once = json.loads(plain.stdout)
    *found, traced_shorter, begun_shorter, several = json.loads(short.stdout)
    assert found == usual
    assert traced_shorter < traced
    assert begun_shorter < begun
    assert (at_once, several) == ([1, 1], [20, 1])
