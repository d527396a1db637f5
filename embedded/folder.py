"""The data directory, held by one `amends` at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.children import CannotStart


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make the directory if need be and lock it. The kernel drops the lock with the process, even one killed with -9."""
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as refused:
        raise CannotStart(f"The data directory {folder} cannot be used: {refused.strerror}.") from refused
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as busy:
            holder = os.pread(lock, 20, 0).decode().strip() or "unknown"
            raise CannotStart(f"The data directory {folder} is in use by another amends (process {holder}).") from busy
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield folder
    finally:
        os.close(lock)
