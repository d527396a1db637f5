"""`amends up`, from outside: it starts, answers, stops, and survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from embedded.children import gone
from tests.embedded.amends_process import COMMAND, Place, all_gone, amends, place

NOBODY = 65534


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    with place() as somewhere:
        yield somewhere


def answers(somewhere: Place) -> bool:
    return httpx.get(f"http://127.0.0.1:{somewhere.ports[0]}/readyz", trust_env=False).is_success


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_answers_and_stops_with_everything_it_started(here: Place, word: signal.Signals) -> None:
    with amends(*here.arguments) as up:
        assert up.is_ready(), up.said
        assert answers(here)
        family = up.family()
        assert len(family) >= 2
        assert up.told(word) == 0, up.said
        assert all_gone(family)


def test_killed_and_started_again_it_finds_its_data_and_its_orphans(here: Place) -> None:
    with amends(*here.arguments) as killed:
        assert killed.is_ready(), killed.said
        orphans = killed.family()
        killed.told(signal.SIGKILL)
    assert not any(map(gone, orphans[:1]))
    with amends(*here.arguments) as again:
        assert again.is_ready(), again.said
        assert answers(here)
        assert all_gone(orphans)
        family = again.family()
        assert again.told(signal.SIGTERM) == 0, again.said
    assert all_gone(family)


def test_a_second_one_on_the_same_directory_says_whose_it_is_and_disturbs_nothing(here: Place) -> None:
    with amends(*here.arguments) as first:
        assert first.is_ready(), first.said
        with amends(*here.arguments) as second:
            assert second.ended() == 1
        assert f"The data directory {here.folder} is in use by another amends (process {first.process.pid})." in second.said
        assert answers(here)


@pytest.mark.parametrize(("which", "option"), [(0, "--port"), (1, "--temporal-port"), (2, "--ui-port")])
def test_a_taken_port_is_named_with_the_option_that_chooses_another(which: int, option: str) -> None:
    with place() as somewhere, socket.socket() as squatter:
        squatter.bind(("127.0.0.1", somewhere.ports[which]))
        squatter.listen()
        with amends(*somewhere.arguments) as up:
            assert up.ended() == 1
        assert f"Port {somewhere.ports[which]}" in up.said
        assert f"choose another with {option}" in up.said
        assert "Traceback" not in up.said


def may_run(account: dict[str, Any]) -> bool:
    try:
        return subprocess.run([*COMMAND, "--help"], capture_output=True, check=False, cwd="/", **account).returncode == 0
    except PermissionError:
        return False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_it() -> None:
    account: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "env": {**os.environ, "HOME": "/nonexistent"}}
    if not may_run(account):
        pytest.skip("an ordinary user cannot read this checkout or its environment")
    with place(owner=NOBODY) as somewhere, amends(*somewhere.arguments, **account) as up:
        assert up.is_ready(), up.said
        assert answers(somewhere)
        family = up.family()
        assert {process.uids().real for process in family} == {NOBODY}
        assert up.told(signal.SIGTERM) == 0, up.said
        assert all_gone(family)
