"""Pauses, delays and promises over HTTP: taken by whom the rules allow, shown where people look, refused with a sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.api.conftest import Counter
from tests.api.test_life import forward, opened
from tests.api.test_refusals import is_problem, written

AGENT, HQ_QUALITY = ("branch_agent", "minhang"), ("hq_reviewer", None)
WAITING = {"reason": "等客户提供发票", "reason_code": "waiting_for_customer"}


@pytest_asyncio.fixture(loop_scope="session")
async def number(counter: Counter) -> str:
    return await opened(counter)


@pytest_asyncio.fixture(loop_scope="session")
async def investigated(counter: Counter) -> str:
    """A complaint whose findings are owed."""
    number = await opened(counter)
    contact = await counter.post(f"/complaints/{number}/first-contact", {"note": "已联系"}, counter.as_(*AGENT))
    assert contact.status_code == 200, contact.text
    return number


async def shown(counter: Counter, number: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).json()
    return answer


async def waits(counter: Counter, number: str, owed: str) -> dict[str, Any]:
    """What the complaint waits for, of that kind."""
    waiting = (await counter.get(f"/complaints/{number}/waiting", counter.as_("auditor"))).json()
    return next(item for item in waiting if item["obligation"] == owed)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hours(duration: str) -> float:
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
    assert found, duration
    h, m, s = (int(part or 0) for part in found.groups())
    return h + m / 60 + s / 3600


async def test_a_pause_stops_contract_clocks_and_no_legal_one_until_it_is_ended_once(counter: Counter, number: str) -> None:
    quality = counter.as_(*HQ_QUALITY)
    paused = await counter.post(f"/complaints/{number}/pause", {"reason": "等鉴定"}, quality, key="pause")
    assert paused.status_code == 200, paused.text
    assert (await counter.post(f"/complaints/{number}/pause", {"reason": "等鉴定"}, quality, key="pause")).json() == paused.json()
    contact, by_law = [await waits(counter, number, owed) for owed in ("first_contact", "legal_answer")]
    assert (contact["paused"], by_law["paused"]) == (True, False)
    assert "Its clock stands still until" in contact["sentence"]["en"]
    assert "计时暂停至" in contact["sentence"]["zh"]
    inbox = (await counter.get("/inbox", counter.as_(*AGENT), obligation="first_contact", limit=200)).json()["items"]
    assert [item["paused"] for item in inbox if item["complaint"] == number] == [True]
    (held,) = (await shown(counter, number))["pauses"]
    assert (held["id"], held["reason"], held["ended"]) == (paused.json()["id"], "等鉴定", False)
    assert moment(held["ends"]) == moment(contact["paused_until"])
    assert "等鉴定" not in (await counter.get(f"/complaints/{number}", counter.as_("operator"))).text
    is_problem(await counter.post(f"/complaints/{number}/resume", {"reason": "急"}, counter.as_(*AGENT)), 403)
    await forward(counter, number, "P1DT2H")
    again = {"reason": "鉴定完成", "pause": held["id"]}
    resumed = await counter.post(f"/complaints/{number}/resume", again, quality)
    assert resumed.status_code == 200, resumed.text
    after = await waits(counter, number, "first_contact")
    assert (after["paused"], after["paused_until"], after["late"]) == (False, None, False)
    assert moment(after["due"]) > moment(held["starts"]) + timedelta(days=1)
    assert (await waits(counter, number, "legal_answer"))["due"] == by_law["due"]
    (ended,) = (await shown(counter, number))["pauses"]
    assert (ended["ended"], ended["ended_by"]) == (True, "hq_reviewer@hq")
    before = await written(counter)
    is_problem(await counter.post(f"/complaints/{number}/resume", again | {"reason": "再一次"}, quality), 409)
    assert await written(counter) == before


async def test_a_branch_pauses_for_a_reason_of_the_rulebook_as_often_as_it_allows(counter: Counter, number: str) -> None:
    agent, path = counter.as_(*AGENT), f"/complaints/{number}/pause"
    is_problem(await counter.post(path, {"reason": "忙"}, agent), 403)
    is_problem(await counter.post(path, WAITING | {"reason_code": "tired"}, agent), 422)
    is_problem(await counter.post(path, WAITING, counter.as_("finance")), 403)
    is_problem(await counter.post(path, WAITING, counter.as_("branch_agent", "dali")), 404)
    for reason in ("等发票", "等照片"):
        paused = await counter.post(path, WAITING | {"reason": reason}, agent)
        assert paused.status_code == 200, paused.text
        resumed = await counter.post(f"/complaints/{number}/resume", {"reason": f"{reason}已到"}, agent)
        assert resumed.status_code == 200, resumed.text
    is_problem(await counter.post(path, WAITING | {"reason": "还等"}, agent), 409)
    assert [pause["reason_code"] for pause in (await shown(counter, number))["pauses"]] == ["waiting_for_customer"] * 2


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("pause", WAITING | {"until": "2020-01-01T00:00:00Z"}, "until"),
        ("pause", WAITING | {"until": "tomorrow"}, "until"),
        ("pause", {"reason_code": "waiting_for_customer"}, "reason"),
        ("delay-requests", {"obligation": "findings", "until": "2020-01-01T00:00:00Z", "reason": "忙"}, "until"),
        ("delay-requests", {"obligation": "findings", "until": "2030-01-01T00:00:00Z", "reason": "忙" * 501}, "reason"),
        ("delay-requests", {"until": "2030-01-01T00:00:00Z", "reason": "忙"}, "obligation"),
        ("promises", {"what": "送货上门", "by": "2020-01-01T00:00:00Z"}, "by"),
        ("promises", {"what": " ", "by": "2030-01-01T00:00:00Z"}, "what"),
        ("promises", {"what": "送货上门"}, "by"),
    ],
)
async def test_what_makes_no_sense_names_its_field_and_leaves_nothing(
    counter: Counter, number: str, path: str, body: dict[str, Any], field: str
) -> None:
    before = await written(counter)
    refused = is_problem(await counter.post(f"/complaints/{number}/{path}", body, counter.as_(*AGENT)), 422)
    assert [error["field"] for error in refused["errors"]] == [field]
    assert await written(counter) == before


async def test_the_complaints_own_clock_says_what_is_past(counter: Counter, number: str) -> None:
    await forward(counter, number, "P3D")
    soon, before = (datetime.now(UTC) + timedelta(days=1)).isoformat(), await written(counter)
    for path, body in (("promises", {"what": "送货上门", "by": soon}), ("pause", WAITING | {"until": soon})):
        is_problem(await counter.post(f"/complaints/{number}/{path}", body, counter.as_(*AGENT)), 422)
    assert await written(counter) == before


async def test_more_time_is_asked_for_by_the_holder_and_granted_by_who_is_owed(counter: Counter, investigated: str) -> None:
    agent, quality = counter.as_(*AGENT), counter.as_(*HQ_QUALITY)
    due = moment((await waits(counter, investigated, "findings"))["due"])
    path = f"/complaints/{investigated}/delay-requests"
    asked = {"obligation": "findings", "until": (due + timedelta(hours=2)).isoformat(), "reason": "分拣中心录像后天才到"}
    is_problem(await counter.post(path, asked | {"obligation": "legal_answer"}, agent), 409)
    is_problem(await counter.post(path, asked | {"until": (due + timedelta(days=300)).isoformat()}, agent), 422)
    request = await counter.post(path, asked, agent)
    assert request.status_code == 201, request.text
    assert (await counter.post(path, asked, agent)).json()["id"] == request.json()["id"]
    inbox = (await counter.get("/inbox", quality, obligation="delay_decision", limit=200)).json()["items"]
    assert investigated in [item["complaint"] for item in inbox]
    decision = f"{path}/{request.json()['id']}/decision"
    is_problem(await counter.post(decision, {"approve": True, "reason": "可以"}, agent), 403)
    is_problem(await counter.post(decision, {"approve": True}, quality), 422)
    granted = await counter.post(decision, {"approve": True, "reason": "可以"}, quality)
    assert granted.status_code == 200, granted.text
    findings = await waits(counter, investigated, "findings")
    assert moment(findings["due"]) == due + timedelta(hours=2)
    (delay,) = (await shown(counter, investigated))["delays"]
    assert (delay["id"], delay["key"], delay["obligation"]) == (request.json()["id"], findings["key"], "findings")
    assert (delay["granted"], delay["reason"], delay["decision"]) == (True, "分拣中心录像后天才到", "可以")
    is_problem(await counter.post(decision, {"approve": False, "reason": "算了"}, quality), 409)
    is_problem(await counter.post(f"{path}/unheard-of/decision", {"approve": True, "reason": "可以"}, quality), 409)


async def test_a_promise_is_owed_from_the_moment_it_is_made_and_kept_once(counter: Counter, investigated: str) -> None:
    agent, path = counter.as_(*AGENT), f"/complaints/{investigated}/promises"
    said = {"what": "明天上午送货上门", "by": (datetime.now(UTC) + timedelta(hours=30)).isoformat()}
    made = await counter.post(path, said, agent, key="promise")
    assert made.status_code == 201, made.text
    assert (await counter.post(path, said, agent, key="promise")).json() == made.json()
    assert moment((await waits(counter, investigated, "promise"))["due"]) == moment(said["by"])
    kept = f"{path}/{made.json()['id']}/kept"
    assert (await counter.post(kept, {"words": "已送到"}, agent)).status_code == 200
    (promise,) = (await shown(counter, investigated))["promises"]
    assert (promise["id"], promise["what"], promise["words"]) == (made.json()["id"], "明天上午送货上门", "已送到")
    assert promise["kept_at"]
    is_problem(await counter.post(kept, {"words": "又送到"}, agent), 409)
    is_problem(await counter.post(f"{path}/unheard-of/kept", {}, agent), 409)


async def test_what_is_late_says_so_for_ever_and_a_rung_opens_its_line(counter: Counter, investigated: str) -> None:
    agent = counter.as_(*AGENT)
    await forward(counter, investigated, "P12D")
    late = await waits(counter, investigated, "findings")
    assert (late["late"], late["overdue"], late["late_unit"]) == (True, True, "minhang")
    assert late["late_since"] == late["due"]
    assert late["late_measure"] == "working_days"
    assert re.search(r"LATE by \d+ h( \d+ min)? of service time", late["sentence"]["en"])
    assert "已逾期" in late["sentence"]["zh"]
    assert 8 < hours(late["late_by"]) < 12 * 8, "opening hours, of more than ten days on the wall"
    inbox = (await counter.get("/inbox", agent, obligation="findings", overdue=True, limit=200)).json()["items"]
    (listed,) = [item for item in inbox if item["complaint"] == investigated]
    assert hours(listed["late_by"]) - hours(late["late_by"]) < 0.1
    assert "LATE by" in listed["sentence"]["en"]
    findings = {
        "validity": "unfounded",
        "cause": "客户误会",
        "remedy": "说明情况",
        "liable": [{"party": "customer", "share": 100}],
    }
    answer = await counter.post(f"/complaints/{investigated}/findings", findings, agent)
    assert answer.status_code == 200, answer.text
    (met,) = [owed for owed in (await shown(counter, investigated))["obligations"] if owed["key"] == late["key"]]
    assert (met["late"], met["overdue"], met["sentence"]) == (True, False, None)
    assert 0 <= hours(met["late_by"]) - hours(late["late_by"]) < 0.1, "by as much as was said before it was answered"
