from __future__ import annotations

import contextlib
import io
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from mnist_keras import CourseError, load_data, read_digit


@pytest.fixture(scope="module")
def digits():
    _, (x_test, _) = load_data(quick=True)
    return x_test


def enlarged(digit, side=400):
    """White ink on black, as large as a drawing."""
    return Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)


def alike(one, other):
    """Give the correlation of two images, the better for one pixel's shift."""
    return max(
        float(np.corrcoef(np.roll(one, (down, right), (0, 1)).ravel(), other.ravel())[0, 1])
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    )


def centre_of_mass(image):
    weights = image / image.sum()
    return (
        (weights.sum(axis=1) * np.arange(28)).sum(),
        (weights.sum(axis=0) * np.arange(28)).sum(),
    )


def box(image, above=60):
    rows, columns = np.nonzero(image > above)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


def save(picture, path, **options):
    picture.save(path, **options)
    return path


def test_an_enlarged_mnist_digit_comes_back_close_to_the_original(digits, tmp_path):
    matches, offsets = [], []
    for digit in digits[:60]:
        image = read_digit(save(enlarged(digit), tmp_path / "digit.png"))
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        np.testing.assert_allclose(centre_of_mass(image), centre_of_mass(digit), atol=1.0)
        assert max(box(image)) in (19, 20)
        assert alike(image, digit) > 0.8
        matches.append(alike(image, digit))
        offsets.append(np.subtract(centre_of_mass(image), centre_of_mass(digit)))
    assert np.median(matches) > 0.97
    np.testing.assert_allclose(np.mean(offsets, axis=0), 0, atol=0.1)


def test_an_mnist_image_itself_comes_back_nearly_unchanged(digits, tmp_path):
    for digit in digits[:60]:
        image = read_digit(save(Image.fromarray(digit), tmp_path / "digit.png"))
        assert alike(image, digit) > 0.8
        np.testing.assert_allclose(centre_of_mass(image), centre_of_mass(digit), atol=1.0)


def as_user_file(digit, kind, folder):
    """Give the same digit as a file of some kind."""
    grey = enlarged(digit)
    paper = ImageOps.invert(grey)
    path = folder / "digit.png"
    if kind == "dark on light":
        return save(paper, path)
    if kind == "colour on colour":
        return save(ImageOps.colorize(grey, "#ffe680", "#1a237e"), path)
    if kind in ("black on transparent", "white on transparent"):
        ink = Image.new("RGBA", grey.size, kind.split()[0])
        ink.putalpha(grey)
        return save(ink, path)
    if kind == "1 bit":
        return save(paper.convert("1"), path)
    if kind == "palette":
        return save(paper.convert("P"), path)
    if kind == "palette with transparency":
        palette = Image.new("P", grey.size, 0)
        palette.putpalette([255, 255, 255, 0, 0, 0])
        palette.paste(1, mask=grey.point(lambda value: 255 * (value > 127)))
        return save(palette, path, transparency=0)
    if kind == "grey and alpha":
        return save(Image.merge("LA", (Image.new("L", grey.size, 0), grey)), path)
    if kind == "16-bit grey":
        return save(Image.fromarray(np.asarray(paper).astype("uint16") * 257), path)
    if kind == "JPEG":
        return save(paper, folder / "digit.jpg", quality=60)
    if kind == "CMYK JPEG":
        return save(paper.convert("CMYK"), folder / "digit.jpg", quality=85)
    if kind == "rotated JPEG with EXIF":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned a quarter clockwise to stand upright
        return save(paper.rotate(90), folder / "digit.jpg", quality=85, exif=exif)
    if kind == "animated GIF":
        return save(paper, folder / "digit.gif", save_all=True, append_images=[grey])
    if kind == "WebP":
        return save(paper, folder / "digit.webp")
    raise AssertionError(kind)


