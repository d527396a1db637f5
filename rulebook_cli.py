"""The part of the `amends` command that is about the rules: `amends rulebook`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedded.children import CannotStart
from register_cli import DATA, Data, in_the_register, table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

rulebook = typer.Typer(help="The rules, as documents with versions.", no_args_is_help=True)


@rulebook.command("list")
def rulebook_list(data: Data = DATA) -> None:
    """The versions there are, newest first."""
    from store import rulebooks

    async def work(session: AsyncSession) -> None:
        rows = [(book.version, book.effective, book.hash[:12], book.note) for book in await rulebooks.versions(session)]
        table(("version", "effective", "hash", "note"), rows)

    in_the_register(data, work)


@rulebook.command("show")
def rulebook_show(version: str, data: Data = DATA) -> None:
    """One version, as YAML."""
    import yaml

    from store import rulebooks

    async def work(session: AsyncSession) -> None:
        book = await rulebooks.get(session, version)
        if book is None:
            raise CannotStart(f"There is no rulebook {version}. `amends rulebook list` shows those there are.")
        typer.echo(yaml.safe_dump(book.document, allow_unicode=True, sort_keys=False))

    in_the_register(data, work)


@rulebook.command("check")
def rulebook_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Whether a YAML file is a rulebook that could be published; if not, what is wrong."""
    from domain.rulebook import BrokenRulebook, content_hash, read_rulebook
    from store.rulebooks import parse

    try:
        document = parse(file.read_bytes())
        book = read_rulebook(document)
    except BrokenRulebook as broken:
        raise CannotStart(f"{file} cannot be published:\n{broken}") from broken
    typer.echo(f"{file} is sound: rulebook {book.version}, effective {book.effective}, hash {content_hash(document)[:12]}.")
