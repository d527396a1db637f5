"""A month in a route, and whether it is over: by the wall's clock, or where complaints live ahead of it, by theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from api.office import Office
from domain.months import Month, check_begun, check_over, month_of
from store import months

AMonth = Annotated[Month, Path(description="A month of Shanghai's calendar, as in 2026-11.")]


async def is_over(office: Office, session: AsyncSession, month: str, now: datetime) -> None:
    """Raises `MonthNotOver`."""
    if office.settings.virtual_time:
        check_begun(month, max(month_of(now), await months.latest(session) or ""))
    else:
        check_over(month, now)
