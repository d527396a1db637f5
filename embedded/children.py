"""Processes we started, or find again after having been killed: recognised, stopped, and never mistaken for somebody else's."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import structlog

log = structlog.get_logger(__name__)

LOOKS_EVERY = 0.5


class CannotStart(Exception):
    """Something on this machine stands in the way; the message says what, and what to do."""


def gone(process: psutil.Process) -> bool:
    """A zombie is gone too: nobody may be there to reap an orphan."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def orphan(pid_file: Path, is_ours: Callable[[psutil.Process], bool]) -> psutil.Process | None:
    """The process whose id stands in the file's first line, if it still runs and is really ours."""
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        return process if not gone(process) and is_ours(process) else None
    except (OSError, ValueError, psutil.Error):
        return None


def stop(process: psutil.Process, *signals: int, patience: float) -> None:
    """Send the signals one after the other, each with `patience` seconds to take effect."""
    for signal in signals:
        try:
            process.send_signal(signal)
        except psutil.NoSuchProcess:
            return
        if wait_until(lambda: gone(process), patience):
            return


@contextmanager
def kept_running(name: str, ended: Callable[[], bool], start: Callable[[], None]) -> Iterator[None]:
    """While the block runs, a child that ended without being told to is started again; what depends on it waits."""
    leaving = threading.Event()

    def watch() -> None:
        while not leaving.wait(LOOKS_EVERY):
            if ended():
                log.warning("child_ended_by_itself", child=name)
                try:
                    start()
                except (CannotStart, OSError) as refused:
                    log.error("child_not_started", child=name, reason=str(refused))

    watching = threading.Thread(target=watch, name=f"{name} is kept running", daemon=True)
    watching.start()
    try:
        yield
    finally:
        leaving.set()
        watching.join()


def wait_until(happened: Callable[[], bool], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def insist_on_port(host: str, port: int, *, what: str, option: str) -> None:
    if not port_is_free(host, port):
        raise CannotStart(
            f"Port {port}, where {what} should listen, is taken. Stop what uses it, or choose another with {option}."
        )


def free_port(preferred: int, host: str = "127.0.0.1") -> int:
    """The preferred port, or any other when that one is taken."""
    if port_is_free(host, preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def last_words(log: Path, lines: int = 5) -> str:
    """The end of a child's log, for the sentence that says why it did not start."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
