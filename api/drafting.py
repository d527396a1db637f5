"""From a request body to a command: words are kept in the register and referred to, units looked up, money becomes fen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import BadInput, Refused
from api.fields import Body, Money
from api.guard import guard
from api.intake_bodies import Payee
from api.plans import plans_of_units, unit_plan, unit_plans
from api.review_bodies import ClauseLine
from domain.commands import Command, OpenReview, Penalised
from domain.plan import UnitPlan
from domain.values import Status
from store import complaints, evidence, payees, penalty_events, reviews, texts
from store.tables import Complaint, PenaltyReview

UNITS = {"to_branch": "to", "origin_branch": "origin", "destination_branch": "destination", "hub": "hub"}
"""What a field of the body that names a unit is called in the command."""
AHEAD = frozenset({"until", "by"})
"""Fields that name a time to come. No complaint's clock is behind the wall's, so what lies in its past is past."""
ADDED_LATER = frozenset({"appeal_number", "transferred_on", "despite", "cap_shown", "evidence", "happened_on"})
"""Left out of a body's text when absent (as are a body's own `added_later`), so that what was sent before a release is still
the same when sent again after it."""


def sha256(*parts: str) -> str:
    """One hash of several parts; where one ends and the next begins is part of it."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def canonical(body: Body) -> str:
    """The body as one text, the same however its JSON was written, and whether or not fields added later are known."""
    later: frozenset[str] = getattr(body, "added_later", frozenset())
    said = _without_what_came_later(
        {n: held for n, held in body.model_dump(mode="json").items() if held is not None or n not in later}
    )
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _without_what_came_later(said: Any) -> Any:
    if isinstance(said, list):
        return [_without_what_came_later(held) for held in said]
    if not isinstance(said, dict):
        return said
    kept = {name: held for name, held in said.items() if held is not None or name not in ADDED_LATER}
    return {name: _without_what_came_later(held) for name, held in kept.items()}


def plain(value: Any) -> Any:
    """A value of a body as commands hold it: money as fen, lists as tuples, nested bodies as dicts without what is absent."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, BaseModel):
        return {name: plain(held) for name, held in value if held is not None}
    return tuple(map(plain, value)) if isinstance(value, list) else value


@dataclass
class Draft:
    """The fields of a command, and what is to be dropped if it is refused: words and payees kept for it, what a ruling reserved.

    `ruling` is the complaint and the review.
    """

    said: dict[str, Any] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    payees: list[str] = field(default_factory=list)
    ruling: tuple[str, str] | None = None


async def other_complaint(session: AsyncSession, number: str, other: str) -> str:
    """The complaint another is merged into: there, open, and not itself."""
    row = await complaints.row(session, other)
    if row is None or other == number or row.status == Status.CLOSED:
        raise BadInput(f"There is no other open complaint {other} to merge into.", "into")
    return other


async def known_evidence(session: AsyncSession, number: str, named: list[str]) -> tuple[str, ...]:
    """Files that lie with the complaint."""
    for position, identity in enumerate(named):
        if await evidence.get(session, number, identity) is None:
            raise BadInput(f"There is no evidence {identity} in this complaint; bring the file first.", f"evidence.{position}")
    return tuple(dict.fromkeys(named))


THERE: dict[str, Callable[[AsyncSession, str, Any], Awaitable[Any]]] = {"into": other_complaint, "evidence": known_evidence}
"""Fields that name something which must be there."""


async def _named(session: AsyncSession, command: type[Command], name: str, lines: list[Any]) -> dict[str, UnitPlan]:
    """The units that lines name, for a complaint that may not know them yet; what it knows it looks up itself."""
    codes = {f"{name}.{position}.branch": line.branch for position, line in enumerate(lines) if getattr(line, "branch", None)}
    if command is OpenReview:  # a unit that has left the network answers for what it did, through who follows it
        return await plans_of_units(session, codes)
    return {code: await unit_plan(session, code, field) for field, code in codes.items()}


async def forget(session: AsyncSession, drafted: Draft) -> None:
    """The decision was refused: what was kept for it goes."""
    await texts.drop(session, drafted.kept)
    await payees.drop(session, drafted.payees)
    if drafted.ruling is not None:
        await penalty_events.release(session, *drafted.ruling)


async def reserve(session: AsyncSession, complaint: Complaint, review: str, lines: Sequence[ClauseLine]) -> tuple[str, str]:
    """Reserve what lines penalise, so that no other complaint about the parcel penalises it in the same moment; 409 if one does.

    A line without a branch is the only respondent's, one without a day is about the day of receipt.
    """
    held = await session.get(PenaltyReview, (complaint.number, review))
    only = held.respondents[0] if held is not None and len(held.respondents) == 1 else None
    received = penalty_events.received_on(complaint)
    events = [(unit, line.code, line.happened_on or received) for line in lines if (unit := line.branch or only)]
    try:
        await penalty_events.reserve(session, complaint, review, events)
    except penalty_events.EventHeld as held_by:
        raise Refused(str(held_by), kind="PenalisedAlready") from held_by
    return complaint.number, review


async def draft(session: AsyncSession, number: str, command: type[Command], body: Body, update_id: str) -> Draft:
    """Keep what must be kept and name what the command says; unknown or closed units are a 422."""
    drafted, now, named = Draft(), datetime.now(UTC), dict[str, UnitPlan]()
    words: dict[str, str] = {}
    told, despite = await guard(session, number, body), getattr(body, "despite", None)
    for name, value in body:
        if value is None or name == "despite":
            continue
        if name in AHEAD and value <= now:
            raise BadInput("This time lies in the past.", name)
        if isinstance(value, Payee):
            drafted.said[f"{name}_ref"] = payee = await texts.keep_payee(session, number, **value.model_dump(), at=now)
            drafted.payees.append(payee)
        elif f"{name}_ref" in command.model_fields:
            words[f"{name}_ref"] = value
        elif name in UNITS:
            plans = await unit_plans(session, value, name)
            drafted.said[UNITS[name]] = plans.pop(value)
            named |= plans
        elif name in THERE:
            drafted.said[name] = await THERE[name](session, number, value)
        else:
            drafted.said[name] = plain(value)
            if "units" in command.model_fields and isinstance(value, list):
                named |= await _named(session, command, name, value)
    drafted.kept = await texts.keep(session, number, words.values(), at=now, update_id=update_id)
    drafted.said |= dict(zip(words, drafted.kept, strict=True))
    if told and despite:
        await texts.justify(session, drafted.said[f"{told}_ref"], despite)
    if "elsewhere" in command.model_fields:
        drafted.said["elsewhere"] = tuple(Penalised(**told) for told in await reviews.penalised_elsewhere(session, number))
    if named and "units" in command.model_fields:
        drafted.said["units"] = tuple(named.values())
    return drafted
