"""The files that let a learning platform grade, written and run."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from attack_corpus import notebook
from command_line import environment, run_cli

from mnist_keras.errors import CourseError
from mnist_keras.grading.platform_files import PLATFORMS, write_platform
from mnist_keras.sandbox.engines import container

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "repository:\n  url: https://github.com/{}\n  branch: {}\n"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "_config.yml").write_text(CONFIG.format("ada/digits", "1.0"))
    return folder


def workflow(course, out):
    (path,) = write_platform("github-classroom", out, course)
    assert path == out / ".github" / "workflows" / "classroom.yml"
    return yaml.safe_load(path.read_text())


def test_the_workflow_takes_the_course_from_its_address(course, tmp_path):
    steps = workflow(course, tmp_path / "out")["jobs"]["grade"]["steps"]
    checkouts = [each["with"] for each in steps if "checkout" in each.get("uses", "")]
    assert checkouts[0]["repository"] == "ada/digits"
    assert checkouts[0]["ref"] == "1.0"
    assert "repository" not in checkouts[1]
    assert all(each["persist-credentials"] is False for each in checkouts)


def test_the_workflow_may_read_only_and_installs_before_the_learners_files_are_there(
    course, tmp_path
):
    found = workflow(course, tmp_path / "out")
    assert found["permissions"] == {"contents": "read"}
    steps = found["jobs"]["grade"]["steps"]
    hand_in = next(k for k, each in enumerate(steps) if "hand-in" in str(each.get("with")))
    assert [k for k, each in enumerate(steps) if "pip install" in each.get("run", "")] < [hand_in]
    after = " ".join(each.get("run", "") for each in steps[hand_in:])
    assert "mnist-keras grade class --out grades" in after
    assert "${{" not in after  # a name would become a part of the script


def test_the_workflows_scripts_are_bash(course, tmp_path):
    for step in workflow(course, tmp_path / "out")["jobs"]["grade"]["steps"]:
        subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, check=True)


def fake_grader(folder: Path, status: int) -> None:
    """Put a grader in the workflow's place of it that shows its folder and ends as told."""
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / "venv" / "bin" / "python").symlink_to(sys.executable)
    command = folder / "venv" / "bin" / "mnist-keras"
    command.write_text(f"#!/bin/sh\necho '::error::x'\nfind class\nexit {status}\n")
    command.chmod(0o755)


def run_grading_step(course, tmp_path, **extra):
    steps = workflow(course, tmp_path / "out")["jobs"]["grade"]["steps"]
    (script,) = (each["run"] for each in steps if each.get("name") == "Grade")
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment(GITHUB_STEP_SUMMARY=str(summary), LEARNER="hw-alice", **extra),
        capture_output=True,
        text=True,
    )
    return done, summary.read_text()


@pytest.mark.parametrize("status", [0, 1])
def test_the_workflow_fails_as_the_grader_does_and_shows_its_table(course, tmp_path, status):
    fake_grader(tmp_path, status)
    (tmp_path / "hand-in" / "exercises").mkdir(parents=True)
    done, summary = run_grading_step(course, tmp_path)
    assert done.returncode == status, done.stderr
    assert "class/hw-alice" in summary
    said = done.stdout.splitlines()
    assert said[0].startswith("::stop-commands::")
    assert said[-1] == f"::{said[0].removeprefix('::stop-commands::')}::"


def test_the_workflow_follows_no_link_in_the_place_of_the_exercises(course, tmp_path):
    fake_grader(tmp_path, 0)
    (tmp_path / "hand-in").mkdir()
    (tmp_path / "hand-in" / "exercises").symlink_to(ROOT / "exercises")
    done, summary = run_grading_step(course, tmp_path)
    assert done.returncode == 1
    assert "no folder exercises" in summary


def test_without_an_address_there_is_one_line_that_says_how_to_set_it(course, tmp_path):
    (course / "_config.yml").write_text(CONFIG.format("OWNER/REPOSITORY", "main"))
    with pytest.raises(CourseError, match="mnist-keras notebooks --repository OWNER/NAME"):
        write_platform("github-classroom", tmp_path / "out", course)
    assert not (tmp_path / "out").exists()


def test_gradescopes_scripts_are_bash_and_may_be_run(tmp_path):
    paths = write_platform("gradescope", tmp_path)
    assert [path.name for path in paths] == ["setup.sh", "run_autograder", "README.md"]
    for path in paths[:2]:
        assert path.read_text().startswith("#!/usr/bin/env bash\n")
        assert path.stat().st_mode & stat.S_IXUSR
        subprocess.run(["bash", "-n", path], check=True)


