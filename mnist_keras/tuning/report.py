"""A search's report: figures as PNG, and one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mnist_keras.durations import duration
from mnist_keras.errors import CourseError
from mnist_keras.figures.picture import Picture
from mnist_keras.files import write_all
from mnist_keras.reports.pages import page
from mnist_keras.results import measured
from mnist_keras.tuning import search_figures
from mnist_keras.tuning.importance import FEWEST_TRIALS, importances
from mnist_keras.tuning.record import FAILED, REPORT, TOO_LARGE, Record, SearchFolder
from mnist_keras.tuning.retrain import Retrained, read_retrained

LISTED, DRAWN = 10, 3
PAGE = "index.html"


def write_report(folder: SearchFolder) -> Path:
    """Write a search's figures and its page, and return the page's place."""
    settings, record = folder.settings(), folder.record()
    if record is None or not record.finished():
        raise CourseError(f"no trial in {folder.path} has a score yet; go on with the search")
    pictures = report_pictures(record)
    place = folder.path / REPORT
    retrained = read_retrained(folder)
    title = f"A {settings.tuner} search"
    text = page_of(title, record, pictures, retrained, baselines())
    files = [(place / PAGE, text.encode())]
    files += [(place / f"{name}.png", picture.png()) for name, picture in pictures.items()]
    write_all(files)
    return place / PAGE


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


def page_of(
    title: str,
    record: Record,
    pictures: Mapping[str, Picture],
    retrained: Retrained | None,
    others: Mapping[str, tuple[int, float]],
) -> str:
    """Write the page."""
    statuses = [trial.status for trial in record.trials]
    return page(
        "search",
        title=title,
        record=record,
        time=duration(record.elapsed()),
        failed=statuses.count(FAILED),
        large=statuses.count(TOO_LARGE),
        best=record.best(LISTED),
        pictures=pictures,
        retrained=retrained,
        others=sorted(others.items(), key=lambda each: -each[1][1]),
        fewest=FEWEST_TRIALS,
    )
