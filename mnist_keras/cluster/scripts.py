"""The job scripts of the course, filled in for a cluster, and handed in to Slurm.

They lie in `book/scale/slurm/`, where the lessons show them. A filled-in script is whole: it holds
what the scripts share, and the arguments of the command.

The clusters are those of the Digital Research Alliance of Canada, by its documentation.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnist_keras.errors import CourseError

FOLDER = "book/scale/slurm"
# By each job's name: its script, and the command of `mnist-keras` whose arguments it takes.
JOBS = {
    "train": ("train.sh", "train"),
    "train-multi-gpu": ("train_multi_gpu.sh", "train"),
    "train-multi-node": ("train_multi_node.sh", "train"),
    "tune": ("tune.sh", "tune"),
    "seeds": ("seeds.sh", "train"),
    "grade": ("grade.sh", "grade"),
    "setup": ("setup.sh", ""),
}
OPTION = re.compile(r"^#SBATCH --([\w-]+)(?:=(\S+))?.*$", re.MULTILINE)
# From where a script looks for common.sh to where it would hand in itself.
SHARED = re.compile(r"^SCRIPTS=.*\n(?:#.*\n)?\. .*\n(?:.* submit .*\n)?", re.MULTILINE)
# How sbatch's lines begin; what it says, and what its user can do.
EACH_BEGINS = re.compile(r"^sbatch: (error: |fatal: )?(Batch job submission failed: )?")
REFUSALS = (
    (
        "Invalid account",
        "the account '{account}' is not yours to use here; see yours with 'sshare -U', "
        "and name one with --account",
    ),
    (
        "Invalid generic resource|Invalid Trackable RESource|Invalid GRES|"
        "Requested node configuration is not available",
        "no node here has what was asked for (GPU '{gpu}'); see what there is with "
        "'sinfo -o \"%N %c %m %G\"', and name it with --gpu, or --gpu none",
    ),
    (
        "time limit",
        "a job may not take so long here; ask for less with --time, the job goes on by itself",
    ),
    ("Unable to contact|Connection refused", "Slurm does not answer; try again in some minutes"),
    (
        "No space left|I/O error",
        "a disk is full, so the job could not be kept; make room (quota, diskusage_report)",
    ),
    ("Invalid qos|Job violates accounting", "the cluster's rules do not allow this job: {said}"),
)
MODULES = "python/3.11 gcc opencv"


@dataclass(frozen=True)
class Site:
    """A cluster, as of April 2026; each names itself in `CC_CLUSTER`."""

    name: str  # as people write it
    # what `--gpus-per-node` calls a small slice of a GPU, where there are any, and a whole one
    small: str = ""
    whole: str = ""
    hours: int = 0  # the longest job
    modules: str = MODULES  # what has to be loaded
    accounts: bool = True  # whether each job names whose share it uses


PLAIN = Site("this cluster", modules="", accounts=False)
SITES = {
    "fir": Site("Fir", "nvidia_h100_80gb_hbm3_1g.10gb", "h100", 168),
    "nibi": Site("Nibi", "h100_1g.10gb", "h100", 168),
    "rorqual": Site("Rorqual", "h100_1g.10gb", "h100", 168),
    "narval": Site("Narval", "a100_1g.5gb", "a100", 168),
    "trillium": Site("Trillium", "h100", "h100", 24),
}


def site_here(environment: Mapping[str, str]) -> Site:
    """Tell the cluster by its environment; any other Slurm is a plain one."""
    name = environment.get("CC_CLUSTER", "")
    if not name:
        return PLAIN
    return SITES.get(name.lower(), Site(name.capitalize()))


@dataclass(frozen=True)
class Request:
    """What a job should be."""

    job: str  # one of `JOBS`
    arguments: Sequence[str]  # of the command that it runs
    account: str  # what stands at the top of a script
    gpu: str
    modules: str
    venv: str
    results: str
    # options of sbatch, by their name without dashes, which win over the script's own
    options: dict[str, str]


def find_scripts() -> Path:
    """Find the folder of the scripts, beside the package or here."""
    for root in (Path(__file__).resolve().parents[2], Path()):
        if (root / FOLDER / "common.sh").is_file():
            return root / FOLDER
    raise CourseError(
        f"the job scripts are not here: run this in a clone of the course's repository ({FOLDER})"
    )


def gpu_for(asked: str | None, job: str, site: Site) -> str:
    """Say which GPU a job asks for, as `--gpus-per-node` wants it; none: an empty text.

    The user may ask for ``none``, a kind, or a kind and how many, such as ``h100:1``.
    """
    if job in ("grade", "setup") or asked == "none":
        return ""
    if asked:
        return asked if ":" in asked or asked.isdecimal() else f"{asked}:1"
    if job == "train-multi-gpu":
        count = 4 if site.name == "Trillium" else 2  # it gives one GPU or four
        return f"{site.whole}:{count}" if site.whole else ""
    return f"{site.small}:1" if site.small else ""


def require_account(account: str, site: Site) -> None:
    """Refuse a job that no group's share would pay for."""
    if site.accounts and not account:
        raise CourseError(
            f"{site.name} wants to know whose share a job uses; see your accounts with "
            "'sshare -U', and add --account def-yourprofessor"
        )


