"""Chinese public holidays and make-up working days (调休), as the package `chinesecalendar` knows them, made into a snapshot.

The snapshot is data: a file that is read, corrected and imported. Nothing asks the package when a due time is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version

import yaml
from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

HEAD = """\
# Public holidays and make-up working days: a snapshot, made by `amends network holidays --years {years}`.
# A working day has Monday's hours, unless `overrides` gives it its own. In years not listed the week alone applies.
"""


class UnknownYears(ValueError):
    """The source does not know them."""


def known() -> range:
    years = sorted({day.year for day in holidays})
    return range(years[0], years[-1] + 1)


def snapshot(years: Iterable[int]) -> str:
    """A calendar file for `amends network import`; raises `UnknownYears`."""
    asked, source = sorted(set(years)), f"chinesecalendar {version('chinesecalendar')}"
    if unknown := [year for year in asked if year not in known()]:
        raise UnknownYears(f"{source} knows {known()[0]} to {known()[-1]}, not {', '.join(map(str, unknown))}.")
    network = {
        "source": source,
        "years": asked,
        "holidays": _named(holidays, asked),
        "working": _named(workdays, asked),
    }
    span = f"{asked[0]}-{asked[-1]}" if len(asked) > 1 else str(asked[0])
    return HEAD.format(years=span) + yaml.safe_dump({"network": network}, allow_unicode=True, sort_keys=False)


def _named(days: Mapping[date, str], years: list[int]) -> dict[date, str]:
    return {day: str(Holiday(days[day]).chinese) for day in sorted(days) if day.year in years}
