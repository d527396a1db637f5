"""A worker with a register and a bank of paper, and the complaints it takes, each with a clock of its own."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.claims import Claims
from activities.found import Penalties
from activities.payouts import Payouts
from activities.register import Register
from domain import commands as c
from domain.plan import CasePlan
from domain.values import Channel, ComplainantRole
from embedded.virtual import VirtualTime
from tests.workflows.paper import PaperBank, PaperClaims, PaperPenalties, PaperRegister, starter_plan
from tests.workflows.played import Played
from worker import SANDBOX
from workflows.complaint import Complaint, ComplaintWorkflow
from workflows.corrections import CorrectionWorkflow
from workflows.later_reviews import LaterReviewsWorkflow

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = itertools.count(1)


def monday() -> datetime:
    """When the desk next opens a whole week: every test tells the same story, whatever day it is run."""
    today = datetime.now(SHANGHAI)
    day = today.date() + timedelta(days=7 - today.weekday())
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=SHANGHAI).astimezone(UTC)


class Office:
    """`workflows` and `runner` let a test play a worker with a bug, and then the repaired one on the same queue."""

    def __init__(self, client: Client, *, workflows: list[type] | None = None, runner: WorkflowRunner | None = None) -> None:
        self.client = client
        self.register, self.bank, self.claims = PaperRegister(), PaperBank(), PaperClaims()
        self.penalties = PaperPenalties()
        self.queue = f"office-{uuid4().hex[:8]}"
        self.time = VirtualTime(client)
        self.worker = self.hire(workflows, runner)

    def hire(self, workflows: list[type] | None = None, runner: WorkflowRunner | None = None) -> Worker:
        """Another worker for the same queue, register and bank."""
        payouts, claims = Payouts(self.bank), Claims(self.claims)
        return Worker(
            self.client,
            task_queue=self.queue,
            workflows=workflows or [ComplaintWorkflow, LaterReviewsWorkflow, CorrectionWorkflow],
            activities=[
                Register(self.register).write_facts,
                Register(self.register).add_fact,
                payouts.send_payout,
                payouts.ask_payout,
                claims.ask_claim,
                claims.release_claim,
                Penalties(self.penalties).give_back_penalties,
            ],
            workflow_runner=runner or SandboxedWorkflowRunner(restrictions=SANDBOX),
        )

    async def __aenter__(self) -> Office:
        await self.worker.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.worker.__aexit__(kind, error, trace)

    async def complaint(self, *, plan: CasePlan | None = None, received: datetime | None = None, **said: Any) -> Played:
        """A complaint received from the customer on Monday when the desk opens, its process just begun."""
        played, intake = self.intake(plan=plan, received_at=received or monday(), **said)
        wait = intake.received_at - datetime.now(UTC)
        await self.begin(played, intake, start_delay=wait)
        await played.forward(intake.received_at - datetime.now(UTC) + timedelta(seconds=1))
        return played

    async def begin(self, played: Played, intake: c.Intake, start_delay: timedelta | None = None) -> None:
        await self.client.start_workflow(
            ComplaintWorkflow.run,
            Complaint(intake=intake, plan=played.plan),
            id=played.number,
            task_queue=self.queue,
            start_delay=start_delay,
        )

    def intake(self, *, plan: CasePlan | None = None, **said: Any) -> tuple[Played, c.Intake]:
        """What a recipient in Foshan says of a parcel from Minhang, unless said otherwise; not begun yet."""
        number = f"A261121-{next(_numbers):06d}-{uuid4().hex[:4]}"
        told: dict[str, Any] = {
            "waybill": "97-80389-6",
            "origin": "minhang",
            "destination": "foshan",
            "category": "service_attitude",
            "channel": Channel.PHONE,
            "complainant": ComplainantRole.RECIPIENT,
            "text": "first call",
            "received_by": "agent",
            "received_at": datetime.now(UTC),
        } | said
        intake = c.Intake(number=number, uuid=uuid4().hex, **told)
        return Played(self, number, plan or starter_plan()), intake


UNSANDBOXED = UnsandboxedWorkflowRunner()
"""For workflows a test defines itself: the sandbox would import the test anew."""
