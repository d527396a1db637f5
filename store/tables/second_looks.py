"""What was drawn for a second look by HQ quality, and what it came to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import codes, instant


class SecondLook(SQLModel, table=True):
    """复看 of a closed complaint; until `until` HQ quality may open a review of it. `result` is `fine` or `reviewed`."""

    __tablename__ = "second_looks"
    __table_args__ = (Index("ix_second_looks_open", "closed_at", "number", postgresql_where=text("looked_at IS NULL")),)

    number: str = Field(primary_key=True, foreign_key="complaints.number")
    closed_at: datetime = instant()
    drawn_at: datetime = instant()
    until: datetime = instant()
    why: list[str] = codes()
    differs: list[str] = codes(default_factory=list)
    looked_at: datetime | None = instant(default=None)
    looked_by: str | None = None
    result: str | None = None
    words_ref: str | None = None
    review: str | None = None
