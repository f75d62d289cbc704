"""What shuts a child off from the machine, as far as this machine can, without any other program.

Linux only. `enter` is called in a process that was just forked, before anything of a learner's
runs, and tells how far it came:

- ``namespaces``: the child sees its own processes only, no network, not even loopback, and a file
  system of its own in which Python and the package are read-only. Its folder lies in memory and
  goes with it.
- ``landlock``: where the machine allows no namespaces. The child may read Python and the package
  and write in one folder; no network and no signals to other processes.
- ``none``: nothing of these.

A system call filter and limits on time, memory, files and processes come with both.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mnist_keras.grading.limits import Limits

NAMESPACES, LANDLOCK, NONE = "namespaces", "landlock", "none"
STRENGTH = (NONE, LANDLOCK, NAMESPACES)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
ALL_BUT_USER = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_REC, MS_PRIVATE = 1024, 2048, 4096, 16384, 1 << 18
MS_RELATIME = 1 << 21
KEPT_FLAGS = {2: MS_NOSUID, 4: MS_NODEV, 8: MS_NOEXEC, 1024: MS_NOATIME, 2048: MS_NODIRATIME}
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
ENDED_BY_SIGNAL = 128  # the exit status of a keeper whose child was ended by a signal, less that
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
NOBODY = 65534
SHORT_OF_ROOT = 60_000  # first of the user ids that children of root get
DEVICES = ("null", "zero", "full", "random", "urandom")
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives")
LANDLOCK_PROC = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
HOME = "/home/learner"

libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(OSError):
    """A step of shutting a child off failed."""


@dataclass(frozen=True)
class Surroundings:
    """What a child may see.

    Attributes
    ----------
    readable
        Files and folders that it may read.
    hidden
        Folders below those that it may not.
    folder
        An empty folder of the machine: where the child's file system is put together, or, without
        namespaces, where the child may write.
    """

    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    folder: str


def surroundings(package: Path, folder: str) -> Surroundings:
    """List what this Python needs, and no more of the machine.

    Parameters
    ----------
    package
        The folder of ``mnist_keras``; what would tell a learner the answers is hidden.
    folder
        See `Surroundings`.
    """
    own = package.resolve()
    paths = [*SYSTEM_FOLDERS, *SYSTEM_FILES, sys.base_prefix, sys.prefix]
    # An editable installation puts a whole repository on the path; only its package is needed.
    paths += [p for p in sys.path if (p and Path(p).resolve() != own.parent) or _is_library(p)]
    paths.append(str(own))
    found: list[str] = []
    for path in dict.fromkeys(paths):
        for each in dict.fromkeys((path, os.path.realpath(path))):
            covered = any(each == f or each.startswith(f + "/") for f in found)
            if os.path.exists(each) and not covered and each != "/":
                found.append(each)
    hidden = (own / "checks" / "exercises", own / "grading")
    return Surroundings(tuple(found), tuple(map(str, hidden)), folder)


def _is_library(path: str) -> bool:
    return Path(path).name in ("site-packages", "dist-packages")


def enter(around: Surroundings, limits: Limits, slot: int) -> str:
    """Shut this process off and give the level that was reached; its parent waits for it.

    The caller goes on in another process, with namespaces the first of its own. What the zygote
    started stays as its keeper: it ends as that one ends, and with SIGTERM ends all below it.

    Parameters
    ----------
    around
        What the child may see.
    limits
        What it may use.
    slot
        A number that no other child has at the same time.
    """
    if sys.platform != "linux":
        return stay_outside(around, limits)
    os.setsid()
    os.umask(0o022)
    root = os.geteuid() == 0 and _has_other_users()
    separated = _separate(root)
    _go_on_below_a_keeper(sweep=not separated)
    if separated:
        _own_file_system(around, limits, slot if root else None)
    else:
        os.chdir(around.folder)
    _limit(limits)
    if root:
        _stop_being_root(SHORT_OF_ROOT + slot, around.folder if not separated else None)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    try:
        fenced = _fence(around, separated)
        _filter_system_calls(own_signals_only=not separated)
    except SandboxError:
        fenced = False
    if separated:
        return NAMESPACES
    return LANDLOCK if fenced else NONE


def stay_outside(around: Surroundings, limits: Limits) -> str:
    """Only limit this process, for a grader that was told to do without a sandbox."""
    os.setsid()
    _go_on_below_a_keeper(sweep=True)
    os.chdir(around.folder)
    _limit(limits)
    return NONE


def die_with_parent(by: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel send this process a signal when its parent dies."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, by)


def _prctl(*arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:5]
    return int(libc.prctl(*(ctypes.c_ulong(each) for each in padded)))


def _has_other_users() -> bool:
    """Whether root may become another user; within some containers there is none but root."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/uid_map").read_text().splitlines():
            first, _, count = map(int, line.split())
            if first <= SHORT_OF_ROOT < first + count - 1000:
                return True
    return False


