"""After closing (domain §2.6): what is said of a closed complaint opens one that continues it, or is heard by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ, Principal
from api.errors import Away, BadInput, Refused
from api.office import Office
from api.plans import plan_with
from api.received import Received, answer, as_reported, opened, start
from api.refusing import rules
from domain.commands import Intake
from domain.continuation import Why, may_repeat
from domain.found import paid_before
from domain.plan import CasePlan
from domain.values import Channel, PayoutOutcome, Status, UnitState
from store import continuation, dated, rulebooks
from store.intake import BUSINESS_ZONE, Person, Reported, Request, accept
from store.keys import text_digest
from store.tables import Complaint
from store.units import Standing

Say = Callable[[Complaint], Awaitable[Received]]
"""Says it to a complaint whose process runs; raises `Refused` of kind `AlreadyClosed` where that has ended."""


@dataclass(frozen=True)
class Reopening:
    """What brings a closed complaint back, in the words it is described with; `astray` is a payment that is lost, and how."""

    why: Why
    words: str
    appeal_number: str | None = None
    transferred_on: date | None = None
    astray: tuple[str, PayoutOutcome] | None = None


async def say(
    office: Office, person: Principal, complaint: Complaint, reopening: Reopening | None, request: Request, hear: Say
) -> Received:
    """Say it to the complaint or, once that is closed, to the one that continues it: 201 where that is opened now.

    Without a reopening nothing is opened: a chase asks after what is under way.
    """
    if (already := await _opened_before(office, person, request)) is not None:
        return already
    for _ in range(3):  # a complaint may close, or be continued by somebody else, between being found and being told
        try:
            return await hear(complaint)
        except Refused as refused:
            if refused.kind != "AlreadyClosed":
                raise
            async with office.database.session() as session:
                now = await continuation.tail(session, complaint.number)
                open_elsewhere = now.status != Status.CLOSED and now.number != complaint.number
                if not open_elsewhere and (reopening is None or now.status != Status.CLOSED):
                    raise
                if reopening is not None and _is_that(now, reopening):
                    return await answer(office, person, now.number, 200)
                if open_elsewhere or reopening is None:
                    complaint = now
                    continue
                reported, plan = await _taken_up(session, office, person, now, reopening)
                with rules():
                    accepted = await accept(session, reported, request)
                if accepted.intake is None:
                    complaint = await session.get_one(Complaint, accepted.number)
                    continue
            await start(office, accepted.intake, plan)
            return opened(accepted, reported)
    raise Away("The complaint is just being closed or continued; please send this again.")


async def _opened_before(office: Office, person: Principal, request: Request) -> Received | None:
    """The same request, under its key: the complaint it opened."""
    async with office.database.session() as session:
        number = await continuation.opened_under(session, request.principal, request.key, request.digest)
    return None if number is None else await answer(office, person, number, 200)


def _is_that(now: Complaint, reopening: Reopening) -> bool:
    """It was opened by the very same words, or is about the very same appeal."""
    if now.continues is None or now.continues_why != reopening.why:
        return False
    return reopening.appeal_number == now.regulator_appeal and now.text_digest == text_digest(reopening.words)


async def _taken_up(
    session: AsyncSession, office: Office, person: Principal, closed: Complaint, reopening: Reopening
) -> tuple[Reported, CasePlan]:
    """A complaint about the same as the closed one, as far as that is known, under the rulebook now in force."""
    now = datetime.now(UTC)
    if reopening.transferred_on is not None and reopening.transferred_on > now.astimezone(BUSINESS_ZONE).date():
        raise BadInput("The transfer date lies in the future.", "transferred_on")
    rulebook = await office.in_force.on(session, now.astimezone(BUSINESS_ZONE).date())
    if closed.category not in rulebook.rulebook.categories.codes:
        pinned = await rulebooks.get(session, closed.rulebook_version)
        assert pinned is not None, f"rulebook {closed.rulebook_version} is pinned by {closed.number} and must be there"
        rulebook = pinned
    within = rulebook.rulebook.after_closing.repeat_within_days
    if reopening.why is Why.REPEAT and not may_repeat(closed.closed_at or now, now, within):
        raise Refused(
            f"The complaint was closed more than {within} days ago; a new call opens a complaint of its own.",
            kind="AlreadyClosed",
        )
    if reopening.why is Why.PARCEL_FOUND:
        await _check_found(session, closed)
    found = await dated.with_successors(
        session, {HQ, *(code for code in (closed.origin, closed.destination, closed.hub) if code)}
    )
    intake = _as_known(closed, found, reopening, now, by=person.sub)
    plan = plan_with(rulebook, found, await office.dated.look(session), now)
    who = await continuation.complainant(session, closed)
    reported = as_reported(
        intake,
        plan,
        rulebook,
        Person(who.name, who.phone, who.email),
        closed.complainant_hash,
        reopening.words,
        why=reopening.why,
        continues=closed.number,
        astray=reopening.astray,
        category=closed.reported_category,
        remedy_sought=closed.remedy_sought,
    )
    return reported, plan


async def _check_found(session: AsyncSession, closed: Complaint) -> None:
    """Found once, and after it was paid for or somebody was penalised: there is something to choose, or to give back."""
    if await continuation.was_found(session, closed):
        raise Refused("That the parcel was found is on record, and the customer has chosen.", kind="FoundAlready")
    before = await continuation.before(session, closed, Why.PARCEL_FOUND)
    if not paid_before(before) and not before.penalised:
        raise Refused("Nothing was paid for the parcel and nobody penalised; nothing follows from it.", kind="WrongStage")


_KNOWN = ("waybill", "category", "region", "freight", "declared_value", "claimed", "promised_at", "delivered_at", "pieces")


def _as_known(closed: Complaint, found: Mapping[str, Standing], reopening: Reopening, now: datetime, *, by: str) -> Intake:
    """The facts of the closed complaint as they stood in the end; a unit that has gone is who does its work now."""
    said: dict[str, Any] = Intake.model_validate(closed.intake).model_dump(include={"complainant", "language", "channel"})
    if reopening.appeal_number is not None:
        said["channel"] = Channel.REGULATOR_12305
    said |= {name: _now(found, getattr(closed, name)) for name in ("origin", "destination", "hub")}
    return Intake(
        number="",
        uuid="",
        text="",
        received_at=now,
        received_by=by,
        hold_for_release=closed.hold_for_release,
        appeal_number=reopening.appeal_number,
        transferred_on=reopening.transferred_on,
        **{name: getattr(closed, name) for name in _KNOWN},
        **said,
    )


def _now(found: Mapping[str, Standing], code: str | None) -> str | None:
    """A unit, or who follows it; the HQ desk where nobody does."""
    seen: set[str] = set()
    while code is not None and code not in seen:
        seen.add(code)
        unit = found.get(code)
        if unit is None:
            return HQ
        if unit.state != UnitState.CLOSED:
            return code
        code = unit.successor or HQ
    return code
