"""What lies around the process: words, payees, evidence, notices to deliver, rulebooks and archived histories."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import document, instant, starting_at


class Text(SQLModel, table=True):
    """Words somebody wrote, by reference. Unreferred ones are swept after a day.

    `despite` is the reason given for telling a customer what the language guard objects to; no customer reads it.
    """

    __tablename__ = "texts"
    __table_args__ = (Index("ix_texts_unreferred", "kept_at", postgresql_where=text("NOT referred")),)

    id: str = Field(primary_key=True)
    number: str = Field(index=True)
    update_id: str | None = None
    body: str
    kept_at: datetime = instant()
    referred: bool = starting_at("false", default=False)
    despite: str | None = None


class Payee(SQLModel, table=True):
    """Who is paid. The full account is for the payout provider; everybody else sees `masked`."""

    __tablename__ = "payees"

    id: str = Field(primary_key=True)
    number: str = Field(index=True)
    name: str
    relation: str
    channel: str
    account: str
    kept_at: datetime = instant()


class Evidence(SQLModel, table=True):
    """A file brought as evidence: what it is and who brought it; the bytes lie with the evidence storage under `sha256`."""

    __tablename__ = "evidence"

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="complaints.number", index=True)
    name: str
    media_type: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    brought_by: str
    brought_at: datetime = instant()


class Answer(SQLModel, table=True):
    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_final", "number", "key", postgresql_where=text("kind = 'final_response'")),)

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    kind: str
    words_ref: str
    channel: str
    told_at: datetime = instant()
    told_by: str


class Exchange(SQLModel, table=True):
    __tablename__ = "exchange"

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    round: int
    asker: str
    asked: str
    question_ref: str
    asked_at: datetime = instant()
    asked_by: str
    reply_ref: str | None = None
    confirms: bool | None = None
    replied_at: datetime | None = instant(default=None)
    replied_by: str | None = None


class Notice(SQLModel, table=True):
    """The outbox: written with the event it tells (`seq`), delivered at least once. The delivery's own times are the wall's."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_waiting", "next_try_at", postgresql_where=text("state = 'waiting' AND NOT digest")),
        Index("ix_notices_digest", "digest_day", "to", postgresql_where=text("digest")),
    )

    number: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    seq: int
    template: str
    to: str
    language: str
    params: dict[str, Any] = document(default_factory=dict)
    noted_at: datetime = instant()
    digest: bool = starting_at("false", default=False)
    state: str = starting_at("'waiting'", default="waiting")
    attempts: int = starting_at("0", default=0)
    next_try_at: datetime | None = instant(default=None, sa_column_kwargs={"server_default": text("now()")})
    lease_until: datetime | None = instant(default=None)
    sent_at: datetime | None = instant(default=None)
    last_error: str | None = None
    message_id: str | None = None
    digest_day: date | None = None


class Digest(SQLModel, table=True):
    """A day's letter to one person about everything that climbed to them (`notices.digest_day`); delivered like a notice."""

    __tablename__ = "digests"
    __table_args__ = (Index("ix_digests_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),)

    to: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    state: str = starting_at("'waiting'", default="waiting")
    attempts: int = starting_at("0", default=0)
    next_try_at: datetime = instant(sa_column_kwargs={"server_default": text("now()")})
    lease_until: datetime | None = instant(default=None)
    sent_at: datetime | None = instant(default=None)
    last_error: str | None = None
    message_id: str | None = None


class History(SQLModel, table=True):
    """A closed complaint's workflow history, run by run, kept for longer than the server remembers."""

    __tablename__ = "histories"

    number: str = Field(primary_key=True)
    run_id: str = Field(primary_key=True)
    position: int
    archived_at: datetime = instant()
    history: dict[str, Any] = document()
