from __future__ import annotations

import json
import platform

import keras
import numpy as np
import pytest
from command_line import snapshot

from mnist_keras import (
    CourseError,
    load_data,
    load_model,
    prepare,
    settings_for,
    train,
)
from mnist_keras.batches import Batches, SeedEpochs
from mnist_keras.networks import averaged_over_shifts
from mnist_keras.recipes import RECIPES, warp
from mnist_keras.runs.folder import FIGURE_FILES, RunFolder
from mnist_keras.training import KeepEpochs, fit

# Each time one of the course's own recipe, and one that validates; the others weekly.
WEEKLY = [pytest.param(network, marks=pytest.mark.weekly) for network in ("mlp", "tiny")]
NETWORKS = ["fast", "convnet", *WEEKLY]


class StopAfter(keras.callbacks.Callback):
    """Stop training as a signal would, once this epoch is kept."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        if epoch + 1 == self.epoch:
            raise KeyboardInterrupt


def measured(history):
    """Give the history without the clock."""
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history]


def batches_of(n=10, batch_size=4, seed=0, augment=False):
    settings = settings_for("fast", batch_size=batch_size, seed=seed, augment=augment)
    images = np.zeros((n, 28, 28), "uint8")
    images[:, 14, 14] = np.arange(n) % 256
    return Batches(images, np.arange(n), settings, RECIPES[settings.network].augmentation)


def read(batches, epoch=0):
    """Give an epoch's batches one by one, as Keras gets them."""
    batches.epoch = epoch
    return list(batches.dataset().as_numpy_iterator())


def order_of(batches, epoch):
    return [int(label) for _, labels in read(batches, epoch) for label in labels]


def test_each_epoch_sees_every_image_once_the_last_partial_batch_included():
    batches = batches_of(10, batch_size=4)
    assert len(batches) == 3
    assert [len(labels) for _, labels in read(batches)] == [4, 4, 2]
    for epoch in range(3):
        assert sorted(order_of(batches, epoch)) == list(range(10))


def test_order_differs_between_epochs_and_seeds_and_repeats_for_a_seed():
    first, again, other = batches_of(50), batches_of(50), batches_of(50, seed=1)
    epochs = [order_of(first, epoch) for epoch in range(3)]
    assert epochs == [order_of(again, epoch) for epoch in range(3)]
    assert len({tuple(order) for order in epochs}) == 3
    assert epochs[0] != order_of(other, 0)


def test_order_goes_on_where_a_resumed_run_stopped():
    whole = batches_of(50)
    epochs = [order_of(whole, epoch) for epoch in range(3)]
    assert order_of(batches_of(50), 2) == epochs[2]


def test_no_thread_tunes_the_batches_whose_end_an_epoch_would_wait_for():
    assert batches_of().dataset().options().autotune.enabled is False


def test_batches_hold_prepared_images_with_their_own_labels():
    images, labels = read(batches_of(10))[0]
    assert images.shape == (4, 28, 28, 1)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[:, 14, 14, 0] * 255, labels, atol=1e-4)


def test_augmented_batches_are_shifted_anew_each_epoch_and_repeat_for_a_seed():
    def epoch_of_places(batches, epoch=0):
        images, _ = read(batches, epoch)[0]
        return [tuple(np.argwhere(x[..., 0])[0]) for x in images if x.any()]

    batches, again = batches_of(40, 40, augment=True), batches_of(40, 40, augment=True)
    first = epoch_of_places(batches)
    assert first == epoch_of_places(again)
    assert {abs(np.subtract(place, 14)).max() for place in first} <= {0, 1}
    assert epoch_of_places(batches, 1) != first


def test_augmentation_fades_over_the_last_epochs():
    amounts = []

    def note(images, *, rng, amount=1.0):
        amounts.append(amount)
        return images

    settings = settings_for("accurate", epochs=4, batch_size=10)
    batches = Batches(np.zeros((10, 28, 28), "uint8"), np.arange(10), settings, note, 2)
    for epoch in range(4):
        read(batches, epoch)
    assert amounts == pytest.approx([1, 1, 2 / 3, 1 / 3])


