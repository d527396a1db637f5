"""更正: what was posted and changes is reversed and posted anew, once, by somebody new."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import commands as c
from domain import postings
from domain.corrections import Correction, DecideCorrection, Ground, NotHeard, check_decider, corrected, correction_row
from domain.errors import NotPermitted, TookPart, Unacceptable
from domain.plan import Period
from domain.reviews import Share
from domain.rulings import PenalisedAlready, SharesNotWhole, UnknownClause
from domain.values import CorrectionStatus, LedgerKind, Role, Severity
from tests.domain.complaints import MONDAY, PLAN, by
from tests.domain.test_reviews import line, review

LATER = MONDAY + timedelta(days=30)
CLAUSE = PLAN.penalties.clauses["Q-203"]


def correction(remaining: int = 10000, paid: int = 300000, share: int = 100, *, charged: bool = True) -> Correction:
    """Foshan was penalised and bears a share of what Minhang paid."""
    shares = [Share(unit="foshan", share=share), Share(unit="minhang", share=100 - share)]
    this = review(lines=[line("foshan", remaining=remaining, charged=charged)], shares=shares)
    posted = [postings.shared(this, "P1", paid, shares, "minhang", MONDAY)]
    if charged and remaining:
        posted.append(postings.penalty(this, this.lines[0], CLAUSE, MONDAY))
    ground = Ground(
        number="A1",
        review=this,
        owner="minhang",
        paid={"P1": paid},
        standing=tuple(row for row in posted if row),
        plan=PLAN.penalties,
        received=MONDAY.date(),
        ruled=MONDAY.date(),
        units=("minhang", "foshan", "hq"),
        people=("rui",),
    )
    opened: dict[str, Any] = {"opened_by": "ren", "opened_at": MONDAY, "reasons_ref": "t", "due": MONDAY, "lapses": LATER}
    return Correction(id="A1-R1-C1", ground=ground, **opened)


def decision(amount: int | None = None, shares: dict[str, int] | None = None, **said: Any) -> DecideCorrection:
    lines = () if amount is None else (c.ClauseLine(code="Q-203", amount=amount),)
    stated = None if shares is None else tuple(c.ShareLine(branch=unit, share=share) for unit, share in shares.items())
    told: dict[str, Any] = {
        "actor": by(Role.HQ_REVIEWER, unit="hq", sub="new"),
        "reasons_ref": "t",
        "lines": lines,
        "shares": stated,
    }
    return DecideCorrection(**told | said)


@given(
    before=st.integers(0, 10000),
    after=st.integers(0, 10000),
    paid=st.integers(1, 10**9),
    was=st.integers(0, 100),
    now=st.integers(0, 100),
)
def test_what_was_posted_and_what_corrects_it_together_are_what_should_have_been(
    before: int, after: int, paid: int, was: int, now: int
) -> None:
    this = correction(before, paid, was)
    result = corrected(this, decision(after, {"foshan": now, "minhang": 100 - now}), LATER)
    held: Counter[str] = Counter()
    for row in (*this.ground.standing, *result.postings):
        assert sum(entry.amount for entry in row.entries) == 0
        for entry in row.entries:
            held[entry.account] += entry.amount
    should = correction(after, paid, now)
    assert {a: n for a, n in held.items() if n} == {account: total for account, total in _balances(should).items() if total}
    keys = [row.key for row in (*this.ground.standing, *result.postings)]
    assert len(keys) == len(set(keys))
    assert all(row.reverses for row in result.postings if row.kind is LedgerKind.REVERSAL)
    assert (result.status is CorrectionStatus.DISMISSED) == (before == after and was == now)


def _balances(this: Correction) -> Counter[str]:
    held: Counter[str] = Counter()
    for row in this.ground.standing:
        for entry in row.entries:
            held[entry.account] += entry.amount
    return held


def test_what_changes_nothing_is_dismissed_and_moves_nothing() -> None:
    result = corrected(correction(), decision(10000), LATER)
    assert (result.status, result.postings, result.lines) == (CorrectionStatus.DISMISSED, [], [])


def test_what_a_record_only_period_spared_is_corrected_on_paper() -> None:
    result = corrected(correction(charged=False), decision(4000), LATER)
    assert ([line.remaining for line in result.lines], result.postings) == ([4000], [])


@pytest.mark.parametrize(
    ("said", "refusal", "sentence"),
    [
        (decision(10001), Unacceptable, "from nothing to 10000"),
        (decision(lines=(c.ClauseLine(code="Q-203"),)), Unacceptable, "what shall remain"),
        (decision(lines=(c.ClauseLine(code="Q-101", amount=1),)), Unacceptable, "not one line"),
        (decision(shares={"foshan": 99}), SharesNotWhole, "99 %"),
        (decision(shares={"dali": 100}), Unacceptable, "no part"),
    ],
)
def test_a_correction_that_says_what_cannot_be_is_refused(
    said: DecideCorrection, refusal: type[Exception], sentence: str
) -> None:
    with pytest.raises(refusal, match=sentence):
        corrected(correction(), said, LATER)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (by(Role.HQ_REVIEWER, unit="hq", sub="rui"), TookPart),  # ruled on it
        (by(Role.HQ_REVIEWER, unit="hq", sub="ren"), TookPart),  # opened it
        (by(Role.HQ_REVIEWER, unit="foshan", sub="new"), TookPart),
        (by(Role.BRANCH_MANAGER, unit="minhang", sub="new"), NotPermitted),
    ],
)
def test_somebody_new_decides_it(actor: c.Actor, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_decider(correction(), actor)
    check_decider(correction(), by(Role.HQ_SUPERVISOR, unit="hq", sub="new"))


def test_one_clause_of_two_days_is_corrected_day_by_day() -> None:
    first, second = MONDAY.date(), LATER.date()
    this = correction()
    days = [this.ground.review.lines[0].model_copy(update={"key": f"A1-R1:{day}", "happened_on": day}) for day in (first, second)]
    ground = this.ground.model_copy(update={"review": this.ground.review.model_copy(update={"lines": days})})
    this = this.model_copy(update={"ground": ground})
    with pytest.raises(Unacceptable, match="stands 2 times"):
        corrected(this, decision(4000), LATER)
    said = decision(lines=(c.ClauseLine(code="Q-203", amount=4000, happened_on=second),))
    result = corrected(this, said, LATER)
    assert [(line.key, line.remaining) for line in result.lines] == [(f"A1-R1:{second}", 4000)]
    [told] = correction_row(this, said, result, LATER).lines
    assert (told["before"], told["remaining"]) == (10000, 4000)


def test_a_correction_raises_no_line_beyond_what_the_cap_of_the_complaint_leaves() -> None:
    this = correction(remaining=1000)
    this = this.model_copy(update={"ground": this.ground.model_copy(update={"room": 6000})})
    with pytest.raises(Unacceptable, match="leaves 6000 fen"):
        corrected(this, decision(6001), LATER)
    assert [line.remaining for line in corrected(this, decision(6000), LATER).lines] == [6000]


def test_what_came_back_since_a_correction_was_opened_is_neither_reversed_twice_nor_shared_anew() -> None:
    this = correction()
    penalty = tuple(row for row in this.ground.standing if row.kind is LedgerKind.PENALTY)
    now = this.ground.model_copy(update={"paid": {}, "standing": penalty})
    with pytest.raises(SharesNotWhole, match="paid nothing"):
        corrected(this, decision(shares={"foshan": 50, "minhang": 50}, ground=now), LATER)
    assert {row.kind for row in corrected(this, decision(4000, ground=now), LATER).postings} == {
        LedgerKind.REVERSAL,
        LedgerKind.PENALTY,
    }


def adding(*lines: c.ClauseLine, **said: Any) -> DecideCorrection:
    return decision(added=lines, **said)


def test_a_unit_that_was_heard_is_penalised_for_what_only_later_came_to_light() -> None:
    this = correction()
    result = corrected(this, adding(c.ClauseLine(code="Q-604", branch="foshan")), LATER)
    [line_] = result.lines
    assert (line_.key, line_.unit, line_.remaining, line_.arithmetic) == (
        "A1-R1-C1:1",
        "foshan",
        500_00,
        "50000 fen × 1 × 100 %",
    )
    [posting] = result.postings
    assert (posting.key, [entry.amount for entry in posting.entries]) == ("A1-R1-C1:1:penalty", [-500_00, 500_00])
    told = correction_row(this, adding(), result, LATER).lines
    assert [(said["key"], said["before"], said["remaining"]) for said in told] == [("A1-R1-C1:1", 0, 500_00)]


def test_a_line_is_added_under_the_terms_of_the_review() -> None:
    """Its multiplier, its record-only periods, the parcel found in time, and what the cap leaves."""
    ground = correction().ground
    repeated = ground.review.model_copy(update={"severity": Severity.REPEAT, "climbed_by": ["foshan"]})
    day = MONDAY.date()
    later = c.ClauseLine(code="Q-203", happened_on=day + timedelta(days=1))

    def added(**so: Any) -> Any:
        this = correction().model_copy(update={"ground": ground.model_copy(update=so)})
        [line_], postings_ = (result := corrected(this, adding(later), LATER)).lines, result.postings
        return line_.remaining, len(postings_)

    assert added() == (100_00, 1)
    assert added(review=repeated) == (150_00, 1)
    assert added(found=day + timedelta(days=7)) == (50_00, 1)
    assert added(found=day + timedelta(days=8)) == (100_00, 1)
    assert added(record_only=(Period(first=day, last=day + timedelta(days=1)),)) == (100_00, 0)
    assert added(room=130_00) == (30_00, 1)


@pytest.mark.parametrize(
    ("line_", "refusal", "sentence"),
    [
        (c.ClauseLine(code="Q-301", branch="dali"), NotHeard, "dali was not heard in A1-R1.*foshan"),
        (c.ClauseLine(code="Q-999"), UnknownClause, "Q-999"),
        (c.ClauseLine(code="Q-203"), PenalisedAlready, "A1-R1; one event"),
        (c.ClauseLine(code="Q-101"), PenalisedAlready, "A2"),
        (c.ClauseLine(code="Q-301", happened_on=LATER.date() + timedelta(days=1)), Unacceptable, "yet to come"),
        (c.ClauseLine(code="Q-301", amount=50_01), Unacceptable, "at most 5000 fen"),
    ],
)
def test_a_line_that_cannot_be_added_is_refused(line_: c.ClauseLine, refusal: type[Exception], sentence: str) -> None:
    elsewhere = c.Penalised(complaint="A2", unit="foshan", clause="Q-101", happened_on=MONDAY.date())
    this = correction()
    this = this.model_copy(update={"ground": this.ground.model_copy(update={"stands": (elsewhere,)})})
    with pytest.raises(refusal, match=sentence):
        corrected(this, adding(line_), LATER)


def test_of_several_respondents_a_line_says_whose_it_is() -> None:
    this = correction()
    this.ground.review.respondents.append("dali")
    with pytest.raises(Unacceptable, match="Q-301 needs a branch: A1-R1 has 2 respondents"):
        corrected(this, adding(c.ClauseLine(code="Q-301")), LATER)


def test_the_same_event_is_not_added_twice() -> None:
    with pytest.raises(PenalisedAlready, match="this correction"):
        corrected(correction(), adding(*[c.ClauseLine(code="Q-301")] * 2), LATER)


def test_a_penalty_that_lapsed_does_not_come_back_in_a_correction_while_shares_may() -> None:
    undecided = correction(remaining=0)  # appealed, and decided too late
    undecided.ground.review.lapsed, undecided.ground.review.ruled_at = True, MONDAY
    for said in (decision(4000), adding(c.ClauseLine(code="Q-203"))):
        with pytest.raises(Unacceptable, match="too late: in A1-R1 the penalty of foshan under Q-203 lapsed"):
            corrected(undecided, said, LATER)
    assert corrected(undecided, adding(c.ClauseLine(code="Q-301")), LATER).status is CorrectionStatus.CORRECTED
    unruled = correction(remaining=0)
    unruled.ground.review.lapsed, unruled.ground.review.lines = True, []
    with pytest.raises(Unacceptable, match="Q-301 lapsed"):
        corrected(unruled, adding(c.ClauseLine(code="Q-301")), LATER)
    assert corrected(unruled, decision(shares={"foshan": 50, "minhang": 50}), LATER).status is CorrectionStatus.CORRECTED


def test_the_same_shares_in_another_order_are_no_correction() -> None:
    assert (
        corrected(correction(share=60), decision(shares={"minhang": 40, "foshan": 60}), LATER).status
        is CorrectionStatus.DISMISSED
    )


def test_what_was_posted_anew_is_reversed_by_what_comes_later() -> None:
    """A line that was corrected, or of which less was left when the parcel was found, stands under another key."""
    first = correction()
    once = corrected(first, decision(6000), LATER)
    standing = (*first.ground.standing[:1], once.postings[1])
    left = first.ground.review.model_copy(update={"lines": once.lines})
    then = correction().model_copy(update={"id": "A1-R1-F"})
    then = then.model_copy(update={"ground": then.ground.model_copy(update={"standing": standing, "review": left})})
    again = corrected(then, decision(3000), LATER)
    assert [row.reverses for row in again.postings if row.reverses] == ["A1-R1-C1:A1-R1:foshan:Q-203:penalty"]
    assert sum(entry.amount for row in again.postings for entry in row.entries if entry.account == "unit:foshan") == 3000
