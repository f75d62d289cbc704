"""Shutting a program off by bubblewrap: namespaces of its own, and a file system of its own.

As an ordinary user the namespaces are those of a new user namespace. As root they are root's, and
the program becomes another user without any right inside: limits on processes bind it then.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from mnist_keras.sandbox.engines.start import (
    Start,
    as_user,
    complaint,
    is_root,
    lacking,
    limited,
    user_of,
)
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.view import NAME as PACKAGE_NAME
from mnist_keras.sandbox.view import PACKAGE

NAME = "bubblewrap"
SAID = (
    "bubblewrap: each notebook ran with processes, a network and a file system of its own, as a "
    "user without rights, behind a list of the system calls that it may make, and limits"
)
PYTHON = sys.executable
NOBODY = 65534
COURSE = "/course"  # where the package is, as the program sees it
HOME = "/tmp"  # and /dev/shm: the one place to write, in memory
SYSTEM = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
    *("/usr/share", "/usr/local/bin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/share"),
    *("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives"),
)
OF_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg", "share")  # of its prefixes; no more of them
DEVICES = ("null", "zero", "full", "random", "urandom")
LIBRARIES = ("site-packages", "dist-packages")
OF_SYSTEMD = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
UBUNTU = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


@cache
def missing(*, asked: bool) -> str:
    """Say why this engine cannot be used here; nothing if it can."""
    if lack := lacking("bwrap"):
        return f"there is no {lack}"
    if lack := lacking("prlimit", "setpriv"):
        return f"there is no {lack}, a program of util-linux"
    for module in ("pyseccomp", "IPython"):
        if importlib.util.find_spec(module) is None:
            return f'this Python has no {module}: pip install "mnist-keras[grade]"'
    options = subprocess.run(["bwrap", "--help"], capture_output=True, text=True)
    if "--size" not in options.stdout + options.stderr:
        return "its version is older than 0.7"
    command = [*_namespaces(), "--ro-bind", "/", "/", "--", "true"]
    why = complaint(command)
    if why and UBUNTU.is_file() and UBUNTU.read_text().strip() == "1":
        why += f" (Ubuntu forbids it until you say: sudo sysctl -w kernel.{UBUNTU.name}=0)"
    return why


def start(
    program: Sequence[str], variables: Mapping[str, str], view: Path, limits: Limits, job: int
) -> Start:
    """Return the command that starts a program shut off; its home in its variables is replaced."""
    user = user_of(job) if is_root() else None
    variables = {**variables, "HOME": HOME, "TMPDIR": HOME}
    command = [*_namespaces(), *_files(view, limits), "--chdir", HOME]
    if scope := _scope():
        most = {"MemoryMax": limits.memory, "MemorySwapMax": 0, "TasksMax": limits.processes}
        limit = [f"--property={name}={value}" for name, value in most.items()]
        hidden = [each for name in OF_SYSTEMD for each in ("--unsetenv", name)]
        command, variables = [*scope, *limit, *command, *hidden], {**variables, **_systemd()}
    command += ["--", *(as_user(user) if user else []), *limited(limits), *program]
    return Start(command, variables)


def _namespaces() -> list[str]:
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if is_root():
        for right in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):  # which it gives away itself
            command += ["--cap-add", right]
        return command
    return [*command, "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]


def _files(view: Path, limits: Limits) -> Iterator[str]:
    """Return the options for a file system of what may be seen, and one small place to write."""
    # First, as Python itself may lie below it.
    yield from ("--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", HOME)
    hidden, shown, seen = _hidden(), list(_shown()), list[str]()
    below = [path for path in shown if _is_below(path, hidden)]
    for path in shown:
        if path not in below:
            yield from _see(path, seen)
    for path in hidden:
        if _is_below(path, seen):
            yield from ("--size", "4096", "--tmpfs", path)
    seen = []
    for path in below:
        yield from _see(path, seen)
    # The first process is bubblewrap's own, without the filter of system calls: its memory could
    # be written to by an ordinary user's program.
    yield from ("--proc", "/proc", "--perms", "0555", "--size", "4096", "--tmpfs", "/proc/1")
    yield from ("--perms", "0755", "--dir", "/dev")
    for name in DEVICES:
        yield from ("--dev-bind", f"/dev/{name}", f"/dev/{name}")
    yield from ("--symlink", "/proc/self/fd", "/dev/fd", "--symlink", HOME, "/dev/shm")
    yield from ("--symlink", HOME, "/content")  # where Colab's notebooks write
    yield from ("--ro-bind", str(view), COURSE)
    yield from ("--remount-ro", "/")


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(f"{each}/") for each in folders)


def _see(path: str, seen: list[str]) -> Iterator[str]:
    if path in seen or _is_below(path, seen):
        return
    if path.count("/") == 1 and os.path.islink(path):  # /bin, where it is /usr/bin
        yield from ("--symlink", os.readlink(path), path)
    else:
        seen.append(path)
        for folder in reversed(Path(path).parents[:-1]):
            yield from ("--perms", "0755", "--dir", str(folder))
        yield from ("--ro-bind", path, path)


def _shown() -> Iterator[str]:
    """Return what this Python needs of the disk, and no more of what lies beside it."""
    python = sys.executable
    wanted = [*SYSTEM, python]
    while os.path.islink(python):
        python = os.path.join(os.path.dirname(python), os.readlink(python))
        wanted.append(os.path.abspath(python))
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix))):
        wanted += [os.path.join(prefix, name) for name in OF_PYTHON]
    wanted += [path for path in sys.path if Path(path).name in LIBRARIES]
    for path in dict.fromkeys(wanted):
        if os.path.exists(path):
            yield path


def _hidden() -> list[str]:
    """Return the folders of the course, which are not to be seen, whatever they lie in."""
    folders = [PACKAGE] if PACKAGE.parent.name in LIBRARIES else [PACKAGE.parent]
    folders += [Path(each, PACKAGE_NAME) for each in sys.path if Path(each).name in LIBRARIES]
    return [str(each) for each in dict.fromkeys(folders) if each.is_dir()]


@cache
def _scope() -> tuple[str, ...]:
    """Return the command that puts a program into a cgroup of its own; nothing without systemd."""
    own = () if is_root() else ("--user",)
    command = ("systemd-run", *own, "--scope", "--quiet", "--collect")
    trial, variables = [*command, "--property=MemoryMax=64M", "true"], {"PATH": os.defpath}
    return () if lacking(command[0]) or complaint(trial, variables | _systemd()) else command


def _systemd() -> dict[str, str]:
    return {name: os.environ[name] for name in OF_SYSTEMD if name in os.environ}
