"""Shorter ways through a training, with the same results: what a child changes in Keras.

In a class's small trainings most of the time is not arithmetic. Measured with Keras 3.15 and
TensorFlow 2.21, these take a third of it away.
"""

import functools
import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

AT_ONCE = 20  # steps that TensorFlow takes by itself
LONG = 300  # steps of a training that is worth it: to trace several at once takes longer
FOR_BATCHES = [f"on_{each}_{end}" for each in ("batch", "train_batch") for end in ("begin", "end")]
FOR_BATCHES += ["on_test_batch_begin", "on_test_batch_end"]


def shorten_training() -> None:
    """Change Keras in this process, which has imported it."""
    import keras

    _prepare_each_fit(keras.Model, keras.callbacks.Callback)
    if keras.backend.backend() == "tensorflow":
        _optimize_no_graphs()
        with suppress(ImportError, AttributeError):  # another Keras may keep it elsewhere
            _begin_each_epoch_once()


def _prepare_each_fit(model_class: type, callback_class: type) -> None:
    """Let `fit` make all variables before its first step, and a long one go by several steps.

    Keras makes those of the optimizer and the metrics in the first step, and TensorFlow then traces
    it again. Between two steps, Keras takes about as long as a small step.
    """
    trainer: Any = next(each for each in model_class.__mro__ if "fit" in each.__dict__)
    original = trainer.fit

    def looks_at_batches(callback: Any) -> bool:
        return any(
            name in vars(callback)
            or getattr(type(callback), name) is not getattr(callback_class, name)
            for name in FOR_BATCHES
        )

    @functools.wraps(original)
    def fit(model: Any, *arguments: Any, **named: Any) -> Any:
        if getattr(model, "optimizer", None) is not None and model.built:
            with suppress(Exception):  # its own fit says what is odd about a model
                if not model.optimizer.built:
                    model.optimizer.build(model.trainable_variables)
                asked = inspect.signature(original).bind(model, *arguments, **named)
                asked.apply_defaults()
                given = asked.arguments
                x, y = given["x"], given["y"]
                if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
                    _build_metrics(model, x[:2], y[:2])
                    steps = len(x) / (given["batch_size"] or 32) * given["epochs"]
                    if steps >= LONG and not any(map(looks_at_batches, given["callbacks"] or ())):
                        _take_several_steps_at_once(model)
        return original(model, *arguments, **named)

    trainer.fit = fit


def _take_several_steps_at_once(model: Any) -> None:
    traced = model.train_function or model.test_function
    if model.steps_per_execution == 1 and not model.run_eagerly and not traced:
        model.steps_per_execution = AT_ONCE


def _build_metrics(model: Any, x: np.ndarray, y: np.ndarray) -> None:
    metrics = model._compile_metrics
    if metrics is not None and not metrics.built:
        try:
            model._symbolic_build(data_batch=(x, y))
        except Exception:
            metrics.built = False  # these labels do not fit; the next may be of another kind
            raise


def _optimize_no_graphs() -> None:
    """Let TensorFlow run its graphs as they are.

    It optimizes each function of an input pipeline again for each epoch, and once more for its
    evaluation: several times what a small epoch's steps take.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _begin_each_epoch_once() -> None:
    """Let an epoch's end not begin the next one, which Keras begins again anyway."""
    from keras.src.backend.tensorflow.trainer import TFEpochIterator

    original = TFEpochIterator._enumerate_iterator

    def batches(self: Any) -> Iterator[tuple[int, int, Any]]:
        if self.steps_per_epoch or not self._num_batches:
            yield from original(self)
            return
        self.data_adapter.on_epoch_begin()
        iterator, size = iter(self._get_iterator()), self.steps_per_execution
        for step in range(0, self._num_batches, size):
            self._steps_seen = step + size
            yield step, step + size - 1, iterator
        self.data_adapter.on_epoch_end()

    TFEpochIterator._enumerate_iterator = batches
