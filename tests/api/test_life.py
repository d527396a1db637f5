"""Through HTTP, on real Temporal and PostgreSQL: what people send, see and are refused."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import worker
from api.chores import HouseChores
from api.errors import MAY_BE_RECORDED
from domain.claims import ClaimAsked
from store.claims import Claims
from tests.api.conftest import Counter, complaint, counter_for, settings_for
from tests.api.test_refusals import is_problem, written

FINDINGS = {
    "validity": "effective",
    "cause": "分拣中心错分，晚到两天",
    "remedy": "退还运费",
    "resolved_on_spot": False,
    "liable": [{"party": "destination", "share": 100}],
    "facts": {"days_late": 2, "same_region": False},
}
_waybills = iter(range(1, 1000))


async def opened(counter: Counter, **said: Any) -> str:
    body = complaint(**({"waybill": f"W-{next(_waybills)}"} | said))
    answer = await counter.post("/complaints", body, counter.as_("branch_agent", "minhang"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def until_closed(counter: Counter, number: str) -> dict[str, Any]:
    for _ in range(100):
        shown: dict[str, Any] = (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).json()
        if shown["status"] == "closed":
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(f"{number} is {shown['status']}")


async def forward(counter: Counter, number: str, by: str) -> None:
    answer = await counter.post(f"/dev/complaints/{number}/fast-forward", {"by": by}, counter.as_("operator"))
    assert answer.status_code == 200, answer.text


@pytest_asyncio.fixture(loop_scope="session")
async def number(counter: Counter) -> str:
    return await opened(counter)


async def test_a_complaint_is_acknowledged_at_once_and_the_process_confirms_what_intake_said(counter: Counter) -> None:
    agent = counter.as_("branch_agent", "minhang")
    said = (await counter.post("/complaints", complaint(waybill="first"), agent)).json()
    assert said["missing"] == []
    at_once = (await counter.get(f"/complaints/{said['number']}/waiting", agent)).json()
    assert {owed["obligation"] for owed in at_once} == {"first_contact", "legal_answer"}
    assert said["acknowledged_by"][:16] == next(o["due"] for o in at_once if o["obligation"] == "first_contact")[:16]
    contact = await counter.post(f"/complaints/{said['number']}/first-contact", {"note": "已联系客户"}, agent)
    assert contact.status_code == 200, contact.text
    shown = (await counter.get(f"/complaints/{said['number']}", agent)).json()
    assert (shown["status"], shown["stage"]) == ("open", "investigation")
    assert [owed["ending"] for owed in shown["obligations"] if owed["obligation"] == "first_contact"] == ["answered"]
    events = (await counter.get(f"/complaints/{said['number']}/timeline", agent)).json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert contact.json()["seq"] in [event["seq"] for event in events]
    assert any(event["details"].get("note") == "已联系客户" for event in events)


async def test_missing_facts_are_named_and_the_case_waits_at_the_hq_desk_until_they_are_supplied(counter: Counter) -> None:
    agent = counter.as_("hq_agent")
    said = (await counter.post("/complaints", complaint(waybill=None, origin_branch=None, destination_branch=None), agent)).json()
    assert (said["status"], said["missing"]) == ("incomplete", ["waybill", "origin_branch"])
    facts = {"waybill": "found-1", "origin_branch": "dali", "freight": {"amount": 1200, "currency": "CNY"}}
    answer = await counter.post(f"/complaints/{said['number']}/facts", facts, agent)
    assert answer.status_code == 200, answer.text
    shown = (await counter.get(f"/complaints/{said['number']}", agent)).json()
    assert (shown["owner"], shown["status"], shown["missing"]) == ("dali", "open", [])
    assert shown["freight"] == {"amount": 1200, "currency": "CNY"}


async def test_what_one_may_not_see_does_not_exist_and_what_one_may_not_do_is_forbidden(counter: Counter, number: str) -> None:
    stranger, destination = counter.as_("branch_agent", "dali"), counter.as_("branch_agent", "foshan")
    for path in ("", "/timeline", "/waiting"):
        is_problem(await counter.get(f"/complaints/{number}{path}", stranger), 404)
    is_problem(await counter.post(f"/complaints/{number}/findings", FINDINGS, stranger), 404)
    assert (await counter.get(f"/complaints/{number}", destination)).status_code == 200
    before = await written(counter)
    is_problem(await counter.post(f"/complaints/{number}/first-contact", {"note": "我来"}, destination), 403)
    is_problem(await counter.post(f"/complaints/{number}/findings", FINDINGS, counter.as_("finance")), 403)
    is_problem(await counter.post(f"/complaints/{number}/findings", {}, counter.as_("auditor")), 403)
    is_problem(await counter.get(f"/complaints/{number}/history", counter.as_("hq_agent")), 403)
    assert await written(counter) == before
    listed = (await counter.get("/complaints", stranger)).json()["items"]
    assert number not in [item["number"] for item in listed]


async def test_an_operator_sees_the_process_and_nobody_in_it(counter: Counter, number: str) -> None:
    operator = counter.as_("operator")
    await counter.post(f"/complaints/{number}/first-contact", {"note": "客户甲说很急"}, counter.as_("branch_agent", "minhang"))
    for path in ("", "/timeline", "/waiting", "/history"):
        answer = await counter.get(f"/complaints/{number}{path}", operator)
        assert answer.status_code == 200, answer.text
        for personal in ("客户甲", "13800000001", "请查一下", "很急"):
            assert personal not in answer.text
    events = (await counter.get(f"/complaints/{number}/history", operator, limit=5)).json()
    assert events["items"][0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"
    assert events["next_cursor"] == "5"
    assert "客户甲" in (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).text


async def test_the_same_decision_sent_twice_is_taken_once(counter: Counter, number: str) -> None:
    agent, note = counter.as_("branch_agent", "minhang"), {"note": "已联系客户"}
    first = await counter.post(f"/complaints/{number}/first-contact", note, agent, key="k-1")
    again = await counter.post(f"/complaints/{number}/first-contact", note, agent, key="k-1")
    assert (first.status_code, first.json()) == (200, again.json())
    is_problem(await counter.post(f"/complaints/{number}/first-contact", {"note": "别的"}, agent, key="k-1"), 422)
    findings = await counter.post(f"/complaints/{number}/findings", FINDINGS, agent)
    assert findings.status_code == 200, findings.text
    assert (await counter.post(f"/complaints/{number}/findings", FINDINGS, agent)).json() == findings.json()


async def test_of_two_people_deciding_at_once_one_is_second(counter: Counter, number: str) -> None:
    answers = await asyncio.gather(
        *(
            counter.post(f"/complaints/{number}/first-contact", {"note": who}, counter.as_("branch_agent", "minhang", who))
            for who in ("first", "second")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_decision_for_another_stage_is_refused_with_its_sentence_and_its_words_forgotten(
    counter: Counter, number: str
) -> None:
    before = await written(counter)
    refused = await counter.post(
        f"/complaints/{number}/confirm-done", {"words": "都做了"}, counter.as_("branch_agent", "minhang")
    )
    assert is_problem(refused, 409)["type"] == "urn:amends:problem:wrong-stage"
    assert await written(counter) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("findings", FINDINGS | {"liable": [{"party": "branch", "branch": "nowhere", "share": 100}]}),
        ("findings", FINDINGS | {"liable": [{"party": "origin", "share": 60}]}),
        ("findings", FINDINGS | {"category": "weather"}),
        ("findings", FINDINGS | {"cause_code": "weather"}),
        ("findings", FINDINGS | {"facts": {"share_damaged": 101}}),
        ("queries", {"to_branch": "nowhere", "question": "货在哪里？"}),
        ("hand-on", {"to_branch": "nowhere", "reason": "不归我们"}),
        ("answers", {"kind": "solution", "words": "好", "channel": "pigeon"}),
        ("visits", {"result": "satisfied", "channel": "phone", "score": 6}),
        ("escalate", {"kind": "louder", "reason": "急"}),
        ("compensation/proposal", {"amount": {"amount": 0, "currency": "CNY"}, "reason": "心意"}),
        ("compensation/decision", {"approve": False}),
        ("first-contact", {"note": "好", "solved": True}),
        ("facts", {}),
        ("chase", {"reason": "\x00"}),
    ],
)
async def test_a_decision_that_makes_no_sense_is_bad_input_and_nothing_is_written(
    counter: Counter, number: str, path: str, body: dict[str, Any]
) -> None:
    before = await written(counter)
    role = "branch_manager" if path == "compensation/decision" else "branch_agent"
    is_problem(await counter.post(f"/complaints/{number}/{path}", body, counter.as_(role, "minhang")), 422)
    assert await written(counter) == before


async def test_a_unit_asks_another_and_is_answered_on_record(counter: Counter, number: str) -> None:
    asked = await counter.post(
        f"/complaints/{number}/queries",
        {"to_branch": "foshan", "question": "货到了吗？"},
        counter.as_("branch_agent", "minhang"),
    )
    assert asked.status_code == 201, asked.text
    query = asked.json()["id"]
    again = await counter.post(
        f"/complaints/{number}/queries",
        {"to_branch": "foshan", "question": "货到了吗？"},
        counter.as_("branch_agent", "minhang"),
    )
    assert again.json()["id"] == query
    inbox = (await counter.get("/inbox", counter.as_("branch_agent", "foshan"), obligation="reply")).json()["items"]
    assert number in [item["complaint"] for item in inbox]
    reply = await counter.post(
        f"/complaints/{number}/queries/{query}/reply", {"words": "昨天到了"}, counter.as_("branch_agent", "foshan")
    )
    assert reply.status_code == 200, reply.text
    shown = (await counter.get(f"/complaints/{number}", counter.as_("branch_agent", "minhang"))).json()
    assert (shown["exchange"][0]["question"], shown["exchange"][0]["reply"]) == ("货到了吗？", "昨天到了")
    is_problem(
        await counter.post(
            f"/complaints/{number}/queries/unheard-of/reply", {"words": "?"}, counter.as_("branch_agent", "foshan")
        ),
        409,
    )


async def test_calls_again_are_told_apart_by_the_rule_and_the_complaints_own_clock(counter: Counter) -> None:
    number, anyone = await opened(counter, waybill="calls"), counter.as_("branch_agent", "guangzhou")
    said = complaint(waybill="calls")
    same = await counter.post("/complaints", said, anyone)
    assert (same.status_code, same.json()["number"]) == (200, number)
    soon = await counter.post("/complaints", said | {"description": "再问一下"}, anyone)
    assert (soon.status_code, soon.json()["chase"], soon.json()["repeat"]) == (200, False, False)
    await forward(counter, number, "PT30M")
    later = await counter.post("/complaints", said | {"description": "怎么还没有消息"}, anyone, key="call-1")
    assert (later.json()["number"], later.json()["chase"], later.json()["repeat"]) == (number, True, False)
    assert (
        await counter.post("/complaints", said | {"description": "怎么还没有消息"}, anyone, key="call-1")
    ).json() == later.json()
    await forward(counter, number, "P3D")
    agent = counter.as_("branch_agent", "minhang")
    overdue = (await counter.get("/inbox", agent, overdue=True)).json()["items"]
    assert (number, "first_contact") in [(item["complaint"], item["obligation"]) for item in overdue]
    by_hand = await counter.post(f"/complaints/{number}/chase", {"reason": "客户来电很生气"}, agent)
    assert (by_hand.status_code, by_hand.json()["repeat"], by_hand.json()["issue_count"]) == (200, True, 2)
    shown = (await counter.get(f"/complaints/{number}", agent)).json()
    assert (shown["severity"], shown["chase_count"], shown["issue_count"]) == ("repeat", 1, 2)


async def test_the_clock_moves_by_days_hours_minutes_and_seconds_only_and_for_operators(counter: Counter, number: str) -> None:
    path, operator = f"/dev/complaints/{number}/fast-forward", counter.as_("operator")
    for by in ("P1M", "P1Y", "1 day", "PT", "P", "-P1D", "P99999D", "PT0S", 5, None):
        is_problem(await counter.post(path, {"by": by}, operator), 422)
    is_problem(await counter.post(path, {"by": "P1D"}, counter.as_("hq_supervisor")), 403)
    moved = await counter.post(path, {"by": "P1DT2H"}, operator)
    assert moved.status_code == 200, moved.text
    assert moved.json()["now"] > (await counter.get(f"/complaints/{number}", operator)).json()["opened_at"]


async def test_evidence_is_kept_as_it_came_and_shown_to_whoever_sees_the_case(counter: Counter, number: str) -> None:
    agent, path, content = counter.as_("branch_agent", "minhang"), f"/v1/complaints/{number}/evidence", b"%PDF-1.7 waybill"
    brought = await counter.http.post(path, files={"file": ("../../a b.pdf", content, "application/pdf")}, headers=agent)
    assert brought.status_code == 201, brought.text
    assert brought.json()["name"] == "a b.pdf"
    fetched = await counter.http.get(f"{path}/{brought.json()['id']}", headers=agent)
    assert fetched.content == content
    assert fetched.headers["content-disposition"].startswith("attachment")
    is_problem(await counter.http.get(f"{path}/{brought.json()['id']}", headers=counter.as_("branch_agent", "dali")), 404)
    is_problem(await counter.http.get(f"{path}/unknown", headers=agent), 404)
    for name, bad, kind in (
        ("a.exe", b"MZ", "application/x-msdownload"),
        ("a.png", b"GIF", "image/png"),
        ("a.pdf", b"", "application/pdf"),
    ):
        is_problem(await counter.http.post(path, files={"file": (name, bad, kind)}, headers=agent), 422)
    is_problem(
        await counter.http.post(path, files={"file": ("a.pdf", b"%PDF-" + b"x" * 11 * 2**20, "application/pdf")}, headers=agent),
        413,
    )


async def test_a_closed_complaint_refuses_new_decisions_and_repeats_its_answers_and_keeps_its_history(
    counter: Counter, tmp_path: Any
) -> None:
    number, agent = await opened(counter), counter.as_("branch_agent", "minhang")
    withdrawn = await counter.post(f"/complaints/{number}/withdraw", {"reason": "客户来电撤诉"}, agent, key="w")
    assert withdrawn.status_code in (200, 202), withdrawn.text
    assert (await until_closed(counter, number))["outcome"] == "withdrawn"
    assert (await counter.get(f"/complaints/{number}/waiting", agent)).json() == []
    again = await counter.post(f"/complaints/{number}/withdraw", {"reason": "客户来电撤诉"}, agent, key="w")
    assert (again.status_code, again.json()) == (200, withdrawn.json())
    is_problem(await counter.post(f"/complaints/{number}/withdraw", {"reason": "别的"}, agent, key="w"), 422)
    before = await written(counter)
    is_problem(await counter.post(f"/complaints/{number}/findings", FINDINGS, agent), 409)
    is_problem(await counter.post(f"/complaints/{number}/chase", {"reason": "还有事"}, agent), 409)
    is_problem(await counter.post(f"/dev/complaints/{number}/fast-forward", {"by": "P1D"}, counter.as_("operator")), 409)
    assert await written(counter) == before
    desk = counter.desk()
    assert await HouseChores(counter.database, desk).archive_histories() >= 1
    nowhere = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    forgotten = counter_for(settings_for("", tmp_path), counter.database, nowhere)
    async with forgotten.http:
        events = (await forgotten.get(f"/complaints/{number}/history", counter.as_("auditor"))).json()["items"]
    assert events[-1]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"


async def test_what_was_received_while_temporal_was_away_is_started_once_when_it_is_back(
    counter: Counter, fresh_database_url: str, tmp_path: Any
) -> None:
    nowhere = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    alone = counter_for(settings_for(fresh_database_url, tmp_path), counter.database, nowhere)
    agent = counter.as_("branch_agent", "minhang")
    async with alone.http:
        received = (await alone.post("/complaints", complaint(waybill="later"), agent)).json()
        assert received["status"] == "received"
        called = await alone.post("/complaints", complaint(waybill="later", description="还在等"), agent)
        assert called.status_code == 202
    chores = HouseChores(counter.database, counter.desk())
    assert await chores.start_complaints() >= 1
    assert await chores.start_complaints() == 0
    assert await chores.hand_over_calls() == 1
    assert await chores.hand_over_calls() == 0
    contact = await counter.post(f"/complaints/{received['number']}/first-contact", {"note": "已联系"}, agent)
    assert contact.status_code == 200, contact.text


async def test_with_the_worker_away_a_decision_may_yet_be_recorded_and_sending_it_again_is_safe(
    counter: Counter, fresh_database_url: str, tmp_path: Any
) -> None:
    settings = settings_for(fresh_database_url, tmp_path, task_queue="unattended")
    unattended = counter_for(settings, counter.database, counter.client)
    agent = counter.as_("branch_agent", "minhang")
    async with unattended.http:
        number = (await unattended.post("/complaints", complaint(waybill="unattended"), agent)).json()["number"]
        began = time.monotonic()
        refused = await unattended.post(f"/complaints/{number}/first-contact", {"note": "已联系"}, agent, key="again")
        assert is_problem(refused, 503)["detail"] == MAY_BE_RECORDED
        assert time.monotonic() - began < 5.5
        assert int(refused.headers["retry-after"]) > 0
        async with worker.build(settings, counter.client, counter.database):
            taken = await unattended.post(f"/complaints/{number}/first-contact", {"note": "已联系"}, agent, key="again")
        assert taken.status_code in (200, 202), taken.text
        events = (await counter.get(f"/complaints/{number}/timeline", agent)).json()["items"]
    assert [event["name"] for event in events].count("first_contact_made") == 1


async def test_the_same_ticket_and_the_same_key_open_one_complaint(counter: Counter) -> None:
    agent, said = counter.as_("hq_agent"), complaint(waybill="ticketed", ticket="T-100")
    first = await counter.post("/complaints", said, agent, key="one")
    assert first.status_code == 201, first.text
    again = await counter.post("/complaints", said, agent, key="one")
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    is_problem(await counter.post("/complaints", said | {"description": "别的"}, agent, key="one"), 422)
    by_ticket = await counter.post("/complaints", complaint(waybill="another", ticket="T-100"), agent)
    assert (by_ticket.status_code, by_ticket.json()["number"]) == (200, first.json()["number"])
    found = (await counter.get("/complaints", agent, q="T-100")).json()["items"]
    assert [item["number"] for item in found] == [first.json()["number"]]


async def test_five_same_requests_at_once_are_one_complaint(counter: Counter) -> None:
    said = complaint(waybill="at-once")
    answers = await asyncio.gather(
        *(
            counter.post("/complaints", said, counter.as_("branch_agent", unit))
            for unit in ("minhang", "dali", "foshan", "zhuhai", "houjie")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.json()["number"] for answer in answers}) == 1


async def test_an_order_change_is_owed_within_minutes_and_a_customers_own_deadline_pulls_it_forward(counter: Counter) -> None:
    number = await opened(counter, category="order_change")
    owed = (await counter.get(f"/complaints/{number}/waiting", counter.as_("branch_agent", "minhang"))).json()
    assert {"order_change", "first_contact", "legal_answer"} == {one["obligation"] for one in owed}


async def test_what_was_solved_on_the_spot_goes_straight_to_follow_up(counter: Counter) -> None:
    number = await opened(counter, solved_on_spot=True, solution="当场补送")
    await forward(counter, number, "PT1S")
    shown = (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).json()
    assert (shown["status"], shown["stage"]) == ("resolved", "follow_up")


async def test_a_complaint_is_merged_into_another_open_one_only(counter: Counter) -> None:
    one, other, desk = await opened(counter), await opened(counter), counter.as_("hq_agent")
    for into in ("A260101-000000", one):
        is_problem(await counter.post(f"/complaints/{one}/merge", {"into": into, "reason": "同一件"}, desk), 422)
    merged = await counter.post(f"/complaints/{one}/merge", {"into": other, "reason": "同一件"}, desk)
    assert merged.status_code in (200, 202), merged.text
    shown = await until_closed(counter, one)
    assert (shown["outcome"], shown["links"]["merged_into"]) == ("merged", other)
    is_problem(await counter.post(f"/complaints/{other}/merge", {"into": one, "reason": "同一件"}, desk), 422)


async def test_lists_page_through_everything_once(counter: Counter) -> None:
    everything = (await counter.get("/complaints", counter.as_("auditor"), limit=200)).json()
    seen, cursor = [], None
    while True:
        query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await counter.get("/complaints", counter.as_("auditor"), **query)).json()
        seen += [item["number"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [item["number"] for item in everything["items"]]


async def test_the_house_is_ready(counter: Counter) -> None:
    assert (await counter.http.get("/readyz")).json()["checks"] == {"postgresql": True, "temporal": True, "worker": True}


async def test_a_process_terminated_by_hand_is_found_and_counted_once(counter: Counter) -> None:
    agent, operator = counter.as_("branch_agent", "minhang"), counter.as_("operator")
    opened = await counter.post("/complaints", complaint(waybill="136-000777-01"), agent)
    number = opened.json()["number"]
    await counter.post(f"/complaints/{number}/first-contact", {"note": "已联系客户"}, agent)
    await counter.client.get_workflow_handle(number).terminate("an operator's slip")
    chores = HouseChores(counter.database, counter.desk())
    found = 0
    async with asyncio.timeout(20):  # people's screens never read Temporal's visibility store: it lags
        while not found:
            found = await chores.find_lost()
    assert found == 1
    assert await chores.find_lost() == 0
    assert (await counter.get(f"/complaints/{number}", operator)).json()["process_lost_at"] is not None
    assert "amends_complaints_lost 1.0" in (await counter.http.get("/metrics")).text
    (owed,) = (await counter.get("/inbox", operator)).json()["lost"]
    assert (owed["complaint"], owed["obligation"], owed["late"]) == (number, "lost_process", False)
    assert "恢复中断的投诉流程" in owed["sentence"]["zh"]
    begun = WorkflowExecution(workflow_id=number, run_id="")
    await counter.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default", workflow_execution=begun, workflow_task_finish_event_id=4, request_id="mended"
        )
    )
    assert await chores.find_lost() == 0
    assert (await counter.get("/inbox", operator)).json()["lost"] == []
    assert await chores.find_lost() == 0  # the run that was terminated is still there, and another goes on


async def test_a_lost_process_keeps_no_parcel_it_had_not_paid_for_yet(counter: Counter) -> None:
    claims, chores, parcel = Claims(counter.database), HouseChores(counter.database, counter.desk()), "136-000999-01"
    payee = {"name": "客户甲", "relation": "sender", "channel": "bank", "account": "6222020000001234"}
    numbers = [await opened(counter, waybill=parcel, category="pricing", payee=payee)]
    findings = FINDINGS | {"facts": {"overcharge": {"amount": 2000, "currency": "CNY"}}}
    await counter.post(f"/complaints/{numbers[0]}/findings", findings, counter.as_("branch_agent", "minhang"))
    await forward(counter, numbers[0], "PT1M")
    numbers.append(
        await opened(counter, waybill=parcel, complainant={"role": "recipient", "name": "客户乙", "phone": "13800000002"})
    )
    sent, granted = (f"{number}-R1-P1" for number in numbers)
    at = datetime.now(UTC)
    asked = ClaimAsked(waybill=parcel, number=numbers[1], computed=9000, key=granted, amount=5000, at=at)
    assert (await claims.ask(asked)).granted
    for number in numbers:
        await counter.client.get_workflow_handle(number).terminate("an operator's slip")
    async with counter.database.session() as session:  # as if the register had never heard that it was sent
        await session.execute(text("DELETE FROM payments WHERE key = :key"), {"key": sent})
    other = ClaimAsked(waybill=parcel, number="A261122-000000", computed=9000, at=at)
    assert (await claims.ask(other)).elsewhere == {numbers[0]: 2000, numbers[1]: 5000}
    async with asyncio.timeout(20):
        while numbers[1] in (await claims.ask(other)).elsewhere or not await _states(counter, sent):
            await chores.find_lost()
    assert await _states(counter, sent) == ["unknown"]  # it may have been paid
    assert (await claims.ask(other)).elsewhere == {numbers[0]: 2000}


async def _states(counter: Counter, payment: str) -> list[str]:
    async with counter.database.session() as session:
        return list((await session.execute(text("SELECT state FROM payments WHERE key = :key"), {"key": payment})).scalars())


async def test_an_operator_finds_running_complaints_by_origin_and_category(counter: Counter) -> None:
    answer = await counter.post(
        "/complaints", complaint(waybill="136-000888-01", category="cod"), counter.as_("branch_agent", "minhang")
    )
    wanted = "AmendsOrigin = 'minhang' AND AmendsCategory = 'cod' AND ExecutionStatus = 'Running'"
    found: list[str] = []
    async with asyncio.timeout(20):
        while not found:
            found = [one.id async for one in counter.client.list_workflows(wanted)]
    assert found == [answer.json()["number"]]


async def test_a_transfer_date_is_measured_by_the_complaints_own_clock(counter: Counter) -> None:
    number, desk = await opened(counter), counter.as_("hq_agent")
    path, today = f"/complaints/{number}/regulator-appeal", datetime.now(UTC).date()
    ahead = {"appeal_number": "12305-9", "transferred_on": (today + timedelta(days=20)).isoformat()}
    is_problem(await counter.post(path, ahead, desk), 422)
    await counter.post(f"/dev/complaints/{number}/fast-forward", {"by": "P21D"}, counter.as_("operator"))
    assert (await counter.post(path, ahead, desk)).status_code in (200, 202)
