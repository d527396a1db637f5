"""The writer's side: facts once, in order, with all their rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from domain import record
from domain.record import Entry, NoticeRow, ObligationRow, PostingRow
from domain.values import ClockKind, LedgerKind, Measure, Owed, ReviewStatus, Role, Severity
from store import complaints, ledger, tables, texts
from store.database import Database
from store.register import ADDITIONS, PROJECTIONS, Register, UnknownComplaint, columns_of
from tests.store.cases import MONDAY, fact, standing


def owed(key: str = "1:findings", **changes: Any) -> ObligationRow:
    return ObligationRow.model_validate(
        {
            "key": key,
            "owed": Owed.FINDINGS,
            "role": Role.BRANCH_AGENT,
            "unit": "foshan",
            "since": MONDAY,
            "opens_at": MONDAY,
            "due": MONDAY,
            "measure": Measure.WORKING_DAYS,
            "kind": ClockKind.CONTRACT,
            "opened": True,
            "late": False,
        }
        | changes
    )


def posting(key: str, *amounts: int, kind: LedgerKind = LedgerKind.ADVANCE) -> PostingRow:
    entries = [Entry(account=f"unit:u{place}", amount=amount) for place, amount in enumerate(amounts)]
    return PostingRow(key=key, kind=kind, entries=entries, posted_at=MONDAY)


@pytest.mark.parametrize("row", [*PROJECTIONS, *ADDITIONS], ids=lambda row: row.__name__)
def test_every_field_of_a_row_is_a_column(row: type[Any]) -> None:
    table: type[SQLModel] = (PROJECTIONS | ADDITIONS)[row]
    assert set(columns_of(row, table)) <= set(table.model_fields)


def test_every_row_the_process_tells_has_a_table() -> None:
    told = set(record.Row.__origin__.__args__)  # type: ignore[attr-defined]
    assert told == {*PROJECTIONS, *ADDITIONS, record.ComplaintRow, record.PostingRow, record.LostRow}
    assert set(record.ComplaintRow.model_fields) - {"table"} <= set(tables.Complaint.model_fields)
    assert set(record.PostingRow.model_fields) - {"table", "entries"} <= set(tables.Posting.model_fields)


async def test_facts_are_applied_with_their_rows(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-1")
    register = Register(fresh_database)
    notice = NoticeRow(key="1", template="late", to="branch_manager@foshan", language="zh", params={"owed": "x"}, noted_at=MONDAY)
    review = record.ReviewRow(
        key=f"{number}-R1",
        round=1,
        status=ReviewStatus.STATEMENT,
        severity=Severity.NORMAL,
        claimant="hq",
        respondents=["foshan"],
        statements=[{"unit": "foshan"}],
        opened_at=MONDAY,
    )
    written = await register.apply(
        number, [fact(1, "opened", standing(), owed(), review), fact(2, "late", owed(late=True), notice), fact(3, "noted")]
    )
    assert written == ["1 opened", "2 late", "3 noted"]
    async with fresh_database.session() as session:
        dossier = await complaints.dossier(session, number)
        assert dossier is not None
        assert (dossier.complaint.status, dossier.complaint.applied_seq, dossier.complaint.units) == (
            "open",
            3,
            ["foshan", "zhuhai"],
        )
        assert [(row.key, row.late, row.due) for row in dossier.obligations] == [("1:findings", True, MONDAY)]
        assert (dossier.reviews[0].ruling, dossier.reviews[0].statements) == (None, [{"unit": "foshan"}])
        assert [(entry.seq, entry.name) for entry in await complaints.timeline(session, number)] == [
            (1, "opened"),
            (2, "late"),
            (3, "noted"),
        ]
        told = await complaints.notices(session, number)
        assert [(row.seq, row.state, row.attempts, row.params) for row in told] == [(2, "waiting", 0, {"owed": "x"})]
        nulls = await session.execute(text("SELECT ruling IS NULL FROM penalty_reviews WHERE number = :n"), {"n": number})
        assert nulls.scalar_one()


async def test_facts_sent_twice_or_overlapping_count_once(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-2")
    register = Register(fresh_database)
    first = [fact(1, "opened", standing()), fact(2, "paid", posting("1:advance", -500, 500))]
    await register.apply(number, first)
    await register.apply(number, first)
    await register.apply(number, [*first, fact(3, "closed", standing(status="closed", closed_at=MONDAY))])
    await register.apply(number, first)  # long out of date: changes nothing
    async with fresh_database.session() as session:
        complaint = await complaints.row(session, number)
        assert complaint is not None
        assert (complaint.status, complaint.applied_seq, complaint.closed_at) == ("closed", 3, MONDAY)
        assert [entry.seq for entry in await complaints.timeline(session, number)] == [1, 2, 3]
        entries = (await ledger.entries(session, complaint=number)).items
        assert [(entry.id, entry.amount, entry.month) for entry in entries] == [
            (f"{number}:1:advance:1", -500, "2026-11"),
            (f"{number}:1:advance:2", 500, "2026-11"),
        ]


async def test_writers_at_once_leave_every_fact_once(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-3")
    register = Register(fresh_database)
    facts = [fact(seq, "noted", owed(late=seq > 3)) for seq in range(1, 7)]
    await asyncio.gather(*(register.apply(number, facts[:upto]) for upto in (2, 4, 6, 6, 3)))
    await register.apply(number, facts)
    async with fresh_database.session() as session:
        assert [entry.seq for entry in await complaints.timeline(session, number)] == [1, 2, 3, 4, 5, 6]
        assert [row.late for row in await complaints.obligations(session, number)] == [True]


async def test_a_posting_happens_once_whoever_says_it_again(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-4")
    register = Register(fresh_database)
    await register.apply(number, [fact(1, "paid", posting("p", -1, 1))])
    await register.apply(number, [fact(2, "paid", posting("p", -1, 1), posting("q", -2, 2), posting("q", -2, 2))])
    async with fresh_database.session() as session:
        assert [entry.amount for entry in (await ledger.entries(session, complaint=number)).items] == [-1, 1, -2, 2]


async def test_a_posting_that_does_not_sum_to_zero_writes_nothing(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-5")
    for wrong in (posting("p", -5, 4), posting("empty")):
        with pytest.raises(Exception, match="sums to"):
            await Register(fresh_database).apply(number, [fact(1, "paid", wrong)])
    async with fresh_database.session() as session:
        assert await complaints.timeline(session, number) == []


async def test_the_month_of_a_posting_is_shanghais(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-6")
    late = MONDAY.fromisoformat("2026-11-30T16:30:00+00:00")
    await Register(fresh_database).apply(number, [fact(1, "paid", posting("p", -1, 1).model_copy(update={"posted_at": late}))])
    async with fresh_database.session() as session:
        assert {entry.month for entry in (await ledger.entries(session, complaint=number)).items} == {"2026-12"}


async def test_facts_of_a_complaint_never_received_are_refused(fresh_database: Database) -> None:
    with pytest.raises(UnknownComplaint, match="A000000-000000"):
        await Register(fresh_database).apply("A000000-000000", [fact(1)])
    await fresh_database.ping()


async def test_words_a_fact_refers_to_are_kept(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="R-7")
    async with fresh_database.session() as session:
        told, nested, orphan = await texts.keep(session, number, ["told", "nested", "orphan"], at=MONDAY)
    await Register(fresh_database).apply(number, [fact(1, "told", words_ref=told, lines=[{"reasons_ref": nested}])])
    async with fresh_database.session() as session:
        assert await texts.sweep(session, MONDAY.replace(day=18)) == 1
        assert await texts.bodies(session, [told, nested, orphan, None]) == {told: "told", nested: "nested"}


@pytest.mark.parametrize("change", ["UPDATE {} SET number = number", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["timeline", "postings", "ledger_entries"])
async def test_what_happened_is_only_ever_added_to(
    fresh_database: Database, received: Callable[..., Any], table: str, change: str
) -> None:
    number = await received(waybill=f"R-8-{table}-{change[0]}")
    await Register(fresh_database).apply(number, [fact(1, "paid", posting("p", -1, 1))])
    with pytest.raises(DBAPIError, match="append-only"):
        async with fresh_database.session() as session:
            await session.execute(text(change.format(table)))


async def test_a_payment_of_a_complaint_that_is_closed_is_marked_with_what_is_unbooked_elsewhere(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    old, again, at = await received(waybill="R-old"), await received(waybill="R-new"), MONDAY
    register, key = Register(fresh_database), f"{old}-R1-P1"
    paid = record.PaymentRow(key=key, round=1, amount=30, state="paid", provider="voucher", sent_at=MONDAY)
    await register.apply(old, [fact(1, "paid", standing(), paid, posting(f"{key}:paid", -30, 30))])
    lost = record.LostRow(of=old, key=key, state="returned", settled_at=at)
    unbooked = PostingRow(**posting(f"{key}:paid:reversed", 30, -30).model_dump() | {"reverses": f"{key}:paid"})
    for _ in range(2):
        await register.apply(again, [fact(1, "payout_returned", standing(), lost, unbooked)])
    async with fresh_database.session() as session:
        payment = await session.get_one(tables.Payment, (old, key))
        assert (payment.state, payment.amount, payment.settled_at) == ("returned", 30, at)
        assert await session.get(tables.Payment, (again, key)) is None
        assert (await session.get_one(tables.Posting, (again, unbooked.key))).reverses == f"{key}:paid"