def _call(name: str, *arguments: object) -> int:
    result = int(getattr(libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise SandboxError(number, f"{name}: {os.strerror(number)}")
    return result


def _system_call(number: int, *arguments: object) -> int:
    return _call("syscall", ctypes.c_long(number), *arguments)


def _separate(root: bool) -> bool:
    """Leave the machine's namespaces; whether the kernel allowed it."""
    uid, gid = os.getuid(), os.getgid()
    if root and libc.unshare(ALL_BUT_USER) == 0:
        return True
    if libc.unshare(ALL_BUT_USER | CLONE_NEWUSER) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
        # Some kernels give a new user namespace that may do nothing.
        _call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    except OSError:
        return False
    return True


def _go_on_below_a_keeper(*, sweep: bool) -> None:
    """Fork; the child goes on, and the parent stays to end all that the child leaves behind.

    Parameters
    ----------
    sweep
        Whether the keeper ends what is left itself. With namespaces the kernel does, and the
        keeper must not: the numbers in the child's ``/proc`` are not its own.
    """
    child = os.fork()
    if not child:
        die_with_parent()
        return
    os.closerange(3, 4096)
    if sweep and sys.platform == "linux":
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
    die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    _, status = os.waitpid(child, 0)
    if sweep:
        end_children()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else ENDED_BY_SIGNAL - code)


def end_children() -> None:
    """Kill every process below this one, also those that made themselves daemons."""
    with suppress(ChildProcessError):
        while True:
            for pid in descendants(os.getpid()):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def descendants(ancestor: int) -> list[int]:
    """List the processes below a process, where the machine tells."""
    below: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if sys.platform == "linux" else []:
        if entry.isdigit():
            with suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{entry}/stat").read_text()
                below.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    found = [ancestor]
    for pid in found:
        found += below.get(pid, [])
    return found[1:]


def _own_file_system(around: Surroundings, limits: Limits, slot: int | None) -> None:
    """Make a file system of what may be seen, and forget the machine's."""
    _call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    root = around.folder
    _mount_memory(root, limits.disk_bytes)
    for path in around.readable:
        if path.count("/") == 1 and os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        else:
            _show(path, root)
    for path in around.hidden:
        if os.path.isdir(root + path):
            _mount_memory(root + path, 4096)
    for name in DEVICES:
        _show(f"/dev/{name}", root, device=True)
    os.makedirs(f"{root}/proc")
    _call("mount", b"proc", f"{root}/proc".encode(), b"proc", MS_NOSUID | MS_NODEV, None)
    owner = NOBODY if slot is None else SHORT_OF_ROOT + slot
    for folder in (HOME, "/tmp", "/dev/shm"):
        os.makedirs(root + folder, exist_ok=True)
        os.chmod(root + folder, 0o777)
    os.makedirs(f"{root}/etc", exist_ok=True)
    Path(f"{root}/etc/passwd").write_text(f"learner:x:{owner}:{owner}:learner:{HOME}:/bin/sh\n")
    os.chdir(root)
    _call("pivot_root", b".", b".") if hasattr(libc, "pivot_root") else _system_call(
        {"x86_64": 155, "aarch64": 41}[platform.machine()], b".", b"."
    )
    _call("umount2", b".", MNT_DETACH)
    os.chdir(HOME)


def _mount_memory(folder: str, size: int) -> None:
    options = f"size={size},mode=755".encode()
    _call("mount", b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)


def _show(path: str, root: str, *, device: bool = False) -> None:
    """Let a file or folder of the machine be seen below the new root, read-only."""
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _call("mount", path.encode(), target.encode(), None, MS_BIND | MS_REC, None)
    if not device:
        flags = os.statvfs(path).f_flag
        kept = sum(new for old, new in KEPT_FLAGS.items() if flags & old)
        kept |= MS_RELATIME if flags & 4096 else 0
        read_only = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | kept
        _call("mount", None, target.encode(), None, read_only, None)


def _limit(limits: Limits) -> None:
    """Set the kernel's limits on this process and its children."""
    own = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        own[resource.RLIMIT_NPROC] = limits.processes
        # TensorFlow reserves addresses that it does not use; what is used is watched from outside.
        own[resource.RLIMIT_AS] = limits.memory + 16 * 2**30
        own[resource.RLIMIT_MEMLOCK] = 2**20
    for which, most in own.items():
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def _stop_being_root(user: int, folder: str | None) -> None:
    """Become a user that owns nothing and may do nothing special."""
    if folder:
        os.chown(folder, user, user)
    for capability in range(64):
        _prctl(PR_CAPBSET_DROP, capability)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    die_with_parent()  # the change of user cleared it
    _prctl(PR_SET_DUMPABLE, 1)  # so that it may read its own /proc


# --- Landlock ---

FILE_READ, FILE_WRITE, FOLDER_READ = 1 << 2, 1 << 1, 1 << 3
EXECUTE, TRUNCATE, IOCTL = 1 << 0, 1 << 14, 1 << 15


def landlock_version() -> int:
    """Give the version of the kernel's Landlock; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found = libc.syscall(ctypes.c_long(LANDLOCK_CREATE), None, ctypes.c_size_t(0), ctypes.c_int(1))
    return max(0, int(found))


def _fence(around: Surroundings, separated: bool) -> bool:
    """Let this process open only what it may see; whether the kernel can."""
    version = landlock_version()
    if version == 0:
        return False
    handled = (1 << 13) - 1
    handled |= (1 << 13 if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    handled |= IOCTL if version >= 5 else 0
    attributes = struct.pack("=QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)[
        : 8 if version < 4 else 16 if version < 6 else 24
    ]
    rules = _system_call(
        LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_int(0)
    )
    read = EXECUTE | FILE_READ | FOLDER_READ
    if separated:
        allowed = [(path, read) for path in (*around.readable, "/proc", "/etc")]
        allowed += [(path, handled) for path in (HOME, "/tmp", "/dev/shm")]
    else:
        allowed = [(path, read) for path in _but(around.readable, around.hidden)]
        allowed += [(path, read) for path in (*LANDLOCK_PROC, f"/proc/{os.getpid()}")]
        allowed += [(around.folder, handled)]
    allowed += [(f"/dev/{name}", FILE_READ | FILE_WRITE | IOCTL) for name in DEVICES]
    for path, access in allowed:
        with suppress(FileNotFoundError, PermissionError):
            _allow(rules, path, access & handled)
    _system_call(LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_int(0))
    os.close(rules)
    return True


def _allow(rules: int, path: str, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            access &= EXECUTE | FILE_READ | FILE_WRITE | TRUNCATE | IOCTL
        rule = struct.pack("=Qi", access, descriptor)
        _system_call(LANDLOCK_ADD, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_int(0))
    finally:
        os.close(descriptor)


def _but(paths: Iterable[str], hidden: Sequence[str]) -> list[str]:
    """List the paths, and instead of a folder that holds something hidden what else lies in it."""
    found = []
    for path in paths:
        if path in hidden:
            continue
        if any(each.startswith(path + "/") for each in hidden):
            found += _but([entry.path for entry in os.scandir(path)], hidden)
        else:
            found.append(path)
    return found


# --- The system call filter ---

DENIED = {
    # By name: the numbers on x86-64 and on AArch64.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265),
    "pidfd_getfd": (438, 438),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
}
SOCKET, CLONE, CLONE3, PRCTL = (41, 198), (56, 220), (435, 435), (157, 167)
KILLS = {"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131)}
OTHER_SIGNALS = {"rt_sigqueueinfo": (129, 138), "pidfd_send_signal": (424, 424)}
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x50000 | 1, 0x50000 | 38
LOAD, EQUAL, SOME_BITS, GREATER, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
AF_UNIX = 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def filter_program(machine: str, only_signal: int | None) -> bytes:
    """Write the filter in the kernel's instructions.

    Parameters
    ----------
    machine
        As `platform.machine` gives it.
    only_signal
        The one process that may be sent signals, or None for all that can be seen.
    """
    column, architecture = ARCHITECTURES[machine]

    def one(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    def refuse(number: int, answer: int = EPERM) -> bytes:
        return one(EQUAL, number, 0, 1) + one(RETURN, answer)

    program = one(LOAD, 4) + one(EQUAL, architecture, 1, 0) + one(RETURN, KILL)
    program += one(LOAD, 0)
    if machine == "x86_64":  # the x32 numbers would get past the list
        program += one(GREATER, 0x40000000, 0, 1) + one(RETURN, EPERM)
    for numbers in DENIED.values():
        program += refuse(numbers[column])
    program += refuse(CLONE3[column], ENOSYS)  # its flags cannot be seen; libc then takes clone
    if only_signal is not None:
        for numbers in OTHER_SIGNALS.values():
            program += refuse(numbers[column])
        for numbers in KILLS.values():
            program += one(EQUAL, numbers[column], 0, 4) + one(LOAD, 16)
            program += one(EQUAL, only_signal, 1, 0) + one(RETURN, EPERM) + one(RETURN, ALLOW)
    program += one(EQUAL, PRCTL[column], 0, 4) + one(LOAD, 16)
    program += one(EQUAL, PR_SET_PDEATHSIG, 0, 1) + one(RETURN, EPERM) + one(RETURN, ALLOW)
    program += one(EQUAL, SOCKET[column], 0, 4) + one(LOAD, 16)
    program += one(EQUAL, AF_UNIX, 1, 0) + one(RETURN, EPERM) + one(RETURN, ALLOW)
    program += one(EQUAL, CLONE[column], 0, 4) + one(LOAD, 16)
    new = CLONE_NEWUSER | ALL_BUT_USER
    program += one(SOME_BITS, new, 0, 1) + one(RETURN, EPERM) + one(RETURN, ALLOW)
    return program + one(RETURN, ALLOW)


def _filter_system_calls(*, own_signals_only: bool) -> None:
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return
    content = filter_program(machine, os.getpid() if own_signals_only else None)
    buffer = ctypes.create_string_buffer(content, len(content))
    program = _Program(len(content) // 8, ctypes.addressof(buffer))
    if _prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program)) != 0:
        raise SandboxError(ctypes.get_errno(), "the kernel took no system call filter")
