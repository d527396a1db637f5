"""The migrated schema is the tables' schema."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from store.database import as_url
from store.migrate import config, upgrade


def test_the_migrated_schema_agrees_with_the_tables(fresh_database_url: str) -> None:
    engine = create_engine(as_url(fresh_database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(fresh_database_url: str) -> None:
    upgrade(fresh_database_url)
    engine = create_engine(as_url(fresh_database_url))
    with engine.connect() as connection:
        newest = ScriptDirectory.from_config(config(connection)).get_heads()
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == newest
    engine.dispose()
