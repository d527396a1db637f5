"""Complaints to write about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from store import intake, rulebooks
from store.database import Database
from store.intake import Request
from tests.store.cases import MONDAY, reported


@pytest.fixture
def received(fresh_database: Database) -> Callable[..., Any]:
    """Receives a complaint and answers its number."""

    async def receive(**changes: Any) -> str:
        async with fresh_database.session() as session:
            accepted = await intake.accept(session, reported(**changes), Request("c-agent"))
        assert accepted.kind == intake.Kind.NEW
        return accepted.number

    return receive


@pytest_asyncio.fixture(loop_scope="session")
async def books(new_database: Any) -> AsyncIterator[Database]:
    """Books of one test's own, with the starter rulebook."""
    database = Database(new_database())
    async with database.session() as session:
        await rulebooks.publish_starter(session, at=MONDAY)
    yield database
    await database.close()


@pytest.fixture
def receive(books: Database) -> Callable[..., Any]:
    """Receives a complaint into a test's own books and answers its number."""

    async def accept(**changes: Any) -> str:
        async with books.session() as session:
            return (await intake.accept(session, reported(**changes), Request("c-agent"))).number

    return accept
