"""The system calls that a notebook's process may make; every other one is refused.

A list of what is allowed, not of what is forbidden: a call that a later kernel brings is refused
until somebody has thought about it. libseccomp turns it into a filter of the kernel's, for each
processor that it knows.
"""

import errno

# Files, memory, time, signals and processes of its own. No mounts, namespaces, keys, tracing,
# sockets to others, memory without a file or a mapping (memfd, System V), nor anybody's priority.
CALLS = """
access alarm arch_prctl arm_fadvise64_64 brk cacheflush chdir chmod clock_getres clock_gettime
clock_nanosleep close close_range copy_file_range creat dup dup2 dup3 epoll_create epoll_create1
epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group
faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fcntl fdatasync flock fork fstat
fstatfs fsync ftruncate futex futex_waitv getcpu getcwd getdents getdents64 getegid geteuid getgid
getgroups getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
getrlimit getrusage getsid getsockopt gettid gettimeofday getuid ioctl kill lchown link linkat
lseek lstat madvise membarrier mkdir mkdirat mmap mprotect mremap msync munmap nanosleep newfstatat
open openat openat2 pause pipe pipe2 poll ppoll pread64 preadv preadv2 prlimit64 pselect6 pwrite64
pwritev pwritev2 read readlink readlinkat readv recvfrom recvmsg rename renameat renameat2
restart_syscall riscv_flush_icache rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min sched_yield select sendfile sendmsg sendto setitimer
setpgid setrlimit set_robust_list set_tid_address set_thread_area shutdown sigaltstack stat statfs
statx symlink symlinkat sync_file_range sysinfo tgkill time timer_create timer_delete
timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times
tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
"""
OWN_NAME = (15, 16)  # of prctl: set and get a thread's name
AF_UNIX = 1
NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW… flag
SAID_TO_BE_REFUSED = ("socket", "setsid", "mount", "unshare", "ptrace")
UNKNOWN = errno.ENOSYS  # C libraries try new calls, and do without where there is none


def shut() -> None:
    """Let this process, and all that it will start, make no other system calls."""
    import pyseccomp
    from pyseccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg

    own = pyseccomp.SyscallFilter(ERRNO(UNKNOWN))
    own.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
    for name in CALLS.split():
        # An older libseccomp has not heard of some; they stay refused.
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) != -1:
            own.add_rule(ALLOW, name)
    # An ordinary fork; the flags of clone3 cannot be seen, so it stays unknown.
    own.add_rule(ALLOW, "clone", Arg(0, MASKED_EQ, NEW_NAMESPACES, 0))
    own.add_rule(ALLOW, "socketpair", Arg(0, EQ, AF_UNIX))
    for option in OWN_NAME:
        own.add_rule(ALLOW, "prctl", Arg(0, EQ, option))
    for name in SAID_TO_BE_REFUSED:
        own.add_rule(ERRNO(errno.EPERM), name)
    own.load()
