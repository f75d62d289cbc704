"""Processes that should train together find each other, or say why not; none waits for ever."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from mnist_keras.cluster import meeting
from mnist_keras.cluster.meeting import DismissedError, Place, gathered, join, place_in
from mnist_keras.errors import CourseError

ASKED = {"epochs": 2}


@pytest.fixture
def places() -> list[Place]:
    port = meeting.free_port()
    return [Place(rank, 3, "127.0.0.1", port, "a key") for rank in range(3)]


def test_all_learn_where_all_can_be_reached(places):
    with ThreadPoolExecutor() as threads:
        others = [threads.submit(join, place, ASKED, 20) for place in places[1:]]
        with gathered(places[0], ASKED, 20) as gathering:
            pass
        teams = [gathering.team, *(other.result() for other in others)]
    assert [team.rank for team in teams] == [0, 1, 2]
    assert len({tuple(team.addresses) for team in teams}) == 1
    assert len(set(teams[0].addresses)) == 3
    assert json.loads(teams[2].tf_config())["task"] == {"type": "worker", "index": 2}


def test_an_absent_process_ends_the_others_within_the_bound(places):
    with ThreadPoolExecutor() as threads:
        other = threads.submit(join, places[1], ASKED, 20)
        begun = time.monotonic()
        with (
            pytest.raises(CourseError, match="process 2 of 3 did not come within 1 s"),
            gathered(places[0], ASKED, 1),
        ):
            pass
        with pytest.raises(CourseError, match="process 0 ended: process 2 of 3 did not come"):
            other.result()
    assert time.monotonic() - begun < 15


def test_without_process_0_the_others_end(places):
    with pytest.raises(CourseError, match="process 1 of 3 could not reach process 0"):
        join(places[1], ASKED, 0.5)


def test_what_process_0_refuses_all_say(places):
    with ThreadPoolExecutor() as threads:
        others = [threads.submit(join, place, ASKED, 20) for place in places[1:]]
        with pytest.raises(CourseError), gathered(places[0], ASKED, 20):
            raise CourseError("runs/fast is not empty")
        for other in others:
            with pytest.raises(CourseError, match="process 0 ended: runs/fast is not empty"):
                other.result()


def test_a_finished_run_dismisses_the_others(places):
    with ThreadPoolExecutor() as threads:
        others = [threads.submit(join, place, ASKED, 20) for place in places[1:]]
        with gathered(places[0], ASKED, 20) as gathering:
            gathering.finished = True
        for other in others:
            with pytest.raises(DismissedError):
                other.result()


def test_processes_with_other_settings_are_refused(places):
    with ThreadPoolExecutor() as threads:
        threads.submit(join, places[1], ASKED, 20)
        other = threads.submit(join, places[2], {"epochs": 3}, 20)
        with (
            pytest.raises(CourseError, match="process 2 of 3 was started with other settings"),
            gathered(places[0], ASKED, 20),
        ):
            pass
        with pytest.raises(CourseError, match="other settings"):
            other.result()


def test_strangers_at_the_port_do_no_harm(places):
    def stranger(content: bytes) -> None:
        for _ in range(50):
            try:
                with closing(socket.create_connection(("127.0.0.1", places[0].port))) as line:
                    line.sendall(content)
                return
            except OSError:
                time.sleep(0.05)

    with ThreadPoolExecutor() as threads:
        for content in (b"GET / HTTP/1.1\n", b"[]\n", b'{"key": "another", "rank": 1}\n', b"\n"):
            threads.submit(stranger, content)
        others = [threads.submit(join, place, ASKED, 20) for place in places[1:]]
        with gathered(places[0], ASKED, 20) as gathering:
            pass
        assert [other.result().addresses for other in others] == [gathering.team.addresses] * 2


def test_a_place_is_read_from_tf_config():
    cluster = {"worker": ["a:1", "b:2"]}
    said = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 1}})
    place = place_in({"TF_CONFIG": said})
    assert place is not None
    assert (place.rank, place.processes, place.host, place.port) == (1, 2, "a", 1)
    assert place.own_port == 2


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"cluster": {"worker": ["a"]}}'])
def test_a_tf_config_that_cannot_be_read_is_one_line(text):
    with pytest.raises(CourseError, match="TF_CONFIG cannot be read"):
        place_in({"TF_CONFIG": text})


def test_a_single_process_is_alone():
    assert place_in({}) is None
    assert place_in({"SLURM_JOB_ID": "1", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}) is None
    assert place_in({"SLURM_JOB_ID": "1", "SLURM_STEP_NUM_TASKS": "1"}) is None


def test_slurm_says_where_the_first_node_is(monkeypatch):
    said = {"hostnames": "n2\nn3\n", "node": "NodeName=n2 NodeAddr=10.0.0.2 NodeHostName=n2\n"}
    monkeypatch.setattr(meeting, "asked_slurm", lambda kind, *_: said[kind])
    monkeypatch.setattr(meeting.shutil, "which", lambda _: "/usr/bin/scontrol")
    slurm = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "2", "SLURM_STEP_NUM_TASKS": "2"}
    place = place_in({**slurm, "SLURM_PROCID": "1", "SLURM_STEP_NODELIST": "n[2-3]"})
    assert place is not None
    assert (place.rank, place.processes, place.host) == (1, 2, "10.0.0.2")
    assert 20_000 <= place.port < 32_000
