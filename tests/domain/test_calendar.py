"""Opening hours: tables of what desks do, at both edges of daylight saving too, and what a calendar refuses."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import DAYS, Calendar, Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = [("08:30", "12:00"), ("13:30", "18:00")]
WEEK = dict.fromkeys(DAYS[:6], HOURS)
DESK = Calendar(WEEK, tz="Asia/Shanghai")
PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
ALL_DAY = {day: [("00:00", "24:00")] for day in DAYS}
BIZ = {
    "mon": "09:00 17:00",
    "tue": "10:00 16:00",
    "wed": "09:00 17:00",
    "thu": "10:00 16:00",
    "fri": "09:00 17:00",
    "sat": "11:00 14:30",
}
BIZ_DESK = Calendar({day: [hours.split()] for day, hours in BIZ.items()}, tz="Etc/UTC")
"""The desk of zendesk/biz's own examples (Apache-2.0), of which some results are below."""
AFTER_CLOSING = "next_opening_after_closing"


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


@pytest.mark.parametrize(
    ("t", "before", "after"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 12:00", "2026-03-02 12:00", "2026-03-02 13:30"),  # at closing, the desk was open until now
        ("2026-03-02 13:30", "2026-03-02 12:00", "2026-03-02 13:30"),  # at opening, it is open from now on
        ("2026-03-02 08:30", "2026-02-28 18:00", "2026-03-02 08:30"),
        ("2026-03-08 03:00", "2026-03-07 18:00", "2026-03-09 08:30"),
    ],
)
def test_the_previous_opening_mirrors_the_next(t: str, before: str, after: str) -> None:
    assert DESK.previous_open(at(t)) == at(before)
    assert DESK.next_open(at(t)) == at(after)


@pytest.mark.parametrize(
    ("start", "n", "kept", "snapped"),
    [
        ("2026-03-02 10:15", 5, "2026-03-07 10:15", "2026-03-07 10:15"),
        ("2026-03-02 20:00", 1, "2026-03-03 20:00", "2026-03-04 08:30"),
        ("2026-03-03 07:00", -1, "2026-03-02 07:00", "2026-02-28 18:00"),
        ("2026-03-03 20:00", -1, "2026-03-02 20:00", "2026-03-02 18:00"),
        ("2026-03-08 10:00", 1, "2026-03-10 10:00", "2026-03-10 08:30"),  # a Sunday is first taken to Monday …
        ("2026-03-08 10:00", -1, "2026-03-06 10:00", "2026-03-06 18:00"),  # … and backwards to Saturday
        ("2026-03-08 10:00", 0, "2026-03-08 10:00", "2026-03-09 08:30"),
        ("2026-03-02 12:30", 0, "2026-03-02 12:30", "2026-03-02 13:30"),
        ("2026-03-02 09:00", 500, "2027-10-06 09:00", "2027-10-06 09:00"),
    ],
)
def test_working_days_keep_the_time_of_day_or_snap_to_when_the_desk_is_open(start: str, n: int, kept: str, snapped: str) -> None:
    assert DESK.add_days(at(start), n) == at(kept)
    assert DESK.add_days(at(start), n, True) == at(snapped)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2006-01-09 12:00", -2, "2006-01-06 12:00"),
        ("2006-01-05 08:00", -2, "2006-01-02 17:00"),
        ("2006-01-05 18:00", -2, "2006-01-03 16:00"),
        ("2006-01-06 12:00", 2, "2006-01-09 12:00"),
        ("2006-01-03 08:00", 2, "2006-01-05 10:00"),
        ("2006-01-03 18:00", 2, "2006-01-06 09:00"),
        ("2006-01-03 00:00", 0, "2006-01-03 10:00"),
    ],
)
def test_snapped_days_agree_with_a_peers_examples(start: str, n: int, end: str) -> None:
    utc = ZoneInfo("UTC")
    assert BIZ_DESK.add_days(at(start, utc), n, snap=True) == at(end, utc)


def test_back_from_a_closed_day_a_desk_open_until_midnight_is_left_at_midnight() -> None:
    night = Calendar(dict.fromkeys(DAYS[:6], ALL_DAY["mon"]), tz="Asia/Shanghai")
    assert night.add_days(at("2026-03-08 10:00"), -1, snap=True) == at("2026-03-07 00:00")
    assert night.add_days(at("2026-03-08 10:00"), 1, snap=True) == at("2026-03-10 00:00")


