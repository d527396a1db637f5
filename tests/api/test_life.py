"""Through HTTP, on real Temporal and PostgreSQL: what people send, see and are refused."""

from __future__ import annotations

import asyncio

from tests.api.conftest import Counter, complaint


async def opened(counter: Counter, **said: object) -> str:
    answer = await counter.post("/complaints", complaint(**said), counter.as_("branch_agent", "minhang"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def test_a_complaint_is_received_acknowledged_and_waits_for_first_contact(counter: Counter) -> None:
    agent = counter.as_("branch_agent", "minhang")
    answer = await counter.post("/complaints", complaint(waybill="W-1"), agent)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert said["missing"] == [] and said["acknowledged_by"] and said["links"]["same_waybill"] == []
    waiting = (await counter.get(f"/complaints/{said['number']}/waiting", agent)).json()
    assert {"first_contact", "legal_answer"} <= {w["obligation"] for w in waiting}
    await asyncio.sleep(1)
    again = (await counter.get(f"/complaints/{said['number']}", agent)).json()
    assert again["status"] == "open"
    assert len(again["obligations"]) == len(waiting)
    contact = await counter.post(f"/complaints/{said['number']}/first-contact", {"note": "已联系客户"}, agent)
    assert contact.status_code == 200, contact.text
    print(contact.json(), again)
