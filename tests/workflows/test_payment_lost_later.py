"""A payment of a closed complaint that comes back, or went to the wrong person: heard by the complaint that continues it."""

from __future__ import annotations

from typing import Any

import pytest

from domain import commands as c
from domain.continuation import AstrayBefore, Why
from domain.offers import Offer, OfferState
from domain.postings import advance
from domain.record import Entry, PostingRow
from domain.values import LedgerKind, Outcome, Owed, Party, PayoutOutcome
from tests.workflows.office import Office, monday
from tests.workflows.paper import starter_plan
from tests.workflows.played import AGENT, DAY, FINANCE, HQ_VISITOR, MANAGER, OTHER_SUPERVISOR, SUPERVISOR, Played, Refused
from tests.workflows.test_continuation import OLD, before

RETURNED, MISDIRECTED = PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED
OLD_PAYMENT = f"{OLD}-R1-P1"
SHARE = f"{OLD}-R1:share:{OLD_PAYMENT}:1"


def booked(amount: int = 30_00) -> tuple[PostingRow, ...]:
    """Paid by Minhang, borne by Foshan."""
    paid = advance(Offer(key=OLD_PAYMENT, amount=amount, computed=amount, makers=("old",)), "minhang", monday() - 9 * DAY)
    moves = [Entry(account="unit:foshan", amount=-amount), Entry(account="unit:minhang", amount=amount)]
    return (*paid, PostingRow(key=SHARE, kind=LedgerKind.SHARE, entries=moves, posted_at=monday() - 8 * DAY))


def lost(outcome: PayoutOutcome = RETURNED, **more: Any) -> AstrayBefore:
    told: dict[str, Any] = {"payment": OLD_PAYMENT, "amount": 30_00, "outcome": outcome, "postings": booked()}
    return AstrayBefore(**told | {"makers": ("old", "sun"), "payee_ref": "payee-1"} | more)


async def continued(office: Office, **said: Any) -> Played:
    """Again about the parcel for which ¥30 were paid; the complaint that paid them is closed."""
    held: dict[str, Any] = {"before": before(paid=30_00, postings=booked()), "payee_ref": "payee-1", "category": "pricing"} | said
    return await office.complaint(**held)


async def told(played: Played, outcome: PayoutOutcome = RETURNED, **more: Any) -> c.Receipt:
    return await played.say(c.RecordPayout, FINANCE, reference="bank-7", outcome=outcome, lost=lost(outcome, **more))


async def findings(played: Played, overcharge: int) -> None:
    await played.found(facts=c.ParcelFacts(overcharge=overcharge), liable={Party.ORIGIN: 100})


async def states(played: Played) -> list[tuple[int, OfferState]]:
    return [(offer.amount, offer.state) for offer in (await played.case()).round.offers]


async def test_it_is_unbooked_with_its_shares_and_owed_anew_before_anybody_looked_into_the_new_trouble(office: Office) -> None:
    played = await continued(office)
    receipt = await told(played)
    assert receipt.told == {"payment": OLD_PAYMENT, "outcome": "returned", "amount": 30_00}
    assert {row.reverses for row in played.rows("posting")} == {f"{OLD_PAYMENT}:paid", f"{OLD_PAYMENT}:charged", SHARE}
    assert played.balances == {"customers": -30_00, "unit:foshan": 30_00}
    assert [(row.of, row.key, row.state) for row in played.rows("lost")] == [(OLD, OLD_PAYMENT, "returned")]
    assert played.letters("payment_astray") == ["finance@hq", "branch_agent@minhang"]
    assert (await played.case()).had_before == 0
    owed = await played.owed()
    assert Owed.APPROVAL in owed
    assert Owed.FIRST_CONTACT in owed  # and everything else goes on
    assert (await played.obligation(Owed.APPROVAL)).role == "hq_supervisor"