def test_a_warp_of_no_amount_leaves_the_images_as_they_are():
    images = prepare(load_data(quick=True)[0][0][:20])
    assert warp(images, rng=np.random.default_rng(0), amount=0.0) == pytest.approx(images, abs=1e-5)
    changed = [
        np.abs(warp(images, rng=np.random.default_rng(0), amount=amount) - images).mean()
        for amount in (0.2, 0.5, 1.0)
    ]
    assert changed == sorted(changed)
    assert changed[0] > 0.001


@pytest.mark.parametrize("n", [1, 3, 4, 41 * 4, 41 * 4 + 1, 80 * 4 - 1, 80 * 4, 80 * 4 + 3])
def test_images_prepared_together_make_the_same_batches_whatever_their_number(n):
    batches = batches_of(n, batch_size=4)
    sizes = [len(labels) for _, labels in read(batches)]
    assert len(sizes) == len(batches)
    assert sizes == [4] * (n // 4) + ([n % 4] if n % 4 else [])
    assert sorted(order_of(batches, 1)) == list(range(n))


def test_fit_trains_on_each_epoch_s_batches_in_their_order():
    class Watched(Batches):
        def __iter__(self):
            seen.append(self.epoch)
            return super().__iter__()

    seen: list[int] = []
    settings = settings_for("mlp", batch_size=10, epochs=3)
    x, y = np.zeros((45, 28, 28), "uint8"), np.zeros(45, "uint8")
    history: list[dict[str, float]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_keras.training.Batches", Watched)
        model = fit(settings, x, y, history, None, [])
    assert seen[-3:] == [0, 1, 2]  # before, Keras may look at the first batches for their shapes
    assert int(model.optimizer.iterations) == 3 * 5


@pytest.fixture(scope="module", params=NETWORKS)
def undisturbed(request, quick_run, tmp_path_factory):
    """Give a run of three quick epochs without a pause, for each network."""
    settings = settings_for(request.param, quick=True, epochs=3)
    if request.param == "fast":
        return train(settings, out=quick_run, resume=True)
    return train(settings, out=tmp_path_factory.mktemp(request.param) / "run")


def without_seconds(path):
    lines = (path / "history.csv").read_text().splitlines()
    return [line.rsplit(",", 1)[0] for line in lines]


def test_a_run_stopped_and_resumed_ends_like_one_that_was_not(undisturbed, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(undisturbed.settings, out=tmp_path, callbacks=[StopAfter(1)])
    assert len(RunFolder(tmp_path).history()) == 1
    resumed = train(undisturbed.settings, out=tmp_path, resume=True)
    assert measured(resumed.history) == measured(undisturbed.history)
    assert without_seconds(tmp_path) == without_seconds(undisturbed.folder.path)
    np.testing.assert_array_equal(
        resumed.evaluation.probabilities, undisturbed.evaluation.probabilities
    )


def test_the_same_seed_gives_the_same_history_and_another_seed_another():
    (x, y), _ = load_data(quick=True)
    histories = [[], [], []]
    for history, seed in zip(histories, (5, 5, 6), strict=True):
        fit(settings_for("convnet", epochs=1, seed=seed), x[:300], y[:300], history, None, [])
    first, again, other = map(measured, histories)
    assert first == again
    assert first != other


def test_a_layer_in_a_network_in_a_network_takes_its_random_numbers_from_the_epoch_too():
    inside = [keras.layers.Dropout(0.5), keras.layers.RandomTranslation(0.1, 0.1)]
    inner = keras.Sequential([keras.Input((28, 28, 1)), *inside])
    model = keras.Sequential([keras.Input((28, 28, 1)), inner, keras.layers.Flatten()])
    seeding = SeedEpochs(batches_of(40, 40), 3)
    seeding.set_model(model)
    states = []
    for epoch in (1, 2, 1):
        seeding.on_epoch_begin(epoch)
        states.append([np.asarray(each).tolist() for each in inner.non_trainable_variables])
    assert states[0] == states[2]
    different = [*states[0], *states[1]]
    assert len(different) == 4
    assert len(set(map(tuple, different))) == 4


def test_training_learns(undisturbed):
    losses = [row["loss"] for row in undisturbed.history]
    assert losses == sorted(losses, reverse=True)
    assert undisturbed.evaluation.accuracy > 0.7


def test_a_finished_run_folder_holds_what_is_documented(undisturbed):
    path = undisturbed.folder.path
    assert sorted(str(f.relative_to(path)) for f in path.rglob("*") if f.is_file()) == sorted(
        ["history.csv", "metrics.json", "model.keras", "settings.json"]
        + [f"figures/{name}" for name in FIGURE_FILES]
    )
    assert not (path / "checkpoint").exists()


def test_metrics_say_what_was_measured_and_with_which_versions(undisturbed):
    metrics = json.loads((undisturbed.folder.path / "metrics.json").read_text())
    assert metrics["parameters"] == undisturbed.model.count_params()
    assert metrics["epochs"] == 3
    assert metrics["test_images"] == 500
    assert metrics["test_accuracy"] == undisturbed.evaluation.accuracy
    assert metrics["test_loss"] == pytest.approx(undisturbed.evaluation.loss)
    assert metrics["seconds"] == pytest.approx(sum(r["seconds"] for r in undisturbed.history))
    assert metrics["versions"]["python"] == platform.python_version()
    assert metrics["versions"]["keras"] == keras.__version__


def test_the_saved_model_answers_like_the_trained_one(undisturbed):
    _, (x_test, _) = load_data(quick=True)
    for place in (undisturbed.folder.path, undisturbed.folder.path / "model.keras"):
        np.testing.assert_allclose(
            load_model(place).predict(prepare(x_test), verbose=0),
            undisturbed.model.predict(prepare(x_test), verbose=0),
            atol=1e-6,
        )


def test_validation_is_measured_where_a_share_is_held_out(undisturbed):
    columns = set(undisturbed.history[0])
    validation = {"val_loss", "val_accuracy"}
    expected = validation if undisturbed.settings.validation_split else set()
    assert columns == {"epoch", "accuracy", "loss", "seconds"} | expected


def test_resume_of_a_finished_run_trains_nothing_and_gives_it_back(undisturbed):
    before = snapshot(undisturbed.folder.path)
    again = train(undisturbed.settings, out=undisturbed.folder.path, resume=True)
    assert snapshot(undisturbed.folder.path) == before
    assert measured(again.history) == measured(undisturbed.history)
    assert again.evaluation.accuracy == undisturbed.evaluation.accuracy


@pytest.mark.parametrize("damage", ["missing", "text", "truncated"])
def test_a_checkpoint_that_cannot_be_read_is_refused_in_one_line(tmp_path, quick_run, damage):
    folder = RunFolder(tmp_path)
    settings = settings_for("fast", quick=True, epochs=3)
    folder.begin(settings, resume=False, overwrite=False)
    folder.checkpoint(1).parent.mkdir()
    content = (quick_run / "model.keras").read_bytes()
    if damage != "missing":
        folder.checkpoint(1).write_bytes(b"text" if damage == "text" else content[:100_000])
    folder.write_history(RunFolder(quick_run).history()[:1])
    with pytest.raises(CourseError, match=r"epoch-001\.keras.*--overwrite") as error:
        train(settings, out=tmp_path, resume=True)
    assert "\n" not in str(error.value)


def test_the_one_cycle_s_learning_rate_climbs_for_a_fifth_and_falls_to_nothing():
    from mnist_keras.recipes import one_cycle_adam

    rates = [
        float(one_cycle_adam(settings_for("fast"), 100).learning_rate)
        if step is None
        else float(one_cycle_adam(settings_for("fast"), 100)._learning_rate(step))
        for step in (0, 10, 20, 60, 100)
    ]
    assert rates[0] < rates[1] < rates[2] == pytest.approx(settings_for("fast").learning_rate)
    assert rates[2] > rates[3] > rates[4] == pytest.approx(0, abs=1e-9)


def test_keeping_epochs_appends_to_the_history_it_is_given():
    history = [{"epoch": 1, "loss": 1.0, "seconds": 0.0}]
    keep = KeepEpochs(history, None)
    keep.on_epoch_begin(1)
    keep.on_epoch_end(1, {"loss": np.float32(0.5)})
    assert [row["epoch"] for row in history] == [1, 2]
    assert history[1]["loss"] == 0.5
    assert type(history[1]["loss"]) is float


def save(path, inputs, outputs):
    keras.Model(inputs, outputs).save(path)
    return path


def model_of(shape, units, inputs=1):
    given = [keras.Input(shape) for _ in range(inputs)]
    joined = keras.layers.concatenate(given) if inputs > 1 else given[0]
    answer = keras.layers.Dense(units)(keras.layers.Flatten()(joined))
    return (given if inputs > 1 else given[0]), answer


@pytest.mark.parametrize(
    ("shape", "units", "inputs"),
    [((32, 32, 3), 10, 1), ((784,), 10, 1), ((28, 28, 1), 11, 1), ((28, 28, 1), 10, 2)],
)
def test_models_of_other_shapes_are_refused_naming_the_right_ones(tmp_path, shape, units, inputs):
    path = save(tmp_path / "other.keras", *model_of(shape, units, inputs))
    with pytest.raises(CourseError, match=r"reads \(None, 28, 28, 1\) and gives \(None, 10\)"):
        load_model(path)


def test_a_model_with_two_outputs_is_refused(tmp_path):
    given, answer = model_of((28, 28, 1), 10)
    path = save(tmp_path / "two.keras", given, [answer, answer])
    with pytest.raises(CourseError, match="gives"):
        load_model(path)


def test_files_that_are_no_models_are_refused(tmp_path, quick_run):
    import zipfile

    content = (quick_run / "model.keras").read_bytes()
    (tmp_path / "text.keras").write_text("no model")
    (tmp_path / "truncated.keras").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.keras").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "zip.keras", "w") as archive:
        archive.writestr("holiday.txt", "sun")
    damaged = bytearray(content)
    damaged[5000:200_000] = bytes(195_000)
    (tmp_path / "damaged.keras").write_bytes(damaged)
    (tmp_path / "suffix.model").write_bytes(content)
    for file in sorted(tmp_path.iterdir()):
        with pytest.raises(CourseError, match="not a Keras model that can be read"):
            load_model(file)


class Own(keras.layers.Layer):
    """Of a learner's own, and known to no file."""

    def call(self, inputs):
        """Change nothing."""
        return inputs


def unknown(x):
    return x


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Own, "has Own, whose code is not in the file"),
        (lambda: keras.layers.Activation(unknown), "has unknown, whose code"),
        (lambda: keras.layers.Lambda(lambda x: 2 * x), "has a lambda, whose code"),
    ],
)
def test_a_model_with_code_of_its_own_is_refused_by_what_it_has(tmp_path, layer, said):
    flat = [keras.Input((28, 28, 1)), keras.layers.Flatten()]
    keras.Sequential([*flat, layer(), keras.layers.Dense(10)]).save(tmp_path / "own.keras")
    with pytest.raises(CourseError, match=said):
        load_model(tmp_path / "own.keras")


