"""What is left at the end: who paid what to whom, who was late, and whether the books balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

from embedded.demo.cast import unit_name
from embedded.demo.sentences import ZONE, money, obligation

HOUSE = {"hq:payout": "HQ payout", "hq:quality_fund": "quality fund", "customers": "customer"}


@dataclass(frozen=True)
class Ending:
    """How a story ended: the complaint as the API shows it, and its ledger entries."""

    title: str
    complaint: dict[str, Any] | None
    entries: Sequence[dict[str, Any]] = ()

    @property
    def balance(self) -> int:
        return sum(entry["amount"]["amount"] for entry in self.entries)

    @property
    def closed(self) -> bool:
        return self.complaint is not None and self.complaint["status"] == "closed" and self.balance == 0

    @property
    def days(self) -> str:
        if self.complaint is None or self.complaint["closed_at"] is None:
            return "-"
        opened, closed = (
            datetime.fromisoformat(self.complaint[name]).astimezone(ZONE).date() for name in ("opened_at", "closed_at")
        )
        return str((closed - opened).days + 1)

    @property
    def late(self) -> list[str]:
        return [obligation(owed) for owed in self.complaint["obligations"] if owed["late"]] if self.complaint else []

    @property
    def moves(self) -> list[str]:
        """Each posting as payments: one side of it is always a single account."""
        told = []
        for _, posting in groupby(self.entries, lambda entry: entry["posting"]):
            sums = [(_account(entry["account"]), entry["amount"]["amount"]) for entry in posting]
            payers, payees = [s for s in sums if s[1] < 0], [s for s in sums if s[1] > 0]
            for payer, out in payers:
                told += [f"{payer} → {payee} {money(min(-out, in_))}" for payee, in_ in payees]
        return told


def _account(code: str) -> str:
    return HOUSE.get(code) or unit_name(code.removeprefix("unit:"))


def table(endings: Sequence[Ending], width: int) -> str:
    """One row a story."""
    books = money(sum(ending.balance for ending in endings))
    shown = Table(title="What became of them", caption=f"All postings of all four together: {books}", show_lines=True)
    shown.add_column("complaint", min_width=16)
    shown.add_column("days", justify="right")
    shown.add_column("who paid what to whom", no_wrap=True)
    shown.add_column("late", no_wrap=True)
    shown.add_column("ledger sum", justify="right")
    for ending in endings:
        number = f"{ending.complaint['number']}\n{ending.complaint['status']}" if ending.complaint else "never closed"
        moves, late = "\n".join(ending.moves) or "nothing", "\n".join(ending.late) or "nothing"
        shown.add_row(f"{ending.title}\n{number}", ending.days, moves, late, money(ending.balance))
    page = Console(file=StringIO(), width=width, force_terminal=False)
    page.print(shown)
    assert isinstance(page.file, StringIO)
    return page.file.getvalue().rstrip()
