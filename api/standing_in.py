"""Who stands in for a manager today (代理), asked of the register at most once a second."""

from __future__ import annotations

import time
from datetime import date, datetime
from math import inf

from sqlalchemy.ext.asyncio import AsyncSession

from store import stand_ins
from store.intake import BUSINESS_ZONE


def today() -> date:
    return datetime.now(BUSINESS_ZONE).date()


class StandingIn:
    FRESH = 1.0

    def __init__(self) -> None:
        self._asked = -inf
        self._found: dict[str, tuple[str, ...]] = {}

    def forget(self) -> None:
        """Somebody was named, or ended it, just now."""
        self._asked = -inf

    def fresh(self) -> bool:
        return time.monotonic() - self._asked <= self.FRESH

    async def look(self, session: AsyncSession) -> None:
        self._found, self._asked = await stand_ins.standing_in(session, today()), time.monotonic()

    def units(self, sub: str) -> tuple[str, ...]:
        return self._found.get(sub, ())
