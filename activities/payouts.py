"""Paying customers: the one thing that leaves the house as money."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.payouts import PayoutAnswer, PayoutOrder


class PayoutProvider(Protocol):
    """Who pays. Both calls are idempotent by `order.key`; any error means *unknown*: Temporal asks again under the same key."""

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        """Pay, unless this key was paid already; then answer what became of it."""
        ...

    async def ask(self, order: PayoutOrder) -> PayoutAnswer:
        """What became of the order with this key. Never pays; `unknown` when the provider has never heard of it."""
        ...


class Payouts:
    """A regular activity, not a local one: a payment is worth its history events (architecture 13)."""

    def __init__(self, provider: PayoutProvider) -> None:
        self.provider = provider

    @activity.defn(name="send_payout")
    async def send_payout(self, order: PayoutOrder) -> PayoutAnswer:
        return await self.provider.send(order)

    @activity.defn(name="ask_payout")
    async def ask_payout(self, order: PayoutOrder) -> PayoutAnswer:
        return await self.provider.ask(order)
