"""The circular: what changed around the complaints is told to every running one it concerns, a bounded number a second.

It keeps no list: whom to tell is a question to the register (ADR 13), so a change during its last look, a killed worker and
a continued history lose nobody. It runs while somebody is left; one at a time, by its id.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.circulars import Told

MOST_ROUNDS = 5
"""Rounds that told somebody, without a new change; whoever has not heard by then is left to housekeeping."""
_UNTIL_TOLD = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))


class Pace(BaseModel):
    """So many complaints at once, then a rest; `settle` is how long the register may take to say that they have heard."""

    at_once: int = 100
    rest: timedelta = timedelta(seconds=1)
    settle: timedelta = timedelta(seconds=2)
    after: str = ""


@workflow.defn(name="Circular")
class CircularWorkflow:
    @workflow.init
    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.news = True

    @workflow.run
    async def run(self, pace: Pace) -> int:
        """Round after round, until one finds nobody who has not heard. Answers how often somebody was told."""
        told, rounds, after = 0, 0, pace.after
        while True:
            rounds, self.news = (0 if self.news else rounds + 1), False
            just_told = await self.round(after)
            told += just_told
            nobody_left = not just_told and not after
            if not self.news and (nobody_left or rounds >= MOST_ROUNDS):
                return told
            after = ""
            await workflow.sleep(self.pace.settle)

    async def round(self, after: str) -> int:
        """Once through all complaints, by number."""
        told = 0
        while True:
            batch: Told = await workflow.execute_activity(
                "tell_dated_facts",
                args=[after, self.pace.at_once],
                result_type=Told,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=10),  # a worker that died is missed after this
                retry_policy=_UNTIL_TOLD,
            )
            told += batch.told
            if batch.last is None or batch.told < self.pace.at_once:
                return told
            after = batch.last
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.pace.model_copy(update={"after": after}))
            await workflow.sleep(self.pace.rest)

    @workflow.signal
    def changed(self) -> None:
        """Something changed: whoever was passed already may have news to hear."""
        self.news = True
