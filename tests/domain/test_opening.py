"""Who opens a review, of which round, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import commands as c
from domain.acts import HEARINGS, check
from domain.case import Case
from domain.commands import Actor, OpenReview, Respondent
from domain.errors import AlreadyClosed, TookPart, Unacceptable, WrongStage
from domain.opening import ReviewedAlready, TooLateToOpen, check_opening, held_back, opened
from domain.rounds import Round
from domain.rulings import UnknownClause
from domain.values import Outcome, Role, Validity
from tests.domain.complaints import MONDAY, UNITS, by, case, say

DAY = timedelta(days=1)
REVIEWER = by(Role.HQ_REVIEWER, unit="hq", sub="rui")


def opening(actor: Actor = REVIEWER, **said: Any) -> OpenReview:
    respondents = (Respondent(branch="foshan"),)
    nothing: dict[str, Any] = {"clauses": (), "evidence": (), "round": None, "units": ()}
    return say(OpenReview, actor, **nothing | {"respondents": respondents, "reasons_ref": "r"} | said)


def closed(at: datetime = MONDAY) -> Case:
    this = case()
    this.close(at)
    return this


def test_it_may_be_opened_until_thirty_days_after_closing_and_not_a_second_longer() -> None:
    this = closed()
    check_opening(this, opening(), MONDAY + 30 * DAY)
    with pytest.raises(TooLateToOpen, match="30 days.*closed on 2026-11-16"):
        check_opening(this, opening(), MONDAY + 30 * DAY + timedelta(seconds=1))
    this.plan = this.plan.model_copy(update={"penalties": this.plan.penalties.model_copy(update={"opened_until_days": 60})})
    check_opening(this, opening(), MONDAY + 60 * DAY)


def test_what_was_merged_is_reviewed_where_its_matter_goes_on() -> None:
    this = case()
    this.ended, this.merged_into = Outcome.MERGED, "A261116-000002"
    with pytest.raises(WrongStage, match="A261116-000002"):
        check_opening(this, opening(), MONDAY)
    this.close(MONDAY)
    with pytest.raises(WrongStage, match="A261116-000002"):
        check_opening(this, opening(), MONDAY)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"clauses": ("Q-999",)}, UnknownClause),
        ({"round": 2}, Unacceptable),
        ({"respondents": ()}, Unacceptable),
        ({"respondents": (Respondent(branch="foshan"), Respondent(branch="foshan"))}, Unacceptable),
        ({"respondents": (Respondent(branch="nowhere"),)}, Unacceptable),
        ({"actor": by(Role.HQ_REVIEWER, unit="foshan")}, TookPart),
        ({"actor": by(Role.HQ_REVIEWER, unit="hq", sub="recused")}, TookPart),
    ],
)
def test_what_makes_no_review_is_refused(said: dict[str, Any], refused: type[Exception]) -> None:
    this = case()
    this.part_taken("recused", "recusal")
    with pytest.raises(refused):
        check_opening(this, opening(**said), MONDAY)


def test_a_unit_new_to_the_complaint_comes_with_its_plan() -> None:
    new = UNITS["dali"].model_copy(update={"code": "zhuhai"})
    check_opening(case(), opening(respondents=(Respondent(branch="zhuhai"),), units=(new,)), MONDAY)


def test_a_round_is_reviewed_once_and_another_round_may_still_be() -> None:
    this = case()
    this.rounds[0].solved_on_spot = Validity.EFFECTIVE
    this.begin_round(MONDAY + DAY)
    this.reviews["R2"] = opened(this, opening(), MONDAY + DAY)
    with pytest.raises(ReviewedAlready, match=r"R2.*2026-11-17.*correction"):
        check_opening(this, opening(), MONDAY + 2 * DAY)
    check_opening(this, opening(round=1), MONDAY + 2 * DAY)


def test_only_the_round_that_goes_on_holds_its_ruling_back() -> None:
    this = case()
    now, before = opened(this, opening(), MONDAY), Round(number=1, began_at=MONDAY)
    assert held_back(this, now)
    this.rounds.append(before.model_copy(update={"number": 2}))
    assert not held_back(this, now)
    assert not held_back(this, opened(this, opening(round=1), MONDAY))
    this.ended = Outcome.WITHDRAWN
    assert not held_back(this, opened(this, opening(), MONDAY))


def test_after_closing_only_the_process_of_later_reviews_hears_and_only_what_belongs_to_them() -> None:
    this = closed()
    with pytest.raises(AlreadyClosed):
        check(this, say(c.Rule))
    this.reviewed_later = True
    for kind in HEARINGS:
        assert check(this, say(kind)) == "accept"
    with pytest.raises(AlreadyClosed):
        check(this, say(c.TellAnswer))
