"""The workflows of this repository, and the one that learners' repositories get."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mnist_keras.grading.platform_files import write_platform

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent

# The first version of each action that runs on Node 24; GitHub's runners have no older one.
ON_NODE_24 = {
    "actions/cache": 5,
    "actions/checkout": 5,
    "actions/setup-python": 6,
    "actions/configure-pages": 6,
    "actions/upload-pages-artifact": 5,
    "actions/deploy-pages": 5,
    "actions/upload-artifact": 6,
}
PERMISSIONS = {
    "checks": {"contents": "read"},
    "publish": {"contents": "read", "pages": "write", "id-token": "write"},
    "classroom": {"contents": "read"},
}


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the text of each workflow by its name."""
    folder = tmp_path_factory.mktemp("platform")
    (folder / "_config.yml").write_text(
        "repository:\n  url: https://github.com/ada/digits\n  branch: main\n"
    )
    paths = [
        *(ROOT / ".github" / "workflows").glob("*.yml"),
        *write_platform("github-classroom", folder, folder),
    ]
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def steps(text: str) -> Iterator[dict]:
    """List the steps of a workflow's jobs."""
    for job in yaml.safe_load(text)["jobs"].values():
        yield from job["steps"]


def actionlint(text: str) -> tuple[int, str]:
    command = shutil.which("actionlint", path=TOOLS)
    shellcheck = shutil.which("shellcheck", path=TOOLS)
    assert command, "actionlint is missing: make lint sets it up"
    assert shellcheck, "shellcheck is missing: make lint sets it up"
    done = subprocess.run(
        [command, f"-shellcheck={shellcheck}", "-pyflakes=", "-oneline", "-"],
        input=text,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_actionlint_finds_no_fault_in_the_workflow_that_learners_get(workflows):
    # `make lint` asks it of the others; this one is YAML only once it is filled in.
    assert actionlint(workflows["classroom"]) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("checkout@v6", "checkout@v4", "node20"),
        ("ubuntu-24.04", "ubuntu-23.04", "label"),
        ('"class/$LEARNER"', "class/$LEARNER", "SC2086"),
    ],
)
def test_actionlint_sees_what_would_fail_on_github(workflows, right, wrong, complaint):
    status, said = actionlint(workflows["classroom"].replace(right, wrong))
    assert status == 1
    assert complaint in said


def test_each_action_runs_on_node_24(workflows):
    used = [each["uses"] for text in workflows.values() for each in steps(text) if "uses" in each]
    assert set(workflows) == set(PERMISSIONS)
    assert {name.partition("@v")[0] for name in used} == set(ON_NODE_24)
    old = [name for name in used if int(name.partition("@v")[2]) < ON_NODE_24[name.split("@")[0]]]
    assert not old


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_workflow_may_do_no_more_than_it_needs(workflows, name):
    assert yaml.safe_load(workflows[name])["permissions"] == PERMISSIONS[name]
    for step in steps(workflows[name]):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
