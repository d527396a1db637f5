"""One complaint from the first call to the last visit, every decision by somebody with a token."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Counter, complaint
from tests.api.test_life import forward, until_closed

PAYEE = {"name": "客户甲", "relation": "sender", "channel": "bank", "account": "6222020000001234"}


class Case:
    def __init__(self, counter: Counter, number: str) -> None:
        self.counter, self.number = counter, number

    async def says(self, who: str, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        role, _, branch = who.partition("@")
        place = path if path.startswith("/") else f"/complaints/{self.number}/{path}"
        answer = await self.counter.post(place, body, self.counter.as_(role, branch or None))
        assert answer.status_code == status, f"{path}: {answer.text}"
        said: dict[str, Any] = answer.json()
        return said

    async def seen(self, path: str = "") -> Any:
        return (await self.counter.get(f"/complaints/{self.number}{path}", self.counter.as_("auditor"))).json()

    async def owed(self) -> set[str]:
        return {owed["obligation"] for owed in await self.seen("/waiting") if owed["open"]}


def yuan(sum_: int) -> dict[str, Any]:
    return {"amount": sum_ * 100, "currency": "CNY"}


async def test_a_late_parcel_is_paid_for_ruled_on_and_visited_until_it_is_closed(counter: Counter) -> None:
    agent = "branch_agent@minhang"
    taken = await counter.post(
        "/complaints", complaint(waybill="whole-life", payee=PAYEE), counter.as_("branch_agent", "minhang")
    )
    case = Case(counter, taken.json()["number"])
    await case.says(agent, "first-contact", {"note": "已联系客户"})
    await case.says(
        agent,
        "findings",
        {
            "validity": "effective",
            "cause": "目的网点压件三天",
            "remedy": "退还运费",
            "liable": [{"party": "destination", "share": 100}],
            "facts": {"days_late": 3, "same_region": False},
        },
    )
    shown = await case.seen()
    assert shown["compensation"]["computed"] == yuan(30)
    assert shown["compensation"]["explanation"]
    assert shown["payments"][0]["amount"] == yuan(30)
    assert PAYEE["account"] not in str(shown)
    assert "payout" in await case.owed()
    await case.says(
        "finance", "compensation/payout", {"reference": shown["payments"][0]["reference"] or "V-1", "outcome": "paid"}
    )
    shown = await case.seen()
    assert (shown["status"], shown["compensation"]["paid"]) == ("resolved", yuan(30))
    review = f"{case.number}-R1"
    assert shown["penalty_review"]["id"] == review
    assert shown["penalty_review"]["respondents"] == ["foshan"]

    await case.says(
        "branch_agent@foshan", f"/penalty-reviews/{review}/statement", {"statement": "天气原因", "stance": "contests"}
    )
    ruling = {
        "clauses": [{"code": "Q-101", "branch": "foshan", "parcels": 1}],
        "shares": [{"branch": "foshan", "share": 100}],
        "reasons": "无天气证明",
    }
    await case.says("hq_reviewer", f"/penalty-reviews/{review}/ruling", ruling)
    await case.says("branch_agent@foshan", f"/penalty-reviews/{review}/appeal", {"reasons": "附上证明"})
    await forward(counter, case.number, "P5D")
    decision = {
        "outcome": "partial",
        "lines": [{"code": "Q-101", "outcome": "partial", "amount": yuan(10)}],
        "reasons": "部分采信",
    }
    await case.says("hq_supervisor", f"/penalty-reviews/{review}/appeal-decision", decision)
    answer = (await counter.get(f"/penalty-reviews/{review}", counter.as_("branch_agent", "foshan"))).json()
    assert (answer["status"], answer["lines"][0]["amount"], answer["lines"][0]["remaining"]) == ("final", yuan(20), yuan(10))
    assert answer["statements"][0]["statement"] == "天气原因"

    await case.says(agent, "confirm-done", {"words": "运费已退"})
    await case.says("branch_agent@minhang", "visits", {"result": "satisfied", "channel": "phone"}, 409)
    visitor = counter.as_("branch_agent", "minhang", "visitor@minhang")
    for by in ("P3D", "P9D"):
        await forward(counter, case.number, by)
        visit = await counter.post(
            f"/complaints/{case.number}/visits", {"result": "satisfied", "channel": "phone", "score": 5}, visitor
        )
        assert visit.status_code in (200, 202), visit.text
    shown = await until_closed(counter, case.number)
    assert (shown["outcome"], len(shown["visits"]), shown["visits"][0]["score"]) == ("resolved", 2, 5)

    entries = (await counter.get("/ledger/entries", counter.as_("finance"), complaint=case.number)).json()["items"]
    assert sum(entry["amount"]["amount"] for entry in entries) == 0
    assert {entry["kind"] for entry in entries} >= {"advance", "share", "penalty"}
    own = (await counter.get("/ledger/entries", counter.as_("branch_agent", "foshan"), complaint=case.number)).json()["items"]
    assert {entry["account"] for entry in own} == {"unit:foshan"}
    balance = (await counter.get("/ledger/accounts/unit:foshan", counter.as_("branch_agent", "foshan"))).json()["balance"]
    assert balance == yuan(-40)
    assert (await counter.get("/ledger/accounts/unit:dali", counter.as_("branch_agent", "foshan"))).status_code == 404
