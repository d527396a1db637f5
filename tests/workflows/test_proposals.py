"""What comes back is owed, whatever else was paid: until it is proposed anew, answered with reasons, or let go."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import AnswerKind, Outcome, Owed, Party, PayoutOutcome, Stage
from tests.workflows.office import Office
from tests.workflows.played import AGENT, DAY, FINANCE, HOUR, MANAGER, OTHER_SUPERVISOR, SUPERVISOR, VISITOR, Played, Refused

REFUSED = PayoutOutcome.REFUSED


async def overcharged(office: Office, amount: int = 2500_00) -> Played:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=amount), liable={Party.ORIGIN: 100})
    return played


async def part_paid(office: Office, *, on_top: int = 100_00) -> Played:
    """¥2,500 are computed, more is proposed; all stay silent: the computed sum is paid by rule and the rest waits for HQ."""
    played = await overcharged(office)
    await played.proposed(2500_00 + on_top)
    await played.forward(DAY)
    await played.paid()
    return played


async def states(played: Played) -> list[OfferState]:
    return [offer.state for offer in (await played.case()).round.offers]


async def rejected(played: Played, by: str = SUPERVISOR) -> None:
    await played.say(c.DecideCompensation, by, approve=False, reason_ref="no ground for it")


async def is_owed_a_proposal(played: Played) -> bool:
    await played.sent()
    proposal = await played.obligation(Owed.PROPOSAL)
    return proposal.ending is None and (proposal.role, proposal.unit) == ("branch_agent", "minhang")


async def test_a_rest_that_is_rejected_after_the_first_part_was_paid_goes_back_to_the_maker(office: Office) -> None:
    played = await part_paid(office)
    await rejected(played)
    assert await is_owed_a_proposal(played)
    assert played.letters("proposal_needed") == ["branch_agent@minhang"]
    assert (await played.obligation(Owed.VISIT_1)).ending == "moot"
    await played.past(Owed.PROPOSAL)
    await played.forward(3 * DAY)
    assert (await played.obligation(Owed.PROPOSAL)).late
    assert "branch_manager@minhang" in played.letters("late", Owed.PROPOSAL)
    await played.proposed(60_00)
    assert (await played.obligation(Owed.PROPOSAL)).ending == "answered"
    await played.approved(OTHER_SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.paid()
    assert played.balances["customers"] == 2560_00
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED


async def test_goodwill_that_came_back_is_let_go_by_whoever_proposed_it_and_never_by_whoever_rejected_it(office: Office) -> None:
    played = await part_paid(office)
    with pytest.raises(Refused, match="WrongStage.*Nothing came back"):
        await played.say(c.LetGo, AGENT, reason_ref="not worth it")
    await rejected(played)
    assert await is_owed_a_proposal(played)
    with pytest.raises(Refused, match="MakerIsChecker.*decided on this sum"):
        await played.say(c.LetGo, SUPERVISOR.partition(":")[0] + ":branch_agent@minhang", reason_ref="as I said")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.LetGo, "feng:branch_agent@foshan", reason_ref="it is not ours")
    receipt = await played.say(c.LetGo, AGENT, reason_ref="not worth it")
    assert receipt.told == {"amount": 100_00}
    assert (await played.obligation(Owed.PROPOSAL)).ending == "answered"
    case = await played.case()
    assert (case.round.let_go, case.stage) == (True, Stage.FOLLOW_UP)
    await played.visited(by="willa:branch_agent@minhang")
    await played.visited(by="willa:branch_agent@minhang")
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances["customers"] == 2500_00


async def test_goodwill_alone_that_is_rejected_is_let_go_and_the_customer_still_owed_an_answer(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    await played.proposed(80_00)
    await rejected(played, by=MANAGER)
    await played.say(c.LetGo, AGENT, reason_ref="an apology will do")
    assert (await played.obligation(Owed.TELL_SOLUTION)).ending is None
    await played.told()
    assert (await played.case()).resolved


async def test_what_the_rulebook_computes_is_not_let_go(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await rejected(played, by=MANAGER)
    with pytest.raises(Refused, match=r"WrongStage.*¥500\.00.*final response"):
        await played.say(c.LetGo, AGENT, reason_ref="too much trouble")
    await played.told(kind=AnswerKind.SOLUTION)
    assert await is_owed_a_proposal(played)
    await played.told(kind=AnswerKind.FINAL_RESPONSE)
    assert (await played.obligation(Owed.PROPOSAL)).ending == "moot"


async def test_a_second_payment_that_the_bank_refuses_is_owed_again_and_not_let_go_for_the_customer_agreed_to_it(
    office: Office,
) -> None:
    played = await part_paid(office)
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.sent()
    await played.paid(REFUSED)
    assert await states(played) == [OfferState.VOID, OfferState.PAID, OfferState.REFUSED]
    assert await is_owed_a_proposal(played)
    with pytest.raises(Refused, match="WrongStage.*customer agreed"):
        await played.say(c.LetGo, AGENT, reason_ref="the bank says no")
    await played.told(kind=AnswerKind.EXPLANATION)
    assert await is_owed_a_proposal(played)
    await played.told(kind=AnswerKind.FINAL_RESPONSE)
    case = await played.case()
    assert (case.stage, case.round.unpaid) == (Stage.FOLLOW_UP, [])


async def test_the_first_part_that_the_bank_refuses_is_owed_again_though_the_rest_still_waits_for_headquarters(
    office: Office,
) -> None:
    played = await overcharged(office)
    await played.proposed(2600_00)
    await played.forward(DAY)
    await played.paid(REFUSED)
    assert await states(played) == [OfferState.VOID, OfferState.REFUSED, OfferState.PROPOSED]
    assert await is_owed_a_proposal(played)
    await played.proposed(2500_00)
    assert await states(played) == [OfferState.VOID, OfferState.REFUSED, OfferState.VOID, OfferState.PROPOSED]
    await played.approved(SUPERVISOR)
    await played.paid()
    assert played.balances["customers"] == 2500_00


async def test_a_rest_the_customer_declines_after_the_first_part_was_paid_is_owed_an_answer(office: Office) -> None:
    played = await part_paid(office)
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=False, words_ref="keep your hundred")
    assert await is_owed_a_proposal(played)
    await played.say(c.LetGo, AGENT, reason_ref="the customer wants no more")
    assert (await played.case()).stage is Stage.FOLLOW_UP


async def test_after_the_visits_the_rest_is_neither_dropped_nor_forgotten(office: Office) -> None:
    played = await part_paid(office)
    await played.stated(MANAGER)
    await played.visited()
    await played.visited()
    await played.forward(60 * DAY)
    case = await played.case()
    assert (case.closed_at, case.round.visited) == (None, True)
    assert (await played.obligation(Owed.APPROVAL)).ending is None
    await rejected(played)
    assert await is_owed_a_proposal(played)
    await played.proposed(90_00)  # though the visits are over
    await played.approved(OTHER_SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.paid()
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances["customers"] == 2590_00


async def test_a_payment_refused_in_the_next_round_is_owed_again_there(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.proposed(40_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.forward(HOUR)
    await played.called()
    assert (await played.case()).round.number == 2
    await played.found(by="mei:branch_agent@minhang", liable={Party.DESTINATION: 100})
    await played.told()
    await played.paid(REFUSED)
    assert await is_owed_a_proposal(played)
    await played.proposed(40_00)
    assert (await played.case()).round.unpaid == []


async def test_goodwill_the_customer_agreed_to_stays_owed_in_the_next_round_beside_what_is_computed_there(office: Office) -> None:
    played = await part_paid(office)
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.sent()
    await played.paid(REFUSED)
    assert await is_owed_a_proposal(played)
    await played.forward(HOUR)
    await played.called()
    assert (await played.case()).round.number == 2
    await played.found(by="mei:branch_agent@minhang", facts=c.ParcelFacts(overcharge=2550_00), liable={Party.ORIGIN: 100})
    await played.paid()
    assert await is_owed_a_proposal(played)
    await played.told(kind=AnswerKind.FINAL_RESPONSE)
    assert (await played.case()).round.unpaid == []
    assert played.balances["customers"] == 2550_00


async def test_what_a_platform_paid_meanwhile_covers_what_came_back(office: Office) -> None:
    played = await part_paid(office)
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.sent()
    await played.paid(REFUSED)
    for amount, owed in ((30_00, True), (70_00, True)):  # two parts of it: neither is all that came back
        await played.say(c.RecordPayout, FINANCE, reference=f"T{amount}", outcome=PayoutOutcome.SETTLED_ELSEWHERE, amount=amount)
        assert await is_owed_a_proposal(played) is owed


async def test_whoever_let_it_go_does_not_visit_the_customer(office: Office) -> None:
    played = await part_paid(office)
    await rejected(played)
    await played.say(c.LetGo, VISITOR, reason_ref="enough")
    with pytest.raises(Refused, match="TookPart"):
        await played.visited()
