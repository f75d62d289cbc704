"""Shutting a program off as another user, where the grader is root in a container of its own.

Such a container, as Gradescope's, often allows no namespaces. The program runs as a user who owns
nothing, without any right, network or socket. The container is what keeps it from other machines.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnist_keras.sandbox.engines.start import Start, as_user, complaint, lacking, limited, user_of
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.view import PACKAGE, SECRETS

NAME = "user"
SAID = (
    "another user: each notebook ran as a user who owns nothing and without rights, behind a list "
    "of the system calls that it may make, and limits; it saw the container's files and processes"
)
PYTHON, COURSE = sys.executable, ""
CONTAINERS = ("/.dockerenv", "/run/.containerenv")
WRITABLE = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")  # by every user


def missing(*, asked: bool) -> str:
    """Say why this engine cannot be used here; nothing if it can."""
    if os.geteuid() != 0:
        return "only root can start a program as another user"
    if not asked and not any(map(os.path.exists, CONTAINERS)):
        return "this is no container, where it would see the files of others"
    if lack := lacking("setpriv", "prlimit", "find"):
        return f"there is no {lack}"
    reader = [*as_user(user_of(0)), "sh", "-c", 'for f; do ! [ -r "$f" ] || exit 1; done', "sh"]
    if complaint([*reader, *SECRETS]):
        return f"every user can read the answers: chmod go= {PACKAGE.parent}"
    # As a notebook's process is started: setpriv itself would still find a Python of root's alone.
    program = [PYTHON, "-P", "-s", "-c", "import pyseccomp, IPython"]
    return complaint([*as_user(user_of(0)), *limited(Limits()), *program])


def start(
    program: Sequence[str], variables: Mapping[str, str], view: Path, limits: Limits, job: int
) -> Start:
    """Return the command that starts a program as another user, as `bubblewrap.start` does."""
    user, home = user_of(job), view.parent / f"job-{job}"
    home.mkdir(mode=0o700)
    os.chown(home, user, user)
    files = [each for each in (*WRITABLE, str(home)) if os.path.isdir(each)]
    end = [
        [*as_user(user), "sh", "-c", "kill -9 -1"],
        ["find", *files, "-xdev", "-uid", str(user), "-delete"],
    ]
    variables = {**variables, "HOME": str(home), "TMPDIR": str(home)}
    return Start([*as_user(user), *limited(limits), *program], variables, end, user, folders=files)
