"""Complaints to write about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from store import intake
from store.database import Database
from store.intake import Request
from tests.store.cases import reported


@pytest.fixture
def received(fresh_database: Database) -> Callable[..., Any]:
    """Receives a complaint and answers its number."""

    async def receive(**changes: Any) -> str:
        async with fresh_database.session() as session:
            accepted = await intake.accept(session, reported(**changes), Request("c-agent"))
        assert accepted.kind == intake.Kind.NEW
        return accepted.number

    return receive
