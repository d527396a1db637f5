"""Bringing a register's schema up to date; safe to run again, and by several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, text

from store.database import CONNECT_TIMEOUT_SECONDS, as_url

LOCK = 0x416D656E6473
"""“Amends”: one migration at a time."""


def config(connection: Connection) -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    alembic.attributes["connection"] = connection
    return alembic


def upgrade(url: str) -> None:
    """To the newest schema this code knows. Blocking: from async code, call it in a thread."""
    engine = create_engine(
        as_url(url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS, "client_encoding": "utf8"}
    )
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(config(connection), "head")
    finally:
        engine.dispose()
