"""先行理赔: what is owed is computed and explained, approved by amount, accepted, and paid by the owner at once."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import AnswerKind, Outcome, Owed, Party, PayoutOutcome, Stage
from tests.workflows.office import Office
from tests.workflows.played import (
    AGENT,
    DAY,
    FINANCE,
    FOSHAN,
    HQ_DESK,
    MANAGER,
    OTHER_SUPERVISOR,
    SUPERVISOR,
    VISITOR,
    Played,
    Refused,
)


async def overcharged(office: Office, amount: int, *, payee: bool = True) -> Played:
    """A complaint whose findings compute `amount` (fen) by the shortest schedule there is."""
    played = await office.complaint(category="pricing", payee_ref="payee-1" if payee else None)
    await played.found(facts=c.ParcelFacts(overcharge=amount), liable={Party.ORIGIN: 100})
    return played


async def states(played: Played) -> list[OfferState]:
    return [offer.state for offer in (await played.case()).round.offers]


# -- approval by amount


async def test_the_computed_amount_up_to_300_yuan_needs_nobodys_approval_and_is_paid_at_once(office: Office) -> None:
    played = await overcharged(office, 300_00)
    assert await played.sent() == [300_00]
    assert Owed.APPROVAL not in await played.owed()
    await played.paid()
    assert played.balances == {"customers": 300_00, "unit:minhang": -300_00}
    assert (await played.case()).stage is Stage.FOLLOW_UP


async def test_above_300_yuan_the_owners_manager_approves_first_and_hq_only_after_two_service_hours_of_silence(
    office: Office,
) -> None:
    played = await overcharged(office, 300_01)
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.role, approval.unit) == ("branch_manager", "minhang")
    with pytest.raises(Refused, match="NotPermitted.*decides first"):
        await played.approved(SUPERVISOR)
    await played.past(Owed.APPROVAL)
    await played.approved(SUPERVISOR)
    assert await played.sent() == [300_01]
    assert (await played.obligation(Owed.APPROVAL)).late


async def test_up_to_2000_yuan_the_manager_approves_and_it_is_paid(office: Office) -> None:
    played = await overcharged(office, 2000_00)
    await played.approved(MANAGER)
    assert await played.sent() == [2000_00]


async def test_above_2000_yuan_hq_approves_first_and_the_manager_only_after_its_silence(office: Office) -> None:
    played = await overcharged(office, 2000_01)
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.role, approval.unit) == ("hq_supervisor", "hq")
    with pytest.raises(Refused, match="NotPermitted.*decides first"):
        await played.approved(MANAGER)
    await played.past(Owed.APPROVAL)
    await played.approved(MANAGER)
    assert await played.sent() == [2000_01]


async def test_more_than_2000_yuan_and_than_the_rulebook_computes_always_needs_hq(office: Office) -> None:
    played = await overcharged(office, 2500_00)
    await played.proposed(2600_00)
    await played.past(Owed.APPROVAL)
    with pytest.raises(Refused, match="NotPermitted.*decided by the hq_supervisor"):
        await played.approved(MANAGER)
    await played.approved(SUPERVISOR)
    assert await played.sent() == [2600_00]


async def test_when_all_stay_silent_the_computed_amount_is_approved_by_rule_and_reported(office: Office) -> None:
    played = await overcharged(office, 2500_00)
    await played.forward(DAY)
    assert await played.sent() == [2500_00]
    assert "compensation_approved_by_rule" in played.story
    assert played.letters("approved_by_rule") == ["hq_supervisor@hq"]
    assert (await played.obligation(Owed.APPROVAL)).late


async def test_what_exceeds_the_computed_amount_waits_for_hq_while_the_rest_is_paid_by_rule(office: Office) -> None:
    played = await overcharged(office, 2500_00)
    await played.proposed(2600_00)
    await played.forward(DAY)
    assert await played.sent() == [2500_00]
    await played.paid()
    case = await played.case()
    assert case.stage is Stage.FOLLOW_UP
    waiting = await played.obligation(Owed.APPROVAL)
    assert (waiting.role, waiting.ending) == ("hq_supervisor", None)
    await played.forward(DAY)
    assert await states(played) == [OfferState.VOID, OfferState.PAID, OfferState.PROPOSED]
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    assert await played.sent() == [2500_00, 100_00]
    await played.paid()
    assert played.balances["customers"] == 2600_00


async def test_who_found_or_proposed_may_not_approve(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(by=MANAGER, facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    await played.proposed(600_00, by="mei:branch_manager@minhang")
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved("mei:branch_manager@minhang")
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    await played.approved("min:branch_manager@minhang")


async def test_whose_findings_were_returned_may_not_approve_what_the_next_ones_compute(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await played.say(c.ReturnFindings, MANAGER, reason_ref="look again")
    await played.found(by="mei:branch_manager@minhang", facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(AGENT.partition(":")[0] + ":branch_manager@minhang")
    await played.approved("min:branch_manager@minhang")


async def test_proposal_and_approval_belong_to_the_owners_people_and_never_to_the_handlers(office: Office) -> None:
    played = await office.complaint(category="rough_handling")
    await played.found(by=FOSHAN)
    with pytest.raises(Refused, match="NotPermitted.*minhang"):
        await played.proposed(40_00, by=FOSHAN)
    await played.proposed(80_00)
    with pytest.raises(Refused, match="NotPermitted.*minhang"):
        await played.approved("fu:branch_manager@foshan")
    with pytest.raises(Refused, match="NotPermitted.*hq_supervisor"):
        await played.approved(AGENT)


async def test_an_approval_of_another_amount_than_waits_is_refused(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await played.proposed(600_00)
    with pytest.raises(Refused, match="AmountChanged.*60000"):
        await played.approved(MANAGER, amount=500_00)
    await played.approved(MANAGER, amount=600_00)


async def test_a_rejection_has_a_reason_and_goes_back_to_the_maker(office: Office) -> None:
    played = await overcharged(office, 500_00)
    with pytest.raises(Refused, match="Unacceptable.*reason"):
        await played.say(c.DecideCompensation, MANAGER, approve=False)
    await played.say(c.DecideCompensation, MANAGER, approve=False, reason_ref="no receipt")
    assert Owed.PROPOSAL in await played.owed()
    assert played.letters("proposal_needed") == ["branch_agent@minhang"]
    await played.proposed(250_00)
    await played.approved(MANAGER)
    assert await played.sent() == []  # less than is computed: the customer is asked first
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    assert await played.sent() == [250_00]


async def test_money_is_decided_only_when_some_waits_for_it(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    with pytest.raises(Refused, match="WrongStage.*no findings"):
        await played.proposed(10_00)
    for decision in (played.approved(MANAGER), played.paid(), played.say(c.RecordCustomerAnswer, AGENT, accepted=True)):
        with pytest.raises(Refused, match="WrongStage"):
            await decision
    await played.found(facts=c.ParcelFacts(overcharge=100_00))
    assert await played.sent() == [100_00]
    with pytest.raises(Refused, match="WrongStage.*No payment waits for approval"):
        await played.approved(MANAGER)
    with pytest.raises(Refused, match="WrongStage.*already approved"):
        await played.proposed(200_00)
    with pytest.raises(Refused, match="NotPermitted.*finance"):
        await played.say(c.RecordPayout, SUPERVISOR, reference="V1", outcome=PayoutOutcome.PAID)


# -- what is missing, and goodwill


async def test_missing_facts_are_named_and_the_money_waits_for_them(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1", freight=20_00)
    await played.found(liable={Party.ORIGIN: 100})
    assert (await played.case()).round.missing == ["proven_value"]
    assert Owed.PROPOSAL in await played.owed()
    await played.found(facts=c.ParcelFacts(proven_value=100_00, value_basis="invoice"), liable={Party.ORIGIN: 100})
    assert (await played.obligation(Owed.PROPOSAL)).ending == "moot"
    assert await played.sent() == [120_00]


async def test_freight_supplied_later_lets_the_rulebook_compute_in_full(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(proven_value=100_00, value_basis="invoice"), liable={Party.ORIGIN: 100})
    assert (await played.case()).round.missing == ["freight"]
    await played.say(c.SupplyFacts, AGENT, freight=20_00)
    assert await played.sent() == [120_00]


async def test_a_proposal_stands_in_for_missing_facts_and_shows_both_sums(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1")
    await played.found(liable={Party.ORIGIN: 100})
    receipt = await played.proposed(150_00)
    assert receipt.told == {"amount": 150_00, "computed": 0}
    await played.approved(MANAGER)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    assert await played.sent() == [150_00]


async def test_the_undisputed_part_is_approved_by_rule_where_a_fact_is_unproven(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(proven_value=400_00, value_basis="invoice"), liable={Party.ORIGIN: 100})
    case = await played.case()
    assert (case.round.computed, case.round.missing) == (300_00, ["freight"])
    await played.proposed(400_00)
    await played.forward(DAY)
    assert await played.sent() == [300_00]
    assert await states(played) == [OfferState.SENT, OfferState.PROPOSED]


async def test_goodwill_up_to_50_yuan_needs_no_approval_and_the_customers_yes(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.DESTINATION: 100})
    await played.proposed(50_00)
    assert Owed.APPROVAL not in await played.owed()
    with pytest.raises(Refused, match="Unacceptable.*name the payee"):
        await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-9")
    assert await played.sent() == [50_00]
    assert office.bank.sent[-1].payee_ref == "payee-9"


async def test_goodwill_above_50_yuan_is_approved_by_a_person_and_never_by_silence(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    await played.proposed(50_01)
    await played.forward(3 * DAY)
    assert await states(played) == [OfferState.PROPOSED]
    assert (await played.obligation(Owed.APPROVAL)).late
    await played.approved(MANAGER)


async def test_goodwill_during_the_visits_holds_the_visits_until_it_is_settled(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(liable={Party.ORIGIN: 100})
    await played.told()
    await played.visited()
    await played.proposed(30_00)
    assert (await played.case()).stage is Stage.COMPENSATION
    assert (await played.obligation(Owed.VISIT_2)).ending == "moot"
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.paid()
    assert (await played.case()).stage is Stage.FOLLOW_UP
    await played.visited()
    assert (await played.case()).round.visited


# -- the customer's answer


async def test_without_a_payee_the_customer_is_asked_and_accepts_with_one(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    assert Owed.CUSTOMER_ANSWER in await played.owed()
    assert played.letters("offered") == ["complainant"]
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [100_00]


async def test_an_offer_written_to_the_customer_with_its_reasons_is_the_answer_the_law_asks_for(office: Office) -> None:
    played = await office.complaint(category="pricing", by_letter=True)
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.ORIGIN: 100})
    [letter] = [row for row in played.rows("notice") if row.template == "offered"]
    assert (letter.to, letter.params["amount"]) == ("complainant", 100_00)
    assert letter.params["reasons"] == "退还多收费用 ¥100.00。"
    assert (await played.obligation(Owed.LEGAL_ANSWER)).ending == "answered"
    await played.past(Owed.CUSTOMER_ANSWER)
    assert await states(played) == [OfferState.KEPT_READY]
    assert not (await played.obligation(Owed.LEGAL_ANSWER)).late


@pytest.mark.parametrize("accepted", [True, False])
async def test_where_no_letter_reaches_the_customer_the_law_waits_until_they_answer_or_somebody_told_them(
    office: Office, accepted: bool
) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.LEGAL_ANSWER)
    assert (await played.obligation(Owed.LEGAL_ANSWER)).ending is None
    assert (await played.obligation(Owed.LEGAL_ANSWER)).late
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=accepted, payee_ref="payee-2")
    assert (await played.obligation(Owed.LEGAL_ANSWER)).ending == "answered"


async def test_a_declined_offer_asks_for_another_one(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=False, words_ref="too little")
    assert Owed.PROPOSAL in await played.owed()
    await played.proposed(130_00)
    await played.approved(MANAGER)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [130_00]


async def test_a_declined_offer_ends_in_a_final_response_with_reasons(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=False, words_ref="too little")
    await played.told(kind=AnswerKind.FINAL_RESPONSE)
    assert (await played.case()).stage is Stage.FOLLOW_UP
    assert (await played.obligation(Owed.PROPOSAL)).ending == "moot"
    assert played.review in (await played.case()).reviews
    assert await played.sent() == []


async def test_an_unanswered_offer_is_kept_ready_while_the_case_goes_on_and_paid_when_accepted_during_the_visits(
    office: Office,
) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    assert played.letters("reminder", Owed.CUSTOMER_ANSWER) == ["branch_agent@minhang", "branch_agent@minhang"]
    assert await states(played) == [OfferState.KEPT_READY]
    case = await played.case()
    assert case.stage is Stage.FOLLOW_UP
    assert not (await played.obligation(Owed.CUSTOMER_ANSWER)).late
    await played.visited()
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-3")
    assert await played.sent() == [100_00]
    await played.paid()
    await played.visited()
    assert played.balances["customers"] == 100_00


async def test_an_offer_kept_ready_is_paid_even_after_the_visits_while_the_review_goes_on(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    await played.stated(MANAGER)
    await played.visited()
    await played.visited()
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-3")
    assert await played.sent() == [100_00]
    await played.paid()
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances["customers"] == 100_00


async def test_a_new_offer_takes_the_place_of_one_kept_ready_and_only_it_is_paid(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    await played.proposed(130_00)
    assert await states(played) == [OfferState.KEPT_READY, OfferState.PROPOSED]
    await played.approved(MANAGER)
    assert await states(played) == [OfferState.VOID, OfferState.OFFERED]
    accepted = await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-1")
    assert accepted.told["amount"] == 130_00
    await played.paid()
    with pytest.raises(Refused, match="WrongStage"):
        await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    assert await played.sent() == [130_00]


async def test_an_offer_kept_ready_and_never_taken_is_not_paid(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    await played.stated(MANAGER)
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances == {}


# -- the payment


async def test_a_refused_payment_goes_back_to_the_proposer_and_is_sent_again_under_a_new_key(office: Office) -> None:
    played = await overcharged(office, 100_00)
    await played.paid(PayoutOutcome.REFUSED)
    assert played.letters("payment_refused") == ["branch_agent@minhang"]
    assert Owed.PROPOSAL in await played.owed()
    assert played.balances == {}
    await played.proposed(100_00)
    assert await played.sent() == [100_00, 100_00]
    keys = [order.key for order in office.bank.sent if order.number == played.number]
    assert len(set(keys)) == 2
    await played.paid()
    assert played.balances["customers"] == 100_00


async def test_an_unknown_outcome_is_never_sent_again_under_a_new_key_and_waits_for_finance(office: Office) -> None:
    played = await overcharged(office, 100_00)
    await played.paid(PayoutOutcome.UNKNOWN)
    assert await states(played) == [OfferState.SENT]
    assert Owed.PAYOUT in await played.owed()
    with pytest.raises(Refused, match="WrongStage"):
        await played.proposed(100_00)
    await played.paid()
    assert {order.key for order in office.bank.sent if order.number == played.number} == {f"{played.number}-R1-P1"}
    assert played.balances["customers"] == 100_00


async def test_what_a_platform_paid_already_is_settled_elsewhere_and_never_paid_again(office: Office) -> None:
    played = await overcharged(office, 100_00)
    await played.paid(PayoutOutcome.SETTLED_ELSEWHERE)
    assert (await played.case()).stage is Stage.FOLLOW_UP
    assert played.balances == {}
    with pytest.raises(Refused, match="WrongStage"):
        await played.paid()


async def test_a_provider_that_answers_by_itself_needs_no_voucher(office: Office) -> None:
    office.bank.says = PayoutOutcome.PAID
    try:
        played = await overcharged(office, 100_00)
        assert await played.sent() == [100_00]
    finally:
        office.bank.says = None
    assert (await played.obligation(Owed.PAYOUT)).ending == "answered"
    assert played.balances["customers"] == 100_00


async def test_a_late_payout_climbs_and_stays_late(office: Office) -> None:
    played = await overcharged(office, 100_00)
    await played.past(Owed.PAYOUT)
    await played.paid()
    assert (await played.obligation(Owed.PAYOUT)).late
    assert "hq_supervisor@hq" in played.letters("late", Owed.PAYOUT)


async def test_a_payment_that_went_astray_is_not_an_outcome_of_its_sending(office: Office) -> None:
    played = await overcharged(office, 100_00)
    with pytest.raises(Refused, match="went astray"):
        await played.paid(PayoutOutcome.MISDIRECTED)


async def test_hq_as_owner_answers_with_its_own_people(office: Office) -> None:
    played = await office.complaint(origin="hq", category="pricing", payee_ref="payee-1")
    await played.found(by=HQ_DESK, facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    await played.approved(SUPERVISOR)
    assert await played.sent() == [500_00]


def test_the_people_of_these_tests_are_all_different() -> None:
    people = [AGENT, MANAGER, VISITOR, FOSHAN, HQ_DESK, SUPERVISOR, OTHER_SUPERVISOR, FINANCE]
    assert len({who.partition(":")[0] for who in people}) == len(people)
