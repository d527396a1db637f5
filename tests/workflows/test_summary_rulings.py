"""简易裁定: admitted, agreed, or small and not contested, it is ruled by rule; either side may still have its hearing."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import Owed, Party, ReviewStatus, RuledBy, Stance, VisitResult
from tests.workflows.office import Office
from tests.workflows.played import (
    DAY,
    FOSHAN_MANAGER,
    HUB_MANAGER,
    MANAGER,
    OTHER_REVIEWER,
    REVIEWER,
    SUPERVISOR,
    Played,
    Refused,
)
from tests.workflows.test_penalty_review import TWO_UNITS, a_paid_loss, a_rude_courier


async def agreed(played: Played, by: str, **shares: int) -> c.Receipt:
    whose = tuple(c.ShareLine(branch=branch, share=share) for branch, share in shares.items())
    return await played.say(c.Agree, by, review=played.review, shares=whose)


async def test_what_is_admitted_is_ruled_from_the_matrix_at_once_whatever_it_cost(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated(stance=Stance.ADMITS)
    review = await played.penalty_review()
    assert (review.status, review.ruled_how, review.ruled_by) == (ReviewStatus.APPEAL_WINDOW, RuledBy.ADMITTED, "system")
    assert [(line.unit, line.clause, line.amount) for line in review.lines] == [("foshan", "Q-203", 100_00)]
    assert review.advance == 3000_00
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3000_00}
    await played.past(Owed.APPEAL)
    assert (await played.penalty_review()).status is ReviewStatus.FINAL
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3100_00, "hq:quality_fund": 100_00}
    assert Owed.RULING not in {o.owed for o in (await played.case()).obligations.values()}


async def test_a_small_matter_that_nobody_contests_is_ruled_when_the_statement_was_due(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.past(Owed.STATEMENT)
    review = await played.penalty_review()
    assert (review.ruled_how, [line.arithmetic for line in review.lines]) == (RuledBy.SMALL, ["5000 fen × 1 × 100 %"])


@pytest.mark.parametrize("stance", [Stance.CONTESTS, Stance.PARTLY])
async def test_what_is_contested_has_its_hearing_however_small(office: Office, stance: Stance) -> None:
    played = await a_rude_courier(office)
    await played.stated(stance=stance)
    assert (await played.penalty_review()).status is ReviewStatus.RULING
    assert Owed.RULING in await played.owed()


async def test_a_large_sum_that_one_respondent_is_silent_about_has_its_hearing(office: Office) -> None:
    played = await a_paid_loss(office, TWO_UNITS)
    await played.stated(stance=Stance.ADMITS)
    await played.past(Owed.STATEMENT)
    assert (await played.penalty_review()).status is ReviewStatus.RULING


async def test_sides_that_agree_on_the_shares_are_ruled_so_without_statements(office: Office) -> None:
    played = await a_paid_loss(office)
    with pytest.raises(Refused, match="SharesNotWhole.*99"):
        await agreed(played, FOSHAN_MANAGER, foshan=99)
    with pytest.raises(Refused, match="NotPermitted"):
        await agreed(played, HUB_MANAGER, foshan=100)
    assert not (await agreed(played, FOSHAN_MANAGER, foshan=70, minhang=30)).told["agreed"]
    assert not (await agreed(played, MANAGER, foshan=100)).told["agreed"]
    assert (await agreed(played, MANAGER, foshan=70, minhang=30)).told["agreed"]
    review = await played.penalty_review()
    assert (review.status, review.ruled_how) == (ReviewStatus.APPEAL_WINDOW, RuledBy.AGREED)
    assert (await played.obligation(Owed.STATEMENT)).ending == "moot"
    assert played.balances == {"customers": 3000_00, "unit:minhang": -900_00, "unit:foshan": -2100_00}
    with pytest.raises(Refused, match="WrongStage.*appeal"):
        await agreed(played, MANAGER, foshan=100)


async def test_sides_agree_in_whatever_order_and_words_they_say_the_same_shares(office: Office) -> None:
    played = await a_paid_loss(office)
    await agreed(played, MANAGER, foshan=70, minhang=30)
    shares = (c.ShareLine(party=Party.ORIGIN, share=30), c.ShareLine(party=Party.DESTINATION, share=70))
    assert (await played.say(c.Agree, FOSHAN_MANAGER, review=played.review, shares=shares)).told["agreed"]
    assert played.balances == {"customers": 3000_00, "unit:minhang": -900_00, "unit:foshan": -2100_00}


@pytest.mark.parametrize("side", [FOSHAN_MANAGER, MANAGER])
async def test_either_side_turns_a_summary_ruling_into_a_full_review(office: Office, side: str) -> None:
    played = await a_paid_loss(office)
    await played.stated(stance=Stance.ADMITS)
    assert (await played.appealed(side)).told["full_review"]
    review = await played.penalty_review()
    assert (review.status, review.lines, review.shares, len(review.contested)) == (ReviewStatus.RULING, [], [], 1)
    assert played.balances == {"customers": 3000_00, "unit:minhang": -3000_00}
    assert played.letters("appealed") == ["hq_reviewer@hq"]
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 50, "minhang": 50})
    await played.appealed()
    await played.past(Owed.APPEAL)
    shares = (c.ShareLine(branch="foshan", share=100),)
    said = {"outcome": "sustain", "lines": (), "reasons_ref": "why", "shares": shares}
    await played.say(c.DecideAppeal, "song:hq_supervisor@hq", review=played.review, **said)
    keys = [posting.key for posting in played.rows("posting")]
    assert len(keys) == len(set(keys))
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3100_00, "hq:quality_fund": 100_00}
    assert {row.key: row.remaining for row in played.rows("line")} == {f"{played.review}:S1": 0, f"{played.review}:1": 100_00}


async def test_a_summary_ruling_is_not_contested_after_its_window(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated(stance=Stance.ADMITS)
    await played.past(Owed.APPEAL)
    for late in (played.appealed(), played.ruled(("Q-301", "foshan"))):
        with pytest.raises(Refused, match="WrongStage"):
            await late


async def test_hq_quality_rules_in_place_of_a_summary_ruling_and_only_once(office: Office) -> None:
    played = await a_paid_loss(office)
    await played.stated(stance=Stance.ADMITS)
    await played.forward(DAY)
    await played.ruled(("Q-203", "foshan"), shares={"minhang": 100})
    with pytest.raises(Refused, match="WrongStage.*ruled on"):
        await played.ruled(("Q-203", "foshan"), shares={"minhang": 100}, by=OTHER_REVIEWER)
    await played.past(Owed.APPEAL)
    assert played.balances == {"customers": 3000_00, "unit:minhang": -3000_00, "unit:foshan": -100_00, "hq:quality_fund": 100_00}


async def test_who_stands_too_near_recuses_themselves_and_rules_no_more(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Recuse, FOSHAN_MANAGER, review=played.review, reasons_ref="cousin")
    await played.say(c.Recuse, REVIEWER, review=played.review, reasons_ref="cousin")
    with pytest.raises(Refused, match="TookPart.*recusal"):
        await played.ruled(("Q-301", "foshan"))
    await played.ruled(("Q-301", "foshan"), by=OTHER_REVIEWER)


# -- one event is penalised once, by the day it happened


async def test_one_event_is_penalised_once_per_unit_and_clause_across_rounds(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    played.review = f"{played.number}-R2"
    await played.stated()
    with pytest.raises(Refused, match=f"PenalisedAlready.*{played.number}-R1.*happened_on"):
        await played.ruled(("Q-301", "foshan"), by=OTHER_REVIEWER)
    today = (await played.now()).date()
    tomorrow = c.ClauseLine(code="Q-301", happened_on=today + 2 * DAY)
    with pytest.raises(Refused, match="Unacceptable.*yet to come"):
        await played.ruled(clauses=(tomorrow,), by=OTHER_REVIEWER)
    await played.ruled(clauses=(c.ClauseLine(code="Q-301", happened_on=today - DAY),), by=OTHER_REVIEWER)
    assert played.rows("line")[-1].amount == 50_00


async def test_what_stands_in_another_complaint_about_the_parcel_is_not_penalised_again(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    day = (await played.case()).intake.received_at.date()
    told = c.Penalised(complaint="A261101-000007", unit="foshan", clause="Q-301", happened_on=day)
    with pytest.raises(Refused, match="PenalisedAlready.*A261101-000007"):
        await played.ruled(("Q-301", "foshan"), elsewhere=(told,))
    await played.ruled(("Q-302", "foshan"), elsewhere=(told,))


async def test_a_supervisor_who_approved_the_money_does_not_decide_and_a_hub_may_be_a_respondent(office: Office) -> None:
    played = await a_paid_loss(office, {Party.HUB: 100})
    await played.stated(HUB_MANAGER, Stance.ADMITS)
    await played.past(Owed.APPEAL)
    assert played.balances["unit:hub-dongguan"] == -3100_00
    assert SUPERVISOR.partition(":")[0] in (await played.case()).took_part


async def test_what_another_complaint_penalised_in_the_same_moment_is_set_aside_before_it_is_posted(office: Office) -> None:
    played = await a_rude_courier(office)
    office.register.penalised[played.number] = {"Q-301": "A261101-000007-R1"}
    await played.stated(stance=Stance.ADMITS)
    await played.forward(DAY / 24)
    [line] = (await played.penalty_review()).lines
    assert (line.amount, line.remaining, line.full) == (0, 0, 0)
    assert line.arithmetic.endswith("0 fen, for it is penalised in A261101-000007-R1: one event once")
    assert line.arithmetic_zh.endswith("已在 A261101-000007-R1 中考核，同一事件只考核一次，计 0 分")
    [told] = [fact.details for fact in played.facts if fact.name == "penalty_set_aside"]
    assert (told["unit"], told["clause"], told["penalised_in"]) == ("foshan", "Q-301", "A261101-000007-R1")
    await played.past(Owed.APPEAL)
    assert played.balances == {}