def test_gradescopes_set_up_passes_over_a_python_that_does_not_run(tmp_path):
    write_platform("gradescope", tmp_path)
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir()
    fake = f'#!/bin/sh\necho "$0 $*" >> {log}\ncase "$2" in venv) exit 9;; esac\nexit '
    for name, status in (("python3", 127), ("python3.13", 127), ("python3.12", 0)):
        (tools / name).write_text(f"{fake}{status}\n")
        (tools / name).chmod(0o755)
    done = subprocess.run(
        [tmp_path / "gradescope" / "setup.sh"],
        env={"PATH": f"{tools}:/usr/bin:/bin", "AUTOGRADER": str(tmp_path / "autograder")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 9, done.stderr
    assert log.read_text().splitlines()[-1].startswith(f"{tools}/python3.12 -m venv ")


def test_a_containers_file_names_the_versions_that_are_here_and_nothing_of_the_course(tmp_path):
    file, readme = write_platform("container", tmp_path)
    text = file.read_text()
    assert f"python:{sys.version_info.major}.{sys.version_info.minor}-slim" in text
    assert "@" not in text
    for name in ("tensorflow", "keras", "pyseccomp", "ipython"):
        assert f" {name}=={version(name)}" in text
    assert "COPY" not in text
    assert f"--tag {container.IMAGE} container" in readme.read_text()


@pytest.mark.parametrize("there", sorted(PLATFORMS["gradescope"]))
def test_what_is_there_is_not_overwritten_and_nothing_is_half_written(tmp_path, there):
    path = tmp_path / there
    path.parent.mkdir()
    path.write_text("mine")
    with pytest.raises(CourseError, match="is there already") as caught:
        write_platform("gradescope", tmp_path)
    assert "\n" not in str(caught.value)
    assert [each for each in path.parent.iterdir() if each != path] == []
    assert path.read_text() == "mine"


def test_the_command_writes_here_and_refuses_the_second_time(tmp_path):
    done = run_cli("grade", "--init", "gradescope", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [Path(line).name for line in done.stdout.split()] == [
        "setup.sh",
        "run_autograder",
        "README.md",
    ]
    again = run_cli("grade", "--init", "gradescope", cwd=tmp_path)
    assert again.returncode == 2
    assert len(again.stderr.splitlines()) == 1


def test_the_command_does_not_write_and_grade_at_once(tmp_path):
    done = run_cli("grade", "class", "--init", "gradescope", "--out", tmp_path)
    assert done.returncode == 2
    assert "leave out PATH" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_of_the_readme_packs_what_gradescope_wants(tmp_path):
    write_platform("gradescope", tmp_path)
    readme = (tmp_path / "gradescope" / "README.md").read_text()
    command = readme.split("```bash")[1].split("```")[0].replace("\\\n", "")
    git = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull}
    git |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    (tmp_path / "requirements.txt").write_text("")
    for line in ("git init -q", "git add requirements.txt", "git commit -qm x", command):
        subprocess.run(line, shell=True, cwd=tmp_path, env=environment(**git), check=True)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        assert sorted(names) == ["course/requirements.txt", "run_autograder", "setup.sh"]
        assert packed.getinfo("run_autograder").external_attr >> 16 & stat.S_IXUSR


def run_autograder(folder: Path, **extra: str) -> dict:
    """Run it in folders like Gradescope's, and read what Gradescope would."""
    write_platform("gradescope", folder)
    done = subprocess.run(
        [folder / "gradescope" / "run_autograder"],
        env=environment(
            AUTOGRADER=str(folder),
            PYTHON=sys.executable,
            GRADE=extra.pop("GRADE", str(Path(sys.executable).with_name("mnist-keras"))),
        ),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (folder / "results").iterdir()] == ["results.json"]
    return json.loads((folder / "results" / "results.json").read_text())


@pytest.mark.parametrize(
    ("grade", "reason"),
    [("/nonexistent/mnist-keras", "status 127"), ("/bin/false", "nothing was said")],
)
def test_results_are_valid_where_the_grader_breaks_off(tmp_path, grade, reason):
    (tmp_path / "submission").mkdir()
    found = run_autograder(tmp_path, GRADE=grade)
    assert found["score"] == 0
    assert reason in found["output"]


def test_the_first_complaint_is_the_reason(tmp_path):
    (tmp_path / "submission").mkdir()
    grader = tmp_path / "grader"
    grader.write_text(
        "#!/bin/sh\necho '[1/2] progress' >&2; echo 'mnist-keras: no \"sandbox\"' >&2\n"
        "echo 'mnist-keras: stopped' >&2; exit 2\n"
    )
    grader.chmod(0o755)
    found = run_autograder(tmp_path, GRADE=str(grader))
    assert found["output"].endswith('(status 2): mnist-keras: no "sandbox"')


def test_results_are_there_before_the_grader_is_done(tmp_path):
    (tmp_path / "submission").mkdir()
    grader = tmp_path / "grader"
    grader.write_text('#!/bin/sh\ncp "$AUTOGRADER/results/results.json" "$AUTOGRADER/early"\n')
    grader.chmod(0o755)
    run_autograder(tmp_path, GRADE=str(grader))
    assert json.loads((tmp_path / "early").read_text())["score"] == 0


@pytest.mark.slow
def test_gradescope_gets_the_results_of_a_submission(tmp_path):
    folder = tmp_path / "submission" / "exercises"
    folder.mkdir(parents=True)
    (folder / "01-learning-rate.ipynb").write_text(notebook(["x = 1"]))
    found = run_autograder(tmp_path)
    assert found["score"] == 0
    assert {each["number"] for each in found["tests"]} > {"1.1", "1.2"}
    assert all(each["output"] for each in found["tests"])
    assert "Isolation: " in found["output"]


@pytest.mark.slow
def test_gradescope_gets_the_reason_why_a_submission_could_not_be_graded(tmp_path):
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "01-learning-rate.ipynb").write_text('{"cells": [')
    found = run_autograder(tmp_path)
    assert found["score"] == 0
    assert "could not be graded" in found["output"]


@pytest.mark.slow
def test_gradescope_gets_the_reason_where_nothing_was_handed_in(tmp_path):
    (tmp_path / "submission").mkdir()
    found = run_autograder(tmp_path)
    assert found["score"] == 0
    assert "the folder is empty" in found["output"]
