"""The HQ penalty sheet: its revisions, what was done with them, what a signed one holds and what of it is executed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import document, instant


class PenaltySheet(SQLModel, table=True):
    """One revision of a month's sheet: what it listed when it was drafted."""

    __tablename__ = "penalty_sheets"

    month: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    lines: list[dict[str, Any]] = document(default_factory=list)
    hash: str
    drafted_at: datetime = instant()
    drafted_by: str


class PenaltySheetAct(SQLModel, table=True):
    """Sent back, signed or published; `hash` is of what that was done with. A month is signed once."""

    __tablename__ = "penalty_sheet_acts"
    __table_args__ = (
        ForeignKeyConstraint(["month", "revision"], ["penalty_sheets.month", "penalty_sheets.revision"]),
        Index("uq_penalty_sheet_acts_once", "month", "act", unique=True, postgresql_where=text("act <> 'returned'")),
    )

    month: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    act: str = Field(primary_key=True)
    at: datetime = instant()
    by: str
    hash: str
    reason: str | None = None


class PenaltySheetLine(SQLModel, table=True):
    """A line of a signed sheet: it is on no other. `line` is `<number>:<posting>`."""

    __tablename__ = "penalty_sheet_lines"

    line: str = Field(primary_key=True)
    month: str = Field(index=True)


class PenaltySheetMark(SQLModel, table=True):
    """A line that finance has executed."""

    __tablename__ = "penalty_sheet_marks"

    line: str = Field(primary_key=True, foreign_key="penalty_sheet_lines.line")
    at: datetime = instant()
    by: str
    reference: str | None = None
