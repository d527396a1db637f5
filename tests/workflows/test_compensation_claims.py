"""One parcel, one claim, as the process keeps it: looked at before money is promised, claimed before it is sent."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import Outcome, Owed, Party
from tests.workflows.office import Office
from tests.workflows.played import AGENT, MANAGER, SUPERVISOR, Played, Refused

OTHER = "A261116-000002"


async def charged_too_much(office: Office, *, elsewhere: int = 0, meanwhile: int = 0, payee: bool = True) -> Played:
    """¥300 are owed, and another complaint about the parcel had, or gets meanwhile, something of it."""
    played = await office.complaint(category="pricing", payee_ref="payee-1" if payee else None)
    office.claims.elsewhere[played.number] = {OTHER: elsewhere} if elsewhere else {}
    if meanwhile:
        office.claims.meanwhile[played.number] = {OTHER: meanwhile}
    await played.found(facts=c.ParcelFacts(overcharge=300_00), liable={Party.ORIGIN: 100})
    return played


async def states(played: Played) -> list[OfferState]:
    return [offer.state for offer in (await played.case()).round.offers]


async def test_a_parcel_nobody_else_complained_of_is_claimed_once_and_paid(office: Office) -> None:
    played = await charged_too_much(office)
    assert await played.sent() == [300_00]
    asked = [(one.key is not None, one.amount, one.computed) for one in office.claims.asked if one.number == played.number]
    assert asked == [(False, 0, 300_00), (True, 300_00, 300_00)]


async def test_what_another_complaint_had_is_taken_off_and_explained(office: Office) -> None:
    played = await charged_too_much(office, elsewhere=200_00)
    assert await played.sent() == [100_00]
    round = (await played.case()).round
    assert (round.owed_in_all, round.computed) == (300_00, 100_00)
    assert [step["rule"] for step in round.explanation] == ["overcharge_returned", "one_parcel_one_claim"]


async def test_where_the_parcel_was_paid_in_full_nothing_is_paid_again_and_the_customer_is_told(office: Office) -> None:
    played = await charged_too_much(office, elsewhere=300_00)
    assert await played.sent() == []
    assert Owed.TELL_SOLUTION in await played.owed()
    with pytest.raises(Refused, match=r"ParcelClaimed.*¥300\.00.*¥0\.00"):
        await played.proposed(50_00)
    await played.told()
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED
    assert "customers" not in played.balances


async def test_a_complaint_paid_meanwhile_stops_the_second_payment_and_the_rest_is_computed_anew(office: Office) -> None:
    played = await charged_too_much(office, meanwhile=180_00)
    assert await played.sent() == [120_00]
    assert await states(played) == [OfferState.VOID, OfferState.SENT]
    assert "claim_held_by_another" in played.story
    await played.paid()
    assert played.balances["customers"] == 120_00


async def test_goodwill_is_looked_at_before_anybody_approves_it(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    office.claims.elsewhere[played.number] = {OTHER: 40_00}
    await played.found(liable={Party.DESTINATION: 100})
    await played.proposed(60_00)
    assert Owed.APPROVAL not in await played.owed()
    assert await states(played) == [OfferState.VOID]
    with pytest.raises(Refused, match="ParcelClaimed"):
        await played.proposed(10_00)


async def test_an_approved_sum_that_others_were_paid_meanwhile_is_not_paid_whoever_approved_it(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=2500_00), liable={Party.ORIGIN: 100})
    await played.proposed(2600_00)
    office.claims.meanwhile[played.number] = {OTHER: 2500_00}
    await played.approved(SUPERVISOR)
    assert await played.sent() == []
    assert await states(played) == [OfferState.VOID, OfferState.VOID]
    assert (await played.case()).round.computed == 0


async def test_a_customer_who_accepts_late_is_told_that_the_parcel_was_paid(office: Office) -> None:
    played = await charged_too_much(office, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    office.claims.meanwhile[played.number] = {OTHER: 300_00}
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == []
    assert await states(played) == [OfferState.VOID]


async def test_without_a_waybill_there_is_no_parcel_to_claim(office: Office) -> None:
    played = await office.complaint(waybill=None, origin="hq", category="pricing", payee_ref="payee-1")
    await played.found(by="he:hq_agent@hq", facts=c.ParcelFacts(overcharge=100_00), liable={Party.ORIGIN: 100})
    assert await played.sent() == [100_00]
    assert not [one for one in office.claims.asked if one.number == played.number]


# -- maker and checker


async def test_a_manager_who_made_the_findings_borrows_the_checker_of_the_unit_above_at_once(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(by=MANAGER, facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.role, approval.unit) == ("branch_manager", "shanghai")
    await played.approved("shu:branch_manager@shanghai")
    assert await played.sent() == [500_00]


async def test_where_hq_is_the_unit_above_its_supervisor_need_not_wait_for_anybodys_silence(office: Office) -> None:
    played = await office.complaint(origin="foshan", destination="minhang", category="pricing", payee_ref="payee-1")
    manager = "fu:branch_manager@foshan"
    await played.found(by=manager, facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.role, approval.unit) == ("hq_supervisor", "hq")
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(manager)
    await played.approved(SUPERVISOR)
    assert await played.sent() == [500_00]


async def test_who_once_proposed_a_sum_of_the_round_approves_none_of_it_whoever_proposes_it_again(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    await played.proposed(600_00, by=MANAGER)
    await played.say(c.Reassign, MANAGER, to_sub="vera", reason_ref="on leave")
    await played.proposed(600_00, by="vera:branch_agent@minhang")
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved("vera:branch_agent+branch_manager@minhang")
    await played.approved("min:branch_manager@minhang")


async def test_no_more_than_the_declared_value_and_goodwill_is_proposed_for_an_insured_parcel(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1")
    await played.found(liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match=r"Unacceptable.*insured for ¥1,000\.00.*no more than ¥1,050\.00"):
        await played.proposed(1050_01)
    await played.proposed(1050_00)


# -- facts of many pieces


async def test_the_number_of_pieces_supplied_later_lets_the_rulebook_compute(office: Office) -> None:
    played = await office.complaint(category="shortage", declared_value=1790_00, payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(pieces_missing=5), liable={Party.ORIGIN: 100})
    assert (await played.case()).round.missing == ["pieces"]
    await played.say(c.SupplyFacts, AGENT, pieces=179)
    assert await played.sent() == [50_00]


async def test_findings_of_more_pieces_than_the_parcel_has_are_refused(office: Office) -> None:
    played = await office.complaint(category="shortage", declared_value=1000_00, pieces=3)
    with pytest.raises(Refused, match="Unacceptable.*has 3 pieces; 4 missing"):
        await played.found(facts=c.ParcelFacts(pieces_missing=4), liable={Party.ORIGIN: 100})


async def test_a_number_of_pieces_smaller_than_what_is_missing_is_refused(office: Office) -> None:
    played = await office.complaint(category="shortage", declared_value=1000_00)
    await played.found(facts=c.ParcelFacts(pieces_missing=3, pieces_damaged=2), liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match="Unacceptable.*has 4 pieces; 3 missing and 2 damaged"):
        await played.say(c.SupplyFacts, AGENT, pieces=4)
    await played.say(c.SupplyFacts, AGENT, pieces=5)
