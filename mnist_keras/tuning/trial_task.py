"""What a trial does: build, look whether it may be trained, train, score, keep the network.

It runs in a process of its own, or in a notebook's where that cannot be forked. What it finds out
it tells in small dictionaries of plain values.
"""

import copy
import errno
import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras_tuner import HyperParameters

from mnist_keras.batches import Batches, SeedEpochs
from mnist_keras.data import NUMBER_OF_CLASSES, Arrays, hold_out, load_data, prepare
from mnist_keras.describe import architecture, layers_of
from mnist_keras.errors import raised
from mnist_keras.networks import flops_per_image
from mnist_keras.recipes import shift_by_one, warp
from mnist_keras.runs.settings import TrainingSettings
from mnist_keras.training import STEPS_PER_EXECUTION, save_model
from mnist_keras.tuning.record import FAILED, FINISHED, TOO_LARGE, SearchFolder, Values, source_of
from mnist_keras.tuning.settings import SearchSettings
from mnist_keras.tuning.space_sources import Build
from mnist_keras.tuning.trial_processes import Message, Tell

BATCH_SIZE = 128
LONGEST_ERROR = 500
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
AUGMENTATIONS: dict[str, Any] = {"none": None, "shift": shift_by_one, "warp": warp}
SCHEDULES = ("constant", "one cycle")
WARM_UP = 0.2  # of the steps


class UnfitError(Exception):
    """A network that cannot be trained; the message says why, to its builder."""


@dataclass(frozen=True)
class Task:
    """One trial to run."""

    folder: SearchFolder  # the search's
    settings: SearchSettings
    number: int  # of the trial
    values: Values  # hyperparameters that the tuner chose
    space: dict[str, Any]  # hyperparameters that the tuner knows


def images_for(settings: SearchSettings) -> tuple[Arrays, Arrays]:
    """Return the images and labels to train with, and those to measure with."""
    (x, y), _ = load_data(quick=settings.quick)
    return hold_out(x, y, validation_split=settings.validation_split, seed=settings.seed)


def run_trial(build: Build, task: Task, train: Arrays, held: Arrays, tell: Tell) -> None:
    """Run a trial and tell how it goes; whatever is wrong with the network is told too.

    It tells ``about`` the network once it is built, what each ``epoch`` measured, and how the trial
    did ``end``: status, score, error and hyperparameters. An OSError says that the network cannot
    be written: that is no fault of it.
    """
    hp, file = hyperparameters(task.space, task.values), task.folder.model(task.number)
    end: Message = {"status": FINISHED, "score": None, "error": None}
    try:
        scores = []
        for execution in range(task.settings.executions):
            parts = [task.settings.seed, task.number, execution]
            seed = int(np.random.SeedSequence(parts).generate_state(1)[0])
            keras.utils.set_random_seed(seed)
            model = built(build, hp)
            if not execution:
                about = describe(model)
                tell({"about": about})
                limit = task.settings.max_parameters
                if limit is not None and about["parameters"] > limit:
                    said = f"{about['parameters']:,} parameters are more than {limit:,}"
                    end |= {"status": TOO_LARGE, "error": said}
                    break
            model = compiled(model)
            scores.append(fit_and_score(model, hp.values, task, seed, train, held, tell, execution))
            if not execution:
                save_model(model, file)
        else:
            end["score"] = float(np.mean(scores))
    except UnfitError as error:
        end |= {"status": FAILED, "error": str(error)}
    except Exception as error:  # a learner's function raises what it likes
        at_the_file = isinstance(error, OSError) and error.filename == str(file)
        if at_the_file or getattr(error, "errno", None) in NO_ROOM:
            raise
        end |= {"status": FAILED, "error": one_line(error)}
    tell({"end": end | {"values": plain(hp.values), "space": hp.get_config()}})


