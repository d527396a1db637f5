"""The only door from HTTP to the processes: starts complaints, hands decisions over, and brings their refusals back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.errors import Away, BadInput, Forbidden, Problem, Refused
from api.processes import Processes
from api.reaching import ANSWER_WITHIN, SHORT, Unreachable, reaching
from domain.case import Case
from domain.commands import Command, Intake, News, OpenReview, Receipt
from domain.corrections import Correction, DecideCorrection
from domain.errors import NotPermitted, RuleBroken, Unacceptable
from domain.opening import later_reviews
from domain.payouts import PayoutNews
from domain.plan import CasePlan
from workflows.circular import CircularWorkflow, Pace
from workflows.complaint import Complaint, ComplaintWorkflow
from workflows.corrections import CorrectionWorkflow
from workflows.later_reviews import LaterReviews, LaterReviewsWorkflow

log = structlog.get_logger(__name__)

START_WITHIN = timedelta(seconds=3)
CATEGORY, ORIGIN = SearchAttributeKey.for_keyword("AmendsCategory"), SearchAttributeKey.for_keyword("AmendsOrigin")
"""Registered by `amends setup`; where they are not, a complaint starts without them."""

NOT_READY = 0.1
"""Seconds until a process that is not ready is told again."""


class NoSuchProcess(Exception):
    """No complaint of that number runs: not started yet, or closed."""


class NumberTaken(Exception):
    """Another complaint's process runs under this number."""


