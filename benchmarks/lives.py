"""Full lives through the real worker, against a bare Temporal workflow with the same answers, waits and writes.

The life: a parcel insured for ¥3,000 is lost; findings, the HQ supervisor's approval, the payout, the other branch's statement,
a ruling nobody appeals against, the handler's word that it is done, and two visits. Nobody answers before being asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.worker import Worker

import worker
from api.desk import Desk, update_name
from benchmarks.floor import BARE, Floor, pay, write
from benchmarks.ground import Ground
from benchmarks.race import MOST_LAPS, Result, at_once, race
from benchmarks.received import plan_of_lost, receive
from domain import commands as c
from domain.plan import CasePlan
from domain.values import (
    Outcome,
    Party,
    PayoutOutcome,
    Role,
    Stance,
    Validity,
    VisitChannel,
    VisitResult,
)
from embedded.virtual import VirtualTime

AT_ONCE = 16
LIVES, SECONDS = 24, 60

# To the day the first visit's window opens, and from there to the second's; within the first falls the end of the appeal window.
TO_VISIT_1, TO_VISIT_2 = timedelta(days=3), timedelta(days=8)


class Lives:
    """The same life, many times: each complaint is in the register before the clock starts."""

    def __init__(self, ground: Ground, plan: CasePlan) -> None:
        self.ground, self.plan = ground, plan
        self.desk = Desk(ground.client, ground.settings.task_queue)
        self.time = VirtualTime(ground.client)
        self.received: list[c.Intake] = []
        self.lived: list[str] = []

    async def receive(self, count: int) -> None:
        self.received += [await receive(self.ground, self.plan) for _ in range(count)]

    async def live(self) -> None:
        intake = self.received.pop()
        assert await self.desk.start(intake, self.plan)
        number, review = intake.number, f"{intake.number}-R1"
        handle: WorkflowHandle[Any, Any] = self.ground.client.get_workflow_handle(number)

        async def say(kind: type[c.Command], role: Role, unit: str, **said: Any) -> None:
            actor = c.Actor(sub=f"{role}@{unit}", roles=(role,), unit=unit)
            await handle.execute_update(update_name(kind), kind(actor=actor, digest=uuid4().hex, **said))

        at_fault = (c.LiableParty(party=Party.DESTINATION, share=100),)
        found = {"validity": Validity.EFFECTIVE, "cause_ref": "bench", "remedy_ref": "bench", "liable": at_fault}
        await say(c.SubmitFindings, Role.BRANCH_AGENT, "minhang", **found)
        await say(c.DecideCompensation, Role.HQ_SUPERVISOR, "hq", approve=True)
        await say(c.RecordPayout, Role.FINANCE, "hq", reference=number, outcome=PayoutOutcome.PAID)
        await say(c.MakeStatement, Role.BRANCH_MANAGER, "foshan", review=review, stance=Stance.CONTESTS, statement_ref="bench")
        shares = (c.ShareLine(branch="foshan", share=60), c.ShareLine(branch="minhang", share=40))
        ruled = {"clauses": (c.ClauseLine(code="Q-203"),), "shares": shares, "reasons_ref": "bench"}
        await say(c.Rule, Role.HQ_REVIEWER, "hq", review=review, **ruled)
        await say(c.ConfirmDone, Role.BRANCH_AGENT, "minhang", words_ref="bench")
        for days in (TO_VISIT_1, TO_VISIT_2):
            await self.time.fast_forward(number, days)
            await say(c.RecordVisit, Role.BRANCH_MANAGER, "minhang", result=VisitResult.SATISFIED, channel=VisitChannel.PHONE)
        assert await handle.result() == Outcome.RESOLVED
        self.lived.append(number)

    async def bare(self) -> None:
        client, id = self.ground.client, f"bare-{uuid4().hex}"
        handle = await client.start_workflow(Floor.run, BARE, id=id, task_queue="floor", memo={"uuid": id})
        days = 0
        for step in BARE:
            if step.isdecimal():
                days += int(step)
                continue
            if days:
                await self.time.fast_forward(id, timedelta(days=days, minutes=1))  # its writes take real time too
                days = 0
            await handle.execute_update(Floor.say, step)
        assert await handle.result() == sum(not step.isdecimal() for step in BARE)
        self.lived.append(id)


@asynccontextmanager
async def lives(ground: Ground) -> AsyncIterator[Lives]:
    bare = Worker(
        ground.client,
        task_queue="floor",
        workflows=[Floor],
        activities=[write, pay],
        workflow_runner=worker.RUNNER,
    )
    async with worker.build(ground.settings, ground.client, ground.database), bare:
        yield Lives(ground, await plan_of_lost(ground))


async def run(ground: Ground) -> list[str]:
    """The claim's line last, before it what one life costs."""
    async with lives(ground) as many:
        result = await compare(many)
        costs = []
        for name, life in (("a life", many.live), ("the floor", many.bare)):
            await many.receive(1)
            await life()
            costs.append(f"{name}: {cost(await ground.client.get_workflow_handle(many.lived[-1]).fetch_history())}")
        return [*costs, str(result)]


async def compare(many: Lives) -> Result:
    async def ours() -> None:
        await at_once(many.live, LIVES, most=AT_ONCE)

    async def floor() -> None:
        await at_once(many.bare, LIVES, most=AT_ONCE)

    await many.receive(LIVES * (MOST_LAPS + 1))
    return await race("lives", ours, floor, each=LIVES, seconds=SECONDS)


def cost(history: WorkflowHistory) -> str:
    """Events without those that only moving time adds: the order to skip and the skips. Activity tasks: local ones are none."""
    names = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]
    counted = Counter(names)
    ordered = counted["WORKFLOW_EXECUTION_OPTIONS_UPDATED"]
    skipping = counted["WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED"] + ordered
    return f"{len(names) - skipping} history events, {counted['ACTIVITY_TASK_SCHEDULED']} activity tasks"
