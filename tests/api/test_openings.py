"""HQ quality opens reviews itself over HTTP: of what goes on, and of what was closed without cost to its author."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import replaying
from api.chores import HouseChores
from tests.api.conftest import Counter
from tests.api.test_life import forward, until_closed
from tests.api.test_reviews import FOUND, received
from tests.api.test_whole_life import Case

OPENING: dict[str, Any] = {"respondents": [{"branch": "foshan"}], "clauses": ["Q-101"], "reasons": "结论为客户原因，与轨迹不符"}
NOBODYS = FOUND | {"liable": [{"party": "customer", "share": 100}]}


async def closed(counter: Counter, waybill: str, score: int = 5) -> Case:
    """¥30 paid by Minhang, which found that the customer was to blame; visited twice and closed."""
    case = await received(counter, waybill)
    await case.says("branch_agent@minhang", "first-contact", {"note": "已联系客户"})
    await case.says("branch_agent@minhang", "findings", NOBODYS)
    await case.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    await case.says("branch_agent@minhang", "confirm-done", {"words": "已退"})
    visitor = counter.as_("branch_agent", "minhang", "visitor@minhang")
    for by in ("P3D", "P9D"):
        await forward(counter, case.number, by)
        place = f"/complaints/{case.number}/visits"
        assert (await counter.post(place, {"result": "satisfied", "channel": "phone", "score": score}, visitor)).status_code in (
            200,
            202,
        )
    await until_closed(counter, case.number)
    return case


async def until(met: Callable[[], Awaitable[int]]) -> bool:
    for _ in range(100):
        if await met():
            return True
        await asyncio.sleep(0.1)
    return False


async def withdrawn(counter: Counter, waybill: str) -> Case:
    case = await received(counter, waybill)
    await case.says("branch_agent@minhang", "withdraw", {"reason": "客户称已收到"})
    await until_closed(counter, case.number)
    return case


async def test_a_closed_complaint_is_reviewed_ruled_on_and_appealed_and_stays_closed(counter: Counter) -> None:
    case = await closed(counter, "opened-after")
    review = f"{case.number}-R1"
    place, before = f"/complaints/{case.number}/penalty-reviews", await case.seen()
    await case.says("branch_manager@minhang", place, OPENING, 403)
    await case.says("branch_manager@dali", place, OPENING, 404)
    rui = counter.as_("hq_reviewer", sub="rui")
    answer = await counter.post(place, OPENING, rui, key="look-1")
    assert (answer.status_code in (201, 202), answer.json()["id"]) == (True, review)
    assert (await counter.post(place, OPENING, rui, key="look-1")).json() == answer.json()
    again = await case.says("hq_reviewer", place, OPENING, 409)
    assert review in again["detail"]
    assert "correction" in again["detail"]

    [owed] = [o for o in await case.seen("/waiting") if o["open"]]
    assert (owed["obligation"], owed["owed_by"]["branch"]) == ("statement", "foshan")
    inbox = (await counter.get("/inbox", counter.as_("branch_agent", "foshan"), obligation="statement")).json()["items"]
    assert case.number in {item["complaint"] for item in inbox}
    statement = {"statement": "并非本网点", "stance": "contests"}
    await case.says("branch_agent@foshan", f"/penalty-reviews/{review}/statement", statement)
    shown = (await counter.get(f"/penalty-reviews/{review}", counter.as_("branch_agent", "foshan"))).json()
    assert (shown["opening"], shown["about"], shown["claimant"]) == (OPENING["reasons"], ["Q-101"], "hq")

    ruling = {"clauses": [{"code": "Q-101"}], "shares": [{"branch": "foshan", "share": 100}], "reasons": "轨迹证明"}
    own = await counter.post(f"/penalty-reviews/{review}/ruling", ruling, rui)
    assert (own.status_code, "opening of a review" in own.json()["detail"]) == (409, True)
    await case.says("hq_reviewer", f"/penalty-reviews/{review}/ruling", ruling)
    await case.says("branch_manager@foshan", f"/penalty-reviews/{review}/appeal", {"reasons": "不服"})
    await forward(counter, case.number, "P6D")
    await case.says("hq_supervisor", f"/penalty-reviews/{review}/appeal-decision", {"outcome": "sustain", "reasons": "维持"})
    entries = (await counter.get("/ledger/entries", counter.as_("finance"), complaint=case.number)).json()["items"]
    assert sum(e["amount"]["amount"] for e in entries if e["account"] == "unit:foshan") == -3000 - 2000
    after = await case.seen()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"penalty_review", "penalty_reviews", "obligations", "liable", "seq", "applied_seq"}
    assert after["penalty_review"]["status"] == "final"
    names = [event["name"] for event in (await case.seen("/timeline"))["items"]]
    assert names[names.index("closed") + 1] == "review_opened"
    assert names[-1] == "review_final"
    late = await case.says("branch_manager@foshan", f"/penalty-reviews/{review}/appeal", {"reasons": "再申请"}, 409)
    assert late["type"].endswith("already-closed")
    await case.says("hq_reviewer", f"/penalty-reviews/{review}/corrections", {"reasons": "新证据"}, 201)


async def test_what_is_late_in_a_later_review_says_by_how_much_on_its_own_clock(counter: Counter) -> None:
    case = await withdrawn(counter, "opened-late")
    await case.says("hq_reviewer", f"/complaints/{case.number}/penalty-reviews", OPENING | {"clauses": []}, 201)
    await forward(counter, case.number, "P14D")
    [ruling] = [owed for owed in await case.seen("/waiting") if owed["obligation"] == "ruling"]
    assert ruling["late"]
    assert ruling["late_by"] not in (None, "PT0S")


async def test_opened_twice_in_the_same_moment_it_is_one_review(counter: Counter) -> None:
    case = await withdrawn(counter, "opened-twice")
    place = f"/complaints/{case.number}/penalty-reviews"
    who = [counter.as_("hq_reviewer", sub=sub) for sub in ("rui", "ren", "rong")]
    answers = await asyncio.gather(*(counter.post(place, OPENING, one) for one in who))
    assert sorted(answer.status_code in (201, 202) for answer in answers) == [False, False, True]
    refused = [answer.json()["detail"] for answer in answers if answer.status_code == 409]
    assert all(f"{case.number}-R1" in detail for detail in refused)
    assert len((await case.seen())["penalty_reviews"]) == 1


async def test_what_cannot_be_reviewed_is_said_in_a_sentence(counter: Counter) -> None:
    case = await received(counter, "opened-badly")
    place = f"/complaints/{case.number}/penalty-reviews"
    for wrong, field in (
        ({"respondents": [{"branch": "nowhere"}]}, "respondents.0.branch"),
        ({"respondents": []}, "respondents"),
        ({"evidence": ["nothing"]}, "evidence.0"),
        ({"round": 0}, "round"),
    ):
        refused = await case.says("hq_reviewer", place, OPENING | wrong, 422)
        assert refused["errors"][0]["field"] == field
    assert "Q-999" in (await case.says("hq_reviewer", place, OPENING | {"clauses": ["Q-999"]}, 422))["detail"]
    assert "round 2" in (await case.says("hq_reviewer", place, OPENING | {"round": 2}, 422))["detail"]
    other = await received(counter, "opened-other")
    await case.says("hq_agent", "merge", {"into": other.number, "reason": "同一件"})
    await until_closed(counter, case.number)
    assert other.number in (await case.says("hq_reviewer", place, OPENING, 409))["detail"]
    opened = await other.says("hq_reviewer", f"/complaints/{other.number}/penalty-reviews", OPENING, 201)
    assert opened["id"] == f"{other.number}-R1"


async def test_dated_facts_are_told_to_the_reviews_of_a_closed_complaint(counter: Counter) -> None:
    case = await withdrawn(counter, "opened-dated")
    await case.says("hq_reviewer", f"/complaints/{case.number}/penalty-reviews", OPENING, 201)
    version = (await case.seen())["dated_version"]
    hours = {"week": {"sun": [["09:00", "12:00"]]}}
    answer = await counter.http.put("/v1/calendars/foshan", json=hours, headers=counter.as_("hq_supervisor"))
    assert answer.status_code == 200, answer.text
    for _ in range(100):
        if (await case.seen())["dated_version"] > version:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("the review was not told")
    assert (await case.seen())["status"] == "closed"


async def test_its_process_ended_by_hand_is_gone_on_with_and_its_history_is_kept(counter: Counter) -> None:
    chores = HouseChores(counter.database, counter.desk())
    case = await withdrawn(counter, "opened-ended")
    while await chores.archive_histories():
        pass
    await case.says("hq_reviewer", f"/complaints/{case.number}/penalty-reviews", OPENING, 201)
    process = counter.client.get_workflow_handle(f"{case.number}-reviews")
    review = f"/penalty-reviews/{case.number}-R1"
    await process.terminate("an operator's slip")
    await case.says("branch_agent@foshan", f"{review}/statement", {"statement": "属实", "stance": "contests"})
    await process.terminate("another slip")
    assert await chores.find_lost() >= 1
    ruling = {"clauses": [{"code": "Q-301"}], "reasons": "属实"}
    answer = await counter.post(f"{review}/ruling", ruling, counter.as_("hq_reviewer", sub="ren"))
    assert answer.status_code in (200, 202), answer.text
    assert await chores.archive_histories() == 0

    async def looked_at() -> bool:
        return any([found.id == process.id async for found in counter.client.list_workflows(replaying.OPEN)])

    assert await until(looked_at), "what is open is looked at before a deployment"
    await forward(counter, case.number, "P10D")
    assert (await case.seen())["penalty_review"]["status"] == "final"
    assert await until(chores.archive_histories)
    events = (await counter.get(f"/complaints/{case.number}/history", counter.as_("operator"))).json()["items"]
    began = [event for event in events if event["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"]
    assert len(began) == 2, "the complaint's own, and the last of its later reviews"


async def test_what_cost_nothing_is_looked_at_again_by_a_reviewer_who_decided_nothing_in_it(counter: Counter) -> None:
    chores = HouseChores(counter.database, counter.desk())
    fine, bad = await closed(counter, "look-fine", score=1), await closed(counter, "look-bad", score=2)
    while await chores.draw_second_looks():
        pass
    rui, ren = counter.as_("hq_reviewer", sub="rui"), counter.as_("hq_reviewer", sub="ren")
    assert (await counter.get("/second-looks", counter.as_("branch_manager", "minhang"))).status_code == 403
    items = (await counter.get("/second-looks", rui, looked=False)).json()["items"]
    looks = {item["complaint"]: item for item in items}
    look = looks[fine.number]
    assert (look["why"], look["differs"], look["labels"]["zh"]) == (["customer"], ["low_score"], ["责任认定在客户", "客户评分低"])
    inbox = (await counter.get("/inbox", rui)).json()
    assert fine.number in {item["complaint"] for item in inbox["second_looks"]}
    assert (await counter.get("/inbox", counter.as_("branch_agent", "minhang"))).json()["second_looks"] == []

    await bad.says("hq_reviewer", f"/complaints/{bad.number}/penalty-reviews", OPENING, 201)
    said = {"result": "fine", "words": "轨迹与结论一致"}
    place = f"/second-looks/{fine.number}/looked"
    assert (await counter.post(place, said, counter.as_("branch_manager", "minhang"))).status_code == 403
    assert (await counter.post("/second-looks/A1/looked", said, rui)).status_code == 404
    took_part = await counter.post(f"/second-looks/{bad.number}/looked", said, counter.as_("hq_reviewer"))
    assert (took_part.status_code, took_part.json()["type"]) == (409, "urn:amends:problem:took-part")
    answers = await asyncio.gather(*(counter.post(place, said, who) for who in (rui, ren)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    looked = (await counter.get("/second-looks", counter.as_("auditor"), looked=True)).json()["items"]
    results = {item["complaint"]: (item["result"], item["review"], item["words"]) for item in looked}
    assert results[fine.number] == ("fine", None, said["words"])
    assert results[bad.number] == ("reviewed", f"{bad.number}-R1", None)
    assert await chores.draw_second_looks() == 0


async def test_what_comes_back_after_closing_is_looked_at_though_the_lot_had_passed_it_by(counter: Counter) -> None:
    chores = HouseChores(counter.database, counter.desk())
    case = await withdrawn(counter, "look-again")
    while await chores.draw_second_looks():
        pass
    again = await counter.post(f"/complaints/{case.number}/repeat", {"reason": "根本没有撤诉"}, counter.as_("hq_agent"))
    assert again.status_code == 201, again.text
    assert await chores.draw_second_looks() >= 1
    items = (await counter.get("/second-looks", counter.as_("hq_reviewer"), limit=200)).json()["items"]
    [look] = [item for item in items if item["complaint"] == case.number]
    assert look["why"] == ["withdrawn"]
