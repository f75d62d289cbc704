"""The playground under people's hands: mouse, finger and keyboard, in a page and in a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import RULES, WIDTHS, described
from nbclient import NotebookClient
from playwright.sync_api import Browser, Frame, Page

from mnist_keras import (
    Upright,
    load_data,
    playground,
    predict_probabilities,
    prepare,
    sliding_window,
)
from mnist_keras.networks import averaged_over_shifts, build_golf_99_cnn, build_tiny_cnn
from mnist_keras.web.display import page_with
from mnist_keras.web.model_file import Snapshot

from .strokes import DIGITS, Point
from .strokes import WIDTHS as PENS

pytestmark = pytest.mark.browser

STATE = "document.querySelector('.pg').playground.state()"


class Watch:
    """A page, and what went wrong on it."""

    def __init__(self, browser: Browser, path: Path, **context: object) -> None:
        self.page: Page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self.note)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".pg-thumbs button canvas, .pg-alert:not(:empty)")

    def note(self, request) -> None:
        """Note a request that leaves the page."""
        if not request.url.startswith(("file:", "data:")):
            self.faults.append(f"asks for {request.url}")

    def state(self) -> dict:
        """Give what the playground says."""
        self.page.evaluate("document.querySelector('.pg').playground.update()")
        return self.page.evaluate(STATE)

    def digit(self) -> int | None:
        """Give the digit that it says is most probable."""
        answer = self.state()["answer"]
        return int(np.argmax(answer)) if answer else None


@pytest.fixture
def watch(browser: Browser, fast_page: Path) -> Iterator[Watch]:
    """Open the playground on a desk."""
    watched = Watch(browser, fast_page, viewport={"width": 1280, "height": 900})
    yield watched
    watched.page.context.close()
    assert watched.faults == []


def draw(page: Page, lines: Sequence[Sequence[Point]], frame: Frame | None = None) -> None:
    """Draw with the mouse."""
    box = (frame or page).locator(".pg-field").bounding_box()
    for line in lines:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def touch(page: Page, lines: Sequence[Sequence[Point]]) -> None:
    """Draw with a finger."""
    box = page.locator(".pg-field").bounding_box()
    session = page.context.new_cdp_session(page)

    def send(kind: str, points: Sequence[Point]) -> None:
        places = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for line in lines:
        send("touchStart", line[:1])
        for point in line[1:]:
            send("touchMove", [point])
        send("touchEnd", [])


def test_drawn_digits_are_recognized(browser, fast_page):
    desk = Watch(browser, fast_page, viewport={"width": 1280, "height": 900})
    phone = Watch(
        browser, fast_page, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    right = []
    for pen in PENS:
        watched, hand = (phone, touch) if pen == "thick" else (desk, draw)
        watched.page.locator(f"input[value={pen}]").check(force=True)
        for digit, lines in DIGITS.items():
            watched.page.get_by_role("button", name="Clear").click(force=True)
            hand(watched.page, lines)
            if watched.digit() == digit:
                right.append((pen, digit))
    assert len(right) >= 27, right
    assert phone.page.evaluate("scrollY") == 0, "drawing with a finger moved the page"
    assert desk.faults + phone.faults == []
    desk.page.context.close()
    phone.page.context.close()


def test_undo_clear_replay(watch):
    page = watch.page
    assert watch.state()["verdict"] == "Nothing is drawn yet."
    draw(page, DIGITS[4])
    whole = watch.state()
    assert whole["strokes"] == 2
    page.get_by_role("button", name="Undo").click()
    assert watch.state()["strokes"] == 1
    page.locator(".pg-field").press("Control+z")
    assert watch.state()["verdict"] == "Nothing is drawn yet."
    assert page.get_by_role("button", name="Undo").is_disabled()

    draw(page, DIGITS[4])
    page.get_by_role("button", name="Replay").click()
    assert watch.state()["image"] != whole["image"]  # the first points only
    page.wait_for_function(
        f"expected => JSON.stringify({STATE}.image) === expected",
        arg=json.dumps(whole["image"], separators=(",", ":")),
    )
    page.get_by_role("button", name="Clear").click()
    assert watch.state()["strokes"] == 0
    assert watch.state()["answer"] is None


def test_replay_without_motion_shows_whole_strokes(browser, fast_page):
    watched = Watch(browser, fast_page, reduced_motion="reduce")
    draw(watched.page, DIGITS[4])
    watched.page.get_by_role("button", name="Undo").click()
    after_one = watched.state()["image"]
    draw(watched.page, DIGITS[4][1:])
    watched.page.get_by_role("button", name="Replay").click()
    assert watched.state()["image"] == after_one
    watched.page.context.close()


def test_keyboard_draws_a_one(watch):
    field = watch.page.locator(".pg-field")
    field.focus()
    field.press("ArrowUp")
    field.press(" ")
    for _ in range(8):
        field.press("Shift+ArrowDown")
    field.press(" ")
    for _ in range(3):
        field.press("ArrowLeft")
    assert watch.state()["strokes"] == 1
    assert watch.digit() == 1
    watch.page.get_by_role("status").get_by_text(watch.state()["verdict"]).wait_for()


def test_picked_number_is_computed_before_ones_eyes(watch):
    page = watch.page
    draw(page, DIGITS[8])
    convolution = page.locator(".pg-sheet canvas").nth(1)
    convolution.focus()
    convolution.press("ArrowRight")
    inspector = page.locator(".pg-inspector")
    before = inspector.inner_text()
    assert "row 7, column 7" in before
    assert inspector.locator("table").count() == 9  # three maps: what it saw, kernel, products
    convolution.press("ArrowDown")
    assert "row 8, column 7" in inspector.inner_text()

    for table in range(3):
        seen, kernel, products = (
            np.array(numbers_in(inspector.locator("table").nth(3 * table + k).locator("td")))
            for k in range(3)
        )
        assert products == pytest.approx(seen * kernel, abs=0.06)
    assert seen.any()

    box = convolution.bounding_box()
    convolution.click(position={"x": box["width"] - 3, "y": 3})
    assert "row 1, column 13" in inspector.inner_text()
    assert page.locator(".pg-patch").is_visible()
    pooling = page.locator(".pg-sheet canvas").nth(2)
    pooling.click(position={"x": 30, "y": 30})
    assert "the largest is kept" in inspector.inner_text()


def numbers_in(elements) -> list[float]:
    """Read the number at the end of each element's text."""
    ends = (text.split()[-1] for text in elements.all_inner_texts())
    return [float(end.rstrip(".").replace("−", "-")) for end in ends]


