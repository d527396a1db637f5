"""A review that HQ quality opens once the complaint is closed, played."""

from __future__ import annotations

import hashlib
from typing import Any

from domain import commands as c
from domain.opening import later_reviews
from domain.values import Party, Role
from tests.workflows.office import Office
from tests.workflows.played import AGENT, SUPERVISOR, VISITOR, Played
from workflows.later_reviews import LaterReviews, LaterReviewsWorkflow


def opening(*branches: str, **more: Any) -> dict[str, Any]:
    respondents = tuple(c.Respondent(branch=branch) for branch in branches or ("foshan",))
    return {"respondents": respondents, "reasons_ref": "why it is looked at"} | more


async def nobodys_fault(office: Office) -> Played:
    """¥3,000 paid for a loss that the findings call force majeure."""
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1", hub="hub-dongguan")
    await played.found(liable={Party.FORCE_MAJEURE: 100})
    await played.approved(SUPERVISOR)
    await played.paid()
    return played


async def visited_and_closed(played: Played, by: str = VISITOR) -> None:
    await played.say(c.ConfirmDone, AGENT, words_ref="done")
    for _ in range(2):
        await played.visited(by=by)
    await played.closed()


async def later(played: Played, *branches: str, **more: Any) -> Played:
    """The process of the review that HQ quality opens now, the complaint being closed."""
    digest = hashlib.sha256(repr((branches, more)).encode()).hexdigest()
    said = c.OpenReview(
        actor=c.Actor(sub="rui", roles=(Role.HQ_REVIEWER,), unit="hq"), digest=digest, **opening(*branches, **more)
    )
    await played.office.client.start_workflow(
        LaterReviewsWorkflow.run,
        LaterReviews(case=await played.case(), opening=said),
        id=later_reviews(played.number),
        task_queue=played.office.queue,
    )
    after = Played(played.office, played.number, played.plan)
    after.handle = played.office.client.get_workflow_handle(later_reviews(played.number))
    return after
