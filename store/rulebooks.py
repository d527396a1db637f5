"""Rulebooks as text and as versions: YAML read without trust, published once, never changed afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.rulebook import BrokenRulebook, Rulebook, content_hash, read_rulebook
from store.tables import RulebookVersion

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000
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
            _read[self.hash] = Rulebook.model_validate(self.document)
        return _read[self.hash]


_read: dict[str, Rulebook] = {}


class _Loader(yaml.SafeLoader):
    """Plain YAML: bounded in depth, every key once."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BrokenRulebook([f"the document is nested deeper than {MAX_DEPTH} levels"])
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def parse(source: str | bytes) -> dict[str, Any]:
    """The document in a YAML text, as JSON would say it; BrokenRulebook when it is no honest YAML mapping."""
    raw = source.encode() if isinstance(source, str) else source
    if len(raw) > MAX_BYTES:
        raise BrokenRulebook([f"the document is larger than {MAX_BYTES // 1024} kB"])
    try:
        loader = _Loader(raw.decode())
        try:
            node = loader.get_single_node()
            if not isinstance(node, yaml.MappingNode):
                raise BrokenRulebook(["the document is not a mapping of sections"])
            _measure(node, {}, set())
            document: dict[str, Any] = json.loads(json.dumps(loader.construct_document(node), default=_plain, allow_nan=False))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as wrong:
        line = f" (line {wrong.problem_mark.line + 1})" if wrong.problem_mark else ""
        raise BrokenRulebook([f"the document is not plain YAML: {wrong.problem}{line}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as wrong:
        raise BrokenRulebook([f"the document is not plain YAML: {wrong}"]) from None
    except BrokenRulebook:
        raise
    except ValueError as wrong:
        raise BrokenRulebook([f"a value cannot be read: {wrong}"]) from None
    return document


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a rulebook")


def _measure(node: yaml.Node, sizes: dict[yaml.Node, int], above: set[yaml.Node]) -> int:
    """How many nodes a node stands for once its aliases are written out: small files may unfold into enormous ones."""
    if node in sizes:
        return sizes[node]
    if node in above:
        raise BrokenRulebook([f"line {node.start_mark.line + 1} contains itself"])
    above.add(node)
    size = 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BrokenRulebook([f"line {key.start_mark.line + 1}: a key must be a plain word"])
            if key.value in seen:
                raise BrokenRulebook([f"line {key.start_mark.line + 1}: {key.value!r} is said twice"])
            seen.add(key.value)
            size += 1 + _measure(value, sizes, above)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_measure(value, sizes, above) for value in node.value)
    above.discard(node)
    if size > MAX_NODES:
        raise BrokenRulebook(["the document unfolds into too much"])
    sizes[node] = size
    return size


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