def test_separable_layers_are_explained_map_after_map(browser, tmp_path):
    keras.utils.set_random_seed(0)
    path = tmp_path / "separable.html"
    path.write_text(playground(build_golf_99_cnn()).page, encoding="utf-8")
    watched = Watch(browser, path, viewport={"width": 1280, "height": 900})
    draw(watched.page, DIGITS[8])
    assert watched.digit() is not None
    inspector = watched.page.locator(".pg-inspector")
    separable = 0
    for row in watched.page.locator(".pg-row").all():
        for place in (0.02, 0.5, 0.98):
            canvas = row.locator("canvas")
            box = canvas.bounding_box()
            canvas.click(position={"x": place * box["width"], "y": box["height"] / 2})
        if "SeparableConv2D" not in row.inner_text():
            continue
        separable += 1
        (answer,) = numbers_in(inspector.locator(".pg-inspected"))
        first, second = numbers_in(inspector.locator("p", has_text="All together: "))
        assert second == answer
        counts_most = inspector.get_by_text("counts most").inner_text().split()[10]
        tables = inspector.locator("table")
        assert tables.nth(3).inner_text().startswith(f"Map {counts_most} there")
        assert numbers_in(tables.nth(3).locator("td")) == [first]
    assert separable > 1
    assert watched.faults == []
    watched.page.context.close()


def test_standing_a_digit_upright_is_explained(browser, tmp_path):
    path = tmp_path / "upright.html"
    model = keras.Sequential([keras.Input((28, 28, 1)), Upright(), *build_tiny_cnn().layers])
    path.write_text(playground(averaged_over_shifts(model)).page, encoding="utf-8")
    watched = Watch(browser, path, viewport={"width": 1280, "height": 900})
    draw(watched.page, DIGITS[7])
    assert watched.digit() is not None
    row = watched.page.locator(".pg-row", has_text="Upright")
    canvas = row.locator("canvas")
    box = canvas.bounding_box()
    for place in np.linspace(0.3, 0.7, 9):  # from one stroke or gap to the next
        canvas.click(position={"x": place * box["width"], "y": 0.5 * box["height"]})
        inspector = watched.page.locator(".pg-inspector")
        (answer,) = numbers_in(inspector.locator(".pg-inspected"))
        text = inspector.inner_text()
        assert "From a row to the one below, the ink moves 0." in text
        sum_of_two = text.partition("So this pixel lay between two: ")[2].partition(" = ")
        parts = [part.split(" × ") for part in sum_of_two[0].split(" + ")]
        assert sum(float(a) * float(b) for a, b in parts) == pytest.approx(answer, abs=0.01)
    assert watched.faults == []
    watched.page.context.close()


