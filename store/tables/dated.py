"""Dated facts: what is true on a day whatever the rulebook says, and the count of its changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from store.tables.columns import codes, document, instant


class DatedChange(SQLModel, table=True):
    """One change; `units` are those it concerns (None: all). Versions become visible in their order."""

    __tablename__ = "dated_changes"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = instant()
    what: str
    units: list[str] | None = codes(default=None)
    by: str


class UnitCalendar(SQLModel, table=True):
    """The network's calendar under `hq`, and of each unit that has hours of its own what it adds."""

    __tablename__ = "calendars"

    unit: str = Field(primary_key=True)
    document: dict[str, Any] = document()
    changed_at: datetime = instant()
    changed_by: str


class Emergency(SQLModel, table=True):
    """应急: every unit of `region` and each of `branches`, with the units below them. `version` is its latest change."""

    __tablename__ = "emergencies"

    id: str = Field(primary_key=True)
    region: str | None = None
    branches: list[str] = codes()
    starts: datetime = instant()
    ends: datetime = instant()
    text_zh: str
    text_en: str
    stretches: bool
    holds_visits: bool
    exempts: bool
    declared_at: datetime = instant()
    declared_by: str
    lifted_at: datetime | None = instant(default=None)
    lifted_by: str | None = None
    lift_reason: str | None = None
    version: int = Field(foreign_key="dated_changes.version")


class RecordOnlyPeriod(SQLModel, table=True):
    """Rulings are made and listed but not charged; both days included."""

    __tablename__ = "record_only_periods"

    id: str = Field(primary_key=True)
    first: date
    last: date
    set_at: datetime = instant()
    set_by: str
