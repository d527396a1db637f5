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
        if not _known(order.key):
            await asyncio.sleep(9)
        return PayoutAnswer(outcome=PayoutOutcome.PAID, reference=f"slow:{order.key}", provider=self.name)

    ask = send


def _known(key: str) -> bool:
    """Writes the order down; whether it had been taken before."""
    books = Path(os.environ["SLOW_PROVIDER_BOOKS"])
    known = books.exists() and key in books.read_text().split()
    with books.open("a") as book:
        book.write(f"{key}\n")
    return known


if __name__ == "__main__":
    vars(worker)["VoucherProvider"] = SlowProvider
    cli.main()
