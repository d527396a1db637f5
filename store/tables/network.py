"""The network: its units, and its people as far as they have been seen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import codes, instant, starting_at


class Unit(SQLModel, table=True):
    __tablename__ = "units"

    code: str = Field(primary_key=True)
    kind: str
    parent: str | None = Field(default=None, foreign_key="units.code", index=True)
    name_zh: str
    name_en: str
    region: str | None = None
    phone: str | None = None
    email: str | None = None
    state: str = starting_at("'open'", default="open")
    successor: str | None = None


class StaffMember(SQLModel, table=True):
    """A person by opaque code; the name, where the installation knows it, lives here and nowhere else."""

    __tablename__ = "staff"

    sub: str = Field(primary_key=True)
    name: str | None = None
    unit: str
    roles: list[str] = codes()
    first_seen: datetime = instant()
    last_seen: datetime = instant()


class StandIn(SQLModel, table=True):
    """代理: from `first` to `last`, both included, `sub` may act as the manager of `unit`; ended early when `ended_at` is set."""

    __tablename__ = "stand_ins"
    __table_args__ = (Index("ix_stand_ins_last", "last", postgresql_where=text("ended_at IS NULL")),)

    id: str = Field(primary_key=True)
    unit: str = Field(foreign_key="units.code", index=True)
    sub: str
    first: date
    last: date
    reason: str | None = None
    named_by: str
    named_at: datetime = instant()
    ended_by: str | None = None
    ended_at: datetime | None = instant(default=None)
