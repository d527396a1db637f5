"""Record whole lives for replay: `python -m tests.histories.record`, at every release, beside those of earlier ones.

What is recorded proves that a complaint begun under that release can go on under a later one; old files are never replaced.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from domain import commands as c
from domain.plan import CalendarPlan, DatedFacts, EmergencyPlan
from domain.values import AnswerKind, AppealOutcome, Owed, Party, PayoutOutcome, VisitResult
from embedded import temporal
from embedded.leaving import leave
from tests.workflows.later import later, nobodys_fault, visited_and_closed
from tests.workflows.office import Office, monday
from tests.workflows.paper import starter_plan, unit
from tests.workflows.played import (
    AGENT,
    DAY,
    HOUR,
    HQ_DESK,
    HQ_VISITOR,
    HUB_MANAGER,
    MANAGER,
    OTHER_REVIEWER,
    OTHER_SUPERVISOR,
    REVIEWER,
    SUPERVISOR,
    Played,
)

FOLDER = Path(__file__).parent


async def whole_path(office: Office) -> Played:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1")
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    await played.approved(SUPERVISOR)
    await played.paid(PayoutOutcome.UNKNOWN)
    await played.paid()
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 60, "minhang": 40})
    await played.visited()
    await played.visited()
    return played


async def repeat_with_goodwill(office: Office) -> Played:
    """First contact too late, a call that makes it a repeat, silence on the approval, an offer kept ready and taken later."""
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    await played.called()
    await played.found(liable={Party.ORIGIN: 100})
    await played.told()
    await played.visited(VisitResult.UNRESOLVED, by=HQ_VISITOR)
    await played.found(liable={Party.ORIGIN: 100})
    await played.proposed(80_00)
    await played.past(Owed.APPROVAL)
    await played.approved(SUPERVISOR)
    await played.past(Owed.CUSTOMER_ANSWER)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    await played.paid()
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    return played


async def two_respondents_with_appeal(office: Office) -> Played:
    played = await office.complaint(category="pricing", payee_ref="payee-1", hub="hub-dongguan")
    await played.found(facts=c.ParcelFacts(overcharge=120_00), liable={Party.DESTINATION: 60, Party.HUB: 40})
    await played.paid()
    await played.stated(HUB_MANAGER)
    await played.past(Owed.STATEMENT)
    await played.ruled(("Q-301", "foshan"), ("Q-401", "hub-dongguan"), shares={"foshan": 60, "hub-dongguan": 40})
    await played.appealed()
    await played.past(Owed.APPEAL)
    lines = (c.AppealedLine(code="Q-301", outcome=AppealOutcome.PARTIAL, amount=20_00),)
    shares = (c.ShareLine(branch="foshan", share=50), c.ShareLine(branch="minhang", share=50))
    decision = {"outcome": AppealOutcome.PARTIAL, "lines": lines, "shares": shares, "reasons_ref": "why"}
    await played.say(c.DecideAppeal, SUPERVISOR, review=played.review, **decision)
    await played.visited()
    await played.visited()
    return played


async def withdrawn_after_payment(office: Office) -> Played:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.DESTINATION: 100})
    await played.paid()
    await played.say(c.RegulatorAppeal, HQ_DESK, appeal_number="12305-1", transferred_on=(await played.now()).date())
    await played.say(c.Withdraw, AGENT, reason_ref="settled")
    await played.stated()
    await played.ruled(("Q-301", "foshan"), shares={"foshan": 100})
    await played.told(by=HQ_DESK, kind=AnswerKind.REGULATOR_REPLY)
    return played


async def continued(office: Office) -> Played:
    """The second history of a complaint whose first one grew long; an overdue review lapses in it."""
    played = await office.complaint(plan=starter_plan(continue_after_events=60))
    await played.found(liable={Party.DESTINATION: 100})
    await played.say(c.ReturnFindings, MANAGER, reason_ref="thin")
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    return played


async def clocks_moved(office: Office) -> Played:
    """Everything that moves a clock: two pauses, more time, a promise, a holiday and an emergency; late in the end."""
    played = await office.complaint(complainant="sender")
    pause = {"reason_ref": "why", "reason_code": "waiting_for_customer"}
    await played.say(c.Pause, AGENT, pause="p1", **pause)
    await played.forward(HOUR)
    await played.say(c.Pause, REVIEWER, pause="p2", reason_ref="why", until=monday() + 3 * HOUR)
    await played.say(c.Resume, AGENT, reason_ref="answered")
    await played.until(monday() + 3 * HOUR)
    await played.contacted()
    await played.say(c.MakePromise, AGENT, promise="w1", what_ref="what", by=monday() + 6 * HOUR)
    until = (await played.obligation(Owed.FINDINGS)).due + DAY
    await played.say(c.RequestDelay, AGENT, request="d1", obligation="findings", until=until, reason_ref="why")
    await played.say(c.DecideDelay, REVIEWER, request="d1", approve=True, reason_ref="because")
    await played.say(c.KeepPromise, AGENT, promise="w1")
    today = monday().date()
    holiday = DatedFacts(version=1, calendar=CalendarPlan(holidays=(today + 2 * DAY,)))
    await played.handle.signal("dated_facts", c.News(dated=holiday))
    flood = EmergencyPlan(id="flood", starts=monday() + DAY, ends=monday() + 2 * DAY)
    stricken = unit("minhang").model_copy(update={"emergencies": (flood,)})
    await played.handle.signal("dated_facts", c.News(dated=DatedFacts(version=2), units=(stricken,)))
    await played.past(Owed.FINDINGS)
    await played.found(liable={Party.ORIGIN: 100})
    await played.told()
    await played.visited()
    await played.visited()
    return played


async def reviewed_later(office: Office) -> Played:
    """HQ quality opens a review of a closed complaint: the history is that of the review."""
    played = await nobodys_fault(office)
    await visited_and_closed(played)
    after = await later(played, "foshan", clauses=("Q-203",))
    await after.stated()
    await after.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    await after.appealed()
    await after.forward(7 * DAY)
    decision = {"outcome": AppealOutcome.OVERTURN, "reasons_ref": "why"}
    await after.say(c.DecideAppeal, OTHER_SUPERVISOR, review=after.review, **decision)
    return after


LIVES: tuple[Callable[[Office], Awaitable[Played]], ...] = (
    whole_path,
    repeat_with_goodwill,
    two_respondents_with_appeal,
    withdrawn_after_payment,
    continued,
    clocks_moved,
    reviewed_later,
)


async def record(release: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, temporal.running(Path(folder), port=port, virtual_time=True) as address:
        client = await Client.connect(address, data_converter=pydantic_data_converter)
        async with Office(client) as office:
            for life in LIVES:
                played = await life(office)
                await (played.closed() if life is not reviewed_later else played.handle.result())
                history = await played.handle.fetch_history()
                file = FOLDER / f"{release}-{life.__name__}.json"
                file.write_text(history.to_json() + "\n", encoding="utf-8")
                sys.stdout.write(f"{file.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1] if len(sys.argv) > 1 else "unreleased"))
    leave(0)
