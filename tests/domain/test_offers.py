"""Who approves money: every amount has one who decides first, and silence never pays more than the rulebook computes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MakerIsChecker, NotPermitted
from domain.offers import Approval, Offer, OfferState, approval_for, check_approver
from domain.values import Role
from tests.domain.complaints import PLAN

MANAGER, HQ = Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR
FEN = st.integers(0, 1_000_000)


def offer(amount: int, computed: int = 0, over: int = 0, state: OfferState = OfferState.PROPOSED) -> Offer:
    return Offer(key="P1", amount=amount, computed=computed, over=over, makers=("maker", "finder"), state=state)


@pytest.mark.parametrize(
    ("amount", "computed", "approval"),
    [
        (30000, 30000, None),  # computed, up to ¥300
        (30001, 30001, Approval(MANAGER, HQ, 30001)),
        (5000, 0, None),  # goodwill, up to ¥50
        (5001, 0, Approval(MANAGER, HQ, 0)),
        (20000, 30000, Approval(MANAGER, HQ, 30000)),  # less than computed is somebody's decision, never silence's
        (30000, 20000, Approval(MANAGER, HQ, 20000)),
        (200000, 200000, Approval(MANAGER, HQ, 200000)),
        (200001, 200001, Approval(HQ, MANAGER, 200001)),  # above ¥2,000 HQ first, then the manager, up to the computed amount
        (200001, 200000, Approval(HQ, None, 200000)),  # more than that and than computed: HQ alone
        (300000, 0, Approval(HQ, None, 0)),
    ],
)
def test_who_approves_what(amount: int, computed: int, approval: Approval | None) -> None:
    assert approval_for(offer(amount, computed), PLAN.limits) == approval


@pytest.mark.parametrize(
    ("amount", "given", "approval"),
    [
        (2000, 3000, None),
        (2001, 3000, Approval(MANAGER, HQ, 0)),
        (5000, 195000, Approval(MANAGER, HQ, 0)),
        (5000, 195001, Approval(HQ, None, 0)),
    ],
)
def test_goodwill_given_in_small_sums_counts_together(amount: int, given: int, approval: Approval | None) -> None:
    assert approval_for(offer(amount).model_copy(update={"given": given}), PLAN.limits) == approval


def test_goodwill_is_what_the_customer_has_beyond_the_computed_amount() -> None:
    states = (OfferState.PAID, OfferState.SENT, OfferState.KEPT_READY, OfferState.DECLINED, OfferState.PROPOSED)
    assert [offer(500, 300, state=state).goodwill for state in states] == [200, 200, 0, 0, 0]
    assert offer(300, 500, state=OfferState.PAID).goodwill == 0


@pytest.mark.parametrize(("over", "first"), [(100000, MANAGER), (150001, HQ)])
def test_the_rest_of_a_sum_approved_by_rule_is_decided_as_the_whole_and_never_by_silence(over: int, first: Role) -> None:
    rest = approval_for(offer(50000, over=over), PLAN.limits)
    assert rest is not None
    assert (rest.first, rest.by_rule) == (first, 0)


@given(amount=FEN.filter(bool), computed=FEN)
def test_every_amount_is_free_or_has_one_who_decides_first_and_hq_can_always_decide(amount: int, computed: int) -> None:
    approval = approval_for(offer(amount, computed), PLAN.limits)
    free = (amount == computed and amount <= PLAN.limits.computed_free) or (not computed and amount <= PLAN.limits.goodwill_free)
    assert (approval is None) == free
    if approval is not None:
        assert approval.first is (MANAGER if amount <= PLAN.limits.manager else HQ)
        assert HQ in (approval.first, approval.then)
        assert approval.then is not approval.first
        assert approval.by_rule == computed


@given(amount=FEN.filter(bool), computed=FEN)
def test_no_manager_alone_pays_more_than_the_limit_and_than_the_rulebook_computes(amount: int, computed: int) -> None:
    approval = approval_for(offer(amount, computed), PLAN.limits)
    if approval is not None and amount > max(PLAN.limits.manager, computed):
        assert MANAGER not in (approval.first, approval.then)


@pytest.mark.parametrize("maker", ["maker", "finder"])
def test_neither_who_proposed_nor_who_found_may_approve(maker: str) -> None:
    with pytest.raises(MakerIsChecker):
        check_approver(offer(50000), Approval(MANAGER, HQ, 0), MANAGER, maker, first_was_silent=True)


def test_the_second_approver_waits_for_the_firsts_silence() -> None:
    small, large = Approval(MANAGER, HQ, 0), Approval(HQ, None, 0)
    check_approver(offer(50000), small, MANAGER, "boss", first_was_silent=False)
    with pytest.raises(NotPermitted, match="decides first"):
        check_approver(offer(50000), small, HQ, "boss", first_was_silent=False)
    check_approver(offer(50000), small, HQ, "boss", first_was_silent=True)
    with pytest.raises(NotPermitted, match="300000 fen is decided by the hq_supervisor"):
        check_approver(offer(300000), large, MANAGER, "boss", first_was_silent=True)


@pytest.mark.parametrize("state", OfferState)
def test_money_counts_as_paid_only_when_it_is_and_what_came_back_is_settled(state: OfferState) -> None:
    sum_ = offer(700, 700, state=state)
    assert sum_.paid == (700 if state is OfferState.PAID else 0)
    assert not sum_.came_back or sum_.settled
    assert not (sum_.in_flight and sum_.settled)


@pytest.mark.parametrize(
    ("amount", "computed", "unasked"), [(500, 500, True), (600, 500, True), (400, 500, False), (500, 0, False)]
)
def test_only_the_full_computed_amount_is_paid_without_asking(amount: int, computed: int, unasked: bool) -> None:
    assert offer(amount, computed).needs_no_yes is unasked
