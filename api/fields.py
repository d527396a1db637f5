"""The kinds of field a request has: money, times, codes and words, each with the bounds of what can be meant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=5 * 366)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PHONE = re.compile(r"\+?[\d\s().#*-]*\d[\d\s().#*-]*")


class Body(BaseModel):
    """A request body: unknown fields are mistakes, and nothing is coerced into what it is not."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds control characters; send plain text")
    return text


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("must be a time with its offset, as in 2026-05-23T09:00:00+08:00 (RFC 3339)")
    return value


def _sane(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= datetime.now(UTC) + FARTHEST:
        raise ValueError("must lie between 2000 and five years from now")
    return moment


def _past(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + timedelta(minutes=1):
        raise ValueError("lies in the future")
    return moment


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("must be a date, as in 2026-05-23")
    return value


def _sane_day(day: date) -> date:
    # Whether it lies in the future, the complaint's own clock says: it may be ahead of the wall's.
    if not EARLIEST.date() <= day <= (datetime.now(UTC) + FARTHEST).date():
        raise ValueError("must lie between 2000 and five years from now")
    return day


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text) or not 3 <= sum(c.isdigit() for c in text) <= 20:
        raise ValueError("is not a telephone number")
    return text


_Trimmed = StringConstraints(strip_whitespace=True, min_length=1)
Words = Annotated[str, _Trimmed, Field(max_length=4000), AfterValidator(_printable)]
"""Free text, kept in the register and only referred to by the process."""
Line = Annotated[str, _Trimmed, Field(max_length=120), AfterValidator(_printable)]
Code = Annotated[str, _Trimmed, Field(max_length=80, pattern=r"^[\w.@:+-]+$")]
"""A code: of a unit, a category, a clause, a person."""
Email = Annotated[str, _Trimmed, Field(max_length=254, pattern=r"^[^@\s<>\x00-\x1f]+@[^@\s<>\x00-\x1f]+\.[^@\s<>\x00-\x1f]+$")]
Phone = Annotated[str, _Trimmed, Field(max_length=40), AfterValidator(_phone)]
When = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_sane)]
Past = Annotated[When, AfterValidator(_past)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_sane_day)]
Count = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
Pieces = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
"""How many pieces (件) a parcel has: at least one."""
Despite = Annotated[Words | None, Field(description="Why it is said although the language guard asks for another wording.")]
Percent = Annotated[int, Strict(), Field(ge=0, le=100)]
Yes = Annotated[bool, Strict()]


class Money(Body):
    """Minor units of CNY (fen)."""

    amount: Annotated[int, Strict(), Field(ge=0, le=100_000_000_00)]
    currency: Literal["CNY"]


def _insures(value: Money) -> Money:
    if value.amount == 0:
        raise ValueError("insures the parcel for nothing; leave it out when it is not insured")
    return value


Insured = Annotated[Money, AfterValidator(_insures)]
"""A declared value: the parcel is insured for that sum."""
