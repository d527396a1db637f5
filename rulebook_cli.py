"""The part of the `amends` command that is about the rules: `amends rulebook`."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import BaseModel

from domain.calendar import DAYS
from domain.publishing import Part
from embedded.children import CannotStart
from register_cli import DATA, Data, in_the_register, table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.publishing import Draft
    from domain.rulebook import Rulebook
    from store.rulebook_text import Checked
    from store.rulebooks import Stored

rulebook = typer.Typer(help="The rules, as documents with versions.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@rulebook.command("list")
def rulebook_list(data: Data = DATA) -> None:
    """The versions there are, the latest effective first: drafts, then what is published."""
    from store import publishing, rulebooks

    async def work(session: AsyncSession) -> None:
        current = await rulebooks.active(session, _today())
        rows = [
            (*_line(draft), f"draft, waits for {' and '.join(draft.waits_for)}") for draft in await publishing.under_way(session)
        ]
        for book in await rulebooks.versions(session):
            in_force = current is not None and current.version == book.version
            rows.append((*_line(book), "effective" if in_force else "published"))
        table(("version", "effective", "hash", "note", "status"), rows)

    in_the_register(data, work)


@rulebook.command("show")
def rulebook_show(version: str, data: Data = DATA) -> None:
    """One version, or its draft, as YAML; who confirmed it stands above."""
    import yaml

    from store import publishing, rulebooks

    async def work(session: AsyncSession) -> None:
        book = await _find(session, version)
        for said in (await publishing.confirmed(session)).get(version, ()):
            typer.echo(f"# {said.part}: {said.by}, {said.at:%Y-%m-%d %H:%M}")
        typer.echo(f"# hash: {book.hash}")
        typer.echo(yaml.safe_dump(_as_written(book.document, rulebooks.read(book.document)), allow_unicode=True, sort_keys=False))

    in_the_register(data, work)


@rulebook.command("check")
def rulebook_check(file: File) -> None:
    """Whether a YAML file is a rulebook that could be published; if not, what is wrong. Warnings do not stop it."""
    found = _examined(file)
    assert found.rulebook is not None
    typer.echo(
        f"{file} is sound: rulebook {found.rulebook.version}, effective {found.rulebook.effective}, hash {found.hash[:12]}."
    )


@rulebook.command("publish")
def rulebook_publish(
    file: File,
    effective: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day, whatever the file says.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="SUB", help="Who confirms this content, one --by each; else you.")
    ] = None,
    data: Data = DATA,
) -> None:
    """Confirm this content: its drafter first, then its reviewer, its approver - three people. With the third it is published."""
    from store import publishing

    confirming = people(by or [_you()])
    found = _examined(file, effective.date() if effective else None)
    again = f"amends rulebook publish {file}" + (f" --effective {effective.date()}" if effective else "")
    told: list[str] = []

    async def work(session: AsyncSession) -> None:
        book = await _confirmed(session, found, confirming)
        if unseen := await _on_trust(session, book, confirming):
            told.append(f"The register has never seen {' or '.join(unseen)}: who they are is taken on trust.")
        told.append(_standing(book, again))
        if (later := await publishing.overtaken(session, book.effective, _today())) is not None:
            told.append(f"Rulebook {later.version}, effective {later.effective}, stays in force all the same: it is later.")

    in_the_register(data, work)
    typer.echo("\n".join(told))


@rulebook.command("diff")
def rulebook_diff(
    a: Annotated[str, typer.Argument(help="A version, or a file.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of the sentences.")] = "en",
    data: Data = DATA,
) -> None:
    """What changes from A to B, in sentences."""
    from domain.rulebook_diff import differences
    from store import rulebooks

    books = {name: _in_file(Path(name)) for name in (a, b) if Path(name).is_file()}

    async def work(session: AsyncSession) -> None:
        for version in {a, b} - books.keys():
            books[version] = rulebooks.read((await _find(session, version)).document)

    if {a, b} - books.keys():
        in_the_register(data, work)
    typer.echo("\n".join(differences(books[a], books[b], language)) or "Nothing: they say the same.")


@rulebook.command("schema")
def rulebook_schema() -> None:
    """The JSON Schema of the document, for editors."""
    from store import rulebooks

    typer.echo(json.dumps(rulebooks.schema(), ensure_ascii=False, indent=2))


def _in_file(file: Path) -> Rulebook:
    from store.rulebook_text import check

    found = check(file.read_bytes())
    if found.rulebook is None:
        raise CannotStart("\n".join([f"{file} is no rulebook:", *found.problems]))
    return found.rulebook


async def _confirmed(session: AsyncSession, found: Checked, confirming: Sequence[str]) -> Draft | Stored:
    """The draft with what each of these people had still to say of it."""
    from domain.errors import RuleBroken
    from domain.rulebook import BrokenRulebook
    from store import publishing
    from store.rulebooks import Stored

    try:
        book = await publishing.draft(session, found.document, by=confirming[0], at=datetime.now(UTC))
        for person in confirming:
            if not isinstance(book, Stored) and book.waits_for and book.part_of(person) is None:
                book = await publishing.confirm(session, book.version, book.waits_for[0], by=person, at=datetime.now(UTC))
    except (RuleBroken, BrokenRulebook) as refused:
        raise CannotStart(str(refused)) from refused
    return book


async def _on_trust(session: AsyncSession, book: Draft | Stored, confirming: Sequence[str]) -> list[str]:
    """Those who confirmed now and whom the register has never seen; `CannotStart` for one whose role there is another."""
    from domain.publishing import WHO, Draft
    from store import staff

    unseen = []
    for said in book.confirmations if isinstance(book, Draft) else ():
        if said.by in confirming:
            person = await staff.get(session, said.by)
            if person is None:
                unseen.append(said.by)
            elif not WHO[said.part] & set(person.roles):
                whose = "an HQ supervisor" if said.part is Part.APPROVER else "somebody of HQ"
                raise CannotStart(f"{said.by} is {', '.join(person.roles)} in the register; the {said.part} is {whose}.")
    return unseen


def _standing(draft: Draft | Stored, again: str) -> str:
    """What became of it, and whose word is still missing."""
    from store.rulebooks import Stored

    if isinstance(draft, Stored):
        return f"Rulebook {draft.version} is published already, with this content."
    if not draft.waits_for:
        return f"Rulebook {draft.version} is published, effective {draft.effective}. Complaints already received keep theirs."
    said = ", ".join(f"{one.part} {one.by}" for one in draft.confirmations)
    missing = " and ".join(f"its {part}" for part in draft.waits_for)
    earlier = " What was said of an earlier content of it does not count." if draft.revision > 1 else ""
    return (
        f"Rulebook {draft.version} is drafted, not yet published ({said}).{earlier}\n"
        f"It waits for {missing}, another person each, to confirm this content ({draft.hash[:12]}):\n"
        f"  {again} --by SUB\n"
        f"or POST /v1/rulebooks/{draft.version}/confirm with their own token."
    )


def _examined(file: Path, effective: date | None = None) -> Checked:
    """The sound document in a file, its warnings told; `CannotStart` with everything that is wrong with it."""
    from api.examining import effective_from, examine
    from domain.rulebook import BrokenRulebook

    found = examine(file.read_bytes())
    if found.problems:
        raise CannotStart("\n".join([f"{file} cannot be published:", *found.problems]))
    for warning in found.warnings:
        typer.echo(f"Warning: {warning}")
    try:
        return effective_from(found, effective) if effective else found
    except BrokenRulebook as broken:
        raise CannotStart(f"It cannot be published from {effective}:\n{broken}") from broken


def people(named: Sequence[str]) -> Sequence[str]:
    """Up to three different staff codes; `CannotStart` otherwise."""
    from api.auth import SUB

    if wrong := [person for person in named if not SUB.fullmatch(person)]:
        raise CannotStart(f"{wrong[0]!r} is no staff code; say who confirms with --by.")
    if len(set(named)) < len(named) or len(named) > len(Part):
        raise CannotStart(f"Drafter, reviewer and approver are three people; --by named {', '.join(named)}.")
    return named


def _you() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise CannotStart("This process runs as nobody the system knows by name; say who confirms with --by.") from None


def _today() -> date:
    from store.intake import BUSINESS_ZONE

    return datetime.now(BUSINESS_ZONE).date()


async def _find(session: AsyncSession, version: str) -> Draft | Stored:
    from store import publishing, rulebooks

    found = await rulebooks.get(session, version) or await publishing.get(session, version)
    if found is None:
        raise CannotStart(f"There is no rulebook {version}. `amends rulebook list` shows those there are.")
    return found


def _as_written(document: Any, read: Any) -> Any:
    """What a document says in the order of the model and of the week; the register keeps keys by their length."""
    match document:
        case dict() if isinstance(read, BaseModel):
            names = list(type(read).model_fields)
            return {key: _as_written(document[key], getattr(read, key)) for key in sorted(document, key=names.index)}
        case dict() if isinstance(read, Mapping):
            days = sorted(document, key=lambda key: DAYS.index(key) if key in DAYS else 0)
            return {key: _as_written(document[key], read.get(key)) for key in days}
        case list() if isinstance(read, list | tuple) and len(read) == len(document):
            return [_as_written(*pair) for pair in zip(document, read, strict=True)]
        case _:
            return document


def _line(book: Draft | Stored) -> tuple[Any, ...]:
    return book.version, book.effective, book.hash[:12], book.note
