"""Asking the register for the parcel: what other complaints about it were paid, and whether one more payment may be sent."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.claims import ClaimAsked, ClaimSeen


class ClaimsPort(Protocol):
    async def ask(self, asked: ClaimAsked) -> ClaimSeen:
        """Look, or claim a payment under its key; the same key is answered the same again. One asker of a waybill at a time."""
        ...

    async def release(self, key: str) -> None:
        """The payment of this key is not sent after all."""
        ...


class Claims:
    def __init__(self, port: ClaimsPort) -> None:
        self._port = port

    @activity.defn(name="ask_claim")
    async def ask_claim(self, asked: ClaimAsked) -> ClaimSeen:
        return await self._port.ask(asked)

    @activity.defn(name="release_claim")
    async def release_claim(self, key: str) -> None:
        await self._port.release(key)
