"""A search's report: figures as PNG, and one page that needs nothing but itself."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.figures import Picture
from mnist_keras.files import write_all
from mnist_keras.progress import duration
from mnist_keras.results import measured
from mnist_keras.tuning import figures
from mnist_keras.tuning.importance import FEWEST_TRIALS, importances
from mnist_keras.tuning.record import FAILED, REPORT, TOO_LARGE, Record, SearchFolder, Trial
from mnist_keras.tuning.retrain import Retrained, read_retrained

LISTED, DRAWN = 10, 3
PAGE = "index.html"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.2rem; }
figure { margin: 1rem 0; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: .9rem; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .25rem .7rem .25rem 0; border-bottom: 1px solid #ddd;
  vertical-align: top; } .number { text-align: right; font-variant-numeric: tabular-nums; }
"""


def write_report(folder: SearchFolder) -> Path:
    """Write a search's figures and its page, and give the page's place.

    Raises
    ------
    CourseError
        If no trial has a score yet.
    """
    settings, record = folder.settings(), folder.record()
    if record is None or not record.finished():
        raise CourseError(f"no trial in {folder.path} has a score yet; go on with the search")
    pictures = report_pictures(record)
    place = folder.path / REPORT
    retrained = read_retrained(folder)
    title = f"A {settings.tuner} search"
    page = page_of(title, record, pictures, retrained, baselines())
    files = [(place / PAGE, page.encode())]
    files += [(place / f"{name}.png", picture.png()) for name, picture in pictures.items()]
    write_all(files)
    return place / PAGE


def report_pictures(record: Record) -> dict[str, Picture]:
    """Draw the figures of a search, by their files' names."""
    trials = record.finished()
    pictures = {
        "best-so-far": figures.best_so_far(trials),
        "accuracy-and-size": figures.accuracy_and_size(trials, baselines()),
        "best-architectures": figures.architectures(record.best(DRAWN)),
    }
    if figures.varied(trials):
        pictures["hyperparameters"] = figures.parallel_coordinates(trials)
    found = importances(trials)
    if found:
        pictures["what-mattered"] = figures.what_mattered(found)
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
    best = record.best(1)[0]
    failed, large = statuses.count(FAILED), statuses.count(TOO_LARGE)
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{len(record.finished())} networks were trained in {duration(record.elapsed())}; "
        f"{failed} failed, and {large} were too large. The best reads "
        f"<strong>{100 * (best.score or 0):.2f} %</strong> of the validation images, with "
        f"{best.parameters:,} parameters: {html.escape(best.architecture)}.</p>",
        "<p>That score chose the network, so it is too good on average: among many networks, the "
        "lucky ones come first. What the network is worth, only images that had no say can tell."
        "</p>",
        measured_once(retrained, others),
        "<h2>Best so far</h2>",
        image(pictures["best-so-far"]),
        "<h2>Accuracy and size</h2>",
        image(pictures["accuracy-and-size"]),
        "<p>The course's own networks are marked for comparison. They were trained to their end, "
        "on all training images; a trial is a short training on fewer.</p>",
        "<h2>The best networks</h2>",
        image(pictures["best-architectures"]),
        best_table(record),
        "<h2>Hyperparameters</h2>",
    ]
    if "hyperparameters" in pictures:
        parts.append(image(pictures["hyperparameters"]))
    parts.append("<h2>What mattered</h2>")
    if "what-mattered" in pictures:
        parts += [
            image(pictures["what-mattered"]),
            "<p>Each bar looks at one hyperparameter alone. A bar that ends left of its orange "
            "mark may be chance; a whisker is a 95 % interval. What matters only together with "
            "something else does not show.</p>",
        ]
    else:
        parts.append(f"<p>To say what mattered, at least {FEWEST_TRIALS} trials are needed.</p>")
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def measured_once(retrained: Retrained | None, others: Mapping[str, tuple[int, float]]) -> str:
    """Write what the best network reached on the test set, or how to find out."""
    if retrained is None:
        return (
            "<h2>On the test set</h2>\n<p>Not measured yet. <code>mnist-keras tune-report "
            "--retrain</code> trains the best network again, with several seeds, on all training "
            "images, and measures it once.</p>"
        )
    rows = [
        f"<tr><th>{html.escape(name)}</th><td class='number'>{parameters:,}</td>"
        f"<td class='number'>{100 * accuracy:.2f} %</td></tr>"
        for name, (parameters, accuracy) in sorted(others.items(), key=lambda each: -each[1][1])
    ]
    mean, spread = retrained.mean(), retrained.spread()
    return (
        "<h2>On the test set</h2>\n<p>"
        f"Trial {retrained.trial}, trained again on all training images for {retrained.epochs} "
        f"epochs, reads <strong>{100 * mean:.2f} ± {100 * spread:.2f} %</strong> of the test "
        f"images: mean and standard deviation over {len(retrained.accuracies)} seeds.</p>\n"
        "<div class='wide'><table><thead><tr><th>network</th><th>parameters</th>"
        "<th>test accuracy</th></tr></thead><tbody>\n"
        f"<tr><th>this search's best</th><td class='number'>{retrained.parameters:,}</td>"
        f"<td class='number'>{100 * mean:.2f} %</td></tr>\n" + "\n".join(rows) + "</tbody>"
        "</table></div>"
    )


def best_table(record: Record) -> str:
    """Write the best trials as a table."""
    rows = "\n".join(best_row(trial) for trial in record.best(LISTED))
    return (
        "<div class='wide'><table><thead><tr><th>trial</th><th>validation</th><th>parameters</th>"
        "<th>operations an image</th><th>seconds</th><th>network</th></tr></thead>\n"
        f"<tbody>{rows}</tbody></table></div>"
    )


def best_row(trial: Trial) -> str:
    """Write a trial as a row."""
    return (
        f"<tr><td class='number'>{trial.number}</td>"
        f"<td class='number'>{100 * (trial.score or 0):.2f} %</td>"
        f"<td class='number'>{trial.parameters:,}</td><td class='number'>{trial.flops:,}</td>"
        f"<td class='number'>{trial.seconds:.1f}</td><td>{html.escape(trial.architecture)}</td>"
        "</tr>"
    )


def image(picture: Picture) -> str:
    """Write a figure as an image that is part of the page."""
    data = base64.b64encode(picture.png()).decode("ascii")
    alt = html.escape(picture.alt)
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"></figure>'
