"""``mnist-keras notebooks``: the notebooks that Colab opens, from lessons and solutions."""

import argparse
from pathlib import Path

from mnist_keras import authoring
from mnist_keras.commands.shared import add_options, complain, say
from mnist_keras.errors import CourseError


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras notebooks``."""
    options = {
        "--check": "write nothing; exit 1 and name each file that differs from its source",
        "--repository OWNER/NAME[@REF]": "first set the repository's address in _config.yml",
        "--new NN-NAME": "first make an exercise, such as 07-dropout: its page, its rules and its "
        "cases",
        "--root DIR": "the course's folder (default: here)",
    }
    add_options(parser, options)
    parser.set_defaults(root=Path())


def run(options: argparse.Namespace) -> int:
    """Generate or check the notebooks; each error of a lesson is complained of in one line."""
    try:
        return write_or_check_notebooks(options)
    except CourseError as error:
        for line in str(error).splitlines():
            complain(line)
        return 2


def write_or_check_notebooks(options: argparse.Namespace) -> int:
    """Generate the notebooks, or check that they are what would be generated."""
    if not (options.root / "_config.yml").is_file():
        raise CourseError(
            f"{options.root.resolve()} holds no _config.yml; run this in the course's folder"
        )
    if options.check:
        if options.repository or options.new:
            raise CourseError("--check writes nothing; leave out --repository and --new")
        differences = authoring.check_notebooks(options.root)
        for line in differences:
            print(line)
        if differences:
            say("mnist-keras: run `make notebooks` and commit what it writes")
        return 1 if differences else 0
    if options.repository:
        authoring.set_repository(options.root, options.repository)
    made = authoring.new_exercise(options.root, options.new) if options.new else []
    changed = authoring.write_notebooks(options.root)
    for path in changed:
        print(path)
    print("1 file changed." if len(changed) == 1 else f"{len(changed)} files changed.")
    if made:
        print(authoring.next_steps(made))
    return 0
