"""A correction's own short process: opened, decided once by somebody new, or given up; told beside the complaint's story."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.corrections import Correction, DecideCorrection, Ground
from domain.values import CorrectionStatus, LedgerKind, Owed, PayoutOutcome, Role, Stance
from tests.domain.complaints import by
from tests.domain.test_corrections import correction, decision
from tests.workflows.office import Office
from tests.workflows.played import DAY, Played
from tests.workflows.test_penalty_review import a_paid_loss
from workflows.corrections import CorrectionWorkflow

Handle = WorkflowHandle[CorrectionWorkflow, CorrectionStatus]


async def opened(office: Office, *, due: timedelta = timedelta(days=5)) -> tuple[Correction, Handle]:
    now, id = datetime.now(UTC), f"A1-R1-C1-{uuid4().hex[:6]}"
    this = correction().model_copy(update={"id": id, "opened_at": now, "due": now + due, "lapses": now + 2 * due})
    this = this.model_copy(update={"ground": this.ground.model_copy(update={"number": id})})
    return this, await office.client.start_workflow(CorrectionWorkflow.run, this, id=id, task_queue=office.queue)


async def refused(handle: Handle, said: DecideCorrection) -> str | None:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(CorrectionWorkflow.decide_correction, said)
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause.type


async def test_it_is_decided_once_by_somebody_new_and_reverses_what_it_changes(office: Office) -> None:
    this, handle = await opened(office)
    assert await refused(handle, decision(0, actor=by(Role.HQ_REVIEWER, unit="hq", sub="rui"))) == "TookPart"
    assert await refused(handle, decision(10001)) == "Unacceptable"
    receipt = await handle.execute_update(CorrectionWorkflow.decide_correction, decision(4000))
    assert receipt.told["status"] == "corrected"
    assert await handle.result() == CorrectionStatus.CORRECTED
    told = office.register.beside[this.id]
    assert [fact.name for fact in told] == ["correction_opened", "correction_corrected"]
    rows = [row for fact in told for row in fact.rows]
    assert [row.key for row in rows if row.table == "posting"] == [
        "A1-R1:foshan:Q-203:penalty:reversed",
        f"{this.id}:A1-R1:foshan:Q-203:penalty",
    ]
    assert [row.ended_at is None for row in rows if row.table == "obligation"] == [True, False]
    assert {row.to for row in rows if row.table == "notice"} == {"branch_agent@minhang", "branch_agent@foshan"}


async def test_nobody_decides_it_somebody_is_told_and_the_review_stands(office: Office) -> None:
    this, handle = await opened(office, due=timedelta(seconds=1))
    async with asyncio.timeout(20):
        assert await handle.result() == CorrectionStatus.LAPSED
    told = office.register.beside[this.id]
    assert [fact.name for fact in told] == ["correction_opened", "correction_late", "correction_lapsed"]
    assert [row.to for fact in told for row in fact.rows if row.table == "notice"] == ["hq_supervisor@hq"]
    assert [row.late for fact in told for row in fact.rows if row.table == "obligation"] == [False, True, True]
    assert not [row for fact in told for row in fact.rows if row.table == "posting"]


async def admitted(office: Office) -> Played:
    """Foshan admits the loss and bears ¥3,000, and a penalty of ¥100; the review is final, the complaint goes on."""
    played = await a_paid_loss(office)
    await played.stated(stance=Stance.ADMITS)
    await played.past(Owed.APPEAL)
    return played


async def corrected(office: Office, played: Played) -> Handle:
    """Opened on what stands now."""
    review, now = await played.penalty_review(), await played.now()
    [share] = [row for row in played.rows("posting") if row.kind is LedgerKind.SHARE]
    ground = Ground(
        number=played.number,
        review=review,
        owner="minhang",
        paid={f"{played.number}-R1-P1": 3000_00},
        standing=(share,),
        plan=played.plan.penalties,
        received=now.date(),
        ruled=now.date(),
        units=("minhang", "foshan"),
    )
    told = correction().model_copy(
        update={"id": f"{review.id}-C1", "ground": ground, "opened_at": now, "due": now + DAY, "lapses": now + 2 * DAY}
    )
    return await office.client.start_workflow(CorrectionWorkflow.run, told, id=told.id, task_queue=office.queue)


HALVES = decision(shares={"foshan": 50, "minhang": 50})


def balances(office: Office, played: Played) -> Counter[str]:
    """With what the correction posted beside the story, each posting once."""
    rows = [*played.rows("posting"), *(r for f in office.register.beside[played.number] for r in f.rows if r.table == "posting")]
    booked: Counter[str] = Counter()
    for row in {row.key: row for row in rows}.values():
        booked.update({entry.account: entry.amount for entry in row.entries})
    return Counter({account: sum_ for account, sum_ in booked.items() if sum_})


PENALTY = {"unit:foshan": -100_00, "hq:quality_fund": 100_00}


async def test_a_payment_that_comes_back_after_a_correction_leaves_nothing_of_what_the_correction_shared(office: Office) -> None:
    played = await admitted(office)
    await (await corrected(office, played)).execute_update(CorrectionWorkflow.decide_correction, HALVES)
    shared = {"customers": 3000_00, "unit:minhang": -1500_00, "unit:foshan": -1600_00, "hq:quality_fund": 100_00}
    assert balances(office, played) == shared
    await played.paid(PayoutOutcome.RETURNED)
    assert balances(office, played) == PENALTY


async def test_what_comes_back_between_the_opening_of_a_correction_and_its_decision_is_shared_by_nobody(office: Office) -> None:
    played = await admitted(office)
    handle = await corrected(office, played)
    await played.paid(PayoutOutcome.RETURNED)
    await handle.execute_update(CorrectionWorkflow.decide_correction, HALVES)
    await played.forward(timedelta(seconds=1))
    assert balances(office, played) == PENALTY
