"""The course, and a page of it while it is converted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mnist_keras.authoring.references import Reference, bibliography, glossary_terms
from mnist_keras.authoring.repository import Repository, read_hand_in, read_repository


@dataclass(frozen=True)
class Course:
    """What the text of a lesson may refer to."""

    root: Path  # the folder of the course
    repository: Repository  # where the course lives
    # the glossary's terms, by their lower-case form
    terms: Mapping[str, str] = field(default_factory=dict)
    # the bibliography's entries, by key
    references: Mapping[str, Reference] = field(default_factory=dict)
    hand_in: str = ""  # where and how learners hand in, in the instructor's words


def read_course(root: Path | str) -> Course:
    """Read the address, the glossary, the bibliography and how to hand in at `root`."""
    root = Path(root)
    texts = glossary_terms(root), bibliography(root), read_hand_in(root)
    return Course(root, read_repository(root), *texts)


@dataclass
class Page:
    """A page while it is converted: its address, its numbers so far, and its errors."""

    course: Course  # the course it belongs to
    path: str  # its path in the repository, with slashes
    # the numbers that a cell above the present one keeps
    kept: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)  # one line for each error, with file and line
    # ``"solution"`` for the exercise that is made of a solution's page, ``"start"`` for the worked
    # solution as a notebook: the tag of the cells that are not for this notebook
    leave_out: frozenset[str] = frozenset()

    def fail(self, line: int, message: str) -> None:
        """Note an error at a line of the page."""
        self.problems.append(f"{self.path}:{line}: {message}")

    @property
    def text(self) -> str:
        """What stands in its file."""
        return (self.course.root / self.path).read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        """The page's address on the site."""
        return self.course.repository.page_url(self.path)
