"""What moves on the network's accounts (domain §5): posting sets in fen that sum to zero, each keyed by its business event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.offers import Offer
from domain.plan import Clause
from domain.record import Entry, PostingRow
from domain.reviews import Line, Review, Share, split
from domain.values import Fen, LedgerKind

PAYOUT_ACCOUNT = "hq:payout"
CUSTOMERS = "customers"
QUALITY_FUND = "hq:quality_fund"


def unit_account(unit: str) -> str:
    return f"unit:{unit}"


def _moved(key: str, kind: LedgerKind, moves: Sequence[tuple[str, Fen]], at: datetime, **more: Any) -> PostingRow:
    entries = [Entry(account=account, amount=amount) for account, amount in moves if amount]
    return PostingRow(key=key, kind=kind, entries=entries, posted_at=at, **more)


def advance(offer: Offer, owner: str, at: datetime) -> list[PostingRow]:
    """Paid: HQ's payout account pays the customer, and the owner is debited at once, whatever its balance."""
    return [
        _moved(f"{offer.key}:paid", LedgerKind.ADVANCE, [(PAYOUT_ACCOUNT, -offer.amount), (CUSTOMERS, offer.amount)], at),
        _moved(
            f"{offer.key}:charged", LedgerKind.ADVANCE, [(unit_account(owner), -offer.amount), (PAYOUT_ACCOUNT, offer.amount)], at
        ),
    ]


def shared(
    review: Review, payment: str, amount: Fen, shares: Sequence[Share], owner: str, at: datetime, turn: int = 1
) -> PostingRow | None:
    """Liable units repay the owner their shares of one payment; None when the owner bears all of it."""
    moves = [
        (share.unit, part)
        for share, part in zip(shares, split(amount, shares), strict=True)
        if share.unit not in (None, owner) and part
    ]
    if not moves:
        return None
    entries = [(unit_account(str(unit)), -part) for unit, part in moves]
    entries.append((unit_account(owner), sum(part for _, part in moves)))
    return _moved(f"{review.id}:share:{payment}:{turn}", LedgerKind.SHARE, entries, at, review=review.id)


def shares_in(rows: Sequence[PostingRow]) -> list[PostingRow]:
    return [row for row in rows if row.kind is LedgerKind.SHARE]


def is_share_of(posting: PostingRow, payment: str) -> bool:
    return f":share:{payment}:" in posting.key


def is_about(posting: PostingRow, payment: str) -> bool:
    """The payment itself, or how it was shared."""
    return posting.key.startswith(f"{payment}:") or is_share_of(posting, payment)


def reversed_(posting: PostingRow, at: datetime) -> PostingRow:
    """The opposite of a posting, naming what it reverses."""
    moves = [(entry.account, -entry.amount) for entry in posting.entries]
    more = {"review": posting.review, "clause": posting.clause, "reverses": posting.key}
    return _moved(f"{posting.key}:reversed", LedgerKind.REVERSAL, moves, at, **more)


def penalty(review: Review, line: Line, clause: Clause, at: datetime) -> PostingRow:
    """The penalised unit pays the clause's beneficiary."""
    moves = [(unit_account(line.unit), -line.remaining), (clause.beneficiary, line.remaining)]
    return _moved(f"{line.key}:penalty", LedgerKind.PENALTY, moves, at, review=review.id, clause=line.clause)


def is_penalty_of(posting: PostingRow, line: str) -> bool:
    """Of a line, as it was ruled or as something later left it: the key says by what."""
    return posting.key == f"{line}:penalty" or posting.key.endswith(f":{line}:penalty")


def lateness_penalty(key: str, unit: str, code: str, amount: Fen, beneficiary: str, at: datetime) -> PostingRow:
    """A lateness line that stands on a signed sheet; `key` is the line's."""
    return _moved(f"{key}:penalty", LedgerKind.PENALTY, [(unit_account(unit), -amount), (beneficiary, amount)], at, clause=code)


def taken_over(unit: str, by: str, balance: Fen, turn: int, at: datetime) -> PostingRow:
    """What a complaint left on the account of a unit that has gone is taken over, debt or credit, by another."""
    moves = [(unit_account(unit), -balance), (unit_account(by), balance)]
    return _moved(f"settlement:{unit}:{turn}", LedgerKind.SETTLEMENT, moves, at)


def spent(beneficiary: str, amount: Fen, at: datetime) -> PostingRow:
    """A use of the quality fund; it is numbered by the use, which has one."""
    return _moved("spent", LedgerKind.SETTLEMENT, [(QUALITY_FUND, -amount), (beneficiary, amount)], at)
