"""What shuts a notebook's process off from the machine: programs that many others rely on.

Each module is an engine. It says why it cannot be used here, if it cannot, and gives the command
that starts a Python program shut off, which finds what it may see of the course at `COURSE`, or
where that lies if it is empty. What the program is for, it does not know.

- `bubblewrap`: namespaces by ``bwrap``, of Debian, Ubuntu, Fedora and GitHub's runners.
- `container`: a container by ``podman`` or ``docker``, also on macOS and Windows.
- `user`: another user of this machine, where the grader is root in a container of its own.
- `nothing`: no sandbox, for notebooks that are trusted.
- `start`: what they share.
"""

from collections.abc import Mapping
from types import ModuleType

from mnist_keras.errors import CourseError
from mnist_keras.sandbox.engines import bubblewrap, container, nothing, user
from mnist_keras.sandbox.engines.start import Start as Start

SHUTTING = (bubblewrap, container, user)
ENGINES: Mapping[str, ModuleType] = {each.NAME: each for each in (*SHUTTING, nothing)}
LEVELS: Mapping[str, str] = {name: each.SAID for name, each in ENGINES.items()}
ADVICE = (
    "install bubblewrap: on Debian and Ubuntu, apt-get install bubblewrap; on Fedora, dnf install "
    "bubblewrap; on macOS and Windows, podman and then mnist-keras grade --init container"
)


def chosen(name: str | None) -> ModuleType:
    """Return the engine of a name, or without one the first that can be used here."""
    if name:
        if why := ENGINES[name].missing(asked=True):
            raise CourseError(f"{name} cannot shut notebooks off here: {why}")
        return ENGINES[name]
    reasons = []
    for each in SHUTTING:
        why = each.missing(asked=False)
        if not why:
            return each
        reasons.append(f"{each.NAME}: {why}")
    raise CourseError(
        f"this machine cannot shut notebooks off ({'; '.join(reasons)}). To grade, {ADVICE}. "
        "--unsandboxed runs notebooks that you trust without"
    )
