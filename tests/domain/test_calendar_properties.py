"""The laws of the calendar, for desks of any shape in zones that change their clocks, against oracles that walk step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import DAYS, Calendar

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Spans = list[tuple[str, str]]
CHANGES = {
    "Asia/Shanghai": date(2026, 2, 20),  # none
    "America/New_York": date(2026, 3, 8),
    "Europe/Paris": date(2026, 10, 25),
    "Australia/Lord_Howe": date(2026, 4, 5),  # by half an hour
    "America/Havana": date(2026, 11, 1),  # 00:00 to 01:00 is shown twice
    "Asia/Beirut": date(2026, 3, 29),  # 00:00 to 01:00 is never shown
    "America/St_Johns": date(2006, 10, 29),  # at 00:01, back into the day before
}
"""Zones, and a day near which the clock of each changes."""


@dataclass(frozen=True)
class Desk:
    """The same desk twice: as what it was made from, for the oracles, and as a calendar."""

    zone: str
    week: dict[str, Spans]
    holidays: frozenset[date]
    overrides: dict[date, Spans]
    near: datetime

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.week, self.holidays, self.overrides, self.zone)

    def hours(self, day: date) -> Spans:
        return self.overrides.get(day, [] if day in self.holidays else self.week[DAYS[day.weekday()]])

    def local(self, t: datetime) -> datetime:
        return t.astimezone(ZoneInfo(self.zone))

    def open_at(self, t: datetime) -> bool:
        local = self.local(t)
        return not local.fold and any(opens <= f"{local:%H:%M}" < closes for opens, closes in self.hours(local.date()))

    def step(self, day: date, n: int) -> date:
        """The oracle of working days: one day after the other."""
        while n:
            day += DAY if n > 0 else -DAY
            n -= (n > 0) - (n < 0) if self.hours(day) else 0
        return day


def _hours(edges: list[int]) -> Spans:
    clock = [f"{edge // 60:02}:{edge % 60:02}" for edge in sorted(edges)]
    return list(zip(clock[::2], clock[1::2], strict=False))


spans = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(_hours) | st.just([("00:00", "24:00")])
weeks = st.fixed_dictionaries(dict.fromkeys(DAYS, spans)).filter(lambda week: any(week.values()))


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    zone, change = draw(st.sampled_from(sorted(CHANGES.items())))
    days = st.integers(-5, 5).map(lambda n: change + n * DAY)
    before = datetime.combine(change, datetime.min.time(), UTC) - timedelta(hours=12)
    return Desk(
        zone,
        draw(weeks),
        draw(st.frozensets(days, max_size=4)),
        draw(st.dictionaries(days, spans, max_size=3)),
        draw(near(before)),
    )


def near(t: datetime) -> st.SearchStrategy[datetime]:
    return st.builds(lambda hours, minutes: t + timedelta(hours=hours, minutes=minutes), st.integers(-18, 18), st.integers(0, 59))


walks = st.builds(lambda hours, minutes: hours * 60 + minutes, st.integers(1, 72), st.integers(0, 59))
far = st.integers(-400 * 1440, 400 * 1440).map(lambda n: n * MINUTE)
amounts = st.integers(1, 500 * 3600).map(lambda n: timedelta(seconds=n))


@given(desks(), walks, st.data())
def test_every_operation_agrees_with_walking_minute_by_minute(desk: Desk, walk: int, data: st.DataObject) -> None:
    a, calendar = desk.near, desk.calendar
    b = a + walk * MINUTE
    opened = [desk.open_at(a + n * MINUTE) for n in range(walk)]
    total = sum(opened)
    assert calendar.is_open(a) == opened[0]
    assert calendar.between(a, b) == total * MINUTE == -calendar.between(b, a)
    if total:
        assert calendar.next_open(a) == a + opened.index(True) * MINUTE
        assert calendar.previous_open(b) == b - opened[::-1].index(True) * MINUTE
        part, forward, backward = (
            data.draw(st.integers(1, total)),
            [*accumulate(map(int, opened))],
            [*accumulate(map(int, opened[::-1]))],
        )
        assert calendar.add(a, part * MINUTE) == a + (forward.index(part) + 1) * MINUTE
        assert calendar.add(b, -part * MINUTE) == b - (backward.index(part) + 1) * MINUTE


@given(desks(), amounts)
def test_what_was_added_is_what_lies_between(desk: Desk, amount: timedelta) -> None:
    calendar, t = desk.calendar, desk.near
    later, earlier = calendar.add(t, amount), calendar.add(t, -amount)
    assert calendar.between(t, later) == amount == calendar.between(earlier, t)
    assert calendar.add(later, -amount) == calendar.next_open(t)
    assert calendar.add(earlier, amount) == calendar.previous_open(t)
    assert calendar.add(t, timedelta(0)) == calendar.next_open(t)


@given(desks(), amounts, amounts)
def test_time_added_in_two_parts_is_time_added_at_once(desk: Desk, one: timedelta, other: timedelta) -> None:
    calendar, t = desk.calendar, desk.near
    assert calendar.add(calendar.add(t, one), other) == calendar.add(t, one + other)
    assert calendar.add(calendar.add(t, -one), -other) == calendar.add(t, -one - other)


@given(desks(), far, far)
def test_opening_time_between_three_moments_adds_up(desk: Desk, one: timedelta, other: timedelta) -> None:
    calendar, a = desk.calendar, desk.near
    b, c = a + one, a + one + other
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert timedelta(0) <= calendar.between(min(a, b), max(a, b)) <= abs(one)


@given(desks(), far, amounts | amounts.map(lambda amount: -amount), amounts)
def test_later_starts_and_longer_times_never_end_earlier(
    desk: Desk, apart: timedelta, amount: timedelta, more: timedelta
) -> None:
    calendar, t = desk.calendar, desk.near
    a, b = sorted((t, t + apart))
    laws: list[Callable[[datetime], datetime]] = [calendar.next_open, calendar.previous_open, lambda t: calendar.add(t, amount)]
    assert all(law(a) <= law(b) for law in laws)
    assert calendar.add(t, amount) < calendar.add(t, amount + more)


@given(desks(), far)
def test_between_an_opening_and_the_closing_before_it_the_desk_is_closed(desk: Desk, away: timedelta) -> None:
    calendar, t = desk.calendar, desk.near + away
    before, after = calendar.previous_open(t), calendar.next_open(t)
    assert before <= t <= after
    assert calendar.is_open(after)
    assert calendar.is_open(before - MINUTE)
    assert calendar.between(before, after) == timedelta(0)
    assert (t == after) == calendar.is_open(t)


@given(desks(), st.integers(-90, 90).filter(bool))
def test_working_days_agree_with_walking_day_by_day(desk: Desk, n: int) -> None:
    calendar, t = desk.calendar, desk.near
    nearest = calendar.next_open if n > 0 else calendar.previous_open
    day = desk.local(t).date()
    assert calendar.is_working_day(day) == bool(desk.hours(day))
    assert calendar.working_day_after(day, n) == desk.step(day, n)
    rolled = day if desk.hours(day) else desk.step(day, 1 if n > 0 else -1)
    kept = datetime.combine(desk.step(rolled, n), desk.local(t).time(), ZoneInfo(desk.zone)).astimezone(UTC)
    assert calendar.add_days(t, n) == kept
    if desk.hours(day):
        assert calendar.add_days(t, n, snap=True) == nearest(kept)
    elif n > 0:
        assert calendar.add_days(t, n, snap=True) == calendar.add_days(calendar.next_open(t), n, snap=True)
    else:
        within = desk.local(calendar.previous_open(t) - timedelta.resolution)
        edge = datetime.combine(desk.step(within.date(), n), within.time(), ZoneInfo(desk.zone)).astimezone(UTC)
        assert calendar.add_days(t, n, snap=True) == calendar.previous_open(edge + timedelta.resolution)


@given(desks())
def test_days_are_counted_from_the_next_opening_only_once_the_desk_has_closed(desk: Desk) -> None:
    calendar, t = desk.calendar, desk.near
    begins = calendar.starting(t, "next_opening_after_closing")
    day = desk.local(t).date()
    if desk.hours(day):
        has_closed = t >= calendar.closing(day)
        assert begins == (calendar.next_open(t) if has_closed else t)
    else:
        assert desk.local(begins).date() >= desk.step(day, 1)
    assert calendar.add_days(t, 3, start_rule="next_opening_after_closing") == calendar.add_days(begins, 3)
