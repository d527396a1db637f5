"""A parcel found after it was paid for, over HTTP: in a running complaint and, after closing, in the one that continues it."""

from __future__ import annotations

from tests.api.conftest import Counter
from tests.api.test_after_closing import AGENT, FINDINGS, brought, closed, lived, waybill
from tests.api.test_life import until_closed
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
