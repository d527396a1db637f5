"""仲裁: who answers for it inside the network, by clause and by share, beside the visits."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.plan import CasePlan
from domain.values import (
    AppealOutcome,
    EscalationKind,
    Outcome,
    Owed,
    Party,
    ReviewStatus,
    Severity,
    Stage,
    Stance,
    VisitResult,
)
from tests.workflows.office import Office
from tests.workflows.paper import starter_plan
from tests.workflows.played import (
    AGENT,
    DAY,
    FOSHAN,
    FOSHAN_MANAGER,
    HQ_VISITOR,
    HUB_MANAGER,
    MANAGER,
    OTHER_REVIEWER,
    OTHER_SUPERVISOR,
    SUPERVISOR,
    Played,
    Refused,
)

TWO_UNITS = {Party.DESTINATION: 60, Party.HUB: 40}


async def a_paid_loss(office: Office, liable: dict[Party, int] | None = None) -> Played:
    """¥3,000 paid by Minhang; the review of the round is open."""
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1", hub="hub-dongguan")
    await played.found(liable=liable or {Party.DESTINATION: 100})
    await played.approved(SUPERVISOR)
    await played.paid()
    return played


async def a_rude_courier(office: Office, liable: dict[Party, int] | None = None, plan: CasePlan | None = None) -> Played:
    """Nothing owed, the customer told; the review of the round is open."""
    played = await office.complaint(hub="hub-dongguan", plan=plan)
    await played.found(liable=liable or {Party.DESTINATION: 100})
    await played.told()
    return played


async def decided(
    played: Played, outcome: AppealOutcome, by: str = SUPERVISOR, *, lines: tuple[c.AppealedLine, ...] = (), **more: object
) -> c.Receipt:
    said = {"outcome": outcome, "lines": lines, "reasons_ref": "why"} | more
    return await played.say(c.DecideAppeal, by, review=played.review, **said)


def line(code: str, outcome: AppealOutcome, amount: int | None = None, branch: str | None = None) -> c.AppealedLine:
    return c.AppealedLine(code=code, outcome=outcome, amount=amount, branch=branch)


# -- opening


async def test_a_review_opens_when_the_rounds_money_is_settled_and_each_liable_unit_owes_a_statement(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1", hub="hub-dongguan")
    await played.found(liable=TWO_UNITS)
    assert (await played.case()).reviews == {}
    await played.approved(SUPERVISOR)
    assert (await played.case()).reviews == {}
    await played.paid()
    review = await played.penalty_review()
    assert (review.claimant, review.respondents) == ("minhang", ["foshan", "hub-dongguan"])
    assert played.letters("review_opened") == ["branch_manager@foshan", "branch_manager@hub-dongguan"]
    assert (await played.owed()).count(Owed.STATEMENT) == 2


async def test_hq_quality_is_the_claimant_where_the_owner_itself_is_at_fault(office: Office) -> None:
    played = await a_rude_courier(office, {Party.ORIGIN: 100})
    review = await played.penalty_review()
    assert (review.claimant, review.respondents) == ("hq", ["minhang"])


async def test_where_only_the_customer_or_force_majeure_is_liable_there_is_no_review(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.CUSTOMER: 50, Party.FORCE_MAJEURE: 50})
    await played.told()
    assert (await played.case()).reviews == {}


async def test_hq_quality_may_appeal_as_the_claimant(office: Office) -> None:
    played = await a_rude_courier(office, {Party.ORIGIN: 100})
    await played.stated(MANAGER)
    await played.ruled(clauses=(c.ClauseLine(code="Q-301", amount=10_00),))
    await played.appealed(OTHER_REVIEWER)
    await played.past(Owed.APPEAL)
    await decided(played, AppealOutcome.PARTIAL, lines=(line("Q-301", AppealOutcome.PARTIAL, 30_00),))
    assert played.balances == {"unit:minhang": -30_00, "hq:quality_fund": 30_00}


# -- statements and ruling


async def test_a_silent_respondent_is_ruled_on_the_evidence_at_hand(office: Office) -> None:
    played = await a_rude_courier(office)
    with pytest.raises(Refused, match="StatementAwaited.*foshan"):
        await played.ruled(("Q-301", "foshan"))
    await played.past(Owed.STATEMENT)
    assert (await played.obligation(Owed.STATEMENT)).late
    with pytest.raises(Refused, match="WrongStage.*time for foshan's statement is over"):
        await played.stated()
    await played.ruled(("Q-301", "foshan"))
    assert (await played.penalty_review()).status is ReviewStatus.APPEAL_WINDOW


async def test_the_ruling_waits_for_the_last_of_two_respondents(office: Office) -> None:
    played = await a_rude_courier(office, TWO_UNITS)
    await played.stated(FOSHAN_MANAGER, Stance.ADMITS)
    with pytest.raises(Refused, match="StatementAwaited.*hub-dongguan"):
        await played.ruled(("Q-301", "foshan"))
    await played.stated(HUB_MANAGER)
    await played.ruled(("Q-301", "foshan"), ("Q-401", "hub-dongguan"))
    assert {(made.unit, made.stance) for made in (await played.penalty_review()).statements} == {
        ("foshan", Stance.ADMITS),
        ("hub-dongguan", Stance.CONTESTS),
    }


async def test_a_statement_is_made_once_and_by_the_respondents_own_people(office: Office) -> None:
    played = await a_rude_courier(office)
    with pytest.raises(Refused, match="NotPermitted"):
        await played.stated(MANAGER)
    with pytest.raises(Refused, match="NotPermitted|UnknownReview"):
        await played.say(c.MakeStatement, FOSHAN, review=f"{played.number}-R9", stance=Stance.ADMITS, statement_ref="statement")
    await played.stated()
    with pytest.raises(Refused, match="WrongStage.*has made its statement"):
        await played.stated(FOSHAN)


@pytest.mark.parametrize(
    ("ruling", "why"),
    [
        ({"lines": [("Q-999", "foshan")], "shares": {"foshan": 100}}, "UnknownClause.*Q-999"),
        ({"lines": [("Q-203", "hub-dongguan")], "shares": {"foshan": 100}}, "Unacceptable.*not a respondent"),
        ({"lines": [("Q-203", "foshan"), ("Q-203", "foshan")], "shares": {"foshan": 100}}, "Unacceptable.*stands twice"),
        ({"lines": [("Q-203", "foshan")], "shares": {"foshan": 60, "minhang": 39}}, "SharesNotWhole.*99 %"),
        ({"lines": [("Q-203", "foshan")], "shares": {}}, "SharesNotWhole.*300000 fen"),
        ({"lines": [("Q-203", "foshan")], "shares": {"nanjing": 100}}, "Unacceptable.*no part"),
        ({"lines": [("Q-203", "foshan")], "shares": {"foshan": 100}, "by": SUPERVISOR}, "NotPermitted"),
        ({"lines": [("Q-203", "foshan")], "shares": {"foshan": 100}, "by": FOSHAN_MANAGER}, "NotPermitted"),
    ],
)
async def test_a_ruling_that_the_rules_do_not_allow_is_refused_and_leaves_nothing(
    office: Office, ruling: dict[str, object], why: str
) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    lines = ruling.pop("lines")
    with pytest.raises(Refused, match=why):
        await played.ruled(*lines, **ruling)  # type: ignore[misc,arg-type]
    assert played.rows("line") == []
    assert (await played.penalty_review()).status is ReviewStatus.RULING


async def test_shares_are_refused_where_the_round_paid_nothing(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    with pytest.raises(Refused, match="SharesNotWhole.*paid nothing"):
        await played.ruled(("Q-301", "foshan"), shares={"foshan": 100})
    with pytest.raises(Refused, match="Unacceptable.*say what is ruled"):
        await played.ruled()


async def test_who_took_part_in_the_case_does_not_rule_on_it(office: Office) -> None:
    played = await office.complaint()
    both = "rui:hq_agent@hq"
    await played.found(by=both, liable={Party.DESTINATION: 100})
    await played.told()
    await played.stated()
    with pytest.raises(Refused, match="TookPart.*findings"):
        await played.ruled(("Q-301", "foshan"))
    with pytest.raises(Refused, match="TookPart.*foshan"):
        await played.ruled(("Q-301", "foshan"), by="fern:hq_reviewer@foshan")
    await played.ruled(("Q-301", "foshan"), by=OTHER_REVIEWER)


async def test_penalties_wait_for_the_appeal_window_while_shares_are_posted_with_the_ruling(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 70, "minhang": 30})
    assert played.balances == {"customers": 3000_00, "unit:minhang": -900_00, "unit:foshan": -2100_00}
    await played.past(Owed.APPEAL)
    assert (await played.penalty_review()).status is ReviewStatus.FINAL
    assert not (await played.obligation(Owed.APPEAL)).late
    assert played.balances["hq:quality_fund"] == 100_00
    assert played.rows("line")[-1].final


async def test_a_ruling_may_be_an_exemption_alone(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(exemptions=("weather",))
    assert (await played.penalty_review()).exemptions == ("weather",)


async def test_a_ruling_ten_working_days_late_lapses_and_the_advance_is_shared_by_the_matrix(office: Office) -> None:
    played = await a_paid_loss(office, {Party.DESTINATION: 75, Party.FORCE_MAJEURE: 25})
    await played.past(Owed.STATEMENT)
    due = (await played.obligation(Owed.RULING)).due
    await played.until(due + 13 * DAY)  # ten working days hold at least one Sunday, at most two
    review = await played.penalty_review()
    assert (review.lapsed, review.status, review.lines) == (True, ReviewStatus.FINAL, [])
    assert (await played.obligation(Owed.RULING)).late
    assert "ruling_lapsed" in played.story
    assert played.balances == {"customers": 3000_00, "unit:minhang": -750_00, "unit:foshan": -2250_00}
    with pytest.raises(Refused, match="WrongStage"):
        await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})


# -- the appeal


async def test_an_appeal_partly_won_leaves_part_of_the_penalty_and_the_other_line_stands(office: Office) -> None:
    played = await a_rude_courier(office, TWO_UNITS)
    await played.stated(FOSHAN_MANAGER)
    await played.stated(HUB_MANAGER)
    await played.ruled(("Q-301", "foshan"), ("Q-401", "hub-dongguan"))
    await played.appealed()
    with pytest.raises(Refused, match="WrongStage.*appeals once"):
        await played.appealed()
    with pytest.raises(Refused, match="WrongStage.*decided together"):
        await decided(played, AppealOutcome.SUSTAIN)
    await played.past(Owed.APPEAL)
    with pytest.raises(Refused, match="Unacceptable.*Q-401"):
        await decided(played, AppealOutcome.SUSTAIN, lines=(line("Q-401", AppealOutcome.SUSTAIN),))
    await decided(played, AppealOutcome.PARTIAL, lines=(line("Q-301", AppealOutcome.PARTIAL, 20_00),))
    assert played.balances == {"unit:foshan": -20_00, "unit:hub-dongguan": -100_00, "hq:quality_fund": 120_00}


@pytest.mark.parametrize(
    ("outcome", "remains"), [(AppealOutcome.SUSTAIN, 50_00), (AppealOutcome.PARTIAL, 1_00), (AppealOutcome.OVERTURN, 0)]
)
async def test_overturned_nothing_remains_partly_some_sustained_all(office: Office, outcome: AppealOutcome, remains: int) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    await played.appealed()
    await played.past(Owed.APPEAL)
    lines = (line("Q-301", outcome, 1_00),) if outcome is AppealOutcome.PARTIAL else ()
    await decided(played, outcome, lines=lines)
    assert played.balances.get("hq:quality_fund", 0) == remains
    assert played.rows("line")[-1].remaining == remains


@pytest.mark.parametrize(
    "said",
    [
        line("Q-301", AppealOutcome.SUSTAIN, 10_00),
        line("Q-301", AppealOutcome.OVERTURN, 10_00),
        line("Q-301", AppealOutcome.PARTIAL, 50_00),
        line("Q-301", AppealOutcome.PARTIAL, 0),
        line("Q-301", AppealOutcome.PARTIAL, 60_00),
        line("Q-301", AppealOutcome.PARTIAL),
    ],
)
async def test_an_appeal_decision_that_breaks_the_invariants_is_refused(office: Office, said: c.AppealedLine) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    await played.appealed()
    await played.past(Owed.APPEAL)
    with pytest.raises(Refused, match="AppealInvariant"):
        await decided(played, said.outcome, lines=(said,))
    assert Owed.APPEAL_DECISION in await played.owed()


async def test_shares_that_an_appeal_changes_are_reversed_and_posted_anew(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.appealed()
    await played.past(Owed.APPEAL)
    shares = (c.ShareLine(branch="foshan", share=50), c.ShareLine(branch="minhang", share=50))
    with pytest.raises(Refused, match="SharesNotWhole"):
        await decided(played, AppealOutcome.SUSTAIN, OTHER_SUPERVISOR, shares=shares[:1])
    await decided(played, AppealOutcome.SUSTAIN, OTHER_SUPERVISOR, shares=shares)
    reversal = next(posting for posting in played.rows("posting") if posting.kind == "reversal")
    assert reversal.reverses == f"{played.review}:share:{played.number}-R1-P1:1"
    assert played.balances == {
        "customers": 3000_00,
        "unit:minhang": -1500_00,
        "unit:foshan": -1500_00 - 100_00,
        "hq:quality_fund": 100_00,
    }


async def test_an_overturned_units_share_falls_to_the_owner(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.appealed()
    await played.past(Owed.APPEAL)
    await decided(played, AppealOutcome.OVERTURN, OTHER_SUPERVISOR)
    assert played.balances == {"customers": 3000_00, "unit:minhang": -3000_00}


async def test_when_every_side_has_appealed_the_decision_is_owed_at_once(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    await played.appealed()
    await played.appealed(MANAGER)
    assert (await played.obligation(Owed.APPEAL)).ending == "answered"
    assert Owed.APPEAL_DECISION in await played.owed()


async def test_a_claimants_appeal_may_only_raise_a_line_to_the_clauses_full_amount(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(clauses=(c.ClauseLine(code="Q-301", branch="foshan", amount=10_00),))
    await played.appealed(MANAGER)
    await played.past(Owed.APPEAL)
    for said in (line("Q-301", AppealOutcome.PARTIAL, 5_00), line("Q-301", AppealOutcome.OVERTURN)):
        with pytest.raises(Refused, match="AppealInvariant.*only raise"):
            await decided(played, said.outcome, lines=(said,))
    with pytest.raises(Refused, match="AppealInvariant"):
        await decided(played, AppealOutcome.PARTIAL, lines=(line("Q-301", AppealOutcome.PARTIAL, 50_01),))
    await decided(played, AppealOutcome.PARTIAL, lines=(line("Q-301", AppealOutcome.PARTIAL, 50_00),))
    assert played.balances["unit:foshan"] == -50_00


async def test_an_appeal_is_decided_by_somebody_who_decided_nothing_in_the_case(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.appealed()
    await played.past(Owed.APPEAL)
    with pytest.raises(Refused, match="TookPart.*approval"):
        await decided(played, AppealOutcome.SUSTAIN)
    await decided(played, AppealOutcome.SUSTAIN, by=OTHER_SUPERVISOR)


async def test_an_appeal_outside_its_window_or_from_no_side_is_refused(office: Office) -> None:
    played = await a_rude_courier(office)
    with pytest.raises(Refused, match="WrongStage.*appeal window"):
        await played.appealed()
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    with pytest.raises(Refused, match="NotPermitted"):
        await played.appealed(HUB_MANAGER)
    await played.past(Owed.APPEAL)
    with pytest.raises(Refused, match="WrongStage.*appeal window"):
        await played.appealed()


async def test_an_appeal_decision_ten_working_days_late_lets_the_penalty_lapse_and_the_shares_stand(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.appealed()
    await played.past(Owed.APPEAL)
    await played.until((await played.obligation(Owed.APPEAL_DECISION)).due + 13 * DAY)
    review = await played.penalty_review()
    assert (review.lapsed, review.status) == (True, ReviewStatus.FINAL)
    assert (await played.obligation(Owed.APPEAL_DECISION)).late
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3000_00}


async def test_only_what_was_appealed_lapses_with_a_late_appeal_decision(office: Office) -> None:
    played = await a_paid_loss(office, TWO_UNITS)
    await played.stated()
    await played.stated(HUB_MANAGER)
    await played.ruled(("Q-203", "foshan"), ("Q-203", "hub-dongguan"), shares={"foshan": 60, "hub-dongguan": 40})
    await played.appealed()
    await played.past(Owed.APPEAL)
    await played.until((await played.obligation(Owed.APPEAL_DECISION)).due + 13 * DAY)
    remaining = {line.unit: line.remaining for line in (await played.penalty_review()).lines}
    assert remaining == {"foshan": 0, "hub-dongguan": 100_00}


async def test_shares_alone_may_be_appealed_and_an_overturned_share_falls_to_the_owner(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(shares={"foshan": 100})
    await played.appealed()
    await played.appealed(MANAGER)
    with pytest.raises(Refused, match="AppealInvariant.*say the shares"):
        await decided(played, AppealOutcome.PARTIAL, OTHER_SUPERVISOR)
    await decided(played, AppealOutcome.OVERTURN, OTHER_SUPERVISOR)
    assert played.balances == {"customers": 3000_00, "unit:minhang": -3000_00}


# -- money after the ruling, multiplier, cap


async def test_what_is_paid_after_the_ruling_is_shared_as_ruled_when_it_is_paid(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 50, "minhang": 50})
    await played.proposed(50_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.paid()
    assert played.balances == {"customers": 3050_00, "unit:minhang": -1525_00, "unit:foshan": -1525_00}


async def test_the_multiplier_falls_only_on_the_unit_whose_act_made_severity_climb(office: Office) -> None:
    played = await office.complaint(category="rough_handling", hub="hub-dongguan")
    await played.past(Owed.FIRST_CONTACT)
    assert (await played.called()).told["repeat"]
    await played.found(by=FOSHAN, liable=TWO_UNITS)
    await played.told()
    await played.stated(FOSHAN_MANAGER)
    await played.stated(HUB_MANAGER)
    await played.ruled(("Q-401", "foshan"), ("Q-401", "hub-dongguan"))
    review = await played.penalty_review()
    assert review.severity is Severity.REPEAT
    assert {entry.unit: entry.amount for entry in review.lines} == {"foshan": 150_00, "hub-dongguan": 100_00}


async def test_a_review_bears_the_severity_its_complaint_had_when_it_was_opened(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.say(c.Escalate, MANAGER, kind=EscalationKind.SEVERE, reason_ref="press")
    assert (await played.case()).severity is Severity.SEVERE
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    review = await played.penalty_review()
    assert (review.severity, review.lines[0].amount) == (Severity.NORMAL, 50_00)


async def test_a_complaints_penalties_together_have_a_cap(office: Office) -> None:
    penalties = starter_plan().penalties.model_copy(update={"cap": 120_00})
    played = await a_rude_courier(office, plan=starter_plan(penalties=penalties))
    await played.stated()
    await played.ruled(("Q-301", "foshan"), ("Q-401", "foshan"))
    first, second = (await played.penalty_review()).lines
    assert (first.amount, second.amount) == (50_00, 70_00)
    assert "cut to 7000 fen by the cap" in second.arithmetic


async def test_closing_waits_for_the_review_after_the_last_visit(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.visited()
    await played.visited()
    assert (await played.case()).stage is Stage.FOLLOW_UP
    await played.ruled(("Q-301", "foshan"))
    await played.appealed()
    await played.past(Owed.APPEAL)
    assert (await played.case()).closed_at is None
    await decided(played, AppealOutcome.SUSTAIN)
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances == {"unit:foshan": -50_00, "hq:quality_fund": 50_00}


async def test_the_reviews_of_two_rounds_are_independent_and_closing_waits_for_both(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(liable={Party.ORIGIN: 100})
    await played.told()
    first, second = (await played.case()).reviews.values()
    assert (first.claimant, second.claimant) == ("minhang", "hq")
    assert (first.severity, second.severity) == (Severity.NORMAL, Severity.REPEAT)
    await played.ruled(("Q-301", "foshan"))
    played.review = second.id
    await played.stated(MANAGER, Stance.ADMITS)
    await played.ruled(("Q-602", "minhang"), by=OTHER_REVIEWER)
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances == {"unit:foshan": -50_00, "unit:minhang": -300_00, "hq:quality_fund": 350_00}
