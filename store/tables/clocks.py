"""What moves a complaint's clocks, as its process tells it: pauses, delays, promises, and lateness lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.tables.columns import document, instant, starting_at


class Pause(SQLModel, table=True):
    __tablename__ = "pauses"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    reason_code: str | None = None
    reason_ref: str
    starts: datetime = instant()
    ends: datetime = instant()
    set_by: str
    ended_by: str | None = None
    ended: bool = False


class Delay(SQLModel, table=True):
    """申请延迟: `granted` is empty until somebody decides."""

    __tablename__ = "delays"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    obligation: str
    owed: str
    until: datetime = instant()
    reason_ref: str
    asked_at: datetime = instant()
    asked_by: str
    granted: bool | None = None
    decision_ref: str | None = None
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = None


class Promise(SQLModel, table=True):
    __tablename__ = "promises"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    what_ref: str
    unit: str
    promised_at: datetime = instant()
    promised_by: str
    due: datetime = instant()
    kept_at: datetime | None = instant(default=None)
    words_ref: str | None = None


class Lateness(SQLModel, table=True):
    """A lateness line for the monthly sheet once it `stands`; not `charged` in a record-only period."""

    __tablename__ = "lateness_lines"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    obligation: str
    owed: str
    unit: str = Field(index=True)
    clause: str
    amount: int = Field(sa_type=BigInteger)
    late_since: datetime = instant()
    opened_at: datetime = instant()
    objection_until: datetime = instant()
    charged: bool = True
    state: str = starting_at("'open'", default="open")
    objection: dict[str, Any] | None = document(default=None)
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = None
    decision_ref: str | None = None
