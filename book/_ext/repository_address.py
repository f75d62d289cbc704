"""Find out which repository the site belongs to, so that a fork is right without an edit."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from mnist_keras.authoring.repository import Repository
from mnist_keras.errors import CourseError

PLACEHOLDER = "https://github.com/OWNER/REPOSITORY"
ON_GITHUB = re.compile(r"\s*(?:https?://(?:[^@/]+@)?|git://|ssh://git@|git@)github\.com[:/]")

logger = logging.getLogger(__name__)


def parse_remote(remote: str) -> str | None:
    """Turn the address of a git remote into the address of its GitHub page.

    It may be in https or ssh form; None for a remote elsewhere.
    """
    start = ON_GITHUB.match(remote)
    try:
        return Repository.parse(remote[start.end() :]).url if start else None
    except CourseError:
        return None


def address_on_github(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read repository and branch from what GitHub tells a workflow.

    The branch may be a tag. A pull request names none that a learner could open, so it leaves the
    branch to the configuration.
    """
    try:
        url = Repository.parse(environ.get("GITHUB_REPOSITORY", "")).url
    except CourseError:
        return None, None
    branch = environ.get("GITHUB_REF_NAME", "")
    if environ.get("GITHUB_HEAD_REF") or re.fullmatch(r"\d+/(?:merge|head)", branch):
        branch = ""
    return url, branch or None


def origin_of(folder: Path) -> str | None:
    """Ask git for the GitHub address that a clone came from."""
    command = ["git", "-C", str(folder), "config", "--get", "remote.origin.url"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_remote(answer.stdout)


def set_address(app: Sphinx, config: Config) -> None:
    """Return the theme the repository's address: from GitHub, else the clone, else the file."""
    options: dict[str, Any] = config.html_theme_options
    url, branch = address_on_github(os.environ)
    url = url or origin_of(Path(app.srcdir))
    if url:
        options["repository_url"] = url
    if branch:
        options["repository_branch"] = branch


def put_into_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Write the repository's address where a page holds the placeholder: in commands to copy."""
    address = app.config.html_theme_options.get("repository_url") or PLACEHOLDER
    source[0] = source[0].replace(PLACEHOLDER, address)


def say_if_unknown(app: Sphinx, exception: Exception | None) -> None:
    """Say at the end of a build that its links lead nowhere yet, and how to mend that."""
    if exception is None and app.config.html_theme_options.get("repository_url") == PLACEHOLDER:
        logger.info(
            "\nThis site does not know its repository: its Colab and repository links hold the\n"
            "placeholder %s. To mend: mnist-keras notebooks --repository OWNER/NAME",
            PLACEHOLDER,
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", set_address)
    app.connect("source-read", put_into_page)
    app.connect("build-finished", say_if_unknown)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
