"""``mnist-keras slurm``: a job of the course for the cluster that this runs on."""

import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from mnist_keras.cluster.scripts import (
    JOBS,
    Request,
    filled_in,
    find_scripts,
    gpu_for,
    hand_in,
    require_account,
    site_here,
)
from mnist_keras.commands.shared import add_options
from mnist_keras.errors import CourseError

RESULTS = "mnist-keras-results"


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras slurm``; the job's own options may stand anywhere behind its name."""
    parser.allow_abbrev = False  # or the job's own options might be taken for these
    parser.add_argument("job", choices=list(JOBS), help="what the job does")
    options = {
        "--account NAME": "whose share it uses (default: $SBATCH_ACCOUNT)",
        "--gpu KIND[:N]": "such as h100:1, or none "
        "(default: a small one of the cluster's, if it has any)",
        "--modules NAMES": "what to load (default: what the cluster needs)",
        "--venv DIR": "the environment (default: the one that this runs in)",
        "--results DIR": f"folder for what jobs find (default: {RESULTS} in $SCRATCH, or here)",
        "--name NAME": "of the job and of its folder (default: the job's kind)",
        "--time T": "such as 3:00:00 (default: the script's)",
        "--nodes N": "how many nodes",
        "--ntasks N": "how many tasks: trials or shares at a time",
        "--array SEEDS": "which seeds, such as 0-9 or 0-9%%2",
        "--dry-run": "print the script, and hand in nothing",
        "--json": "print one JSON object on standard output",
    }
    add_options(parser, options, types={})  # as sbatch gets them
    parser.set_defaults(takes_more=True)


def run(options: argparse.Namespace) -> int:
    """Print or hand in a job.

    ``options.more`` has the arguments of the command that the job runs. What that command would
    refuse is refused here, so that no job waits in vain.
    """
    request = requested(options)
    folder = find_scripts()
    command = JOBS[request.job][1]
    if command:
        asked = options.parse([command, *request.arguments])
        import_module(f"mnist_keras.commands.{command}").check(asked)
    elif request.arguments:
        raise CourseError(f"setup takes no further arguments, and not {request.arguments[0]}")
    script = filled_in(request, folder)
    if options.dry_run:
        print(json.dumps({"script": script}) if options.json else script, end="")
        return 0
    if not command:
        return subprocess.run(["bash", "-c", script, "setup.sh"], check=False).returncode
    number = hand_in(script, request)
    if options.json:
        print(json.dumps({"job": number, "results": request.results}))
        return 0
    print(
        f"Job {number} is in the queue. To watch it: squeue --me. What it finds will lie in "
        f"{request.results}. Afterwards: seff {number}"
    )
    return 0


def requested(options: argparse.Namespace) -> Request:
    """Say what the job should be, here."""
    site = site_here(os.environ)
    account = options.account or os.environ.get("SBATCH_ACCOUNT", "")
    setup = options.job == "setup"
    if not (setup or options.dry_run):
        require_account(account, site)
    scratch = os.environ.get("SCRATCH")
    results = options.results or str(Path(scratch or ".") / RESULTS)
    wanted = {"job-name": options.name}
    wanted |= {name: getattr(options, name) for name in ("time", "nodes", "ntasks", "array")}
    return Request(
        job=options.job,
        arguments=tuple(options.more),
        account=account or ("def-yourprofessor" if site.accounts else ""),
        gpu=gpu_for(options.gpu or os.environ.get("SBATCH_GPUS_PER_NODE"), options.job, site),
        modules=site.modules if options.modules is None else options.modules,
        venv=options.venv or ("" if setup else sys.prefix),
        results=str(Path(results).absolute()),
        options={name: value for name, value in wanted.items() if value},
    )