def test_what_mattered_is_shown(watch):
    page = watch.page
    draw(page, DIGITS[3])
    watch.state()
    plain = page.locator(".pg-eye").evaluate("canvas => canvas.toDataURL()")
    page.locator("input[value=gradient]").check(force=True)
    slopes = page.locator(".pg-eye").evaluate("canvas => canvas.toDataURL()")
    assert "a little more or less ink" in page.locator(".pg").inner_text()
    page.locator("input[value=occlusion]").check(force=True)
    page.get_by_text("without this part it is less sure of 3").wait_for()
    assert len({plain, slopes, page.locator(".pg-eye").evaluate("c => c.toDataURL()")}) == 3


def test_test_images_are_answered_as_by_keras(watch, fast):
    _, (x, _) = load_data()
    button = watch.page.locator(".pg-thumbs button").first
    assert "which it gets wrong" in button.get_attribute("aria-label")
    index = int(button.get_attribute("aria-label").split()[2].rstrip(":"))
    button.click()
    state = watch.state()
    assert np.array(state["image"]) == pytest.approx(x[index].ravel() / 255)
    expected = predict_probabilities(fast, prepare(x[index : index + 1]))[0]
    assert state["answer"] == pytest.approx(expected, abs=0.01)
    draw(watch.page, DIGITS[1])  # begins a drawing of one's own
    assert watch.digit() == 1
    assert watch.page.locator(".pg-thumbs:not(:has(button)) canvas").count() == 6


