"""The network: a tree of units, read as plans for a case and brought in as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.plan import UnitPlan
from domain.values import UnitKind, UnitState
from store.tables import Unit

HQ = "hq"
COLUMNS = ("code", "kind", "name_zh", "name_en", "region", "phone", "email")
OPTIONAL = ("parent",)
CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+$")
LONGEST = 200

_ABOVE = text("""
    WITH RECURSIVE above AS (
        SELECT code AS unit, code, parent, kind, 0 AS height FROM units WHERE code = ANY(:codes)
        UNION ALL
        SELECT a.unit, u.code, u.parent, u.kind, a.height + 1 FROM units u JOIN above a ON u.code = a.parent WHERE a.height < 20
    )
    SELECT unit, a.code, a.kind, u.state, u.successor FROM above a JOIN units u ON u.code = unit ORDER BY unit, height
""")
_BELOW = text("""
    WITH RECURSIVE below AS (
        SELECT code FROM units WHERE code = :code
        UNION
        SELECT u.code FROM units u JOIN below b ON u.parent = b.code
    )
    SELECT code FROM below
""")


class BrokenNetwork(ValueError):
    """The CSV is not a network; `problems` names each line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnitRefused(ValueError):
    """A unit cannot be put into that state; the message says why."""


@dataclass(frozen=True)
class Standing:
    """A unit as a case knows it, and whether it is open."""

    plan: UnitPlan
    state: str
    successor: str | None


async def standing(session: AsyncSession, codes: Iterable[str]) -> dict[str, Standing]:
    """Units with all above them, in one look; unknown codes are left out."""
    lines: dict[str, list[Any]] = {}
    for row in (await session.execute(_ABOVE, {"codes": sorted(set(codes))})).all():
        lines.setdefault(row.unit, []).append(row)
    return {
        unit: Standing(
            UnitPlan(code=unit, kind=UnitKind(line[0].kind), ancestors=tuple(row.code for row in line[1:])),
            line[0].state,
            line[0].successor,
        )
        for unit, line in lines.items()
    }


async def plans(session: AsyncSession, codes: Iterable[str]) -> dict[str, UnitPlan]:
    """Units as a case knows them; unknown codes are left out."""
    return {code: unit.plan for code, unit in (await standing(session, codes)).items()}


async def plan(session: AsyncSession, code: str) -> UnitPlan | None:
    return (await plans(session, [code])).get(code)


async def below(session: AsyncSession, code: str) -> set[str]:
    """A unit and every unit under it."""
    return set((await session.execute(_BELOW, {"code": code})).scalars())


async def get(session: AsyncSession, code: str) -> Unit | None:
    return await session.get(Unit, code)


async def everyone(session: AsyncSession) -> list[Unit]:
    return list((await session.execute(select(Unit).order_by(col(Unit.code)))).scalars())


async def set_state(session: AsyncSession, code: str, state: UnitState, successor: str | None = None) -> Unit | None:
    """Open, suspend or close a unit; None when there is no such unit. Raises `UnitRefused`.

    Whoever calls this holds the turn of `store.dated` and counts the change.
    """
    unit = await session.get(Unit, code, populate_existing=True)
    if unit is None:
        return None
    if code == HQ and state is not UnitState.OPEN:
        raise UnitRefused("Headquarters stays open: what nobody else can do is done there.")
    if successor is not None:
        if state is not UnitState.CLOSED:
            raise UnitRefused("Only a closed unit has a successor.")
        after = await session.get(Unit, successor)
        if after is None or successor == code:
            raise UnitRefused(f"There is no other unit {successor} in the network.")
        if after.state != UnitState.OPEN:
            raise UnitRefused(f"The unit {successor} is {after.state} itself and cannot take over.")
    if (unit.state, unit.successor) == (state, successor):
        raise UnitRefused(f"The unit {code} is {state} already.")
    unit.state, unit.successor = state, successor
    await session.flush()
    return unit


