"""What the tests of the playground share: a browser, the JavaScript's functions, a network."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from mnist_keras import build_fast_cnn, load_data, playground, prepare
from mnist_keras.authoring.playground import PLAYGROUND, script
from mnist_keras.networks import set_patch_filters
from mnist_keras.web.model_file import save_playground

ROOT = Path(__file__).resolve().parents[2]
EXPOSED = "Paper, toMnist, networkFrom, readNetwork, setStep, run, probabilities, gradient, fieldOf"


@pytest.fixture(scope="session")
def calculator(browser: Browser) -> Iterator[Page]:
    """Give a page that holds the playground's own functions, and nothing else."""
    page = browser.new_page()
    page.add_script_tag(
        content=f"{script(ROOT, PLAYGROUND)}\nObject.assign(globalThis, {{{EXPOSED}}});",
        type="module",
    )
    page.wait_for_function("globalThis.run !== undefined")
    yield page
    page.close()


@pytest.fixture(scope="session")
def fast() -> keras.Model:
    """Train the fast network for a moment on some of the training images."""
    (x, y), _ = load_data()
    keras.utils.set_random_seed(0)
    model = build_fast_cnn()
    images = prepare(x[:16000])
    set_patch_filters(model, images[:500])
    model.compile(
        keras.optimizers.Adam(0.004),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(images, y[:16000], batch_size=64, epochs=2, verbose=0)
    return model


@pytest.fixture(scope="session")
def fast_page(fast: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the playground with the fast network as a page of its own."""
    path = tmp_path_factory.mktemp("playground") / "fast.html"
    path.write_text(playground(fast).page, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def fast_file(fast: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the fast network as a model file."""
    return save_playground(fast, tmp_path_factory.mktemp("files") / "fast.json")


def as_text(array: np.ndarray) -> str:
    """Bring numbers to the browser."""
    return base64.b64encode(array.tobytes()).decode()
