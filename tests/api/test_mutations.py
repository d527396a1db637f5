"""Every decision's body, spoilt one field at a time: always an answer with a sentence, never a failure of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.auth import OwnKey
from tests.api.conftest import KEY, Counter, complaint

CNY = {"amount": 100, "currency": "CNY"}
BODIES: dict[str, dict[str, Any]] = {
    "first-contact": {"note": "x", "solved": False, "solution": "x", "cause": "x", "validity": "effective"},
    "findings": {
        "validity": "effective",
        "cause": "x",
        "cause_code": "x",
        "category": "delay",
        "liable": [{"party": "branch", "branch": "dali", "share": 100}],
        "remedy": "x",
        "resolved_on_spot": False,
        "facts": {"days_late": 1, "proven_value": CNY, "value_basis": "order", "share_damaged": 10},
    },
    "findings/return": {"reason": "x"},
    "queries": {"to_branch": "dali", "question": "x"},
    "queries/x/reply": {"words": "x", "confirms": True},
    "answers": {"kind": "interim", "words": "x", "channel": "phone"},
    "compensation/proposal": {"amount": CNY, "reason": "x"},
    "compensation/decision": {"approve": True, "reason": "x"},
    "compensation/answer": {
        "accepted": True,
        "payee": {"name": "x", "relation": "x", "channel": "x", "account": "1"},
        "words": "x",
    },
    "compensation/payout": {"reference": "x", "outcome": "paid"},
    "confirm-done": {"words": "x"},
    "visits": {"result": "satisfied", "channel": "phone", "words": "x", "score": 5},
    "facts": {"waybill": "x", "origin_branch": "dali", "freight": CNY, "promised_at": "2026-01-01T00:00:00Z"},
    "chase": {"reason": "x"},
    "regulator-appeal": {"appeal_number": "x", "transferred_on": "2026-01-01", "reason": "x"},
    "escalate": {"kind": "supervisor", "reason": "x"},
    "reassign": {"to_sub": "x", "reason": "x"},
    "hand-on": {"to_branch": "dali", "reason": "x"},
    "merge": {"into": "x", "reason": "x"},
}
ROLES = ["branch_agent", "branch_manager", "hq_agent", "hq_reviewer", "hq_supervisor", "finance"]
SPOILT: list[Any] = [
    None,
    "",
    "\0",
    "\ud800",
    "x" * 5000,
    0,
    -1,
    2**63,
    1.5,
    True,
    [],
    [[]],
    {},
    {"amount": 2**70, "currency": "CNY"},
    "9999-12-31",
]


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.replace("/", "-"))
async def test_no_spoilt_field_breaks_anything(counter: Counter, path: str) -> None:
    agent = counter.as_("branch_agent", "minhang")
    received = await counter.post("/complaints", complaint(waybill=f"spoilt-{path}"), agent)
    everyone = OwnKey(KEY).sign("everyone", ROLES, "minhang")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {everyone}"}
    for field in BODIES[path]:
        for spoilt in SPOILT:
            content = json.dumps(BODIES[path] | {field: spoilt})
            place = f"/v1/complaints/{received.json()['number']}/{path}"
            answer = await counter.http.post(place, content=content, headers=headers)
            assert answer.status_code in (200, 201, 202, 403, 409, 422), f"{content[:200]}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.json()["detail"]
