"""From a ruling to the signed sheet: what the process posted is what the sheet charges, and it walks back to who ruled it."""

from __future__ import annotations

from domain.months import after
from tests.api.conftest import Counter, complaint
from tests.api.test_life import forward
from tests.api.test_whole_life import PAYEE, Case, yuan


async def test_a_ruling_that_becomes_final_stands_on_the_sheet_of_its_month_with_who_ruled_it(counter: Counter) -> None:
    agent = counter.as_("branch_agent", "minhang")
    taken = await counter.post("/complaints", complaint(waybill="sheet-life", payee=PAYEE), agent)
    case = Case(counter, taken.json()["number"])
    findings = {
        "validity": "effective",
        "cause": "目的网点压件三天",
        "remedy": "退还运费",
        "liable": [{"party": "destination", "share": 100}],
        "facts": {"days_late": 3, "same_region": False},
    }
    await case.says("branch_agent@minhang", "findings", findings)
    await case.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    review = f"{case.number}-R1"
    await case.says(
        "branch_agent@foshan", f"/penalty-reviews/{review}/statement", {"statement": "天气原因", "stance": "contests"}
    )
    ruling = {
        "clauses": [{"code": "Q-101", "branch": "foshan", "parcels": 1}],
        "shares": [{"branch": "foshan", "share": 100}],
        "reasons": "无天气证明",
    }
    await case.says("hq_reviewer", f"/penalty-reviews/{review}/ruling", ruling)
    await forward(counter, case.number, "P8D")

    supervisor, finance = counter.as_("hq_supervisor"), counter.as_("finance")
    entries = (await counter.get("/ledger/entries", finance, complaint=case.number, kind="penalty")).json()["items"]
    assert [(entry["account"], entry["amount"], entry["clause"]) for entry in entries] == [
        ("unit:foshan", yuan(-20), "Q-101"),
        ("hq:quality_fund", yuan(20), "Q-101"),
    ]
    events = (await counter.get(f"/complaints/{case.number}/timeline", finance)).json()["items"]
    assert {event["seq"]: event["name"] for event in events}[entries[0]["seq"]] == "review_final"

    month = entries[0]["month"]
    sheet = (await counter.post(f"/penalty-sheets/{month}", {}, supervisor)).json()
    (line,) = [line for line in sheet["lines"] if line["complaint"] == case.number]
    assert (line["unit"], line["clause"], line["amount"], line["review"], line["by"]) == (
        "foshan",
        "Q-101",
        yuan(20),
        review,
        "hq_reviewer@hq",
    )
    pinned = await case.seen()
    assert line["rulebook"] == pinned["rulebook"]["version"]
    assert (await counter.post(f"/penalty-sheets/{month}/sign", {"hash": sheet["hash"]}, supervisor)).json()["status"] == "signed"
    statement = (await counter.get(f"/settlements/foshan/{month}", finance)).json()
    assert (
        statement["closing"]["amount"]
        == sum(e["amount"]["amount"] for e in statement["entries"]) + statement["opening"]["amount"]
    )
    assert (await counter.post(f"/ledger/months/{month}/close", {}, finance)).json()["closed"]
    for act in (f"/ledger/months/{after(month)}/close", f"/penalty-sheets/{after(month)}"):
        assert "has not begun" in (await counter.post(act, {}, finance)).json()["detail"]
