"""The command ``mnist-keras``: each subcommand is a thin front to the package.

Results go to standard output, progress and complaints to standard error. Exit status: 0 done,
1 a check fell short, 2 wrong use or bad input, 130 stopped with Ctrl-C. Keras is imported only by
the subcommands that need it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mnist_keras import __version__
from mnist_keras.data import load_data, quick_mode, verified_file
from mnist_keras.errors import CourseError, unwritten
from mnist_keras.locking import abandon, locked
from mnist_keras.runs import RunFolder, find_model
from mnist_keras.settings import DEFAULTS, TrainingSettings, require_whole, settings_for
from mnist_keras.startup import quiet_start
from mnist_keras.streams import output_status, settle_streams
from mnist_keras.tuning.record import HAND_IN, SearchFolder
from mnist_keras.tuning.settings import (
    DEFAULT_TRIALS,
    MOST_WORKERS,
    TUNERS,
    Budget,
    SearchSettings,
    search_budget,
    search_settings,
)
from mnist_keras.tuning.spaces import Space, load_build, read_space

if TYPE_CHECKING:
    import numpy as np

    from mnist_keras.evaluation import Evaluation, Verdict
    from mnist_keras.tuning.search import SearchResult

BACKEND = "tensorflow"


class OneLineParser(argparse.ArgumentParser):
    """A parser that complains in one line instead of repeating its usage."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint like any other mistake of a user's."""
        raise CourseError(f"{message} (see: {self.prog} --help)")


class StoppedError(KeyboardInterrupt):
    """Ctrl-C during work of which something is kept; the message says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    # TensorFlow reads this when it is imported; its start-up lines are no use to a learner.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    settle_streams()
    try:
        options = build_parser().parse_args(arguments)
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


@contextmanager
def keras_starting(held: Path | None = None) -> Iterator[None]:
    """Import Keras here, without TensorFlow's start-up lines; Ctrl-C ends the command at once.

    A signal that became an exception would be lost: a bare ``except`` among the imports takes it.

    Parameters
    ----------
    held
        A folder that this process has locked.
    """
    asked = os.environ.get("KERAS_BACKEND", BACKEND)
    if asked != BACKEND:
        say(f"mnist-keras: KERAS_BACKEND is {asked}; this command uses {BACKEND} anyway")
    os.environ["KERAS_BACKEND"] = BACKEND
    with open(os.dup(2), "w") as terminal:

        def stop(*_: object) -> None:
            print(f"{below_the_signal()}mnist-keras: stopped", file=terminal, flush=True)
            if held:
                abandon(held)
            os._exit(130)

        before = signal.signal(signal.SIGINT, stop)
        try:
            with quiet_start():
                yield
        finally:
            signal.signal(signal.SIGINT, before)


def complain(message: str) -> int:
    """Print one line of complaint and give the status of bad input."""
    print(f"mnist-keras: {' '.join(message.split())}", file=sys.stderr)
    return 2


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = OneLineParser(
        prog="mnist-keras", description=(__import__("mnist_keras").__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--version", action="version", version=f"mnist-keras {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> OneLineParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        return added

    add_train(
        command("train", run_train, "Train a network on MNIST and measure it on the test set.")
    )
    add_evaluate(
        command("evaluate", run_evaluate, "Say what a trained network gets right and wrong.")
    )
    add_predict(command("predict", run_predict, "Name the digit in a photo or drawing."))
    add_tune(command("tune", run_tune, "Search for a good network; again, to go on."))
    add_grade(command("grade", run_grade, "Grade the notebooks of a class, each in a sandbox."))
    add_tune_report(
        command("tune-report", run_tune_report, "Draw what a search found; measure its best.")
    )
    add_enter(command("enter", run_enter, "Write an entry to the challenge from a network."))
    add_leaderboard(
        command("leaderboard", run_leaderboard, "Measure and rank the challenge's entries.")
    )
    add_export_web(
        command("export-web", run_export_web, "Write a network for the playground on the site.")
    )
    add_notebooks(command("notebooks", run_notebooks, "Generate the notebooks from the lessons."))
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object and nothing else on standard output",
    )


def add_train(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras train``."""

    def default(name: str) -> str:
        return ", ".join(f"{network} {values[name]}" for network, values in DEFAULTS.items())

    add = parser.add_argument
    add("--network", choices=list(DEFAULTS), default="fast", help="which network (default: fast)")
    add(
        "--epochs",
        type=int,
        metavar="N",
        help=f"passes through the data (default: {default('epochs')})",
    )
    add(
        "--batch-size",
        type=int,
        metavar="N",
        help=f"images a step (default: {default('batch_size')})",
    )
    add("--learning-rate", type=float, metavar="X", help=f"default: {default('learning_rate')}")
    add(
        "--validation-split",
        type=float,
        metavar="F",
        help=f"share set aside for validation (default: {default('validation_split')})",
    )
    add(
        "--seed", type=int, default=0, metavar="N", help="start of every random choice (default: 0)"
    )
    add(
        "--augment",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=f"change training images a little at random (default: {default('augment')})",
    )
    add("--quick", action="store_true", help="use 2,000 training images and 500 test images")
    add("--out", type=Path, metavar="DIR", help="run folder to write (default: runs/NETWORK)")
    again = parser.add_mutually_exclusive_group()
    again.add_argument(
        "--resume", action="store_true", help="go on with the run in DIR, if there is one"
    )
    again.add_argument(
        "--overwrite", action="store_true", help="start again although DIR holds a run"
    )
    add_json(parser)


