"""What cheating and harmful notebooks do to four graders.

Each notebook of ``tests/grading/attacks`` has wrong answers and one way to cheat or to do harm.
It goes to

- plain pytest, as in many a grader made at home: a test module runs the cells by ``exec`` and
  asserts the answers; an exit status of 0 is full marks, as GitHub Classroom has it,
- ``otter run``, with a test file for each question,
- ``nbgrader autograde``, with a locked, graded cell for each question,
- ``mnist-keras grade``.

All ask for the same: a network with the right number of parameters, the best learning rate and two
choices. The first three get these four as one assertion each; ours grades by its own rules, which
ask for more. An honest notebook and one with wrong answers only tell whether each grader works.

The notebooks do real harm. So the other graders run in a container by bubblewrap, with a user, a
process table and a network of its own, all of the disk that they see read-only but for 512 MB in
memory, at most 300 processes, 5 GiB of address space a process and a time limit; each notebook
alone, by a grader that was started for it. That is more than these graders do themselves: a memory
bomb or an endless loop would do more harm without. Ours runs as it is, on the whole class at once.

Ways that only burn time can be left out for the others with ``--skip-slow``; the result says so.
Bubblewrap must be there (``apt-get install bubblewrap``) and this must run as root, or the
processes of whoever runs it count too. otter-grader and nbgrader are no part of the course: their
environment is made below ``_build/rivals``, or named with ``--rivals PYTHON``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from contained_grader import LEARNER, NOTEBOOK
from machine import machine, write_result
from rivals import (
    MissingError,
    Test,
    code_cell,
    environment,
    environment_of,
    graded_cells,
    hand_in,
    nbgrader_course,
    otter_archive,
    rivals_python,
    versions,
    with_cells,
)

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

NAMES = {
    "pytest": "plain pytest",
    "otter": "otter-grader",
    "nbgrader": "nbgrader",
    "ours": "mnist-keras grade",
}
OTHERS = ("pytest", "otter", "nbgrader")
# The questions, as a grader made in an afternoon has them.
TESTS = {
    "q1_2": Test(("build",), "assert build(0.003).count_params() == 79510"),
    "q1_6": Test(("best_learning_rate",), "assert best_learning_rate == 0.001"),
    "q1_8": Test(("answer_1_8",), 'assert answer_1_8 == "B"'),
    "q1_9": Test(("answer_1_9",), 'assert answer_1_9 == "C"'),
}
PLAIN_PYTEST = """\
import json
from pathlib import Path

NAMES = {{"__name__": "__main__"}}
for cell in json.loads(Path("{notebook}.ipynb").read_text())["cells"]:
    if cell["cell_type"] == "code":
        try:
            exec(cell["source"], NAMES)
        except Exception as error:
            print(error)
"""
HONEST, WRONG_ONLY = "control_honest", "control_wrong"
SLOW = ("endless_", "_bomb", "stopped", "full_disk")
MEMORY = 5 * 2**30
PROCESSES = 300
OUR_SECONDS = 20  # a notebook needs one or two: no process is started for it
TMPFS = 512 * 2**20
PORT = 8765
TOKEN = "TOKEN_OF_THE_INSTRUCTOR"
FIRST_USER = 61_000


def plain_module() -> str:
    """Write the test module of a grader that runs the cells in its own process."""
    parts = [PLAIN_PYTEST.format(notebook=NOTEBOOK)]
    for name, test in TESTS.items():
        lines = [f"    {each} = NAMES[{each!r}]" for each in test.names]
        parts.append(f"\n\ndef test_{name}():\n" + "\n".join([*lines, f"    {test.code}"]) + "\n")
    return "".join(parts)


def container(python: Path, source: Path, slot: int, places: Sequence[Path]) -> list[str]:
    """Give the command that starts something in a container of its own."""
    system = [Path(name) for name in ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc")]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    if os.geteuid() == 0:
        # Without a user namespace: limits on processes do not bind the administrator within one.
        command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        command += ["--die-with-parent", "--new-session"]
    command += ["--size", str(TMPFS), "--perms", "1777", "--tmpfs", "/tmp"]
    for path in (*system, *places, source):
        for folder in [each for each in reversed(path.parents) if str(each) not in ("/", "/tmp")]:
            command += ["--perms", "0755", "--dir", str(folder)]
        if path.exists():
            command += ["--ro-bind", str(path), str(path)]
    # A parser of addresses that jsonschema imports where it finds it: seconds each, and no grade.
    for path in python.parents[1].glob("lib/python3*/site-packages/rfc3987_syntax"):
        command += ["--tmpfs", str(path)]
    command += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/tmp"]
    command += ["--setenv", "HOME", "/tmp/home", "--setenv", TOKEN, "B", "--"]
    if os.geteuid() == 0:
        user = str(FIRST_USER + slot)
        command += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
        command += ["--inh-caps=-all", "--bounding-set=-all"]
    command += ["prlimit", f"--nproc={PROCESSES}", f"--as={MEMORY}", f"--fsize={TMPFS}", "--core=0"]
    return [*command, str(python)]


def places_of(python: Path) -> list[Path]:
    """List what graders need of the disk; the course is there too, as on an instructor's."""
    own = ["mnist_keras", "solutions", "tests", "exercises", "benchmarks"]
    return [
        Path(sys.base_prefix),
        Path(sysconfig.get_paths()["purelib"]).parents[2],
        python.parents[1],
        *(REPOSITORY / name for name in own),
    ]


