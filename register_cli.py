"""The part of the `amends` command that works in the register: `amends network`, and what `rulebook_cli` needs for the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.plan import Period
from domain.values import UnitState
from embedded.children import CannotStart
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

network = typer.Typer(help="The units, their state and their calendars.", no_args_is_help=True)

Data = Annotated[
    Path,
    typer.Option(
        "--data", metavar="DIR", help="Where the installation keeps its data.", file_okay=False, envvar="AMENDS_DATA_DIR"
    ),
]
DATA = Path(".amends")
COMMAND = "amends"
"""Who changed a dated fact, when it was changed from here."""
TOLD = " Running complaints are told within a minute."


@network.command("import")
def network_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_hq: Annotated[bool, typer.Option("--as-hq", help="Also what HQ alone may: the network's calendar, days closed.")] = False,
    data: Data = DATA,
) -> None:
    """Units from a CSV (code,kind,name_zh,name_en,region,phone,email[,parent]), or calendars from YAML. All, or nothing."""
    from store import calendars, units

    calendar = file.suffix.lower() in (".yaml", ".yml")

    async def work(session: AsyncSession) -> None:
        try:
            if calendar:
                now = datetime.now(UTC)
                changed = await calendars.import_yaml(session, file.read_bytes(), as_hq=as_hq, by=COMMAND, at=now)
                typer.echo(f"{changed} calendars changed.{TOLD if changed else ''}")
                for year in await calendars.unknown_years(session, now.date()):
                    typer.echo(f"Warning: the public holidays of {year} are not known; there the week alone applies.")
            else:
                typer.echo(f"{await units.import_csv(session, file.read_text(encoding='utf-8-sig'))} units.")
        except (units.BrokenNetwork, calendars.BrokenCalendar, UnicodeDecodeError) as broken:
            raise CannotStart(f"{file} is not a {'calendar' if calendar else 'network'}:\n{broken}") from broken

    in_the_register(data, work)


@network.command("show")
def network_show(data: Data = DATA) -> None:
    """The units there are."""
    from store import units

    async def work(session: AsyncSession) -> None:
        columns = ("code", "kind", "名称", "name", "under", "region", "state", "successor")
        fields = ("code", "kind", "name_zh", "name_en", "parent", "region", "state", "successor")
        table(columns, [tuple(getattr(unit, field) for field in fields) for unit in await units.everyone(session)])

    in_the_register(data, work)


@network.command("holidays")
def network_holidays(years: Annotated[str, typer.Option("--years", metavar="FROM-TO", help="Such as 2025-2026.")]) -> None:
    """A calendar file of Chinese public holidays and make-up working days, to look through and import (--as-hq)."""
    from adapters.holidays import UnknownYears, snapshot

    first, _, last = years.partition("-")
    if not re.fullmatch(r"\d{4}(-\d{4})?", years, re.ASCII) or first > (last or first):
        raise CannotStart(f"{years!r} names no years; write 2026, or 2025-2026.")
    try:
        typer.echo(snapshot(range(int(first), int(last or first) + 1)), nl=False)
    except UnknownYears as unknown:
        raise CannotStart(str(unknown)) from unknown


@network.command("state")
def network_state(
    code: str,
    state: UnitState,
    successor: Annotated[str | None, typer.Option("--successor", help="Who does a closed unit's work; else the HQ desk.")] = None,
    data: Data = DATA,
) -> None:
    """Open, suspend (no new complaints) or close a unit."""
    from store import dated, units

    async def work(session: AsyncSession) -> None:
        try:
            unit = await dated.set_unit_state(session, code, state, successor, by=COMMAND, at=datetime.now(UTC))
        except units.UnitRefused as refused:
            raise CannotStart(str(refused)) from refused
        if unit is None:
            raise CannotStart(f"There is no unit {code} in the network.")
        typer.echo(f"{code} is {state}.{TOLD}")

    in_the_register(data, work)


@network.command("record-only")
def network_record_only(
    first: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    data: Data = DATA,
) -> None:
    """Rulings about these days, both included, are made and listed but not charged."""
    from store import dated

    if last < first:
        raise CannotStart("The last day comes before the first.")

    async def work(session: AsyncSession) -> None:
        period = Period(first=first.date(), last=last.date())
        await dated.set_record_only(session, period, by=COMMAND, at=datetime.now(UTC))
        typer.echo(f"Rulings from {period.first} to {period.last} are not charged.{TOLD}")

    in_the_register(data, work)


def in_the_register(data: Path, work: Callable[[AsyncSession], Coroutine[Any, Any, None]]) -> None:
    """One transaction in the register: the one AMENDS_DATABASE_URL names, or the embedded one, started if need be."""
    from embedded import postgres
    from store.database import Database
    from store.migrate import upgrade

    async def transaction(url: str) -> None:
        database = Database(url)
        try:
            async with database.session() as session:
                await work(session)
        finally:
            await database.close()

    given = Settings().database_url
    with nullcontext(given) if given else postgres.borrowed(data) as url:
        upgrade(url)
        asyncio.run(transaction(url))


def table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    lines = Table(*columns)
    for row in rows:
        lines.add_row(*("" if value is None else str(value) for value in row))
    Console().print(lines)
