"""``mnist-keras train``: train a network, alone or with other processes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_keras.cluster.meeting import (
    PATIENCE,
    DismissedError,
    Place,
    Team,
    gathered,
    join,
    place_in,
)
from mnist_keras.cluster.plan import MOST_DEVICES, STRATEGIES, require_shareable
from mnist_keras.commands.shared import (
    JSON,
    StoppedError,
    add_options,
    asked_for,
    keras_starting,
    say,
)
from mnist_keras.data import verified_file
from mnist_keras.errors import CourseError
from mnist_keras.runs.folder import RunFolder
from mnist_keras.runs.locking import locked
from mnist_keras.runs.settings import DEFAULTS, TrainingSettings, require_whole, settings_for
from mnist_keras.tuning.settings import duration_of

if TYPE_CHECKING:
    from mnist_keras.cluster.devices import Devices


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras train``."""

    def default(name: str) -> str:
        each = ", ".join(f"{network} {values[name]}" for network, values in DEFAULTS.items())
        return f"default: {each}"

    options = {
        "--network": "which network (default: fast)",
        "--epochs N": f"passes through the data ({default('epochs')})",
        "--batch-size N": f"images a step ({default('batch_size')})",
        "--learning-rate X": default("learning_rate"),
        "--validation-split F": f"share set aside for validation ({default('validation_split')})",
        "--seed N": "start of every random choice (default: 0)",
        "--[no-]augment": f"change training images a little at random ({default('augment')})",
        "--quick": "use 2,000 training images and 500 test images",
        "--out DIR": "run folder to write (default: runs/NETWORK)",
        "--strategy": "what trains: single, one device; mirrored, all GPUs of this computer; "
        "multinode, all processes that srun started (default: auto, the most that there is)",
        "--devices N": "how many GPUs of this computer or, without any, parts of its processor "
        "(default: all GPUs)",
        "--patience T": "how long processes wait for each other (default: 2m)",
    }
    again = {
        "--resume": "go on with the run in DIR, if there is one",
        "--overwrite": "start again although DIR holds a run",
    }
    add_options(parser, options, network=DEFAULTS, strategy=STRATEGIES)
    add_options(parser.add_mutually_exclusive_group(), again)
    add_options(parser, JSON)
    patience = f"{PATIENCE:.0f}s"
    parser.set_defaults(network="fast", seed=0, quick=None, strategy="auto", patience=patience)


def check(options: argparse.Namespace) -> TrainingSettings:
    """Refuse what can be told anywhere, before a job waits, and return the settings."""
    settings = settings_for(**asked_for(options, TrainingSettings))
    if options.devices is not None:
        require_whole("the number of devices", options.devices, 1, MOST_DEVICES)
    if options.strategy == "single" and (options.devices or 1) > 1:
        raise CourseError("--strategy single trains on one device; leave out --devices")
    duration_of(options.patience)
    return settings


def run(options: argparse.Namespace) -> int:
    """Train, keep a run folder, measure on the test set."""
    settings = check(options)
    out = options.out or Path("runs") / options.network
    # What would be refused is known before anything is written and before Keras starts.
    verified_file()
    folder, place = RunFolder(out), place_for(options)
    require_shareable(settings.batch_size, place.processes if place else options.devices or 1)
    if place and place.rank:
        return followed(folder, settings, options, place)
    again = {"resume": options.resume, "overwrite": options.overwrite}
    with ExitStack() as held:
        with (
            gathered(place, settings.as_dict(), duration_of(options.patience))
            if place
            else nullcontext()
        ) as gathering:
            held.enter_context(locked(out))
            folder.refuse(settings, **again)
            was_finished = options.resume and folder.metrics() is not None
            if gathering:
                gathering.finished = was_finished
            elif not was_finished:  # before an old run is overwritten
                devices = devices_here(settings, options, held=out)
            folder.begin(settings, **again)
        if gathering and not was_finished:
            devices = devices_here(settings, options, gathering.team, held=out)
        metrics = folder.metrics() or trained(folder, settings, devices)
    metrics = {"run": str(out), "network": settings.network, **metrics}
    if options.json:
        print(json.dumps(metrics))
        return 0
    if was_finished:
        print(f"The run in {out} was finished before; nothing was done.")
    if metrics["test_loss"] is None:
        say("mnist-keras: training diverged, its loss is not a number; lower --learning-rate")
    epochs = metrics["epochs"]
    print(
        f"Test accuracy {100 * metrics['test_accuracy']:.2f} % on "
        f"{metrics['test_images']:,} images after {epochs} epoch{'' if epochs == 1 else 's'}, "
        f"{metrics['seconds']:.0f} s of training, with {metrics['parameters']:,} parameters. "
        f"The run lies in {out}."
    )
    return 0


def place_for(options: argparse.Namespace) -> Place | None:
    """Find this process's place among those that train together; None if it trains alone."""
    place = place_in(os.environ) if options.strategy in ("auto", "multinode") else None
    if place is None and options.strategy == "multinode":
        raise CourseError(
            "--strategy multinode needs several processes, and this one is alone; start it in a "
            "job with srun and two or more tasks, or use --strategy mirrored"
        )
    if place and options.devices:
        raise CourseError(
            "--devices is for one computer; each process of a job trains on the GPUs that the job "
            "asked for"
        )
    return place


def followed(
    folder: RunFolder, settings: TrainingSettings, options: argparse.Namespace, place: Place
) -> int:
    """Train with process 0, which alone writes and says what was measured."""
    try:
        team = join(place, settings.as_dict(), duration_of(options.patience))
    except DismissedError:
        return 0
    devices = devices_here(settings, options, team)
    with keras_starting():
        from mnist_keras.process.stopping import StopOnInterrupt
        from mnist_keras.training import train_in

    train_in(folder, settings, [StopOnInterrupt()], devices)
    return 0


def devices_here(
    settings: TrainingSettings,
    options: argparse.Namespace,
    team: Team | None = None,
    held: Path | None = None,
) -> Devices:
    """Start Keras, and make ready the devices that were asked for."""
    with keras_starting(held):
        from mnist_keras.cluster.devices import devices_for
    return devices_for(options.strategy, settings.batch_size, options.devices, team)


def trained(folder: RunFolder, settings: TrainingSettings, devices: Devices) -> dict[str, Any]:
    """Go on with the run in a folder, and return what it measured in the end."""
    with keras_starting(folder.path):
        from mnist_keras.process.progress import Progress
        from mnist_keras.process.stopping import StopOnInterrupt
        from mnist_keras.training import train_in

    on = f" on {devices.replicas} devices" if devices.replicas > 1 else ""
    epochs = f"{settings.epochs} epoch{'' if settings.epochs == 1 else 's'}"
    behind = len(folder.history())
    going_on = f", going on after epoch {behind}" if behind else ""
    say(f"Training {settings.network} for {epochs}{on} into {folder.path}{going_on}.")
    callbacks = [Progress(sys.stderr), StopOnInterrupt()]
    try:
        return train_in(folder, settings, callbacks, devices).metrics()
    except OSError as error:
        raise CourseError(
            f"{error.strerror or error} while writing to {folder.path}; the finished epochs are "
            "kept: make room and run the same command with --resume"
        ) from error
    except KeyboardInterrupt as stop:
        done = len(folder.history())
        raise StoppedError(
            f"{done} of {settings.epochs} epochs are kept in {folder.path}; "
            "run the same command with --resume to go on"
        ) from stop
