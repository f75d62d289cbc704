"""What comes over the pipe: its clock, its size, and what it takes to read it."""

from __future__ import annotations

import json
import os
import struct
import threading
import time
import tracemalloc

import numpy as np
import pytest

from mnist_keras.sandbox import protocol
from mnist_keras.sandbox.protocol import (
    MOST_BYTES,
    Channel,
    Ended,
    Late,
    ProtocolError,
    as_text,
    decoded,
    encoded,
    from_text,
)


@pytest.fixture
def pipe():
    """Give a channel and what its other side writes with; it never reads."""
    unread, requests = os.pipe()
    replies, ours = os.pipe()
    yield Channel(requests, replies), ours
    for each in (unread, requests, replies):
        os.close(each)


def test_who_writes_a_byte_now_and_then_is_late_all_the_same(pipe):
    channel, ours = pipe
    stop = threading.Event()

    def drip():
        os.write(ours, struct.pack(">I", 1000))
        while not stop.wait(0.01):
            os.write(ours, b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(Late):
        channel.receive(time.monotonic() + 0.5)
    stop.set()
    thread.join()
    os.close(ours)


def test_messages_are_read_until_they_are_more_than_a_notebook_may_send(pipe):
    channel, ours = pipe
    message = {"data": "x" * 50_000}
    content = encoded(message)

    def write():
        for _ in range(MOST_BYTES // len(content) + 1):
            os.write(ours, content)
        os.close(ours)

    thread = threading.Thread(target=write)
    thread.start()
    deadline = time.monotonic() + 60
    for _ in range(MOST_BYTES // len(content)):
        assert channel.receive(deadline) == message
    with pytest.raises(ProtocolError, match="more than 4 MiB"):
        channel.receive(deadline)
    thread.join()


def test_a_message_that_is_here_already_is_not_waited_for(pipe, monkeypatch):
    channel, ours = pipe
    os.write(ours, encoded("first") + encoded("second"))
    assert channel.receive(time.monotonic() + 60) == "first"

    def waits(*_: object) -> bool:
        raise AssertionError("it waited")

    monkeypatch.setattr(protocol, "_is_open", waits)
    assert channel.receive(time.monotonic() + 60) == "second"
    os.close(ours)


def test_a_pipe_that_is_closed_is_the_end(pipe):
    channel, ours = pipe
    os.write(ours, b"\0\0")
    os.close(ours)
    with pytest.raises(Ended):
        channel.receive(time.monotonic() + 5)


def test_a_child_that_does_not_read_is_late(pipe):
    channel, ours = pipe
    with pytest.raises(Late):
        channel.send({"x": "y" * 2**20}, time.monotonic() + 0.3)
    os.close(ours)


BOMBS = {
    "lists": b"[" + b"[]," * (MOST_BYTES // 3 - 2) + b"[]]",
    "dictionaries": b"[" + b'{"":{}},' * (MOST_BYTES // 8 - 2) + b"0]",
    "numbers": b"[" + b"999," * (MOST_BYTES // 4 - 2) + b"0]",
    "few dictionaries": b"[" + b'{"":0},' * 250_000 + b"0]",
    "wide characters": json.dumps("\U0001f600" + "x" * (MOST_BYTES - 100)).encode(),
    "many wide texts": b"[" + b'"\xf0\x9f\x98\x80",' * 400_000 + b'""]',
    "depth": b"[" * (MOST_BYTES - 1),
    "digits": b"9" * (MOST_BYTES - 1),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_no_message_takes_much_memory_to_read(content):
    assert len(content) <= MOST_BYTES
    tracemalloc.start()
    try:
        decoded(content)
    except ProtocolError:
        pass
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 200 * 2**20


def test_numbers_come_as_they_were_sent():
    numbers = np.float32([[0.5, -1e30], [1 / 3, 7]])
    assert (from_text(as_text(numbers), 2) == numbers).all()


@pytest.mark.parametrize("value", [None, 7, "é", "AAA", "AAAA", {}, "AAAAAAAAAAA="])
def test_what_is_no_numbers_is_refused(value):
    with pytest.raises(ProtocolError):
        from_text(value, 10)
