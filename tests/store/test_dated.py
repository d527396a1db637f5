"""Dated facts: every change is counted, and whoever has not heard of it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.commands import News
from domain.hours import NetworkCalendar
from domain.plan import Period, Spans, UnitHours
from domain.values import UnitState
from store import calendars, dated, rulebooks, units
from store.calendars import BrokenCalendar, OnlyHqTakesAway
from store.database import Database
from store.intake import mark_started
from store.units import UnitRefused

NOW = datetime(2026, 9, 20, 2, 0, tzinfo=UTC)
EVENING: Spans = [("18:00", "20:00")]


@pytest.fixture
async def running(fresh_database: Database, received: Callable[..., Any]) -> Callable[..., Any]:
    """Receives a complaint that knows every change so far, and whose process runs."""

    async def run(**changes: Any) -> str:
        async with fresh_database.session() as session:
            book = await rulebooks.publish_starter(session, at=NOW)
            await units.import_demo(session)
            known = {"dated_version": await dated.version(session), "rulebook_version": book.version}
        number: str = await received(received_at=NOW, waybill=None, **known | changes)
        async with fresh_database.session() as session:
            await mark_started(session, number, NOW)
        return number

    return run


async def untold(database: Database, *numbers: str) -> dict[str, News]:
    """Of these complaints, those that have news to hear."""
    async with database.session() as session:
        return {one.number: one.news for one in await dated.untold(session, "", 1000, NOW) if one.number in numbers}


async def put(database: Database, unit: str, hours: UnitHours, *, as_hq: bool = False) -> bool:
    async with database.session() as session:
        return await calendars.put_unit(session, unit, hours, as_hq=as_hq, by="somebody", at=NOW)


async def test_a_change_is_told_to_the_complaints_of_its_unit_and_to_no_others(
    fresh_database: Database, running: Callable[..., Any]
) -> None:
    foshan, elsewhere = await running(phone="1"), await running(phone="2", units=["dali", "zhuhai"], origin="dali")
    assert await put(fresh_database, "foshan", UnitHours(week={"mon": EVENING}))
    told = await untold(fresh_database, foshan, elsewhere)
    assert set(told) == {foshan}
    units_told = {unit.code: unit for unit in told[foshan].units}
    assert set(units_told) == {"foshan", "zhuhai", "hq"}
    assert units_told["foshan"].hours == UnitHours(week={"mon": EVENING})
    assert units_told["zhuhai"].hours is None


async def test_what_says_the_same_again_is_no_change(fresh_database: Database) -> None:
    hours = UnitHours(dates={date(2026, 10, 3): EVENING})
    assert await put(fresh_database, "houjie", hours)
    async with fresh_database.session() as session:
        before = await dated.version(session)
    assert not await put(fresh_database, "houjie", hours)
    async with fresh_database.session() as session:
        assert await dated.version(session) == before


async def test_the_networks_calendar_concerns_everybody_and_reaches_as_far_as_a_complaint_may_need(
    fresh_database: Database, running: Callable[..., Any]
) -> None:
    one, other = await running(phone="3"), await running(phone="4", units=["dali"])
    far, near, past = date(2028, 1, 1), date(2026, 10, 1), date(2026, 1, 1)
    network = NetworkCalendar(holidays={near: "国庆节", far: "元旦", past: "元旦"}, working={date(2026, 10, 11): "国庆节"})
    async with fresh_database.session() as session:
        assert await calendars.put_network(session, network, by="hq", at=NOW)
    told = await untold(fresh_database, one, other)
    assert set(told) == {one, other}
    calendar = told[one].dated.calendar
    assert calendar.holidays == (near,)
    assert calendar.overrides == {date(2026, 10, 11): [("08:30", "12:00"), ("13:30", "18:00")]}


async def test_who_knows_the_latest_version_has_nothing_to_hear(fresh_database: Database, running: Callable[..., Any]) -> None:
    before = await running(phone="5")
    async with fresh_database.session() as session:
        await dated.set_record_only(session, Period(first=date(2026, 12, 1), last=date(2026, 12, 31)), by="hq", at=NOW)
    after = await running(phone="6")
    told = await untold(fresh_database, before, after)
    assert set(told) == {before}
    assert told[before].dated.record_only == (Period(first=date(2026, 12, 1), last=date(2026, 12, 31)),)


async def test_a_complaint_not_started_yet_is_not_told(fresh_database: Database, received: Callable[..., Any]) -> None:
    waiting = await received(phone="7", waybill=None)
    assert await put(fresh_database, "foshan", UnitHours(week={"tue": EVENING}))
    assert await untold(fresh_database, waiting) == {}


async def test_a_closed_units_complaints_hear_who_follows_it(fresh_database: Database, running: Callable[..., Any]) -> None:
    number = await running(phone="8", units=["shenzhen"])
    async with fresh_database.session() as session:
        await dated.set_unit_state(session, "shenzhen", UnitState.CLOSED, "guangzhou", by="hq", at=NOW)
    news = (await untold(fresh_database, number))[number]
    assert [(unit.code, unit.state, unit.successor) for unit in news.units] == [
        ("shenzhen", "closed", "guangzhou"),
        ("guangzhou", "open", None),
        ("hq", "open", None),
    ]


async def test_who_is_followed_is_told_before_who_follows(fresh_database: Database, running: Callable[..., Any]) -> None:
    """Obligations are handed on in that order, so that none ends at a closed unit."""
    number = await running(phone="9", units=["135-origin", "houjie"], origin="houjie")
    async with fresh_database.session() as session:
        await dated.set_unit_state(session, "houjie", UnitState.CLOSED, "135-origin", by="hq", at=NOW)
        await dated.set_unit_state(session, "135-origin", UnitState.CLOSED, "zhuhai", by="hq", at=NOW)
    news = (await untold(fresh_database, number))[number]
    assert [unit.code for unit in news.units] == ["houjie", "135-origin", "hq", "zhuhai"]


@pytest.mark.parametrize(
    ("code", "state", "successor", "said"),
    [
        ("hq", UnitState.CLOSED, None, "Headquarters stays open"),
        ("dali", UnitState.SUSPENDED, "foshan", "Only a closed unit has a successor"),
        ("dali", UnitState.CLOSED, "dali", "no other unit dali"),
        ("dali", UnitState.CLOSED, "nowhere", "no other unit nowhere"),
        ("dali", UnitState.CLOSED, "minhang", "minhang is suspended itself"),
        ("dali", UnitState.OPEN, None, "dali is open already"),
    ],
)
async def test_a_unit_is_closed_only_if_somebody_can_follow(
    fresh_database: Database, running: Callable[..., Any], code: str, state: UnitState, successor: str | None, said: str
) -> None:
    async with fresh_database.session() as session:
        await units.import_demo(session)
        minhang = await units.get(session, "minhang")
        assert minhang is not None
        minhang.state = "suspended"
    async with fresh_database.session() as session:
        with pytest.raises(UnitRefused, match=said):
            await units.set_state(session, code, state, successor)


async def test_versions_are_seen_in_their_order(fresh_database: Database) -> None:
    """A later change waits for the earlier one to be committed: nobody ever sees 8 without 7."""
    seen: list[int] = []
    began = asyncio.Event()

    async def slow() -> None:
        async with fresh_database.session() as session:
            seen.append(await dated.changed(session, "first", None, by="a", at=NOW))
            began.set()
            await asyncio.sleep(0.2)

    async def quick() -> None:
        await began.wait()
        async with fresh_database.session() as session:
            seen.append(await dated.changed(session, "second", None, by="b", at=NOW))
        async with fresh_database.session() as session:
            assert await dated.version(session) == seen[1]

    await asyncio.gather(slow(), quick())
    assert seen[1] == seen[0] + 1


async def test_a_branch_adds_hours_and_only_hq_takes_a_day_away(fresh_database: Database) -> None:
    shut = (date(2026, 11, 30),)
    with pytest.raises(OnlyHqTakesAway, match="closed by HQ alone"):
        await put(fresh_database, "zhuhai", UnitHours(closed=shut))
    assert await put(fresh_database, "zhuhai", UnitHours(closed=shut), as_hq=True)
    assert await put(fresh_database, "zhuhai", UnitHours(week={"sun": EVENING}))
    async with fresh_database.session() as session:
        kept = (await calendars.get(session, "zhuhai")).calendar
    assert kept == UnitHours(week={"sun": EVENING}, closed=shut)  # what HQ closed stays closed


async def test_the_shipped_snapshot_is_brought_in_where_there_is_none(new_database: Callable[[], str]) -> None:
    database = Database(new_database())
    try:
        async with database.session() as session:
            assert await calendars.import_snapshot(session, at=NOW)
        async with database.session() as session:
            assert not await calendars.import_snapshot(session, at=NOW)
            network = (await calendars.get(session, "hq")).calendar
            assert await dated.version(session) == 1
    finally:
        await database.close()
    assert isinstance(network, NetworkCalendar)
    assert network.holidays[date(2026, 10, 1)] == "国庆节"
    assert network.working[date(2026, 10, 10)] == "国庆节"
    assert calendars.years_known() == network.years == (2025, 2026)
    assert network.source.startswith("chinesecalendar ")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("network: {week: {monday: []}}", "network: unknown day of the week 'monday'"),
        ("network: {week: {mon: []}}", "network: the desk is never open"),
        ("network:\n  overrides:\n    2026-10-01: [['18:00', '08:00']]", "2026-10-01: 18:00-08:00 does not end after it begins"),
        ("network: {holidays: [2026-02-30]}", "day is out of range for month"),
        ("network: {holidays: [soon]}", "network.holidays.soon"),
        ("network: {holidays: {'86400': x}}", "network.holidays.86400: a day is written as in 2026-05-23"),
        ("units: {dali: {dates: {'86400': [['09:00', '10:00']]}}}", "units.dali.dates.86400: a day is written as"),
        ("network: {holidays: [2026-10-01], working: [2026-10-01]}", "2026-10-01 is both a holiday and a working day"),
        ("network: {holiday: []}", "network.holiday: Extra inputs"),
        ("units: {nowhere: {}}", "there is no unit nowhere in the network"),
        ("units: {hq: {}}", "stands under `network`"),
        ("units: {dali: {week: {sun: [['09:00', '10:00'], ['09:30', '11:00']]}}}", "units.dali: sun: 09:30-11:00 overlaps"),
        ("units: {dali: {closed: [2026-10-09]}}", "closed by HQ alone"),
        ("- a list", "not a mapping"),
        ("a: &a [*a]", "contains itself"),
    ],
)
async def test_a_broken_calendar_is_refused_whole_and_says_where(fresh_database: Database, source: str, said: str) -> None:
    async with fresh_database.session() as session:
        await units.import_demo(session)
        before = await dated.version(session)
    as_hq = source.startswith("network")
    with pytest.raises(BrokenCalendar, match=said):
        async with fresh_database.session() as session:
            await calendars.import_yaml(session, source, as_hq=as_hq, by="cli", at=NOW)
    async with fresh_database.session() as session:
        assert await dated.version(session) == before


async def test_the_networks_calendar_is_not_a_branchs_to_import(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        with pytest.raises(BrokenCalendar, match="HQ's to change"):
            await calendars.import_yaml(session, "network: {holidays: [2026-12-25]}", as_hq=False, by="cli", at=NOW)


async def test_a_complaint_carries_its_own_stretch_of_the_calendar(fresh_database: Database) -> None:
    hours = UnitHours(week={"sun": EVENING}, dates={date(2026, 9, 30): EVENING, date(2027, 12, 31): EVENING})
    async with fresh_database.session() as session:
        await units.import_demo(session)
        await calendars.put_unit(session, "guangzhou", hours, as_hq=True, by="hq", at=NOW)
        standing = (await units.standing(session, ["guangzhou"]))["guangzhou"]
        plan = (await dated.snapshot(session)).unit(standing, NOW, NOW + timedelta(days=1))
    assert plan.hours == UnitHours(week={"sun": EVENING}, dates={date(2026, 9, 30): EVENING})
