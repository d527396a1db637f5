"""People and their papers, for tests of the process: a fake register that keeps facts, a fake bank, and complaints that are played."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from uuid import uuid4

import yaml
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.payouts import Payouts
from activities.register import Register
from domain import commands as c
from domain.case import Case
from domain.clocks import calendar_of
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.plan import CasePlan, UnitPlan
from domain.record import Fact
from domain.rulebook import content_hash, plan_for, read_rulebook
from domain.values import Channel, ComplainantRole, PayoutOutcome, Role, UnitKind
from embedded.virtual import VirtualTime
from worker import SANDBOX
from workflows.complaint import Complaint, ComplaintWorkflow

STARTER = Path(__file__).parents[2] / "rulebooks" / "starter.yaml"
C = TypeVar("C", bound=c.Command)
_numbers = itertools.count(1)


def unit(code: str) -> UnitPlan:
    kinds = {"hq": UnitKind.HQ, "hub-dongguan": UnitKind.HUB}
    return UnitPlan(code=code, kind=kinds.get(code, UnitKind.BRANCH), ancestors=() if code == "hq" else ("hq",))


def starter_plan(**changes: Any) -> CasePlan:
    document = yaml.safe_load(STARTER.read_text())
    units = {code: unit(code) for code in ("minhang", "foshan", "hq")}
    return plan_for(read_rulebook(document), hash=content_hash(document), units=units).model_copy(update=changes)


class PaperRegister:
    """Keeps what the process writes, and can be away for a while."""

    def __init__(self) -> None:
        self.facts: dict[str, list[Fact]] = {}
        self.away = False

    async def apply(self, number: str, facts: list[Fact]) -> list[str]:
        if self.away:
            raise ConnectionError("the register is away")
        held = self.facts.setdefault(number, [])
        new = [fact for fact in facts if not held or fact.seq > held[-1].seq]
        held.extend(new)
        return [f"{fact.seq} {fact.name}" for fact in new]


class PaperBank:
    """Pays by hand (`None`) unless told otherwise; counts what it was sent."""

    def __init__(self) -> None:
        self.sent: list[PayoutOrder] = []
        self.says: PayoutOutcome | None = None
        self.broken = False

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        if self.broken:
            raise ApplicationError("the bank is closed for ever", non_retryable=True)
        self.sent.append(order)
        return PayoutAnswer(outcome=self.says, reference=None, provider="paper")

    ask = send


class Refused(AssertionError):
    """A decision was refused: `rule` is the rule's name, the message its sentence."""

    def __init__(self, rule: str | None, sentence: str) -> None:
        super().__init__(f"{rule}: {sentence}")
        self.rule = rule
        self.sentence = sentence


class Office:
    def __init__(self, client: Client, workflows: list[type] | None = None) -> None:
        self.client = client
        self.register, self.bank = PaperRegister(), PaperBank()
        self.queue = f"office-{uuid4().hex[:8]}"
        self.time = VirtualTime(client)
        self.workflows = workflows or [ComplaintWorkflow]
        self.worker = self.hire()

    def hire(self) -> Worker:
        payouts = Payouts(self.bank)
        return Worker(
            self.client,
            task_queue=self.queue,
            workflows=self.workflows,
            activities=[Register(self.register).write_facts, payouts.send_payout, payouts.ask_payout],
            workflow_runner=SandboxedWorkflowRunner(restrictions=SANDBOX),
        )

    async def __aenter__(self) -> Office:
        await self.worker.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.worker.__aexit__(kind, error, trace)

    async def complaint(self, *, plan: CasePlan | None = None, start: bool = True, **said: Any) -> Played:
        """A complaint received from the customer now, with the clock at the desk's next opening."""
        plan = plan or starter_plan()
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
            "received_at": datetime.now().astimezone(),
        } | said
        intake = c.Intake(number=number, uuid=uuid4().hex, **told)
        played = Played(self, number, plan)
        if start:
            await played.start(intake)
        return played


class Played:
    """One complaint, played: people decide, time passes, the register is read."""

    def __init__(self, office: Office, number: str, plan: CasePlan) -> None:
        self.office, self.number, self.plan = office, number, plan
        self.handle: WorkflowHandle[ComplaintWorkflow, Any] = office.client.get_workflow_handle_for(ComplaintWorkflow.run, number)
        self.said = itertools.count(1)

    async def start(self, intake: c.Intake, *, to_opening: bool = True) -> None:
        await self.office.client.start_workflow(
            ComplaintWorkflow.run, Complaint(intake=intake, plan=self.plan), id=self.number, task_queue=self.office.queue
        )
        if to_opening:
            await self.to_opening()

    async def to_opening(self) -> None:
        now = await self.now()
        opening = calendar_of(self.plan).next_open(now + timedelta(seconds=1))
        if opening - now > timedelta(seconds=2):
            await self.forward(opening - now + timedelta(seconds=1))

    async def forward(self, by: timedelta) -> None:
        await self.office.time.fast_forward(self.number, by)

    async def until(self, moment: datetime) -> None:
        now = await self.now()
        if moment > now:
            await self.forward(moment - now + timedelta(seconds=1))

    async def now(self) -> datetime:
        return await self.office.time.now(self.number)

    async def say(self, kind: type[C], by: str, **fields: Any) -> c.Receipt:
        """`by` is `role@unit` or `sub:role@unit`; raises Refused."""
        sub, _, at = by.rpartition(":")
        role, _, unit_code = at.partition("@")
        key = fields.pop("key", None)
        digest = fields.pop("digest", None) or hashlib.sha256(f"{kind} {by} {next(self.said)}".encode()).hexdigest()
        actor = c.Actor(sub=sub or at, roles=(Role(role),), unit=unit_code)
        command = kind(actor=actor, digest=digest, key=key, **fields)
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("_")
        try:
            receipt: c.Receipt = await self.handle.execute_update(name, command, result_type=c.Receipt)
        except WorkflowUpdateFailedError as failed:
            assert isinstance(failed.cause, ApplicationError)
            raise Refused(failed.cause.type, failed.cause.message) from None
        return receipt

    async def case(self) -> Case:
        return await self.handle.query(ComplaintWorkflow.view)

    async def owed(self) -> list[str]:
        return sorted(o.owed.value for o in (await self.case()).obligations.values() if o.is_open)

    @property
    def facts(self) -> list[Fact]:
        return self.office.register.facts.get(self.number, [])

    @property
    def story(self) -> list[str]:
        return [fact.name for fact in self.facts]

    def rows(self, table: str) -> list[Any]:
        return [row for fact in self.facts for row in fact.rows if row.table == table]

    @property
    def balances(self) -> dict[str, int]:
        accounts: dict[str, int] = {}
        for posting in self.rows("posting"):
            for entry in posting.entries:
                accounts[entry.account] = accounts.get(entry.account, 0) + entry.amount
        return {account: amount for account, amount in accounts.items() if amount}
