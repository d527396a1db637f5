"""Months of the ledger: Shanghai's, closed in order and for good (domain §5)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from domain.errors import RuleBroken

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class MonthNotOver(RuleBroken):
    """Facts of this month may still happen."""


def _a_month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise ValueError("must be a month, as in 2026-11")
    return text


Month = Annotated[str, AfterValidator(_a_month)]
"""`2026-11`; as text, months sort as they follow one another."""


def month_of(at: datetime) -> str:
    return at.astimezone(BUSINESS_ZONE).strftime("%Y-%m")


def start_of(month: str) -> datetime:
    """Midnight in Shanghai, before the first of the month."""
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=BUSINESS_ZONE)


def after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1):04}-{(number - 2) % 12 + 1:02}"


def end_of(month: str) -> datetime:
    """The first moment that is no longer in it."""
    return start_of(after(month))


def posted_in(month: str, closed: str | None) -> str:
    """The month an entry lands in: its fact's own while open, else the first open one; `closed` is the last closed month."""
    return month if closed is None or month > closed else after(closed)


def check_begun(month: str, latest: str) -> None:
    """Where complaints live ahead of the wall, months do: one may be treated as over once it, or a later one, has entries."""
    if month > latest:
        raise MonthNotOver(f"{month} has not begun; the latest with entries is {latest}.")


def check_over(month: str, now: datetime) -> None:
    if now < end_of(month):
        raise MonthNotOver(f"{month} is not over yet; it ends with {end_of(month):%Y-%m-%d} 00:00 in Shanghai.")
