"""`amends network` as somebody types it: calendars, holidays, record-only periods and the state of units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest

from domain.hours import NetworkCalendar
from domain.plan import UnitHours
from store import calendars, dated, units
from store.database import Database
from tests.api.prompt import type_here

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
async def typed(fresh_database: Database, fresh_database_url: str) -> Typed:
    """What `amends network …` answers in a register with the demo network: its exit code and its words."""
    environment = {"AMENDS_DATABASE_URL": fresh_database_url, "COLUMNS": "200"}
    async with fresh_database.session() as session:
        await units.import_demo(session)

    return partial(type_here, "network", environment=environment)


async def version(database: Database) -> int:
    async with database.session() as session:
        return await dated.version(session)


async def test_the_holidays_of_a_year_are_made_into_a_file_and_imported(
    fresh_database: Database, typed: Typed, tmp_path: Path
) -> None:
    code, said = typed("holidays", "--years", "2026")
    assert (code, "2026-10-10: 国庆节" in said, "2025-" in said) == (0, True, False), said
    file = tmp_path / "calendar.yaml"
    file.write_text(said, "utf-8")
    refused = typed("import", str(file))
    assert (refused[0], "say --as-hq" in refused[1]) == (1, True), refused
    before = await version(fresh_database)
    code, said = typed("import", str(file), "--as-hq")
    assert (code, "1 calendars changed. Running complaints are told within a minute." in said) == (0, True), said
    assert "0 calendars changed.\n" in typed("import", str(file), "--as-hq")[1]
    assert await version(fresh_database) == before + 1
    async with fresh_database.session() as session:
        network = (await calendars.get(session, "hq")).calendar
    assert isinstance(network, NetworkCalendar)
    assert (network.years, network.holidays[date(2026, 10, 1)]) == ((2026,), "国庆节")


@pytest.mark.parametrize(
    ("years", "words"), [("2090", "knows 2004 to "), ("soon", "names no years"), ("2027-2026", "names no years")]
)
def test_years_the_source_does_not_know_are_not_made_up(typed: Typed, years: str, words: str) -> None:
    code, said = typed("holidays", "--years", years)
    assert (code, words in said) == (1, True), said


async def test_the_shipped_snapshot_is_what_the_command_makes(typed: Typed) -> None:
    first, last = calendars.years_known()[0], calendars.years_known()[-1]
    assert typed("holidays", "--years", f"{first}-{last}")[1].encode() == calendars.shipped()


async def test_a_branchs_hours_are_imported_and_its_closed_days_are_hqs(
    fresh_database: Database, typed: Typed, tmp_path: Path
) -> None:
    file = tmp_path / "dali.yml"
    file.write_text("units:\n  dali:\n    week:\n      sun: [['09:00', '12:00']]\n", "utf-8")
    assert typed("import", str(file))[0] == 0
    file.write_text("units: {dali: {closed: [2026-12-31]}}", "utf-8")
    code, said = typed("import", str(file))
    assert (code, "units.dali.closed" in said, "closed by HQ alone" in said) == (1, True, True), said
    async with fresh_database.session() as session:
        assert (await calendars.get(session, "dali")).calendar == UnitHours(week={"sun": [("09:00", "12:00")]})
    assert typed("import", str(file), "--as-hq")[0] == 0


async def test_a_calendar_that_does_not_know_the_year_says_so_and_one_that_does_is_silent(
    fresh_database: Database, typed: Typed, tmp_path: Path
) -> None:
    file, today = tmp_path / "calendar.yaml", datetime.now(UTC).date()
    this, following = today.year, (today + calendars.SOON).year
    file.write_text(f"network: {{years: [{this - 1}], holidays: ['{this - 1}-01-01']}}", "utf-8")
    assert f"Warning: the public holidays of {this} are not known" in typed("import", str(file), "--as-hq")[1]
    file.write_text(f"network: {{years: [{this}], holidays: ['{following}-01-01']}}", "utf-8")
    assert "Warning" not in typed("import", str(file), "--as-hq")[1]
    async with fresh_database.session() as session:
        assert await calendars.unknown_years(session, date(this, 1, 1)) == []
        assert await calendars.unknown_years(session, date(following + 1, 11, 10)) == [following + 1, following + 2]


async def test_a_unit_is_closed_and_shown_with_its_successor(fresh_database: Database, typed: Typed) -> None:
    before = await version(fresh_database)
    code, said = typed("state", "houjie", "closed", "--successor", "dali")
    assert (code, "houjie is closed." in said) == (0, True), said
    assert "houjie is closed already" in typed("state", "houjie", "closed", "--successor", "dali")[1]
    assert "no unit nowhere" in typed("state", "nowhere", "open")[1]
    assert await version(fresh_database) == before + 1
    (line,) = [line for line in typed("show")[1].splitlines() if "houjie" in line]
    assert ("closed" in line, "dali" in line) == (True, True)


async def test_a_record_only_period_is_set(fresh_database: Database, typed: Typed) -> None:
    code, said = typed("record-only", "2027-01-01", "2027-01-31")
    assert (code, "Rulings from 2027-01-01 to 2027-01-31 are not charged." in said) == (0, True), said
    assert typed("record-only", "2027-02-01", "2027-01-31")[0] == 1
    async with fresh_database.session() as session:
        assert [(p.first, p.last) for p in await dated.record_only(session)] == [(date(2027, 1, 1), date(2027, 1, 31))]
