"""代理: a manager names who acts in their stead, with dates; within them, and only then, that person decides as the manager."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from api.standing_in import today
from tests.api.conftest import Counter
from tests.api.test_life import opened
from tests.api.test_refusals import is_problem
from tests.api.test_whole_life import Case, yuan

PAYEE = {"name": "客户甲", "relation": "sender", "channel": "bank", "account": "6222020000001234"}


def days(first: int, last: int) -> dict[str, str]:
    return {"from": (today() + timedelta(first)).isoformat(), "to": (today() + timedelta(last)).isoformat()}


async def overcharged(counter: Counter, sum_: int) -> str:
    """Findings by Minhang's agent, which compute that many yuan."""
    number = await opened(counter, category="pricing", payee=PAYEE)
    facts = {"overcharge": yuan(sum_)}
    findings: dict[str, Any] = {"validity": "effective", "cause": "多收", "remedy": "退还", "facts": facts}
    answer = await counter.post(f"/complaints/{number}/findings", findings, counter.as_("branch_agent", "minhang"))
    assert answer.status_code in (200, 202), answer.text
    for _ in range(50):
        waiting = (await counter.get(f"/complaints/{number}/waiting", counter.as_("auditor"))).json()
        if "approval" in {owed["obligation"] for owed in waiting}:
            return number
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody owes an approval: {waiting}")


async def named(counter: Counter, sub: str, by: str = "minhang", **said: Any) -> dict[str, Any]:
    answer = await counter.post("/stand-ins", {"sub": sub} | days(0, 3) | said, counter.as_("branch_manager", by))
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_stand_in_decides_as_the_manager_and_never_checks_their_own_work(counter: Counter) -> None:
    number = await overcharged(counter, 500)
    deputy, maker = counter.as_("branch_agent", "minhang", "deputy"), counter.as_("branch_agent", "minhang")
    approve = {"approve": True, "amount": yuan(500)}
    is_problem(await counter.post(f"/complaints/{number}/compensation/decision", approve, deputy), 403)
    assert (await named(counter, "deputy"))["unit"] == "minhang"
    makers = await named(counter, "branch_agent@minhang")
    own = await counter.post(f"/complaints/{number}/compensation/decision", approve, maker)
    is_problem(own, 409)
    assert "another person must approve it" in own.text
    await counter.post(f"/stand-ins/{makers['id']}/end", {}, counter.as_("branch_manager", "minhang"))
    inbox = (await counter.get("/inbox", deputy, obligation="approval")).json()["items"]
    assert number in [item["complaint"] for item in inbox]
    decided = await counter.post(f"/complaints/{number}/compensation/decision", approve, deputy)
    assert decided.status_code in (200, 202), decided.text
    events = (await counter.get(f"/complaints/{number}/timeline", maker)).json()["items"]
    approved = next(event for event in events if event["name"] == "compensation_approved")
    assert approved["actor"] == {"sub": "deputy", "role": "branch_manager"}
    assert approved["details"]["in_stead_of"] == "branch_manager@minhang"


async def test_outside_the_dates_or_after_they_ended_nobody_stands_in(counter: Counter) -> None:
    number = await overcharged(counter, 600)
    later = counter.as_("branch_agent", "minhang", "later")
    await named(counter, "later", **days(1, 4))
    is_problem(await counter.post(f"/complaints/{number}/compensation/decision", {"approve": True}, later), 403)
    now = await named(counter, "later")
    ended = await counter.post(f"/stand-ins/{now['id']}/end", {}, counter.as_("branch_manager", "minhang"))
    assert ended.json()["ended_by"] == "branch_manager@minhang"
    is_problem(await counter.post(f"/complaints/{number}/compensation/decision", {"approve": True}, later), 403)
    again = await counter.post(f"/stand-ins/{now['id']}/end", {}, counter.as_("branch_manager", "minhang"))
    is_problem(again, 409)


