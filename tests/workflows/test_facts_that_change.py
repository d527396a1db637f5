"""What is known of a parcel changes after its sum was computed: it is computed anew, and whoever said so checks none of it."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import Owed, Party, PayoutOutcome
from tests.workflows.office import Office
from tests.workflows.played import AGENT, MANAGER, SUPERVISOR, Played, Refused

PROVINCE = "shu:branch_manager@shanghai"


async def lost(office: Office, *, declared: int | None = 1000_00) -> Played:
    played = await office.complaint(category="loss", declared_value=declared, freight=30_00, payee_ref="payee-1")
    facts = c.ParcelFacts(proven_value=300_00, value_basis="invoice")
    await played.found(facts=facts, liable={Party.ORIGIN: 100})
    return played


async def states(played: Played) -> list[OfferState]:
    return [offer.state for offer in (await played.case()).round.offers]


async def test_a_declared_value_that_comes_to_light_while_the_sum_waits_for_approval_is_what_is_paid(office: Office) -> None:
    played = await lost(office, declared=None)
    assert (await played.case()).round.computed == 330_00
    await played.say(c.SupplyFacts, AGENT, declared_value=1500_00)
    assert (await played.case()).round.computed == 1500_00
    assert await states(played) == [OfferState.VOID, OfferState.PROPOSED]
    with pytest.raises(Refused, match="AmountChanged"):
        await played.approved(MANAGER, amount=330_00)
    await played.approved(MANAGER, amount=1500_00)
    assert await played.sent() == [1500_00]


async def test_whoever_changes_a_fact_before_the_findings_does_not_approve_the_sum_computed_from_it(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=400_00, payee_ref="payee-1")
    await played.say(c.SupplyFacts, MANAGER, declared_value=1900_00)
    await played.found(liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    await played.approved(PROVINCE)
    assert await played.sent() == [1900_00]


async def test_the_same_fact_said_again_or_one_that_owes_nothing_else_leaves_the_sum_as_it_waits(office: Office) -> None:
    played = await lost(office)
    await played.say(c.SupplyFacts, MANAGER, declared_value=1000_00, claimed=5000_00)
    await played.say(c.SupplyFacts, AGENT, freight=40_00)
    assert await states(played) == [OfferState.PROPOSED]
    await played.approved(MANAGER)


async def test_what_was_offered_becomes_more_by_a_fact_that_comes_to_light_before_the_customers_yes(office: Office) -> None:
    played = await office.complaint(category="loss", freight=30_00)
    facts = c.ParcelFacts(proven_value=200_00, value_basis="invoice")
    await played.found(facts=facts, liable={Party.ORIGIN: 100})
    assert await states(played) == [OfferState.OFFERED]
    await played.say(c.SupplyFacts, AGENT, declared_value=1500_00, payee_ref="payee-1")
    assert await states(played) == [OfferState.VOID, OfferState.PROPOSED]
    assert (await played.obligation(Owed.CUSTOMER_ANSWER)).ending == "moot"
    await played.approved(MANAGER, amount=1500_00)
    assert await played.sent() == [1500_00]


async def test_what_was_offered_becomes_no_less_by_it(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=250_00)
    await played.found(liable={Party.ORIGIN: 100})
    await played.say(c.SupplyFacts, AGENT, declared_value=100_00)
    assert await states(played) == [OfferState.OFFERED]
    await played.say(c.SupplyFacts, AGENT, payee_ref="payee-1")
    assert await played.sent() == [250_00]


async def test_what_was_approved_already_is_paid_as_approved_whatever_comes_to_light(office: Office) -> None:
    played = await lost(office)
    await played.approved(MANAGER)
    assert await played.sent() == [1000_00]
    await played.say(c.SupplyFacts, AGENT, declared_value=1500_00)
    assert await states(played) == [OfferState.SENT]
    await played.paid()
    assert played.balances["customers"] == 1000_00


async def test_the_same_words_of_the_same_supervisor_about_another_sum_are_another_decision(office: Office) -> None:
    played = await lost(office)
    await played.past(Owed.APPROVAL)
    await played.approved(SUPERVISOR, digest="approve")
    await played.paid()
    await played.paid(PayoutOutcome.RETURNED)
    assert (await played.obligation(Owed.APPROVAL)).unit == "hq"
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(SUPERVISOR, digest="approve")
