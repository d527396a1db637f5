"""What the process decides besides money: findings, reviews and their lines, visits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import codes, document, instant, starting_at


def _nothing_yet() -> Any:
    return document(default_factory=list, sa_column_kwargs={"server_default": text("'[]'::jsonb")})


class Findings(SQLModel, table=True):
    __tablename__ = "findings"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    validity: str
    cause_ref: str | None = None
    cause_code: str | None = None
    category: str
    remedy_ref: str | None = None
    liable: list[dict[str, Any]] = document(default_factory=list)
    facts: dict[str, Any] = document(default_factory=dict)
    resolved_on_spot: bool = False
    submitted_at: datetime = instant()
    submitted_by: str
    returned_ref: str | None = None


class PenaltyReview(SQLModel, table=True):
    """HQ's review of one round; `key` is its public id, `<number>-R<round>`."""

    __tablename__ = "penalty_reviews"
    __table_args__ = (Index("ix_penalty_reviews_going", "number", postgresql_where=text("final_at IS NULL")),)

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    status: str
    severity: str
    claimant: str
    respondents: list[str] = codes()
    statements: list[dict[str, Any]] = document(default_factory=list)
    agreements: list[dict[str, Any]] = _nothing_yet()
    contested: list[dict[str, Any]] = _nothing_yet()
    ruling: dict[str, Any] | None = document(default=None)
    appeals: list[dict[str, Any]] = document(default_factory=list)
    appeal_decision: dict[str, Any] | None = document(default=None)
    opened_at: datetime = instant(index=True)
    final_at: datetime | None = instant(default=None)
    lapsed: bool = starting_at("false", default=False)
    opened_by: str | None = None
    opening_ref: str | None = None
    about: list[str] = codes(default_factory=list, sa_column_kwargs={"server_default": text("'{}'::text[]")})
    evidence: list[str] = codes(default_factory=list, sa_column_kwargs={"server_default": text("'{}'::text[]")})


class PenaltyLine(SQLModel, table=True):
    """One unit under one clause: ruled, and what remains (fen). What is not `charged` fell into a record-only period."""

    __tablename__ = "penalty_lines"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    review: str
    unit: str = Field(index=True)
    clause: str
    parcels: int
    amount: int = Field(sa_type=BigInteger)
    appealed: str | None = None
    remaining: int = Field(sa_type=BigInteger)
    final: bool = False
    happened_on: date | None = None
    charged: bool = starting_at("true", default=True)
    arithmetic: str | None = None
    arithmetic_zh: str | None = None
    found: bool = starting_at("false", default=False)


class PenaltyEvent(SQLModel, table=True):
    """Which review penalises what happened to a parcel on a day; the database takes it with every line that is written."""

    __tablename__ = "penalty_events"
    __table_args__ = (Index("ix_penalty_events_review", "number", "review"),)

    waybill: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    clause: str = Field(primary_key=True)
    happened_on: date = Field(primary_key=True)
    number: str
    review: str
    taken_at: datetime = instant()


class Correction(SQLModel, table=True):
    """更正 of a final review: `key` is its public id, `<number>-R<round>-C<n>`, and its process's."""

    __tablename__ = "corrections"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    review: str
    status: str
    opened_at: datetime = instant()
    opened_by: str
    reasons_ref: str
    evidence: list[str] = document(default_factory=list)
    due: datetime = instant()
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = None
    decision_ref: str | None = None
    lines: list[dict[str, Any]] = document(default_factory=list)
    shares: list[dict[str, Any]] = document(default_factory=list)


class Visit(SQLModel, table=True):
    __tablename__ = "visits"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    visit: int
    result: str
    channel: str
    words_ref: str | None = None
    score: int | None = None
    made_at: datetime = instant()
    made_by: str
    final: bool
