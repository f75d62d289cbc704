"""Pictures of learners: checked, and written anew."""

from __future__ import annotations

import io
import random
import struct
import zlib
from contextlib import suppress

import pytest
from class_samples import png
from PIL import Image, PngImagePlugin

from mnist_keras.grading.pictures import MAX_BYTES, SIGNATURE, PictureError, checked_png


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def test_pixels_stay_and_metadata_goes() -> None:
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", "<script>alert(1)</script>")
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(
        buffer, format="PNG", pnginfo=noted, dpi=(10, 10), icc_profile=b"profile"
    )
    clean = checked_png(buffer.getvalue() + b"<script>behind the end</script>")
    with Image.open(io.BytesIO(clean)) as image:
        assert image.info == {}
        assert image.tobytes() == Image.radial_gradient("L").convert("RGB").tobytes()
    assert b"script" not in clean
    assert b"profile" not in clean


@pytest.mark.parametrize(
    ("mode", "written"),
    [("1", "RGB"), ("L", "RGB"), ("LA", "RGBA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA")],
)
def test_every_kind_becomes_rgb_or_rgba(mode: str, written: str) -> None:
    with Image.open(io.BytesIO(checked_png(png(mode=mode)))) as image:
        assert (image.mode, image.size, image.format) == (written, (40, 30), "PNG")


def test_transparent_colour_of_a_palette_stays_transparent() -> None:
    with Image.open(io.BytesIO(checked_png(png(mode="P", transparency=0)))) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0


def test_checking_twice_changes_nothing() -> None:
    once = checked_png(png(mode="RGBA"))
    assert checked_png(once) == once


@pytest.mark.parametrize("format", ["JPEG", "GIF", "BMP", "WEBP", "TIFF", "EPS"])
def test_other_formats_are_refused(format: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, format=format)
    with pytest.raises(PictureError, match="no PNG"):
        checked_png(buffer.getvalue())
    with pytest.raises(PictureError):
        checked_png(SIGNATURE + buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", SIGNATURE, SIGNATURE * 9])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        checked_png(data)


@pytest.mark.parametrize("size", [(4001, 10), (10, 4001), (0, 10), (2**31, 2**31)])
def test_size_is_refused_before_anything_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="pixels"):
        checked_png(SIGNATURE + header(*size) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def test_second_header_cannot_make_it_larger() -> None:
    with pytest.raises(PictureError, match="pixels"):
        checked_png(
            SIGNATURE
            + header(10, 10)
            + header(5_000, 5_000)
            + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
            + chunk(b"IEND", b"")
        )


def test_large_files_are_refused() -> None:
    with pytest.raises(PictureError, match="2 MiB"):
        checked_png(png() + b"\0" * MAX_BYTES)


def test_text_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = chunk(b"zTXt", b"key\0\0" + zlib.compress(b"\0" * 80_000_000))
    good = png()
    with pytest.raises(PictureError):
        checked_png(good[:33] + bomb + good[33:])


def test_damage_raises_nothing_else() -> None:
    rng = random.Random(0)
    good = png((30, 30), "P", transparency=3)
    for _ in range(400):
        bad = bytearray(good)
        for _ in range(rng.randrange(1, 6)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        damaged = bytes(bad[: rng.randrange(len(bad))]) if rng.random() < 0.3 else bytes(bad)
        with suppress(PictureError):
            assert checked_png(damaged).startswith(SIGNATURE)
