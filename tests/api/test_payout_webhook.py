"""The payout provider's webhook: signed, of our time, each event once; and what nobody hears any more is for finance."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from adapters.http_payouts import event_subject
from domain.record import Entry, Fact, PostingRow
from domain.values import LedgerKind, Role
from store.database import Database
from store.register import Register
from store.tables import Payment
from tests.adapters.wayward_bank import KEY
from tests.api.conftest import Counter, complaint, counter_for, settings_for
from tests.api.test_after_closing import closed

PATH = "/v1/adapters/payouts/http"


@pytest_asyncio.fixture(loop_scope="session")
async def bank_speaks(counter: Counter, fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """The house with a provider whose key it knows."""
    async with _knowing(counter.database, counter.client, fresh_database_url, tmp_path, counter.task_queue) as speaking:
        yield speaking


def _knowing(database: Database, client: Client, url: str, folder: Path, queue: str) -> Any:
    settings = settings_for(
        url, folder, task_queue=queue, payout_key_id=KEY.id, payout_secret=SecretStr(KEY.secret), payout_url="https://x"
    )
    at_the_counter = counter_for(settings, database, client)

    class Open:
        async def __aenter__(self) -> Counter:
            return at_the_counter

        async def __aexit__(self, *_: object) -> None:
            await at_the_counter.http.aclose()

    return Open()


async def says(
    counter: Counter, event: dict[str, Any], changed: dict[str, str] | None = None, *, at: datetime | None = None
) -> httpx.Response:
    body = json.dumps(event).encode()
    headers = KEY.headers("webhook", event_subject("http"), body, at or datetime.now(UTC)) | (changed or {})
    return await counter.http.post(PATH, content=body, headers=headers)


async def kept(counter: Counter) -> list[Any]:
    async with counter.database.session() as session:
        return [
            tuple(row) for row in await session.execute(text("SELECT event, payment, heard_at IS NOT NULL FROM payout_events"))
        ]


async def received(counter: Counter) -> str:
    answer = await counter.post("/complaints", complaint(waybill=uuid4().hex), counter.as_("branch_agent", "minhang"))
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


async def test_an_event_is_heard_once_and_its_copies_say_nothing_new(bank_speaks: Counter) -> None:
    number = await received(bank_speaks)
    event = {"event": "e-1", "key": f"{number}-R1-P1", "state": "paid"}
    answers = [await says(bank_speaks, event) for _ in range(3)]
    assert [(a.status_code, a.json()) for a in answers] == [(200, {"heard": "now"}), *[(200, {"heard": "before"})] * 2]
    assert ("e-1", f"{number}-R1-P1", True) in await kept(bank_speaks)
    runs = await bank_speaks.desk().processes.runs(number)
    signals = [e for _, run in runs for e in run["events"] if "workflowExecutionSignaledEventAttributes" in e]
    assert len(signals) == 1


@pytest.mark.parametrize(
    "how",
    [{"X-Amends-Signature": "0" * 64}, {"X-Amends-Key": "another"}, {"X-Amends-Timestamp": "1"}, {"X-Amends-Signature": ""}],
)
async def test_what_is_forged_is_401_and_changes_nothing(bank_speaks: Counter, how: dict[str, str]) -> None:
    before = await kept(bank_speaks)
    answer = await says(bank_speaks, {"event": "e-2", "key": "A261122-000001-R1-P1", "state": "paid"}, how)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await kept(bank_speaks) == before


async def test_a_signature_of_another_time_is_a_copy(bank_speaks: Counter) -> None:
    for away in (timedelta(minutes=6), -timedelta(minutes=6)):
        late = await says(bank_speaks, {"event": "e-3", "key": "A-R1-P1", "state": "paid"}, at=datetime.now(UTC) + away)
        assert late.status_code == 401


async def test_a_signature_for_a_request_of_ours_is_none_for_a_webhook(bank_speaks: Counter) -> None:
    body = b'{"event": "e-4", "key": "A-R1-P1", "state": "paid"}'
    ours = KEY.headers("request", event_subject("http"), body, datetime.now(UTC))
    assert (await bank_speaks.http.post(PATH, content=body, headers=ours)).status_code == 401


@pytest.mark.parametrize(
    "event",
    [
        {"event": "e-5", "key": "A000000-999999-R1-P1", "state": "paid"},
        {"event": "e-5", "key": "nonsense", "state": "paid"},
        {"event": "e-5", "key": "A-R1-P1", "state": "sent to the moon"},
        {"event": "", "key": "A-R1-P1", "state": "paid"},
        {"key": "A-R1-P1", "state": "paid"},
    ],
)
async def test_what_is_signed_and_says_nothing_of_ours_is_422(bank_speaks: Counter, event: dict[str, str]) -> None:
    assert (await says(bank_speaks, event)).status_code == 422


async def test_without_a_key_no_provider_speaks_to_us(counter: Counter, bank_speaks: Counter) -> None:
    assert (await says(counter, {"event": "e", "key": "k", "state": "paid"})).status_code == 404
    assert (await bank_speaks.http.post("/v1/adapters/payouts/other", content=b"{}")).status_code == 404
    assert (await bank_speaks.http.get("/v1/inbox")).status_code == 401


async def test_with_temporal_away_it_is_503_and_the_same_event_is_heard_when_it_comes_again(
    bank_speaks: Counter, fresh_database_url: str, tmp_path: Path
) -> None:
    number = await received(bank_speaks)
    event = {"event": "e-6", "key": f"{number}-R1-P1", "state": "paid"}
    away = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    async with _knowing(bank_speaks.database, away, fresh_database_url, tmp_path, "nowhere") as lonely:
        assert (await says(lonely, event)).status_code == 503
    assert ("e-6", f"{number}-R1-P1", False) in await kept(bank_speaks)
    assert (await says(bank_speaks, event)).json() == {"heard": "now"}


async def test_what_comes_back_when_its_complaint_is_continued_is_asked_about_where_it_goes_on(bank_speaks: Counter) -> None:
    old = await closed(bank_speaks, uuid4().hex)
    again = await old.says("hq_agent", "repeat", {"reason": "又来了"}, 201)
    key = f"{old.number}-R1-P1"
    entries = [Entry(account="hq:payout", amount=-5000), Entry(account="customers", amount=5000)]
    booked = PostingRow(key=f"{key}:paid", kind=LedgerKind.ADVANCE, entries=entries, posted_at=datetime.now(UTC))
    await Register(bank_speaks.database).add(
        old.number, Fact(seq=0, at=booked.posted_at, name="paid", actor="fan", role=Role.FINANCE, rows=[booked])
    )
    async with bank_speaks.database.session() as session:
        paid: dict[str, Any] = {"round": 1, "amount": 5000, "state": "paid", "provider": "http", "sent_at": datetime.now(UTC)}
        session.add(Payment(number=old.number, key=key, **paid))
    for event in ("e-9", "e-9"):
        assert (await says(bank_speaks, {"event": event, "key": key, "state": "returned"})).status_code == 200
    runs = await bank_speaks.desk().processes.runs(again["number"])
    signals = [e for _, run in runs for e in run["events"] if "workflowExecutionSignaledEventAttributes" in e]
    (told,) = signals[0]["workflowExecutionSignaledEventAttributes"]["input"]["payloads"]
    news = json.loads(b64decode(told["data"]))
    assert (len(signals), news["payment"], news["lost"]["amount"]) == (1, key, 5000)
    assert [posting["key"] for posting in news["lost"]["postings"]] == [f"{key}:paid"]


async def test_what_comes_back_after_closing_is_a_letter_to_finance(bank_speaks: Counter) -> None:
    number = await received(bank_speaks)
    await bank_speaks.client.get_workflow_handle(number).terminate("as if it had closed")
    key = f"{number}-R1-P1"
    async with bank_speaks.database.session() as session:
        session.add(
            Payment(number=number, key=key, round=1, amount=5000, state="paid", provider="http", sent_at=datetime.now(UTC))
        )
    for event, state in (("e-7", "paid"), ("e-8", "returned"), ("e-8", "returned")):
        assert (await says(bank_speaks, {"event": event, "key": key, "state": state})).status_code == 200
    async with bank_speaks.database.session() as session:
        letters = await session.execute(
            text("SELECT \"to\", params FROM notices WHERE number = :number AND template = 'payment_astray'"), {"number": number}
        )
        assert [tuple(letter) for letter in letters] == [
            ("finance@hq", {"amount": 5000, "payment": key, "outcome": "returned"}),
        ]
