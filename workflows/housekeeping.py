"""The house's rounds, run by a schedule every minute and never two at once."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.housekeeping import Housekeeping

ROUND = (
    Housekeeping.start_complaints,
    Housekeeping.hand_over_calls,
    Housekeeping.archive_histories,
    Housekeeping.find_lost,
    Housekeeping.sweep_texts,
    Housekeeping.send_circular,
    Housekeeping.write_final_letters,
    Housekeeping.watch_the_books,
    Housekeeping.draw_second_looks,
)


@workflow.defn
class HousekeepingWorkflow:
    @workflow.run
    async def run(self) -> dict[str, int]:
        """One chore after the other; one that fails is left for the next round and stops none of the rest."""
        done: dict[str, int] = {}
        for chore in ROUND:
            try:
                # Local: half a million rounds a year stay in the server's memory, and a marker is a fifth of an activity.
                done[chore.__name__] = await workflow.execute_local_activity_method(
                    chore, start_to_close_timeout=timedelta(minutes=5), retry_policy=RetryPolicy(maximum_attempts=1)
                )
            except ActivityError as failed:
                workflow.logger.warning("chore_failed", extra={"chore": chore.__name__, "cause": type(failed.cause).__name__})
        return done
