"""One complaint, played: people decide, time passes, the register is read."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain import commands as c
from domain.case import Case
from domain.obligations import Obligation
from domain.plan import CasePlan
from domain.record import Fact
from domain.reviews import Review
from domain.values import AnswerKind, Outcome, Owed, Party, PayoutOutcome, Role, Stance, Validity, VisitChannel, VisitResult
from workflows.complaint import ComplaintWorkflow

if TYPE_CHECKING:
    from tests.workflows.office import Office

C = TypeVar("C", bound=c.Command)
T = TypeVar("T")

AGENT, MANAGER, VISITOR = "ann:branch_agent@minhang", "mao:branch_manager@minhang", "vera:branch_agent@minhang"
FOSHAN, FOSHAN_MANAGER = "feng:branch_agent@foshan", "fu:branch_manager@foshan"
HUB_MANAGER = "hu:branch_manager@hub-dongguan"
HQ_DESK, HQ_VISITOR = "he:hq_agent@hq", "hua:hq_agent@hq"
REVIEWER, OTHER_REVIEWER = "rui:hq_reviewer@hq", "ren:hq_reviewer@hq"
SUPERVISOR, OTHER_SUPERVISOR = "sun:hq_supervisor@hq", "song:hq_supervisor@hq"
FINANCE, OPERATOR = "fan:finance@hq", "ops:operator@hq"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Refused(AssertionError):
    """A decision was refused: `rule` is the rule's name, the message its sentence."""

    def __init__(self, rule: str | None, sentence: str) -> None:
        super().__init__(f"{rule}: {sentence}")
        self.rule = rule
        self.sentence = sentence


async def heard(call: Callable[[], Awaitable[T]]) -> T:
    """Call again for a moment while the process is just continuing as new, when it hears nothing."""
    for _ in range(40):
        try:
            return await call()
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            await asyncio.sleep(0.05)
    return await call()


async def at_last(met: Callable[[], Awaitable[bool]], patience: float = 20.0) -> None:
    """Until it is so by the wall's clock: for what the complaint's own clock cannot show."""
    async with asyncio.timeout(patience):
        while not await met():  # noqa: ASYNC110 - a server has no event to wait for
            await asyncio.sleep(0.05)


