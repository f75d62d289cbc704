"""Measure how long a stroke in the playground takes until everything visible is new.

Chromium draws ten digits stroke by stroke with the fast network. For each of 100 moves of the pen,
the time is taken from the move to the end of the update: the 28 × 28 image, the answer of all
layers, the bars, the nearest training images, and the maps of the layers that are in view. In a
window of ordinary height the maps lie below; in a window as high as the page, all of them are
painted. Then the same with the processor slowed down six times, as on an old telephone.

    python benchmarks/playground_strokes.py [--model RUN_OR_MODEL]
"""

import gzip
import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from machine import command_line, finish
from playwright.sync_api import sync_playwright

from mnist_keras import load_data, load_model, playground, settings_for, train
from mnist_keras.photo_kinds import strokes

MOVES, SLOWER = 100, 6
PEN, SIDE = 24, 400  # in the drawing's own units
EVERY = 8  # of the points that follow a stroke
HEIGHTS = {"": 900, "_with_all_maps": 4200}  # of the window
MEASURE = """([drawings, moves]) => {
    const { draw, extend } = document.querySelector(".pg").playground
    const times = []
    for (let round = 0; times.length < moves + 20; round++) {
        const strokes = drawings[round % drawings.length]
        draw([])
        for (const stroke of strokes) {
            for (let k = 0; k < stroke.points.length && times.length < moves + 20; k++) {
                const begun = performance.now()
                extend(stroke.points[k], k === 0)
                times.push(performance.now() - begun)
            }
        }
    }
    return times.slice(20)  // the first ones wait for the compiler
}"""


def drawing(image: np.ndarray) -> list[dict[str, Any]]:
    """Follow the strokes of a digit as a pen in the playground does."""
    scale = SIDE / len(image)
    return [
        {
            "width": PEN,
            "points": [
                {"x": x * scale, "y": y * scale, "t": 40 * k}
                for k, (x, y) in enumerate(path[::EVERY].tolist())
            ],
        }
        for path in strokes(image)
    ]


def measure(page: str, chromium: str) -> dict[str, float]:
    """Return the median milliseconds of a move, at full speed and slowed down."""
    found: dict[str, float] = {}
    _, (images, labels) = load_data(quick=True)
    drawings = [drawing(images[np.argmax(labels == digit)]) for digit in range(10)]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        # Without its sandbox, which Chromium refuses to root; it opens our own page only.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        for window, height in HEIGHTS.items():
            tab = browser.new_page(viewport={"width": 1280, "height": height})
            tab.goto(path.as_uri())
            tab.locator(".pg-thumbs button canvas").first.wait_for()
            session = tab.context.new_cdp_session(tab)
            for name, rate in (("full_speed", 1), ("six_times_slower", SLOWER)):
                session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
                times = tab.evaluate(MEASURE, [drawings, MOVES])
                found[name + window] = statistics.median(times)
            tab.close()
        browser.close()
    return found


def main() -> int:
    """Measure, print a table and write JSON."""
    parser = command_line(__doc__, quick=False)
    parser.add_argument("--model", type=Path, help="default: fast, trained for one epoch")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        parser.error("there is no Chromium: apt-get install chromium")
    model = (
        load_model(options.model) if options.model else train(settings_for("fast", epochs=1)).model
    )
    shown = playground(model)
    milliseconds, size = measure(shown.page, chromium), len(shown._repr_html_())
    result = {
        "moves": MOVES,
        "milliseconds": milliseconds,
        "output_bytes": size,
        "page_bytes_gzipped": len(gzip.compress(shown.page.encode())),
    }
    for name, median in milliseconds.items():
        print(f"{name:<30} {median:6.1f} ms")
    print(f"{'notebook output':<30} {size / 1000:6.0f} kB")
    return finish(options.out / "playground_strokes.json", result)


if __name__ == "__main__":
    sys.exit(main())
