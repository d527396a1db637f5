"""A parcel found after it was paid for, over HTTP: in a running complaint and, after closing, in the one that continues it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.api.conftest import Counter
from tests.api.test_after_closing import AGENT, FINDINGS, brought, closed, lived, waybill
from tests.api.test_life import forward, until_closed
from tests.api.test_whole_life import PAYEE, Case, yuan

FOUND = {"where": "佛山分拨中心", "words": "盘库时找到，外包装完好"}


async def paid(counter: Counter) -> Case:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE)
    case = Case(counter, told["number"])
    await case.says(AGENT, "first-contact", {"note": "已联系客户"})
    await case.says(AGENT, "findings", FINDINGS)
    await case.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    return case


async def test_the_goods_go_to_who_bore_them_when_the_customer_keeps_the_money(counter: Counter) -> None:
    case = await paid(counter)
    await case.says(AGENT, "parcel-choice", {"keeps": "money"}, 409)
    await case.says("branch_agent@zhuhai", "parcel-found", FOUND, 404)
    await case.says("finance", "parcel-found", FOUND, 403)
    told = await case.says("branch_agent@foshan", "parcel-found", FOUND)
    assert told["amount"] == yuan(30)
    await case.says("branch_agent@foshan", "parcel-found", FOUND | {"words": "又找到一次"}, 409)
    assert "parcel_choice" in await case.owed()
    await case.says(AGENT, "parcel-choice", {"keeps": "both"}, 422)
    await case.says(AGENT, "parcel-choice", {"keeps": "money", "words": "客户不要快件了"})
    now = await case.seen()
    assert now["parcel_found"]["where"] == FOUND["where"]
    assert (now["parcel_found"]["keeps"], now["parcel_found"]["words"]) == ("money", "客户不要快件了")
    assert now["parcel_found"]["goods_to"] == [{"unit": "minhang", "amount": yuan(30)}]
    assert "parcel_choice" not in await case.owed()


async def test_found_after_closing_it_continues_and_repaid_money_is_unbooked_where_it_was_booked(counter: Counter) -> None:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE)
    old = Case(counter, told["number"])
    await lived(old, "Q-101")
    await until_closed(counter, old.number)
    assert (await old.seen())["parcel_found"] is None
    told = await old.says("branch_agent@foshan", "parcel-found", FOUND, 201)
    continued = Case(counter, told["number"])
    assert (await old.says("branch_agent@foshan", "parcel-found", FOUND))["number"] == continued.number
    now = await continued.seen()
    assert (now["before"]["why"], now["before"]["paid"], now["severity"]) == ("parcel_found", yuan(30), "normal")
    assert now["parcel_found"]["amount"] == yuan(30)
    assert FOUND["where"] in now["description"]
    await continued.says(AGENT, "compensation/repaid", {"reference": "B-1"}, 403)
    await continued.says("finance", "compensation/repaid", {"reference": "B-1"}, 409)
    chosen = await continued.says(AGENT, "parcel-choice", {"keeps": "parcel"})
    assert chosen["amount"] == yuan(30)
    assert "repayment" in await continued.owed()
    await continued.says("finance", "compensation/repaid", {"reference": "B-1"})
    entries = (await counter.get("/ledger/entries", counter.as_("finance"), complaint=continued.number)).json()["items"]
    assert {entry["reverses"] for entry in entries} == {
        f"{old.number}-R1-P1:paid",
        f"{old.number}-R1-P1:charged",
        f"{old.number}-R1:share:{old.number}-R1-P1:1",
    }
    moved = {name: sum(e["amount"]["amount"] for e in entries if e["account"] == name) for name in ("customers", "unit:foshan")}
    assert moved == {"customers": -3000, "unit:foshan": 3000}
    await a_correction_moves_nothing_of_it(old)
    await continued.says(AGENT, "first-contact", {"note": "已联系"})
    await continued.says(AGENT, "findings", FINDINGS)
    assert (await continued.seen())["compensation"]["computed"] == yuan(0)  # the parcel is there in its place


async def a_correction_moves_nothing_of_it(old: Case) -> None:
    """The advance is reversed, and its shares with it: of the old review only a penalty is left to correct."""
    corrections = f"/penalty-reviews/{old.number}-R1/corrections"
    opened = await old.says("hq_reviewer", corrections, {"reasons": "新证据"}, 201)
    halves = {"shares": [{"branch": "foshan", "share": 50}, {"branch": "minhang", "share": 50}]}
    decision = {"reasons": "减半", "lines": [{"code": "Q-101", "amount": yuan(5)}]}
    await old.says("hq_supervisor", f"{corrections}/{opened['id']}/decision", decision | halves, 422)
    await old.says("hq_supervisor", f"{corrections}/{opened['id']}/decision", decision)
    entries = (await old.counter.get("/ledger/entries", old.counter.as_("finance"), complaint=old.number)).json()["items"]
    foshan = [entry for entry in entries if entry["account"] == "unit:foshan"]
    assert sum(entry["amount"]["amount"] for entry in foshan if entry["kind"] == "share") == -3000
    assert not [entry for entry in entries if entry["reverses"] and ":share:" in entry["reverses"]]


async def test_after_closing_what_was_never_paid_for_is_no_choice(counter: Counter) -> None:
    old = await closed(counter, waybill())
    await old.says("hq_agent", "parcel-found", FOUND, 409)


async def fund_of(case: Case) -> int:
    """What the quality fund has of a complaint (fen)."""
    entries = (await case.counter.get("/ledger/entries", case.counter.as_("finance"), complaint=case.number)).json()["items"]
    return sum(entry["amount"]["amount"] for entry in entries if entry["account"] == "hq:quality_fund")


async def told(case: Case, event: str) -> dict[str, Any]:
    """The event, as soon as the timeline has it."""
    for _ in range(100):
        events = (await case.seen("/timeline"))["items"]
        if found := [told for told in events if told["name"] == event]:
            return dict(found[-1]["details"])
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing of {event} in {[told['name'] for told in events]}")


async def test_half_a_final_penalty_for_a_loss_is_given_back_when_the_parcel_is_found(counter: Counter) -> None:
    case = await paid(counter)
    review = f"/penalty-reviews/{case.number}-R1"
    await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "认可", "stance": "contests"})
    ruling = {"clauses": [{"code": "Q-203"}], "shares": [{"branch": "foshan", "share": 100}], "reasons": "丢失属实"}
    await case.says("hq_reviewer", f"{review}/ruling", ruling)
    await forward(counter, case.number, "P5D")
    assert await fund_of(case) == 100_00
    await case.says("branch_agent@foshan", "parcel-found", FOUND)
    given = await told(case, "penalty_given_back")
    assert given["lines"] == [{"unit": "foshan", "clause": "Q-203", "before": yuan(100), "remaining": yuan(50)}]
    assert await fund_of(case) == 50_00
    shown = (await counter.get(review, counter.as_("auditor"))).json()
    assert (shown["lines"][0]["remaining"], shown["ruling"]["clauses"][0]["remaining"]) == (yuan(50), yuan(100))
    assert shown["lines"][0]["arithmetic_zh"] == "10000 分 × 1 票 × 100 % × 50 %（7 日内找回） = 5000 分"
    [by_rule] = (await counter.get(f"{review}/corrections", counter.as_("auditor"))).json()["items"]
    assert (by_rule["id"], by_rule["decided_by"]) == (f"{case.number}-R1-F", "system")
    assert (by_rule["reasons"], by_rule["lines"][0]["before"]) == (FOUND["words"], yuan(100))


async def test_found_after_closing_half_the_penalty_is_given_back_where_it_was_posted(counter: Counter) -> None:
    _, received = await brought(counter, waybill=waybill(), payee=PAYEE)
    old = Case(counter, received["number"])
    await lived(old, "Q-203")
    await until_closed(counter, old.number)
    assert await fund_of(old) == 100_00
    continued = Case(counter, (await old.says("branch_agent@foshan", "parcel-found", FOUND, 201))["number"])
    given = await told(continued, "penalty_given_back")
    assert (given["complaint"], given["review"]) == (old.number, f"{old.number}-R1")
    assert await fund_of(old) == 50_00
    opened = await old.says("hq_reviewer", f"/penalty-reviews/{old.number}-R1/corrections", {"reasons": "新证据"}, 201)
    place = f"/penalty-reviews/{old.number}-R1/corrections/{opened['id']}/decision"
    back = {"reasons": "恢复原额", "lines": [{"code": "Q-203", "amount": yuan(60)}]}
    assert "5000" in (await old.says("hq_supervisor", place, back, 422))["detail"]
    await old.says("hq_supervisor", place, {"reasons": "再减", "lines": [{"code": "Q-203", "amount": yuan(20)}]})
    assert await fund_of(old) == 20_00
