"""Additions of opening time, against plain stepping over the same hours: minute by minute, and from span to span.

The desk has split shifts, an October's holidays and make-up days, and a clock that changes; the amounts are such as a rulebook
names, and once in fifty 2,000 hours (not by minutes, which would take all day). All three must say the same before any is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.ground import Ground
from benchmarks.race import Lap, Result, race
from domain.calendar import DAYS, Calendar, Hours

ADDITIONS, BY_MINUTES, SECONDS = 2000, 50, 3
ZONE = ZoneInfo("Europe/Paris")
HOURS: Hours = [("08:30", "12:00"), ("13:30", "18:00")]
WEEK: dict[str, Hours] = dict.fromkeys(DAYS[:6], HOURS)
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
OVERRIDES: dict[date, Hours] = {date(2026, 10, 11): HOURS, date(2026, 12, 31): HOURS[:1]}
AMOUNTS = [timedelta(minutes=some) for some in (10, 60, 120, 240, 480, 960, 2400) for _ in range(7)] + [timedelta(hours=2000)]
MINUTE = timedelta(minutes=1)

Add = Callable[[datetime, timedelta], datetime]
Sums = list[tuple[datetime, timedelta]]


def hours(day: date) -> Hours:
    return OVERRIDES.get(day, () if day in HOLIDAYS else WEEK.get(DAYS[day.weekday()], ()))


def by_minutes(start: datetime, amount: timedelta) -> datetime:
    """One minute after the other, looking at the wall each time."""
    t, left = start, amount
    while left:
        local = t.astimezone(ZONE)
        if any(opens <= f"{local:%H:%M}" < closes for opens, closes in hours(local.date())):
            left -= MINUTE
        t += MINUTE
    return t


def by_spans(start: datetime, amount: timedelta) -> datetime:
    """One day after the other, and in it one span after the other."""
    day = start.astimezone(ZONE).date()
    while True:
        for span in hours(day):
            opens, closes = (datetime.fromisoformat(f"{day} {edge}").replace(tzinfo=ZONE).astimezone(UTC) for edge in span)
            begins = max(start, opens)
            if begins < closes and amount <= closes - begins:
                return begins + amount
            amount -= max(closes - begins, timedelta(0))
        day += timedelta(days=1)


def some_sums() -> Sums:
    """The same in every run: starts at any minute of a year."""
    dice, first = Random(2026), datetime(2026, 1, 1, tzinfo=UTC)
    return [(first + dice.randrange(365 * 1440) * MINUTE, dice.choice(AMOUNTS)) for _ in range(ADDITIONS)]


def lap(add: Add, sums: Sums) -> Lap:
    async def once() -> None:
        for start, amount in sums:
            add(start, amount)

    return once


async def run(_: Ground) -> list[str]:
    desk, sums = Calendar(WEEK, HOLIDAYS, OVERRIDES, ZONE), some_sums()
    few = [one for one in sums if one[1] < max(AMOUNTS)][:BY_MINUTES]
    assert [desk.add(*one) for one in sums] == [by_spans(*one) for one in sums]
    assert [desk.add(*one) for one in few] == [by_minutes(*one) for one in few]

    async def against(name: str, floor: Add, asked: Sums) -> Result:
        return await race(name, lap(desk.add, asked), lap(floor, asked), each=len(asked), seconds=SECONDS)

    minutes, spans = await against("calendar by minutes", by_minutes, few), await against("calendar", by_spans, sums)
    return [str(minutes), str(spans)]
