"""A search's report: figures as PNG, and one page that needs nothing but itself."""

from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.figures.picture import Picture
from mnist_keras.files import write_all
from mnist_keras.process.durations import duration
from mnist_keras.reports.pages import page
from mnist_keras.results import measured
from mnist_keras.tuning import search_figures
from mnist_keras.tuning.importance import FEWEST_TRIALS, importances
from mnist_keras.tuning.record import FAILED, REPORT, TOO_LARGE, Record, SearchFolder
from mnist_keras.tuning.retrain import read_retrained

LISTED, DRAWN = 10, 3
PAGE = "index.html"


def write_report(folder: SearchFolder) -> Path:
    """Write a search's figures and its page, and return the page's place."""
    settings, record = folder.settings(), folder.record()
    if record is None or not record.finished():
        raise CourseError(f"no trial in {folder.path} has a score yet; go on with the search")
    pictures = report_pictures(record)
    statuses = [trial.status for trial in record.trials]
    text = page(
        "search",
        title=f"A {settings.tuner} search",
        record=record,
        time=duration(record.elapsed()),
        failed=statuses.count(FAILED),
        large=statuses.count(TOO_LARGE),
        best=record.best(LISTED),
        pictures=pictures,
        retrained=read_retrained(folder),
        others=sorted(baselines().items(), key=lambda each: -each[1][1]),
        fewest=FEWEST_TRIALS,
    )
    place = folder.path / REPORT
    files: dict[Path, str | bytes] = {place / PAGE: text}
    files |= {place / f"{name}.png": picture.png() for name, picture in pictures.items()}
    return write_all(files.items())[0]


def report_pictures(record: Record) -> dict[str, Picture]:
    """Draw the figures of a search, by their files' names."""
    trials = record.finished()
    pictures = {
        "best-so-far": search_figures.best_so_far(trials),
        "accuracy-and-size": search_figures.accuracy_and_size(trials, baselines()),
        "best-architectures": search_figures.architectures(record.best(DRAWN)),
    }
    if search_figures.varied(trials):
        pictures["hyperparameters"] = search_figures.parallel_coordinates(trials)
    found = importances(trials)
    if found:
        pictures["what-mattered"] = search_figures.what_mattered(found)
    return pictures


def baselines() -> dict[str, tuple[int, float]]:
    """Return parameters and test accuracy of the course's own networks, by name."""
    rows = measured("time_to_accuracy")["summary"]
    return {row["network"]: (row["parameters"], row["accuracy"]) for row in rows}
