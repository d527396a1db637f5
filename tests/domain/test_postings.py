"""Money is conserved: whatever is paid, shared, taken back or penalised, every posting set sums to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from domain import postings
from domain.offers import Offer, OfferState
from domain.record import PostingRow
from domain.reviews import Share, split
from domain.values import LedgerKind
from tests.domain.complaints import MONDAY, PLAN
from tests.domain.test_reviews import line, percents, review

OWNER = "minhang"
FEN = st.integers(1, 10**10)


def paid(amount: int) -> Offer:
    return Offer(key="A1-R1-P1", amount=amount, computed=amount, makers=("maker",), state=OfferState.PAID)


def balances(rows: Iterable[PostingRow]) -> Counter[str]:
    held: Counter[str] = Counter()
    for row in rows:
        assert sum(entry.amount for entry in row.entries) == 0
        assert all(entry.amount for entry in row.entries)
        for entry in row.entries:
            held[entry.account] += entry.amount
    return held


@given(amount=FEN)
def test_the_customer_is_paid_by_hq_and_the_owner_is_charged_at_once(amount: int) -> None:
    held = balances(postings.advance(paid(amount), OWNER, MONDAY))
    assert held == {"customers": amount, f"unit:{OWNER}": -amount, "hq:payout": 0}


@st.composite
def among_units(draw: st.DrawFn) -> list[Share]:
    """Shares of some units, the owner, and nobody (customer, force majeure), one unit perhaps more than once."""
    who = st.sampled_from([OWNER, "foshan", "dali", "hq", None])
    return [share.model_copy(update={"unit": draw(who)}) for share in draw(percents())]


@given(amount=FEN, shares=among_units())
def test_after_the_ruling_each_unit_bears_its_share_and_the_owner_the_rest(amount: int, shares: list[Share]) -> None:
    row = postings.shared(review(), "P1", amount, shares, OWNER, MONDAY)
    held = balances([*postings.advance(paid(amount), OWNER, MONDAY), *([row] if row else [])])
    parts = split(amount, shares)
    for unit in {"foshan", "dali", "hq"}:
        assert held[f"unit:{unit}"] == -sum(part for part, share in zip(parts, shares, strict=True) if share.unit == unit)
    assert sum(amount for account, amount in held.items() if account.startswith("unit:")) == -held["customers"]


@given(amount=FEN, before=among_units(), after=among_units())
def test_an_appeal_that_changes_shares_leaves_what_a_ruling_of_them_would_have(
    amount: int, before: list[Share], after: list[Share]
) -> None:
    first = postings.shared(review(), "P1", amount, before, OWNER, MONDAY, turn=1)
    second = postings.shared(review(), "P1", amount, after, OWNER, MONDAY, turn=2)
    taken_back = postings.reversed_(first, MONDAY) if first else None
    rows = [row for row in (first, taken_back, second) if row]
    assert +balances(rows) == +balances([second] if second else [])
    assert len({row.key for row in rows}) == len(rows)
    if taken_back and first:
        assert (taken_back.reverses, taken_back.kind) == (first.key, LedgerKind.REVERSAL)


@given(ruled=FEN, left=FEN)
def test_a_penalised_unit_pays_what_remains_to_the_clauses_beneficiary(ruled: int, left: int) -> None:
    clause = PLAN.penalties.clauses["Q-203"]
    row = postings.penalty(review(), line("foshan", amount=max(ruled, left), remaining=left), clause, MONDAY)
    assert balances([row]) == {"unit:foshan": -left, clause.beneficiary: left}
    assert (row.kind, row.clause, row.review) == (LedgerKind.PENALTY, "Q-203", "A1-R1")


def test_an_owner_who_bears_all_of_it_moves_nothing() -> None:
    assert postings.shared(review(), "P1", 100, [Share(unit=OWNER, share=100)], OWNER, MONDAY) is None
    assert postings.shared(review(), "P1", 100, [Share(unit=None, share=100)], OWNER, MONDAY) is None
