"""Calendars: the network's own, and the hours units add to it. Kept whole, replaced whole; each change is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.hours import NetworkCalendar, sound
from domain.plan import UnitHours
from domain.rulebook import BrokenRulebook
from store import dated, units
from store.rulebooks import parse
from store.tables import UnitCalendar
from store.units import HQ

SNAPSHOT = "calendar.yaml"
SOON = timedelta(days=60)
"""How long before a year its holidays should be known; they are announced in November."""
_BARE_DAY = re.compile(rb"^([ ]*)(\d{4}-\d\d-\d\d):", re.MULTILINE)
"""A date as a key: YAML reads it as one, JSON knows only words there."""


class BrokenCalendar(ValueError):
    """The document is no calendar; `problems` says all that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class OnlyHqTakesAway(ValueError):
    """A branch's calendar may add hours to the network's; days are closed by HQ alone (domain §3)."""


class Document(BaseModel):
    """A calendar file: the network's calendar, units' own hours, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: NetworkCalendar | None = None
    units: dict[str, UnitHours] = {}


@dataclass(frozen=True)
class Kept:
    """A calendar as it is kept, and since when."""

    calendar: NetworkCalendar | UnitHours
    changed_at: datetime | None = None
    changed_by: str | None = None


async def get(session: AsyncSession, unit: str) -> Kept:
    """The network's calendar (`hq`), or what a unit adds to it; an empty one where nothing was ever said."""
    model = NetworkCalendar if unit == HQ else UnitHours
    row = await session.get(UnitCalendar, unit, populate_existing=True)
    return Kept(model()) if row is None else Kept(model.model_validate(row.document), row.changed_at, row.changed_by)


async def put_network(session: AsyncSession, calendar: NetworkCalendar, *, by: str, at: datetime) -> bool:
    """The network's calendar from now on; False when it says so already."""
    await dated.in_turn(session)
    return await _put(session, HQ, calendar, None, by=by, at=at)


async def put_unit(session: AsyncSession, unit: str, hours: UnitHours, *, as_hq: bool, by: str, at: datetime) -> bool:
    """A unit's own hours from now on; False when it says so already. Raises `OnlyHqTakesAway`."""
    await dated.in_turn(session)
    if not as_hq:
        standing = (await get(session, unit)).calendar
        taken = standing.closed if isinstance(standing, UnitHours) else ()
        if hours.closed and set(hours.closed) != set(taken):
            raise OnlyHqTakesAway("A branch's calendar only adds hours to the network's; days are closed by HQ alone.")
        hours = hours.model_copy(update={"closed": taken})
    return await _put(session, unit, hours, [unit], by=by, at=at)


async def import_yaml(session: AsyncSession, source: str | bytes, *, as_hq: bool, by: str, at: datetime) -> int:
    """Bring calendars in; answers how many changed. All or nothing: BrokenCalendar says what is wrong where."""
    document = read_yaml(source)
    if document.network is not None and not as_hq:
        raise BrokenCalendar(["network: the network's calendar is HQ's to change; say --as-hq"])
    known = {unit.code for unit in await units.everyone(session)}
    if strangers := sorted(document.units.keys() - known):
        raise BrokenCalendar([f"units.{code}: there is no unit {code} in the network" for code in strangers])
    done = 0
    if document.network is not None:
        done += await put_network(session, document.network, by=by, at=at)
    for unit, hours in document.units.items():
        try:
            done += await put_unit(session, unit, hours, as_hq=as_hq, by=by, at=at)
        except OnlyHqTakesAway as refused:
            raise BrokenCalendar([f"units.{unit}.closed: {refused} (say --as-hq)"]) from refused
    return done


async def import_snapshot(session: AsyncSession, *, at: datetime) -> bool:
    """The shipped public holidays and make-up days, for an installation whose network has no calendar."""
    if await session.get(UnitCalendar, HQ) is not None:
        return False
    return bool(await import_yaml(session, shipped(), as_hq=True, by="setup", at=at))


async def unknown_years(session: AsyncSession, today: date) -> list[int]:
    """Years that due times reach by now and whose public holidays the network's calendar does not know."""
    network = (await get(session, HQ)).calendar
    reached = sorted({today.year, (today + SOON).year})
    return [year for year in reached if isinstance(network, NetworkCalendar) and not network.knows(year)]


def shipped() -> bytes:
    return (files("rulebooks") / SNAPSHOT).read_bytes()


def years_known() -> tuple[int, ...]:
    """The years whose holidays the shipped snapshot knows; in any other the week alone applies."""
    network = read_yaml(shipped()).network
    assert network is not None
    return network.years


def read_yaml(source: str | bytes) -> Document:
    """A calendar file, checked as a whole."""
    try:
        raw = source.encode() if isinstance(source, str) else source
        document = Document.model_validate(parse(_BARE_DAY.sub(rb'\1"\2":', raw)))
    except BrokenRulebook as broken:
        raise BrokenCalendar(broken.problems) from None
    except ValidationError as broken:
        raise BrokenCalendar([_sentence(dict(error)) for error in broken.errors(include_url=False)]) from None
    if problems := list(_problems(document.units)):
        raise BrokenCalendar(problems)
    return document


def _problems(hours: Mapping[str, UnitHours]) -> Iterator[str]:
    for unit, own in hours.items():
        if unit == HQ:
            yield f"units.{HQ}: the network's own calendar stands under `network`"
        try:
            sound(own)
        except ValueError as wrong:
            yield f"units.{unit}: {wrong}"


def _sentence(error: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in error["loc"] if step != "[key]") or "calendar"
    return f"{place}: {str(error['msg']).removeprefix('Value error, ')}"


async def _put(
    session: AsyncSession, unit: str, calendar: NetworkCalendar | UnitHours, concerned: list[str] | None, *, by: str, at: datetime
) -> bool:
    row = await session.get(UnitCalendar, unit, populate_existing=True)
    document = calendar.model_dump(mode="json")
    if row is not None and row.document == document:
        return False
    if row is None:
        session.add(UnitCalendar(unit=unit, document=document, changed_at=at, changed_by=by))
    else:
        row.document, row.changed_at, row.changed_by = document, at, by
    await dated.changed(session, "calendar", concerned, by=by, at=at)
    return True
