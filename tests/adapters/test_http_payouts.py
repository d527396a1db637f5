"""The provider over HTTP, against a bank on a real socket that misbehaves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr, ValidationError

from activities.payouts import PayoutProvider
from adapters.http_payouts import HttpProvider, Unclear
from adapters.signatures import SIGNATURE, TIMESTAMP, WINDOW, Forged, SigningKey
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.values import PayoutOutcome
from settings import Settings
from tests.adapters.wayward_bank import ASKING, KEY, SENDING, WaywardBank

ORDER = PayoutOrder(key="A261122-000001-R1-P1", number="A261122-000001", amount=30000, payee_ref="p1")
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Register:
    def __init__(self) -> None:
        self.payees = {
            "p1": {"name": "客户甲", "channel": "bank", "account": "6222020000001234"},
            "p2": {"name": "客户乙", "channel": "bank", "account": "closed"},
        }

    async def of(self, payee_ref: str) -> dict[str, str] | None:
        return self.payees.get(payee_ref)


@pytest_asyncio.fixture
async def bank() -> AsyncIterator[WaywardBank]:
    async with WaywardBank() as bank:
        yield bank


def provider(bank: WaywardBank, key: SigningKey = KEY) -> HttpProvider:
    return HttpProvider(bank.url, key, Register(), patience=timedelta(seconds=0.25))


def behaves(bank: WaywardBank, *ways: str) -> None:
    """These ways one after the other, then well."""
    waiting = iter(ways)
    bank.chance = lambda _: next(waiting, "ok")


async def test_an_order_is_paid_to_the_registers_account_under_its_key(bank: WaywardBank) -> None:
    answer = await provider(bank).send(ORDER)
    assert answer == PayoutAnswer(outcome=PayoutOutcome.PAID, reference=f"B:{ORDER.key}", provider="http")
    assert bank.books[ORDER.key].payee == {"name": "客户甲", "channel": "bank", "account": "6222020000001234"}
    assert bank.books[ORDER.key].amount == 30000


@pytest.mark.parametrize("way", ["500 before", "500 after", "lost", "cut", "slow", "garbage", "another"])
async def test_what_says_nothing_of_the_order_is_no_outcome_and_sent_again_it_is_paid_once(bank: WaywardBank, way: str) -> None:
    behaves(bank, way)
    with pytest.raises(Unclear) as unclear:
        await provider(bank).send(ORDER)
    assert "6222" not in str(unclear.value)
    assert (await provider(bank).send(ORDER)).outcome is PayoutOutcome.PAID
    assert bank.transfers == [ORDER.key]


async def test_a_key_the_bank_knows_already_is_asked_about(bank: WaywardBank) -> None:
    behaves(bank, "409")
    assert (await provider(bank).send(ORDER)).outcome is PayoutOutcome.PAID
    assert bank.happened == ["409", "asked: ok"]


async def test_what_is_under_way_has_no_outcome_yet_and_is_to_be_asked_about(bank: WaywardBank) -> None:
    behaves(bank, "pending")
    answer = await provider(bank).send(ORDER)
    assert (answer.outcome, answer.under_way) == (None, True)
    bank.books[ORDER.key].state = "returned"
    assert (await provider(bank).ask(ORDER)).outcome is PayoutOutcome.RETURNED


async def test_asking_never_pays_and_of_a_key_the_bank_never_saw_it_says_unknown(bank: WaywardBank) -> None:
    assert (await provider(bank).ask(ORDER)).outcome is PayoutOutcome.UNKNOWN
    assert bank.books == {}


@pytest.mark.parametrize("payee", ["p2", "nobody", None])
async def test_an_order_the_bank_or_we_cannot_make_is_refused_when_the_bank_has_no_copy_of_it(
    bank: WaywardBank, payee: str | None
) -> None:
    answer = await provider(bank).send(ORDER.model_copy(update={"payee_ref": payee}))
    assert answer.outcome is PayoutOutcome.REFUSED
    assert bank.transfers == []


async def test_a_copy_that_is_not_taken_is_no_refusal_of_the_one_that_was(bank: WaywardBank) -> None:
    """The answer to the first was lost, and the payee is gone from the register since."""
    behaves(bank, "lost")
    with pytest.raises(Unclear):
        await provider(bank).send(ORDER)
    answer = await provider(bank).send(ORDER.model_copy(update={"payee_ref": "nobody"}))
    assert answer.outcome is PayoutOutcome.PAID


async def test_a_wrong_key_of_ours_is_no_outcome_and_pays_nothing(bank: WaywardBank) -> None:
    for wrong in (SigningKey(KEY.id, "guessed"), SigningKey("another", KEY.secret)):
        with pytest.raises(Unclear, match="401"):
            await provider(bank, wrong).send(ORDER)
    assert (bank.forged, bank.books) == (2, {})


async def test_a_bank_that_is_not_there_is_no_outcome() -> None:
    nowhere: PayoutProvider = HttpProvider("http://127.0.0.1:1", KEY, Register())
    with pytest.raises(Unclear, match="ConnectError"):
        await nowhere.send(ORDER)


async def test_hundreds_of_orders_through_faults_at_random_are_each_paid_once(bank: WaywardBank) -> None:
    """Sent again after every silence, as Temporal does; now and then by two workers at once."""
    chance, ours = random.Random(20261122), provider(bank)
    bank.chance, bank.slow = chance.choice, 0.3

    async def pay(number: int) -> PayoutOutcome | None:
        key = f"A261122-{number:06}-R1-P1"
        order = ORDER.model_copy(update={"key": key, "number": key[:14], "amount": 100 + number})
        for _ in range(60):
            call = ours.ask if chance.random() < 0.2 else ours.send
            said = await asyncio.gather(*[call(order) for _ in range(chance.choice((1, 1, 2)))], return_exceptions=True)
            settled = [a.outcome for a in said if isinstance(a, PayoutAnswer) and a.outcome not in (None, PayoutOutcome.UNKNOWN)]
            if settled:
                return settled[0]
            assert all(isinstance(a, PayoutAnswer | Unclear) for a in said), said
        return None

    outcomes: list[PayoutOutcome | None] = []
    for first in range(0, 400, 40):
        outcomes += await asyncio.gather(*[pay(number) for number in range(first, first + 40)])
    assert outcomes == [PayoutOutcome.PAID] * 400
    assert sorted(bank.transfers) == sorted(bank.books) == [f"A261122-{number:06}-R1-P1" for number in range(400)]
    assert [bank.books[f"A261122-{number:06}-R1-P1"].amount for number in range(400)] == [100 + number for number in range(400)]
    assert {*SENDING, *(f"asked: {way}" for way in ASKING)} == set(bank.happened)


# -- signatures


def test_a_signature_holds_for_the_bytes_the_purpose_the_subject_and_the_time_it_was_made_for() -> None:
    headers = KEY.headers("webhook", "POST /x", b"{}", NOW)
    KEY.check(headers, "webhook", "POST /x", b"{}", NOW + WINDOW)
    for purpose, subject, body, now in (
        ("request", "POST /x", b"{}", NOW),
        ("webhook", "POST /y", b"{}", NOW),
        ("webhook", "POST /x", b"{ }", NOW),
        ("webhook", "POST /x", b"{}", NOW + WINDOW + timedelta(seconds=1)),
        ("webhook", "POST /x", b"{}", NOW - WINDOW - timedelta(seconds=1)),
    ):
        with pytest.raises(Forged):
            KEY.check(headers, purpose, subject, body, now)


@pytest.mark.parametrize("changed", [{SIGNATURE: ""}, {SIGNATURE: "é"}, {TIMESTAMP: "²"}, {TIMESTAMP: ""}, {"X-Amends-Key": "x"}])
def test_headers_that_make_no_sense_are_forged(changed: dict[str, str]) -> None:
    headers = KEY.headers("webhook", "POST /x", b"{}", NOW) | changed
    with pytest.raises(Forged):
        KEY.check(headers, "webhook", "POST /x", b"{}", NOW)


def test_a_time_that_is_signed_and_is_none_is_forged() -> None:
    signature = KEY._signature("webhook", "²", "POST /x", b"{}")
    with pytest.raises(Forged):
        KEY.check({"X-Amends-Key": KEY.id, TIMESTAMP: "²", SIGNATURE: signature}, "webhook", "POST /x", b"{}", NOW)


def test_the_secret_is_in_no_traceback() -> None:
    assert KEY.secret not in repr(KEY)


# -- settings


def test_a_provider_half_configured_or_without_tls_stops_the_process() -> None:
    whole: dict[str, Any] = {"payout_provider": "http", "payout_url": "https://pay.example/v1", "payout_key_id": "k"}
    whole |= {"payout_secret": SecretStr("s")}
    assert Settings(**whole).payout_provider == "http"
    for name in ("payout_url", "payout_key_id", "payout_secret"):
        with pytest.raises(ValidationError, match=name):
            Settings(**{name_: held for name_, held in whole.items() if name_ != name})
    for url in ("http://pay.example", "ftp://pay.example", "https://"):
        with pytest.raises(ValidationError, match="https"):
            Settings(**whole | {"payout_url": url})
    Settings(**whole | {"payout_url": "http://127.0.0.1:9000"})