def test_a_folder_without_a_run_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(CourseError, match=r"is not a run folder: it has no settings\.json"):
        load_model(tmp_path)
    with pytest.raises(CourseError, match="there is no run folder or model file"):
        load_model(tmp_path / "missing.keras")


@pytest.mark.parametrize("network", ["sprint", "accurate"])
def test_a_step_is_traced_once(network, monkeypatch):
    traced = []
    plain = keras.Model.train_step

    def counted(self, data):
        traced.append(1)
        return plain(self, data)

    monkeypatch.setattr(keras.Model, "train_step", counted)
    train(settings_for(network, quick=True, epochs=2))
    assert len(traced) == 1


@pytest.mark.parametrize(("network", "parameters"), [("accurate", 98_970), ("golf-98", 548)])
def test_a_network_answers_with_the_average_of_what_it_says_of_shifted_images(network, parameters):
    class Trained(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            trained.append(self.model)

    trained = []
    run = train(settings_for(network, quick=True, epochs=1), callbacks=[Trained()])
    assert run.model.count_params() == parameters
    images = prepare(load_data(quick=True)[1][0][:20])
    wanted = averaged_over_shifts(trained[0]).predict(images, verbose=0)
    np.testing.assert_allclose(run.model.predict(images, verbose=0), wanted, atol=1e-4)
    assert np.abs(wanted - trained[0].predict(images, verbose=0)).max() > 0.01
