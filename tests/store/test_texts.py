"""Words are kept while something refers to them; histories for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.record import DecisionRow
from store import complaints, decisions, histories, texts
from store.database import Database
from store.register import Register
from store.tables import Payee
from tests.store.cases import MONDAY, fact, standing


async def test_words_of_a_refused_decision_are_forgotten(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        refused, spoken = await texts.keep(session, "A", ["refused", "spoken"], at=MONDAY)
        await texts.refer(session, [spoken])
        await texts.drop(session, [refused, spoken])
        assert await texts.bodies(session, [refused, spoken]) == {spoken: "spoken"}


async def test_words_nobody_refers_to_are_swept_after_a_day(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        (orphan,) = await texts.keep(session, "A", ["orphan"], at=MONDAY)
        assert await texts.sweep(session, MONDAY + timedelta(hours=23)) == 0
        assert await texts.sweep(session, MONDAY + timedelta(hours=25)) == 1
        assert await texts.bodies(session, [orphan]) == {}


async def test_a_payee_no_complaint_and_no_payment_names_is_swept_after_a_day(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    number = await received(waybill="P-1")
    account = {"name": "客户甲", "relation": "sender", "channel": "bank", "account": "6222"}
    async with fresh_database.session() as session:
        named, orphan = [await texts.keep_payee(session, number, **account, at=MONDAY) for _ in range(2)]
        await complaints.supply(session, number, payee_ref=named)
        await texts.sweep(session, MONDAY + timedelta(hours=25))
        left = (await session.execute(select(col(Payee.id)).where(col(Payee.number) == number))).scalars().all()
    assert list(left) == [named]
    assert orphan not in left


@pytest.mark.parametrize(
    ("account", "shown"), [("6222000012345678", "************5678"), ("12345", "***45"), ("1", "*"), ("", "")]
)
def test_an_account_is_shown_by_its_end_only(account: str, shown: str) -> None:
    assert texts.masked(account) == shown


async def test_a_decision_is_found_by_its_key_or_its_digest(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="D-1")
    taken = DecisionRow(key="key", digest="digest", told={"repeat": True})
    await Register(fresh_database).apply(number, [fact(1), fact(2, "taken", taken)])
    async with fresh_database.session() as session:
        for asked in ("key", "digest"):
            found = await decisions.taken(session, number, asked)
            assert found is not None
            assert (found.seq, found.told) == (2, {"repeat": True})
        assert await decisions.taken(session, number, "other") is None


async def test_histories_of_closed_complaints_are_kept_run_by_run(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="H-1")
    async with fresh_database.session() as session:
        assert number not in await histories.unarchived(session, 100)
    await Register(fresh_database).apply(number, [fact(1, "closed", standing(status="closed", closed_at=MONDAY))])
    async with fresh_database.session() as session:
        assert number in await histories.unarchived(session, 100)
        for _ in range(2):
            await histories.archive(session, number, [("b", {"events": [1]}), ("a", {"events": [2]})], MONDAY)
        assert await histories.runs(session, number) == [{"events": [1]}, {"events": [2]}]
        assert number not in await histories.unarchived(session, 100)
