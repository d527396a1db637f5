"""The penalty review: lines by clause, shares that make a whole, and what an appeal may leave of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import commands as c
from domain.appeals import AppealInvariant, decided_lines, shares_after_appeal
from domain.case import Case
from domain.errors import Unacceptable
from domain.plan import Period
from domain.reviews import Line, Review, Share, SideAppeal, set_aside, split, summary_key
from domain.rulings import SharesNotWhole, UnknownClause, judged_today, ruled_lines, ruled_shares
from domain.values import AppealOutcome, Party, Severity
from tests.domain.complaints import MONDAY, PLAN, case, say

OVERTURN, PARTIAL, SUSTAIN = AppealOutcome.OVERTURN, AppealOutcome.PARTIAL, AppealOutcome.SUSTAIN
PENALTIES = PLAN.penalties


def review(*respondents: str, severity: Severity = Severity.NORMAL, appealed_by: tuple[str, ...] = (), **more: Any) -> Review:
    return Review(
        id="A1-R1",
        round=1,
        severity=severity,
        claimant="minhang",
        claimant_is_quality=False,
        respondents=list(respondents or ("foshan",)),
        opened_at=MONDAY,
        appeals=[SideAppeal(unit=unit, reasons_ref="t", at=MONDAY, by=unit) for unit in appealed_by],
        **more,
    )


def ruled(this: Review, *clauses: c.ClauseLine, **so: Any) -> list[Line]:
    """What a ruling of these clauses comes to in a complaint of which `so` is so."""
    return ruled_lines(complaint(this, **so), this, MONDAY, clauses)


def complaint(this: Review, *, already: int = 0, **so: Any) -> Case:
    """The complaint of a review; `already` fen stand in another one."""
    earlier = review().model_copy(update={"id": "A1-R0", "lines": [line("dali", "Q-604", already)] if already else []})
    return case().model_copy(update={"reviews": {"A1-R0": earlier, this.id: this}} | so)


def line(unit: str, clause: str = "Q-203", amount: int = 10000, **more: Any) -> Line:
    told = {"full": amount, "remaining": amount} | more
    return Line(key=f"A1-R1:{unit}:{clause}", unit=unit, clause=clause, parcels=1, amount=amount, arithmetic="", **told)


@st.composite
def percents(draw: st.DrawFn) -> list[Share]:
    """Shares that make 100 together."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=6)))
    return [Share(unit=f"u{i}", share=b - a) for i, (a, b) in enumerate(zip([0, *cuts], [*cuts, 100], strict=True))]


@given(amount=st.integers(0, 10**12), shares=percents())
def test_a_split_loses_no_fen_and_wrongs_nobody_by_one(amount: int, shares: list[Share]) -> None:
    parts = split(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part * 100 - amount * share.share) < 100 for part, share in zip(parts, shares, strict=True))


def test_an_odd_fen_goes_to_the_larger_remainder_and_on_a_tie_to_the_first() -> None:
    assert split(1, [Share(unit="a", share=50), Share(unit="b", share=50)]) == [1, 0]
    assert split(10, [Share(unit="a", share=33), Share(unit="b", share=67)]) == [3, 7]


@pytest.mark.parametrize(
    ("severity", "climbed_by", "clause", "amount"),
    [
        (Severity.NORMAL, ["foshan"], "Q-203", 10000),
        (Severity.REPEAT, ["foshan"], "Q-203", 15000),
        (Severity.SEVERE, ["foshan"], "Q-203", 20000),
        (Severity.SEVERE, ["minhang"], "Q-203", 10000),  # another unit's act made severity climb
        (Severity.SEVERE, ["foshan"], "Q-701", 30000),  # never multiplied
    ],
)
def test_the_multiplier_falls_on_the_unit_whose_act_made_severity_climb(
    severity: Severity, climbed_by: list[str], clause: str, amount: int
) -> None:
    [so] = ruled(review(severity=severity), c.ClauseLine(code=clause), climbed_by=climbed_by)
    assert (so.unit, so.amount, so.remaining, so.full) == ("foshan", amount, amount, amount)


