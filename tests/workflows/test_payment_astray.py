"""Money that came back, went to the wrong person, or came from elsewhere."""

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
    MANAGER,
    OTHER_SUPERVISOR,
    SUPERVISOR,
    Played,
    Refused,
)

RETURNED, MISDIRECTED, ELSEWHERE = PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED, PayoutOutcome.SETTLED_ELSEWHERE
PAID_BY_OWNER = {"customers": 1000_00, "unit:minhang": -1000_00}


async def lost(office: Office) -> Played:
    """A parcel insured for ¥1,000 is lost; the manager approves."""
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1")
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    return played


async def paid(office: Office) -> Played:
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    assert played.balances == PAID_BY_OWNER
    return played


async def states(played: Played) -> list[OfferState]:
    return [offer.state for round in (await played.case()).rounds for offer in round.offers]


async def test_a_returned_payment_is_reversed_and_paid_anew_to_a_payee_named_again_once_another_person_approves(
    office: Office,
) -> None:
    played = await paid(office)
    await played.paid(RETURNED)
    assert played.balances == {}
    assert played.letters("payment_astray") == ["finance@hq", "branch_agent@minhang"]
    reversed_ = {row.key: row.reverses for row in played.rows("posting") if row.reverses}
    assert reversed_ == {
        f"{played.number}-R1-P1:{what}:reversed": f"{played.number}-R1-P1:{what}" for what in ("paid", "charged")
    }
    assert await states(played) == [OfferState.RETURNED, OfferState.PROPOSED]
    for who in (MANAGER, "fan:hq_supervisor@hq"):  # the first one's approver, and who reported it
        with pytest.raises(Refused, match="MakerIsChecker"):
            await played.approved(who)
    await played.approved(SUPERVISOR)
    assert Owed.CUSTOMER_ANSWER in await played.owed()
    with pytest.raises(Refused, match="name the payee"):
        await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [1000_00, 1000_00]
    await played.paid()
    assert await states(played) == [OfferState.RETURNED, OfferState.PAID]
    assert played.balances == PAID_BY_OWNER
    payees = {row.key: row.payee_ref for row in played.rows("payment")}
    assert payees == {f"{played.number}-R1-P1": "payee-1", f"{played.number}-R1-P2": "payee-2"}
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED


async def test_the_payment_made_anew_may_come_back_in_the_same_words(office: Office) -> None:
    same = {"reference": "V1", "outcome": RETURNED, "digest": "came back"}
    played = await paid(office)
    for _ in range(2):  # said twice, taken once
        await played.say(c.RecordPayout, FINANCE, **same)
    assert await states(played) == [OfferState.RETURNED, OfferState.PROPOSED]
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    await played.paid()
    for _ in range(2):
        await played.say(c.RecordPayout, FINANCE, **same)
    assert await states(played) == [OfferState.RETURNED, OfferState.RETURNED, OfferState.PROPOSED]
    assert played.balances == {}


async def test_a_payment_not_made_anew_is_owed_a_proposal_though_the_round_was_resolved(office: Office) -> None:
    played = await paid(office)
    await played.paid(RETURNED)
    await played.say(c.DecideCompensation, SUPERVISOR, approve=False, reason_ref="whose account?")
    assert Owed.PROPOSAL in await played.owed()
    await played.proposed(1000_00)
    await played.approved("olga:hq_supervisor@hq")
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    await played.paid(PayoutOutcome.REFUSED)
    assert Owed.PROPOSAL in await played.owed()
    await played.told(kind=AnswerKind.FINAL_RESPONSE)
    assert Owed.PROPOSAL not in await played.owed()


async def test_what_went_to_the_wrong_person_is_hqs_receivable_until_it_comes_back(office: Office) -> None:
    played = await paid(office)
    await played.paid(MISDIRECTED)
    assert played.balances == {"hq:payout": -1000_00, "hq:receivables": 1000_00}
    with pytest.raises(Refused, match="went astray"):
        await played.paid(MISDIRECTED)
    await played.say(c.RecordPayout, FINANCE, reference="back", outcome=RETURNED)
    assert played.balances == {}
    assert await states(played) == [OfferState.RETURNED, OfferState.PROPOSED]  # one payment takes its place, not two
    with pytest.raises(Refused, match="went astray"):
        await played.paid(RETURNED)


async def test_silence_never_sends_money_a_second_time_but_the_manager_may_after_headquarters_silence(office: Office) -> None:
    played = await lost(office)
    await played.approved("mei:branch_manager@minhang")
    await played.paid()
    await played.paid(RETURNED)
    with pytest.raises(Refused, match="decides first"):
        await played.approved(MANAGER)
    await played.past(Owed.APPROVAL)
    for _ in range(3):
        await played.forward(DAY)
    assert await states(played) == [OfferState.RETURNED, OfferState.PROPOSED]
    assert (await played.obligation(Owed.APPROVAL)).late
    await played.approved(MANAGER)
    assert Owed.CUSTOMER_ANSWER in await played.owed()