def test_a_day_whose_hours_the_clock_skips_closes_as_it_jumps() -> None:
    desk = Calendar({"sun": [("02:10", "02:50")]}, tz="Europe/Paris")
    assert desk.closing(date(2026, 3, 29)) == at("2026-03-29 03:00", PARIS)
    assert desk.next_open(at("2026-03-29 00:00", PARIS)) == at("2026-04-05 02:10", PARIS)


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("2026-03-02 06:00", "2026-03-02 06:00"),
        ("2026-03-02 12:30", "2026-03-02 12:30"),
        ("2026-03-02 18:00", "2026-03-03 08:30"),
        ("2026-03-07 23:00", "2026-03-09 08:30"),
        ("2026-03-08 10:00", "2026-03-09 10:00"),
        ("2026-03-08 19:00", "2026-03-10 08:30"),  # taken to Monday at 19:00, when the desk has closed
    ],
)
def test_after_closing_days_are_counted_from_the_next_opening(start: str, begins: str) -> None:
    assert DESK.starting(at(start), AFTER_CLOSING) == at(begins)
    assert DESK.starting(at(start)) == at(start)
    assert DESK.add_days(at(start), 1, start_rule=AFTER_CLOSING) == DESK.add_days(at(begins), 1)


def test_a_make_up_working_day_counts_and_a_holiday_does_not() -> None:
    desk = Calendar(dict.fromkeys(DAYS[:5], HOURS), {date(2026, 10, day) for day in range(1, 8)}, {date(2026, 10, 10): HOURS})
    assert desk.working_day_after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert desk.working_day_after(date(2026, 10, 12), -3) == date(2026, 10, 8)
    assert desk.add(at("2026-10-09 17:00"), timedelta(hours=2)) == at("2026-10-10 09:30")


def test_an_hour_the_clock_skips_is_in_no_span() -> None:
    desk = Calendar({"sun": [("01:00", "02:30"), ("02:40", "04:00")]}, tz="America/New_York")
    assert desk.between(at("2026-03-08 00:00", NEW_YORK), at("2026-03-08 05:00", NEW_YORK)) == timedelta(hours=2)
    assert desk.closing(date(2026, 3, 8)) == at("2026-03-08 04:00", NEW_YORK)
    assert desk.add(at("2026-03-08 01:30", NEW_YORK), timedelta(hours=1)) == at("2026-03-08 03:30", NEW_YORK)
    night = Calendar(ALL_DAY, tz="Europe/Paris")
    assert night.between(at("2026-03-29 00:00", PARIS), at("2026-03-30 00:00", PARIS)) == timedelta(hours=23)


def test_an_hour_shown_twice_counts_the_first_time_only() -> None:
    night = Calendar(ALL_DAY, tz="Europe/Paris")
    first, again = at("2026-10-25 02:30", PARIS), at("2026-10-25 02:30", PARIS).replace(fold=1)
    assert night.between(at("2026-10-25 00:00", PARIS), at("2026-10-26 00:00", PARIS)) == timedelta(hours=24)
    assert night.is_open(first)
    assert not night.is_open(again)
    assert (night.previous_open(again), night.next_open(again)) == (
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, tzinfo=UTC),
    )
    assert night.add(first, timedelta(hours=1)) == at("2026-10-25 03:30", PARIS)
    split = Calendar({"sun": [("00:00", "02:30"), ("02:30", "05:00")]}, tz="Europe/Paris")
    assert split.between(at("2026-10-25 00:00", PARIS), at("2026-10-26 00:00", PARIS)) == timedelta(hours=5)


