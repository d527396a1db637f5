"""Opening hours: tables of what desks do, and properties against a slow oracle that walks minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import DAYS, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = [("08:30", "12:00"), ("13:30", "18:00")]
WEEK = dict.fromkeys(DAYS[:6], HOURS)
DESK = Calendar(WEEK, tz="Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02 09:00", 1, "2026-03-02 10:00"),
        ("2026-03-02 11:30", 1, "2026-03-02 14:00"),  # across the midday break
        ("2026-03-02 17:30", 1, "2026-03-03 09:00"),  # across the night
        ("2026-03-07 17:30", 1, "2026-03-09 09:00"),  # Saturday evening to Monday
        ("2026-03-08 03:00", 1, "2026-03-09 09:30"),  # on a Sunday night
        ("2026-03-02 10:00", 2, "2026-03-02 12:00"),  # ends as the desk closes, not when it opens again
        ("2026-03-08 03:00", 0, "2026-03-09 08:30"),
        ("2026-03-09 09:00", -1, "2026-03-07 17:30"),
        ("2026-03-02 08:30", 2000, "2027-01-02 08:30"),
    ],
)
def test_service_time_only_passes_while_the_desk_is_open(start: str, hours: int, end: str) -> None:
    if hours == 2000:
        assert DESK.between(at(start), DESK.add(at(start), timedelta(hours=hours))) == timedelta(hours=2000)
    else:
        assert DESK.add(at(start), timedelta(hours=hours)) == at(end)


def test_results_are_in_utc() -> None:
    assert DESK.add(at("2026-03-02 09:00"), timedelta(hours=1)).tzinfo is UTC
    assert DESK.closing(date(2026, 3, 2)).isoformat() == "2026-03-02T10:00:00+00:00"


def test_a_desk_is_open_from_its_opening_until_just_before_its_closing() -> None:
    assert DESK.is_open(at("2026-03-02 08:30"))
    assert not DESK.is_open(at("2026-03-02 12:00"))
    assert not DESK.is_open(at("2026-03-08 10:00"))


def test_a_holiday_is_closed_and_an_override_opens_even_a_holiday() -> None:
    desk = Calendar(
        WEEK,
        frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
        {date(2026, 10, 2): [("10:00", "11:00")], date(2026, 10, 4): HOURS},
    )
    assert not desk.is_working_day(date(2026, 10, 1))
    assert desk.next_open(at("2026-09-30 18:00")) == at("2026-10-02 10:00")
    assert desk.closing(date(2026, 10, 4)) == at("2026-10-04 18:00")


def test_a_desk_that_never_closes_runs_like_the_wall() -> None:
    desk = Calendar({day: [("00:00", "24:00")] for day in DAYS}, tz="Asia/Shanghai")
    assert desk.add(at("2026-03-02 23:59"), timedelta(days=500)) == at("2026-03-02 23:59") + timedelta(days=500)
    assert desk.closing(date(2026, 3, 2)) == at("2026-03-03 00:00")


def test_an_hour_the_clock_skips_does_not_exist_and_a_repeated_one_counts_once() -> None:
    new_york = ZoneInfo("America/New_York")
    desk = Calendar({"sun": [("01:00", "02:30"), ("02:40", "04:00")]}, tz="America/New_York")
    assert desk.between(at("2026-03-08 00:00", new_york), at("2026-03-08 05:00", new_york)) == timedelta(hours=2)
    assert desk.closing(date(2026, 3, 8)) == at("2026-03-08 04:00", new_york)
    night = Calendar({"sun": [("00:00", "24:00")]}, tz="America/New_York")
    assert night.between(at("2026-11-01 00:00", new_york), at("2026-11-02 00:00", new_york)) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("week", "zone", "told"),
    [
        ({}, "Asia/Shanghai", "never open"),
        ({"mon": []}, "Asia/Shanghai", "never open"),
        (WEEK, "Asia/Nowhere", "unknown time zone"),
        (WEEK, "../etc/passwd", "unknown time zone"),
        (WEEK, "", "unknown time zone"),
        ({"monday": HOURS}, "Asia/Shanghai", "unknown day"),
        ({"mon": [("22:00", "06:00")]}, "Asia/Shanghai", "split at 24:00"),
        ({"mon": [("08:00", "12:00"), ("11:00", "13:00")]}, "Asia/Shanghai", "overlaps"),
        ({"mon": [("8:00", "12:00")]}, "Asia/Shanghai", "not a time of day"),
        ({"mon": [("08:00", "24:01")]}, "Asia/Shanghai", "not a time of day"),
        ({"mon": [("08:00",)]}, "Asia/Shanghai", "opening and a closing"),
    ],
)
def test_a_calendar_that_makes_no_sense_says_why(week: dict[str, list[tuple[str, ...]]], zone: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Calendar(week, tz=zone)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        DESK.add(datetime(2026, 3, 2, 9), timedelta(hours=1))  # noqa: DTZ001 - what is refused


def test_a_closed_day_has_no_closing_time() -> None:
    with pytest.raises(ValueError, match="closed on 2026-03-08"):
        DESK.closing(date(2026, 3, 8))


def test_a_desk_that_never_opens_again_is_an_error_not_a_hang() -> None:
    first = date(2026, 1, 1)
    desk = Calendar(WEEK, frozenset(first + timedelta(days=n) for n in range(5000)))
    with pytest.raises(ValueError, match="never opens again"):
        desk.next_open(at("2026-01-01 12:00"))
    with pytest.raises(ValueError, match="never opens again"):
        desk.working_day_after(first, 1)


def _hours(edges: list[int]) -> list[tuple[str, str]]:
    clock = [f"{edge // 60:02}:{edge % 60:02}" for edge in sorted(edges)]
    return list(zip(clock[::2], clock[1::2], strict=False))


spans = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(_hours)
weeks = st.fixed_dictionaries(dict.fromkeys(DAYS, spans)).filter(lambda week: any(week.values()))
starts = st.integers(0, 60 * 24 * 14).map(lambda minute: datetime(2026, 2, 20, tzinfo=UTC) + minute * MINUTE)
amounts = st.integers(0, 60 * 30).map(lambda n: n * MINUTE)


def _open_minutes(week: dict[str, list[tuple[str, str]]], a: datetime, b: datetime) -> int:
    """The slow oracle: the minutes between a and b whose wall time is inside a span."""
    count = 0
    while a < b:
        local = a.astimezone(SHANGHAI)
        count += any(opens <= f"{local:%H:%M}" < closes for opens, closes in week[DAYS[local.weekday()]])
        a += MINUTE
    return count


@given(weeks, starts, st.integers(0, 60 * 24 * 8))
def test_between_agrees_with_walking_minute_by_minute(week: dict[str, list[tuple[str, str]]], a: datetime, span: int) -> None:
    b = a + span * MINUTE
    desk = Calendar(week, tz="Asia/Shanghai")
    assert desk.between(a, b) == _open_minutes(week, a, b) * MINUTE == -desk.between(b, a)


@given(weeks, starts, amounts)
def test_what_was_added_is_what_lies_between(week: dict[str, list[tuple[str, str]]], start: datetime, amount: timedelta) -> None:
    desk = Calendar(week, tz="Asia/Shanghai")
    end = desk.add(start, amount)
    assert desk.between(start, end) == amount
    if amount:
        assert desk.is_open(end - MINUTE)
        back = desk.add(end, -amount)
        assert desk.between(back, end) == amount
        assert back >= start
    else:
        assert end == desk.next_open(start)


@given(weeks, st.lists(starts, min_size=2, max_size=4), amounts, amounts)
def test_later_starts_and_longer_times_never_end_earlier(
    week: dict[str, list[tuple[str, str]]], several: list[datetime], short: timedelta, more: timedelta
) -> None:
    desk = Calendar(week, tz="Asia/Shanghai")
    assert all(desk.add(a, short) <= desk.add(b, short) for a, b in pairwise(sorted(several)))
    assert desk.add(several[0], short) <= desk.add(several[0], short + more)
    if short and more:
        assert desk.add(desk.add(several[0], short), more) == desk.add(several[0], short + more)


@given(weeks, starts)
def test_the_next_opening_is_open_and_nothing_opens_before_it(week: dict[str, list[tuple[str, str]]], t: datetime) -> None:
    desk = Calendar(week, tz="Asia/Shanghai")
    opening = desk.next_open(t)
    assert desk.is_open(opening)
    assert desk.between(t, opening) == timedelta(0)
