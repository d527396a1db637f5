"""What the quality fund is used for: proposals, and what was done with them. Only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from store.tables.columns import instant


class FundUse(SQLModel, table=True):
    """`key` is the Idempotency-Key it was proposed under."""

    __tablename__ = "fund_uses"
    __table_args__ = (Index("uq_fund_uses_key", "proposed_by", "key", unique=True, postgresql_where=text("key IS NOT NULL")),)

    id: str = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    purpose: str
    branch: str | None = None
    proposed_at: datetime = instant()
    proposed_by: str
    key: str | None = None


class FundUseAct(SQLModel, table=True):
    """Approved or refused, once; what was approved may be reversed."""

    __tablename__ = "fund_use_acts"
    __table_args__ = (
        Index("uq_fund_use_acts_decided", "use", unique=True, postgresql_where=text("act IN ('approved', 'refused')")),
    )

    use: str = Field(primary_key=True, foreign_key="fund_uses.id")
    act: str = Field(primary_key=True)
    at: datetime = instant()
    by: str
    reason: str | None = None