async def test_another_sum_proposed_in_its_place_needs_another_person_as_well(office: Office) -> None:
    played = await paid(office)
    await played.paid(RETURNED)
    await played.say(c.DecideCompensation, SUPERVISOR, approve=False, reason_ref="check the account first")
    await played.proposed(100_00)
    assert await states(played) == [OfferState.RETURNED, OfferState.REJECTED, OfferState.PROPOSED]
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    await played.approved(OTHER_SUPERVISOR)


async def test_shares_already_ruled_are_reversed_with_the_payment_and_posted_anew_with_the_next(office: Office) -> None:
    played = await paid(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    assert played.balances == {"customers": 1000_00, "unit:foshan": -1000_00}
    await played.paid(RETURNED)
    assert played.balances == {}
    await played.approved(SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    await played.sent()
    await played.paid()
    assert played.balances == {"customers": 1000_00, "unit:foshan": -1000_00}
    keys = [row.key for row in played.rows("posting")]
    assert len(keys) == len(set(keys))


async def test_a_payment_that_comes_back_after_the_customer_withdrew_is_reversed_and_not_made_again(office: Office) -> None:
    played = await paid(office)
    await played.say(c.Withdraw, AGENT, reason_ref="all is well")
    await played.paid(RETURNED)
    assert played.balances == {}
    assert await states(played) == [OfferState.RETURNED]
    assert await played.closed() is Outcome.WITHDRAWN


# -- settled elsewhere


async def test_what_a_platform_refunded_before_anything_was_sent_takes_the_offers_place(office: Office) -> None:
    played = await lost(office)
    await played.paid(ELSEWHERE)
    assert await states(played) == [OfferState.SETTLED_ELSEWHERE]
    assert not {Owed.APPROVAL, Owed.PAYOUT} & set(await played.owed())
    assert (await played.case()).stage is Stage.FOLLOW_UP
    assert await played.sent() == []
    assert played.balances == {}


async def test_a_part_refunded_elsewhere_leaves_the_rest_to_be_paid(office: Office) -> None:
    played = await lost(office)
    await played.say(c.RecordPayout, FINANCE, reference="T-1", outcome=ELSEWHERE, amount=400_00)
    assert await states(played) == [OfferState.SETTLED_ELSEWHERE, OfferState.PROPOSED]
    await played.approved(MANAGER, amount=600_00)
    assert await played.sent() == [600_00]
    await played.paid()
    assert played.balances == {"customers": 600_00, "unit:minhang": -600_00}


async def test_what_was_refunded_before_the_findings_is_taken_off_what_is_computed(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1")
    with pytest.raises(Refused, match="say how much"):
        await played.paid(ELSEWHERE)
    await played.say(c.RecordPayout, FINANCE, reference="T-1", outcome=ELSEWHERE, amount=1000_00)
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    assert (await played.case()).round.computed == 0
    assert await played.sent() == []
    assert Owed.TELL_SOLUTION in await played.owed()


async def test_no_more_is_settled_elsewhere_than_is_owed_and_not_paid_yet(office: Office) -> None:
    played = await lost(office)

    async def told(amount: int) -> c.Receipt:
        return await played.say(c.RecordPayout, FINANCE, reference=f"T-{amount}", outcome=ELSEWHERE, amount=amount)

    with pytest.raises(Refused, match=r"Unacceptable.*¥1,000\.01.*¥1,000\.00 is owed"):
        await told(1000_01)
    await told(400_00)
    with pytest.raises(Refused, match=r"Unacceptable.*¥600\.01.*¥600\.00 is owed"):
        await told(600_01)
    await played.approved(MANAGER)
    await played.paid()
    with pytest.raises(Refused, match=r"Unacceptable.*¥0\.00 is owed"):
        await told(1)


async def test_what_was_proposed_on_top_may_have_been_settled_elsewhere_too_and_leaves_nothing_of_it_to_pay(
    office: Office,
) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=2500_00), liable={Party.ORIGIN: 100})
    await played.proposed(2600_00)
    await played.forward(DAY)
    await played.paid()
    with pytest.raises(Refused, match=r"¥100\.00 is owed"):
        await played.say(c.RecordPayout, FINANCE, reference="T", outcome=ELSEWHERE, amount=100_01)
    await played.say(c.RecordPayout, FINANCE, reference="T", outcome=ELSEWHERE, amount=100_00)
    assert await states(played) == [OfferState.VOID, OfferState.PAID, OfferState.SETTLED_ELSEWHERE]


async def test_before_anything_is_computed_no_more_than_the_parcel_may_be_worth_was_settled_elsewhere(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1")
    with pytest.raises(Refused, match=r"¥1,000\.00 is owed.*declared or claimed"):
        await played.say(c.RecordPayout, FINANCE, reference="T", outcome=ELSEWHERE, amount=4000_00)
    await played.say(c.SupplyFacts, AGENT, claimed=4000_00)
    await played.say(c.RecordPayout, FINANCE, reference="T", outcome=ELSEWHERE, amount=4000_00)
