"""Clocks of days that begin after closing, keep the time of day, or end at an opening."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import DAYS, Calendar
from domain.clocks import due
from domain.plan import ContractClock, DaysEnd, DaysStart
from domain.values import Measure

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = Calendar({day: [("08:30", "12:00"), ("13:30", "18:00")] for day in DAYS[:6]}, tz="Asia/Shanghai")
AS_IS, REOPENED = DaysStart
DAY, TIME_OF_DAY, OPENING = DaysEnd
WORKING, CALENDAR = Measure.WORKING_DAYS, Measure.CALENDAR_DAYS


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "measure", "days", "starts", "ends", "expected"),
    [
        ("02 19:00", WORKING, 1, AS_IS, DAY, "03 18:00"),
        ("02 19:00", WORKING, 1, REOPENED, DAY, "04 18:00"),
        ("02 17:00", WORKING, 1, REOPENED, DAY, "03 18:00"),
        ("02 19:00", WORKING, 1, AS_IS, TIME_OF_DAY, "03 19:00"),
        ("02 19:00", WORKING, 1, REOPENED, TIME_OF_DAY, "04 08:30"),
        ("02 19:00", WORKING, 1, AS_IS, OPENING, "04 08:30"),
        ("02 12:45", WORKING, 2, AS_IS, OPENING, "04 13:30"),
        ("08 10:00", WORKING, 1, AS_IS, TIME_OF_DAY, "10 10:00"),
        ("08 10:00", WORKING, 1, AS_IS, OPENING, "10 08:30"),
        ("02 19:00", CALENDAR, 6, AS_IS, DAY, "09 00:00"),
        ("02 19:00", CALENDAR, 6, REOPENED, DAY, "10 00:00"),
        ("02 19:00", CALENDAR, 6, AS_IS, TIME_OF_DAY, "08 19:00"),
        ("02 19:00", CALENDAR, 6, REOPENED, TIME_OF_DAY, "09 08:30"),
        ("02 19:00", CALENDAR, 6, AS_IS, OPENING, "09 08:30"),
        ("02 10:00", CALENDAR, 7, AS_IS, OPENING, "09 10:00"),
    ],
)
def test_a_clock_of_days_starts_and_ends_as_the_rulebook_says(
    start: str, measure: Measure, days: int, starts: DaysStart, ends: DaysEnd, expected: str
) -> None:
    assert due(ContractClock(measure=measure, days=days, starts=starts, ends=ends), at(start), DESK) == at(expected)


def test_the_least_time_a_clock_leaves_holds_for_every_end() -> None:
    rule = ContractClock(measure=WORKING, days=0, ends=TIME_OF_DAY, at_least=timedelta(hours=1))
    assert due(rule, at("02 10:00"), DESK) == at("02 11:00")
