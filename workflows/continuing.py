"""A complaint that continues a closed one takes up what was before: the promises still to be kept; its handler is told."""

from __future__ import annotations

from typing import Any

from domain.continuation import Before, PromisedBefore, Why
from domain.found import FoundParcel
from domain.ladders import agent_of
from domain.record import Row
from domain.rows import promise_row
from domain.timekeeping import Promise
from domain.values import Owed, Role
from workflows.desk import Desk
from workflows.lost import lose, replace
from workflows.parcels import found


def take_up(desk: Desk) -> None:
    """Where a complaint continues another: a promise not yet due is owed here; one that was broken is only told."""
    case, before = desk.case, desk.case.intake.before
    if before is None:
        return
    rows: list[Row] = [_owed_again(desk, promised) for promised in before.promised if promised.due > desk.now]
    told: dict[str, Any] = {"before": before.number, "why": before.why.value, "paid": before.paid}
    desk.tell("continued", f"{agent_of(case.handler)}@{case.handler}", **told)
    if (astray := before.astray) is not None:
        rows += lose(desk, astray, by=case.intake.received_by)
        case.part_taken(case.intake.received_by, "payout")
        told |= {"payment": astray.payment, "outcome": astray.outcome.value}
    desk.note("continues", *rows, **told, promised=[p.id for p in before.promised], penalised=_standing(before))
    replace(desk)
    if before.why is Why.PARCEL_FOUND:
        parcel = FoundParcel(at=desk.now, by=case.intake.received_by, lessened=False)
        desk.note("parcel_found", **found(desk, parcel))


def _owed_again(desk: Desk, promised: PromisedBefore) -> Row:
    """The same promise, by the same time."""
    case = desk.case
    unit = promised.unit if promised.unit in case.units_known else case.handler
    owed = desk.open(Owed.PROMISE, unit, role=agent_of(unit), about=promised.id, window=(desk.now, promised.due))
    made = Promise(**promised.model_dump(exclude={"unit"}), unit=unit, obligation=owed.key)
    case.promises[promised.id] = made
    return promise_row(made)


def _standing(before: Before) -> list[dict[str, str | int]]:
    return [{"unit": p.unit, "clause": p.clause, "penalty": p.amount, "complaint": p.complaint} for p in before.penalised]


def answer_the_authority(desk: Desk) -> None:
    """It came through 12305: the HQ desk knows at once what it has to answer."""
    if desk.case.regulator_appeal is not None:
        desk.tell("regulator_appeal", f"{Role.HQ_AGENT}@hq", appeal_number=desk.case.regulator_appeal)
