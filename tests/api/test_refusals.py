"""Bad input and bad luck: a problem document with a sentence, and nothing written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import text

from api.auth import OwnKey
from api.limits import JSON_LIMIT
from store.database import Database
from tests.api.conftest import KEY, Counter, complaint, counter_for, settings_for

SOMEBODY = {"role": "recipient", "name": "客户乙", "phone": "13800000002", "language": "zh"}
FUTURE = (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The answer is a problem document of that status, with a sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:amends:problem:")
    assert document["title"]
    assert document["detail"]
    return document


async def written(counter: Counter) -> list[int]:
    async with counter.database.session() as session:
        tables = ("complaints", "texts", "further_calls", "obligations", "payees")
        return [int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()) for table in tables]


NOT_A_COMPLAINT: dict[str, tuple[dict[str, Any], str]] = {
    "unknown unit": ({"origin_branch": "nowhere"}, "origin_branch"),
    "unknown destination": ({"destination_branch": "nowhere"}, "destination_branch"),
    "unknown category": ({"category": "weather"}, "category"),
    "unknown channel": ({"channel": "pigeon"}, "channel"),
    "a sum below zero": ({"freight": {"amount": -1, "currency": "CNY"}}, "freight.amount"),
    "insured for nothing": ({"declared_value": {"amount": 0, "currency": "CNY"}}, "declared_value"),
    "an absurd sum": ({"declared_value": {"amount": 10**15, "currency": "CNY"}}, "declared_value.amount"),
    "a sum beyond all integers": ({"claimed": {"amount": 10**400, "currency": "CNY"}}, "claimed.amount"),
    "another currency": ({"claimed": {"amount": 1, "currency": "USD"}}, "claimed.currency"),
    "a sum in fractions": ({"claimed": {"amount": 1.5, "currency": "CNY"}}, "claimed.amount"),
    "a sum in words": ({"claimed": {"amount": "100", "currency": "CNY"}}, "claimed.amount"),
    "a bare sum": ({"claimed": 100}, "claimed"),
    "true as a sum": ({"claimed": {"amount": True, "currency": "CNY"}}, "claimed.amount"),
    "received before the epoch": ({"received_at": "1969-12-31T23:59:59Z"}, "received_at"),
    "received in the future": ({"received_at": FUTURE}, "received_at"),
    "promised in the far future": ({"promised_at": "2999-01-01T00:00:00Z"}, "promised_at"),
    "promised in the year 9999, far west": ({"promised_at": "9999-12-31T23:59:59-23:59"}, "promised_at"),
    "a time without offset": ({"promised_at": "2026-05-23T09:00:00"}, "promised_at"),
    "a time as a number": ({"promised_at": 1700000000}, "promised_at"),
    "a day that is none": ({"promised_at": "2026-02-30T00:00:00Z"}, "promised_at"),
    "NUL in the description": ({"description": "a\x00b"}, "description"),
    "NUL in the waybill": ({"waybill": "136\x00"}, "waybill"),
    "half a surrogate pair": ({"description": "a\ud800b"}, "description"),
    "a text too long": ({"description": "长" * 4001}, "description"),
    "an empty description": ({"description": " \n "}, "description"),
    "a number as description": ({"description": 5}, "description"),
    "a list as waybill": ({"waybill": ["136"]}, "waybill"),
    "nobody to answer": ({"complainant": {"role": "sender", "name": "甲"}}, "complainant"),
    "a phone that is none": ({"complainant": {"role": "sender", "name": "甲", "phone": "call me"}}, "complainant.phone"),
    "an e-mail that is none": ({"complainant": {"role": "sender", "name": "甲", "email": "a b@c"}}, "complainant.email"),
    "a language we do not write": (
        {"complainant": {"role": "sender", "name": "甲", "phone": "13800000001", "language": "fr"}},
        "complainant.language",
    ),
    "yes in words": ({"hold_for_release": "yes"}, "hold_for_release"),
    "a field nobody knows": ({"colour": "red"}, "colour"),
    "pieces below zero": ({"pieces": -5}, "pieces"),
    "a parcel of no pieces": ({"pieces": 0}, "pieces"),
    "solved without saying how": ({"solved_on_spot": True}, "body"),
}


@pytest.mark.parametrize("case", NOT_A_COMPLAINT, ids=lambda case: case.replace(" ", "-"))
async def test_what_is_no_complaint_is_named_by_its_field_and_not_written(lonely: Counter, case: str) -> None:
    said, field = NOT_A_COMPLAINT[case]
    before = await written(lonely)
    headers = lonely.as_("branch_agent", "minhang") | {"Content-Type": "application/json"}
    answer = await lonely.http.post("/v1/complaints", content=json.dumps(complaint(**said)), headers=headers)
    document = is_problem(answer, 422)
    assert field in [error["field"] for error in document["errors"]], document
    assert "客户甲" not in answer.text
    assert await written(lonely) == before


UNREADABLE = {
    "not JSON": b"{",
    "no body": b"",
    "a list": b"[]",
    "a word": b'"complaint"',
    "null": b"null",
    "bytes": b"\x00\xff\xfe",
    "a number without end": b'{"category": ' + b"9" * 6000 + b"}",
    "nested beyond reason": b"[" * 100_000,
    "infinity": b'{"pieces": Infinity}',
}


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case.replace(" ", "-"))
async def test_a_body_that_cannot_be_read_is_bad_input(lonely: Counter, case: str) -> None:
    headers = lonely.as_("branch_agent", "minhang") | {"Content-Type": "application/json"}
    is_problem(await lonely.http.post("/v1/complaints", content=UNREADABLE[case], headers=headers), 422)


async def test_a_text_of_a_megabyte_is_too_large(lonely: Counter) -> None:
    answer = await lonely.post("/complaints", complaint(description="x" * 2**20), lonely.as_("branch_agent", "minhang"))
    is_problem(answer, 413)


async def test_a_body_that_never_says_its_length_is_counted_as_it_comes(lonely: Counter) -> None:
    async def endless() -> Any:
        for _ in range(2 * JSON_LIMIT // 1024):
            yield b" " * 1024

    answer = await lonely.http.post("/v1/complaints", content=endless(), headers=lonely.as_("branch_agent", "minhang"))
    is_problem(answer, 413)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "a.b.c",
        OwnKey(b"another key, also thirty-two bytes long").sign("x", ["hq_agent"]),
        OwnKey(KEY).sign("x", ["hq_agent"], valid_for=-3600),
        OwnKey(KEY).sign("x", ["emperor"]),
        OwnKey(KEY).sign("x", ["system"]),
        OwnKey(KEY).sign("x", []),
        OwnKey(KEY).sign("x", ["branch_agent"]),
        OwnKey(KEY).sign("x", ["branch_agent"], "nowhere"),
        OwnKey(KEY).sign("a name with spaces", ["hq_agent"]),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwicm9sZXMiOlsiaHFfYWdlbnQiXX0.",  # {"alg": "none"}
        jwt.encode({"alg": "HS256"}, {"roles": ["hq_agent"]}, OctKey.import_key(KEY)),
        jwt.encode({"alg": "HS256"}, {"sub": "x", "roles": "hq_agent"}, OctKey.import_key(KEY)),
        jwt.encode({"alg": "HS256"}, {"sub": "x", "roles": [{}]}, OctKey.import_key(KEY)),
    ],
)
async def test_without_a_token_that_holds_nobody_comes_in(lonely: Counter, token: str) -> None:
    answer = await lonely.http.get("/v1/complaints", headers={"Authorization": f"Bearer {token}"})
    is_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_says_nothing_of_themselves_is_asked_first_whatever_they_send(lonely: Counter) -> None:
    is_problem(await lonely.http.post("/v1/complaints", content=b"{", headers={"Content-Type": "application/json"}), 401)
    is_problem(await lonely.http.get("/v1/no-such-thing"), 401)


async def test_unknown_places_and_methods_are_problems_too(lonely: Counter) -> None:
    agent = lonely.as_("hq_agent")
    is_problem(await lonely.get("/nothing", agent), 404)
    is_problem(await lonely.http.get("/nothing"), 404)
    is_problem(await lonely.http.delete("/v1/complaints", headers=agent), 405)
    is_problem(await lonely.get("/complaints/A260101-000000", agent), 404)
    is_problem(await lonely.get("/complaints/%00", agent), 404)
    is_problem(await lonely.get("/complaints", agent, q="a\x00"), 422)
    is_problem(await lonely.get("/complaints", agent, limit=201), 422)
    is_problem(await lonely.get("/complaints", agent, cursor="nonsense"), 422)
    is_problem(await lonely.get("/complaints", agent, opened_from="yesterday"), 422)
    is_problem(await lonely.get("/penalty-reviews/A260101-000000-R1", agent), 404)
    is_problem(await lonely.get("/penalty-reviews/x", agent), 404)
    is_problem(await lonely.get("/ledger/accounts/unit:nowhere", agent), 404)
    is_problem(await lonely.get("/rulebooks/none", agent), 404)
    is_problem(await lonely.post("/complaints/A260101-000000/findings", {}, agent), 404)


async def test_the_clock_of_a_real_installation_cannot_be_moved(lonely: Counter) -> None:
    answer = await lonely.post("/dev/complaints/A260101-000000/fast-forward", {"by": "P1D"}, lonely.as_("operator"))
    is_problem(answer, 404)


async def test_a_unit_is_refused_from_the_moment_it_closes(lonely: Counter) -> None:
    agent = lonely.as_("hq_agent")
    closing = text("UPDATE units SET state = :state, successor = :successor WHERE code = 'zhuhai'")
    assert (await lonely.post("/complaints", complaint(waybill="c-1", destination_branch="zhuhai"), agent)).status_code == 201
    async with lonely.database.session() as session:
        await session.execute(closing, {"state": "closed", "successor": "foshan"})
    try:
        refused = await lonely.post("/complaints", complaint(waybill="c-2", destination_branch="zhuhai"), agent)
    finally:
        async with lonely.database.session() as session:
            await session.execute(closing, {"state": "open", "successor": None})
    document = is_problem(refused, 422)
    assert document["errors"][0]["field"] == "destination_branch"
    assert document["detail"].endswith("The unit zhuhai is closed; its work is done by foshan.")


async def test_sent_again_it_is_answered_as_the_first_time(lonely: Counter) -> None:
    agent = lonely.as_("hq_agent")
    other = await lonely.post("/complaints", complaint(waybill="s-1", complainant=SOMEBODY), agent)
    first = await lonely.post("/complaints", complaint(waybill="s-1"), agent)
    again = await lonely.post("/complaints", complaint(waybill="s-1"), agent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["links"]["same_waybill"] == [other.json()["number"]]
    assert first.json()["acknowledged_by"]


async def test_an_auditor_changes_nothing(lonely: Counter) -> None:
    before = await written(lonely)
    is_problem(await lonely.post("/complaints", complaint(), lonely.as_("auditor")), 403)
    assert await written(lonely) == before


async def test_with_temporal_away_a_complaint_is_received_and_decisions_say_so_within_five_seconds(lonely: Counter) -> None:
    agent = lonely.as_("branch_agent", "minhang")
    answer = await lonely.post("/complaints", complaint(waybill="away-1"), agent)
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "received"
    number = answer.json()["number"]
    same = await lonely.post("/complaints", complaint(waybill="away-1"), agent)
    assert (same.status_code, same.json()["number"]) == (200, number)
    began = datetime.now(UTC)
    refused = await lonely.post(f"/complaints/{number}/first-contact", {"note": "已联系"}, agent)
    is_problem(refused, 503)
    assert int(refused.headers["retry-after"]) > 0
    assert datetime.now(UTC) - began < timedelta(seconds=6)
    again = await lonely.post("/complaints", complaint(waybill="away-1", description="还是没有到"), agent)
    assert (again.status_code, again.json()["number"]) == (202, number)


async def test_with_postgresql_away_nothing_is_answered_but_a_problem_that_says_so(lonely: Counter, tmp_path: Path) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    away = counter_for(settings_for("", tmp_path), nowhere, lonely.client)
    async with away.http:
        for answer in (
            await away.get("/complaints", lonely.as_("hq_agent")),
            await away.post("/complaints", complaint(), lonely.as_("branch_agent", "minhang")),
            await away.post("/complaints/A260101-000000/findings", {}, lonely.as_("hq_agent")),
        ):
            is_problem(answer, 503)
            assert "retry-after" in answer.headers
        assert is_problem(await away.http.get("/readyz"), 503)["checks"]["postgresql"] is False
        assert (await away.http.get("/metrics")).status_code == 200
    await nowhere.close()


async def test_without_temporal_we_live_but_are_not_ready(lonely: Counter) -> None:
    assert (await lonely.http.get("/healthz")).status_code == 200
    document = is_problem(await lonely.http.get("/readyz"), 503)
    assert document["checks"] == {"postgresql": True, "temporal": False, "worker": False}
    metrics = (await lonely.http.get("/metrics")).text
    assert "amends_complaints_open" in metrics
    assert 'route="/readyz"' in metrics


async def test_the_contract_is_published_with_every_body(lonely: Counter) -> None:
    contract = (await lonely.http.get("/openapi.json")).json()
    findings = contract["paths"]["/v1/complaints/{number}/findings"]["post"]
    assert findings["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Findings")
    assert "/v1/dev/complaints/{number}/fast-forward" not in contract["paths"]
