"""Starting TensorFlow: soon, without the lines that it writes, with memory to use again."""

import ctypes
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

STDERR = 2  # the file descriptor, also in a notebook, where ``sys.stderr`` is no file
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # of glibc's malloc.h
LARGEST = 2**31 - 1


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep TensorFlow's start-up lines from the terminal or notebook while it is imported here.

    Its C++ part writes them straight to file descriptor 2, past ``sys.stderr`` and, until its
    logging has started, whatever ``TF_CPP_MIN_LOG_LEVEL`` says. If the import fails they are shown.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    with ExitStack() as opened:
        try:
            kept = os.dup(STDERR)
            opened.callback(os.close, kept)
            aside = opened.enter_context(tempfile.TemporaryFile())
        except OSError:  # closed, as in a Windows program without a console, or every disk is full
            yield
            return
        os.dup2(aside.fileno(), STDERR)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, STDERR)


@contextmanager
def quick_start(*, keras: bool = True) -> Iterator[None]:
    """Import Keras, and in here what else is needed, in less than two thirds of the processor time.

    Keras imports scikit-learn for wrappers that the course does not use, and SciPy and OpenCV for
    little things that it can do without; here it does not find them. Keras Tuner looks for
    scikit-learn too. Nothing that is imported is garbage, so none is looked for.
    """
    gc.disable()
    try:
        with hidden("sklearn"):
            if keras:
                with hidden("scipy", "cv2"):
                    __import__("keras")
            yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def hidden(*packages: str) -> Iterator[None]:
    """Let nothing that is imported in here find these packages, unless they are there already."""
    absent = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def keep_memory() -> bool:
    """Let the C library keep what a training step gives back, for the next step to use.

    TensorFlow asks for large blocks in each step and gives them back at its end. glibc returns
    those to the kernel, which clears each page when it is asked for again: in a small network,
    that takes longer than the arithmetic. Nothing else changes, not the last digit of a weight.

    Call it before TensorFlow's first operation: it does little for threads that exist already. It
    returns whether this C library has such settings (``man 3 mallopt``); only glibc's does.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # macOS, musl, Windows
        return False
    wanted = {M_MMAP_THRESHOLD: LARGEST, M_TRIM_THRESHOLD: -1, M_TOP_PAD: 2**28}
    taken = [mallopt(name, value) == 1 for name, value in wanted.items()]
    return all(taken)
