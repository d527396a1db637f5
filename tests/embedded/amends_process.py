"""`amends` as its user meets it: a process, its words, its children, and what is left of it afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from embedded.children import free_port, gone, wait_until

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, str(ROOT / "cli.py"))
READY = "Amends is ready"


@dataclass
class Amends:
    process: subprocess.Popen[str]
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.words.extend(lines)

    @property
    def said(self) -> str:
        return "".join(self.words)

    def is_ready(self) -> bool:
        assert wait_until(lambda: READY in self.said or self.process.poll() is not None, 90), self.said
        return READY in self.said

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def told(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(60)
        self._reading.join(10)
        return code


@contextmanager
def amends(*arguments: str, command: tuple[str, ...] = COMMAND, **popen: Any) -> Iterator[Amends]:
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        **popen,
    )
    one = Amends(process)
    try:
        yield one
    finally:
        if process.poll() is None:
            one.told(signal.SIGTERM)


@dataclass(frozen=True)
class Place:
    """A data directory and ports nobody else uses."""

    folder: Path
    ports: tuple[int, int, int]

    @property
    def arguments(self) -> tuple[str, ...]:
        api, temporal, ui = map(str, self.ports)
        return ("up", "--data", str(self.folder), "--port", api, "--temporal-port", temporal, "--ui-port", ui)


@contextmanager
def place(owner: int | None = None) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder:
        if owner is not None:
            os.chown(folder, owner, owner)
        ports = free_port(28080), free_port(27233), free_port(28233)
        yield Place(Path(folder) / "data", ports)


def all_gone(processes: list[psutil.Process]) -> bool:
    return wait_until(lambda: all(map(gone, processes)), 20)
