"""A file as it was handed in: whether it is a notebook, and which exercise it answers."""

import hashlib
from dataclasses import dataclass, replace

from mnist_keras.grading.contents import UnreadableError
from mnist_keras.grading.kinds import NO_NOTEBOOK, is_called_a_notebook
from mnist_keras.grading.listing import Found, is_archive, shown
from mnist_keras.grading.notebooks import NotebookError, exercise_in_name, read_notebook

UNTOLD = "which exercise this is can't be told from its metadata, its name or its cells"
LESSON = "the file is a lesson of the course, not an exercise"


@dataclass(frozen=True)
class Handin:
    """A file and what it holds."""

    found: Found  # the file
    parts: tuple[str, ...]  # its path below the class, whatever folders and archives wrap that
    file: str  # its path as it can be shown
    answers: bool  # whether it is a notebook or an archive, or is called so
    exercise: str | None = None  # the exercise's name; none where it cannot be told
    digest: str = ""  # SHA-256 of the content; empty where it cannot be read
    problem: str = ""  # why it cannot be graded, in one line; else empty
    notes: tuple[str, ...] = ()  # a line each: what is odd about it
    signed: str = ""  # the name that the learner wrote into the notebook; else empty

    @property
    def in_folder(self) -> bool:
        """Whether it lies in a folder or an archive at the top of the class."""
        return len(self.parts) > 1


def read_handin(found: Found, prefix: str) -> Handin:
    """Read a file, if it may be a notebook."""
    name = found.parts[-1]
    answers = is_called_a_notebook(name) or is_archive(name)
    handin = Handin(found, found.parts, shown(prefix + "/".join(found.parts)), answers)
    problem, exercise = found.problem, None
    if found.content is not None:
        try:
            content = found.content.read()
            handin = replace(handin, digest=hashlib.sha256(content).hexdigest())
            if not answers and not content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                raise NotebookError  # without a look at all of a large file
            notebook = read_notebook(content, name)
            exercise = notebook.exercise
            handin = replace(handin, answers=True, notes=notebook.notes, signed=notebook.signed)
            if exercise is None and notebook.generated_from.startswith("book/"):
                return replace(handin, answers=False, digest="", problem=LESSON)
        except (UnreadableError, NotebookError) as error:
            problem = str(error) if answers else f"the file {NO_NOTEBOOK}"
    # What is no notebook is about an exercise only if its own name says so.
    places = reversed(found.parts) if handin.answers else (name,)
    named = (each for each in map(exercise_in_name, places) if each)
    exercise = exercise or next(named, None)
    if handin.answers and exercise is None:
        problem = problem or UNTOLD
    digest = handin.digest if handin.answers else ""
    return replace(handin, exercise=exercise, problem=problem, digest=digest)
