"""PostgreSQL and Temporal as children: found again, stopped, and told from other people's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from embedded import postgres, temporal
from embedded.children import CannotStart, free_port, gone, orphan, wait_until
from embedded.folder import held


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not ours although a pid file says so."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(question.encode())
        return answer.fetchone() if answer.description else None


def test_a_database_left_by_a_killed_predecessor_is_stopped_and_what_was_committed_is_there(folder: Path) -> None:
    predecessor = postgres.Server(folder / "postgres")
    predecessor.prepare()
    predecessor.start()
    assert predecessor.child is not None
    ask(predecessor.url("amends"), "CREATE TABLE kept AS SELECT 42 AS answer")
    with postgres.running(folder / "postgres") as url:
        assert wait_until(lambda: predecessor.child is not None and predecessor.child.poll() is not None, 5)
        assert ask(url, "SELECT answer FROM kept") == (42,)


def test_a_database_whose_server_was_killed_hard_starts_again(folder: Path) -> None:
    killed = postgres.Server(folder / "postgres")
    killed.prepare()
    killed.start()
    assert killed.child is not None
    killed.child.send_signal(signal.SIGKILL)
    killed.child.wait()
    with postgres.running(folder / "postgres") as url:
        assert ask(url, "SELECT 1") == (1,)


def test_a_stale_pid_file_naming_somebody_else_is_forgotten_and_nobody_is_harmed(
    folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    with postgres.running(folder / "postgres"):
        pass
    (folder / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder}/postgres\n")
    with postgres.running(folder / "postgres") as url:
        assert ask(url, "SELECT 1") == (1,)
    assert stranger.poll() is None


def test_a_path_too_long_for_a_socket_is_no_hindrance(folder: Path) -> None:
    with postgres.running(folder / ("deep" * 25) / "postgres") as url:
        assert ask(url, "SELECT 1") == (1,)


def test_a_directory_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letters.txt").write_text("mine")
    with (
        pytest.raises(CannotStart, match="holds something that is not a PostgreSQL cluster"),
        postgres.running(folder / "postgres"),
    ):
        pass
    assert (folder / "postgres" / "letters.txt").read_text() == "mine"


def test_a_temporal_server_left_behind_is_stopped_and_another_folders_is_not(folder: Path) -> None:
    ports = free_port(27333), free_port(27433)
    with temporal.running(folder / "other", port=ports[1]):
        other = psutil.Process(int((folder / "other" / "temporal.pid").read_text()))
        with temporal.running(folder / "ours", port=ports[0]):
            ours = psutil.Process(int((folder / "ours" / "temporal.pid").read_text()))
            with temporal.running(folder / "ours", port=ports[0]):
                assert gone(ours)
                assert not gone(other)
    assert gone(other)


def test_a_pid_file_is_believed_only_of_a_process_that_is_ours(folder: Path) -> None:
    pid_file = folder / "pid"
    assert orphan(pid_file, lambda _: True) is None
    pid_file.write_text("not a number")
    assert orphan(pid_file, lambda _: True) is None
    pid_file.write_text(f"{os.getpid()}\n")
    assert orphan(pid_file, lambda _: False) is None
    assert orphan(pid_file, lambda _: True) == psutil.Process()


def test_a_data_directory_that_cannot_be_used_is_named(folder: Path) -> None:
    (folder / "file").write_text("")
    with (
        pytest.raises(CannotStart, match=f"The data directory {folder}/file/data cannot be used"),
        held(folder / "file" / "data"),
    ):
        pass
