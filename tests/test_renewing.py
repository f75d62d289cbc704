"""The line that renews itself on a terminal."""

from __future__ import annotations

import io
import os

from mnist_keras.process.progress import RenewingLine


class Terminal(io.StringIO):
    """A terminal of twelve columns."""

    def __init__(self, monkeypatch):
        super().__init__()
        monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((12, 5)))

    def isatty(self):
        """Say yes."""
        return True

    def fileno(self):
        """Return a number."""
        return 1


def test_elsewhere_than_on_a_terminal_only_lines_that_stay_are_written():
    stream = io.StringIO()
    line = RenewingLine(stream)
    assert not line.is_due()
    assert line.width is None
    line.keep("epoch 1")
    assert stream.getvalue() == "epoch 1\n"


def test_on_a_terminal_a_line_is_renewed_within_its_width_and_gives_way_to_one_that_stays(
    monkeypatch,
):
    stream = Terminal(monkeypatch)
    line = RenewingLine(stream)
    assert line.is_due()
    line.renew("twelve letters and more")
    assert not line.is_due()  # a few times a second are enough
    line.keep("done")
    assert stream.getvalue() == "\rtwelve lett\x1b[K\r\x1b[Kdone\n"


def test_lines_of_several_at_once_are_never_renewed(monkeypatch):
    assert not RenewingLine(Terminal(monkeypatch), renewing=False).is_due()
