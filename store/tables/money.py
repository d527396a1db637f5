"""Money: what is owed and paid to customers, and the network's ledger (append-only, each posting summing to zero)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import codes, document, instant


class Compensation(SQLModel, table=True):
    __tablename__ = "compensations"

    number: str = Field(primary_key=True)
    round: int = Field(primary_key=True)
    computed: int | None = Field(default=None, sa_type=BigInteger)
    proposed: int | None = Field(default=None, sa_type=BigInteger)
    approved: int | None = Field(default=None, sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=BigInteger)
    state: str
    explanation: list[dict[str, Any]] = document(default_factory=list)
    missing: list[str] = codes(default_factory=list)
    maker: str | None = None
    approved_by: str | None = None
    reason_ref: str | None = None


class Payment(SQLModel, table=True):
    """`key` is the idempotency key with the provider."""

    __tablename__ = "payments"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    amount: int = Field(sa_type=BigInteger)
    state: str
    provider: str
    payee_ref: str | None = None
    reference: str | None = None
    sent_at: datetime = instant()
    settled_at: datetime | None = instant(default=None)


class PayoutEvent(SQLModel, table=True):
    """What a payout provider's webhook said, once an event: a copy of it says nothing new. `heard_at`: the process knows."""

    __tablename__ = "payout_events"
    __table_args__ = (Index("ix_payout_events_payment", "payment"),)

    provider: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    payment: str
    state: str
    received_at: datetime = instant()
    heard_at: datetime | None = instant(default=None)


class Posting(SQLModel, table=True):
    """A set of entries that happened once: `key` names the business event within the complaint.

    `month` is the fact's own, or the first open one (the database sees to it). `seq` is the fact that posted it, `posted_by`
    whose act that was.
    """

    __tablename__ = "postings"
    __table_args__ = (
        Index("ix_postings_month", "month", "posted_at"),
        Index("ix_postings_reverses", "number", "reverses", postgresql_where=text("reverses IS NOT NULL")),
    )

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    kind: str
    posted_at: datetime = instant()
    month: str
    review: str | None = None
    clause: str | None = None
    reverses: str | None = None
    seq: int | None = None
    posted_by: str | None = None


class LedgerEntry(SQLModel, table=True):
    """A signed sum (fen) on an account; `id` is `<number>:<key>:<position>`."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(["number", "key"], ["postings.number", "postings.key"]),
        Index("ix_ledger_entries_posting", "number", "key"),
    )

    id: str = Field(primary_key=True)
    number: str
    key: str
    account: str = Field(index=True)
    amount: int = Field(sa_type=BigInteger)


class LedgerTotal(SQLModel, table=True):
    """What an account moved in a month: the sum of its entries, kept by the database with each of them."""

    __tablename__ = "ledger_totals"

    account: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    moved: int = Field(sa_type=BigInteger)
    entries: int = Field(sa_type=BigInteger)


class LedgerMonth(SQLModel, table=True):
    """A month that is closed, and with it every month before."""

    __tablename__ = "ledger_months"

    month: str = Field(primary_key=True)
    closed_at: datetime = instant()
    closed_by: str
