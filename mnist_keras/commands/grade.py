"""``mnist-keras grade``: the notebooks of a class, or what lets a platform grade them."""

import argparse
from pathlib import Path

from mnist_keras.commands.shared import StoppedError
from mnist_keras.errors import CourseError
from mnist_keras.grading.options import add_options, due_of, settings_of, shard_of
from mnist_keras.grading.platform_files import PLATFORMS, write_platform


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras grade``."""
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="a notebook, a learner's folder, a class folder or a .zip of these",
    )
    parser.add_argument(
        "--init",
        choices=list(PLATFORMS),
        help="grade nothing; write what lets this platform grade, into --out (default: here)",
    )
    add_options(parser.add_argument)
    parser.add_argument(
        "--tests", metavar="DIR", help="folder of hidden tests (default: the course's own)"
    )
    parser.add_argument(
        "--list", action="store_true", help="show who handed in what, and grade nothing"
    )


def check(options: argparse.Namespace) -> None:
    """Refuse what can be told anywhere, before a job waits."""
    options.submission = options.path or options.submission
    if not options.submission:
        raise CourseError("name what to grade: mnist-keras grade PATH --out grades")
    for path in filter(None, (options.submission, options.roster, options.override, options.tests)):
        if not Path(path).exists():
            raise CourseError(f"{path} does not exist: name what is there")
    settings_of(options)
    due_of(options)
    shard_of(options)


def run(options: argparse.Namespace) -> int:
    """Grade what was handed in, or write what lets a platform grade."""
    if options.init:
        if options.path or options.submission:
            raise CourseError("--init writes files and grades nothing; leave out PATH")
        for path in write_platform(options.init, Path(options.out or ".")):
            print(path)
        return 0
    check(options)
    from mnist_keras.grading import command

    try:
        return command.run(options)
    except KeyboardInterrupt as stop:
        raise StoppedError("what was run is kept") from stop