def hyperparameters(space: dict[str, Any], values: Values) -> HyperParameters:
    """Make the hyperparameters that a build is asked with."""
    hp = HyperParameters.from_config(copy.deepcopy(space))
    hp.values = dict(values)
    return hp


def explore(build: Build, tell: Tell) -> None:
    """Find out which hyperparameters a space has, with all its conditions met; trains nothing.

    As far as it gets: a space that raises has at least what it asked for until then.
    """
    known, hp = HyperParameters(), HyperParameters()
    never: list[Any] = []
    once: list[Any] = []
    try:
        while True:
            build(hp)
            known.merge(hp.space, overwrite=False)
            once += [c for c in copy.deepcopy(hp.active_scopes) if c not in once]
            never = [c for c in never if c not in once]
            never += [c for c in copy.deepcopy(hp.inactive_scopes) if c not in once + never]
            if not never:
                break
            hp = HyperParameters.from_config(known.get_config())
            conditions = never.pop(0)
            once.append(conditions)  # tried, whether it can be met or not
            for condition in conditions:
                hp.values[condition.name] = condition.values[0]
            hp.ensure_active_values()
    except Exception:  # the trials will say what it is
        known.merge(hp.space, overwrite=False)
    known.values = {}
    tell({"space": HyperParameters.from_config(known.get_config()).get_config() | {"values": {}}})


def built(build: Build, hp: HyperParameters) -> keras.Model:
    """Build a network and look whether it can be trained.

    UnfitError says why it cannot.
    """
    model = build(hp)
    if model is None:
        raise UnfitError("the space returned nothing; end it with `return model`")
    if not isinstance(model, keras.Model):
        raise UnfitError(f"the space returned {type(model).__name__}, which is no Keras model")
    try:
        # Also builds a Sequential that was given no input, whose size nobody would know before.
        gives = model(np.zeros((1, 28, 28, 1), "float32"), training=False).shape
    except Exception as error:
        raise UnfitError(
            f"the network cannot read images of shape (28, 28, 1): {one_line(error)}"
        ) from error
    if tuple(gives) != (1, NUMBER_OF_CLASSES):
        shape = f"numbers of shape {tuple(gives)[1:]}"
        raise UnfitError(f"the network gives {shape} an image; it should be (10,)")
    return model


def compiled(model: keras.Model) -> keras.Model:
    """Look whether a network is compiled so that it can be scored, and speed up its training."""
    if not getattr(model, "compiled", False):
        raise UnfitError("the network is not compiled; call `model.compile` before it is returned")
    if model.steps_per_execution == 1 and not model.run_eagerly:
        model.steps_per_execution = STEPS_PER_EXECUTION
    return model


def describe(model: keras.Model) -> Message:
    """Say what a network is."""
    return {
        "parameters": model.count_params(),
        "flops": flops_where_known(model),
        "architecture": architecture(model),
        "layers": layers_of(model),
    }


def flops_where_known(model: keras.Model) -> int | None:
    """Count a network's operations; a class of the learner's own does not know its shapes."""
    try:
        return flops_per_image(model)
    except AttributeError:
        return None


def fit_and_score(
    model: keras.Model,
    values: Values,
    task: Task,
    seed: int,
    train: Arrays,
    held: Arrays,
    tell: Tell,
    execution: int,
) -> float:
    """Train a network as its hyperparameters say, and return its validation accuracy at the end."""
    first = int(values.get("tuner/initial_epoch", 0))
    last = int(values.get("tuner/epochs", task.settings.epochs))
    source = source_of(values)
    if first and source and task.folder.model(source).exists():
        model.load_weights(task.folder.model(source))
    else:
        first = 0

    def tell_epoch(row: Message) -> None:
        tell({"epoch": row, "execution": execution, "epochs": last})

    history = fit_network(model, values, seed, train, held, range(first, last), tell_epoch)
    ended = history[-1]
    if not math.isfinite(ended["loss"]):
        raise UnfitError(f"the loss was no number in epoch {int(ended['epoch'])}; it diverged")
    return float(ended["val_accuracy"])