def filled_in(request: Request, folder: Path) -> str:
    """Write a job's script as it is handed in."""
    text = _read(folder / JOBS[request.job][0])
    values = {"MODULES": request.modules}
    if request.venv or request.job != "setup":
        values["VENV"] = request.venv
    if request.job == "setup":
        values["COURSE"] = str(folder.resolve().parents[2])
    else:
        values |= {"ACCOUNT": request.account, "GPU": request.gpu, "RESULTS": request.results}
        text = _with_options(text, request)
    shared = re.sub(r"\A(#.*\n)+", "", _read(folder / "common.sh"))
    shared = f"# What all job scripts of the course share.\n# shellcheck disable=SC2034\n{shared}"
    text = SHARED.sub(lambda _: shared, text, count=1)
    for name, value in values.items():
        before, after = re.split(rf"(?m)^{name}=.*$", text, maxsplit=1)
        text = f"{before}{name}={shlex.quote(value)}{after}"
    if request.arguments:
        text = text.replace("\nACCOUNT=", f"\nset -- {shlex.join(request.arguments)}\nACCOUNT=", 1)
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} could not be read: {error.strerror}") from error


def _with_options(text: str, request: Request) -> str:
    """Put options of sbatch into a script, each in its own's place or after the last."""
    wanted = dict(request.options)
    if request.account:
        wanted["account"] = request.account
    if request.gpu:
        wanted["gpus-per-node"] = request.gpu

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        return f"#SBATCH --{name}={wanted.pop(name)}" if name in wanted else found[0]

    text = OPTION.sub(replaced, text)
    last = list(OPTION.finditer(text))[-1].end()
    return text[:last] + "".join(f"\n#SBATCH --{k}={v}" for k, v in wanted.items()) + text[last:]


def hand_in(script: str, request: Request) -> str:
    """Submit a filled-in script and return the job's number."""
    if shutil.which("sbatch") is None:
        raise CourseError(
            "there is no sbatch here: log in to a cluster with Slurm and run this there, "
            "or add --dry-run to see the script"
        )
    done = subprocess.run(
        ["sbatch", "--parsable"], input=script, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CourseError(refusal(done.stderr, request))
    return done.stdout.split(";")[0].strip()


def refusal(said: str, request: Request) -> str:
    """Say in one line why sbatch refused a job, and what to do."""
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    short = " ".join(EACH_BEGINS.sub("", last).split())
    for pattern, mend in REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            known = mend.format(account=request.account, gpu=request.gpu, said=short)
            return f"{known} (sbatch: {short})" if "{said}" not in mend else known
    return f"sbatch refused the job: {short or 'it did not say why'}"
