"""The same request, a further call and a new complaint, told apart also when they come at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.commands import Actor, FurtherCall
from domain.errors import KeyUsedForAnotherDecision
from domain.values import Role
from store import calls, complaints, intake, texts
from store.database import Database
from store.intake import Accepted, Kind, PayeeGiven, Request
from store.keys import complainant_hash, phone_digits
from store.register import Register
from tests.store.cases import MONDAY, SECRET, fact, reported, standing


async def accept(database: Database, request: Request | None = None, **changes: Any) -> Accepted:
    async with database.session() as session:
        return await intake.accept(session, reported(**changes), request or Request("c-agent"))


async def test_a_complaint_is_received_with_all_that_came_with_it(fresh_database: Database) -> None:
    payee = PayeeGiven("陈先生", "sender", "bank", "6222000012345678")
    accepted = await accept(fresh_database, waybill="I-1", payee=payee, solution="a second delivery", ticket="T-1", freight=1200)
    assert accepted.kind is Kind.NEW
    assert re.fullmatch(r"A261116-\d{6}", accepted.number)
    assert accepted.intake is not None
    async with fresh_database.session() as session:
        row = await complaints.row(session, accepted.number)
        assert row is not None
        assert (row.started_at, row.applied_seq, row.freight, row.stage, row.ticket) == (None, 0, 1200, "acknowledgement", "T-1")
        assert row.intake == accepted.intake.model_dump(mode="json")
        assert await texts.bodies(session, [row.description_ref, accepted.intake.solution_ref]) == {
            row.description_ref: "179 pieces sent, 174 arrived",
            accepted.intake.solution_ref: "a second delivery",
        }
        shown = await texts.payee_shown(session, str(accepted.intake.payee_ref))
        assert shown is not None
        assert shown["account"] == "************5678"


async def test_the_number_carries_the_shanghai_date(fresh_database: Database) -> None:
    after_midnight = MONDAY.fromisoformat("2026-11-16T16:30:00+00:00")
    assert (await accept(fresh_database, waybill="I-2", received_at=after_midnight)).number.startswith("A261117-")


async def test_a_number_that_is_taken_is_drawn_again(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("store.intake.secrets.randbelow", lambda bound: next(drawn))
    first, second = [await accept(fresh_database, waybill=waybill) for waybill in ("I-2a", "I-2b")]
    assert (first.number, second.number) == ("A261116-000007", "A261116-000008")


async def test_a_new_complaint_names_the_others_about_its_parcel_that_its_receiver_may_see(fresh_database: Database) -> None:
    first = await accept(fresh_database, waybill="I-2c")
    second = await accept(fresh_database, waybill="I-2c", phone="139 0000 0021")
    elsewhere = await accept(fresh_database, Request("far-away", sees=["dali"]), waybill="I-2c", phone="139 0000 0022")
    third = await accept(fresh_database, Request("near", sees=["foshan"]), waybill="I-2c", phone="139 0000 0023")
    assert (second.same_waybill, elsewhere.same_waybill) == ([first.number], [])
    assert sorted(third.same_waybill) == sorted([first.number, second.number, elsewhere.number])


async def test_another_call_about_the_same_parcel_is_a_further_call(fresh_database: Database) -> None:
    first = await accept(fresh_database, waybill="I-3")
    assert await accept(fresh_database, waybill="I-3") == Accepted(Kind.SAME, first.number)
    assert await accept(fresh_database, waybill="I-3", description="still nothing!") == Accepted(Kind.FURTHER, first.number)
    assert (await accept(fresh_database, waybill="I-3", category="delay")).kind is Kind.NEW
    assert (await accept(fresh_database, waybill="I-3", phone="139 0000 0009")).kind is Kind.NEW


async def test_after_closing_the_next_call_is_a_new_complaint(fresh_database: Database) -> None:
    first = await accept(fresh_database, waybill="I-4")
    await Register(fresh_database).apply(
        first.number, [fact(1, "closed", standing(status="closed", closed_at=MONDAY, waybill="I-4"))]
    )
    assert (await accept(fresh_database, waybill="I-4")).kind is Kind.NEW


async def test_a_waybill_learnt_later_is_recognised_and_never_blocks_the_writer(fresh_database: Database) -> None:
    known = await accept(fresh_database, waybill="I-5")
    unknown = await accept(fresh_database, waybill=None, origin=None, description="my parcel, where is it?")
    await Register(fresh_database).apply(unknown.number, [fact(1, "facts_supplied", standing(waybill="I-5"))])
    again = await accept(fresh_database, waybill="I-5", description="and again")
    assert again.kind is Kind.FURTHER
    assert again.number in (known.number, unknown.number)


async def test_one_ticket_opens_one_complaint_only(fresh_database: Database) -> None:
    first = await accept(fresh_database, waybill="I-6", ticket="12305-6")
    second = await accept(fresh_database, waybill="I-6b", phone="139 0000 0006", ticket="12305-6", description="other words")
    assert second == Accepted(Kind.SAME, first.number)


async def test_the_same_key_gives_the_same_complaint_and_refuses_another_body(fresh_database: Database) -> None:
    request = Request("c-agent", "k-7", "body")
    first = await accept(fresh_database, request, waybill="I-7")
    assert await accept(fresh_database, request, waybill="I-7", description="edited") == Accepted(Kind.SAME, first.number)
    with pytest.raises(KeyUsedForAnotherDecision):
        await accept(fresh_database, Request("c-agent", "k-7", "another body"), waybill="I-7")
    assert (await accept(fresh_database, Request("other", "k-7", "x"), waybill="I-7b")).kind is Kind.NEW


@pytest.mark.parametrize("key", [None, "k-8"])
async def test_the_same_request_many_times_at_once_opens_one_complaint(fresh_database: Database, key: str | None) -> None:
    request = Request("c-agent", key, "body")
    waybill = f"I-8-{key}"
    answers = await asyncio.gather(*(accept(fresh_database, request, waybill=waybill) for _ in range(8)))
    assert sorted(answer.kind for answer in answers) == [Kind.NEW] + [Kind.SAME] * 7
    assert len({answer.number for answer in answers}) == 1


async def test_calls_and_tickets_crossing_never_wait_in_a_circle(fresh_database: Database) -> None:
    crossing = [
        accept(fresh_database, waybill=f"I-9-{n % 2}", phone=f"139 0000 009{n % 3}", ticket=f"T-9-{n % 2}", description=str(n))
        for n in range(12)
    ]
    answers = await asyncio.gather(*crossing)
    assert len({answer.number for answer in answers}) == 2


async def test_unstarted_complaints_are_listed_until_they_start(fresh_database: Database) -> None:
    number = (await accept(fresh_database, waybill="I-10", received_at=MONDAY - timedelta(days=9))).number
    async with fresh_database.session() as session:
        assert (await intake.unstarted(session, 1))[0].number == number
        await intake.mark_started(session, number, MONDAY)
        assert number not in {row.number for row in await intake.unstarted(session, 100)}


async def test_a_further_call_is_kept_handed_over_and_answered_once(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    number = await received(waybill="I-11")
    command = FurtherCall(actor=Actor(sub="a", roles=(Role.BRANCH_AGENT,), unit="foshan"), digest="d", call=uuid4().hex)
    request = Request("a", "k-11", "d")
    async with fresh_database.session() as session:
        await calls.keep(session, number, command, words="still nothing", at=MONDAY, request=request)
    async with fresh_database.session() as session:
        again = command.model_copy(update={"call": uuid4().hex})
        assert (await calls.keep(session, number, again, words="still nothing", at=MONDAY, request=request)).id == command.call
        assert [FurtherCall.model_validate(call.command) for call in await calls.waiting(session, 10)] == [command]
        await calls.handed_over(session, command.call, at=MONDAY, answer={"repeat": True})
        await calls.handed_over(session, command.call, at=MONDAY, answer={"repeat": False})
    async with fresh_database.session() as session:
        assert await calls.waiting(session, 10) == []
        kept = await calls.get(session, command.call)
        assert kept is not None
        assert kept.answer == {"repeat": True}
    repeated = await accept(fresh_database, request, waybill="I-11")
    assert (repeated.kind, repeated.call) == (Kind.FURTHER, command.call)


@pytest.mark.parametrize("phone", ["13900000001", "+86 139-0000-0001", "0086 139 0000 0001", "86 13900000001"])
def test_a_phone_is_the_same_however_it_is_written(phone: str) -> None:
    assert phone_digits(phone) == "13900000001"
    assert complainant_hash(SECRET, phone, "x@example.org") == complainant_hash(SECRET, "13900000001", None)


def test_who_complains_is_not_told_without_the_key() -> None:
    assert complainant_hash(b"one", "13900000001", None) != complainant_hash(b"two", "13900000001", None)
    assert complainant_hash(SECRET, None, "Chen@Example.org ") == complainant_hash(SECRET, "", "chen@example.org")
    with pytest.raises(ValueError, match="phone or an e-mail"):
        complainant_hash(SECRET, None, None)