def run_train(options: argparse.Namespace) -> int:
    """Train, keep a run folder, measure on the test set."""
    settings = settings_for(
        options.network,
        quick=options.quick or None,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        validation_split=options.validation_split,
        seed=options.seed,
        augment=options.augment,
    )
    out = options.out or Path("runs") / options.network
    # What would be refused is known before anything is written and before Keras starts.
    verified_file()
    folder = RunFolder(out)
    with locked(out):
        folder.begin(settings, resume=options.resume, overwrite=options.overwrite)
        was_finished = folder.metrics() is not None
        metrics = folder.metrics() or trained(folder, settings)
    metrics = {"run": str(out), "network": settings.network, **metrics}
    if options.json:
        print(json.dumps(metrics))
        return 0
    if was_finished:
        print(f"The run in {out} was finished before; nothing was done.")
    if metrics["test_loss"] is None:
        say("mnist-keras: training diverged, its loss is not a number; lower --learning-rate")
    print(
        f"Test accuracy {100 * metrics['test_accuracy']:.2f} % on "
        f"{metrics['test_images']:,} images after {metrics['epochs']} epochs, "
        f"{metrics['seconds']:.0f} s of training, with {metrics['parameters']:,} parameters. "
        f"The run lies in {out}."
    )
    return 0


