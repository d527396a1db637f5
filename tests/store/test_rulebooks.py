"""Rulebooks are read without trust and published once."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

from store import rulebooks
from store.database import Database
from tests.store.cases import MONDAY

STARTER = (files("rulebooks") / "starter.yaml").read_text("utf-8")


async def test_the_starter_is_published_once(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        first = await rulebooks.publish_starter(session, at=MONDAY)
        assert await rulebooks.publish_starter(session, at=MONDAY) == first
        assert await rulebooks.active(session) == await rulebooks.get(session, first.version) == first
        assert [version.version for version in await rulebooks.versions(session)] == [first.version]
        assert await rulebooks.active(session, date(2000, 1, 1)) is None
        assert await rulebooks.get(session, "none") is None
        assert first.rulebook.version == first.version
