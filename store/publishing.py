"""Rulebooks on their way: drafts revision by revision, and the three people who confirm one; with the third it is published."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.publishing import AlreadyPublished, Confirmation, Draft, Part
from domain.rulebook import BrokenRulebook, content_hash, read_rulebook
from store import rulebooks
from store.rulebooks import Stored
from store.tables import RulebookConfirmation, RulebookDraft

TAKEN = {"check", "diff", "schema"}
"""Names of routes beside the versions."""


class NoSuchDraft(LookupError):
    """Nobody has drafted that version."""


async def draft(session: AsyncSession, document: dict[str, Any], *, by: str, at: datetime) -> Draft | Stored:
    """Draft a sound document, or draft it anew: a changed one has lost its confirmations. The same content changes nothing.

    Raises BrokenRulebook, and AlreadyPublished when the version is published with other content.
    """
    rulebook, hash_ = read_rulebook(document), content_hash(document)
    if rulebook.version in TAKEN:
        raise BrokenRulebook([f"version: {rulebook.version} cannot be the name of a version"])
    await _one_at_a_time(session, rulebook.version)
    if (published := await rulebooks.get(session, rulebook.version)) is not None:
        if published.hash != hash_:
            raise AlreadyPublished(
                f"Rulebook {rulebook.version} is published with other content; give the new one its own version."
            )
        return published
    standing = await get(session, rulebook.version)
    if standing is not None and standing.hash == hash_:
        return standing
    revision = standing.revision + 1 if standing is not None else 1
    named: dict[str, Any] = {"version": rulebook.version, "revision": revision, "hash": hash_}
    session.add(RulebookDraft(**named, effective=rulebook.effective, note=rulebook.note, document=document))
    await session.flush()
    session.add(RulebookConfirmation(**named, part=Part.DRAFTER, sub=by, confirmed_at=at))
    await session.flush()
    return await _get(session, rulebook.version)


async def confirm(session: AsyncSession, version: str, part: Part, *, by: str, at: datetime, hash: str | None = None) -> Draft:
    """Confirm a draft as one of the three; with the third it is published, and `waits_for` is empty. Twice is once.

    Raises what `Draft.check` raises, NoSuchDraft, AlreadyPublished, and BrokenRulebook where what is sound has changed since.
    """
    await _one_at_a_time(session, version)
    standing = await get(session, version)
    if standing is None:
        if await rulebooks.get(session, version) is not None:
            raise AlreadyPublished(f"Rulebook {version} is published; it came with the installation.")
        raise NoSuchDraft(f"There is no draft of a rulebook {version}.")
    standing.check(part, by, hash=hash)
    if standing.by(part) == by:
        return standing
    named: dict[str, Any] = {"version": version, "revision": standing.revision, "hash": standing.hash}
    session.add(RulebookConfirmation(**named, part=part, sub=by, confirmed_at=at))
    await session.flush()
    confirmed = await _get(session, version)
    if not confirmed.waits_for:
        await rulebooks.enter(session, confirmed.document, at=at, by=confirmed.by(Part.APPROVER) or by)
    return confirmed


async def get(session: AsyncSession, version: str) -> Draft | None:
    """The draft as it stands; of a version that is published, as it was published."""
    return next(iter(await _drafts(session, version)), None)


async def under_way(session: AsyncSession) -> list[Draft]:
    """Drafts that are not published, the latest effective first."""
    published = {version.version for version in await rulebooks.versions(session)}
    return [draft for draft in await _drafts(session) if draft.version not in published]


async def confirmed(session: AsyncSession) -> dict[str, tuple[Confirmation, ...]]:
    """By version, who has confirmed it as it stands."""
    return {draft.version: draft.confirmations for draft in await _drafts(session)}


async def overtaken(session: AsyncSession, effective: date, today: date) -> Stored | None:
    """The version because of which one effective on that day would never be in force."""
    current = await rulebooks.active(session, max(today, effective))
    return current if current is not None and current.effective > effective else None


async def _get(session: AsyncSession, version: str) -> Draft:
    (standing,) = await _drafts(session, version)
    return standing


async def _drafts(session: AsyncSession, *versions: str) -> list[Draft]:
    """The highest revision of each version, or of those named, with its confirmations."""
    drafted, said = RulebookDraft, RulebookConfirmation
    highest = select(col(drafted.version), func.max(drafted.revision)).group_by(col(drafted.version))
    rows = select(drafted).where(tuple_(drafted.version, drafted.revision).in_(highest)).order_by(col(drafted.effective).desc())
    words = select(said).order_by(col(said.confirmed_at))
    if versions:
        rows, words = rows.where(col(drafted.version).in_(versions)), words.where(col(said.version).in_(versions))
    confirmations = defaultdict(list)
    for word in (await session.execute(words)).scalars():
        confirmations[word.version, word.revision].append(Confirmation(Part(word.part), word.sub, word.confirmed_at))
    return [_draft(row, confirmations[row.version, row.revision]) for row in (await session.execute(rows)).scalars()]


def _draft(row: RulebookDraft, confirmations: list[Confirmation]) -> Draft:
    return Draft(row.version, row.revision, row.hash, row.effective, row.note, row.document, tuple(confirmations))


async def _one_at_a_time(session: AsyncSession, version: str) -> None:
    """Whoever drafts or confirms a version waits for whoever is at it, so that each sees what the other did."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"rulebook {version}"})
