"""What the clock on a wall shows: zones, times of day, and the moments that a day's opening hours are in a zone.

Daylight saving (ADR 12): what the clock skips is in no span; what it shows twice counts once, the first time it is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHEST = 400 * 366
"""Days from the start beyond which nothing is reckoned: nobody promised that, somebody mistyped."""
_DAY_MINUTES = 24 * 60
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), date(9998, 12, 31).toordinal()

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
    """The same moment in UTC; ValueError for a time that does not say its zone, TypeError for what is no time."""
    of_kind(moment, datetime, "an aware datetime")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise out_of_reach(moment.year) from None


def of_kind(given: object, kind: type, what: str) -> None:
    """TypeError for what somebody else's code or data brings instead; a truth is no number."""
    if not isinstance(given, kind) or isinstance(given, bool):
        raise TypeError(f"{given!r} is not {what}")


def minutes(clock: str) -> int:
    """Minutes after midnight of a wall time `HH:MM`, `00:00` to `24:00`."""
    hour, colon, minute = str(clock).partition(":")  # YAML reads a bare 08:30 as a number
    if colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit():
        total = int(hour) * 60 + int(minute)
        if int(minute) < 60 and total <= _DAY_MINUTES:
            return total
    raise ValueError(f"{clock!r} is not a time of day; write HH:MM, 00:00 to 24:00")


def spans_of(day: str, hours: Hours) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    of_kind(hours, Sequence, f"a list of spans, the hours of {day}")
    for span in hours:
        of_kind(span, Sequence, f"an opening and a closing time, on {day}")
        if isinstance(span, str) or len(span) != 2:
            raise ValueError(f"{day}: a span is an opening and a closing time, not {span!r}")
        opens, closes = minutes(span[0]), minutes(span[1])
        if opens >= closes:
            raise ValueError(f"{day}: {span[0]}-{span[1]} does not end after it begins; a night is two spans, split at 24:00")
        if spans and opens < spans[-1][1]:
            raise ValueError(f"{day}: {span[0]}-{span[1]} overlaps the span before it or is out of order")
        spans.append((opens, closes))
    return tuple(spans)


def only_dates(days: Collection[date], what: str) -> Collection[date]:
    for day in days:
        if type(day) is not date:  # a datetime is a date, and would never be found again
            raise ValueError(f"{what} {day!r} is not a date")
    return days


def moments(hours: Sequence[tuple[int, int]], ordinal: int, zone: tzinfo) -> Iterator[Span]:
    """The spans of one day as moments; what the clock shows for the second time is left out."""
    for opens, closes in hours:
        begins, ends = instant(ordinal, opens, zone), instant(ordinal, closes, zone)
        repeated = ends - begins - timedelta(minutes=closes - opens)
        if repeated > timedelta(0):
            back = _change(begins, ends, zone)
            yield begins, back
            begins = back + repeated
        if begins < ends:
            yield begins, ends


def instant(ordinal: int, minute: int, zone: tzinfo) -> datetime:
    """The moment the wall first shows `minute` of the day; of a skipped one, the jump."""
    days, minute = divmod(minute, _DAY_MINUTES)
    wall = datetime.combine(date_of(ordinal + days), time(minute // 60, minute % 60), zone)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return first if first <= second else _change(second, first, zone)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """When the clock changes, between two moments of which one is before and one after that."""
    shift = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == shift:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def date_of(ordinal: int) -> date:
    """The day of that number in the proleptic calendar; ValueError where zones can no longer be reckoned."""
    if _FIRST_DAY <= ordinal <= _LAST_DAY:
        return date.fromordinal(ordinal)
    raise out_of_reach(ordinal * 400 // 146097 + 1)


def out_of_reach(year: int) -> ValueError:
    return ValueError(f"year {year} is out of the calendar's reach: years 2 to 9998, and {FURTHEST // 366} years from the start")
