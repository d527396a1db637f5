"""Finance over HTTP: a payment that came back, one that went to the wrong person, and one a platform had made already."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.api.conftest import Counter, complaint
from tests.api.test_whole_life import PAYEE, Case, yuan

AGENT, FINANCE, SUPERVISOR = "branch_agent@minhang", "finance@", "hq_supervisor@"


async def overcharged(counter: Counter) -> Case:
    """¥20 overcharged, sent by rule to the payee on record."""
    body = complaint(waybill=uuid4().hex, category="pricing", payee=PAYEE)
    taken = await counter.post("/complaints", body, counter.as_("branch_agent", "minhang"))
    case = Case(counter, taken.json()["number"])
    facts = {"validity": "effective", "cause": "多收运费", "remedy": "退还差额", "facts": {"overcharge": yuan(20)}}
    await case.says(AGENT, "findings", facts | {"liable": [{"party": "origin", "share": 100}]})
    return case


async def balances(case: Case) -> dict[str, int]:
    answer = await case.counter.get("/ledger/entries", case.counter.as_("finance"), complaint=case.number, limit=100)
    sums: dict[str, int] = {}
    for entry in answer.json()["items"]:
        sums[entry["account"]] = sums.get(entry["account"], 0) + entry["amount"]["amount"]
    return {account: sum_ for account, sum_ in sums.items() if sum_}


async def states(case: Case) -> list[tuple[str, str]]:
    return [(paid["key"].rpartition("-")[2], paid["state"]) for paid in (await case.seen())["payments"]]


def said(outcome: str, **more: Any) -> dict[str, Any]:
    return {"reference": "V-1", "outcome": outcome} | more


async def test_a_misdirected_payment_is_a_receivable_and_a_new_one_is_made_when_another_person_approves(counter: Counter) -> None:
    case = await overcharged(counter)
    first = f"{case.number}-R1-P1"
    await case.says(FINANCE, "compensation/payout", said("returned"), 409)
    await case.says(FINANCE, "compensation/payout", said("paid"))
    await case.says(FINANCE, "compensation/payout", said("misdirected", payment=f"{case.number}-R1-P7"), 409)
    told = await case.says(FINANCE, "compensation/payout", said("misdirected", payment=first))
    assert (told["payment"], told["amount"]) == (first, yuan(20))
    assert await balances(case) == {"hq:payout": -20_00, "hq:receivables": 20_00}
    assert "approval" in await case.owed()
    await case.says(SUPERVISOR, "compensation/decision", {"approve": True, "reason": "已核对收款人"})
    await case.says(AGENT, "compensation/answer", {"accepted": True}, 422)
    await case.says(AGENT, "compensation/answer", {"accepted": True, "payee": PAYEE | {"account": "6222020000009999"}})
    await case.says(FINANCE, "compensation/payout", said("paid"))
    await case.says(FINANCE, "compensation/payout", said("returned", payment=first))
    assert await states(case) == [("P1", "returned"), ("P2", "paid")]
    assert await balances(case) == {"customers": 20_00, "unit:minhang": -20_00}


async def test_what_a_platform_refunded_is_recorded_with_its_sum_and_taken_off(counter: Counter) -> None:
    body = complaint(waybill=uuid4().hex, category="pricing", payee=PAYEE)
    taken = await counter.post("/complaints", body, counter.as_("branch_agent", "minhang"))
    case = Case(counter, taken.json()["number"])
    await case.says(FINANCE, "compensation/payout", said("settled_elsewhere"), 422)
    await case.says(FINANCE, "compensation/payout", said("settled_elsewhere", amount=yuan(15)))
    facts = {"validity": "effective", "cause": "多收运费", "remedy": "退还差额", "facts": {"overcharge": yuan(20)}}
    await case.says(AGENT, "findings", facts | {"liable": [{"party": "origin", "share": 100}]})
    shown = await case.seen()
    assert shown["compensation"]["computed"] == yuan(5)
    assert [(paid["amount"], paid["state"]) for paid in shown["payments"]] == [
        (yuan(15), "settled_elsewhere"),
        (yuan(5), "sent"),
    ]
    assert await balances(case) == {}
