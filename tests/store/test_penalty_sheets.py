"""The penalty sheet in the register: each penalty on exactly one signed sheet, lateness posted with the signature."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.penalty_sheets import AlreadySigned, SheetHasChanged, SheetNotDrafted, SheetOutOfOrder, SheetStatus, Source
from domain.postings import reversed_
from domain.values import LatenessState
from store import ledger, months, penalty_sheets
from store.database import Database
from store.register import Register
from store.sheet_rounds import SheetRounds
from tests.store.books import Receive, final_line, final_review, late, penalised, penalty
from tests.store.cases import MONDAY, fact

NOVEMBER, DECEMBER = "2026-11", "2026-12"
FIRST = datetime.fromisoformat("2026-12-01T06:00:00+08:00")


async def drafted(books: Database, month: str = NOVEMBER) -> Any:
    async with books.session() as session:
        return await penalty_sheets.draft(session, month, by="schedule", at=FIRST)


async def signed(books: Database, month: str = NOVEMBER, **said: Any) -> Any:
    async with books.session() as session:
        return await penalty_sheets.sign(session, month, by="boss", at=FIRST, **said)


async def test_a_sheet_lists_what_became_final_with_who_ruled_it_and_lateness_nobody_objects_to(
    books: Database, receive: Receive
) -> None:
    number = await penalised(books, receive, "S-1")
    slow = await receive(waybill="S-2")
    lines = (late(), late("2:reply", until=FIRST + timedelta(days=2)), late("3:findings", charged=False))
    await Register(books).apply(slow, [fact(1, "late", *lines)])
    sheet = await drafted(books)
    assert [(line.id, line.source, line.unit, line.amount, line.charged, line.by) for line in sheet.lines] == [
        (f"{number}:{number}-R1:1:penalty", Source.REVIEW, "foshan", 10000, True, "reviewer-7"),
        (f"{slow}:1:findings:penalty", Source.LATENESS, "foshan", 2000, True, None),
        (f"{slow}:3:findings:penalty", Source.LATENESS, "foshan", 2000, False, None),
    ]
    assert sheet.total == 12000
    assert [line.id for line in (await drafted(books, DECEMBER)).lines][2:] == [
        f"{slow}:2:reply:penalty",
        f"{slow}:3:findings:penalty",
    ]


async def test_what_was_ruled_in_a_record_only_period_is_listed_and_in_no_sum(books: Database, receive: Receive) -> None:
    number = await receive(waybill="S-3")
    await Register(books).apply(number, [fact(1, "review_final", final_review(number), final_line(number))])
    (line,) = (await drafted(books)).lines
    assert (line.charged, line.amount) == (False, 10000)
    await signed(books)
    assert (await drafted(books, DECEMBER)).lines == ()
    async with books.session() as session:
        assert (await ledger.entries(session, complaint=number)).items == []


async def test_signing_posts_lateness_once_and_puts_every_line_on_that_sheet_alone(books: Database, receive: Receive) -> None:
    number = await penalised(books, receive, "S-4")
    await Register(books).apply(number, [fact(2, "late", late())])
    december = await drafted(books, DECEMBER)
    assert len((await drafted(books)).lines) == 2
    sheet = await signed(books)
    assert sheet.status is SheetStatus.SIGNED
    async with books.session() as session:
        entries = (await ledger.entries(session, complaint=number, kind="penalty")).items
        await months.prove(session)
    assert [(entry.account, entry.amount, entry.clause, entry.posted_by, entry.month) for entry in entries[2:]] == [
        ("unit:foshan", -2000, "Q-603", "boss", DECEMBER),
        ("hq:quality_fund", 2000, "Q-603", "boss", DECEMBER),
    ]
    assert len(december.lines) == 2
    with pytest.raises(SheetHasChanged):  # they stand on November's now
        await signed(books, DECEMBER)
    assert (await drafted(books, DECEMBER)).lines == ()


async def test_two_who_sign_at_once_sign_once(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "S-5")
    await drafted(books)
    outcomes = await asyncio.gather(*(signed(books) for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadySigned"] * 3 + ["Sheet"]


async def test_what_is_signed_is_never_drafted_again_and_what_comes_late_is_on_the_next(
    books: Database, receive: Receive
) -> None:
    await penalised(books, receive, "S-6")
    await drafted(books)
    before = await signed(books)
    came_late = await penalised(books, receive, "S-7")
    with pytest.raises(AlreadySigned, match="next one"):
        await drafted(books)
    async with books.session() as session:
        standing = await penalty_sheets.get(session, NOVEMBER)
    assert standing is not None
    assert (standing.hash, standing.lines) == (before.hash, before.lines)
    assert [line.complaint for line in (await drafted(books, DECEMBER)).lines] == [came_late]


async def test_a_sheet_sent_back_is_drafted_again_before_it_is_signed(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "S-8")
    await drafted(books)
    async with books.session() as session:
        back = await penalty_sheets.send_back(session, NOVEMBER, reason="houjie is missing", by="boss", at=FIRST)
    assert back.status is SheetStatus.RETURNED
    with pytest.raises(SheetOutOfOrder, match="drafted again"):
        await signed(books)
    again = await drafted(books)
    assert (again.revision, again.status, again.hash) == (2, SheetStatus.DRAFT, back.hash)
    assert (await drafted(books)).revision == 2
    assert (await signed(books, hash=again.hash)).status is SheetStatus.SIGNED
    async with books.session() as session:
        assert [(act.revision, act.reason) for act in await penalty_sheets.sent_back(session, NOVEMBER)] == [
            (1, "houjie is missing")
        ]


async def test_what_changed_since_the_draft_is_not_signed(books: Database, receive: Receive) -> None:
    number = await receive(waybill="S-9")
    await Register(books).apply(number, [fact(1, "late", late())])
    await drafted(books)
    await Register(books).apply(number, [fact(2, "late", late(charged=False))])
    with pytest.raises(SheetHasChanged, match="draft it again"):
        await signed(books)
    async with books.session() as session:
        assert (await ledger.entries(session, complaint=number)).items == []
        with pytest.raises(SheetNotDrafted):
            await penalty_sheets.sign(session, "2026-01", by="boss", at=FIRST)


async def test_lateness_waits_for_the_next_sheet_while_its_unit_may_still_object_and_nothing_is_no_line(
    books: Database, receive: Receive
) -> None:
    number = await receive(waybill="S-14")
    cut_away = late("2:reply").model_copy(update={"amount": 0})  # by the complaint's cap
    await Register(books).apply(number, [fact(1, "late", late(), cut_away)])
    async with books.session() as session:
        window = """INSERT INTO obligations
            (number, key, owed, role, unit, since, opens_at, due, measure, kind, opened, late)
            VALUES (:number, '1:objection', 'objection', 'branch_manager', 'foshan', now(), now(), now(), 'working_days',
                    'contract', true, false)"""
        await session.execute(text(window), {"number": number})
    assert (await drafted(books)).lines == ()
    async with books.session() as session:
        await session.execute(text("UPDATE obligations SET ending = 'default', ended_at = now()"))
    assert [line.id for line in (await drafted(books)).lines] == [f"{number}:1:findings:penalty"]
    assert (await signed(books)).total == 2000


async def test_what_is_objected_to_waits_and_what_was_waived_is_on_no_sheet(books: Database, receive: Receive) -> None:
    number = await receive(waybill="S-15")
    lines = [late(state).model_copy(update={"state": state}) for state in LatenessState]
    await Register(books).apply(number, [fact(1, "late", *lines)])
    assert {line.id for line in (await drafted(books)).lines} == {f"{number}:{state}:penalty" for state in ("open", "stands")}
    await signed(books)
    decided = late("objected").model_copy(update={"state": LatenessState.STANDS})
    await Register(books).apply(number, [fact(2, "decided", decided)])
    assert [line.id for line in (await drafted(books, DECEMBER)).lines] == [f"{number}:objected:penalty"]


async def test_a_correction_stands_on_the_sheet_of_its_own_month_and_takes_away(books: Database, receive: Receive) -> None:
    number = await penalised(books, receive, "S-10")
    await drafted(books)
    await signed(books)
    taken_back = reversed_(penalty(number), FIRST)
    await Register(books).apply(number, [fact(2, "corrected", taken_back)])
    (line,) = (await drafted(books, DECEMBER)).lines
    assert (line.source, line.amount, line.clause, line.review) == (Source.REVERSAL, -10000, "Q-203", f"{number}-R1")
    assert (line.reverses, line.by) == (f"{number}:{number}-R1:1:penalty", "c-agent")


async def test_the_sheet_reminds_whoever_it_waits_for_once_a_day_until_finance_is_done(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "S-11")
    rounds = SheetRounds(books)
    assert not await rounds.remind(NOVEMBER)
    await rounds.draft(NOVEMBER)
    assert await rounds.remind(NOVEMBER)
    assert await rounds.remind(NOVEMBER)
    await signed(books)
    await rounds.draft(NOVEMBER)  # done again after a crash
    async with books.session() as session:
        await penalty_sheets.publish(session, NOVEMBER, by="boss", at=FIRST)
    assert await rounds.remind(NOVEMBER)
    async with books.session() as session:
        sheet = await penalty_sheets.mark(session, NOVEMBER, [], reference="V-1", by="till", at=FIRST)
    assert sheet.status is SheetStatus.EXECUTED
    assert not await rounds.remind(NOVEMBER)
    async with books.session() as session:
        told = (await session.execute(text("""SELECT "to", params ->> 'status' FROM notices WHERE number = 'S2026-11'"""))).all()
    assert sorted(map(tuple, told)) == [("finance@hq", "published"), ("hq_supervisor@hq", "draft")]


async def test_a_mark_once_made_keeps_its_name(books: Database, receive: Receive) -> None:
    first, second = await penalised(books, receive, "S-12"), await penalised(books, receive, "S-13", amount=5000)
    await drafted(books)
    await signed(books)
    lines = [f"{number}:{number}-R1:1:penalty" for number in (first, second)]
    async with books.session() as session:
        await penalty_sheets.publish(session, NOVEMBER, by="boss", at=FIRST)
        one = await penalty_sheets.mark(session, NOVEMBER, lines[:1], reference="V-1", by="till", at=FIRST)
        assert one.status is SheetStatus.PUBLISHED
        await penalty_sheets.mark(session, NOVEMBER, lines, reference="V-2", by="other", at=FIRST + timedelta(days=1))
    async with books.session() as session:
        sheet = await penalty_sheets.get(session, NOVEMBER)
    assert sheet is not None
    assert {mark.line: (mark.by, mark.reference) for mark in sheet.marks} == {
        lines[0]: ("till", "V-1"),
        lines[1]: ("other", "V-2"),
    }
    assert MONDAY < FIRST
