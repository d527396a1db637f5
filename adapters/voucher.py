"""The default payout provider: a voucher number, paid by finance by hand and confirmed with its outcome."""

from __future__ import annotations

import hashlib

from domain.payouts import PayoutAnswer, PayoutOrder


class VoucherProvider:
    """Idempotent because it remembers nothing: the voucher number follows from the key, so every asking gets the same voucher."""

    name = "voucher"

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        return self._pending(order)

    async def ask(self, order: PayoutOrder) -> PayoutAnswer:
        return self._pending(order)

    def _pending(self, order: PayoutOrder) -> PayoutAnswer:
        return PayoutAnswer(outcome=None, reference=voucher_number(order.key), provider=self.name)


def voucher_number(key: str) -> str:
    """`V` and 12 digits: short enough to write on a slip, long enough that two keys never share one in practice."""
    return f"V{int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], 'big') % 10**12:012d}"
