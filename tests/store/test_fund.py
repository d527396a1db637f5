"""The quality fund is spent once per use, by two people, never beyond what it holds; and taken back by a counter entry."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import KeyUsedForAnotherDecision, MakerIsChecker
from domain.fund import FundTooSmall, FundUse, UseDecided, UseNotPosted, UseStatus
from domain.postings import QUALITY_FUND, reversed_
from reports import quality_fund
from store import fund, ledger, months
from store.database import Database
from store.register import Register
from tests.store.books import Receive, penalised, penalty
from tests.store.cases import MONDAY, fact


async def proposed(books: Database, amount: int, **said: Any) -> FundUse:
    told: dict[str, Any] = {"purpose": "客服培训", "branch": "dali", "by": "till", "at": MONDAY} | said
    async with books.session() as session:
        return await fund.propose(session, amount=amount, **told)


async def decided(books: Database, use: FundUse, approve: bool = True, by: str = "boss") -> FundUse | None:
    async with books.session() as session:
        return await fund.decide(session, use.id, approve=approve, reason=None, by=by, at=MONDAY)


async def holds(books: Database, account: str = QUALITY_FUND) -> int:
    async with books.session() as session:
        await months.prove(session)
        return await ledger.balance(session, account)


async def test_what_is_approved_is_posted_once_and_stands_in_the_report_and_the_units_account(
    books: Database, receive: Receive
) -> None:
    await penalised(books, receive, "F-1", amount=1000)
    use = await proposed(books, 600)
    assert (use.status, await holds(books)) == (UseStatus.PROPOSED, 1000)
    with pytest.raises(MakerIsChecker):
        await decided(books, use, by="till")
    assert (await holds(books), await holds(books, "unit:dali")) == (1000, 0)
    approved = await decided(books, use)
    assert approved is not None
    assert approved.status is UseStatus.APPROVED
    for again in (True, False):
        with pytest.raises(UseDecided):
            await decided(books, use, approve=again)
    assert (await holds(books), await holds(books, "unit:dali")) == (400, 600)
    async with books.session() as session:
        report = await quality_fund.of(session, "2026-11")
        entries = (await ledger.entries(session, complaint=use.id)).items
    assert (report.income, report.use, report.closing, [one.id for one in report.uses]) == (1000, 600, 400, [use.id])
    assert {(entry.kind, entry.posted_by, entry.posting) for entry in entries} == {("settlement", "boss", "spent")}


async def test_two_at_once_do_not_spend_what_is_there_for_one(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "F-2", amount=1000)
    uses = [await proposed(books, 600) for _ in range(4)]
    outcomes = await asyncio.gather(*(decided(books, use) for use in uses), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FundTooSmall"] * 3 + ["FundUse"]
    assert await holds(books) == 400
    with pytest.raises(FundTooSmall, match="holds 400 fen"):
        await decided(books, await proposed(books, 401, branch=None))


async def test_the_database_itself_refuses_to_spend_what_is_not_there(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "F-3", amount=1000)
    use = (await proposed(books, 600)).model_copy(update={"amount": 1001, "acts": ()})
    acted = {"acts": ((UseStatus.APPROVED, "boss", MONDAY, None),)}
    with pytest.raises(DBAPIError, match="does not hold what"):
        async with books.session() as session:
            await ledger.post(session, [(use.id, FundUse.model_validate(use.model_dump() | acted).posting)], by="boss")
    with pytest.raises(DBAPIError, match="does not approve it"):
        async with books.session() as session:
            await session.execute(text(f"INSERT INTO fund_use_acts VALUES ('{use.id}', 'approved', now(), 'till')"))
    for change in ("UPDATE fund_uses SET amount = 1", "DELETE FROM fund_use_acts", "TRUNCATE fund_uses CASCADE"):
        with pytest.raises(DBAPIError, match="is append-only"):
            async with books.session() as session:
                await session.execute(text(change))
    assert await holds(books) == 1000


async def test_what_an_appeal_takes_back_may_leave_the_fund_short_and_nothing_more_is_spent(
    books: Database, receive: Receive
) -> None:
    number = await penalised(books, receive, "F-4", amount=1000)
    await decided(books, await proposed(books, 1000))
    await Register(books).apply(number, [fact(2, "corrected", reversed_(penalty(number, amount=1000), MONDAY))])
    assert await holds(books) == -1000
    async with books.session() as session:
        report = await quality_fund.of(session, "2026-11")
    assert (report.income, report.use, report.closing) == (0, 1000, -1000), "what is taken back was no income"
    with pytest.raises(FundTooSmall):
        await decided(books, await proposed(books, 1))


async def test_what_was_spent_is_taken_back_once_by_a_counter_entry_in_the_open_month(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "F-5", amount=1000)
    use, refused = await proposed(books, 600, branch=None), await proposed(books, 1)
    await decided(books, refused, approve=False)
    await decided(books, use)
    async with books.session() as session:
        await months.close(session, "2026-11", by="till", at=MONDAY)
        for never in (refused, await fund.propose(session, amount=1, purpose="x", branch=None, by="till", at=MONDAY)):
            with pytest.raises(UseNotPosted):
                await fund.take_back(session, never.id, reason="x", by="boss", at=MONDAY)
        back = await fund.take_back(session, use.id, reason="培训取消", by="boss", at=MONDAY + timedelta(days=1))
        assert back is not None
        assert back.status is UseStatus.REVERSED
        with pytest.raises(UseDecided):
            await fund.take_back(session, use.id, reason="x", by="boss", at=MONDAY)
    assert (await holds(books), await holds(books, "hq:payout")) == (1000, 0)
    async with books.session() as session:
        entries = (await ledger.entries(session, complaint=use.id)).items
        assert {(entry.month, entry.kind, entry.reverses) for entry in entries} == {
            ("2026-11", "settlement", None),
            ("2026-12", "reversal", "spent"),
        }
        only = await fund.listed(session, only=[UseStatus.REVERSED])
        spent, back_then = [await quality_fund.of(session, month) for month in ("2026-11", "2026-12")]
    assert [(one.income, one.use, one.closing) for one in (spent, back_then)] == [(1000, 600, 400), (0, -600, 1000)]
    assert [(one.id, [act.reason for act in one.acts]) for one in only.items] == [(use.id, [None, "培训取消"])]


async def test_the_same_proposal_sent_twice_is_one_and_its_key_serves_no_other(books: Database) -> None:
    one, two = await proposed(books, 5, key="k"), await proposed(books, 5, key="k")
    assert (one, one.id) == (two, "F261116-001")
    assert (await proposed(books, 5, key="k", by="other")).id == "F261116-002"
    with pytest.raises(KeyUsedForAnotherDecision):
        await proposed(books, 6, key="k")
    async with books.session() as session:
        first = await fund.listed(session, limit=1)
        rest = await fund.listed(session, limit=5, cursor=first.next_cursor)
    assert [use.id for use in (*first.items, *rest.items)] == ["F261116-002", "F261116-001"]
