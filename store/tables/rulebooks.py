"""Rulebooks: what is published, what is on its way, and who confirmed it. All three are only ever added to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import document, instant


class RulebookVersion(SQLModel, table=True):
    __tablename__ = "rulebook_versions"

    version: str = Field(primary_key=True)
    hash: str
    effective: date = Field(index=True)
    note: str = ""
    document: dict[str, Any] = document()
    published_at: datetime = instant()
    published_by: str


class RulebookDraft(SQLModel, table=True):
    """One revision of a draft; the highest is the draft as it stands."""

    __tablename__ = "rulebook_drafts"
    __table_args__ = (UniqueConstraint("version", "revision", "hash"),)

    version: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    hash: str
    effective: date
    note: str
    document: dict[str, Any] = document()


class RulebookConfirmation(SQLModel, table=True):
    """A person's word on one content; the database, too, knows that nobody gives it twice."""

    __tablename__ = "rulebook_confirmations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["version", "revision", "hash"], ["rulebook_drafts.version", "rulebook_drafts.revision", "rulebook_drafts.hash"]
        ),
        UniqueConstraint("version", "revision", "sub"),
    )

    version: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    part: str = Field(primary_key=True)
    hash: str
    sub: str
    confirmed_at: datetime = instant()