async def import_csv(session: AsyncSession, source: str) -> int:
    """Bring units in, or renew them, by code; answers how many. All or nothing: BrokenNetwork says what is wrong where."""
    known = {unit.code: unit.parent for unit in await everyone(session)}
    rows = read_csv(source, known)
    if rows:
        # One statement: parents and children may come in any order.
        given = insert(Unit).values([{**row, "state": "open"} for row in rows])
        renewed = {name: given.excluded[name] for name in (*COLUMNS[1:], "parent")}
        await session.execute(given.on_conflict_do_update(index_elements=["code"], set_=renewed))
    return len(rows)


async def import_demo(session: AsyncSession) -> int:
    """The demo network, for an installation that has no units."""
    if await session.scalar(select(col(Unit.code)).limit(1)) is not None:
        return 0
    return await import_csv(session, (files("rulebooks") / "network.csv").read_text("utf-8"))


def read_csv(source: str, known: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    """The units of a CSV, checked against themselves and the units known already (code → parent)."""
    reader = csv.DictReader(io.StringIO(source.removeprefix("\ufeff")), strict=True)
    header = [name.strip() for name in reader.fieldnames or []]
    if missing := [name for name in COLUMNS if name not in header]:
        raise BrokenNetwork([f"line 1: the header has no {', '.join(missing)}"])
    if surplus := [name for name in header if name not in COLUMNS + OPTIONAL]:
        raise BrokenNetwork([f"line 1: the header has unknown columns: {', '.join(surplus)}"])
    reader.fieldnames = header
    problems: list[str] = []
    rows: dict[str, dict[str, str | None]] = {}
    lines: dict[str, int] = {}
    try:
        for given in reader:
            row = {name: (given.get(name) or "").strip() or None for name in COLUMNS + OPTIONAL}
            wrong = "has more fields than the header" if None in given else _wrong(row, rows)
            if wrong:
                problems.append(f"line {reader.line_num}: {wrong}")
                continue
            code = str(row["code"])
            row["parent"] = None if row["kind"] == UnitKind.HQ else row["parent"] or HQ
            rows[code], lines[code] = row, reader.line_num
    except csv.Error as broken:
        problems.append(f"line {reader.line_num + 1}: {broken}")
    parents = {**known, **{code: row["parent"] for code, row in rows.items()}}
    problems += [f"line {lines[code]}: {wrong}" for code in rows if (wrong := _misplaced(code, parents))]
    if problems:
        raise BrokenNetwork(problems)
    return list(rows.values())


def _wrong(row: Mapping[str, str | None], rows: Mapping[str, object]) -> str | None:
    code, kind = row["code"] or "", row["kind"]
    if not CODE.match(code):
        return f"{code!r} is no unit code (letters, digits, - and _, at most 40)"
    if code in rows:
        return f"unit {code} is there twice"
    if kind not in set(UnitKind):
        return f"unit {code} has kind {kind!r}; the kinds are {', '.join(UnitKind)}"
    if (kind == UnitKind.HQ) != (code == HQ):
        return f"unit {code}: the one unit of kind hq has the code hq"
    if unnamed := [name for name in ("name_zh", "name_en") if not row[name]]:
        return f"unit {code} has no {unnamed[0]}"
    if row["email"] and not EMAIL.match(row["email"]):
        return f"unit {code} has an e-mail address without an @ or with a space"
    if long := [name for name, value in row.items() if value and len(value) > LONGEST]:
        return f"unit {code}: {long[0]} is longer than {LONGEST} characters"
    return None


def _misplaced(code: str, parents: Mapping[str, str | None]) -> str | None:
    """Why a unit hangs nowhere, or under itself."""
    seen, unit = {code}, parents[code]
    while unit is not None:
        if unit not in parents:
            return f"unit {code} stands under {unit}, which does not exist"
        if unit in seen:
            return f"unit {code} stands under itself"
        seen.add(unit)
        unit = parents[unit]
    return None
