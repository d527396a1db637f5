"""The penalty sheet of a month, from its draft on the 1st until finance has executed the last line of it.

People sign, publish and execute it in the register (`store.penalty_sheets`); this process drafts it and does not let it lie.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.months import before, month_of

A_DAY = timedelta(days=1)
_UNTIL_DONE = RetryPolicy(maximum_interval=timedelta(minutes=1))


@workflow.defn(name="PenaltySheet")
class PenaltySheetWorkflow:
    @workflow.run
    async def run(self, month: str | None = None) -> str:
        """Draft last month's sheet, or that of `month`; then remind whoever it waits for, day by day. Answers the month."""
        if month is None:
            month = before(month_of(workflow.now()))
            await self.ask("draft_penalty_sheet", month)
        while await self.ask("remind_of_penalty_sheet", month):
            await workflow.sleep(A_DAY)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(month)
        return month

    async def ask(self, activity: str, month: str) -> object:
        """Retried for ever: a register that is away delays the sheet and loses nothing."""
        return await workflow.execute_activity(
            activity, month, start_to_close_timeout=timedelta(minutes=1), retry_policy=_UNTIL_DONE
        )