@given(
    codes=st.lists(st.sampled_from(sorted(PENALTIES.clauses)), unique=True, max_size=10),
    already=st.integers(0, 2 * PENALTIES.cap),
    severity=st.sampled_from(Severity),
)
def test_a_complaints_penalties_never_pass_the_cap_together(codes: list[str], already: int, severity: Severity) -> None:
    given_ = [c.ClauseLine(code=code) for code in codes]
    lines = ruled(review(severity=severity), *given_, climbed_by=["foshan"], already=already)
    assert sum(line.amount for line in lines) <= max(PENALTIES.cap - already, 0)
    assert all(0 <= line.amount <= line.full for line in lines)
    assert len({line.key for line in lines}) == len(codes)


@pytest.mark.parametrize(
    ("clauses", "refusal", "sentence"),
    [
        ([{"code": "Q-999"}], UnknownClause, "not in the rulebook"),
        ([{"code": "Q-203", "branch": "dali"}], Unacceptable, "dali is not a respondent"),
        ([{"code": "Q-203"}, {"code": "Q-203"}], Unacceptable, "stands twice"),
        ([{"code": "Q-203", "amount": 10001}], Unacceptable, "at most 10000 fen"),
    ],
)
def test_a_line_without_a_clause_or_a_respondent_cannot_be_ruled(
    clauses: list[dict[str, Any]], refusal: type[Exception], sentence: str
) -> None:
    with pytest.raises(refusal, match=sentence):
        ruled(review(), *(c.ClauseLine(**said) for said in clauses))


def test_with_two_respondents_a_line_says_whose_it_is() -> None:
    two = review("foshan", "dali")
    with pytest.raises(Unacceptable, match="needs a branch"):
        ruled(two, c.ClauseLine(code="Q-203"))
    both = (c.ClauseLine(code="Q-203", branch="foshan"), c.ClauseLine(code="Q-203", branch="dali", amount=1))
    assert [(line.unit, line.amount) for line in ruled(two, *both)] == [
        ("foshan", 10000),
        ("dali", 1),
    ]


UNITS: dict[Party, str | None] = {Party.ORIGIN: "minhang", Party.DESTINATION: "foshan", Party.HUB: None, Party.HQ: "hq"}


@pytest.mark.parametrize(
    ("shares", "paid", "refusal", "sentence"),
    [
        ([], 100, SharesNotWhole, "paid 100 fen"),
        ([c.ShareLine(share=100, branch="foshan")], 0, SharesNotWhole, "paid nothing"),
        ([c.ShareLine(share=99, branch="foshan")], 100, SharesNotWhole, "99 %"),
        ([c.ShareLine(share=100)], 100, Unacceptable, "names a party or a branch"),
        ([c.ShareLine(share=100, branch="dali")], 100, Unacceptable, "dali has no part"),
        ([c.ShareLine(share=100, party=Party.HUB)], 100, Unacceptable, "no hub"),
    ],
)
def test_shares_make_a_whole_among_those_who_took_part(
    shares: list[c.ShareLine], paid: int, refusal: type[Exception], sentence: str
) -> None:
    with pytest.raises(refusal, match=sentence):
        ruled_shares(shares, UNITS, ["minhang", "foshan"], paid=paid)


def test_what_a_customer_or_force_majeure_bears_falls_on_no_unit() -> None:
    given_ = [c.ShareLine(share=30, party=Party.CUSTOMER), c.ShareLine(share=70, party=Party.DESTINATION)]
    assert [share.unit for share in ruled_shares(given_, UNITS, ["foshan"], paid=1)] == [None, "foshan"]


# -- appeals


def decision(outcome: AppealOutcome, *lines: c.AppealedLine) -> c.DecideAppeal:
    return say(c.DecideAppeal, review="A1-R1", outcome=outcome, reasons_ref="t", lines=lines, shares=None)


