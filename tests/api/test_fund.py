"""The quality fund over HTTP: proposed by finance, approved by somebody else at HQ, published; in an inbox until decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.months import month_of
from store import intake, rulebooks
from store.intake import Request
from store.register import Register
from tests.api.conftest import Counter
from tests.api.test_refusals import is_problem
from tests.store.books import penalty
from tests.store.cases import fact, reported

USES = "/ledger/fund/uses"
MONTH = month_of(datetime.now(UTC))


def money(fen: int) -> dict[str, Any]:
    return {"amount": fen, "currency": "CNY"}


@pytest.fixture
def income(lonely: Counter) -> Callable[[int], Awaitable[None]]:
    """The fund gets so much, by a penalty of its own complaint."""

    async def penalise(amount: int) -> None:
        async with lonely.database.session() as session:
            current = await rulebooks.active(session)
            assert current is not None
            pinned = {"rulebook_version": current.version, "rulebook_hash": current.hash}
            number = (await intake.accept(session, reported(waybill=f"FU-{amount}", **pinned), Request("c-agent"))).number
        row = penalty(number, amount=amount, at=datetime.now(UTC))
        await Register(lonely.database).apply(number, [fact(1, "review_final", row)])

    return penalise


async def waiting(lonely: Counter, role: str) -> list[str]:
    return [use["id"] for use in (await lonely.get("/inbox", lonely.as_(role))).json()["fund_uses"]]


async def test_a_use_is_proposed_approved_by_another_posted_and_published(
    lonely: Counter, income: Callable[[int], Awaitable[None]]
) -> None:
    await income(5000)
    till, boss, branch = lonely.as_("finance"), lonely.as_("hq_supervisor"), lonely.as_("branch_agent", "dali")
    body = {"amount": money(3000), "purpose": "大理客服培训", "branch": "dali"}
    for who in (boss, branch, lonely.as_("auditor")):
        is_problem(await lonely.post(USES, body, who), 403)
    proposed = await lonely.post(USES, body, till, key="use-1")
    assert (proposed.status_code, proposed.json()["status"]) == (201, "proposed")
    assert (await lonely.post(USES, body, till, key="use-1")).json() == proposed.json()
    is_problem(await lonely.post(USES, body | {"amount": money(1)}, till, key="use-1"), 422)
    use = proposed.json()["id"]
    decision = f"{USES}/{use}/decision"

    (owed,) = (await lonely.get("/inbox", boss)).json()["fund_uses"]
    assert (owed["id"], owed["obligation"], owed["late"], owed["clock"]["measure"]) == (
        use,
        "fund_approval",
        False,
        "working_days",
    )
    assert "总部主管" in owed["sentence"]["zh"]
    assert "approval of a use of the quality fund" in owed["sentence"]["en"]
    assert await waiting(lonely, "finance") == []
    assert (await lonely.get("/inbox", boss, overdue=True)).json()["fund_uses"] == []
    assert (await lonely.get("/inbox", boss, obligation="fund_approval")).json()["fund_uses"] == [owed]
    assert (await lonely.get("/inbox", boss, obligation="month_close")).json()["fund_uses"] == []
    assert (await lonely.get(USES, branch)).json()["items"] == []

    is_problem(await lonely.post(decision, {"approve": True}, till), 403)
    same = lonely.as_("hq_supervisor", sub="finance@hq")
    assert is_problem(await lonely.post(decision, {"approve": True}, same), 409)["type"].endswith("maker-is-checker")
    is_problem(await lonely.post(decision, {"approve": False}, boss), 422)
    approved = (await lonely.post(decision, {"approve": True}, boss)).json()
    assert (approved["status"], approved["acts"][0]["by"], approved["account"]) == ("approved", "hq_supervisor@hq", "unit:dali")
    assert is_problem(await lonely.post(decision, {"approve": True}, boss), 409)["type"].endswith("use-decided")
    assert await waiting(lonely, "hq_supervisor") == []

    assert [item["id"] for item in (await lonely.get(USES, branch)).json()["items"]] == [use]
    assert (await lonely.get(USES, branch, status="proposed")).json()["items"] == []
    report = (await lonely.get(f"/ledger/fund/{MONTH}", branch)).json()
    assert (report["use"], report["closing"], report["uses"][0]["purpose"]) == (money(3000), money(2000), "大理客服培训")
    assert (await lonely.get(f"/ledger/fund/{MONTH}", branch, format="xlsx")).status_code == 200
    statement = (await lonely.get(f"/settlements/dali/{MONTH}", lonely.as_("branch_manager", "dali"))).json()
    (entry,) = statement["entries"]
    assert (entry["kind"], entry["amount"], entry["complaint"], entry["fund_use"]) == ("settlement", money(3000), None, use)

    back = (await lonely.post(f"{USES}/{use}/reverse", {"reason": "培训取消"}, boss)).json()
    assert (back["status"], back["acts"][1]["reason"]) == ("reversed", "培训取消")
    is_problem(await lonely.post(f"{USES}/{use}/reverse", {"reason": "again"}, boss), 409)
    assert (await lonely.get(f"/ledger/fund/{MONTH}", branch)).json()["closing"] == money(5000)
    closing = (await lonely.get(f"/settlements/dali/{MONTH}", till)).json()["closing"]
    assert closing == money(0)


async def test_more_than_the_fund_holds_and_what_makes_no_sense_is_refused(lonely: Counter) -> None:
    till, boss = lonely.as_("finance"), lonely.as_("hq_supervisor")
    held = (await lonely.get("/ledger/accounts/hq:quality_fund", till)).json()["balance"]["amount"]
    body = {"amount": money(held + 1), "purpose": "奖励"}
    use = (await lonely.post(USES, body, till)).json()["id"]
    refused = is_problem(await lonely.post(f"{USES}/{use}/decision", {"approve": True}, boss), 409)
    assert refused["type"].endswith("fund-too-small")
    assert await waiting(lonely, "auditor") == [use]
    no = (await lonely.post(f"{USES}/{use}/decision", {"approve": False, "reason": "余额不足"}, boss)).json()
    assert no["status"] == "refused"
    is_problem(await lonely.post(f"{USES}/{use}/reverse", {"reason": "x"}, boss), 409)
    is_problem(await lonely.post(f"{USES}/F000000-001/decision", {"approve": True}, boss), 404)
    for wrong in ({"amount": money(0)}, {"branch": "nowhere"}, {"purpose": " "}, {"amount": {"amount": 1, "currency": "USD"}}):
        is_problem(await lonely.post(USES, body | wrong, till), 422)