def contained(python: Path, source: Path, grader: str, slot: int, seconds: float) -> dict[str, Any]:
    """Grade one notebook in a container; what the grader made of it."""
    command = container(python, source, slot, places_of(python))
    script = str(REPOSITORY / "benchmarks" / "contained_grader.py")
    tests = json.dumps(list(TESTS))
    nothing = {"points": 0, "row": False, "ended": False, "harm": [], "said": "", "seconds": 0.0}
    begun, said = time.monotonic(), ""
    try:
        done = subprocess.run(
            [*command, script, grader, str(source), str(seconds), str(PORT)],
            env=environment_of(python, TESTS=tests),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds + 30,
        )
        said = done.stderr[-1500:]
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        return nothing | {"seconds": time.monotonic() - begun, "said": said}
    return result


def sources(python: Path, folder: Path, notebooks: Mapping[str, str]) -> dict[str, Path]:
    """Write, for each notebook, the folders that the graders start from.

    Raises
    ------
    MissingError
        If nbgrader cannot make its assignment.
    """
    course = folder / "course"
    instructor = with_cells(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
        [code_cell("# Your work", "work"), *graded_cells(TESTS)],
    )
    released = nbgrader_course(python, course, {NOTEBOOK: instructor}, 20)[NOTEBOOK]
    cache = Path.home() / ".cache" / "matplotlib"
    found = {}
    for name, content in notebooks.items():
        place = folder / "sources" / name
        plain = with_cells(content, [])
        for grader in ("pytest", "otter"):
            (place / grader).mkdir(parents=True)
            (place / grader / f"{NOTEBOOK}.ipynb").write_text(plain, encoding="utf-8")
        (place / "pytest" / "test_notebook.py").write_text(plain_module(), encoding="utf-8")
        otter_archive(place / "otter" / "autograder.zip", TESTS)
        shutil.copytree(course, place / "nbgrader")
        hand_in(place / "nbgrader", LEARNER, NOTEBOOK, with_cells(content, released))
        if cache.is_dir():
            shutil.copytree(cache, place / "cache")
        found[name] = place
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return found