def test_a_time_of_day_kept_on_a_day_that_skips_it_is_as_much_later() -> None:
    night = Calendar(ALL_DAY, tz="Europe/Paris")
    assert night.add_days(at("2026-03-28 02:30", PARIS), 1) == at("2026-03-29 03:30", PARIS)
    assert night.add_days(at("2026-10-24 02:30", PARIS), 1) == at("2026-10-25 02:30", PARIS).astimezone(UTC)


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
        ({"mon": [(510, 1080)]}, "Asia/Shanghai", "510 is not a time of day"),
        ({"mon": None, "tue": []}, "Asia/Shanghai", "never open"),
        ({"mon": [("08:00",)]}, "Asia/Shanghai", "opening and a closing"),
    ],
)
def test_a_calendar_that_makes_no_sense_says_why(week: dict[str, Hours], zone: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Calendar(week, tz=zone)


def test_a_zone_may_be_given_as_one() -> None:
    assert Calendar(WEEK, tz=SHANGHAI).next_open(at("2026-03-08 03:00")) == at("2026-03-09 08:30")


@pytest.mark.parametrize(
    ("holidays", "overrides"),
    [
        ({at("2026-10-01 00:00")}, {}),
        ({"2026-10-01"}, {}),
        (set(), {"2026-10-01": HOURS}),
        (set(), {at("2026-10-01 00:00"): HOURS}),
    ],
)
def test_what_is_not_a_date_is_refused_rather_than_never_found(holidays: set[date], overrides: dict[date, Hours]) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        Calendar(WEEK, holidays, overrides)


@pytest.mark.parametrize(
    "ask",
    [
        lambda t: DESK.add(t, timedelta(hours=1)),
        lambda t: DESK.between(at("2026-03-02 09:00"), t),
        DESK.is_open,
        DESK.next_open,
        DESK.previous_open,
        lambda t: DESK.add_days(t, 1),
        DESK.starting,
    ],
)
def test_a_time_without_a_zone_is_refused(ask: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        ask(datetime(2026, 3, 2, 9))  # noqa: DTZ001 - what is refused


START = at("2026-03-02 09:00")


@pytest.mark.parametrize("hours", [5, {"08:00": "12:00"}, {("08:00", "12:00")}, [None], [5], [{"08:00", "12:00"}]])
def test_hours_that_are_no_list_of_spans_are_told_so_with_their_day(hours: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="mon"):
        Calendar({"mon": hours})
    with pytest.raises((TypeError, ValueError), match="2026-10-01"):
        Calendar(WEEK, overrides={date(2026, 10, 1): hours})


@pytest.mark.parametrize("nothing", [None, (), []])
def test_no_holidays_and_no_hours_may_be_said_in_any_way(nothing: Any) -> None:
    assert not Calendar(WEEK, nothing, {date(2026, 3, 2): nothing}).is_working_day(date(2026, 3, 2))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Calendar([HOURS]),  # type: ignore[arg-type]
        lambda: Calendar(None),  # type: ignore[arg-type]
        lambda: DESK.add(START, 1.5),  # type: ignore[arg-type]
        lambda: DESK.add(START, 0),  # type: ignore[arg-type]
        lambda: DESK.add(START, None),  # type: ignore[arg-type]
        lambda: DESK.add(START.isoformat(), timedelta(hours=1)),  # type: ignore[arg-type]
        lambda: DESK.add_days(START, 1.5),  # type: ignore[arg-type]
        lambda: DESK.add_days(START, "1"),  # type: ignore[arg-type]
        lambda: DESK.add_days(START, True),
        lambda: DESK.add_days(START, timedelta(days=1)),  # type: ignore[arg-type]
        lambda: DESK.between(START.date(), START),  # type: ignore[arg-type]
        lambda: DESK.next_open(None),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_week_time_duration_or_number_is_refused_rather_than_guessed(ask: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="is not a"):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: DESK.add(START, timedelta.max),
        lambda: DESK.add(START, timedelta.min),
        lambda: DESK.add_days(START, 10**12),
        lambda: DESK.add_days(START, -(10**12), snap=True),
        lambda: DESK.working_day_after(date.max, 1),
        lambda: DESK.working_day_after(date.min, -1),
        lambda: DESK.between(START, datetime.max.replace(tzinfo=UTC)),
        lambda: DESK.next_open(datetime.max.replace(tzinfo=SHANGHAI)),
        lambda: DESK.next_open(datetime.max.replace(tzinfo=UTC)),
        lambda: DESK.previous_open(datetime.min.replace(tzinfo=SHANGHAI)),
        lambda: DESK.add_days(datetime.min.replace(tzinfo=UTC), -1),
        lambda: DESK.is_open(datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))),
        lambda: DESK.midnight(date.max),
        lambda: DESK.closing(date.max),
        lambda: DESK.add_days(START, 1, start_rule="whenever"),
    ],
)
def test_what_reaches_too_far_is_a_clear_error_at_once(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="out of the calendar's reach|unknown start rule"):
        ask()


def test_absurd_due_times_a_century_off_are_still_reckoned() -> None:
    absurd = at("2126-12-31 12:00")
    assert DESK.add(START, DESK.between(START, absurd)) == absurd


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
    with pytest.raises(ValueError, match="never open before"):
        desk.previous_open(at("2038-01-01 12:00"))
    with pytest.raises(ValueError, match="never opens again"):
        desk.add(at("2026-01-01 12:00"), timedelta(hours=1))
