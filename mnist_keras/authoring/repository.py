"""Where the course lives on GitHub: the one address that all links follow."""

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from mnist_keras.authoring.tools import one_line, tool
from mnist_keras.errors import CourseError
from mnist_keras.files import write_text

CONFIG = "_config.yml"
HAND_IN = "hand_in"  # its key there
HOW = (
    "Choose **File → Download → Download .ipynb**, and hand in that file where your instructor "
    "asks for it."
)
MOST = 600  # characters


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub and the branch that readers get."""

    owner: str  # the two parts of ``github.com/OWNER/NAME``
    name: str
    branch: str = "main"  # a branch or tag; it may hold slashes

    @classmethod
    def parse(cls, text: str, branch: str = "main") -> "Repository":
        """Read ``OWNER/NAME`` or ``OWNER/NAME@REF``, also behind ``https://github.com/``."""
        address, at, ref = text.strip().partition("@")
        ref = ref if at else branch
        address = re.sub(r"^https?://(www\.)?github\.com/", "", address)
        address = address.removesuffix("/").removesuffix(".git")
        owner, slash, name = address.partition("/")
        if not slash:
            problem = "there is no slash"
        elif not re.fullmatch(r"(?=.{1,39}$)[A-Za-z0-9](?:[-_]?[A-Za-z0-9])*", owner):
            problem = f"{owner!r} cannot be an owner on GitHub"
        elif not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or name in (".", ".."):
            problem = f"{name!r} cannot be a repository on GitHub"
        elif not is_ref(ref):
            problem = f"{ref!r} cannot be a branch or tag"
        else:
            return cls(owner, name, ref)
        raise CourseError(
            f"{text!r} is not a repository: write OWNER/NAME or OWNER/NAME@BRANCH ({problem})."
        )

    @property
    def url(self) -> str:
        """The repository's page."""
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def site_url(self) -> str:
        """The site on GitHub Pages, with a final slash."""
        if self.name.lower() == f"{self.owner}.github.io".lower():
            return f"https://{self.name.lower()}/"
        return f"https://{self.owner}.github.io/{self.name}/"

    @property
    def archive_url(self) -> str:
        """The archive of the branch, which pip can install."""
        return f"{self.url}/archive/{quote(self.branch)}.zip"

    def page_url(self, path: str) -> str:
        """Return the site's address of the page made from `path` (``book/lessons/x.md``)."""
        return self.site_url + quote(str(PurePosixPath(path).with_suffix(".html")))

    def file_url(self, path: str) -> str:
        """Return GitHub's page of the file `path` of the repository."""
        return f"{self.url}/blob/{quote(self.branch)}/{quote(path)}"

    def colab_url(self, path: str) -> str:
        """Return the address that opens the notebook `path` of the repository in Colab."""
        return self.file_url(path).replace(
            "https://github.com/", "https://colab.research.google.com/github/"
        )


def is_ref(text: str) -> bool:
    """Whether Git takes `text` as the name of a branch (the rules of git-check-ref-format)."""
    wrong = r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|[/.]$|(^|/)\.|\.lock(/|$)"
    return text not in ("", "@") and not re.search(wrong, text)


def read_repository(root: Path | str) -> Repository:
    """Read where the course lives from its ``_config.yml``."""
    return _repository_of(read_config(Path(root)))


def set_repository(root: Path | str, text: str) -> Repository:
    """Write where the course lives into its ``_config.yml``, and nothing else there.

    Without a reference the branch stays as it is.
    """
    config = read_config(Path(root))
    repository = Repository.parse(text, branch=_repository_of(config).branch)
    new = {"url": repository.url, "branch": repository.branch}
    nodes = _repository_nodes(config)
    for key, node in sorted(nodes.items(), key=lambda item: -item[1].start_mark.index):
        before, after = config[: node.start_mark.index], config[node.end_mark.index :]
        config = before + _yaml_scalar(new[key]) + after
    assert _repository_of(config) == repository
    write_text(Path(root) / CONFIG, config)
    return repository


def read_hand_in(root: Path | str) -> str:
    """Read the instructor's sentence from ``_config.yml``; the course's own where there is none."""
    config = tool("yaml").safe_load(read_config(Path(root))) or {}
    sentence = config.get(HAND_IN, HOW)
    if not isinstance(sentence, str) or not 1 <= len(sentence.strip()) <= MOST:
        raise CourseError(
            f"{CONFIG}: `{HAND_IN}` should be a sentence or two of at most {MOST} characters; "
            "leave the key out for the course's own."
        )
    return " ".join(sentence.split())


def read_config(root: Path) -> str:
    """Read the text of the course's ``_config.yml``."""
    try:
        # newline="" keeps the line ends as they are: the file is written back.
        with open(root / CONFIG, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        raise CourseError(f"There is no {CONFIG} in {root}: is this the course's folder?") from None


def _repository_nodes(config: str) -> dict[str, Any]:
    """Return YAML's nodes of the repository's `url` and `branch`, which know their place."""
    yaml = tool("yaml")
    try:
        top = yaml.compose(config, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise CourseError(f"{CONFIG} is not valid YAML: {one_line(error)}") from None
    found: dict[str, Any] = {}
    for key, value in top.value if isinstance(top, yaml.MappingNode) else ():
        if key.value == "repository" and isinstance(value, yaml.MappingNode):
            for inner, node in value.value:
                if inner.value in ("url", "branch") and isinstance(node, yaml.ScalarNode):
                    found[inner.value] = node
    for name in ("url", "branch"):
        if name not in found:
            raise CourseError(f"{CONFIG} lacks the key `{name}` under `repository`.")
    return found


def _repository_of(config: str) -> Repository:
    nodes = _repository_nodes(config)
    return Repository.parse(f"{nodes['url'].value}@{nodes['branch'].value}")


def _yaml_scalar(text: str) -> str:
    """Return `text` as YAML that reads back as this very string: a branch may be called 1.0."""
    yaml = tool("yaml")
    plain = re.fullmatch(r"[A-Za-z0-9._/:-]+", text) and yaml.safe_load(text) == text
    return text if plain else json.dumps(text, ensure_ascii=False)