def trained(folder: RunFolder, settings: TrainingSettings) -> dict[str, Any]:
    """Go on with the run in a folder, and give what it measured in the end.

    Raises
    ------
    StoppedError
        If Ctrl-C ends it.
    """
    with keras_starting(folder.path):
        from mnist_keras.progress import Progress
        from mnist_keras.stopping import StopOnInterrupt
        from mnist_keras.training import train_in

    epochs = f"{settings.epochs} epoch{'' if settings.epochs == 1 else 's'}"
    behind = len(folder.history())
    going_on = f", going on after epoch {behind}" if behind else ""
    say(f"Training {settings.network} for {epochs} into {folder.path}{going_on}.")
    try:
        return train_in(folder, settings, [Progress(sys.stderr), StopOnInterrupt()]).metrics()
    except OSError as error:
        raise CourseError(
            f"{error.strerror or error} while writing to {folder.path}; the finished epochs are "
            "kept: make room and run the same command with --resume"
        ) from error
    except KeyboardInterrupt as stop:
        done = len(folder.history())
        raise StoppedError(
            f"{done} of {settings.epochs} epochs are kept in {folder.path}; "
            "run the same command with --resume to go on"
        ) from stop


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras evaluate``."""
    parser.add_argument(
        "model", type=Path, metavar="RUN_OR_MODEL", help="a run folder or a .keras file"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the figures (default: none)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace figures in DIR")
    add_json(parser)


def run_evaluate(options: argparse.Namespace) -> int:
    """Measure a model on the test set and draw the figures."""
    find_model(options.model)
    with locked(options.out) if options.out else nullcontext():
        if options.out and not options.overwrite and any(options.out.glob("*.png")):
            raise CourseError(
                f"{options.out} holds figures already; choose another folder with --out, "
                "or add --overwrite"
            )
        evaluation = evaluated(options.model, options.out)
    if options.json:
        print(json.dumps({"model": str(options.model), **evaluation.as_dict()}))
        return 0

    n = len(evaluation.labels)
    print(
        f"Test accuracy {100 * evaluation.accuracy:.2f} %, loss {evaluation.loss:.4f} "
        f"(cross-entropy), on {n:,} images.\n"
    )
    print("digit     " + "".join(f"{d:>7}" for d in range(10)))
    print("right, %  " + "".join(f"{100 * share:>7.2f}" for share in evaluation.accuracy_per_digit))
    print("\nshown (row) and answered (column):")
    print("          " + "".join(f"{d:>7}" for d in range(10)))
    for digit, row in enumerate(evaluation.confusion):
        print(f"{digit:>10}" + "".join(f"{count or '·':>7}" for count in row))
    worst = evaluation.worst_mistakes(5)
    if worst:
        print("\nThe mistakes it was surest of:")
    for mistake in worst:
        print(
            f"  test image {mistake.index}: a {mistake.label}, taken for a {mistake.predicted} "
            f"({100 * mistake.probability:.1f} % sure)"
        )
    if options.out:
        print(f"\nThe figures lie in {options.out}.")
    return 0


def evaluated(path: Path, out: Path | None) -> Evaluation:
    """Measure a model, and draw the figures into a folder if there is one."""
    quick = RunFolder(path).settings().quick if path.is_dir() else None
    _, (x_test, y_test) = load_data(quick=quick)
    with keras_starting(out):
        from mnist_keras.evaluation import evaluate
        from mnist_keras.training import load_model

    evaluation = evaluate(load_model(path), x_test, y_test)
    if out:
        from mnist_keras.figures import evaluation_figures, save_pictures

        save_pictures(out, evaluation_figures(evaluation, x_test))
    return evaluation


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras predict``."""
    parser.add_argument(
        "model", type=Path, metavar="RUN_OR_MODEL", help="a run folder or a .keras file"
    )
    parser.add_argument(
        "images", type=Path, nargs="+", metavar="IMAGE", help="photo or drawing of one digit"
    )
    add_json(parser)


def run_predict(options: argparse.Namespace) -> int:
    """Name the digit in each image; those that show none are complained of, one line each."""
    find_model(options.model)
    import numpy as np

    from mnist_keras.images import read_digit

    status = 0
    read: list[tuple[Path, np.ndarray]] = []
    refused: list[dict[str, str]] = []
    for path in options.images:
        try:
            read.append((path, read_digit(path)))
        except CourseError as error:
            status = complain(str(error))
            refused.append({"image": str(path), "reason": str(error)})
    answers: list[tuple[Path, Verdict, list[float]]] = []
    if read:
        from mnist_keras.data import prepare
        from mnist_keras.evaluation import name_digit, predict_probabilities

        with keras_starting():
            from mnist_keras.training import load_model

        model = load_model(options.model)
        rows = predict_probabilities(model, prepare(np.stack([image for _, image in read])))
        if not np.isfinite(rows).all():
            raise CourseError(f"{options.model} answers no numbers; its training diverged")
        answers = [
            (path, name_digit(row), row.tolist()) for (path, _), row in zip(read, rows, strict=True)
        ]
    if options.json:
        predictions = [
            {"image": str(path), **asdict(verdict), "probabilities": probabilities}
            for path, verdict, probabilities in answers
        ]
        print(json.dumps({"predictions": predictions, "refused": refused}))
        return status
    for path, verdict, probabilities in answers:
        ranked = sorted(enumerate(probabilities), key=lambda pair: -pair[1])
        listed = ", ".join(f"{digit}: {100 * p:.1f} %" for digit, p in ranked)
        print(f"{path}: {verdict}   ({listed})")
    return status


