"""Half if found within 7 days (Q-203): ruled so, lessened while it may be appealed, given back once it is final."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.lessened import Given, GivenBack
from domain.values import AppealOutcome, Keeps, Owed, ReviewStatus, Stance
from tests.workflows.office import Office
from tests.workflows.paper import starter_plan
from tests.workflows.played import AGENT, DAY, MANAGER, OTHER_SUPERVISOR, Played, Refused, at_last
from tests.workflows.test_parcel_found import detail, lost, turned_up
from tests.workflows.test_penalty_review import a_rude_courier, decided, line


async def paid_for(office: Office) -> Played:
    """¥1,000 paid for a parcel that Foshan lost; its statement is in."""
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    await played.stated()
    return played


async def ruled(played: Played) -> None:
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})


async def test_found_before_the_ruling_the_line_is_the_half_and_says_so_in_both_languages(office: Office) -> None:
    played = await paid_for(office)
    await turned_up(played)
    with pytest.raises(Refused, match="at most 5000 fen"):
        await played.ruled(clauses=(c.ClauseLine(code="Q-203", amount=50_01),), shares={"foshan": 100})
    await ruled(played)
    [half] = (await played.penalty_review()).lines
    assert (half.amount, half.full, half.found) == (50_00, 50_00, True)
    assert half.arithmetic == "10000 fen × 1 × 100 % × 50 % (found within 7 days)"
    assert half.arithmetic_zh == "10000 分 × 1 票 × 100 % × 50 %（7 日内找回）"
    assert played.rows("line")[-1].arithmetic_zh == half.arithmetic_zh
    await played.past(Owed.APPEAL)
    assert played.balances["hq:quality_fund"] == 50_00
    assert "penalty_lessened" not in played.story


async def test_what_is_admitted_of_a_parcel_that_was_found_is_ruled_from_the_matrix_by_half(office: Office) -> None:
    played = await lost(office)
    await played.approved(MANAGER)
    await played.paid()
    await turned_up(played)
    await played.stated(stance=Stance.ADMITS)
    assert [(ruled.clause, ruled.amount) for ruled in (await played.penalty_review()).lines] == [("Q-203", 50_00)]


async def test_found_while_the_ruling_may_be_appealed_it_is_lessened_and_an_appeal_goes_by_the_half(office: Office) -> None:
    played = await paid_for(office)
    await ruled(played)
    await played.appealed()
    await turned_up(played)
    [half] = (await played.penalty_review()).lines
    assert (half.amount, half.remaining, half.full) == (50_00, 50_00, 50_00)
    assert half.arithmetic == "10000 fen × 1 × 100 % × 50 % (found within 7 days) = 5000 fen"
    assert detail(played, "penalty_lessened")["lines"] == [
        {"unit": "foshan", "clause": "Q-203", "before": 100_00, "remaining": 50_00}
    ]
    assert played.letters("penalty_lessened") == ["branch_manager@foshan"]
    await played.past(Owed.APPEAL)
    with pytest.raises(Refused, match="less than 5000 fen"):
        await decided(played, AppealOutcome.PARTIAL, OTHER_SUPERVISOR, lines=(line("Q-203", AppealOutcome.PARTIAL, 60_00),))
    await decided(played, AppealOutcome.SUSTAIN, OTHER_SUPERVISOR)
    assert played.balances["hq:quality_fund"] == 50_00
    assert "penalty_given_back" not in played.story


async def test_found_after_it_is_final_the_register_gives_back_and_the_complaint_says_so(office: Office) -> None:
    played = await paid_for(office)
    await ruled(played)
    await played.past(Owed.APPEAL)
    [final] = (await played.penalty_review()).lines
    review = f"{played.number}-R1"
    given = GivenBack(
        complaint=played.number, review=review, line=final.key, unit="foshan", clause="Q-203", before=100_00, remaining=50_00
    )
    office.penalties.given[played.number] = Given(lines=(given,))
    await turned_up(played)
    await played.forward(DAY / 24)
    [asked] = [asked for asked in office.penalties.asked if asked.number == played.number]
    assert (asked.by, asked.words_ref) == ("feng", "words")
    assert detail(played, "penalty_given_back") == {
        "review": review,
        "complaint": played.number,
        "lines": [{"unit": "foshan", "clause": "Q-203", "before": 100_00, "remaining": 50_00}],
    }
    assert [left.remaining for left in (await played.penalty_review()).lines] == [50_00]
    assert played.letters("penalty_lessened") == ["branch_manager@foshan"]
    await played.say(c.ChooseMoneyOrParcel, AGENT, keeps=Keeps.MONEY)
    assert (await played.case()).found is not None


async def test_found_in_a_linked_complaint_it_is_lessened_in_the_one_that_penalises(office: Office) -> None:
    played = await paid_for(office)
    await ruled(played)
    linked = await paid_for(office)
    office.penalties.given[linked.number] = Given(others=(f"{linked.number}-gone", played.number))
    await turned_up(linked)
    await at_last(lambda: played.has("penalty_lessened"))
    [half] = (await played.penalty_review()).lines
    assert (half.remaining, half.found) == (50_00, True)
    assert [name for name in played.story if "found" in name or "lessened" in name] == [
        "parcel_found_elsewhere",
        "penalty_lessened",
    ]
    assert Owed.PARCEL_CHOICE.value not in await played.owed()
    assert (await turned_up(played)).told["amount"] == 1000_00  # its own customer, who was paid, still chooses
    assert (await played.penalty_review()).lines == [half]


@pytest.mark.parametrize(("days", "amount"), [(7, 50_00), (8, 100_00)])
@pytest.mark.parametrize("counted_from", ["ruling", "receipt"])
async def test_the_days_count_from_where_the_rulebook_says(office: Office, days: int, amount: int, counted_from: str) -> None:
    """The appeal decision is awaited for so long that the ruling may still be lessened eight days later."""
    penalties = starter_plan().penalties
    rule = penalties.clauses["Q-203"].found
    assert rule is not None
    clause = penalties.clauses["Q-203"].model_copy(update={"found": rule.model_copy(update={"counted_from": counted_from})})
    changed = penalties.model_copy(update={"clauses": penalties.clauses | {"Q-203": clause}})
    played = await a_rude_courier(office, plan=starter_plan(penalties=changed))
    received = (await played.case()).intake.received_at
    await played.past(Owed.STATEMENT)
    await played.ruled(("Q-203", "foshan"))
    ruled_at = (await played.penalty_review()).ruled_at
    assert ruled_at is not None
    await played.appealed()
    await played.until((ruled_at if counted_from == "ruling" else received) + days * DAY)
    await turned_up(played)  # nothing was paid: nobody has to choose, and the penalty is lessened all the same
    assert Owed.PARCEL_CHOICE.value not in await played.owed()
    review = await played.penalty_review()
    assert review.status is not ReviewStatus.FINAL
    assert [left.remaining for left in review.lines] == [amount]
    with pytest.raises(Refused, match="FoundAlready"):
        await turned_up(played)