def test_window_is_moved_by_hand_and_by_keys(browser, tmp_path):
    (x, _), _ = load_data()
    image = x[0] / 255
    kernel = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
    path = tmp_path / "sliding.html"
    path.write_text(sliding_window(image, kernel).page, encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    canvas = page.locator(".pg-slide")
    box = canvas.bounding_box()
    at = box["width"] / 28
    page.mouse.move(box["x"] + 14.5 * at, box["y"] + 6.5 * at)
    page.mouse.down()
    page.mouse.move(box["x"] + 15.5 * at, box["y"] + 9.5 * at)
    page.mouse.up()
    numbers = page.locator(".pg-numbers")
    assert "Row 9, column 15" in numbers.inner_text()
    canvas.press("ArrowUp")
    assert "Row 8, column 15" in numbers.inner_text()
    expected = (image[7:10, 14:17] * kernel).sum()
    said = float(page.locator(".pg-sign").last.inner_text().split()[1].replace("−", "-"))
    assert said == pytest.approx(expected, abs=0.006)
    page.get_by_role("button", name="Fill in the rest").click()
    results = Axe().run(page, options=RULES).response["violations"]
    assert [described(violation) for violation in results] == []
    page.close()


def test_time_slider_answers_with_earlier_weights(browser, fast, tmp_path):
    untrained = [np.zeros_like(array) for array in fast.get_weights()]
    untrained[-2][:, 6] = -1  # says anything but 6
    path = tmp_path / "time.html"
    shown = playground(fast, history=[Snapshot("after 10 steps", untrained)])
    path.write_text(shown.page, encoding="utf-8")
    watched = Watch(browser, path)
    draw(watched.page, DIGITS[6])
    assert watched.digit() == 6
    slider = watched.page.get_by_label("Training time")
    assert slider.get_attribute("aria-valuetext") == "after training"
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "after 10 steps"
    assert max(watched.state()["answer"]) == pytest.approx(0.1, abs=1e-6)
    slider.press("ArrowRight")
    assert watched.digit() == 6
    assert watched.faults == []
    watched.page.context.close()


def test_layers_used_nine_times_are_shown_once(browser, fast, tmp_path):
    path = tmp_path / "nine.html"
    path.write_text(playground(averaged_over_shifts(fast)).page, encoding="utf-8")
    watched = Watch(browser, path, viewport={"width": 1280, "height": 900})
    names = watched.page.locator(".pg-row-name").all_inner_texts()
    assert len(set(names)) == len(names)
    shown = [name.split()[0] for name in names]
    assert shown.count("Conv2D") == 4
    assert shown.count("Cropping2D") == 1
    assert shown[-1] == "Average"
    assert watched.page.get_by_text("are shown once").is_visible()
    draw(watched.page, DIGITS[3])
    assert watched.digit() == 3
    assert watched.faults == []
    watched.page.context.close()


def test_ones_own_model_is_loaded_or_refused(browser, fast_file, fast_page, tmp_path):
    content = fast_file.read_text(encoding="utf-8")
    path = tmp_path / "site.html"
    page = page_with("")
    path.write_text(page.replace('"models":[]', '"choices":[],"folder":""'), encoding="utf-8")
    watched = Watch.__new__(Watch)
    watched.page = browser.new_page()
    watched.faults = []
    watched.page.on("dialog", lambda dialog: watched.faults.append("a dialog"))
    watched.page.goto(path.as_uri())

    watched.page.locator("input[type=file]").set_input_files(fast_file)
    watched.page.locator(".pg-thumbs button canvas").first.wait_for()
    draw(watched.page, DIGITS[2])
    assert watched.digit() == 2

    broken = tmp_path / "broken.json"
    broken.write_text(content[:-1000], encoding="utf-8")
    watched.page.locator("input[type=file]").set_input_files(broken)
    watched.page.get_by_text("damaged, or cut off").wait_for()
    assert watched.digit() == 2  # the page goes on with the model that it had

    assert watched.page.is_visible(".pg-more")
    bare = json.loads(content)
    del bare["examples"]
    alone = tmp_path / "alone.json"
    alone.write_text(json.dumps({**bare, "name": "without test images"}), encoding="utf-8")
    watched.page.locator("input[type=file]").set_input_files(alone)
    watched.page.locator(".pg-name").get_by_text("without test images").wait_for()
    assert not watched.page.is_visible(".pg-more")

    hostile = json.loads(content)
    script = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    hostile["name"] = script
    for layer in hostile["layers"]:
        layer["name"] = layer["title"] = script
    bad = tmp_path / "hostile.json"
    bad.write_text(json.dumps(hostile), encoding="utf-8")
    watched.page.locator("input[type=file]").set_input_files(bad)
    watched.page.locator(".pg-name").get_by_text("<img src=x").wait_for()
    assert watched.page.locator(".pg img, .pg script").count() == 0
    assert watched.faults == []
    watched.page.close()


def test_notebooks_output_lives_in_a_sandbox(browser, fast, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_KERAS_QUICK", "1")
    fast.save(tmp_path / "fast.keras")
    code = "from mnist_keras import load_model, playground\nplayground(load_model('fast.keras'))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    saved = nbformat.reads(nbformat.writes(notebook), as_version=4)
    output = saved.cells[0].outputs[-1].data["text/html"]
    assert len(output) < 400_000

    # As in Colab: scripts may run, and the frame has an origin of its own.
    inside = f"<!doctype html><title>output</title><body>{output}"
    escaped = inside.replace("&", "&amp;").replace('"', "&quot;")
    path = tmp_path / "colab.html"
    path.write_text(
        f'<!doctype html><title>x</title><iframe sandbox="allow-scripts" width="1000" '
        f'height="900" srcdoc="{escaped}"></iframe>',
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("frames[0] && frames[0].length === 1")
    frame = page.frames[-1]
    frame.locator(".pg-thumbs button canvas").first.wait_for()
    draw(page, DIGITS[3], frame)
    frame.get_by_text("It says 3").first.wait_for()
    assert faults == []
    page.close()


# What fails in the dark fails at any width, and the other way round: two of the four show both.
@pytest.mark.parametrize(
    ("theme", "device"),
    [
        ("light", "desk"),
        ("dark", "phone"),
        pytest.param("light", "phone", marks=pytest.mark.weekly),
        pytest.param("dark", "desk", marks=pytest.mark.weekly),
    ],
)
def test_page_is_accessible(browser, fast_page, theme, device):
    width, height = WIDTHS[device]
    watched = Watch(
        browser, fast_page, viewport={"width": width, "height": height}, color_scheme=theme
    )
    draw(watched.page, DIGITS[5])
    watched.state()
    watched.page.locator(".pg-sheet canvas").nth(1).press("ArrowRight")
    results = Axe().run(watched.page, options=RULES).response["violations"]
    assert [described(violation) for violation in results] == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.faults == []
    watched.page.context.close()
