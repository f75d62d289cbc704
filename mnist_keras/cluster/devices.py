"""Which devices train one network together.

On one computer, Keras's ``fit`` works under TensorFlow's `MirroredStrategy`: each device holds a
copy of the network, reads its part of each batch, and all add up their gradients before any moves
a weight. Over several processes that is `MultiWorkerMirroredStrategy`; see `lockstep`.

A batch is that of all devices together. So the same settings give the same network, up to the
order of additions, on one device and on many.
"""

import os
import threading
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from mnist_keras.cluster.meeting import PATIENCE, Team
from mnist_keras.cluster.plan import require_shareable
from mnist_keras.errors import CourseError
from mnist_keras.networks import leaves

SILENCE = 300  # seconds that a process may say nothing, before the others end
FAREWELL = 60  # seconds that one which is done waits for the others to be


@dataclass(frozen=True)
class Devices:
    """The devices that train one network."""

    strategy: Any = None  # TensorFlow's, or None for one device
    rank: int = 0  # which process this is, from 0, and how many there are. Only process 0 writes.
    processes: int = 1

    @property
    def replicas(self) -> int:
        """How many copies of the network are trained."""
        return self.strategy.num_replicas_in_sync if self.strategy else 1

    def scope(self) -> AbstractContextManager[Any]:
        """Return where the network must be made."""
        return self.strategy.scope() if self.strategy else nullcontext()

    def describe(self) -> dict[str, int]:
        """Return what a run's metrics say of them."""
        return {"devices": self.replicas, "processes": self.processes}


ONE_DEVICE = Devices()


def devices_for(
    strategy: str, batch_size: int, number: int | None = None, team: Team | None = None
) -> Devices:
    """Make a strategy ready, before TensorFlow's first operation.

    They share each batch equally. Without a GPU, ``number`` is that of parts of the processor, to
    try out what several devices do. With ``"auto"``, as many GPUs are taken as can share the batch.
    """
    if team is not None:
        devices = _of_many_processes(team)
        require_shareable(batch_size, devices.replicas)
        return devices
    here = tf.config.list_physical_devices("GPU")
    gpus = [device.name.removeprefix("/physical_device:") for device in here]
    if number is None and strategy == "auto":
        number = max((n for n in range(1, len(gpus) + 1) if batch_size % n == 0), default=1)
    number = number or (len(gpus) if strategy != "single" else 1)
    if strategy == "single" or (strategy == "auto" and number < 2):
        return ONE_DEVICE
    if gpus and number > len(gpus):
        raise CourseError(
            f"there {'is' if len(gpus) == 1 else 'are'} {len(gpus)} GPU"
            f"{'' if len(gpus) == 1 else 's'} here, not {number}; ask for as many with --devices, "
            "or for a job with more"
        )
    if number < 2:
        found = "only one GPU" if gpus else "no GPU"
        raise CourseError(
            f"there is no second device here to train on, {found}; use --strategy single, ask for "
            "a job with two GPUs, or try --devices 2 where there is no GPU"
        )
    require_shareable(batch_size, number)
    names = gpus[:number] if gpus else _parts_of_the_processor(number)
    return Devices(tf.distribute.MirroredStrategy(names))


def _parts_of_the_processor(number: int) -> list[str]:
    processor = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(number)]
    try:
        tf.config.set_logical_device_configuration(processor, parts)
    except RuntimeError as error:
        if len(tf.config.list_logical_devices("CPU")) < number:
            raise CourseError(
                "TensorFlow has started, and the processor cannot be divided any more; restart "
                "the session and train on several devices first"
            ) from error
    return [f"CPU:{part}" for part in range(number)]


def _of_many_processes(team: Team) -> Devices:
    os.environ["TF_CONFIG"] = team.tf_config()
    _allow_silence(len(team.addresses))
    waited = threading.Timer(PATIENCE, _end_unconnected)
    waited.daemon = True
    waited.start()
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    finally:
        waited.cancel()
    return Devices(strategy, team.rank, len(team.addresses))


def _end_unconnected() -> None:
    said = "the processes met, but TensorFlow could not connect them"
    os.write(2, f"mnist-keras: {said} within {PATIENCE:.0f} s; submit again\n".encode())
    os._exit(2)


def _allow_silence(processes: int) -> None:
    """Let a process say nothing for some minutes, as when its node is busy, before it is lost.

    By itself, TensorFlow takes it for lost after some seconds. One that has died is missed at once,
    since its connections end. There is no public way to say so (TensorFlow 2.21).
    """
    with suppress(ImportError, AttributeError, TypeError):
        from tensorflow.core.protobuf import coordination_config_pb2
        from tensorflow.python.eager import context

        context.context().configure_coordination_service(
            service_type="standalone",
            service_leader="/job:worker/replica:0/task:0",
            cluster_register_timeout_in_ms=int(1000 * PATIENCE),
            heartbeat_timeout_in_ms=1000 * SILENCE,
            shutdown_barrier_timeout_in_ms=1000 * FAREWELL,
            coordinated_jobs=[
                coordination_config_pb2.CoordinatedJob(name="worker", num_tasks=processes)
            ],
        )


def synchronize(model: keras.Model, devices: Devices) -> None:
    """Let batch normalization see the batch of all devices, as it does on one."""
    for layer in leaves(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = devices.replicas > 1


def on_one_device(model: keras.Model) -> keras.Model:
    """Return a network that several devices trained as one would have trained it."""
    alone = keras.models.clone_model(model)
    synchronize(alone, ONE_DEVICE)
    alone.set_weights(model.get_weights())
    alone.compile_from_config(model.get_compile_config())
    alone.optimizer.build(alone.trainable_variables)
    for variable, trained in zip(alone.optimizer.variables, model.optimizer.variables, strict=True):
        variable.assign(keras.ops.convert_to_numpy(trained.value))
    return alone
