"""A payee who is named while the money waits: the full computed amount is paid at once, and no yes is awaited."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import Owed, Stage
from tests.workflows.office import Office
from tests.workflows.played import AGENT, MANAGER, Refused
from tests.workflows.test_left_to_pay import overcharged, states


async def test_the_full_computed_amount_is_paid_as_soon_as_a_payee_is_on_record_and_no_yes_is_awaited(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    assert Owed.CUSTOMER_ANSWER in await played.owed()
    await played.say(c.SupplyFacts, AGENT, payee_ref="payee-2")
    assert await played.sent() == [100_00]
    assert (await played.obligation(Owed.CUSTOMER_ANSWER)).ending == "moot"
    [supplied] = [fact for fact in played.facts if fact.name == "facts_supplied"]
    assert supplied.details["facts"] == ["payee"]


async def test_what_was_kept_ready_for_want_of_a_payee_is_paid_when_one_is_named(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.past(Owed.CUSTOMER_ANSWER)
    assert await states(played) == [OfferState.KEPT_READY]
    await played.say(c.SupplyFacts, AGENT, payee_ref="payee-2")
    assert await played.sent() == [100_00]
    await played.paid()
    assert (await played.case()).stage is Stage.FOLLOW_UP


async def test_less_than_is_computed_still_waits_for_the_customers_yes_when_a_payee_is_named(office: Office) -> None:
    played = await overcharged(office, 400_00, payee=False)
    await played.proposed(100_00)
    await played.approved(MANAGER)
    await played.say(c.SupplyFacts, AGENT, payee_ref="payee-2")
    assert await played.sent() == []
    assert Owed.CUSTOMER_ANSWER in await played.owed()


async def test_whoever_named_the_payee_that_is_paid_at_once_does_not_confirm_the_payment(office: Office) -> None:
    played = await overcharged(office, 100_00, payee=False)
    await played.say(c.SupplyFacts, "fan:branch_agent@minhang", payee_ref="payee-2")
    await played.sent()
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.paid()
