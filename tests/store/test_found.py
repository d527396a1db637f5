"""A parcel found in time: the register gives back the half of what is final, once, naming what it corrects, in the open month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select, text
from sqlmodel import col

from domain import postings
from domain.commands import ClauseLine
from domain.corrections import Correction, DecideCorrection, corrected, correction_row
from domain.lessened import GiveBack, GivenBack
from domain.rows import line_rows
from store import corrections, months, penalty_sheets, reviews, rulebooks
from store.database import Database
from store.found import Penalties
from store.register import Register
from store.tables import Correction as CorrectionTable
from store.tables import LedgerEntry, PenaltyLine, Posting
from tests.domain.test_corrections import decision
from tests.store import books
from tests.store.cases import MONDAY, fact

SOON = MONDAY + timedelta(days=5)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def version(fresh_database: Database) -> str:
    async with fresh_database.session() as session:
        return (await rulebooks.publish_starter(session, at=datetime.now(UTC))).version


async def penalised(database: Database, number: str, *, charged: bool = True) -> None:
    """Foshan's Q-203 of ¥100 is final; it was ruled on Monday."""
    ruling = {"ruled_by": "rui", "ruled_at": MONDAY.isoformat(), "clauses": [], "how": "reviewer"}
    review = books.final_review(number).model_copy(update={"ruling": ruling})
    line = books.final_line(number).model_copy(
        update={"charged": charged, "arithmetic": "10000 fen", "arithmetic_zh": "10000 分"}
    )
    posted = [books.penalty(number)] if charged else []
    await Register(database).apply(number, [fact(1, "review_final", review, line, *posted)])


async def given_back(database: Database, number: str, at: datetime = SOON) -> list[GivenBack]:
    return list((await Penalties(database).give_back(GiveBack(number=number, at=at, by="feng", words_ref="words"))).lines)


async def standing(database: Database, number: str) -> tuple[dict[str, int], dict[str, str | None], PenaltyLine]:
    """Balances of the complaint, what each posting reverses, and the line."""
    async with database.session() as session:
        entries = (await session.execute(select(LedgerEntry).where(col(LedgerEntry.number) == number))).scalars().all()
        posted = (await session.execute(select(Posting).where(col(Posting.number) == number))).scalars().all()
        line = (await session.execute(select(PenaltyLine).where(col(PenaltyLine.number) == number))).scalar_one()
        await months.prove(session)
    balances: dict[str, int] = {}
    for entry in entries:
        balances[entry.account] = balances.get(entry.account, 0) + entry.amount
    return balances, {posting.key: posting.reverses for posting in posted}, line


