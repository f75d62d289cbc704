"""What may be missing for a job: each is told in one line, which says how to mend it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from command_line import COMMAND
from slurm_cluster import PATH, Cluster

from .jobs import SCRIPTS, settings

pytestmark = pytest.mark.slurm


def bash(script: str, *arguments: str, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a script as in a job that just began."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH"))}
    return subprocess.run(
        ["bash", str(SCRIPTS / script), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**environment, **settings(cwd), "SCRIPTS": str(SCRIPTS), **extra},
        timeout=300,
    )


def hand_in(
    slurm: Cluster | None, *arguments: object, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run ``mnist-keras slurm``."""
    environment = dict(slurm.environment) if slurm else {**os.environ, "PATH": "/nowhere"}
    return subprocess.run(
        [*COMMAND, "slurm", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**environment, **extra},
        timeout=300,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


IN_A_JOB = {"SLURM_JOB_ID": "1", "SLURM_JOB_NAME": "train"}


def test_an_account_that_is_not_ones_own(slurm: Cluster) -> None:
    said = one_line(hand_in(slurm, "train", "--account", "def-nobody"))
    assert "the account 'def-nobody' is not yours to use here" in said
    assert "sshare -U" in said
    assert "Invalid account" in said


def test_no_account_where_each_job_needs_one(slurm: Cluster, tmp_path: Path) -> None:
    said = one_line(hand_in(slurm, "train", CC_CLUSTER="narval"))
    assert said.startswith("mnist-keras: Narval wants to know whose share a job uses")
    said = one_line(bash("train.sh", cwd=tmp_path, CC_CLUSTER="narval", PATH=PATH))
    assert said.startswith("train.sh: which group's share should this use?")


def test_a_gpu_that_the_cluster_does_not_have(slurm: Cluster) -> None:
    said = one_line(hand_in(slurm, "train", "--gpu", "h100:1"))
    assert "no node here has what was asked for (GPU 'h100:1')" in said
    assert "--gpu none" in said


def test_a_job_that_was_given_no_gpu(tmp_path: Path) -> None:
    said = one_line(
        bash("train.sh", cwd=tmp_path, GPU="", SBATCH_GPUS_PER_NODE="h100:1", **IN_A_JOB)
    )
    assert said.startswith("train: this job has no GPU, although GPU is 'h100:1': submit it")


def test_a_gpu_that_does_not_answer(tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "nvidia-smi"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 9\n")
    broken.chmod(0o755)
    asked = {"SBATCH_GPUS_PER_NODE": "h100:1", "SLURM_GPUS_ON_NODE": "1"}
    path = f"{broken.parent}:{os.environ['PATH']}"
    said = one_line(bash("train.sh", cwd=tmp_path, PATH=path, **asked, **IN_A_JOB))
    assert said.startswith("train: no GPU answers on ")


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    said = one_line(bash("train.sh", cwd=tmp_path, MODULES="python/3.99", **IN_A_JOB))
    assert said == (
        "train: there are no modules here, but MODULES is 'python/3.99': "
        "empty it at the top of the script"
    )
    modules = {"BASH_FUNC_module%%": "() { return 1; }"}  # as Lmod answers an unknown name
    said = one_line(bash("train.sh", cwd=tmp_path, MODULES="python/3.99", **modules, **IN_A_JOB))
    assert said.startswith("train: the module 'python/3.99' cannot be loaded")


def test_no_environment(tmp_path: Path) -> None:
    extra = {"VENV": str(tmp_path / "none"), "PATH": "/usr/bin:/bin", **IN_A_JOB}
    said = one_line(bash("train.sh", cwd=tmp_path, **extra))
    assert said == (
        f"train: there is no environment in {tmp_path}/none: "
        "run 'bash setup.sh' on a login node first"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "results"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
    try:
        said = one_line(bash("train.sh", cwd=tmp_path, **IN_A_JOB))
        left = list(disk.iterdir())
    finally:
        subprocess.run(["umount", disk], check=True)
    assert said.startswith(f"train: nothing can be written to {disk}: make room there")
    assert left == []


def test_data_that_cannot_be_read(slurm: Cluster, tmp_path: Path) -> None:
    package = Path(__file__).parents[2] / "mnist_keras"
    copy = tmp_path / "copy" / "mnist_keras"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "mnist.npz").write_bytes(b"damaged")
    said = bash("train.sh", "--quick", cwd=tmp_path, PYTHONPATH=str(copy.parent), **IN_A_JOB)
    assert "mnist.npz" in one_line(said)
    said = bash("grade.sh", "no-such-class", cwd=tmp_path, **IN_A_JOB, PATH="/usr/bin:/bin")
    assert said.returncode == 2
    assert "no-such-class" in said.stderr.splitlines()[-1]


def test_no_sbatch(tmp_path: Path) -> None:
    said = one_line(hand_in(None, "train"))
    assert said.startswith("mnist-keras: there is no sbatch here: log in to a cluster")
    said = one_line(bash("train.sh", cwd=tmp_path, PATH=without_sbatch(tmp_path)))
    assert said.startswith("train.sh: there is no sbatch here: log in to a cluster")


def without_sbatch(folder: Path) -> str:
    """Make a folder of the programs that a script needs, and of no other."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("bash", "basename", "dirname", "realpath"):
        (tools / name).symlink_to(shutil.which(name) or "")
    return str(tools)


def test_a_slurm_that_does_not_answer(tmp_path: Path) -> None:
    if shutil.which("sbatch") is None:
        pytest.skip("no sbatch here: apt-get install slurm-client")
    (tmp_path / "slurm.conf").write_text(
        "ClusterName=gone\nSlurmctldHost=localhost\nSlurmctldPort=1\nMessageTimeout=2\n"
    )
    environment = {**os.environ, "SLURM_CONF": str(tmp_path / "slurm.conf")}
    done = subprocess.run(
        [*COMMAND, "slurm", "train"], capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mnist-keras: ")
    assert done.stderr.count("\n") == 1


def test_a_misspelt_option_is_refused_before_the_job_waits(slurm: Cluster) -> None:
    said = one_line(hand_in(slurm, "train", "--epohcs", "3"))
    assert said.startswith("mnist-keras: unrecognized arguments: --epohcs")
    assert slurm.run("squeue", "--noheader").stdout == ""


def test_setup_on_a_node_without_internet(tmp_path: Path) -> None:
    # Nor has pip another place to look, whatever this machine's settings are.
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple/", "PIP_CONFIG_FILE": os.devnull}
    nowhere |= {"PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    said = one_line(bash("setup.sh", cwd=tmp_path, **{**nowhere, "VENV": str(tmp_path / "venv")}))
    assert said == (
        "setup.sh: this node has no internet: run setup.sh on a login node, "
        "or set WHEELS to a folder of wheels"
    )
    assert not (tmp_path / "venv").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take the network away")
def test_setup_installs_from_a_folder_of_wheels_without_internet(tmp_path: Path) -> None:
    wheels, clone = tmp_path / "wheels", tmp_path / "clone"
    wheels.mkdir()
    course = SCRIPTS.parents[2]
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [
        *project["optional-dependencies"]["search"],
        *project["optional-dependencies"]["grade"],
    ]
    for each in [*project["dependencies"], *extras, "setuptools"]:
        stand_in(wheels, re.split(r"[^\w.-]", each)[0].replace("-", "_"))
    subprocess.run(["git", "clone", "--quiet", course.as_uri(), clone], check=True)
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    extra = {"WHEELS": str(wheels), "VENV": str(tmp_path / "venv"), "COURSE": str(clone)}
    extra["EXTRAS"] = "search,grade"
    done = subprocess.run(
        ["unshare", "--net", "bash", str(SCRIPTS / "setup.sh")],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, **extra},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mnist-keras 0" in done.stdout
    for package in ("keras_tuner", "pyseccomp", "ipython"):
        assert list((tmp_path / "venv").rglob(f"{package}-99.dist-info")), package
    again = one_line(bash("setup.sh", cwd=tmp_path, PATH=path, **extra))
    assert again.startswith(f"setup.sh: {tmp_path}/venv is there already: remove it first")


def stand_in(folder: Path, name: str) -> None:
    """Write a small wheel that stands for a package: it leads to the one that is installed here."""
    described = f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n"
    files = {
        f"stand_in_{name}.pth": sysconfig.get_path("purelib") + "\n",
        f"{name}-99.dist-info/METADATA": described,
        f"{name}-99.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    if distribution(name).read_text("entry_points.txt"):  # setuptools finds its commands by them
        points = distribution(name).read_text("entry_points.txt") or ""
        files[f"{name}-99.dist-info/entry_points.txt"] = points
    record = f"{name}-99.dist-info/RECORD"
    files[record] = "".join(f"{file},,\n" for file in (*files, record))
    with zipfile.ZipFile(folder / f"{name}-99-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
