"""People as far as the register has seen them: opaque codes, roles, units; names only where the installation gives them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import StaffMember


async def seen(session: AsyncSession, sub: str, roles: Iterable[str], branch: str, at: datetime | None = None) -> None:
    """Enter a person when first seen; afterwards renew roles and unit."""
    now = at or datetime.now(UTC)
    person = insert(StaffMember).values(sub=sub, unit=branch, roles=sorted(roles), first_seen=now, last_seen=now)
    renewed = {name: person.excluded[name] for name in ("unit", "roles", "last_seen")}
    await session.execute(person.on_conflict_do_update(index_elements=["sub"], set_=renewed))


async def get(session: AsyncSession, sub: str) -> StaffMember | None:
    return await session.get(StaffMember, sub)


async def names(session: AsyncSession, subs: Iterable[str]) -> dict[str, str]:
    """Names by code, of those who have one."""
    found = select(col(StaffMember.sub), col(StaffMember.name)).where(col(StaffMember.sub).in_(set(subs)))
    return {sub: name for sub, name in (await session.execute(found)).all() if name}