def by_the_others(
    python: Path,
    folder: Path,
    notebooks: Mapping[str, str],
    jobs: int,
    seconds: float,
    skip_slow: bool,
    kept_in: Path,
) -> dict[str, dict[str, dict[str, Any] | None]]:
    """Let the other graders grade; None for what was left out.

    Results are kept in a file as they come, and what it holds is not done again.
    """
    places = sources(python, folder, notebooks)
    slots = list(range(jobs))
    found: dict[str, dict[str, dict[str, Any] | None]] = {name: {} for name in notebooks}
    if kept_in.is_file():
        for name, results in json.loads(kept_in.read_text(encoding="utf-8")).items():
            found.get(name, {}).update({g: r for g, r in results.items() if r})
    wanted = [(n, g) for g in OTHERS for n in notebooks if g not in found[n]]
    count, done = len(wanted), 0
    lock = threading.Lock()

    def one(name: str, grader: str) -> None:
        nonlocal done
        slot = slots.pop()
        result = None
        try:
            if not (skip_slow and any(part in name for part in SLOW)):
                # Nothing else tells whether a grader works: the controls get their time.
                limit = 10 * seconds if name.startswith("control") else seconds
                result = contained(python, places[name], grader, slot, limit)
        finally:
            slots.append(slot)
        with lock:
            found[name][grader] = result
            done += 1
            write_result(kept_in, found)
        print(f"[{done}/{count}] {NAMES[grader]}, {name}: {_brief(result)}", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda pair: one(*pair), wanted))
    return found


