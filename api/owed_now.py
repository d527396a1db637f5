"""What is owed as it is shown by now: by how much what is late is late, on its own clock and in its complaint's own time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.service import RPCError

from api.office import Office
from api.waiting import obligation
from domain.calendar import Calendar
from domain.clocks import LateClock
from domain.opening import later_reviews
from domain.values import Measure, Owed
from store import rulebooks
from store.tables import Complaint, Obligation


async def shown_now(
    office: Office, session: AsyncSession, complaints: Iterable[Complaint], owed: Sequence[Obligation]
) -> list[dict[str, Any]]:
    """What these complaints owe, as documents; what they read of the register is read once a second at most."""
    of, closed = dict[str, tuple[str, str]](), set[str]()
    for complaint in complaints:
        of[complaint.number] = (complaint.rulebook_version, complaint.rulebook_hash)
        closed |= {complaint.number} if complaint.closed_at else set()
    books = {version: await rulebooks.pinned(session, *version) for version in set(of.values())}
    until = await _until(office, closed, [o for o in owed if o.late_since is not None and o.late_by is None])
    late: dict[tuple[str, str], timedelta] = {}
    if until:
        facts = await office.dated.look(session)
        since, latest = min(o.late_since for o in owed if o.late_since is not None), max(until.values())

        @cache
        def desk(number: str, unit: str | None) -> Calendar:
            rules = books[of[number]].desk
            return facts.desk(rules.week, rules.timezone, unit, since, latest)

        for o in owed:
            if o.late_since is not None and (now := until.get((o.number, o.key))) is not None:
                clock = clock_of(o)
                late[o.number, o.key] = clock.late_by(o.late_since, now, desk(o.number, clock.hours_of))
    return [obligation(o, books[of[o.number]].desk.timezone, late.get((o.number, o.key))) for o in owed]


def clock_of(owed: Obligation) -> LateClock:
    """What its lateness counts by; of what an earlier release kept, its measure and the network's hours are known."""
    return LateClock.model_validate(owed.late_clock) if owed.late_clock else LateClock(measure=Measure(owed.measure))


async def _until(office: Office, closed: Collection[str], late: Sequence[Obligation]) -> dict[tuple[str, str], datetime]:
    """Until when the lateness of each counts: its end, or now where it lives; without those whose time cannot be told."""
    own: dict[str, datetime | None] = {}
    processes = {(o.number, o.key): _process_of(o, closed) for o in late if o.ended_at is None}
    for process in dict.fromkeys(processes.values()):
        own[process] = await _time_of(office, process)
    ends = {(o.number, o.key): o.ended_at or own[processes[o.number, o.key]] for o in late}
    return {key: at for key, at in ends.items() if at is not None}


def _process_of(owed: Obligation, closed: Collection[str]) -> str:
    """A correction's own; where the complaint is closed, that of the reviews opened since."""
    if owed.owed == Owed.CORRECTION:
        return owed.key
    return later_reviews(owed.number) if owed.number in closed else owed.number


async def _time_of(office: Office, process: str) -> datetime | None:
    """The wall's time, or in virtual time the process's own."""
    if office.own_time is None:
        return datetime.now(UTC)
    try:
        return await office.own_time(process)
    except RPCError:  # Temporal is away, or has forgotten it
        return None