class Played:
    def __init__(self, office: Office, number: str, plan: CasePlan) -> None:
        self.office, self.number, self.plan = office, number, plan
        self.handle: WorkflowHandle[ComplaintWorkflow, Any] = office.client.get_workflow_handle_for(ComplaintWorkflow.run, number)
        self.review = f"{number}-R1"
        self._said = itertools.count(1)

    # -- time

    async def forward(self, by: timedelta) -> None:
        await self.office.time.fast_forward(self.handle.id, by)

    async def until(self, moment: datetime) -> None:
        for _ in range(10):  # a history that is continued on the way may end a step early
            now = await self.now()
            if now >= moment:
                return
            await self.forward(moment - now + timedelta(seconds=1))

    async def past(self, owed: Owed) -> None:
        """Nobody does what is owed until just after it was due."""
        await self.until((await self.obligation(owed)).due)

    async def now(self) -> datetime:
        return await self.office.time.now(self.handle.id)

    # -- people

    async def say(self, decision: type[C], by: str, /, **fields: Any) -> c.Receipt:
        """`by` is `sub:role@unit`, or `sub:role+role@unit`, `…/unit` of a stand-in for that unit's manager; raises Refused."""
        sub, _, at = by.rpartition(":")
        roles, _, at = at.partition("@")
        unit_code, *stands_in = at.split("/")
        key = fields.pop("key", None)
        digest = fields.pop("digest", None) or hashlib.sha256(f"{decision} {by} {next(self._said)}".encode()).hexdigest()
        actor = c.Actor(sub=sub, roles=tuple(map(Role, roles.split("+"))), unit=unit_code, stands_in=tuple(stands_in))
        command = decision(actor=actor, digest=digest, key=key, **fields)
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in decision.__name__).lstrip("_")
        try:
            return await heard(lambda: self.handle.execute_update(name, command, result_type=c.Receipt))
        except WorkflowUpdateFailedError as failed:
            assert isinstance(failed.cause, ApplicationError)
            raise Refused(failed.cause.type, failed.cause.message) from None

    async def contacted(self, by: str = AGENT, **more: Any) -> c.Receipt:
        return await self.say(c.RecordFirstContact, by, note_ref="note", **more)

    async def found(
        self, by: str = AGENT, *, liable: Mapping[Party, int] | None = None, validity: Validity = Validity.EFFECTIVE, **more: Any
    ) -> c.Receipt:
        """Findings; `liable` in percent, else the liability matrix's."""
        parties = tuple(c.LiableParty(party=party, share=share) for party, share in (liable or {}).items())
        return await self.say(
            c.SubmitFindings, by, validity=validity, cause_ref="cause", remedy_ref="remedy", liable=parties, **more
        )

    async def told(self, by: str = AGENT, kind: AnswerKind = AnswerKind.SOLUTION) -> c.Receipt:
        return await self.say(c.TellAnswer, by, kind=kind, words_ref="words", channel="phone")

    async def proposed(self, amount: int, by: str = AGENT) -> c.Receipt:
        return await self.say(c.ProposeCompensation, by, amount=amount, reason_ref="why this much")

    async def approved(self, by: str, **more: Any) -> c.Receipt:
        return await self.say(c.DecideCompensation, by, approve=True, **more)

    async def paid(self, outcome: PayoutOutcome = PayoutOutcome.PAID) -> c.Receipt:
        return await self.say(c.RecordPayout, FINANCE, reference="V1", outcome=outcome)

    async def stated(self, by: str = FOSHAN_MANAGER, stance: Stance = Stance.CONTESTS) -> c.Receipt:
        return await self.say(c.MakeStatement, by, review=self.review, stance=stance, statement_ref="statement")

    async def ruled(
        self, *lines: tuple[str, str], shares: Mapping[str, int] | None = None, by: str = REVIEWER, **more: Any
    ) -> c.Receipt:
        """A ruling with a line for each (clause, branch); `shares` of the advance in percent by branch."""
        clauses = tuple(c.ClauseLine(code=code, branch=branch) for code, branch in lines)
        said = {"clauses": clauses, "reasons_ref": "reasons"} | more
        whose = tuple(c.ShareLine(branch=branch, share=share) for branch, share in (shares or {}).items())
        return await self.say(c.Rule, by, review=self.review, shares=whose, **said)

    async def appealed(self, by: str = FOSHAN_MANAGER) -> c.Receipt:
        return await self.say(c.Appeal, by, review=self.review, reasons_ref="reasons of the appeal")

    async def visited(self, result: VisitResult = VisitResult.SATISFIED, by: str = VISITOR) -> c.Receipt:
        """The next visit, as soon as its window opens."""
        case = await self.case()
        planned = [o for o in case.obligations.values() if o.owed in (Owed.VISIT_1, Owed.VISIT_2) and o.ending is None]
        assert planned, f"no visit is planned; owed is {await self.owed()}"
        await self.until(planned[0].opens_at)
        return await self.say(c.RecordVisit, by, result=result, channel=VisitChannel.PHONE)

    async def called(self, text: str | None = None) -> c.Receipt:
        """The customer calls again, in words of its own unless said otherwise."""
        number = next(self._said)
        return await self.say(c.FurtherCall, HQ_DESK, call=f"call-{number}", text=text or f"and again, {number}")

    async def closed(self) -> Outcome:
        """The outcome; nothing but time may be needed any more for the reviews to end."""
        if (await self.case()).closed_at is None:
            await self.forward(timedelta(days=60))
        return Outcome(await self.handle.result())

    # -- what is so

    async def case(self) -> Case:
        return await heard(lambda: self.handle.query(ComplaintWorkflow.view))

    async def owed(self) -> list[str]:
        return sorted(o.owed.value for o in (await self.case()).obligations.values() if o.is_open)

    async def obligation(self, owed: Owed) -> Obligation:
        """The latest of its kind, ended or not."""
        return [o for o in (await self.case()).obligations.values() if o.owed is owed][-1]

    async def penalty_review(self) -> Review:
        return (await self.case()).reviews[self.review]

    @property
    def facts(self) -> list[Fact]:
        return self.office.register.facts.get(self.number, [])

    @property
    def story(self) -> list[str]:
        return [fact.name for fact in self.facts]

    async def has(self, name: str) -> bool:
        return name in self.story

    def rows(self, table: str) -> list[Any]:
        return [row for fact in self.facts for row in fact.rows if row.table == table]

    def letters(self, template: str, owed: Owed | None = None) -> list[str]:
        """To whom a letter went, in order."""
        notices = [row for row in self.rows("notice") if row.template == template]
        return [row.to for row in notices if owed is None or row.params.get("owed") == owed.value]

    async def sent(self) -> list[int]:
        """The sums that the bank was asked to pay for this complaint; the clock does not move while it is being asked."""
        await self.forward(timedelta(seconds=1))
        return [order.amount for order in self.office.bank.sent if order.number == self.number]

    @property
    def balances(self) -> dict[str, int]:
        accounts: dict[str, int] = {}
        for posting in self.rows("posting"):
            assert sum(entry.amount for entry in posting.entries) == 0
            for entry in posting.entries:
                accounts[entry.account] = accounts.get(entry.account, 0) + entry.amount
        return {account: amount for account, amount in accounts.items() if amount}
