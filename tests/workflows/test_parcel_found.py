"""A parcel found after it was paid for: the customer keeps the money or takes the parcel, and what was booked follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import commands as c
from domain.continuation import Before, Why
from domain.offers import OfferState
from domain.record import Entry, PostingRow
from domain.values import Keeps, LedgerKind, Outcome, Owed, Party
from tests.workflows.office import Office, monday
from tests.workflows.played import AGENT, DAY, FINANCE, FOSHAN, HQ_DESK, MANAGER, Played, Refused

OLD = "A261001-000001"
PAID = {"customers": 1000_00, "unit:minhang": -1000_00}


async def found(office: Office) -> Played:
    """A parcel insured for ¥1,000 is lost and paid for; then it turns up."""
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    told = (await turned_up(played)).told
    assert told["amount"] == 1000_00
    return played


async def lost(office: Office) -> Played:
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1")
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    return played


async def turned_up(played: Played, by: str = FOSHAN) -> c.Receipt:
    return await played.say(c.ReportParcelFound, by, words_ref="words", where_ref="behind the belt")


async def chosen(played: Played, keeps: Keeps) -> c.Receipt:
    return await played.say(c.ChooseMoneyOrParcel, AGENT, keeps=keeps)


async def repaid(played: Played, by: str = FINANCE) -> c.Receipt:
    return await played.say(c.ConfirmRepaid, by, reference="BACK-1")


def detail(played: Played, event: str) -> dict[str, Any]:
    (fact,) = [fact for fact in played.facts if fact.name == event]
    return fact.details


async def test_the_customer_has_seven_days_to_choose_and_is_reminded_and_silence_keeps_the_money(office: Office) -> None:
    played = await found(office)
    owed = await played.obligation(Owed.PARCEL_CHOICE)
    assert timedelta(days=7) <= owed.due - owed.since < timedelta(days=8)
    assert played.letters("parcel_found") == ["complainant"]
    await played.past(Owed.PARCEL_CHOICE)
    case = await played.case()
    assert case.found is not None
    assert case.found.keeps is Keeps.MONEY
    assert not owed.late
    assert len(played.letters("reminder", Owed.PARCEL_CHOICE)) == 2
    assert detail(played, "money_kept")["goods_to"] == [{"unit": "minhang", "amount": 1000_00}]
    assert played.letters("goods_to_unit") == ["branch_agent@minhang"]
    assert played.balances == PAID


async def test_who_keeps_the_money_leaves_the_goods_to_the_units_by_what_they_bear(office: Office) -> None:
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 70, "minhang": 30})
    await turned_up(played)
    await chosen(played, Keeps.MONEY)
    borne = {goods["unit"]: goods["amount"] for goods in detail(played, "money_kept")["goods_to"]}
    assert borne == {"foshan": 700_00, "minhang": 300_00}
    with pytest.raises(Refused, match="waits for the customer's choice"):
        await chosen(played, Keeps.PARCEL)


async def test_who_takes_the_parcel_repays_and_every_entry_is_reversed_by_name_once(office: Office) -> None:
    played = await found(office)
    with pytest.raises(Refused, match="No repayment is awaited"):
        await repaid(played)
    await chosen(played, Keeps.PARCEL)
    assert played.balances == PAID
    assert played.letters("repayment_due") == ["finance@hq"]
    with pytest.raises(Refused, match="NotPermitted"):
        await repaid(played, MANAGER)
    assert (await repaid(played)).told["amount"] == 1000_00
    assert played.balances == {}
    key = f"{played.number}-R1-P1"
    reversed_ = {row.key: row.reverses for row in played.rows("posting") if row.reverses}
    assert reversed_ == {f"{key}:{what}:reversed": f"{key}:{what}" for what in ("paid", "charged")}
    (offer,) = (await played.case()).round.offers
    assert (offer.state, offer.paid, offer.had) == (OfferState.REPAID, 0, 1000_00)
    assert played.rows("payment")[-1].state == "repaid"
    with pytest.raises(Refused, match="No repayment is awaited"):
        await repaid(played)
    with pytest.raises(Refused, match="FoundAlready"):
        await turned_up(played)


async def test_what_was_shared_is_reversed_with_it(office: Office) -> None:
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    assert played.balances["unit:foshan"] < -999_99
    await turned_up(played)
    await chosen(played, Keeps.PARCEL)
    await repaid(played)
    assert {account for account in played.balances if account in ("customers", "unit:minhang", "hq:payout")} == set()


async def test_until_it_is_repaid_the_money_may_still_be_kept(office: Office) -> None:
    played = await found(office)
    await chosen(played, Keeps.PARCEL)
    with pytest.raises(Refused, match="takes the parcel already"):
        await chosen(played, Keeps.PARCEL)
    await chosen(played, Keeps.MONEY)
    assert Owed.REPAYMENT.value not in await played.owed()
    assert played.balances == PAID


async def test_a_parcel_found_before_anything_was_paid_belongs_in_the_findings(office: Office) -> None:
    played = await lost(office)
    with pytest.raises(Refused, match="Nothing was paid"):
        await turned_up(played)


async def test_the_complaint_stays_until_the_repayment_is_there_also_after_a_withdrawal(office: Office) -> None:
    played = await found(office)
    await chosen(played, Keeps.PARCEL)
    await played.say(c.Withdraw, AGENT, reason_ref="enough")
    await played.forward(30 * DAY)
    assert (await played.case()).closed_at is None
    await repaid(played)
    assert await played.closed() is Outcome.WITHDRAWN
    assert played.balances == {}


def posting(key: str, **moves: int) -> PostingRow:
    entries = [Entry(account=account.replace("_", ":"), amount=amount) for account, amount in moves.items()]
    return PostingRow(key=key, kind=LedgerKind.ADVANCE, entries=entries, posted_at=monday() - DAY)


async def test_a_parcel_found_after_closing_is_chosen_and_repaid_in_the_complaint_that_continues(office: Office) -> None:
    postings = (
        posting(f"{OLD}-R1-P1:paid", hq_payout=-500_00, customers=500_00),
        posting(f"{OLD}-R1-P1:charged", unit_minhang=-500_00, hq_payout=500_00),
    )
    before = Before(number=OLD, why=Why.PARCEL_FOUND, paid=500_00, postings=postings)
    played = await office.complaint(category="loss", declared_value=500_00, payee_ref="payee-1", before=before)
    assert Owed.PARCEL_CHOICE.value in await played.owed()
    await played.say(c.ChooseMoneyOrParcel, HQ_DESK, keeps=Keeps.PARCEL)
    await repaid(played)
    assert played.balances == {"customers": -500_00, "unit:minhang": 500_00}
    assert {row.reverses for row in played.rows("posting")} == {posting.key for posting in postings}
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    assert await played.sent() == []
