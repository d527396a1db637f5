"""Notices are claimed by one dispatcher at a time and never lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from domain.record import NoticeRow
from store import complaints, units
from store.database import Database
from store.digests import Digests
from store.outbox import Outbox
from store.register import Register
from tests.store.cases import MONDAY, fact

MINUTE = timedelta(minutes=1)
EMERGENCY = (
    text("INSERT INTO dated_changes (version, at, what, by) VALUES (1, now(), 'emergency', 'h') ON CONFLICT DO NOTHING"),
    text("""
        INSERT INTO emergencies (id, branches, starts, ends, text_zh, text_en, stretches, holds_visits, exempts, declared_at,
                                 declared_by, version)
        VALUES ('E-storm', '{}', now(), now(), '台风停运', 'Typhoon', true, true, true, now(), 'h', 1) ON CONFLICT DO NOTHING
    """),
)
BOOK = text(
    "INSERT INTO rulebook_versions (version, hash, effective, note, document, published_at, published_by) "
    "VALUES (:version, '', '2026-01-01', '', CAST(:document AS jsonb), now(), 'setup')"
)


def notice(key: str, to: str = "branch_agent@foshan", language: str = "zh", **params: str) -> NoticeRow:
    told = {"owed": "findings", **params}
    return NoticeRow(key=key, template="late", to=to, language=language, params=told, noted_at=MONDAY)


async def test_a_claimed_notice_is_nobody_elses_until_its_lease_is_over(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    number = await received(waybill="O-1")
    await Register(fresh_database).apply(number, [fact(1, "late", *(notice(str(n)) for n in range(5)))])
    async with fresh_database.session() as session:
        await units.import_demo(session)
    outbox = Outbox(fresh_database)
    assert await outbox.waiting() == 5
    claims = await asyncio.gather(*(outbox.claim(3, MINUTE) for _ in range(3)))
    keys = [due.key for claim in claims for due in claim]
    assert sorted(keys) == ["0", "1", "2", "3", "4"]
    assert {(due.address, due.name, due.attempts) for claim in claims for due in claim} == {
        ("foshan@amends.example", "佛山网点", 1)
    }
    assert await outbox.claim(9, MINUTE) == []
    first = next(due for claim in claims for due in claim)
    await outbox.failed(first, "mailbox full", timedelta(0))
    assert [(due.key, due.attempts) for due in await outbox.claim(9, timedelta(0))] == [(first.key, 2)]
    assert [due.key for due in await outbox.claim(9, MINUTE)] == [first.key]  # its holder died: the lease is over
    await outbox.sent(first, "<message>")
    await outbox.failed(first, "too late to say so", None)
    async with fresh_database.session() as session:
        told = {row.key: row for row in await complaints.notices(session, number)}
    assert (told[first.key].state, told[first.key].message_id, told[first.key].sent_at is not None) == ("sent", "<message>", True)


async def test_a_notice_given_up_is_not_tried_again(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="O-2")
    await Register(fresh_database).apply(number, [fact(1, "late", notice("lost"), notice("nowhere", "complainant"))])
    outbox = Outbox(fresh_database)
    lost, nowhere = [due for due in await outbox.claim(9, MINUTE) if due.number == number]
    assert (nowhere.address, nowhere.name) == (None, "陈先生")
    await outbox.failed(lost, "no such mailbox", None)
    await outbox.no_address(nowhere)
    async with fresh_database.session() as session:
        states = {row.key: row.state for row in await complaints.notices(session, number)}
    assert states == {"lost": "failed", "nowhere": "no_address"}


async def test_a_notice_brings_what_its_complaints_rulebook_says_and_units_by_name(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    worded = {"late": {"zh": {"subject": "S", "body": "B"}, "en": {"subject": "T", "body": "C"}}}
    book = {"notices": {"wordings": worded}, "desk": {"timezone": "Asia/Urumqi"}}
    async with fresh_database.session() as session:
        await session.execute(BOOK, {"version": "worded", "document": json.dumps(book)})
        await session.execute(BOOK, {"version": "silent", "document": "{}"})
    for version, waybill in (("worded", "O-3"), ("silent", "O-4"), ("unpublished", "O-5")):
        number = await received(waybill=waybill, phone=f"139 0000 00{waybill[2:]}", rulebook_version=version)
        told = [notice(f"{version}-zh", unit="foshan"), notice(f"{version}-en", language="en", unit="elsewhere")]
        await Register(fresh_database).apply(number, [fact(1, "late", *told)])
    due = {due.key: due for due in await Outbox(fresh_database).claim(20, MINUTE)}
    assert {key: notice.wording for key, notice in due.items() if notice.wording} == {
        "worded-zh": worded["late"]["zh"],
        "worded-en": worded["late"]["en"],
    }
    assert {key: notice.params for key, notice in due.items() if key.startswith("silent")} == {
        "silent-zh": {"owed": "findings", "unit": "佛山网点"},
        "silent-en": {"owed": "findings", "unit": "elsewhere"},
    }
    assert (due["worded-zh"].zone, due["silent-zh"].zone, due["unpublished-zh"].zone) == ("Asia/Urumqi", None, None)


@pytest.mark.parametrize(("language", "read"), [("zh", "台风停运"), ("en", "Typhoon"), ("fr", "台风停运")])
async def test_an_emergency_is_told_in_its_own_words(
    fresh_database: Database, received: Callable[..., Any], language: str, read: str
) -> None:
    async with fresh_database.session() as session:
        for statement in EMERGENCY:
            await session.execute(statement)
    number = await received(waybill=f"O-6-{language}", phone=f"139 0001 00{len(language)}{ord(language[0])}")
    told = notice("storm", "complainant", language, emergency="E-storm")
    await Register(fresh_database).apply(number, [fact(1, "emergency", told)])
    (due,) = [due for due in await Outbox(fresh_database).claim(50, MINUTE) if due.number == number]
    assert due.params["text"] == read


async def test_what_the_process_marks_for_the_digest_goes_nowhere_else(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    number = await received(waybill="O-7", phone="139 0000 0700")
    climbed = notice("climbed", "hq_supervisor@hq", due=MONDAY.isoformat(), unit="foshan").model_copy(update={"digest": True})
    await Register(fresh_database).apply(number, [fact(1, "late", climbed)])
    assert not [due for due in await Outbox(fresh_database).claim(50, MINUTE) if due.number == number]
    (digest,) = await Digests(fresh_database, datetime.now(ZoneInfo("Asia/Shanghai")).time()).claim(9, MINUTE)
    (line,) = digest.params["lines"]
    assert (digest.to, line["number"], line["unit"], line["owed"]) == ("hq_supervisor@hq", number, "佛山网点", "findings")