def add_tune(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras tune``."""
    add, defaults = parser.add_argument, SearchSettings()
    add(
        "--tuner",
        choices=TUNERS,
        default=defaults.tuner,
        help=f"how the next network is chosen (default: {defaults.tuner})",
    )
    add(
        "--space",
        metavar="FILE.py:FUNCTION",
        help="your search space: builds and compiles a network from hp (default: the course's)",
    )
    add(
        "--max-trials",
        type=int,
        metavar="N",
        help=f"networks to train (default: {DEFAULT_TRIALS}, or no limit with --time-budget)",
    )
    add("--time-budget", metavar="T", help="how long to search in all, such as 10m or 1h30m")
    add(
        "--max-parameters",
        type=int,
        metavar="N",
        help=f"leave out larger networks (default: {defaults.max_parameters}; 0: none)",
    )
    add(
        "--epochs",
        type=int,
        metavar="N",
        help=f"passes through the data a network (default: {defaults.epochs})",
    )
    add(
        "--executions",
        type=int,
        metavar="N",
        help=f"how often each network is trained (default: {defaults.executions})",
    )
    add(
        "--validation-split",
        type=float,
        metavar="F",
        help=f"share set aside for the score (default: {defaults.validation_split})",
    )
    add(
        "--seed", type=int, default=0, metavar="N", help="start of every random choice (default: 0)"
    )
    add(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="networks trained beside each other (default: 1)",
    )
    add("--quick", action="store_true", help="use 2,000 training images")
    add("--out", type=Path, metavar="DIR", help="search folder (default: searches/TUNER)")
    add("--overwrite", action="store_true", help="start again although DIR holds a search")
    add_json(parser)


def run_tune(options: argparse.Namespace) -> int:
    """Search, or go on with a search."""
    settings = search_settings(
        tuner=options.tuner,
        epochs=options.epochs,
        executions=options.executions,
        validation_split=options.validation_split,
        max_parameters=options.max_parameters,
        seed=options.seed,
        quick=options.quick or None,
    )
    budget = search_budget(options.max_trials, options.time_budget, quick=settings.quick)
    require_whole("the number of workers", options.workers, 1, MOST_WORKERS)
    out = options.out or Path("searches") / options.tuner
    folder, space = SearchFolder(out), read_space(options.space)
    verified_file()
    with locked(out):
        result = searched(folder, space, settings, budget, options)
    answer = result.as_dict()
    best = answer["best"]
    if best is None:
        say(f"mnist-keras: no network could be scored: {result.ended}; {result.why_not()}")
    if options.json:
        print(json.dumps(answer))
    elif best is not None:
        print(
            f"The search ended: {result.ended}. Best of {answer['finished']}: "
            f"{100 * best['score']:.2f} % of the validation images with {best['parameters']:,} "
            f"parameters.\n{best['architecture']}\n"
            f"The network lies in {best['model']}, all trials in {out / 'trials.csv'}. "
            f"Next: mnist-keras tune-report {out}"
        )
    return 0 if best is not None else 1


def searched(
    folder: SearchFolder,
    space: Space,
    settings: SearchSettings,
    budget: Budget,
    options: argparse.Namespace,
) -> SearchResult:
    """Begin a search in a folder or go on with it.

    Raises
    ------
    StoppedError
        If Ctrl-C ends it.
    """
    with keras_starting(folder.path):
        try:
            from mnist_keras.tuning.search import run_search
        except ImportError as error:
            raise CourseError(
                "searching needs Keras Tuner; install it: "
                "pip install 'keras-tuner[bayesian]' tensorboard"
            ) from error
    # A space is run before the folder is begun: a mistake in it leaves nothing behind.
    build = load_build(space, Path(space.name))
    folder.begin(settings, space, overwrite=options.overwrite)
    try:
        return run_search(build, folder, settings, budget, sys.stderr, options.workers)
    except KeyboardInterrupt as stop:
        record = folder.record()
        done = record.trained() if record else 0
        raise StoppedError(
            f"{done} trials are kept in {folder.path}; run the same command to go on"
        ) from stop


def add_grade(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras grade``."""
    from mnist_keras.grading.init import PLATFORMS
    from mnist_keras.grading.options import add_options

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
        "--tests", metavar="DIR", help="the grading tests (default: the course's tests/grading)"
    )
    parser.add_argument(
        "--list", action="store_true", help="show who handed in what, and grade nothing"
    )


