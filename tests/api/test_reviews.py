"""Penalty reviews over HTTP: a summary ruling and its correction, an objection to a lateness line, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from embedded.virtual import VirtualTime
from tests.api.conftest import Counter, complaint
from tests.api.test_life import forward
from tests.api.test_whole_life import PAYEE, Case, yuan

FOUND: dict[str, Any] = {
    "validity": "effective",
    "cause": "目的网点压件三天",
    "remedy": "退还运费",
    "liable": [{"party": "destination", "share": 100}],
    "facts": {"days_late": 3, "same_region": False},
}


async def received(counter: Counter, waybill: str) -> Case:
    taken = await counter.post("/complaints", complaint(waybill=waybill, payee=PAYEE), counter.as_("branch_agent", "minhang"))
    return Case(counter, taken.json()["number"])


async def test_an_admitted_fault_is_ruled_by_rule_shown_with_its_clause_and_later_corrected(counter: Counter) -> None:
    case = await received(counter, "summary-1")
    await case.says("branch_agent@minhang", "first-contact", {"note": "已联系客户"})
    await case.says("branch_agent@minhang", "findings", FOUND)
    await case.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    review = f"/penalty-reviews/{case.number}-R1"
    statement = {"statement": "属实", "stance": "admits", "evidence": ["nothing"]}
    refused = await case.says("branch_agent@foshan", f"{review}/statement", statement, 422)
    assert refused["errors"][0]["field"] == "evidence.0"
    await case.says("branch_agent@foshan", f"{review}/statement", statement | {"evidence": []})
    await forward(counter, case.number, "PT1M")
    shown = (await counter.get(review, counter.as_("branch_agent", "foshan"))).json()
    assert (shown["status"], shown["ruling"]["how"], shown["ruling"]["advance"]) == ("appeal_window", "admitted", yuan(30))
    assert (shown["lines"][0]["text"]["en"], shown["lines"][0]["arithmetic"]) == ("Delay", "2000 fen × 1 × 100 %")
    assert shown["ruling"]["facts"]["days_late"] == 3
    assert shown["rulebook"]["version"]
    await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "太早"}, 409)
    await forward(counter, case.number, "P5D")

    opened = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "新证据"}, 201)
    assert opened["id"] == f"{case.number}-R1-C1"
    again = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "再来一次"}, 409)
    assert f"{opened['id']} is open" in again["detail"]
    await case.says("branch_manager@minhang", f"{review}/corrections", {"reasons": "不服"}, 403)
    inbox = (await counter.get("/inbox", counter.as_("hq_reviewer"), obligation="correction")).json()["items"]
    assert [item["complaint"] for item in inbox] == [case.number]
    place = f"{review}/corrections/{opened['id']}/decision"
    decision = {
        "reasons": "中转延误一半",
        "lines": [{"code": "Q-101", "amount": yuan(5)}],
        "added": [{"code": "Q-301", "branch": "foshan"}],
        "shares": [{"branch": "foshan", "share": 50}, {"branch": "minhang", "share": 50}],
    }
    await case.says("hq_reviewer", place, decision, 409)  # who opened it
    await case.says("hq_supervisor", place, decision | {"shares": [{"branch": "foshan", "share": 99}]}, 422)
    unheard = await case.says("hq_supervisor", place, decision | {"added": [{"code": "Q-301", "branch": "minhang"}]}, 422)
    assert "minhang was not heard" in unheard["detail"]
    assert (await case.says("hq_supervisor", place, decision))["status"] == "corrected"
    await case.says("hq_supervisor", place, decision, 409)
    [corrected] = (await counter.get(f"{review}/corrections", counter.as_("auditor"))).json()["items"]
    assert (corrected["status"], corrected["decision"]) == ("corrected", "中转延误一半")
    told = [(line["code"], line["before"], line["remaining"]) for line in corrected["lines"]]
    assert told == [("Q-101", yuan(20), yuan(5)), ("Q-301", yuan(0), yuan(50))]
    stands = (await counter.get(review, counter.as_("auditor"))).json()
    assert {line["clause"]: line["remaining"]["amount"] for line in stands["lines"]} == {"Q-101": 500, "Q-301": 5000}
    assert [line["remaining"] for line in stands["ruling"]["clauses"]] == [yuan(20)]
    more = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "还有证据"}, 409)
    assert f"{opened['id']} is corrected" in more["detail"]
    entries = (await counter.get("/ledger/entries", counter.as_("finance"), complaint=case.number)).json()["items"]
    foshan = [entry["amount"]["amount"] for entry in entries if entry["account"] == "unit:foshan"]
    assert sum(foshan) == -1500 - 500 - 5000
    assert sum(entry["amount"]["amount"] for entry in entries) == 0


async def test_a_unit_objects_to_a_lateness_line_and_a_reviewer_waives_it(counter: Counter) -> None:
    case = await received(counter, "lateness-1")
    await case.says("branch_agent@minhang", "first-contact", {"note": "已联系客户"})
    await forward(counter, case.number, "P4D")
    line = f"/lateness-lines/{case.number}-L1"
    shown = (await counter.get(line, counter.as_("branch_manager", "minhang"))).json()
    assert (shown["complaint"], shown["clause"], shown["state"]) == (case.number, "Q-603", "open")
    assert (await counter.get(line, counter.as_("branch_manager", "dali"))).status_code == 404
    await case.says("branch_manager@foshan", f"{line}/objection", {"reasons": "与我无关"}, 403)
    await case.says("hq_reviewer", f"{line}/decision", {"reasons": "无异议", "waive": True}, 409)
    await case.says("branch_manager@minhang", f"{line}/objection", {"reasons": "系统故障"})
    await case.says("hq_reviewer", f"{line}/decision", {"reasons": "属实", "waive": True})
    waived = (await counter.get("/lateness-lines", counter.as_("auditor"), state="waived", branch="minhang")).json()["items"]
    assert [(item["id"], item["decision"]) for item in waived] == [(f"{case.number}-L1", "属实")]


async def test_what_stands_in_another_complaint_about_the_parcel_is_not_penalised_again(counter: Counter) -> None:
    ruling = {"clauses": [{"code": "Q-301"}], "reasons": "属实"}
    for phone, status in (("13900001111", 200), ("13900002222", 409)):
        who = {"role": "recipient", "name": "客户", "phone": phone}
        said = complaint(waybill="twice-1", category="service_attitude", complainant=who)
        taken = await counter.post("/complaints", said, counter.as_("branch_agent", "minhang"))
        case = Case(counter, taken.json()["number"])
        await case.says("branch_agent@minhang", "findings", FOUND | {"facts": {}})
        told = {"kind": "solution", "words": "已致歉并培训", "channel": "phone"}
        await case.says("branch_agent@minhang", "answers", told)
        review = f"/penalty-reviews/{case.number}-R1"
        await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "否认", "stance": "contests"})
        await case.says("hq_reviewer", f"{review}/ruling", ruling, status)


async def test_what_a_full_ruling_set_aside_stays_readable_beside_what_stands(counter: Counter) -> None:
    case = await received(counter, "aside-1")
    await case.says("branch_agent@minhang", "findings", FOUND | {"facts": {}})
    await case.says("branch_agent@minhang", "answers", {"kind": "solution", "words": "已致歉", "channel": "phone"})
    review = f"/penalty-reviews/{case.number}-R1"
    await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "属实", "stance": "admits"})
    await forward(counter, case.number, "PT1M")
    await case.says("branch_manager@foshan", f"{review}/appeal", {"reasons": "当天大雪封路"})
    contested = (await counter.get(review, counter.as_("auditor"))).json()
    assert ([line["key"] for line in contested["lines_set_aside"]], contested["lines"]) == ([f"{case.number}-R1:S1"], [])
    await case.says("hq_reviewer", f"{review}/ruling", {"clauses": [{"code": "Q-101"}], "reasons": "无证明"})
    ruled = (await counter.get(review, counter.as_("auditor"))).json()
    assert [(line["key"], line["remaining"]["amount"]) for line in ruled["lines"]] == [(f"{case.number}-R1:1", 2000)]
    (gone,) = ruled["lines_set_aside"]
    assert (gone["remaining"]["amount"], gone["text"]["en"]) == (0, "Delay")


async def test_of_two_complaints_about_a_parcel_ruled_in_the_same_moment_the_second_is_refused_by_name(
    counter: Counter,
) -> None:
    cases = []
    for phone in ("13900003333", "13900004444"):
        who = {"role": "recipient", "name": "客户", "phone": phone}
        said = complaint(waybill="at-once-1", category="service_attitude", complainant=who)
        taken = await counter.post("/complaints", said, counter.as_("branch_agent", "minhang"))
        case = Case(counter, taken.json()["number"])
        await case.says("branch_agent@minhang", "findings", FOUND | {"facts": {}})
        await case.says("branch_agent@minhang", "answers", {"kind": "solution", "words": "已致歉并培训", "channel": "phone"})
        statement = {"statement": "否认", "stance": "contests"}
        await case.says("branch_agent@foshan", f"/penalty-reviews/{case.number}-R1/statement", statement)
        cases.append(case)
    ruling = {"clauses": [{"code": "Q-301"}], "reasons": "属实"}
    rule = [
        counter.post(f"/penalty-reviews/{case.number}-R1/ruling", ruling, counter.as_("hq_reviewer", sub=f"r{n}"))
        for n, case in enumerate(cases)
    ]
    answers = dict(zip((case.number for case in cases), await asyncio.gather(*rule), strict=True))
    refused = {number for number, answer in answers.items() if answer.status_code == 409}
    [winner] = set(answers) - refused
    assert answers[winner].status_code in (200, 202)
    [problem] = [answers[number].json() for number in refused]
    assert problem["type"].endswith("penalised-already")
    assert f"in {winner}-R1, of another complaint about this parcel" in problem["detail"]
    other = {"clauses": [{"code": "Q-303"}], "reasons": "属实"}
    [loser] = [case for case in cases if case.number in refused]
    await loser.says("hq_reviewer", f"/penalty-reviews/{loser.number}-R1/ruling", other)


async def test_a_correction_that_nobody_decided_in_time_is_followed_by_another_and_no_further(counter: Counter) -> None:
    case = await received(counter, "again-1")
    await case.says("branch_agent@minhang", "findings", FOUND | {"facts": {}})
    await case.says("branch_agent@minhang", "answers", {"kind": "solution", "words": "已致歉", "channel": "phone"})
    review = f"/penalty-reviews/{case.number}-R1"
    await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "属实", "stance": "admits"})
    await forward(counter, case.number, "P6D")
    first = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "新证据"}, 201)
    await VirtualTime(counter.client).fast_forward(first["id"], timedelta(days=40))
    assert await counter.client.get_workflow_handle(first["id"]).result() == "lapsed"
    second = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "新证据"}, 201)
    assert second["id"] == f"{case.number}-R1-C2"
    place = f"{review}/corrections/{second['id']}/decision"
    assert (await case.says("hq_supervisor", place, {"reasons": "不成立"}))["status"] == "dismissed"
    refused = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "第三次"}, 409)
    assert f"{second['id']} is dismissed" in refused["detail"]


async def test_a_line_that_an_appeal_overturned_is_put_back_by_a_correction_though_no_day_is_said(counter: Counter) -> None:
    case = await received(counter, "put-back-1")
    await case.says("branch_agent@minhang", "findings", FOUND | {"facts": {}})
    await case.says("branch_agent@minhang", "answers", {"kind": "solution", "words": "已致歉", "channel": "phone"})
    review = f"/penalty-reviews/{case.number}-R1"
    await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "否认", "stance": "contests"})
    ruling = {"clauses": [{"code": "Q-101"}, {"code": "Q-301"}], "reasons": "属实"}
    await case.says("hq_reviewer", f"{review}/ruling", ruling)
    await case.says("branch_manager@foshan", f"{review}/appeal", {"reasons": "封路"})
    await forward(counter, case.number, "P4D")
    await case.says("hq_supervisor", f"{review}/appeal-decision", {"outcome": "overturn", "reasons": "成立"})
    opened = await case.says("hq_reviewer", f"{review}/corrections", {"reasons": "证明系伪造"}, 201)
    place = f"{review}/corrections/{opened['id']}/decision"
    who = counter.as_("hq_supervisor", sub="new-here")
    answer = await counter.post(place, {"reasons": "更正", "lines": [{"code": "Q-101", "amount": yuan(20)}]}, who)
    assert (answer.status_code, answer.json().get("status")) == (200, "corrected"), answer.text
