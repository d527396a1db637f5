"""The network comes in whole or not at all."""

from __future__ import annotations

import pytest

from store import staff, units
from store.database import Database
from store.units import BrokenNetwork, read_csv
from tests.store.cases import MONDAY

HEADER = "code,kind,name_zh,name_en,region,phone,email,parent\n"
HQ = {"hq": None}


async def test_the_demo_network_is_a_tree_under_hq(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        assert await units.import_demo(session) == 10
        assert await units.import_demo(session) == 0
        plan = await units.plan(session, "foshan")
        assert plan is not None
        assert (plan.kind, plan.ancestors) == ("branch", ("hq",))
        assert await units.plan(session, "nowhere") is None
        assert len(await units.below(session, "hq")) == 10


async def test_units_are_renewed_by_code_and_hang_where_they_are_put(fresh_database: Database) -> None:
    nested = "gd-sub,sub_branch,二级,Sub,广东,,,gd-b\ngd-b,branch,网点,Branch,广东,,,gd\ngd,province,广东,Guangdong,广东,,,\n"
    async with fresh_database.session() as session:
        await units.import_demo(session)
        assert await units.import_csv(session, "\ufeff" + HEADER + nested) == 3
        plan = await units.plan(session, "gd-sub")
        assert plan is not None
        assert plan.ancestors == ("gd-b", "gd", "hq")
        assert await units.below(session, "gd") == {"gd", "gd-b", "gd-sub"}
        assert await units.import_csv(session, HEADER + "gd-b,branch,网点,Renamed,广东,,,hq\n") == 1
        renamed = await units.get(session, "gd-b")
        assert renamed is not None
        await session.refresh(renamed)
        assert (renamed.name_en, renamed.parent) == ("Renamed", "hq")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("code,kind\n", "line 1: the header has no name_zh"),
        ("", "line 1: the header has no code"),
        (HEADER.replace("parent", "boss"), "line 1: the header has unknown columns: boss"),
        (HEADER + "a b,branch,甲,A,,,,\n", "line 2: 'a b' is no unit code"),
        (HEADER + "a,shop,甲,A,,,,\n", "line 2: unit a has kind 'shop'"),
        (HEADER + "a,branch,,A,,,,\n", "line 2: unit a has no name_zh"),
        (HEADER + "a,branch,甲,A,,,x,\n", "line 2: unit a has an e-mail"),
        (HEADER + "a,branch,甲,A,,,,\na,branch,甲,A,,,,\n", "line 3: unit a is there twice"),
        (HEADER + "a,branch,甲,A,,,,b\n", "line 2: unit a stands under b, which does not exist"),
        (HEADER + "a,branch,甲,A,,,,b\nb,branch,乙,B,,,,a\n", "stands under itself"),
        (HEADER + "a,hq,甲,A,,,,\n", "the one unit of kind hq has the code hq"),
        (HEADER + "a,branch,甲,A,,,,,,\n", "line 2: has more fields"),
        (HEADER + 'a,branch,"甲,A\n', "line 2: "),
    ],
)
def test_a_broken_network_is_refused_line_by_line(source: str, said: str) -> None:
    with pytest.raises(BrokenNetwork, match=said):
        read_csv(source, HQ)


async def test_people_are_entered_when_first_seen_and_renewed_after(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        await staff.seen(session, "chen", ["branch_agent"], "foshan", MONDAY)
    async with fresh_database.session() as session:
        await staff.seen(session, "chen", ["branch_manager", "branch_agent"], "dali", MONDAY.replace(day=17))
    async with fresh_database.session() as session:
        person = await staff.get(session, "chen")
        assert person is not None
        assert (person.unit, person.roles) == ("dali", ["branch_agent", "branch_manager"])
        assert (person.first_seen, person.last_seen) == (MONDAY, MONDAY.replace(day=17))
        assert await staff.names(session, ["chen"]) == {}
