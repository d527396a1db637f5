"""One parcel, one claim: what the complaints about a waybill claim together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.tables.columns import instant


class Claim(SQLModel, table=True):
    """One row a waybill: whoever claims for the parcel holds it."""

    __tablename__ = "claims"

    waybill: str = Field(primary_key=True)
    opened_at: datetime = instant()


class ClaimPart(SQLModel, table=True):
    """A payment that was granted; from when it is sent, `payments` says what became of it. `key` is the payment's.

    `computed` is what the rulebook computed in all for its complaint then.
    """

    __tablename__ = "claim_parts"

    key: str = Field(primary_key=True)
    waybill: str = Field(foreign_key="claims.waybill", index=True)
    number: str
    amount: int = Field(sa_type=BigInteger)
    computed: int = Field(sa_type=BigInteger)
    granted_at: datetime = instant()