def run_grade(options: argparse.Namespace) -> int:
    """Grade what was handed in, or write what lets a platform grade."""
    from mnist_keras.grading.init import write_platform

    options.submission = options.path or options.submission
    if options.init:
        if options.submission:
            raise CourseError("--init writes files and grades nothing; leave out PATH")
        for path in write_platform(options.init, Path(options.out or ".")):
            print(path)
        return 0
    if not options.submission:
        raise CourseError("name what to grade: mnist-keras grade PATH --out grades")
    from mnist_keras.grading.command import run

    try:
        return run(options)
    except KeyboardInterrupt as stop:
        raise StoppedError("what was run is kept") from stop


def add_tune_report(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras tune-report``."""
    parser.add_argument("search", type=Path, metavar="DIR", help="a search folder")
    parser.add_argument(
        "--retrain",
        action="store_true",
        help="train the best on all training images, and measure it once on the test set",
    )
    parser.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="how many trainings (default: 3)"
    )
    parser.add_argument(
        "--epochs", type=int, default=15, metavar="N", help="how long each (default: 15)"
    )
    add_json(parser)


def run_tune_report(options: argparse.Namespace) -> int:
    """Write a search's figures and page, after training its best again if that is asked for."""
    require_whole("the number of seeds", options.seeds, 1, 100)
    require_whole("epochs", options.epochs, 1, 1000)
    folder = SearchFolder(options.search)
    folder.settings()
    if options.retrain:
        with keras_starting():
            from mnist_keras.tuning.retrain import retrain
        retrain(folder, sys.stderr, seeds=options.seeds, epochs=options.epochs)
    with keras_starting():
        from mnist_keras.tuning.report import write_report
        from mnist_keras.tuning.retrain import read_retrained

    page = write_report(folder)
    measured = read_retrained(folder)
    if options.json:
        found = measured.as_dict() if measured else None
        print(json.dumps({"report": str(page), "retrained": found}))
        return 0
    if measured:
        print(
            f"Trial {measured.trial} reads {100 * measured.mean():.2f} ± "
            f"{100 * measured.spread():.2f} % of the test images ({measured.epochs} epochs, "
            f"{len(measured.accuracies)} seeds, {measured.parameters:,} parameters)."
        )
        if (options.search / HAND_IN).is_dir():
            print(f"To hand it in to the challenge: {options.search / HAND_IN}")
    print(f"The report lies in {page}")
    return 0


def add_enter(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras enter``."""
    parser.add_argument(
        "models",
        type=Path,
        nargs="+",
        metavar="RUN_OR_MODEL",
        help="a run folder or a .keras file; several trainings of one network count as their mean",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("entry"),
        metavar="DIR",
        help="folder to write (default: entry)",
    )


def run_enter(options: argparse.Namespace) -> int:
    """Write an entry from trained networks."""
    for path in options.models:
        find_model(path)
    with keras_starting():
        from mnist_keras.challenge.entry import save_entry
        from mnist_keras.training import load_model
    league = save_entry([load_model(path) for path in options.models], options.out)
    print(
        f"The entry lies in {options.out}; it competes in the league {league}. Hand in the folder."
    )
    return 0


def add_leaderboard(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras leaderboard``."""
    parser.add_argument(
        "path", type=Path, metavar="PATH", help="the entries: a class folder or a .zip"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("leaderboard"),
        metavar="DIR",
        help="folder to write (default: leaderboard)",
    )
    parser.add_argument("--quick", action="store_true", help="use 500 test images")
    parser.add_argument(
        "--unsandboxed", action="store_true", help="run without a sandbox: for entries you trust"
    )
    add_json(parser)


def run_leaderboard(options: argparse.Namespace) -> int:
    """Measure every entry and rank them."""
    from mnist_keras.challenge.leaderboard import PAGE, make_leaderboard
    from mnist_keras.challenge.rules import LEAGUES

    result = make_leaderboard(
        options.path,
        options.out,
        quick=options.quick or quick_mode(),
        sandboxed=not options.unsandboxed,
        say=say,
    )
    if options.json:
        print(json.dumps(result))
    else:
        for league, most in LEAGUES.items():
            print(f"At most {most:,} parameters")
            for row in result["leagues"][league]:
                print(
                    f"{row['rank']:>4}. {100 * row['accuracy']:.2f} ± {100 * row['margin']:.2f} %, "
                    f"{row['parameters']:,} parameters: {row['name']}"
                )
        if result["refused"]:
            print(f"Refused: {len(result['refused'])}; the page says why.")
        print(f"The leaderboard lies in {options.out / PAGE}")
    return 0 if any(result["leagues"].values()) else 1


def add_export_web(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras export-web``."""
    parser.add_argument(
        "model", type=Path, metavar="RUN_OR_MODEL", help="a run folder or a .keras file"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("my_model.json"),
        metavar="FILE",
        help="file to write (default: my_model.json)",
    )


def run_export_web(options: argparse.Namespace) -> int:
    """Write a model file for the playground."""
    from mnist_keras.files import require_new

    find_model(options.model)
    require_new(options.out)
    with keras_starting():
        from mnist_keras.training import load_model
        from mnist_keras.web.model_file import save_playground
    save_playground(load_model(options.model), options.out)
    print(f"Written: {options.out}. On the playground's page, choose “Load your model…”.")
    return 0


def add_notebooks(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras notebooks``."""
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 and name each file that differs from its source",
    )
    parser.add_argument(
        "--repository",
        metavar="OWNER/NAME[@REF]",
        help="first set the repository's address in _config.yml",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the course's folder (default: here)",
    )


def run_notebooks(options: argparse.Namespace) -> int:
    """Generate or check the notebooks; each error of a lesson is complained of in one line."""
    try:
        return write_or_check_notebooks(options)
    except CourseError as error:
        for line in str(error).splitlines():
            complain(line)
        return 2


def write_or_check_notebooks(options: argparse.Namespace) -> int:
    """Generate the notebooks, or check that they are what would be generated."""
    from mnist_keras import authoring

    if not (options.root / "_config.yml").is_file():
        raise CourseError(
            f"{options.root.resolve()} holds no _config.yml; run this in the course's folder"
        )
    if options.check:
        if options.repository:
            raise CourseError("--check writes nothing; leave out --repository")
        differences = authoring.check_notebooks(options.root)
        for line in differences:
            print(line)
        if differences:
            say("mnist-keras: run `make notebooks` and commit what it writes")
        return 1 if differences else 0
    if options.repository:
        authoring.set_repository(options.root, options.repository)
    changed = authoring.write_notebooks(options.root)
    for path in changed:
        print(path)
    print(f"{len(changed)} notebooks changed.")
    return 0


def below_the_signal() -> str:
    """Return the line break that a terminal needs after the ``^C`` that it shows."""
    return "\n" if sys.stderr is not None and sys.stderr.isatty() else ""


def say(message: str) -> None:
    """Tell something that is not the result."""
    print(message, file=sys.stderr, flush=True)
