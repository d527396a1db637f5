"""One parcel, one claim over HTTP: the sender and the recipient complain of one parcel, and both desks pay at the same moment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Counter, complaint
from tests.api.test_life import forward, opened
from tests.api.test_refusals import is_problem
from tests.api.test_stand_ins import PAYEE, overcharged
from tests.api.test_whole_life import yuan

AGENT = ("branch_agent", "minhang")


async def pair(counter: Counter, waybill: str) -> list[str]:
    recipient = {"role": "recipient", "name": "客户乙", "phone": "13800000002", "language": "en"}
    said = {"waybill": waybill, "category": "loss", "declared_value": yuan(300), "payee": PAYEE}
    return [await opened(counter, **said), await opened(counter, **said, complainant=recipient)]


async def seen(counter: Counter, number: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).json()
    return shown


async def settled(counter: Counter, number: str, *states: str) -> dict[str, Any]:
    """The complaint, once its compensation is in one of these states."""
    for _ in range(100):
        shown = await seen(counter, number)
        if shown["compensation"].get("state") in states:
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(f"{number}: {shown['compensation']}")


async def test_two_complaints_about_one_parcel_paid_at_the_same_moment_are_paid_once(counter: Counter) -> None:
    for turn in range(3):
        numbers = await pair(counter, f"one-parcel-{turn}")
        findings = {"validity": "effective", "cause": "丢失", "remedy": "赔付"}
        posts = [counter.post(f"/complaints/{number}/findings", findings, counter.as_(*AGENT)) for number in numbers]
        assert {answer.status_code for answer in await asyncio.gather(*posts)} <= {200, 202}
        shown = [await settled(counter, number, "sent", "void", "nothing_owed") for number in numbers]
        sent = [payment["amount"] for one in shown for payment in one["payments"]]
        assert sent == [yuan(300)]
        left_out = next(one for one in shown if not one["payments"])
        step = left_out["compensation"]["explanation"][-1]
        assert (step["rule"], step["amount"]) == ("one_parcel_one_claim", yuan(-300))
        assert step["facts"]["complaints"] == next(one["number"] for one in shown if one["payments"])
        assert left_out["compensation"]["computed"] == yuan(0)
        more = {"amount": yuan(50), "reason": "再赔一次"}
        refused = await counter.post(f"/complaints/{left_out['number']}/compensation/proposal", more, counter.as_(*AGENT))
        is_problem(refused, 409)
        assert "one parcel is one claim" in refused.text


async def test_what_another_complaint_was_sent_and_did_not_get_may_be_proposed_here(counter: Counter) -> None:
    first, second = await pair(counter, "one-parcel-refused")
    findings = {"validity": "effective", "cause": "丢失", "remedy": "赔付"}
    for number, state in ((first, "sent"), (second, "nothing_owed")):
        assert (await counter.post(f"/complaints/{number}/findings", findings, counter.as_(*AGENT))).status_code in (200, 202)
        await settled(counter, number, state)
    proposal, path = {"amount": yuan(300), "reason": "另一位收款失败"}, f"/complaints/{second}/compensation/proposal"
    is_problem(await counter.post(path, proposal, counter.as_(*AGENT)), 409)
    outcome = {"reference": "V-1", "outcome": "refused"}
    told = await counter.post(f"/complaints/{first}/compensation/payout", outcome, counter.as_("finance"))
    assert told.status_code in (200, 202)
    await settled(counter, first, "refused")
    assert (await counter.post(path, proposal, counter.as_(*AGENT))).status_code in (200, 202)
    shown = await settled(counter, second, "sent")
    assert (shown["compensation"]["computed"], shown["payments"][0]["amount"]) == (yuan(300), yuan(300))
    assert "one_parcel_one_claim" not in {step["rule"] for step in shown["compensation"]["explanation"]}
    is_problem(await counter.post(f"/complaints/{first}/compensation/proposal", proposal, counter.as_(*AGENT)), 409)


async def test_an_approval_of_an_amount_that_changed_meanwhile_is_refused(counter: Counter) -> None:
    number = await overcharged(counter, 800)
    another = {"amount": yuan(900), "reason": "客户另有损失"}
    assert (await counter.post(f"/complaints/{number}/compensation/proposal", another, counter.as_(*AGENT))).status_code == 200
    manager, decision = counter.as_("branch_manager", "minhang"), f"/complaints/{number}/compensation/decision"
    stale = await counter.post(decision, {"approve": True, "amount": yuan(800)}, manager)
    is_problem(stale, 409)
    assert "changed meanwhile" in stale.text
    assert (await counter.post(decision, {"approve": True, "amount": yuan(900)}, manager)).status_code in (200, 202)


@pytest.mark.parametrize("money", [{"amount": 100, "currency": "USD"}, {"amount": 100}, {"amount": -1, "currency": "CNY"}])
async def test_money_in_another_currency_or_in_none_is_bad_input(counter: Counter, money: dict[str, Any]) -> None:
    is_problem(await counter.post("/complaints", complaint(waybill="usd", freight=money), counter.as_(*AGENT)), 422)
    number = await opened(counter)
    proposal = {"amount": money, "reason": "?"}
    is_problem(await counter.post(f"/complaints/{number}/compensation/proposal", proposal, counter.as_(*AGENT)), 422)


async def test_more_than_the_declared_value_is_bad_input(counter: Counter) -> None:
    number = await opened(counter, category="damage", declared_value=yuan(1000))
    findings = {"validity": "effective", "cause": "破损", "remedy": "赔付", "facts": {"share_damaged": 60, "cap_shown": False}}
    await counter.post(f"/complaints/{number}/findings", findings, counter.as_(*AGENT))
    await forward(counter, number, "PT1M")
    refused = await counter.post(
        f"/complaints/{number}/compensation/proposal", {"amount": yuan(1051), "reason": "?"}, counter.as_(*AGENT)
    )
    is_problem(refused, 422)
    assert "insured for ¥1,000.00" in refused.text
