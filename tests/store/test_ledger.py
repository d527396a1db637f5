"""The ledger on PostgreSQL: append-only, whole, once; running totals that are their entries' sum; months that stay closed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.postings import advance, reversed_
from domain.record import Entry, PostingRow
from domain.values import LedgerKind
from store import ledger, months
from store.database import Database
from store.ledger import Account
from store.register import Register
from tests.store.books import Receive, offer, penalised, penalty
from tests.store.cases import MONDAY, fact


def shanghai(said: str) -> datetime:
    return datetime.fromisoformat(f"{said}T12:00:00+08:00")


async def proved(database: Database) -> None:
    async with database.session() as session:
        await months.prove(session)


async def refused(database: Database, statement: str, **said: Any) -> str:
    with pytest.raises(DBAPIError) as error:
        async with database.session() as session:
            await session.execute(text(statement), said)
    return str(error.value.orig)


@pytest.mark.parametrize(
    "table",
    [
        *("postings", "ledger_entries", "ledger_months", "penalty_sheets", "penalty_sheet_acts"),
        *("penalty_sheet_lines", "penalty_sheet_marks"),
    ],
)
@pytest.mark.parametrize("change", ["UPDATE {} SET month = month", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_what_is_written_stays_written(fresh_database: Database, table: str, change: str) -> None:
    column = {"ledger_entries": "amount", "penalty_sheet_marks": "line"}.get(table, "month")
    said = change.replace("month = month", f"{column} = {column}").format(table)
    assert "is append-only" in await refused(fresh_database, said)


async def test_nothing_is_added_to_a_posting_that_is_complete(fresh_database: Database, received: Receive) -> None:
    number = await penalised(fresh_database, received, "L-1")
    key = f"{number}-R1:1:penalty"
    await proved(fresh_database)
    said = await refused(
        fresh_database,
        """INSERT INTO ledger_entries (id, number, key, account, amount)
           VALUES (:number || 'x', :number, :key, 'customers', 5), (:number || 'y', :number, :key, 'hq:payout', -5)""",
        number=number,
        key=key,
    )
    assert "is complete" in said
    await proved(fresh_database)


async def test_a_posting_without_its_other_half_is_refused_when_the_transaction_ends(
    fresh_database: Database, received: Receive
) -> None:
    number = await received(waybill="L-2")
    half = PostingRow(key="p", kind=LedgerKind.ADVANCE, entries=[Entry(account="customers", amount=5)], posted_at=MONDAY)
    with pytest.raises(DBAPIError, match="sums to 5, not zero"):
        async with fresh_database.session() as session:
            await ledger.post(session, [(number, half)], by="somebody")
    async with fresh_database.session() as session:
        assert (await ledger.entries(session, complaint=number)).items == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_totals SET moved = moved + 1",
        "DELETE FROM ledger_totals",
        "TRUNCATE ledger_totals",
        "INSERT INTO ledger_totals VALUES ('customers', '2031-01', 1, 1)",
    ],
)
async def test_running_totals_follow_the_entries_and_nobody(fresh_database: Database, change: str) -> None:
    assert "follows the entries" in await refused(fresh_database, change)


async def test_balances_are_what_the_entries_say_whoever_writes_at_once(fresh_database: Database, received: Receive) -> None:
    numbers = [await received(waybill=f"L-3-{place}") for place in range(8)]
    register = Register(fresh_database)

    async def live(place: int, number: str) -> None:
        paid = advance(offer("P1", 1000 + place), "minhang" if place % 2 else "dali", MONDAY)
        rows = [*paid, penalty(number, unit="houjie")]
        await register.apply(number, [fact(1, "paid", *(rows if place % 2 else reversed(rows)))])
        await register.apply(number, [fact(1, "paid", *rows), fact(2, "corrected", reversed_(rows[-1], MONDAY))])

    await asyncio.gather(*(live(place, number) for place, number in enumerate(numbers)))
    async with fresh_database.session() as session:
        await months.prove(session)
        assert await ledger.balance(session, "customers") == 8 * 1000 + 28
        assert await ledger.balance(session, "unit:minhang") == -(4 * 1000 + 16)
        assert await ledger.balance(session, "unit:houjie") == 0
        assert Account("unit:dali", -(4 * 1000 + 12)) in await ledger.accounts(session)
        assert sum(account.balance for account in await ledger.accounts(session)) == 0


@given(moves=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.integers(1, 10**9)), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_posted_the_books_prove(fresh_database_url: str, moves: list[tuple[str, str, int]]) -> None:
    async def run() -> None:
        database = Database(fresh_database_url)
        rows = [
            PostingRow(
                key=f"{place}",
                kind=LedgerKind.ADVANCE,
                entries=[Entry(account=f"unit:{a}", amount=-amount), Entry(account=f"unit:{b}", amount=amount)],
                posted_at=MONDAY,
            )
            for place, (a, b, amount) in enumerate(moves)
        ]
        async with database.session() as session:
            before = {account.account: account.balance for account in await ledger.accounts(session)}
            turn = await ledger.turns(session, "")
            told = [(f"N{turn}", row) for row in rows]
            await ledger.post(session, told, by="somebody")
            await months.prove(session)
            for unit in "abc":
                moved = sum(amount for _, b, amount in moves if b == unit) - sum(amount for a, _, amount in moves if a == unit)
                assert await ledger.balance(session, f"unit:{unit}") == before.get(f"unit:{unit}", 0) + moved
            await session.rollback()
        await database.close()

    asyncio.run(run())


async def test_every_entry_says_whose_act_it_was_and_which_event_posted_it(fresh_database: Database, received: Receive) -> None:
    number = await penalised(fresh_database, received, "L-4")
    async with fresh_database.session() as session:
        entries = (await ledger.entries(session, complaint=number)).items
    assert {(entry.seq, entry.posted_by, entry.clause, entry.review) for entry in entries} == {
        (1, "c-agent", "Q-203", f"{number}-R1")
    }


async def test_a_closed_month_stays_closed_and_what_comes_late_lands_in_the_first_open_one(
    fresh_database: Database, received: Receive
) -> None:
    """The last test of this module: it closes months."""
    before = await penalised(fresh_database, received, "L-5", at=shanghai("2026-10-08"))
    async with fresh_database.session() as session:
        october = (await ledger.entries(session, month="2026-10")).items
        closed = await months.close(session, "2026-10", by="finance-1", at=shanghai("2026-11-01"))
        assert (closed.month, closed.entries, closed.closed_by) == ("2026-10", len(october), "finance-1")
    async with fresh_database.session() as session:
        again = await months.close(session, "2026-10", by="finance-2", at=shanghai("2026-11-02"))
        assert again.closed_by == "finance-1"
    taken_back = reversed_(penalty(before, at=shanghai("2026-10-08")), shanghai("2026-10-31"))
    await Register(fresh_database).apply(before, [fact(2, "corrected", taken_back)])
    async with fresh_database.session() as session:
        assert (await ledger.entries(session, month="2026-10")).items == october
        late = [entry for entry in (await ledger.entries(session, complaint=before)).items if entry.kind == "reversal"]
        assert {(entry.month, entry.reverses) for entry in late} == {("2026-11", f"{before}-R1:1:penalty")}
        await months.close(session, "2026-12", by="finance-1", at=shanghai("2027-01-02"))
        assert [(each.month, each.closed_by) for each in await months.listed(session)] == [
            ("2026-12", "finance-1"),
            ("2026-11", "finance-1"),
            ("2026-10", "finance-1"),
        ]
    after = await penalised(fresh_database, received, "L-6", at=shanghai("2026-11-20"))
    async with fresh_database.session() as session:
        assert {entry.month for entry in (await ledger.entries(session, complaint=after)).items} == {"2027-01"}
        await months.prove(session)


async def test_who_closes_a_month_waits_for_the_postings_under_way(fresh_database: Database, received: Receive) -> None:
    number = await received(waybill="L-7")
    row = penalty(number, at=shanghai("2027-03-31"))
    async with fresh_database.session() as posting:
        await ledger.post(posting, [(number, row)], by="somebody")

        async def close() -> int:
            async with fresh_database.session() as closing:
                return (await months.close(closing, "2027-03", by="finance-1", at=shanghai("2027-04-01"))).entries

        waiting = asyncio.create_task(close())
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
    assert await waiting == 2


async def test_books_that_somebody_cooked_are_not_closed(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        await session.execute(text("ALTER TABLE ledger_totals DISABLE TRIGGER only_entries_move_totals"))
        await session.execute(text("INSERT INTO ledger_totals VALUES ('customers', '2033-01', 1, 1)"))
        with pytest.raises(months.BooksDisagree, match="customers in 2033-01: 1 kept, 0 entered"):
            await months.close(session, "2033-01", by="finance-1", at=MONDAY)
        await session.rollback()
    async with fresh_database.session() as session:
        assert await months.last_closed(session) == "2027-03"
