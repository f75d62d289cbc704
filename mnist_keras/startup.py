"""Importing TensorFlow without the lines that it writes as it starts."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2  # the file descriptor, also in a notebook, where ``sys.stderr`` is no file


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep TensorFlow's start-up lines from the terminal or notebook while it is imported here.

    Its C++ part writes them straight to file descriptor 2, past ``sys.stderr`` and, until its
    logging has started, whatever ``TF_CPP_MIN_LOG_LEVEL`` says. If the import fails they are shown.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(STDERR)
    except OSError:  # closed, as in a Windows program without a console
        yield
        return
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), STDERR)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
