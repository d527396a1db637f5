"""Rulebooks as versions: published once, never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.rulebook import Rulebook, content_hash, read_rulebook
from domain.rulebook_schema import schema as schema
from store.rulebook_text import parse as parse
from store.tables import RulebookVersion

STARTER = "starter.yaml"
SETUP = "setup"
"""Who publishes the starter; whatever people bring is published by three of them (the database holds to that)."""


@dataclass(frozen=True)
class Stored:
    """A published version. `rulebook` is its document read; read once per content, however often it is fetched.

    What is published was checked when it was: an earlier release's document lacks what came later, and is read all the same.
    """

    version: str
    hash: str
    effective: date
    note: str
    document: dict[str, Any] = field(repr=False)
    published_at: datetime
    published_by: str

    @property
    def rulebook(self) -> Rulebook:
        if self.hash not in _read:
            _read[self.hash] = read(self.document)
        return _read[self.hash]


_read: dict[str, Rulebook] = {}


def read(document: dict[str, Any]) -> Rulebook:
    """A document checked when it was kept. What an earlier release kept lacks what came later, and is read all the same."""
    return Rulebook.model_validate(document)


async def enter(session: AsyncSession, document: dict[str, Any], *, at: datetime, by: str) -> Stored:
    """Publish a document as it is: for `store.publishing`, which knows who confirmed it, and for the starter."""
    rulebook = read_rulebook(document)
    values = {"version": rulebook.version, "hash": content_hash(document), "effective": rulebook.effective, "note": rulebook.note}
    entry = insert(RulebookVersion).values(**values, document=document, published_at=at, published_by=by)
    await session.execute(entry.on_conflict_do_nothing())
    return _stored(await session.get_one(RulebookVersion, rulebook.version))


async def publish_starter(session: AsyncSession, *, at: datetime) -> Stored:
    """The shipped rulebook, for an installation that has none; otherwise what is in force stays."""
    if (current := await active(session, at.date())) is not None:
        return current
    return await enter(session, parse((files("rulebooks") / STARTER).read_bytes()), at=at, by=SETUP)


async def active(session: AsyncSession, on: date | None = None) -> Stored | None:
    """The version in force on a day: the latest that has taken effect."""
    found = (await session.execute(_LATEST, {"day": on or date.max})).one_or_none()
    if found is None:
        return None
    # The document itself is fetched once: what is published never changes, and another register's is told by its hash and time.
    known = tuple(found)
    if known not in _active:
        _active[known] = await get(session, found.version)
    return _active[known]


async def get(session: AsyncSession, version: str) -> Stored | None:
    found = await session.get(RulebookVersion, version)
    return _stored(found) if found is not None else None


async def pinned(session: AsyncSession, version: str, hash: str) -> Rulebook:
    """The version that a complaint keeps, by the content it keeps it for; fetched once."""
    if hash not in _read:
        found = await get(session, version)
        assert found is not None, f"rulebook {version} is pinned and must be there"
        return found.rulebook
    return _read[hash]


async def versions(session: AsyncSession) -> list[Stored]:
    """Every version, newest first."""
    ordered = select(RulebookVersion).order_by(col(RulebookVersion.effective).desc(), col(RulebookVersion.published_at).desc())
    return [_stored(found) for found in (await session.execute(ordered)).scalars()]


_LATEST = text("""
    SELECT version, hash, published_at FROM rulebook_versions WHERE effective <= :day
    ORDER BY effective DESC, published_at DESC LIMIT 1
""")
_active: dict[tuple[Any, ...], Stored | None] = {}


def _stored(row: RulebookVersion) -> Stored:
    return Stored(row.version, row.hash, row.effective, row.note, row.document, row.published_at, row.published_by)
