"""Emergencies: whom they hit, how they are changed, and when asking comes too late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from domain.plan import EmergencyPlan
from store import dated, emergencies, units
from store.database import Database
from store.emergencies import Declared, EmergencyRefused
from store.tables import Emergency
from tests.store.test_units import HEADER

NOW = datetime(2026, 9, 20, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def network(fresh_database: Database) -> AsyncIterator[None]:
    """The demo network, with a branch below Foshan that lies in no region."""
    async with fresh_database.session() as session:
        await units.import_demo(session)
        await units.import_csv(session, HEADER + "foshan-sub,sub_branch,二级,Sub,,,,foshan\n")
    yield


async def declared(database: Database, **changes: Any) -> Emergency:
    said: dict[str, Any] = {"region": None, "branches": (), "text_zh": "台风", "text_en": "Typhoon"}
    plan: dict[str, Any] = {"id": emergencies.new_id(), "starts": NOW, "ends": NOW + DAY}
    plan |= {name: changes.pop(name) for name in list(changes) if name in EmergencyPlan.model_fields}
    async with database.session() as session:
        return await emergencies.declare(session, Declared(EmergencyPlan(**plan), **said | changes), by="hq", at=NOW)


async def seen_by(database: Database, unit: str, since: datetime = NOW) -> dict[str, EmergencyPlan]:
    async with database.session() as session:
        standing = (await units.standing(session, [unit]))[unit]
        return {e.id: e for e in (await dated.snapshot(session)).unit(standing, since, NOW).emergencies}


async def test_a_region_is_its_units_and_all_below_them(fresh_database: Database) -> None:
    emergency = await declared(fresh_database, region="广东")
    for hit in ("foshan", "foshan-sub", "hub-dongguan"):
        assert emergency.id in await seen_by(fresh_database, hit)
    for spared in ("minhang", "hq", "135-origin"):
        assert emergency.id not in await seen_by(fresh_database, spared)


async def test_branches_are_hit_by_name_and_the_effects_are_told(fresh_database: Database) -> None:
    emergency = await declared(fresh_database, branches=("minhang",), holds_visits=False)
    plan = (await seen_by(fresh_database, "minhang"))[emergency.id]
    assert (plan.stretches, plan.holds_visits, plan.exempts) == (True, False, True)
    assert emergency.id not in await seen_by(fresh_database, "foshan")


async def test_extended_and_lifted_each_is_a_change(fresh_database: Database) -> None:
    emergency = await declared(fresh_database, branches=("dali",))
    async with fresh_database.session() as session:
        longer = await emergencies.extend(session, emergency.id, NOW + 3 * DAY, by="hq", at=NOW)
        assert longer is not None
        assert longer.version > emergency.version
    assert (await seen_by(fresh_database, "dali"))[emergency.id].ends == NOW + 3 * DAY
    async with fresh_database.session() as session:
        over = await emergencies.lift(session, emergency.id, "雨停了", by="hq", at=NOW + DAY)
        assert over is not None
        assert over.version > longer.version
    assert (await seen_by(fresh_database, "dali"))[emergency.id].ends == NOW + DAY
    assert emergency.id not in await seen_by(fresh_database, "dali", since=NOW + 2 * DAY)  # received after it was over


async def test_lifted_before_it_began_it_never_was(fresh_database: Database) -> None:
    emergency = await declared(fresh_database, branches=("dali",), starts=NOW + DAY, ends=NOW + 2 * DAY)
    async with fresh_database.session() as session:
        await emergencies.lift(session, emergency.id, None, by="hq", at=NOW)
    assert emergency.id not in await seen_by(fresh_database, "dali")


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"branches": ("nowhere",)}, "branches", "no unit nowhere"),
        ({"region": "火星"}, "region", "No unit lies in the region 火星"),
        ({"branches": ("dali",), "ends": NOW}, "to", "ends after it begins"),
        ({"branches": ("dali",), "starts": NOW - 8 * DAY}, "from", "more than 7 days ago"),
        ({"branches": ("dali",), "starts": NOW - 2 * DAY, "ends": NOW - DAY}, "to", "is over moves nothing"),
    ],
)
async def test_what_makes_no_sense_is_refused(fresh_database: Database, changes: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(EmergencyRefused, match=said) as refused:
        await declared(fresh_database, **changes)
    assert refused.value.field == field


async def test_what_is_over_is_not_changed_any_more(fresh_database: Database) -> None:
    lifted, ended = await declared(fresh_database, branches=("dali",)), await declared(fresh_database, branches=("dali",))
    async with fresh_database.session() as session:
        await emergencies.lift(session, lifted.id, None, by="hq", at=NOW)
        for late in (
            emergencies.lift(session, lifted.id, None, by="hq", at=NOW),
            emergencies.extend(session, lifted.id, NOW + 9 * DAY, by="hq", at=NOW),
        ):
            with pytest.raises(EmergencyRefused, match="It was lifted at"):
                await late
        with pytest.raises(EmergencyRefused, match="It ended at"):
            await emergencies.lift(session, ended.id, None, by="hq", at=NOW + 2 * DAY)
        with pytest.raises(EmergencyRefused, match="already; to end it earlier, lift it"):
            await emergencies.extend(session, ended.id, NOW + DAY / 2, by="hq", at=NOW)
        assert await emergencies.lift(session, "E-none", None, by="hq", at=NOW) is None
