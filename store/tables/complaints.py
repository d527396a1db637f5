"""The complaint itself: as received, as it stands, what it waits for, and its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import codes, document, instant, starting_at


class Complainant(SQLModel, table=True):
    """Who complains: personal data, seen by those who handle the case. `hash` is the keyed hash of phone, else e-mail."""

    __tablename__ = "complainants"

    id: int | None = Field(default=None, primary_key=True)
    hash: str = Field(index=True)
    role: str
    name: str
    phone: str | None = Field(default=None, index=True)
    email: str | None = None
    language: str = "zh"


class Complaint(SQLModel, table=True):
    """First as received (never changed by the process), then as it stands (written by the process alone).

    `continued_by` and `reopened_at` are the register's own: the process has ended when another complaint continues it.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        Index("ix_complaints_units", "units", postgresql_using="gin"),
        Index("ix_complaints_received", "received_at", "number"),
        Index("ix_complaints_running", "number", postgresql_where=text("started_at IS NOT NULL AND closed_at IS NULL")),
        Index("ix_complaints_lost", "lost_at", postgresql_where=text("lost_at IS NOT NULL AND closed_at IS NULL")),
        Index("ix_complaints_unstarted", "received_at", postgresql_where=text("started_at IS NULL")),
        Index(
            "uq_complaints_open",
            "reported_waybill",
            "complainant_hash",
            "reported_category",
            unique=True,
            postgresql_where=text("closed_at IS NULL AND status <> 'closed' AND reported_waybill IS NOT NULL"),
        ),
        Index(
            "ix_complaints_unweighed",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL AND (weighed_at IS NULL OR reopened_at > weighed_at)"),
        ),
    )

    number: str = Field(primary_key=True)
    uuid: str
    received_at: datetime = instant()
    received_by: str
    channel: str
    complainant_id: int = Field(foreign_key="complainants.id")
    complainant_hash: str = Field(index=True)
    complainant: str
    language: str = "zh"
    reported_category: str
    reported_waybill: str | None = None
    description_ref: str
    text_digest: str
    remedy_sought: str | None = None
    region: str | None = None
    freight: int | None = Field(default=None, sa_type=BigInteger)
    declared_value: int | None = Field(default=None, sa_type=BigInteger)
    claimed: int | None = Field(default=None, sa_type=BigInteger)
    promised_at: datetime | None = instant(default=None)
    delivered_at: datetime | None = instant(default=None)
    customer_deadline: datetime | None = instant(default=None)
    pieces: int | None = None
    hold_for_release: bool = False
    payee_ref: str | None = None
    ticket: str | None = Field(default=None, unique=True)
    batch: str | None = Field(default=None, index=True)
    solved_on_spot: bool = False
    rulebook_version: str
    rulebook_hash: str
    intake: dict[str, Any] = document()
    started_at: datetime | None = instant(default=None)
    archived_at: datetime | None = instant(default=None)
    lost_at: datetime | None = instant(default=None)
    weighed_at: datetime | None = instant(default=None)
    applied_seq: int = 0
    continues: str | None = Field(default=None, unique=True)
    continues_why: str | None = None
    continued_by: str | None = None
    reopened_at: datetime | None = instant(default=None)

    status: str
    stage: str
    outcome: str | None = None
    severity: str
    issue_count: int = 1
    chase_count: int = 0
    hand_on_count: int = 0
    round: int = 1
    category: str
    waybill: str | None = Field(default=None, index=True)
    origin: str | None = None
    destination: str | None = None
    hub: str | None = None
    owner: str
    handler: str
    units: list[str] = codes()
    liable: list[str] = codes(default_factory=list)
    resolved_at: datetime | None = instant(default=None)
    closed_at: datetime | None = instant(default=None)
    merged_into: str | None = None
    regulator_appeal: str | None = None
    dated_version: int = starting_at("0", default=0)


class Obligation(SQLModel, table=True):
    """Who owes what by when. Inboxes and `waiting` read nothing else."""

    __tablename__ = "obligations"
    __table_args__ = (Index("ix_obligations_open", "due", "number", "key", postgresql_where=text("opened AND ending IS NULL")),)

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    owed: str
    role: str
    unit: str
    sub: str | None = None
    since: datetime = instant()
    opens_at: datetime = instant()
    due: datetime = instant()
    measure: str
    kind: str
    opened: bool
    late: bool
    next_at: datetime | None = instant(default=None)
    next_does: str | None = None
    next_role: str | None = None
    next_unit: str | None = None
    ended_at: datetime | None = instant(default=None)
    ending: str | None = None
    paused_until: datetime | None = instant(default=None)
    late_since: datetime | None = instant(default=None)
    late_unit: str | None = None
    late_by: int | None = None
    late_clock: dict[str, Any] | None = document(default=None)


class TimelineEntry(SQLModel, table=True):
    """One business event; append-only in the database."""

    __tablename__ = "timeline"

    number: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = instant()
    name: str
    actor: str
    role: str
    details: dict[str, Any] = document(default_factory=dict)


class Decision(SQLModel, table=True):
    """A decision that was taken, for the same one sent again; `seq` is the fact that records it."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_digest", "number", "digest"),)

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    told: dict[str, Any] = document(default_factory=dict)
    seq: int


class FurtherCall(SQLModel, table=True):
    """A call about an open complaint, kept until its workflow has taken it; `command` is what is handed over."""

    __tablename__ = "further_calls"
    __table_args__ = (Index("ix_further_calls_waiting", "at", postgresql_where=text("handed_over_at IS NULL")),)

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="complaints.number", index=True)
    at: datetime = instant()
    text_ref: str | None = None
    text_digest: str | None = None
    command: dict[str, Any] = document()
    handed_over_at: datetime | None = instant(default=None)
    answer: dict[str, Any] | None = document(default=None)


class IntakeRequest(SQLModel, table=True):
    """An Idempotency-Key of POST /complaints: what it opened, or which further call it was."""

    __tablename__ = "intake_requests"

    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    number: str
    call: str | None = None
