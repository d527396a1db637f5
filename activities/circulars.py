"""Telling running complaints of dated facts that changed: who has not heard, and the telling."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.commands import News
from domain.plan import Frozen


class Untold(Frozen):
    """A running complaint, and what it has to be told."""

    number: str
    news: News


class Told(Frozen):
    """How many were told, and the number of the last; None when nobody was left."""

    told: int = 0
    last: str | None = None


class CircularPort(Protocol):
    async def untold(self, after: str, limit: int) -> list[Untold]:
        """At most `limit` complaints numbered after `after` that a change concerns and that have not heard of it, in order."""
        ...

    async def tell(self, number: str, news: News) -> None:
        """Tell a complaint; one that has ended meanwhile needs nothing. Raises while it cannot be told."""
        ...


class Circulars:
    def __init__(self, port: CircularPort) -> None:
        self._port = port

    @activity.defn(name="tell_dated_facts")
    async def tell_dated_facts(self, after: str, limit: int) -> Told:
        """Done again after a crash, it finds whom it had not told, and tells some a second time: to them it is no news."""
        found = await self._port.untold(after, limit)
        for one in found:
            activity.heartbeat()
            await self._port.tell(one.number, one.news)
        return Told(told=len(found), last=found[-1].number) if found else Told()