def update_name(command: type[Command]) -> str:
    """`SubmitFindings` is the update `submit_findings`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", command.__name__).lower()


def _kinds(kind: type[RuleBroken]) -> Iterator[tuple[str, type[RuleBroken]]]:
    yield kind.__name__, kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def refusal(cause: BaseException) -> Problem:
    """The problem a refused decision answers with. Only names of rules are refusals; anything else is a bug and says so."""
    name = cause.type if isinstance(cause, ApplicationError) else None
    kind = dict(_kinds(RuleBroken)).get(name or "")
    if kind is None or not isinstance(cause, ApplicationError):
        log.error("decision_broke", error=name or type(cause).__name__)
        return Problem("Something is broken on our side; the decision was not taken and it has been logged.", status=500)
    if issubclass(kind, NotPermitted):
        return Forbidden(cause.message, kind=name)
    return BadInput(cause.message, kind=name) if issubclass(kind, Unacceptable) else Refused(cause.message, kind=name)


class Desk:
    def __init__(self, client: Client, task_queue: str) -> None:
        self._client, self._task_queue = client, task_queue
        self.processes = Processes(client, task_queue)

    async def start(self, intake: Intake, plan: CasePlan) -> bool:
        """Start the complaint's process once; False while Temporal is away (the row waits for the schedule)."""
        try:
            async with reaching(START_WITHIN):
                await self._start(intake, plan)
        except Unreachable as away:
            log.warning("complaint_not_started", complaint=intake.number, why=str(away))
            return False
        return True

    async def _start(self, intake: Intake, plan: CasePlan, *, findable: bool = True) -> None:
        try:
            await self._client.start_workflow(
                ComplaintWorkflow.run,
                Complaint(intake=intake, plan=plan),
                id=intake.number,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                memo={"uuid": intake.uuid},
                search_attributes=_found_by(intake) if findable else None,
                static_summary=f"{intake.category} · {intake.waybill or 'no waybill'}",
                rpc_timeout=START_WITHIN,
            )
        except RPCError as error:
            if (
                not findable
                or error.status is not RPCStatusCode.INVALID_ARGUMENT
                or "search attribute" not in error.message.lower()
            ):
                raise
            log.error("search_attributes_missing", complaint=intake.number, mend="run amends setup")
            await self._start(intake, plan, findable=False)
        except WorkflowAlreadyStartedError:
            described = await self._client.get_workflow_handle(intake.number).describe(rpc_timeout=SHORT)
            if await described.memo_value("uuid", default=None) != intake.uuid:
                raise NumberTaken(intake.number) from None

    async def decide(self, number: str, command: Command) -> Receipt:
        """Hand a decision over and bring its receipt back within five seconds, or say that it may yet be recorded.

        `number` is the complaint's, or the id of its later reviews.
        """
        update = update_name(type(command))
        try:
            async with reaching(ANSWER_WITHIN):
                receipt = await self._told(number, update, command)
        except WorkflowUpdateFailedError as failed:
            problem = refusal(failed.cause)
            log.info("decision_refused", complaint=number, decision=update, kind=problem.kind, status=problem.code)
            raise problem from failed
        except Unreachable as away:
            log.warning("decision_not_answered", complaint=number, decision=update, why=str(away))
            raise Away from away
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise NoSuchProcess(number) from error
        log.info("decision_taken", complaint=number, decision=update, seq=receipt.seq)
        return receipt

    async def open_later(self, case: Case, opening: OpenReview | None) -> bool:
        """Start the process of the reviews of a closed complaint; False when it runs already. Raises `Away`."""
        return await self._begin(
            LaterReviewsWorkflow.run,
            LaterReviews(case=case, opening=opening),
            id=later_reviews(case.intake.number),
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=f"{case.category} · reviews after closing",
        )

    async def closed_case(self, number: str) -> Case | None:
        """The case as its last process left it, that of later reviews first; None when none is kept. Raises `Away`."""
        for process in (later_reviews(number), number):
            handle = self._client.get_workflow_handle(process)
            try:
                async with reaching(ANSWER_WITHIN):
                    case: Case = await handle.query("view", result_type=Case, rpc_timeout=ANSWER_WITHIN)
                    return case
            except Unreachable as away:
                raise Away from away
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
        return None

    async def open_correction(self, correction: Correction) -> bool:
        """Start the process of a correction; False when there is one of its id. Raises `Away`."""
        once = WorkflowIDReusePolicy.REJECT_DUPLICATE
        return await self._begin(CorrectionWorkflow.run, correction, id=correction.id, id_reuse_policy=once)

    async def _begin(self, run: Callable[..., Awaitable[Any]], given: object, **terms: Any) -> bool:
        """Start a process beside complaints, once."""
        try:
            async with reaching(START_WITHIN):
                await self._client.start_workflow(run, given, task_queue=self._task_queue, rpc_timeout=START_WITHIN, **terms)
        except WorkflowAlreadyStartedError:
            return False
        except Unreachable as away:
            raise Away from away
        return True

    async def decide_correction(self, id: str, decision: DecideCorrection) -> Receipt:
        """Hand its decision over; answered when the register has it."""
        handle = self._client.get_workflow_handle(id)
        try:
            async with reaching(ANSWER_WITHIN):
                return await handle.execute_update(CorrectionWorkflow.decide_correction, decision, rpc_timeout=ANSWER_WITHIN)
        except WorkflowUpdateFailedError as failed:
            raise refusal(failed.cause) from failed
        except Unreachable as away:
            raise Away from away
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise Refused("This correction is decided; a review is corrected once.", kind="WrongStage") from error

    async def _told(self, number: str, update: str, command: Command) -> Receipt:
        """A process that is just continuing as new hears nothing for a moment; it is told again."""
        while True:
            try:
                receipt: Receipt = await self._client.get_workflow_handle(number).execute_update(
                    update, command, id=_update_id(command), result_type=Receipt, rpc_timeout=ANSWER_WITHIN
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                    raise
                await asyncio.sleep(NOT_READY)
            else:
                return receipt

    async def tell(self, number: str, news: News) -> bool:
        """Tell a running complaint, or its later reviews, of dated facts; False when neither runs. Raises `Unreachable`."""
        for process in (number, later_reviews(number)):
            try:
                async with reaching(SHORT):
                    await self._client.get_workflow_handle(process).signal(ComplaintWorkflow.dated_facts, news, rpc_timeout=SHORT)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                return True
        return False

    async def bring_payout_news(self, number: str, news: PayoutNews) -> bool:
        """A provider has something to say of a payment; False when the complaint's process has ended. Raises `Away`."""
        try:
            async with reaching(SHORT):
                await self._client.get_workflow_handle(number).signal(ComplaintWorkflow.payout_news, news, rpc_timeout=SHORT)
        except Unreachable as away:
            raise Away from away
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def announce(self) -> bool:
        """Dated facts changed: have the circular tell everybody concerned; False while Temporal is away (housekeeping will)."""
        try:
            async with reaching(SHORT):
                await self._client.start_workflow(
                    CircularWorkflow.run,
                    Pace(),
                    id=f"{self._task_queue}-circular",  # `amends-circular`; one at a time
                    task_queue=self._task_queue,
                    start_signal="changed",  # one that is running looks once more
                    rpc_timeout=SHORT,
                )
        except Unreachable as away:
            log.warning("circular_not_sent", why=str(away))
            return False
        return True


def _found_by(intake: Intake) -> TypedSearchAttributes:
    """What operators search by; set once, since every later change would cost the complaint an event."""
    pairs = [SearchAttributePair(CATEGORY, intake.category)]
    return TypedSearchAttributes([*pairs, SearchAttributePair(ORIGIN, intake.origin)] if intake.origin else pairs)


def _update_id(command: Command) -> str:
    """With an Idempotency-Key the same id again, so that Temporal answers the same; another body under it is another id.

    Without one the complaint itself knows the same decision when it sees it (its digest, while the obligation is open).
    """
    if command.key:
        return f"{command.key[:32]}-{command.digest[:32]}"
    return f"{command.digest[:32]}-{uuid4().hex}"
