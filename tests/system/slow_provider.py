"""A worker whose payout provider pays at once and says so late: in between, anything may happen to the worker.

Run as `python slow_provider.py worker`; the provider's own books are the file SLOW_PROVIDER_BOOKS, a line per order it took.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import cli
import worker
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.values import PayoutOutcome


class SlowProvider:
    """Pays a key once, as the contract asks of every provider; asked again it says what it said."""

    name = "slow"

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        books = Path(os.environ["SLOW_PROVIDER_BOOKS"])
        known = books.exists() and order.key in books.read_text().split()
        with books.open("a") as book:
            book.write(f"{order.key}\n")
        if not known:
            await asyncio.sleep(9)
        return PayoutAnswer(outcome=PayoutOutcome.PAID, reference=f"slow:{order.key}", provider=self.name)

    ask = send


if __name__ == "__main__":
    worker.VoucherProvider = SlowProvider  # type: ignore[misc,assignment]
    cli.main()
