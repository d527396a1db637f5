"""A parcel was found: what that leaves too much of final penalties is given back, in the register."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.lessened import GiveBack, Given


class PenaltiesPort(Protocol):
    async def give_back(self, asked: GiveBack) -> Given:
        """Reverse and post anew, once a review, in the open month; asked again, the same answer."""
        ...


class Penalties:
    def __init__(self, port: PenaltiesPort) -> None:
        self._port = port

    @activity.defn(name="give_back_penalties")
    async def give_back_penalties(self, asked: GiveBack) -> Given:
        return await self._port.give_back(asked)