async def test_the_half_is_given_back_once_by_entries_that_name_what_they_reverse(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    number = await received(waybill="found-1", rulebook_version=version)
    await penalised(fresh_database, number)
    [given] = await given_back(fresh_database, number)
    assert (given.complaint, given.unit, given.clause, given.before, given.remaining) == (number, "foshan", "Q-203", 10000, 5000)
    key = f"{number}-R1:1"
    for _ in range(2):
        balances, reverses, line = await standing(fresh_database, number)
        assert balances == {"unit:foshan": -5000, "hq:quality_fund": 5000}
        assert reverses == {
            f"{key}:penalty": None,
            f"{key}:penalty:reversed": f"{key}:penalty",
            f"{number}-R1-F:{key}:penalty": None,
        }
        assert (line.amount, line.remaining, line.found) == (10000, 5000, True)
        assert line.arithmetic == "10000 fen × 50 % (found within 7 days) = 5000 fen"
        assert line.arithmetic_zh == "10000 分 × 50 %（7 日内找回） = 5000 分"
        assert await given_back(fresh_database, number) == [given]  # its answer was lost: asked again
    async with fresh_database.session() as session:
        row = await session.get_one(CorrectionTable, (number, f"{number}-R1-F"))
    assert (row.status, row.opened_by, row.decided_by, row.reasons_ref) == ("corrected", "feng", "system", "words")


async def test_found_too_late_nothing_is_given_back(fresh_database: Database, received: Callable[..., Any], version: str) -> None:
    number = await received(waybill="found-2", rulebook_version=version)
    await penalised(fresh_database, number)
    assert await given_back(fresh_database, number, MONDAY + timedelta(days=8)) == []
    assert (await standing(fresh_database, number))[0] == {"unit:foshan": -10000, "hq:quality_fund": 10000}


async def test_what_a_record_only_period_spared_is_lessened_on_paper(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    number = await received(waybill="found-3", rulebook_version=version)
    await penalised(fresh_database, number, charged=False)
    assert [given.remaining for given in await given_back(fresh_database, number)] == [5000]
    balances, reverses, line = await standing(fresh_database, number)
    assert (balances, reverses, line.remaining) == ({}, {}, 5000)


async def test_what_was_corrected_before_is_halved_and_is_corrected_no_further_than_the_half(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    number = await received(waybill="found-4", rulebook_version=version)
    await penalised(fresh_database, number)
    await _corrected(fresh_database, number, decision(6000))
    assert [given.remaining for given in await given_back(fresh_database, number)] == [3000]
    balances, reverses, _ = await standing(fresh_database, number)
    assert balances == {"unit:foshan": -3000, "hq:quality_fund": 3000}
    assert f"{number}-R1-C1:{number}-R1:1:penalty" in reverses.values()
    found = await _ground(fresh_database, number)
    assert [(line.remaining, line.full) for line in found.ground.review.lines] == [(3000, 5000)]


async def test_a_line_that_a_correction_added_is_of_its_review_from_then_on_and_of_who_decided_on_the_sheet(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    number = await received(waybill="added-1", rulebook_version=version)
    await penalised(fresh_database, number)
    before = (await _ground(fresh_database, number)).ground.review
    await _corrected(fresh_database, number, decision(6000, added=(ClauseLine(code="Q-604"),)))
    async with fresh_database.session() as session:
        now = await corrections.lines_now(session, number, before)
        sheet = [line for line in await penalty_sheets.due(session, "2026-11") if line.complaint == number]
    assert [(line.clause, line.remaining) for line in now] == [("Q-203", 6000), ("Q-604", 500_00)]
    decided = {("Q-203", -10000), ("Q-203", 6000), ("Q-604", 500_00)}
    assert {(line.clause, line.amount): line.by for line in sheet} == {("Q-203", 10000): "rui"} | dict.fromkeys(
        decided, "c-agent"
    )


async def _ground(database: Database, number: str) -> Correction:
    async with database.session() as session:
        review = await reviews.get(session, f"{number}-R1")
        assert review is not None
        pinned = await rulebooks.get(session, review.complaint.rulebook_version)
        assert pinned is not None
        ground = await corrections.ground(session, review, pinned.rulebook.resolved)
    opened: dict[str, Any] = {"opened_by": "ren", "opened_at": MONDAY, "reasons_ref": "t", "due": MONDAY, "lapses": MONDAY}
    return Correction(id=f"{number}-R1-C1", ground=ground, **opened)


async def _corrected(database: Database, number: str, said: DecideCorrection) -> None:
    """As the process of a correction tells it."""
    this = await _ground(database, number)
    result = corrected(this, said, MONDAY)
    rows = [*line_rows(this.ground.review, result.lines, final=True), *result.postings]
    told = fact(0, "correction_corrected", correction_row(this, said, result, MONDAY), *rows)
    await Register(database).add(number, told)


async def test_it_is_given_back_in_whichever_complaint_about_the_parcel_it_was_posted(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    sender = await received(waybill="linked-1", rulebook_version=version)
    recipient = await received(waybill="linked-1", rulebook_version=version, phone="139 0000 0002")
    await penalised(fresh_database, sender)
    given = await Penalties(fresh_database).give_back(GiveBack(number=recipient, at=SOON, by="feng"))
    assert ([(line.complaint, line.remaining) for line in given.lines], given.others) == ([(sender, 5000)], (sender,))
    assert (await standing(fresh_database, sender))[0] == {"unit:foshan": -5000, "hq:quality_fund": 5000}


async def test_after_closing_it_is_given_back_in_the_old_complaint_and_lands_in_the_open_month(
    fresh_database: Database, received: Callable[..., Any], version: str
) -> None:
    """The last test of this module: it closes a month."""
    old = await received(waybill="found-5", rulebook_version=version)
    await penalised(fresh_database, old)
    new = await received(waybill="found-6", rulebook_version=version)
    async with fresh_database.session() as session:
        await session.execute(text("UPDATE complaints SET continues = :old WHERE number = :new"), {"old": old, "new": new})
        await months.close(session, "2026-11", by="fan", at=datetime(2026, 12, 1, tzinfo=UTC))
    assert [(given.complaint, given.remaining) for given in await given_back(fresh_database, new)] == [(old, 5000)]
    balances, reverses, _ = await standing(fresh_database, old)
    assert balances == {"unit:foshan": -5000, "hq:quality_fund": 5000}
    async with fresh_database.session() as session:
        said = select(Posting).where(col(Posting.number) == old)
        by_month = {posting.key: posting.month for posting in (await session.execute(said)).scalars()}
    before = postings.reversed_(books.penalty(old), SOON).key
    assert {key: month for key, month in by_month.items() if month != "2026-11"} == dict.fromkeys(
        (before, f"{old}-R1-F:{old}-R1:1:penalty"), "2026-12"
    )
    assert reverses[before] == f"{old}-R1:1:penalty"
