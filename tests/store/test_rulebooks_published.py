"""A rulebook is drafted, reviewed and approved by three people, and never changed afterwards - whoever asks."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.publishing import AlreadyPublished, AnotherContent, ConfirmedAlready, Draft, NotThreePeople, Part
from domain.rulebook import BrokenRulebook
from store import publishing, rulebooks
from store.database import Database
from store.rulebooks import Stored
from tests.store.cases import MONDAY
from tests.store.test_rulebooks import STARTER

PEOPLE = {Part.DRAFTER: "c-drafts", Part.REVIEWER: "c-reviews", Part.APPROVER: "c-approves"}


def document(**changes: Any) -> dict[str, Any]:
    """The starter under a version of its own."""
    return rulebooks.parse(STARTER) | {"version": uuid4().hex[:8]} | changes


async def drafted(database: Database, by: str = PEOPLE[Part.DRAFTER], **changes: Any) -> Draft:
    async with database.session() as session:
        draft = await publishing.draft(session, document(**changes), by=by, at=MONDAY)
    assert isinstance(draft, Draft)
    return draft


async def confirmed(database: Database, version: str, part: Part, by: str | None = None, **read: Any) -> Draft:
    async with database.session() as session:
        return await publishing.confirm(session, version, part, by=by or PEOPLE[part], **{"at": MONDAY} | read)


async def published(database: Database, at: datetime = MONDAY, **changes: Any) -> Stored:
    version = (await drafted(database, **changes)).version
    for part in (Part.REVIEWER, Part.APPROVER):
        await confirmed(database, version, part, at=at)
    async with database.session() as session:
        stored = await rulebooks.get(session, version)
    assert stored is not None
    return stored


async def test_with_the_third_persons_word_it_is_published_and_not_before(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    assert draft.waits_for == [Part.REVIEWER, Part.APPROVER]
    approved = await confirmed(fresh_database, draft.version, Part.APPROVER, hash=draft.hash)
    assert approved.waits_for == [Part.REVIEWER]
    async with fresh_database.session() as session:
        assert await rulebooks.get(session, draft.version) is None
        assert draft.version in [one.version for one in await publishing.under_way(session)]
    assert (await confirmed(fresh_database, draft.version, Part.REVIEWER)).waits_for == []
    async with fresh_database.session() as session:
        stored = await rulebooks.get(session, draft.version)
        assert stored is not None
        assert (stored.hash, stored.document, stored.published_by) == (draft.hash, draft.document, PEOPLE[Part.APPROVER])
        assert draft.version not in [one.version for one in await publishing.under_way(session)]
        assert {one.part: one.by for one in (await publishing.confirmed(session))[draft.version]} == PEOPLE


@pytest.mark.parametrize("part", [Part.REVIEWER, Part.APPROVER])
async def test_one_person_does_not_confirm_for_two(fresh_database: Database, part: Part) -> None:
    draft = await drafted(fresh_database)
    with pytest.raises(NotThreePeople, match=f"{PEOPLE[Part.DRAFTER]} has confirmed {draft.version} as its drafter already"):
        await confirmed(fresh_database, draft.version, part, by=PEOPLE[Part.DRAFTER])


async def test_confirming_again_changes_nothing_and_confirming_over_somebody_is_refused(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    first = await confirmed(fresh_database, draft.version, Part.REVIEWER)
    assert await confirmed(fresh_database, draft.version, Part.REVIEWER) == first
    with pytest.raises(ConfirmedAlready, match=PEOPLE[Part.REVIEWER]):
        await confirmed(fresh_database, draft.version, Part.REVIEWER, by="c-other")


async def test_a_changed_draft_loses_its_confirmations_even_when_it_is_changed_back(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    await confirmed(fresh_database, draft.version, Part.REVIEWER)
    changed = await drafted(fresh_database, by="c-other", version=draft.version, note="Read again.")
    assert changed.waits_for == [Part.REVIEWER, Part.APPROVER]
    assert changed.by(Part.DRAFTER) == "c-other"
    with pytest.raises(AnotherContent, match=changed.hash):
        await confirmed(fresh_database, draft.version, Part.APPROVER, hash=draft.hash)
    again = await drafted(fresh_database, version=draft.version)
    assert (again.hash, again.revision) == (draft.hash, 3)
    assert again.waits_for == [Part.REVIEWER, Part.APPROVER]


async def test_the_same_content_drafted_again_keeps_its_confirmations(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    reviewed = await confirmed(fresh_database, draft.version, Part.REVIEWER)
    assert await drafted(fresh_database, by="c-other", version=draft.version) == reviewed


async def test_of_two_who_confirm_at_once_one_is_second(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    both = (confirmed(fresh_database, draft.version, Part.REVIEWER, by=by) for by in ("c-one", "c-two"))
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Draft, ConfirmedAlready}


async def test_of_two_who_change_a_draft_at_once_both_are_on_record(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    notes = (drafted(fresh_database, version=draft.version, note=note) for note in ("one", "two"))
    assert sorted(one.revision for one in await asyncio.gather(*notes)) == [2, 3]


async def test_what_is_published_is_not_drafted_again(fresh_database: Database) -> None:
    stored = await published(fresh_database)
    async with fresh_database.session() as session:
        assert await publishing.draft(session, stored.document, by="c-other", at=MONDAY) == stored
        with pytest.raises(AlreadyPublished, match=f"Rulebook {stored.version} is published with other content"):
            await publishing.draft(session, stored.document | {"note": "Other."}, by="c-other", at=MONDAY)


async def test_nobody_confirms_what_nobody_drafted(fresh_database: Database) -> None:
    with pytest.raises(publishing.NoSuchDraft):
        await confirmed(fresh_database, "nowhere", Part.REVIEWER)


async def test_a_broken_rulebook_is_not_drafted_and_one_that_broke_meanwhile_is_not_published(fresh_database: Database) -> None:
    broken = document(ladders={})
    async with fresh_database.session() as session:
        with pytest.raises(BrokenRulebook):
            await publishing.draft(session, broken, by="c-drafts", at=MONDAY)
        with pytest.raises(BrokenRulebook, match="cannot be the name of a version"):
            await publishing.draft(session, document(version="diff"), by="c-drafts", at=MONDAY)
    version = broken["version"]
    async with fresh_database.session() as session:
        row = {"version": version, "hash": "h", "document": "{}"}
        await session.execute(text("INSERT INTO rulebook_drafts VALUES (:version, 1, :hash, '2026-01-01', 'n', :document)"), row)
        for part in (Part.DRAFTER, Part.REVIEWER):
            said = row | {"part": part, "sub": PEOPLE[part]}
            await session.execute(
                text("INSERT INTO rulebook_confirmations VALUES (:version, 1, :part, :hash, :sub, now())"), said
            )
    with pytest.raises(BrokenRulebook):
        await confirmed(fresh_database, version, Part.APPROVER)


@pytest.mark.parametrize("table", ["rulebook_versions", "rulebook_drafts", "rulebook_confirmations"])
@pytest.mark.parametrize("act", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_nobody_changes_what_is_on_record_not_even_at_the_databases_prompt(
    fresh_database: Database, table: str, act: str
) -> None:
    await published(fresh_database)
    with pytest.raises(DBAPIError, match="append-only"):
        async with fresh_database.session() as session:
            await session.execute(text(act.format(table)))


async def test_nor_publishes_what_three_people_did_not_confirm(fresh_database: Database) -> None:
    draft = await drafted(fresh_database)
    await confirmed(fresh_database, draft.version, Part.REVIEWER)
    entry = text("INSERT INTO rulebook_versions VALUES (:version, :hash, '2026-01-01', '', '{}', now(), 'c-drafts')")
    with pytest.raises(IntegrityError, match="confirmed by 2 of three people"):
        async with fresh_database.session() as session:
            await session.execute(entry, {"version": draft.version, "hash": draft.hash})


async def test_the_latest_that_has_taken_effect_is_in_force_each_from_its_own_day(fresh_database: Database) -> None:
    spring, summer = date(2031, 3, 1), date(2031, 6, 1)
    late = await published(fresh_database, effective=summer.isoformat())
    early = await published(fresh_database, effective=spring.isoformat())
    async with fresh_database.session() as session:
        in_force = {day: await rulebooks.active(session, day) for day in (date(2031, 2, 28), spring, date(2031, 5, 31), summer)}
        overtaken = await publishing.overtaken(session, date(2031, 5, 1), today=date(2031, 7, 1))
        assert await publishing.overtaken(session, date(2031, 5, 1), today=date(2031, 4, 1)) is None
    assert in_force[spring] == in_force[date(2031, 5, 31)] == early
    assert in_force[summer] == overtaken == late
    assert in_force[date(2031, 2, 28)] not in (early, late)
    corrected = await published(fresh_database, at=MONDAY + timedelta(hours=1), effective=summer.isoformat())
    async with fresh_database.session() as session:
        assert await rulebooks.active(session, summer) == corrected
