"""A complaint from the first call to the last visit, in virtual time."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain.values import Outcome, Party, PayoutOutcome, Stage, Stance, Validity, VisitChannel, VisitResult
from tests.workflows.office import Office, Played

DAY = timedelta(days=1)


async def visit(played: Played, by: str = "visitor:branch_agent@minhang", result: VisitResult = VisitResult.SATISFIED) -> None:
    case = await played.case()
    planned = next(o for o in case.obligations.values() if o.owed.startswith("visit") and o.ending is None)
    await played.until(planned.opens_at)
    await played.say(c.RecordVisit, by, result=result, channel=VisitChannel.PHONE)


async def test_a_lost_insured_parcel_is_paid_by_its_sender_first_and_settled_between_the_branches_afterwards(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1")
    await played.say(
        c.SubmitFindings,
        "branch_agent@minhang",
        validity=Validity.EFFECTIVE,
        cause_ref="t1",
        remedy_ref="t2",
        liable=(c.LiableParty(party=Party.DESTINATION, share=100),),
    )
    assert (await played.case()).stage is Stage.COMPENSATION
    await played.say(c.DecideCompensation, "hq_supervisor@hq", approve=True)
    await played.say(c.RecordPayout, "finance@hq", reference="V1", outcome=PayoutOutcome.PAID)
    await played.say(
        c.MakeStatement, "branch_manager@foshan", review=f"{played.number}-R1", stance=Stance.CONTESTS, statement_ref="t3"
    )
    await played.say(
        c.Rule,
        "hq_reviewer@hq",
        review=f"{played.number}-R1",
        clauses=(c.ClauseLine(code="Q-203"),),
        shares=(c.ShareLine(branch="foshan", share=60), c.ShareLine(branch="minhang", share=40)),
        reasons_ref="t4",
    )
    await visit(played)
    await visit(played)
    assert await played.handle.result() == Outcome.RESOLVED
    assert played.balances == {
        "customers": 3000_00,
        "unit:minhang": -1200_00,
        "unit:foshan": -1800_00 - 100_00,
        "hq:quality_fund": 100_00,
    }
    assert len(office.bank.sent) == 1
    history = await played.handle.fetch_history()
    from collections import Counter
    from temporalio.api.enums.v1 import EventType
    print(len(history.events), Counter(EventType.Name(e.event_type)[11:] for e in history.events))
    for e in history.events: print(e.event_id, EventType.Name(e.event_type)[11:])