def _brief(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return "left out"
    ended = "" if result["ended"] else ", the session was stopped"
    return f"{result['points']:g} points{ended}, {result['seconds']:.0f} s"


def by_ours(folder: Path, notebooks: Mapping[str, str]) -> dict[str, Any]:
    """Grade the class by ``mnist-keras grade``."""
    hand_ins, out, instructor = folder / "class", folder / "grades", folder / "instructor"
    hand_ins.mkdir()
    for name, content in notebooks.items():
        (hand_ins / f"{name}.ipynb").write_text(content, encoding="utf-8")
    calls = _listen(PORT)
    before = sorted(path.name for path in instructor.iterdir())
    command = [sys.executable, "-m", "mnist_keras", "grade", hand_ins, "--out", out, "--jobs", "2"]
    command += ["--seconds", f"{OUR_SECONDS:g}", "--memory", "1500"]
    begun = time.monotonic()
    done = subprocess.run(
        [*map(str, command)],
        env=environment(**{TOKEN: "B"}),
        capture_output=True,
        text=True,
    )
    spent = time.monotonic() - begun
    grades = out / "grades.json"
    rows = json.loads(grades.read_text())["learners"] if grades.exists() else []
    changed = before != sorted(path.name for path in instructor.iterdir())
    found: dict[str, Any] = dict.fromkeys(notebooks)
    for row in rows:
        questions = [q for each in row["notebooks"] for q in each["questions"]]
        found[row["learner"]] = {
            "points": sum(q["earned"] for q in questions),
            "of": sum(q["points"] for q in questions),
            "row": True,
            "ended": done.returncode in (0, 1),
            "harm": [],
        }
    nothing = {"points": 0, "row": False, "ended": False, "harm": [], "said": done.stderr[-1500:]}
    harm = ["reached a server on this machine"] * bool(calls) + ["left a file"] * changed
    level = json.loads(grades.read_text()).get("isolation", "") if grades.exists() else ""
    return {
        "seconds": spent,
        "level": level,
        "harm": harm,
        "learners": {name: result or nothing for name, result in found.items()},
    }


def _listen(port: int) -> list[str]:
    """Answer whoever comes to a port, and count them."""
    calls: list[str] = []
    server = socket.create_server(("127.0.0.1", port))

    def accept() -> None:
        while True:
            with suppress(OSError):
                connection, _ = server.accept()
                calls.append("tcp")
                connection.close()

    threading.Thread(target=accept, daemon=True).start()
    return calls


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count, for each grader, what the attacks achieved.

    Parameters
    ----------
    rows
        One for each attack, with what each grader made of it.
    """
    found = []
    for grader in NAMES:
        results = [row["graders"][grader] for row in rows if row["graders"].get(grader)]
        found.append(
            {
                "grader": NAMES[grader],
                "attacks": len(results),
                "earned": sum(result["points"] > 0 for result in results),
                "full": sum(result["points"] >= result["of"] for result in results),
                "stopped": sum(not result["ended"] for result in results),
                "without_row": sum(not result["row"] for result in results),
                "harmed": sum(bool(result["harm"]) for result in results),
            }
        )
    return found


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the attacks and the points that each earned, a line each, and the counts."""
    lines = [f"{'attack':<28}" + "".join(f"{name:>19}" for name in NAMES.values())]
    for row in rows:
        lines.append(f"{row['attack']:<28}" + "".join(f"{_cell(row, g):>19}" for g in NAMES))
    lines.append("")
    for counted in summary(rows):
        lines.append(
            f"{counted['grader']:<18} {counted['attacks']} attacks: {counted['earned']} earned "
            f"points, {counted['full']} all of them; {counted['stopped']} stopped the session, "
            f"{counted['without_row']} had no row, {counted['harmed']} did harm"
        )
    return "\n".join(lines)


def _cell(row: Mapping[str, Any], grader: str) -> str:
    result = row["graders"].get(grader)
    if result is None:
        return "left out"
    marks = ("" if result["ended"] else " stopped") + (" harm" if result["harm"] else "")
    return f"{result['points']:g}/{result['of']:g}{marks}"


def kept(result: Mapping[str, Any] | None, of: float) -> dict[str, Any] | None:
    """Give what a result's file holds of one grading."""
    if result is None:
        return None
    names = ("points", "row", "ended", "harm")
    return {"of": of} | {name: result[name] for name in names}


def main() -> int:
    """Let every grader grade every attack, and write the table and the JSON file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rivals", type=Path, help="a Python with otter-grader and nbgrader")
    parser.add_argument("--only", nargs="+", help="some attacks, to try the script")
    parser.add_argument("--skip-slow", action="store_true", help="leave out what only burns time")
    parser.add_argument("--go-on", action="store_true", help="keep what the last run got done")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    parser.add_argument("--seconds", type=float, default=20, help="a notebook (default: 20)")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmark"))
    options = parser.parse_args()
    from checks.cases_01_learning_rate import NOTEBOOK as HONEST_CODE
    from grading_unit.attack_corpus import IMPORTS, WRONG, attacks, notebook

    path, begun = options.out / "grading_attacks.json", options.out / "grading_attacks_begun.json"
    if not options.go_on:
        begun.unlink(missing_ok=True)
    if not shutil.which("bwrap"):
        print("bubblewrap is not there: apt-get install bubblewrap", file=sys.stderr)
        return 2
    try:
        python = rivals_python(options.rivals)
        with_versions = versions(python)
        corpus = [a for a in attacks() if options.only is None or a.name in options.only]
        marker = str(9_000_000 + os.getpid())
        controls = {
            HONEST: notebook([IMPORTS, HONEST_CODE]),
            WRONG_ONLY: notebook(list(WRONG)),
        }
        places = {"port": str(PORT), "token": TOKEN, "marker": marker}
        places["repository"] = str(REPOSITORY)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "instructor").mkdir()
            canary = folder / "instructor" / "canary"
            canary.write_text("B")
            there = places | {"canary": "/tmp/instructor/canary"}
            others = by_the_others(
                python,
                folder,
                controls | {a.name: a.notebook(there) for a in corpus},
                options.jobs,
                options.seconds,
                options.skip_slow,
                begun,
            )
            here = places | {"canary": str(canary)}
            ours = by_ours(folder, controls | {a.name: a.notebook(here) for a in corpus})
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2

    rows = []
    for name, aim in [(HONEST, ""), (WRONG_ONLY, ""), *((a.name, a.aim) for a in corpus)]:
        graders = {g: kept(others[name][g], len(TESTS)) for g in OTHERS}
        mine = ours["learners"][name]
        graders["ours"] = kept(mine, mine.get("of", 1))
        rows.append({"attack": name, "aim": aim, "graders": graders})
    print(table(rows[2:]))
    print("controls:", "; ".join(" ".join(_cell(row, g) for g in NAMES) for row in rows[:2]))
    write_result(
        path,
        {
            "machine": machine(),
            "versions": with_versions,
            "seconds_a_notebook": {"others": options.seconds, "ours": OUR_SECONDS},
            "left_out": sorted(
                {row["attack"] for row in rows if None in row["graders"].values()},
            ),
            "ours": {name: ours[name] for name in ("seconds", "level", "harm")},
            "controls": rows[:2],
            "rows": rows[2:],
            "summary": summary(rows[2:]),
        },
    )
    print(f"Written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
