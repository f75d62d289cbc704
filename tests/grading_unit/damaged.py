"""Notebooks damaged at random, the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

# Made one at a time: each is 50 MB.
LARGE = 5

Damage = Callable[[bytes, random.Random], bytes]


def damaged_notebooks(
    count: int, source_bytes: bytes, *, seed: int = 0
) -> Iterator[tuple[str, bytes]]:
    """Make ``count`` damaged notebooks of a sound one, each with a name that says how.

    The names are unique and can be those of files. Of the kinds of damage that make 50 MB, there
    are at most `LARGE`.
    """
    draw = random.Random(seed)
    kinds, great = [*SMALL_DAMAGE], cycle(LARGE_DAMAGE)
    large = {round((i + 0.5) * count / LARGE) for i in range(LARGE)} if count >= 10 * LARGE else ()
    for number in range(count):
        damage = next(great, None) if number in large else None
        kind = damage or kinds[number % len(kinds)]
        make = LARGE_DAMAGE[kind] if damage else SMALL_DAMAGE[kind]
        yield f"{number:04}-{kind}", make(source_bytes, draw)


def _flip_bytes(source: bytes, draw: random.Random) -> bytes:
    damaged = bytearray(source)
    for _ in range(draw.choice((1, 2, 10, 100))):
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
    return bytes(damaged)


def _truncate(source: bytes, draw: random.Random) -> bytes:
    return source[: draw.randrange(len(source))]


def _remove_a_piece(source: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(source))
    return source[:start] + source[start + draw.randrange(1, 2_000) :]


def _repeat_a_piece(source: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(source))
    return source[: start + draw.randrange(1, 2_000)] + source[start:]


def _other_format(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    notebook["nbformat"] = draw.choice((1, 2, 3, 5, -4, 4.0, "4", True, None, [], {}, 10**30))
    notebook["nbformat_minor"] = draw.choice((0, 99, None, "5", -1))
    return _written(notebook)


def _wrong_types(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    for _ in range(draw.choice((1, 1, 3, 20))):
        parent, key = draw.choice([*_places(notebook)])
        parent[key] = draw.choice(
            (None, True, 0, -1.5, "", "text", [], {}, [None], {"": None}, ["a", 1], [[[]]])
        )
    return _written(notebook)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _places(value[key])


def _no_key(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    objects = [notebook, *(parent[key] for parent, key in _places(notebook))]
    chosen = draw.choice([each for each in objects if isinstance(each, dict) and each])
    del chosen[draw.choice([*chosen])]
    return _written(notebook)


def _same_ids(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        if draw.random() < 0.5:
            cell["id"] = cell["metadata"]["id"] = "same"
    return _written(notebook)


def _deep(source: bytes, draw: random.Random) -> bytes:
    depth = draw.choice((101, 1_000, 10_000, 1_000_000))
    opening, closing = draw.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = opening * depth + b"0" + closing * draw.choice((depth, depth - 1, 0))
    return draw.choice((deep, _with_member(source, b'"deep": ' + deep)))


def _in_outputs(source: bytes, draw: random.Random) -> bytes:
    inside = draw.choice((b"NaN", b"[" * 100_000, b"[" * 9_999 + b"]" * 9_999, b"\0", b'"', b"}]"))
    return source.replace(b'"outputs": []', b'"outputs": [' + inside + b"]", 1)


def _odd_value(source: bytes, draw: random.Random) -> bytes:
    values = (b"NaN", b"-Infinity", b"1e999", b"9" * 25, b"9" * 5_000, b"0." + b"9" * 10_000, b"01")
    return _with_member(source, b'"odd": ' + draw.choice(values))


def _odd_source(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    cell = draw.choice(notebook["cells"])
    odd = draw.choice(("\0", "\ud800", "\udfff\ud800", "\u202e", "\r", "\x1b[2J", "\u2028", "é"))
    cell["source"] = odd if draw.random() < 0.5 else [*cell["source"], odd]
    return _written(notebook)


def _odd_cells(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    cell = notebook["cells"][0]
    notebook["cells"] = draw.choice(
        (None, {}, "", 4, [], [None], [[]], [cell] * 5_001, [{}] * 100, {"0": cell}, [[cell]])
    )
    return _written(notebook)


def _long_source(source: bytes, draw: random.Random) -> bytes:
    notebook = json.loads(source)
    line = draw.choice(("x = 1\n", "#" * 999 + "\n", "results, ", "(" * 1_000))
    notebook["cells"][-2]["source"] = line * (2_100_000 // len(line))
    return _written(notebook)


def _other_encoding(source: bytes, draw: random.Random) -> bytes:
    text = source.decode().replace("Learning rate", "Lernrate für 😀")
    encoding = draw.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252"))
    return text.encode(encoding, "xmlcharrefreplace" if encoding == "cp1252" else "strict")


def _invalid_utf8(source: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(source))
    invalid = draw.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80"))
    return source[:start] + invalid + source[start:]


def _nul_bytes(source: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(source))
    return source[:start] + b"\0" * draw.choice((1, 4_096)) + source[start:]


def _no_notebook(source: bytes, draw: random.Random) -> bytes:
    others = (
        *(
            b"",
            b" \n",
            b"\xef\xbb\xbf",
            b"null",
            b"4",
            b'"cells"',
            b"[]",
            b"{}",
            b"<!DOCTYPE html>",
        ),
        *(b"print('hello')\n", b"PK\x03\x04", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\0" * 100),
        *(b'{"cells": []}', b'{"nbformat": 4}', b'{"nbformat": 4, "cells": []}', b'"', b"\\"),
        *(source + source, source[1:], source[:-2], b"]" + source, source.replace(b'"', b"'")),
        *(source.replace(b":", b""), draw.randbytes(1_000), b'"' + b'\\"' * 10_000),
    )
    return draw.choice(others)


def _large_string(source: bytes, draw: random.Random) -> bytes:
    return _with_output(source, b'"' + draw.choice((b"a", b"\\n", b"\xc3\xa9")) * 25_000_000 + b'"')


def _large_lines(source: bytes, draw: random.Random) -> bytes:
    return _with_output(source, b'"' + b"0.9" * 33 + b'",', 500_000)


def _large_numbers(source: bytes, draw: random.Random) -> bytes:
    return _with_output(source, b"0.123456789,", 4_000_000)


def _many_lists(source: bytes, draw: random.Random) -> bytes:
    return _with_output(source, b"[],", 16_000_000)


def _large_outside_outputs(source: bytes, draw: random.Random) -> bytes:
    return _with_member(source, b'"large": "' + b"a" * 50_000_000 + b'"')


def _with_output(source: bytes, value: bytes, times: int = 1) -> bytes:
    values = (value * times).rstrip(b",")
    return source.replace(b'"outputs": []', b'"outputs": [' + values + b"]", 1)


def _with_member(source: bytes, member: bytes) -> bytes:
    return source.replace(b"{", b"{" + member + b",", 1)


def _written(notebook: Any) -> bytes:
    return json.dumps(notebook, indent=1).encode()


SMALL_DAMAGE: dict[str, Damage] = {
    "bytes-flipped": _flip_bytes,
    "truncated": _truncate,
    "piece-removed": _remove_a_piece,
    "piece-repeated": _repeat_a_piece,
    "other-format": _other_format,
    "wrong-types": _wrong_types,
    "no-key": _no_key,
    "same-ids": _same_ids,
    "deep": _deep,
    "odd-outputs": _in_outputs,
    "odd-value": _odd_value,
    "odd-source": _odd_source,
    "odd-cells": _odd_cells,
    "long-source": _long_source,
    "other-encoding": _other_encoding,
    "invalid-utf8": _invalid_utf8,
    "nul-bytes": _nul_bytes,
    "no-notebook": _no_notebook,
}
LARGE_DAMAGE: dict[str, Damage] = {
    "50-mb-string": _large_string,
    "50-mb-lines": _large_lines,
    "50-mb-numbers": _large_numbers,
    "50-mb-lists": _many_lists,
    "50-mb-outside-outputs": _large_outside_outputs,
}
