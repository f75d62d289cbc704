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

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import rivals
from machine import command_line, finish
from rivals import NOTEBOOK, REPOSITORY, MissingError, Test, with_cells

NAMES = {
    "pytest": "plain pytest",
    "otter": "otter-grader",
    "nbgrader": "nbgrader",
    "ours": "mnist-keras grade",
}
OTHERS = ("pytest", "otter", "nbgrader")
# What is known of a notebook whose grader was ended: of how many points it got none, and so on.
NOTHING: dict[str, Any] = {"of": 1, "points": 0, "row": False, "ended": False, "harm": []}
CANARY = "instructor"  # a folder that is none of the notebooks' business
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
CONTROLS = ("control_honest", "control_wrong")
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


def container(python: Path, source: Path, user: int) -> list[str]:
    """Return the command that starts a Python in a container, which sees a folder of this machine.

    The course is there too, as on an instructor's machine.
    """
    places = [Path(name) for name in ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc")]
    places += [Path(sys.base_prefix), Path(sysconfig.get_paths()["purelib"]).parents[2]]
    own = ("mnist_keras", "solutions", "tests", "exercises", "benchmarks")
    places += [python.parents[1], *(REPOSITORY / name for name in own), rivals.FONTS, source]
    command = "bwrap --unshare-pid --unshare-net --unshare-ipc --unshare-uts --die-with-parent"
    command += f" --new-session --size {TMPFS} --perms 1777 --tmpfs /tmp"
    # As root without a user namespace: limits on processes do not bind the administrator in one.
    command += " --unshare-user" * (os.geteuid() != 0)
    found = command.split()
    for path in filter(Path.exists, places):
        for folder in [each for each in reversed(path.parents) if str(each) not in ("/", "/tmp")]:
            found += ["--perms", "0755", "--dir", str(folder)]
        found += ["--ro-bind", str(path), str(path)]
    # A parser of addresses that jsonschema imports where it finds it: seconds each, and no grade.
    for path in python.parents[1].glob("lib/python3*/site-packages/rfc3987_syntax"):
        found += ["--tmpfs", str(path)]
    command = f"--proc /proc --dev /dev --chdir /tmp --setenv HOME /tmp/home --setenv {TOKEN} B --"
    if os.geteuid() == 0:
        command += f" setpriv --reuid {user} --regid {user} --clear-groups"
        command += " --inh-caps=-all --bounding-set=-all"
    command += f" prlimit --nproc={PROCESSES} --as={MEMORY} --fsize={TMPFS} --core=0"
    return [*found, *command.split(), str(python)]


def contained(python: Path, source: Path, grader: str, user: int, seconds: float) -> dict[str, Any]:
    """Grade one notebook in a container; what the grader made of it."""
    arguments = [rivals.__file__, grader, source, seconds, PORT, len(TESTS)]
    result = NOTHING | {"of": len(TESTS)}
    with suppress(subprocess.TimeoutExpired, ValueError, IndexError):
        done = subprocess.run(
            [*container(python, source, user), *map(str, arguments)],
            env=rivals.environment(python, FONTS=str(rivals.FONTS)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds + 30,
        )
        result |= json.loads(done.stdout.strip().splitlines()[-1])
    return result


def sources(
    python: Path, folder: Path, notebooks: Mapping[str, str], seconds: float
) -> dict[str, Path]:
    """Write, for each notebook, the folder that the graders start from."""
    course = folder / "course"
    released = rivals.nbgrader_course(python, course, {NOTEBOOK: TESTS}, int(seconds))[NOTEBOOK]
    found = {}
    for name, content in notebooks.items():
        found[name] = place = folder / "sources" / name
        shutil.copytree(course, place)
        rivals.put(place / f"{NOTEBOOK}.ipynb", with_cells(content, []))
        rivals.put(place / "test_notebook.py", plain_module())
        rivals.otter_archive(place / "autograder.zip", TESTS)
        handed_in = place / "submitted" / rivals.LEARNER / rivals.ASSIGNMENT
        rivals.put(handed_in / f"{NOTEBOOK}.ipynb", with_cells(content, released))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return found


def by_the_others(
    python: Path, folder: Path, notebooks: Mapping[str, str], options: Any
) -> dict[str, dict[str, dict[str, Any] | None]]:
    """Let the other graders grade; None for what was left out."""
    places = sources(python, folder, notebooks, options.seconds)
    found: dict[str, dict[str, Any]] = {name: {} for name in notebooks}
    wanted = [(grader, name) for grader in OTHERS for name in notebooks]

    def one(user: int, grader: str, name: str) -> dict[str, Any] | None:
        if options.skip_slow and any(part in name for part in SLOW):
            return None
        # Nothing else tells whether a grader works: the controls get their time.
        seconds = options.seconds * (10 if name in CONTROLS else 1)
        return contained(python, places[name], grader, user, seconds)

    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(one, count(FIRST_USER), *zip(*wanted, strict=True))
        for (grader, name), result in zip(wanted, results, strict=True):
            found[name][grader] = result
            print(f"{NAMES[grader]}, {name}: {_cell(result)}", flush=True)
    return found


def by_ours(folder: Path, notebooks: Mapping[str, str]) -> dict[str, Any]:
    """Grade the class by ``mnist-keras grade``."""
    for name, content in notebooks.items():
        rivals.put(folder / "class" / f"{name}.ipynb", content)
    calls, before, begun = rivals.listen(PORT), rivals.files(folder / CANARY), time.monotonic()
    options = ("--jobs", 2, "--seconds", OUR_SECONDS, "--memory", 1500)
    status, _, grades = rivals.by_ours(folder, *options, **{TOKEN: "B"})
    spent = time.monotonic() - begun
    found = dict.fromkeys(notebooks, NOTHING)
    for row in grades["learners"]:
        questions = [q for each in row["notebooks"] for q in each["questions"]]
        points, of = (sum(q[each] for q in questions) for each in ("earned", "points"))
        about = {"of": of, "points": points, "row": True, "ended": status in (0, 1)}
        found[row["learner"]] = NOTHING | about
    harm = calls[:1] + ["left or changed a file"] * (before != rivals.files(folder / CANARY))
    level = grades.get("isolation", "")
    return {"seconds": spent, "level": level, "harm": harm, "learners": found}


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count, for each grader, what the attacks achieved."""
    found = []
    for grader, name in NAMES.items():
        results = [row["graders"][grader] for row in rows if row["graders"].get(grader)]
        counts = {
            "earned": sum(result["points"] > 0 for result in results),
            "full": sum(result["points"] >= result["of"] for result in results),
            "stopped": sum(not result["ended"] for result in results),
            "without_row": sum(not result["row"] for result in results),
            "harmed": sum(bool(result["harm"]) for result in results),
        }
        found.append({"grader": name, "attacks": len(results)} | counts)
    return found


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the attacks and the points that each earned, a line each, and the counts."""
    lines = [f"{'attack':<28}" + "".join(f"{name:>19}" for name in NAMES.values())]
    for row in rows:
        cells = map(_cell, row["graders"].values())
        lines.append(f"{row['attack']:<28}" + "".join(f"{cell:>19}" for cell in cells))
    for counted in summary(rows):
        lines.append(
            f"{counted['grader']:<18} {counted['attacks']} attacks: {counted['earned']} earned "
            f"points, {counted['full']} all of them; {counted['stopped']} stopped the session, "
            f"{counted['without_row']} had no row, {counted['harmed']} did harm"
        )
    return "\n".join(lines)


def _cell(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return "left out"
    marks = ("" if result["ended"] else " stopped") + (" harm" if result["harm"] else "")
    return f"{result['points']:g}/{result['of']:g}{marks}"


def main() -> int:
    """Let every grader grade every attack, and write the table and the JSON file."""
    parser = command_line(__doc__, quick=False)
    parser.add_argument("--rivals", type=Path, help="a Python with otter-grader and nbgrader")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    parser.add_argument("--only", nargs="+", help="some attacks, to try the script")
    parser.add_argument("--skip-slow", action="store_true", help="leave out what only burns time")
    parser.add_argument("--seconds", type=float, default=20, help="a notebook (default: 20)")
    options = parser.parse_args()
    from attack_corpus import IMPORTS, WRONG, attacks, honest_code, notebook

    corpus = [a for a in attacks() if options.only is None or a.name in options.only]
    controls = (notebook([IMPORTS, honest_code()]), notebook(WRONG))
    places = {"port": str(PORT), "token": TOKEN, "marker": str(9_000_000 + os.getpid())}
    places["repository"] = str(REPOSITORY)

    def notebooks(canary: object) -> dict[str, str]:
        own = places | {"canary": str(canary)}
        controlled = dict(zip(CONTROLS, controls, strict=True))
        return controlled | {a.name: a.notebook(own) for a in corpus}

    if not shutil.which("bwrap"):
        raise MissingError("bubblewrap is not there: apt-get install bubblewrap")
    python = rivals.rivals_python(options.rivals)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        canary = rivals.put(folder / CANARY / "canary", "B")
        there = notebooks(f"/tmp/{CANARY}/canary")
        others = by_the_others(python, folder, there, options)
        ours = by_ours(folder, notebooks(canary))
    aims = dict.fromkeys(CONTROLS, "") | {attack.name: attack.aim for attack in corpus}
    rows: list[dict[str, Any]] = [
        {"attack": n, "aim": aim, "graders": {**others[n], "ours": ours["learners"][n]}}
        for n, aim in aims.items()
    ]
    print(table(rows[2:]))
    print("\n".join(table(rows[:2]).splitlines()[1:3]))
    result = {
        "versions": rivals.versions(python),
        "seconds_a_notebook": {"others": options.seconds, "ours": OUR_SECONDS},
        "left_out": sorted(row["attack"] for row in rows if None in row["graders"].values()),
        "ours": {name: ours[name] for name in ("seconds", "level", "harm")},
        "controls": rows[:2],
        "rows": rows[2:],
        "summary": summary(rows[2:]),
    }
    return finish(options.out / "grading_attacks.json", result)


if __name__ == "__main__":
    sys.exit(rivals.status_of(main))