def fit_network(
    model: keras.Model,
    values: Values,
    seed: int,
    train: Arrays,
    held: Arrays | None,
    epochs: range,
    tell_epoch: Tell = lambda _: None,
) -> list[Message]:
    """Train a compiled network with its batch size, augmentation and schedule.

    Images are uint8; those that are ``held`` are measured after each epoch. Epochs count from 0.
    What each measured is returned in order, and told as it ends.
    """
    augmentation = asked(values, "augmentation", "none", tuple(AUGMENTATIONS))
    schedule = asked(values, "schedule", "constant", SCHEDULES)
    settings = TrainingSettings(
        network="fast",  # which has no say in batches
        epochs=epochs.stop,
        batch_size=int(values.get("batch_size", BATCH_SIZE)),
        learning_rate=0.001,
        validation_split=0.0,
        seed=seed,
        augment=augmentation != "none",
    )
    batches = Batches(train[0], labels_for(model, train[1]), settings, AUGMENTATIONS[augmentation])
    model.optimizer.build(model.trainable_variables)
    history: list[Message] = []

    def note(epoch: int, logs: dict[str, float] | None) -> None:
        row = {"epoch": epoch + 1, **{name: float(v) for name, v in (logs or {}).items()}}
        if held and "val_accuracy" not in row:
            raise UnfitError('the network is compiled without metrics=["accuracy"]')
        history.append(row)
        tell_epoch(row)

    notes = keras.callbacks.LambdaCallback(on_epoch_end=note)
    callbacks = [SeedEpochs(batches, seed), keras.callbacks.TerminateOnNaN(), notes]
    if schedule == "one cycle":
        callbacks.append(OneCycle(epochs, len(batches)))
    model.fit(
        batches.dataset(),
        shuffle=False,
        initial_epoch=epochs.start,
        epochs=epochs.stop,
        validation_data=(prepare(held[0]), labels_for(model, held[1])) if held else None,
        validation_batch_size=1000,
        callbacks=callbacks,
        verbose=0,
    )
    return history


class OneCycle(keras.callbacks.Callback):
    """Let the learning rate climb to what the optimizer was given, then fall to nothing."""

    def __init__(self, epochs: range, steps_an_epoch: int) -> None:
        super().__init__()
        self._epochs, self._steps = epochs, steps_an_epoch
        self._behind, self._peak = 0, 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Remember the peak."""
        self._peak = float(self.model.optimizer.learning_rate)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Count the epochs."""
        self._behind = self._epochs.index(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Set the learning rate of the steps to come."""
        done = (self._behind * self._steps + batch) / (len(self._epochs) * self._steps)
        if done < WARM_UP:
            share = max(0.01, done / WARM_UP)
        else:
            share = 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))
        self.model.optimizer.learning_rate = self._peak * share


def asked(values: Values, name: str, default: str, known: tuple[str, ...]) -> str:
    """Read one of the hyperparameters that belong to the training."""
    value = values.get(name, default)
    if value not in known:
        raise UnfitError(f"the hyperparameter {name} is {value!r}; it can be {', '.join(known)}")
    return str(value)


def labels_for(model: keras.Model, labels: np.ndarray) -> np.ndarray:
    """Return the labels as the network's loss reads them: whole numbers, or one-hot."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    if "sparse" in str(name).lower():
        return labels
    one_hot: np.ndarray = keras.utils.to_categorical(labels, NUMBER_OF_CLASSES)
    return one_hot


def plain(values: Values) -> Values:
    """Return hyperparameters as JSON can hold them."""
    return {name: getattr(value, "item", lambda v=value: v)() for name, value in values.items()}


def one_line(error: BaseException) -> str:
    """Say in a line what was raised."""
    text = raised(error)
    return text if len(text) <= LONGEST_ERROR else text[: LONGEST_ERROR - 1] + "…"