@given(
    outcome=st.sampled_from(AppealOutcome),
    amount=st.none() | st.integers(0, 12000),
    ruled=st.integers(1, 10000),
    appealed_by=st.sampled_from([("foshan",), ("minhang",), ("foshan", "minhang")]),
)
def test_an_appeal_keeps_its_invariants_or_is_refused(
    outcome: AppealOutcome, amount: int | None, ruled: int, appealed_by: tuple[str, ...]
) -> None:
    this = review(appealed_by=appealed_by, lines=[line("foshan", amount=ruled, full=10000)])
    said = decision(outcome, c.AppealedLine(code="Q-203", outcome=outcome, amount=amount))
    try:
        [left] = decided_lines(this, said)
    except AppealInvariant:
        return
    recovered = left.amount - left.remaining
    if "foshan" not in appealed_by or (recovered < 0 and "minhang" in appealed_by):  # the claimant has won
        assert outcome is not OVERTURN
        assert left.amount <= left.remaining <= left.full
        assert (recovered == 0) == (outcome is SUSTAIN)
    elif outcome is OVERTURN:
        assert recovered == left.amount
    elif outcome is PARTIAL:
        assert 0 < recovered < left.amount
    else:
        assert recovered == 0


@pytest.mark.parametrize(
    ("appealed_by", "outcome", "amount", "sentence"),
    [
        ("foshan", SUSTAIN, 1, "stays at 10000"),
        ("foshan", OVERTURN, 1, "nothing of Q-203 remains"),
        ("foshan", PARTIAL, None, "say the amount that remains"),
        ("foshan", PARTIAL, 0, "more than 0"),
        ("foshan", PARTIAL, 10000, "less than 10000"),
        ("minhang", OVERTURN, None, "may only raise"),
        ("minhang", PARTIAL, 9000, "may only raise"),
    ],
)
def test_a_decision_that_contradicts_itself_is_refused(
    appealed_by: str, outcome: AppealOutcome, amount: int | None, sentence: str
) -> None:
    this = review(appealed_by=(appealed_by,), lines=[line("foshan")])
    with pytest.raises(AppealInvariant, match=sentence):
        decided_lines(this, decision(outcome, c.AppealedLine(code="Q-203", outcome=outcome, amount=amount)))


def test_where_both_sides_appealed_either_may_win_but_never_beyond_the_clause() -> None:
    both = review(appealed_by=("foshan", "minhang"), lines=[line("foshan", amount=4000, full=10000)])
    for amount in (1, 3999, 4001, 10000):
        [left] = decided_lines(both, decision(PARTIAL, c.AppealedLine(code="Q-203", outcome=PARTIAL, amount=amount)))
        assert left.remaining == amount
    for amount in (0, 4000, 10001):
        with pytest.raises(AppealInvariant, match="less than 4000 fen, or on the claimant's appeal more, up to 10000 fen"):
            decided_lines(both, decision(PARTIAL, c.AppealedLine(code="Q-203", outcome=PARTIAL, amount=amount)))
    alone = review(appealed_by=("foshan",), lines=both.lines)
    with pytest.raises(AppealInvariant, match="less than 4000 fen: say"):
        decided_lines(alone, decision(PARTIAL, c.AppealedLine(code="Q-203", outcome=PARTIAL, amount=4001)))


def test_hq_as_respondent_and_claimant_raises_no_line_of_its_own() -> None:
    this = review("hq", appealed_by=("hq",), lines=[line("hq", amount=4000, full=10000)])
    this.claimant = "hq"
    with pytest.raises(AppealInvariant, match="less than 4000 fen: say"):
        decided_lines(this, decision(PARTIAL, c.AppealedLine(code="Q-203", outcome=PARTIAL, amount=5000)))


def test_what_nobody_appealed_against_stands_and_cannot_be_decided() -> None:
    this = review("foshan", "dali", appealed_by=("foshan",), lines=[line("foshan"), line("dali")])
    left = decided_lines(this, decision(OVERTURN))
    assert [(kept.unit, kept.remaining, kept.appealed) for kept in left] == [("foshan", 0, OVERTURN), ("dali", 10000, None)]
    with pytest.raises(Unacceptable, match="not one that was appealed"):
        decided_lines(this, decision(SUSTAIN, c.AppealedLine(code="Q-203", branch="dali", outcome=OVERTURN)))