KINDS = [
    "dark on light",
    "colour on colour",
    "black on transparent",
    "white on transparent",
    "1 bit",
    "palette",
    "palette with transparency",
    "grey and alpha",
    "16-bit grey",
    "JPEG",
    "CMYK JPEG",
    "rotated JPEG with EXIF",
    "animated GIF",
    "WebP",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_digit(digits, tmp_path, kind):
    for digit in digits[:5]:
        image = read_digit(as_user_file(digit, kind, tmp_path))
        assert alike(image, digit) > 0.85
        np.testing.assert_allclose(centre_of_mass(image), centre_of_mass(digit), atol=1.0)


@pytest.mark.parametrize("size", [(2000, 300), (300, 2000), (3000, 2200)])
def test_place_and_canvas_do_not_matter(digits, tmp_path, size):
    for k, digit in enumerate(digits[:4]):
        canvas = Image.new("L", size, 255)
        place = (10 + 90 * k, 5) if size[0] > size[1] else (5, 10 + 90 * k)
        canvas.paste(ImageOps.invert(enlarged(digit, 280)), place)
        image = read_digit(save(canvas, tmp_path / "digit.png"))
        assert alike(image, digit) > 0.85


def test_a_digit_that_touches_the_edge_is_read(digits, tmp_path):
    for digit in digits[:8]:
        rows, columns = np.nonzero(digit > 60)
        tight = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        picture = Image.fromarray(255 - tight)
        picture = picture.resize(
            (picture.width * 12, picture.height * 12), Image.Resampling.BICUBIC
        )
        assert alike(read_digit(save(picture, tmp_path / "digit.png")), digit) > 0.8


def photo_of_pen(seed=0, size=(1200, 900), pen=6):
    """Give a phone's photo of a 7 drawn with a thin pen, and where its middle lies."""
    rng = np.random.default_rng(seed)
    picture = Image.new("L", size, 0)
    draw = ImageDraw.Draw(picture)
    draw.line([(500, 300), (700, 300), (580, 620)], fill=255, width=pen, joint="curve")
    ink = np.asarray(picture, float)[..., None] / 255
    down, right = np.mgrid[0 : 1 : size[1] * 1j, 0 : 1 : size[0] * 1j][..., None]
    paper = np.array([205.0, 198, 185]) * (0.75 + 0.25 * right) * (0.9 + 0.1 * down)
    photo = paper * (1 - ink) + np.array([40.0, 45, 90]) * ink + rng.normal(0, 5, ink.shape)
    return Image.fromarray(np.clip(photo, 0, 255).astype("uint8"))


def test_a_thin_pen_on_a_phone_photo_is_read(tmp_path):
    image = read_digit(save(photo_of_pen(), tmp_path / "photo.jpg", quality=80))
    assert max(box(image)) in (19, 20)
    rows, columns = np.nonzero(image > 60)
    assert columns[rows == rows.min()].size >= 8  # the bar of the 7
    assert 0.02 < (image > 60).mean() < 0.25
    assert image[:3].max() == 0  # nothing of the paper's shade and noise
    assert image[:, :3].max() == 0


def test_a_small_drawing_on_a_large_page_is_read(tmp_path):
    page = Image.new("L", (2000, 1500), 255)
    ImageDraw.Draw(page).line([(900, 700), (900, 800)], fill=0, width=6)
    image = read_digit(save(page, tmp_path / "page.png"))
    assert box(image)[0] == 20
    assert box(image)[1] <= 3


def test_a_picture_may_be_named_from_home_be_open_or_be_pillow_s(digits, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    picture = enlarged(digits[0])
    wanted = read_digit(save(picture, tmp_path / "digit.png"))
    np.testing.assert_array_equal(read_digit("~/digit.png"), wanted)
    np.testing.assert_array_equal(read_digit(picture), wanted)
    large = Image.open(save(picture.resize((2400, 2400)).convert("RGB"), tmp_path / "large.jpg"))
    read_digit(large)
    assert large.size == (2400, 2400)  # a picture of one's own stays as it is
    with pytest.raises(CourseError, match="there is no image ~nobody-here"):
        read_digit("~nobody-here/digit.png")
    with (tmp_path / "digit.png").open("rb") as file:
        np.testing.assert_array_equal(read_digit(file), wanted)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (np.zeros((28, 28)), "my-digit.jpg"),
        ({"seven.png": b"\x89PNG"}, "seven.png"),  # what Colab's upload returns
        (b"\x89PNG", "my-digit.jpg"),
        ({"name": "one.png", "content": b"\x89PNG"}, "my-digit.jpg"),
        (None, "my-digit.jpg"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_give(given, named):
    with pytest.raises(CourseError) as error:
        read_digit(given)
    assert str(error.value).startswith(f"read_digit({named!r}) takes the name of a picture's file")
    assert type(given).__name__ in str(error.value)


def assert_refused(path, said):
    with pytest.raises(CourseError, match=said) as error:
        read_digit(path)
    assert "\n" not in str(error.value)
    assert path.name in str(error.value)


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", 255), ("L", 0), ("RGB", (9, 99, 200)), ("I;16", 65535)]
)
@pytest.mark.parametrize("size", [(28, 28), (1, 1), (2, 900), (640, 480)])
def test_pictures_of_one_colour_show_no_digit(tmp_path, mode, colour, size):
    path = save(Image.new(mode, size, colour), tmp_path / "plain.png")
    assert_refused(path, "no digit found")


def test_a_screenshot_with_transparent_corners_is_read_by_its_opaque_part(digits, tmp_path):
    for colours in ((20, 235), (235, 20)):  # dark on light, light on dark
        ink, paper = colours
        for digit in digits[:20]:
            grey = np.asarray(enlarged(digit), dtype=float) / 255
            pixels = np.empty((*grey.shape, 4), "uint8")
            pixels[..., :3] = (ink * grey + paper * (1 - grey))[..., None]
            pixels[..., 3] = 255
            for corner in (np.s_[:12, :12], np.s_[:12, -12:], np.s_[-12:, :12], np.s_[-12:, -12:]):
                pixels[corner] = 0
            image = read_digit(save(Image.fromarray(pixels), tmp_path / "screenshot.png"))
            assert alike(image, digit) > 0.8


def test_a_fully_transparent_picture_shows_no_digit(tmp_path):
    path = save(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), tmp_path / "clear.png")
    assert_refused(path, "no digit found")


def test_noise_and_shade_alone_show_no_digit(tmp_path):
    rng = np.random.default_rng(0)
    shade = np.linspace(90, 240, 300)[None] + rng.normal(0, 4, (200, 300))
    path = save(Image.fromarray(shade.astype("uint8")), tmp_path / "wall.png")
    assert_refused(path, "no digit found")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_damaged_files_are_refused(digits, tmp_path, suffix):
    path = save(enlarged(digits[0]), tmp_path / f"digit.{suffix}")
    content = path.read_bytes()
    for damaged in (b"", b"not an image", content[:20], content[: len(content) // 2]):
        path.write_bytes(damaged)
        assert_refused(path, "not an image that can be read; give a PNG or JPEG")


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_phones_heic_is_refused_with_what_to_do_whatever_its_name(tmp_path, brand):
    content = b"\0\0\0\x18ftyp" + brand + bytes(12)
    for name in ("IMG_0001.HEIC", "my-digit.jpg"):
        (tmp_path / name).write_bytes(content)
        assert_refused(tmp_path / name, "export it as JPEG")
    with pytest.raises(CourseError, match=r"the picture is not an image .*export it as JPEG"):
        read_digit(io.BytesIO(content))
    with pytest.raises(CourseError, match="the picture is not an image"):
        read_digit(SimpleNamespace(read=lambda *_: content))


def test_files_with_any_bytes_changed_are_read_or_refused_but_never_break(digits, tmp_path):
    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "tif", "webp"):
        path = save(enlarged(digits[0], 60), tmp_path / f"digit.{suffix}")
        content = np.frombuffer(path.read_bytes(), "uint8")
        for _ in range(40):
            changed = content.copy()
            where = rng.integers(0, len(content), 3) // rng.choice([1, 10])
            changed[where] = rng.integers(0, 256, 3)
            path.write_bytes(changed.tobytes())
            with contextlib.suppress(CourseError):
                assert read_digit(path).shape == (28, 28)


def test_any_small_picture_is_read_or_refused_but_never_breaks(tmp_path):
    rng = np.random.default_rng(0)
    for k in range(200):
        height, width = rng.integers(1, 40, 2)
        channels = (1, 3, 4)[k % 3]
        levels = (2, 4, 256)[k // 3 % 3]
        pixels = rng.integers(0, levels, (height, width, channels)) * (255 // (levels - 1))
        picture = Image.fromarray(
            pixels.astype("uint8").squeeze(-1) if channels == 1 else pixels.astype("uint8")
        )
        path = save(picture, tmp_path / "random.png")
        with contextlib.suppress(CourseError):
            assert read_digit(path).max() > 0


def test_folders_and_missing_files_are_refused(tmp_path):
    assert_refused(tmp_path / "missing.png", "there is no image")
    assert_refused(tmp_path, "is a folder")
    (tmp_path / "file").write_text("")
    assert_refused(tmp_path / "file" / "digit.png", "image")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(tmp_path):
    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    assert_refused(tmp_path / "bomb.png", "too many pixels")
