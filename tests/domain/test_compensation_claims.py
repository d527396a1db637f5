"""One parcel, one claim: what linked complaints are paid together, whatever they compute and in whatever order they are paid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.claims import ClaimSeen
from domain.reckoning import Computation, Step

SUMS = st.integers(0, 1_000_000)
NUMBERS = st.sampled_from(["A261116-000002", "A261116-000003"])


def owed(amount: int) -> Computation:
    step = Step(rule="loss_insured", text={"zh": "丢失", "en": "lost"}, amount=amount)
    return Computation(amount=amount, steps=(step,))


def test_a_complaint_alone_is_bound_by_its_own_approvals_and_not_by_the_claim() -> None:
    alone = ClaimSeen(ceiling=30000)
    assert alone.left(30000, 0) is None
    assert alone.leaves(50000, 30000, 0)
    assert owed(30000).less_elsewhere(alone) == owed(30000)


def test_the_second_complaint_gets_what_the_first_left_of_the_highest_computation() -> None:
    seen = ClaimSeen(ceiling=30000, elsewhere={"A261116-000002": 20000})
    assert seen.left(25000, 0) == 10000
    assert seen.left(32000, 2000) == 10000
    assert seen.leaves(10000, 25000, 0)
    assert not seen.leaves(10001, 25000, 0)


def test_the_explanation_says_in_both_languages_what_others_were_paid_and_names_them_among_the_facts_only() -> None:
    seen = ClaimSeen(ceiling=30000, elsewhere={"A261116-000003": 5000, "A261116-000002": 15000})
    less = owed(30000).less_elsewhere(seen)
    step = less.steps[-1]
    assert (less.amount, step.rule, step.amount) == (10000, "one_parcel_one_claim", -20000)
    assert step.facts == {"paid_elsewhere": 20000, "complaints": "A261116-000002, A261116-000003"}
    assert "一票一赔" in step.text["zh"]
    assert "¥200.00" in step.text["en"]
    assert not any("A261116" in text for text in step.text.values())


@given(st.integers(0, 1_000_000), SUMS, st.dictionaries(NUMBERS, SUMS))
def test_what_is_still_owed_always_fits_into_the_claim(amount: int, before: int, elsewhere: dict[str, int]) -> None:
    seen = ClaimSeen(ceiling=amount, elsewhere=elsewhere)
    still = owed(amount).less(before).less_elsewhere(seen)
    assert still.amount == sum(step.amount for step in still.steps) >= 0
    assert not still.amount or seen.leaves(still.amount, amount, before)


@given(st.lists(st.tuples(SUMS, SUMS), min_size=2, max_size=6))
def test_paid_in_any_order_complaints_never_get_more_together_than_the_highest_computation(sums: list[tuple[int, int]]) -> None:
    """Each computes one sum and asks for another; the first is alone and bound by its approvals, so it asks for no more."""
    paid: dict[str, int] = {}
    ceiling = 0
    for place, (computed, asked) in enumerate(sums):
        ceiling = max(ceiling, computed)
        seen = ClaimSeen(ceiling=ceiling, elsewhere=dict(paid))
        wanted = asked if seen.paid_elsewhere else min(asked, computed)
        if seen.leaves(wanted, computed, 0):
            paid[f"A{place}"] = wanted
    assert sum(paid.values()) <= max(computed for computed, _ in sums)


def test_what_a_complaint_it_continues_was_paid_is_its_own_and_counted_once() -> None:
    continuing = ClaimSeen(ceiling=30000, elsewhere={"A261116-000002": 20000}, before=20000)
    assert continuing.left(30000, 20000) is None
    assert owed(30000).less(20000).less_elsewhere(continuing).amount == 10000
    third = ClaimSeen(ceiling=30000, elsewhere={"A261116-000002": 20000, "A261116-000003": 4000}, before=20000)
    assert third.left(30000, 20000) == 6000
    assert owed(30000).less(20000).less_elsewhere(third).amount == 6000