def test_one_decision_may_say_different_things_of_each_line() -> None:
    this = review("foshan", "dali", appealed_by=("foshan", "dali"), lines=[line("foshan"), line("dali")])
    said = decision(SUSTAIN, c.AppealedLine(code="Q-203", branch="dali", outcome=PARTIAL, amount=4000))
    assert [left.remaining for left in decided_lines(this, said)] == [10000, 4000]
    with pytest.raises(Unacceptable, match="stands 2 times"):  # whose?
        decided_lines(this, decision(SUSTAIN, c.AppealedLine(code="Q-203", outcome=OVERTURN)))
    with pytest.raises(Unacceptable, match="decided twice"):
        decided_lines(this, decision(SUSTAIN, *[c.AppealedLine(code="Q-203", branch="dali", outcome=OVERTURN)] * 2))


def test_one_clause_of_two_days_is_decided_day_by_day() -> None:
    first, second = MONDAY.date(), MONDAY.date() + timedelta(days=1)
    days = [line("foshan", happened_on=day).model_copy(update={"key": f"A1-R1:{day}"}) for day in (first, second)]
    this = review(appealed_by=("foshan",), lines=days)
    said = decision(SUSTAIN, c.AppealedLine(code="Q-203", outcome=PARTIAL, amount=4000, happened_on=second))
    assert [left.remaining for left in decided_lines(this, said)] == [10000, 4000]
    with pytest.raises(Unacceptable, match="stands 2 times"):
        decided_lines(this, decision(SUSTAIN, c.AppealedLine(code="Q-203", outcome=OVERTURN)))


def test_an_overturned_units_share_falls_to_the_owner_and_the_whole_stays_whole() -> None:
    shares = [Share(unit="foshan", share=60), Share(unit="dali", share=40)]
    this = review("foshan", "dali", shares=shares)
    lines = [line("foshan", appealed=OVERTURN, remaining=0), line("dali", appealed=SUSTAIN)]
    assert [(share.unit, share.share) for share in shares_after_appeal(this, lines, SUSTAIN)] == [(None, 60), ("dali", 40)]
    still_liable = [*lines, line("foshan", "Q-401")]
    assert shares_after_appeal(this, still_liable, SUSTAIN) == shares


def test_a_share_ruled_without_a_line_is_decided_by_the_outcome() -> None:
    shares = [Share(unit="foshan", share=60), Share(unit="dali", share=40)]
    this = review("foshan", "dali", shares=shares, appealed_by=("foshan",))
    assert shares_after_appeal(this, [], SUSTAIN) == shares
    assert [share.unit for share in shares_after_appeal(this, [], OVERTURN)] == [None, "dali"]
    with pytest.raises(AppealInvariant, match="say the shares"):
        decided_lines(this, decision(PARTIAL))


def test_what_a_period_spared_and_no_longer_spares_is_charged_as_far_as_the_cap_leaves_room() -> None:
    spared = line("dali", amount=50000, charged=False)
    this = review("foshan", "dali", lines=[line("foshan", amount=100000), spared])
    left = judged_today(complaint(this, already=PENALTIES.cap - 120000), this)
    assert [(kept.charged, kept.remaining) for kept in left] == [(True, 100000), (True, 20000)]
    assert left[1].arithmetic.endswith("charged after all, up to 20000 fen")


def test_what_a_period_spares_since_the_ruling_says_so() -> None:
    day = MONDAY.date()
    this = review(lines=[line("foshan", happened_on=day)])
    dated = case().dated.model_copy(update={"record_only": (Period(first=day, last=day),)})
    [left] = judged_today(complaint(this, dated=dated), this)
    assert (left.charged, left.remaining) == (False, 10000)
    assert left.arithmetic.endswith("lies in a record-only period: listed, not charged")
    assert left.arithmetic_zh.endswith("处于只记录期间：列示，不收取")


@pytest.mark.parametrize(
    ("key", "how", "gone"),
    [
        (summary_key("A1-R1", 1), "admitted", False),
        (summary_key("A1-R1", 1), None, True),  # a side has asked for its hearing
        (summary_key("A1-R1", 1), "reviewer", True),
        ("A1-R1:1", "reviewer", False),
    ],
)
def test_a_summary_rulings_lines_stand_until_a_side_has_its_hearing_or_quality_rules(
    key: str, how: str | None, gone: bool
) -> None:
    assert set_aside(key, how) is gone
