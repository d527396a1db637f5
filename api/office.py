"""What every route may reach, and who is at the counter: the office is made once, principals once per request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.evidence import EvidenceStorage
from api.auth import HQ, Principal, Unauthenticated, Verifier, principal
from api.desk import Desk
from api.errors import Forbidden, NotFound
from api.fields import Line
from api.metrics import Metrics
from api.plans import DatedNow, InForce
from api.standing_in import StandingIn
from domain.commands import Command
from domain.permits import WHO
from domain.values import Role
from settings import Settings
from store import complaints, staff, units
from store.database import Database
from store.stand_ins import WHO_ONLY_LOOK
from store.tables import Complaint

FastForward = Callable[[str, timedelta], Awaitable[datetime]]
"""Moves the clock of one complaint and answers its new time; only an embedded installation in virtual time has it."""
OwnTime = Callable[[str], Awaitable[datetime]]
"""What time it is for one process; without it, what the wall says. Only where clocks can be moved."""


@dataclass(frozen=True)
class Office:
    settings: Settings
    database: Database
    desk: Desk
    verifier: Verifier
    evidence: EvidenceStorage
    contact_key: bytes
    metrics: Metrics
    fast_forward: FastForward | None = None
    own_time: OwnTime | None = None
    in_force: InForce = field(default_factory=InForce)
    dated: DatedNow = field(default_factory=DatedNow)
    standing_in: StandingIn = field(default_factory=StandingIn)
    seen: dict[str, Principal] = field(default_factory=dict)
    """Staff already entered in the register by this process, as their token last showed them."""

    async def dated_facts_changed(self) -> None:
        """What is received from now on knows it; running complaints are told."""
        self.dated.forget()
        await self.desk.announce()


async def the_office(request: Request) -> Office:
    office = request.app.state.office
    assert isinstance(office, Office)
    return office


TheOffice = Annotated[Office, Depends(the_office)]


async def who(request: Request, office: TheOffice) -> Principal:
    """The principal of this request, entered in `staff` when first seen."""
    person = principal(request.state.claims)
    if person.sees is not None or person.unit != HQ:
        async with office.database.statements() as session:
            below = await units.below(session, person.unit)
        if not below and person.unit != HQ:
            raise Unauthenticated(f"The unit {person.unit} of your token is not in the network.")
        person = replace(person, units_below=frozenset(below))
    person = await _with_stand_ins(office, person)
    if office.seen.get(person.sub) != person:
        async with office.database.session() as session:
            await staff.seen(session, person.sub, person.roles, person.unit, at=datetime.now(UTC))
        office.seen[person.sub] = person
    return person


Who = Annotated[Principal, Depends(who)]


async def _with_stand_ins(office: Office, person: Principal) -> Principal:
    """Whose manager they stand in for today; who only looks stands in for nobody."""
    if not office.standing_in.fresh():
        async with office.database.statements() as session:
            await office.standing_in.look(session)
    stands_in = office.standing_in.units(person.sub)
    if not stands_in or person.roles <= WHO_ONLY_LOOK:
        return person
    async with office.database.statements() as session:
        below = [await units.below(session, unit) for unit in stands_in]
    return replace(person, stands_in=stands_in, seen_in_stead=frozenset(stands_in).union(*below))


async def visible(number: str, office: TheOffice, person: Who) -> Complaint:
    """The complaint, when it exists and is in the reader's scope; otherwise 404 either way."""
    async with office.database.statements() as session:
        row = await complaints.row(session, number, person.sees)
    if row is None:
        raise NotFound(f"There is no complaint {number}.")
    return row


Visible = Annotated[Complaint, Depends(visible)]


Key = Annotated[Line | None, Header(alias="Idempotency-Key", description="Sent again with the same body: the same answer again.")]


def require(person: Principal, allowed: frozenset[Role], *, in_person: bool = False) -> None:
    """403 unless the principal holds one of the roles, or (unless `in_person`) stands in for who does."""
    held = person.roles if in_person else person.actor.acts_as
    if not held & allowed:
        raise Forbidden(f"This is for {', '.join(sorted(allowed))}; you act as {', '.join(sorted(held))}.")


def only(*roles: Role, in_person: bool = False) -> Callable[[Principal], Awaitable[None]]:
    """A dependency that lets only these roles in."""

    async def check(person: Who) -> None:
        require(person, frozenset(roles), in_person=in_person)

    return check


def permitted(command: type[Command]) -> Callable[[Principal], Awaitable[None]]:
    """A dependency that lets only those roles in who may ever take this decision."""
    return only(*WHO[command])
