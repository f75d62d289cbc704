"""The one exception that stands for a mistake that its user can mend."""


class CourseError(Exception):
    """Something the user can mend; the message says what is wrong and how, in one line.

    Every command catches it and prints its message with exit status 2, so a user never
    sees a traceback for a mistake of their own.
    """


def raised(error: BaseException) -> str:
    """Say in one line what code raised that is not ours: its kind and its message."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def unwritten(error: OSError, mend: str = "make room, or choose another folder") -> CourseError:
    """Say what the system could not write, why, and how to mend it."""
    place = f"{error.filename} could not be written: " if error.filename else ""
    return CourseError(f"{place}{error.strerror or error}; {mend}")
