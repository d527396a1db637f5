"""The one way to PostgreSQL: an async engine on psycopg 3, and sessions that commit when they end well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

CONNECT_TIMEOUT_SECONDS = 3
SERVER_SETTINGS = ("statement_timeout=15000", "idle_in_transaction_session_timeout=60000", "timezone=UTC")


def as_url(url: str) -> URL:
    """A `postgresql://` address, as tools write it, on the driver Amends uses."""
    given = make_url(url)
    return given.set(drivername="postgresql+psycopg") if given.drivername in ("postgresql", "postgres") else given


class Database:
    """A pool of connections to one register. Close it before the event loop ends.

    `pre_ping` asks a pooled connection whether it still lives before each use; a worker, whose writes are retried anyway,
    may spare itself the round trip.
    """

    def __init__(self, url: str, *, pool_size: int = 10, max_overflow: int = 10, pre_ping: bool = True) -> None:
        self.engine: AsyncEngine = create_async_engine(
            as_url(url),
            pool_pre_ping=pre_ping,
            hide_parameters=True,  # an error in a log never shows whose data it was about
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=10,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "application_name": "amends",
                "client_encoding": "utf8",  # whatever the server would choose: Chinese arrives whole
                "options": " ".join(f"-c {setting}" for setting in SERVER_SETTINGS),
            },
        )
        self._sessions = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._alone = async_sessionmaker(alone, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncSession]:
        """Each statement is its own transaction: for one alone, with no BEGIN and COMMIT to wait for."""
        async with self._alone() as session:
            yield session

    async def ping(self) -> None:
        """Raise when the register cannot be reached."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()