async def test_a_stand_in_from_another_branch_sees_what_the_manager_sees_while_it_lasts(counter: Counter) -> None:
    number = await overcharged(counter, 700)
    neighbour = counter.as_("branch_agent", "dali", "neighbour")
    is_problem(await counter.get(f"/complaints/{number}", neighbour), 404)
    stand_in = await named(counter, "neighbour")
    assert (await counter.get(f"/complaints/{number}", neighbour)).status_code == 200
    inbox = (await counter.get("/inbox", neighbour, obligation="approval")).json()["items"]
    assert number in [item["complaint"] for item in inbox]
    await counter.post(f"/stand-ins/{stand_in['id']}/end", {}, counter.as_("branch_manager", "minhang"))
    is_problem(await counter.get(f"/complaints/{number}", neighbour), 404)


async def test_who_may_name_whom(counter: Counter) -> None:
    minhang = counter.as_("branch_manager", "minhang")
    is_problem(await counter.post("/stand-ins", {"sub": "x", "unit": "foshan"} | days(0, 1), minhang), 403)
    is_problem(await counter.post("/stand-ins", {"sub": "x"} | days(0, 1), counter.as_("branch_agent", "minhang")), 403)
    assert (await named(counter, "deputy-of-foshan", by="foshan"))["unit"] == "foshan"
    further = {"sub": "friend", "unit": "foshan"} | days(0, 1)
    is_problem(await counter.post("/stand-ins", further, counter.as_("branch_agent", "foshan", "deputy-of-foshan")), 403)
    by_hq = await counter.post("/stand-ins", {"sub": "y", "unit": "foshan"} | days(0, 1), counter.as_("hq_supervisor"))
    assert by_hq.status_code == 201
    await counter.get("/units", counter.as_("auditor"))
    for said, what in (
        ({"sub": "branch_manager@minhang"}, "themselves"),
        ({"sub": "z"} | days(3, 1), "before the first"),
        ({"sub": "z"} | days(-3, -1), "over"),
        ({"sub": "z"} | days(0, 400), "at once"),
        ({"sub": "auditor@hq"}, "decides nothing"),
    ):
        refused = await counter.post("/stand-ins", days(0, 1) | said, minhang)
        is_problem(refused, 422)
        assert what in refused.text
    nobody = await counter.post("/stand-ins", {"sub": "unseen", "unit": "hq"} | days(0, 1), counter.as_("hq_supervisor"))
    assert (nobody.status_code, "headquarters" in nobody.text) == (422, True)
    seen = (await counter.get("/stand-ins", minhang, current=True)).json()["items"]
    assert {row["unit"] for row in seen} <= {"minhang"}


async def test_the_managers_stand_in_speaks_for_the_branch_in_a_penalty_review(counter: Counter) -> None:
    case = Case(counter, await opened(counter, category="service_attitude"))
    findings = {"validity": "effective", "cause": "态度差", "remedy": "道歉", "liable": [{"party": "destination", "share": 100}]}
    await case.says("branch_agent@minhang", "findings", findings)
    await case.says("branch_agent@minhang", "answers", {"kind": "solution", "words": "已致歉", "channel": "phone"})
    await named(counter, "nina", by="foshan")
    nina, place = counter.as_("branch_agent", "zhuhai", "nina"), f"/penalty-reviews/{case.number}-R1"
    answer = await counter.post(f"{place}/statement", {"statement": "并非本网点", "stance": "contests", "branch": "foshan"}, nina)
    assert answer.status_code in (200, 202), answer.text
    await case.says("hq_reviewer", f"{place}/ruling", {"clauses": [{"code": "Q-301"}], "reasons": "属实"})
    is_problem(await counter.post(f"{place}/appeal", {"reasons": "不服", "branch": "minhang"}, nina), 403)
    appealed = await counter.post(f"{place}/appeal", {"reasons": "不服"}, nina)
    assert (appealed.status_code in (200, 202), appealed.json()["unit"]) == (True, "foshan")
    shown = (await counter.get(place, counter.as_("auditor"))).json()
    assert [(said["unit"], said["by"]) for said in shown["statements"]] == [("foshan", "nina")]
