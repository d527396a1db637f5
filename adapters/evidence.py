"""Where evidence lies: files in the data directory, named by their SHA-256, so that none is kept twice or changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

KINDS: dict[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3"),
    "video/mp4": (b"\x00\x00\x00",),
    "text/plain": (b"",),
}
"""Types taken, and how such files begin."""

Scan = Callable[[bytes], Awaitable[str | None]]
"""Looks at a file before it is kept; answers what is wrong with it, or None."""


class NotTaken(Exception):
    """This file is not kept; the message says why."""


async def _no_scanner(content: bytes) -> str | None:
    return None


class EvidenceStorage:
    """`scan` is the hook for a virus scanner."""

    def __init__(self, directory: Path, *, limit: int, scan: Scan = _no_scanner) -> None:
        self._directory, self._limit, self._scan = directory, limit, scan

    async def keep(self, content: bytes, media_type: str) -> str:
        """Keep a file and answer its SHA-256, or raise `NotTaken`."""
        if media_type not in KINDS:
            raise NotTaken(f"Evidence of type {media_type or 'unknown'} is not taken; {', '.join(sorted(KINDS))} are.")
        if not 0 < len(content) <= self._limit:
            raise NotTaken(f"Evidence holds between 1 byte and {self._limit // 2**20} MiB.")
        if not content.startswith(KINDS[media_type]) or (media_type == "text/plain" and b"\0" in content):
            raise NotTaken(f"The file is not what it says it is ({media_type}).")
        if fault := await self._scan(content):
            raise NotTaken(fault)
        return await asyncio.to_thread(self._write, content)

    async def keep_own(self, content: bytes) -> str:
        """Keep a document that the house wrote itself, whatever it is."""
        return await asyncio.to_thread(self._write, content)

    async def fetch(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self._path(sha256).read_bytes)

    def _path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / sha256

    def _write(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        return sha256
