"""Alembic's way in: migrate over the connection `store.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import store.tables  # noqa: F401 - the tables enter SQLModel.metadata when imported

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
