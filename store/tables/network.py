"""The network: its units, and its people as far as they have been seen."""

from __future__ import annotations

from datetime import datetime

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
