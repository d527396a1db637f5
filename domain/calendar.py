"""When a desk is open: a weekly pattern of opening hours, days off and days with hours of their own, in one zone.

Aware datetimes in, UTC datetimes out. Spans are wall time, durations are real time inside them; no loop is over minutes.
Daylight saving: an hour skipped by the clock does not exist in any span; a span that begins or ends within a repeated hour
runs from the first to the last time its edges are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_LONGEST_CLOSURE = 3660
"""Days in a row without an opening after which a calendar is said never to open again."""

Hours = Sequence[Sequence[str]]
"""The spans of one day: `("HH:MM", "HH:MM")`, in order, up to 24:00."""
Span = tuple[datetime, datetime]


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The zone, read once per process; ValueError for a name that is not one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        raise ValueError(f"unknown time zone {name!r}; give an IANA name such as Asia/Shanghai") from None


zone_named("Asia/Shanghai")


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; ValueError for a time that does not say its zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def minutes(clock: str) -> int:
    """Minutes after midnight of a wall time `HH:MM`, `00:00` to `24:00`."""
    hour, colon, minute = clock.partition(":")
    if colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit():
        total = int(hour) * 60 + int(minute)
        if int(minute) < 60 and total <= _DAY_MINUTES:
            return total
    raise ValueError(f"{clock!r} is not a time of day; write HH:MM, 00:00 to 24:00")


def _spans(day: str, hours: Hours) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for span in hours:
        if isinstance(span, str) or len(span) != 2:
            raise ValueError(f"{day}: a span is an opening and a closing time, not {span!r}")
        opens, closes = minutes(span[0]), minutes(span[1])
        if opens >= closes:
            raise ValueError(f"{day}: {span[0]}-{span[1]} does not end after it begins; a night is two spans, split at 24:00")
        if spans and opens < spans[-1][1]:
            raise ValueError(f"{day}: {span[0]}-{span[1]} overlaps the span before it or is out of order")
        spans.append((opens, closes))
    return tuple(spans)


class Calendar:
    """The opening hours of a desk.

    `week` maps mon..sun to the spans of that day (a day left out is closed), `holidays` are closed, and `overrides` give a
    date its own spans, also on a holiday. ValueError for a week without hours, an unknown zone or spans that make no sense.
    """

    def __init__(
        self,
        week: Mapping[str, Hours],
        holidays: Collection[date] = frozenset(),
        overrides: Mapping[date, Hours] | None = None,
        tz: str = "Asia/Shanghai",
    ) -> None:
        if unknown := sorted(set(week) - set(DAYS)):
            raise ValueError(f"unknown day of the week {unknown[0]!r}; the days are {', '.join(DAYS)}")
        self.zone: tzinfo = zone_named(tz)
        self._week = tuple(_spans(day, week.get(day, ())) for day in DAYS)
        if not any(self._week):
            raise ValueError("the desk is never open: the week has no hours")
        self._holidays = frozenset(holidays)
        self._overrides = {day: _spans(day.isoformat(), hours) for day, hours in (overrides or {}).items()}
        self._cache: dict[int, tuple[Span, ...]] = {}

    def is_open(self, t: datetime) -> bool:
        """Whether the desk is open at `t`; at the moment of closing it is closed."""
        t = as_utc(t)
        return any(opens <= t < closes for opens, closes in self._day(self.local_date(t).toordinal()))

    def next_open(self, t: datetime) -> datetime:
        """`t` itself when the desk is open, else the next opening."""
        t = as_utc(t)
        return max(t, next(self._after(t))[0])

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` of opening time has passed since `start`; a negative amount goes backwards.

        Nothing added to a time when the desk is closed is the next opening: that is when its clock begins to run.
        """
        t = as_utc(start)
        if amount >= timedelta(0):
            for opens, closes in self._after(t):
                begins = max(t, opens)
                if amount <= closes - begins:
                    return begins + amount
                amount -= closes - begins
        for opens, closes in self._before(t):
            ends = min(t, closes)
            if -amount <= ends - opens:
                return ends + amount
            amount += ends - opens
        raise AssertionError("unreachable: the spans of a calendar do not end")

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The opening time between two moments, negative when `b` is the earlier."""
        a, b = as_utc(a), as_utc(b)
        if b < a:
            return -self.between(b, a)
        days = range(self.local_date(a).toordinal(), self.local_date(b).toordinal() + 1)
        inside = (min(b, closes) - max(a, opens) for day in days for opens, closes in self._day(day))
        return sum((span for span in inside if span > timedelta(0)), timedelta(0))

    def is_working_day(self, day: date) -> bool:
        """Whether the desk opens at all on that day."""
        return bool(self._hours(day))

    def closing(self, day: date) -> datetime:
        """When the desk closes for the day; ValueError on a day it does not open."""
        spans = self._day(day.toordinal())
        if not spans:
            raise ValueError(f"the desk is closed on {day.isoformat()}")
        return spans[-1][1]

    def working_day_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`; with 0, `day` itself or the next working day when it is none."""
        left, closed = max(n, 1), 0
        ordinal = day.toordinal() + (n > 0)
        while True:
            if self.is_working_day(date.fromordinal(ordinal)):
                left, closed = left - 1, 0
                if not left:
                    return date.fromordinal(ordinal)
            elif (closed := closed + 1) > _LONGEST_CLOSURE:
                raise ValueError("the desk never opens again in this calendar")
            ordinal += 1

    def local_date(self, t: datetime) -> date:
        """The day it is at `t` where the desk is."""
        return t.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """When that day begins where the desk is."""
        return self._instant(day.toordinal(), 0)

    def _hours(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self._overrides:
            return self._overrides[day]
        return () if day in self._holidays else self._week[day.weekday()]

    def _day(self, ordinal: int) -> tuple[Span, ...]:
        """The spans of one day as moments, kept: a case asks for the same few days again and again."""
        if (known := self._cache.get(ordinal)) is not None:
            return known
        spans: list[Span] = []
        for opens, closes in self._hours(date.fromordinal(ordinal)):
            begins, ends = self._instant(ordinal, opens), self._instant(ordinal, closes, last=True)
            begins = max(begins, spans[-1][1]) if spans else begins
            if begins < ends:
                spans.append((begins, ends))
        if len(self._cache) > 4000:
            self._cache.clear()
        return self._cache.setdefault(ordinal, tuple(spans))

    def _instant(self, ordinal: int, minute: int, *, last: bool = False) -> datetime:
        """The moment the wall shows `minute` of the day: of a repeated one the first or last, of a skipped one the jump."""
        days, minute = divmod(minute, _DAY_MINUTES)
        wall = datetime.combine(date.fromordinal(ordinal + days), time(minute // 60, minute % 60), self.zone)
        first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
        if first <= second:
            return second if last and minute else first
        shift = second.astimezone(self.zone).utcoffset()
        while first - second > timedelta(seconds=1):
            middle = second + (first - second) // 2
            if middle.astimezone(self.zone).utcoffset() == shift:
                second = middle
            else:
                first = middle
        return first.replace(microsecond=0)

    def _after(self, t: datetime) -> Iterator[Span]:
        """Every span that closes after `t`, in order."""
        ordinal, closed = self.local_date(t).toordinal(), 0
        while closed <= _LONGEST_CLOSURE:
            spans = self._day(ordinal)
            closed = 0 if spans else closed + 1
            yield from (span for span in spans if span[1] > t)
            ordinal += 1
        raise ValueError("the desk never opens again in this calendar")

    def _before(self, t: datetime) -> Iterator[Span]:
        """Every span that opens before `t`, the latest first."""
        ordinal, closed = self.local_date(t).toordinal(), 0
        while closed <= _LONGEST_CLOSURE:
            spans = self._day(ordinal)
            closed = 0 if spans else closed + 1
            yield from (span for span in reversed(spans) if span[0] < t)
            ordinal -= 1
        raise ValueError("the desk was never open before in this calendar")
