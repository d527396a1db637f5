"""The façade over activities: the only place with time-outs and retries, and where one that gives up becomes an outcome.

Nothing raised here may end a complaint (architecture 9).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from domain.claims import ClaimAsked, ClaimSeen
from domain.corrections import ReviewCorrected
from domain.found import FoundParcel
from domain.lessened import GiveBack, Given
from domain.opening import Undone, later_reviews
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.record import Fact, Held
from domain.values import PayoutOutcome

_WRITES = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10))
# Twenty-four tries in seven minutes: at first close together, for most of what fails is over in a second.
_PAYMENTS = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=1.5,
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=24,
)


async def _register(activity: str, *given: Any, answer: Any = None) -> Any:
    """Retried for ever; past a second between timers, so that no workflow task is held while the register is away."""
    return await workflow.execute_local_activity(
        activity,
        args=given,
        result_type=answer,
        start_to_close_timeout=timedelta(seconds=10),
        local_retry_threshold=timedelta(seconds=1),
        retry_policy=_WRITES,
    )


async def _hears(process: str, signal: str, news: Any) -> bool:
    """Tell another process; False when none of that id runs."""
    try:
        await workflow.get_external_workflow_handle(process).signal(signal, news)
    except ApplicationError:
        workflow.logger.info("nobody_to_tell", extra={"complaint": process, "told": signal})
        return False
    return True


async def _tell_either(number: str, signal: str, news: Any) -> None:
    """The complaint, or where it is closed the reviews that were opened since."""
    if not await _hears(number, signal, news):
        await _hears(later_reviews(number), signal, news)


async def write(number: str, facts: list[Fact]) -> list[str | Held]:
    """Into the register, in order."""
    written: list[str | Held] = await _register("write_facts", number, facts, answer=list[str | Held])
    return written


async def add(number: str, fact: Fact) -> None:
    """What a correction tells, beside the complaint's own story."""
    await _register("add_fact", number, fact)


async def tell_complaint(number: str, corrected: ReviewCorrected) -> None:
    """A complaint that goes on, or reviews opened after it was closed, hold what was corrected; else nobody needs to hear."""
    await _tell_either(number, "review_corrected", corrected)


async def tell_later_reviews(number: str, undone: Undone) -> None:
    """Reviews that were opened after closing hold what was shared of its payments; mostly there are none."""
    await _hears(later_reviews(number), "payment_undone", undone)


async def tell_found(number: str, parcel: FoundParcel) -> None:
    """Another complaint about the parcel, or reviews of it that were opened after closing, may still rule on its loss."""
    await _tell_either(number, "parcel_found", parcel)


async def ask_claim(asked: ClaimAsked) -> ClaimSeen:
    """What others had for the parcel, and whether one more payment may be sent. While the register is away, none is."""
    seen: ClaimSeen = await _register("ask_claim", asked, answer=ClaimSeen)
    return seen


async def release_claim(key: str) -> None:
    await _register("release_claim", key)


async def give_back(asked: GiveBack) -> Given:
    """What the finding of a parcel leaves too much of final penalties."""
    given: Given = await _register("give_back_penalties", asked, answer=Given)
    return given


async def pay(order: PayoutOrder, *, again: bool = False) -> PayoutAnswer:
    """Send a payment, or ask about it `again` under the same key. A provider that never answers makes it *unknown*."""
    try:
        said: PayoutAnswer = await workflow.execute_activity(
            "ask_payout" if again else "send_payout",
            order,
            result_type=PayoutAnswer,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_PAYMENTS,
            summary=order.key,
        )
        return said
    except ActivityError:
        workflow.logger.warning("payout_unknown", extra={"payment": order.key})
        return PayoutAnswer(outcome=PayoutOutcome.UNKNOWN, provider="none")
