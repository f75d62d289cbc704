"""Files that are whole or not there: written beside their place, then renamed into it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from mnist_keras.errors import CourseError

UNFINISHED = ".unfinished"
IN_USE = ".in-use"  # lies in a folder that a command writes to; see `locking`


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Return a path to write to; what was written there takes ``path``'s place at the end.

    A kill or an error on the way leaves ``path`` as it was. The temporary name keeps the suffix,
    because Keras and Matplotlib choose the format by it.

    An OSError names ``path``.
    """
    beside = path.with_name(f"{path.stem}{UNFINISHED}-{os.getpid()}{path.suffix}")
    with made(path.parent):
        try:
            yield beside
            os.replace(beside, path)
        except Exception as error:
            met = _met_by_the_system(error)
            if met is None or met.filename not in (None, str(beside)):
                raise
            raise OSError(met.errno, os.strerror(met.errno or 0), str(path)) from error
        finally:
            with suppress(OSError):  # on a disk that can only be read
                beside.unlink()


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder if need be; if nothing lies in it at the end, it goes again."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for each in new:
            remove_if_empty(each)


def _met_by_the_system(error: BaseException | None) -> OSError | None:
    """Find the error of the system's that a library may have covered with one of its own."""
    while error is not None and not (isinstance(error, OSError) and error.errno):
        error = error.__cause__ or error.__context__
    return error


def require_new(path: Path) -> None:
    """Refuse to overwrite a file."""
    if path.exists():
        raise CourseError(f"{path} is there already; choose another name, or remove it")


def write_text(path: Path, text: str) -> None:
    """Write ``text`` (UTF-8, line ends as they are) to ``path`` whole or not at all."""
    write_all([(path, text)])


def write_all(contents: Iterable[tuple[Path, str | bytes]]) -> list[Path]:
    """Write several files that belong together: each whole, and none if one cannot be written.

    Texts become UTF-8, line ends as they are. The first file comes into its place last, so it can
    be what tells that the others are there.
    """
    written = []
    with ExitStack() as waiting:
        for path, content in contents:
            beside = waiting.enter_context(written_whole(path))
            beside.write_bytes(utf_8(content) if isinstance(content, str) else content)
            written.append(path)
    return written


def utf_8(text: str) -> bytes:
    """Encode text; a file's name in it that was no text to Python gets its own bytes back."""
    return text.encode("utf-8", "surrogateescape")


def holds_anything(folder: Path) -> bool:
    """Whether there is more in ``folder`` than what a killed command may have left."""
    return folder.is_dir() and any(
        UNFINISHED not in path.name and path.name != IN_USE for path in folder.iterdir()
    )


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process left half-written in ``folder``."""
    for leftover in folder.glob(f"*{UNFINISHED}-*"):
        leftover.unlink(missing_ok=True)


def remove_if_empty(folder: Path) -> None:
    """Remove ``folder`` unless something lies in it or it is none."""
    with suppress(OSError):
        folder.rmdir()