async def test_neither_who_had_a_hand_in_it_nor_who_reported_it_approves_the_payment_in_its_place(office: Office) -> None:
    played = await continued(office)
    await told(played)
    for who in (SUPERVISOR, "old:hq_supervisor@hq", "fan:hq_supervisor@hq"):
        with pytest.raises(Refused, match="MakerIsChecker"):
            await played.approved(who)
    await played.past(Owed.APPROVAL)
    await played.forward(3 * DAY)  # nobody's silence sends it, whatever the sum
    assert await states(played) == [(30_00, OfferState.PROPOSED)]
    await played.approved(OTHER_SUPERVISOR)
    assert Owed.CUSTOMER_ANSWER in await played.owed()
    with pytest.raises(Refused, match="name the payee"):
        await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [30_00]
    await played.paid()
    assert played.balances == {"unit:foshan": 30_00, "unit:minhang": -30_00}
    case = await played.case()
    assert (case.stage.value, case.resolved) == ("acknowledgement", False)  # the new trouble is still to be looked into


async def test_it_is_paid_once_whatever_the_findings_compute(office: Office) -> None:
    played = await continued(office)
    await told(played)
    await played.contacted()
    await findings(played, overcharge=30_00)
    round = (await played.case()).round
    assert [(offer.amount, offer.state) for offer in round.offers] == [(30_00, OfferState.PROPOSED)]
    assert [step["rule"] for step in round.explanation] == ["overcharge_returned", "paid_anew"]
    await played.approved(OTHER_SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    await played.paid()
    assert await played.sent() == [30_00]
    assert (await played.case()).resolved
    assert (await played.penalty_review()).respondents == ["minhang"]


async def test_where_more_is_computed_one_payment_takes_the_place_of_both_and_another_person_approves(office: Office) -> None:
    played = await continued(office)
    await told(played)
    await played.contacted()
    await findings(played, overcharge=50_00)
    assert await states(played) == [(30_00, OfferState.VOID), (50_00, OfferState.PROPOSED)]
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(SUPERVISOR)
    await played.approved(OTHER_SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [50_00]


async def test_findings_that_owe_nothing_take_nothing_from_what_was_owed_before(office: Office) -> None:
    played = await continued(office)
    await played.contacted()
    await findings(played, overcharge=30_00)
    assert await states(played) == []  # paid before
    await told(played)
    assert await states(played) == [(30_00, OfferState.PROPOSED)]
    await played.say(c.ReturnFindings, MANAGER, reason_ref="which charge?")
    await findings(played, overcharge=1_00)
    assert await states(played) == [(30_00, OfferState.PROPOSED)]
    await played.approved(OTHER_SUPERVISOR)
    assert Owed.CUSTOMER_ANSWER in await played.owed()


async def test_another_call_meanwhile_begins_a_round_in_which_it_is_offered_again(office: Office) -> None:
    played = await continued(office)
    await played.contacted()
    await findings(played, overcharge=30_00)
    await played.told()
    await told(played)
    await played.forward(DAY)
    await played.called()
    rounds = (await played.case()).rounds
    assert [[(o.state, o.replaces) for o in round.offers] for round in rounds] == [
        [(OfferState.VOID, OLD_PAYMENT)],
        [(OfferState.PROPOSED, OLD_PAYMENT)],
    ]
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved("fan:hq_supervisor@hq")
    await played.approved(OTHER_SUPERVISOR)
    assert Owed.CUSTOMER_ANSWER in await played.owed()


async def test_it_is_heard_once_and_what_went_to_the_wrong_person_may_yet_come_back(office: Office) -> None:
    played = await continued(office)
    await told(played, MISDIRECTED)
    assert played.balances == {
        "hq:payout": -30_00,
        "hq:receivables": 30_00,
        "customers": -30_00,
        "unit:foshan": 30_00,
    }
    with pytest.raises(Refused, match="on record"):
        await told(played, MISDIRECTED)
    await told(played, RETURNED)
    assert "hq:receivables" not in played.balances
    for outcome in (RETURNED, MISDIRECTED):
        with pytest.raises(Refused, match="on record"):
            await told(played, outcome)
    assert len(await states(played)) == 1
    assert [row.state for row in played.rows("lost")] == ["misdirected", "returned"]


async def test_what_was_made_anew_elsewhere_and_comes_back_now_is_only_taken_off_the_receivables(office: Office) -> None:
    played = await continued(office, before=before(paid=30_00))
    await told(played, RETURNED, was=MISDIRECTED, postings=())
    assert played.balances == {"hq:payout": 30_00, "hq:receivables": -30_00}
    assert await states(played) == []
    assert (await played.case()).had_before == 30_00


async def test_a_complaint_opened_by_it_asks_for_the_approval_from_its_first_minute(office: Office) -> None:
    opened = before(paid=0, why=Why.PAYMENT_RETURNED, astray=lost())
    played = await continued(office, before=opened, payee_ref=None)
    assert played.letters("approval_needed") == ["hq_supervisor@hq"]
    await played.contacted()
    await findings(played, overcharge=30_00)
    await played.approved(OTHER_SUPERVISOR)
    assert await played.sent() == []
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [30_00]
    await played.paid()
    assert (await played.case()).resolved


async def test_a_complaint_that_was_withdrawn_leaves_it_to_the_one_that_continues_it(office: Office) -> None:
    played = await continued(office)
    await played.contacted()
    await findings(played, overcharge=90_00)
    await played.paid()
    await played.say(c.Withdraw, AGENT, reason_ref="all is well")
    with pytest.raises(Refused, match="ended as withdrawn"):
        await told(played)
    assert played.rows("lost") == []


async def test_it_waits_for_no_other_money_and_each_is_approved_by_whose_it_is(office: Office) -> None:
    played = await continued(office, before=before(paid=30_00, postings=booked()))
    await played.contacted()
    await findings(played, overcharge=530_00)  # ¥500 more, for the manager
    await told(played)
    assert await states(played) == [(500_00, OfferState.PROPOSED), (30_00, OfferState.PROPOSED)]
    assert played.letters("approval_needed") == ["branch_manager@minhang", "hq_supervisor@hq"]
    await played.approved(OTHER_SUPERVISOR)
    assert await states(played) == [(500_00, OfferState.PROPOSED), (30_00, OfferState.OFFERED)]
    assert "approval" in await played.owed()
    await played.approved(MANAGER)
    assert "approval" not in await played.owed()
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert sorted(await played.sent()) == [30_00, 500_00]


async def test_of_two_that_wait_the_one_of_that_amount_is_decided(office: Office) -> None:
    played = await continued(office, before=before(paid=30_00, postings=booked()))
    await played.contacted()
    await findings(played, overcharge=3030_00)
    await told(played)
    with pytest.raises(Refused, match="AmountChanged"):
        await played.approved(OTHER_SUPERVISOR, amount=31_00)
    await played.approved(OTHER_SUPERVISOR, amount=30_00)
    await played.approved(SUPERVISOR)  # who approved the first payment may approve what is new
    assert [state for _, state in await states(played)].count(OfferState.PROPOSED) == 0


async def test_what_is_kept_ready_stays_ready_beside_it(office: Office) -> None:
    played = await continued(office, before=before(paid=30_00, postings=booked()), payee_ref=None)
    await played.contacted()
    await findings(played, overcharge=130_00)
    await played.past(Owed.CUSTOMER_ANSWER)
    assert await states(played) == [(100_00, OfferState.KEPT_READY)]
    await told(played)
    await played.approved(OTHER_SUPERVISOR)
    assert await states(played) == [(100_00, OfferState.KEPT_READY), (30_00, OfferState.OFFERED)]
    for _ in range(2):
        await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
        await played.sent()
        await played.paid()
    assert await states(played) == [(100_00, OfferState.PAID), (30_00, OfferState.PAID)]


async def test_it_goes_on_in_a_new_history_and_to_the_end(office: Office) -> None:
    played = await continued(office, plan=starter_plan(continue_after_events=20))
    began = (await played.handle.describe()).run_id
    await told(played)
    await played.contacted()
    await played.past(Owed.APPROVAL)
    assert (await played.handle.describe()).run_id != began
    with pytest.raises(Refused, match="on record"):
        await told(played)
    await played.approved(OTHER_SUPERVISOR)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-2")
    assert await played.sent() == [30_00]
    await played.paid()
    await findings(played, overcharge=30_00)
    assert (await played.case()).round.computed == 0
    await played.told()
    await played.stated("mo:branch_manager@minhang")
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    assert await played.closed() is Outcome.RESOLVED
    assert "customers" not in played.balances  # unbooked once, paid once
