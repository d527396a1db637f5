"""The part of the `amends` command that works in the register: `amends network`, and what `rulebook_cli` needs for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embedded.children import CannotStart
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

network = typer.Typer(help="The units: branches, hubs, HQ.", no_args_is_help=True)

Data = Annotated[
    Path,
    typer.Option(
        "--data", metavar="DIR", help="Where the installation keeps its data.", file_okay=False, envvar="AMENDS_DATA_DIR"
    ),
]
DATA = Path(".amends")


@network.command("import")
def network_import(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], data: Data = DATA) -> None:
    """Add or renew units from a CSV: code,kind,name_zh,name_en,region,phone,email[,parent]. All lines, or none."""
    from store import units

    async def work(session: AsyncSession) -> None:
        try:
            typer.echo(f"{await units.import_csv(session, file.read_text(encoding='utf-8-sig'))} units.")
        except (units.BrokenNetwork, UnicodeDecodeError) as broken:
            raise CannotStart(f"{file} is not a network:\n{broken}") from broken

    in_the_register(data, work)


@network.command("show")
def network_show(data: Data = DATA) -> None:
    """The units there are."""
    from store import units

    async def work(session: AsyncSession) -> None:
        rows = [(unit.code, unit.kind, unit.name_zh, unit.name_en, unit.parent) for unit in await units.everyone(session)]
        table(("code", "kind", "名称", "name", "under"), rows)

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
