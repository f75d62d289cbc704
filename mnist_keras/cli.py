"""The command ``mnist-keras``: what its commands are, and how each of them ends.

Results go to standard output, progress and complaints to standard error. Exit status: 0 done,
1 a check fell short, 2 wrong use or bad input, 130 stopped with Ctrl-C. Keras is imported only by
the commands that need it.
"""

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import mnist_keras
from mnist_keras.commands.shared import OneLineParser, StoppedError, below_the_signal, complain, say
from mnist_keras.errors import CourseError, unwritten
from mnist_keras.process.streams import output_status, settle_streams

# Each is a module of `mnist_keras.commands`, with an underscore for a hyphen.
COMMANDS = {
    "train": "Train a network on MNIST and measure it on the test set.",
    "evaluate": "Say what a trained network gets right and wrong.",
    "predict": "Name the digit in a photo or drawing.",
    "tune": "Search for a good network; again, to go on.",
    "grade": "Grade the notebooks of a class, each in a sandbox.",
    "tune-report": "Draw what a search found; measure its best.",
    "enter": "Write an entry to the challenge from a network.",
    "leaderboard": "Measure and rank the challenge's entries.",
    "export-web": "Write a network for the playground on the site.",
    "slurm": "Hand in a job of the course to a cluster's queue.",
    "notebooks": "Generate the notebooks from the lessons.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    # TensorFlow reads this when it is imported; its start-up lines are no use to a learner.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    settle_streams()
    try:
        options = read_arguments(arguments)
        return output_status(int(options.run(options)))
    except CourseError as error:
        return complain(str(error))
    except KeyboardInterrupt as stop:
        kept = f"; {stop}" if isinstance(stop, StoppedError) else ""
        say(f"{below_the_signal()}mnist-keras: stopped{kept}")
        return 130
    except OSError as error:
        elsewhere = ", or choose another folder with --out" if hasattr(options, "out") else ""
        mend = f"make room there or make it writable{elsewhere}, and run the same command again"
        return complain(str(unwritten(error, mend)))
    except MemoryError:
        return complain("not enough memory; use a smaller --batch-size or --quick")


class CommandParser(OneLineParser):
    """A command's parser, which reads the command's module when it is the one that was asked."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Add the command's options and parse."""
        command = import_module(f"mnist_keras.commands.{self.prog.split()[-1].replace('-', '_')}")
        command.describe(self)
        self.set_defaults(run=command.run)
        return super().parse_known_args(args, namespace)


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line; `slurm` alone leaves what it does not know to the job's own command."""
    parser = OneLineParser(
        prog="mnist-keras", description=(mnist_keras.__doc__ or "").split("\n")[0]
    )
    version = f"mnist-keras {mnist_keras.__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for name, help in COMMANDS.items():
        commands.add_parser(name, help=help, description=help)
    options, more = parser.parse_known_args(arguments)
    options.more, options.parse = more, read_arguments
    if more and not getattr(options, "takes_more", False):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    return options
