"""``mnist-keras leaderboard``: measure and rank the challenge's entries."""

import argparse
import json
from pathlib import Path

from mnist_keras.commands.shared import JSON, add_options, say
from mnist_keras.data import quick_mode


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras leaderboard``."""
    options = {
        "path PATH": "the entries: a class folder or a .zip",
        "--out DIR": "folder to write (default: leaderboard)",
        "--quick": "use 500 test images",
        "--unsandboxed": "run without a sandbox: for entries you trust",
    }
    add_options(parser, options | JSON)
    parser.set_defaults(out=Path("leaderboard"))


def run(options: argparse.Namespace) -> int:
    """Measure every entry and rank them."""
    from mnist_keras.challenge.leaderboard import PAGE, make_leaderboard, title_of

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
        for league, rows in (result["leagues"] | result["golf"]).items():
            print(title_of(league))
            for row in rows:
                print(
                    f"{row['rank']:>4}. {100 * row['accuracy']:.2f} ± {100 * row['margin']:.2f} %, "
                    f"{row['parameters']:,} parameters: {row['name']}"
                )
        if result["refused"]:
            print(f"Refused: {len(result['refused'])}; the page says why.")
        print(f"The leaderboard lies in {options.out / PAGE}")
    return 0 if any(result["leagues"].values()) else 1
