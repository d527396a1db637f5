"""What cost its author nothing is looked at again: a share by lot, and all where the customer says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.rulebook import read_rulebook
from domain.second_looks import Closed, drawn, lot
from domain.values import CostNothing, CustomerDiffers, Outcome, Party, Validity, VisitResult
from tests.domain.complaints import STARTER

CLOSED_AT = datetime(2026, 11, 30, 3, 4, 5, 678901, tzinfo=UTC)
RULE = read_rulebook(STARTER).sampling.second_look
assert RULE is not None
ALL, NONE = RULE.model_copy(update={"percent": 100}), RULE.model_copy(update={"percent": 0})


def closed(outcome: Outcome = Outcome.RESOLVED, **said: Any) -> Closed:
    return Closed(said.pop("number", "A261116-000001"), CLOSED_AT, said.pop("outcome", outcome), **said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"outcome": Outcome.WITHDRAWN}, [CostNothing.WITHDRAWN]),
        ({"outcome": Outcome.MERGED}, [CostNothing.MERGED]),
        ({"outcome": Outcome.UNVERIFIED}, [CostNothing.UNVERIFIED]),
        ({"outcome": Outcome.UNFOUNDED, "validity": Validity.UNFOUNDED}, [CostNothing.UNFOUNDED]),
        ({"validity": Validity.GENERAL, "liable": frozenset({Party.CUSTOMER})}, [CostNothing.GENERAL, CostNothing.CUSTOMER]),
        ({"liable": frozenset({Party.FORCE_MAJEURE})}, [CostNothing.FORCE_MAJEURE]),
        ({"solved_on_spot": True}, [CostNothing.SOLVED_ON_SPOT]),
        ({"liable": frozenset({Party.CUSTOMER, Party.ORIGIN})}, None),
        ({"validity": Validity.EFFECTIVE, "liable": frozenset({Party.DESTINATION})}, None),
    ],
)
def test_only_what_cost_its_author_nothing_is_drawn_from(said: dict[str, Any], why: list[CostNothing] | None) -> None:
    draw = drawn(closed(**dict(said)), ALL)
    assert (list(draw.why) if draw else None) == why


@pytest.mark.parametrize(
    ("said", "how"),
    [
        ({"visits": ((VisitResult.UNRESOLVED, None),)}, CustomerDiffers.UNRESOLVED),
        ({"visits": ((VisitResult.COMPLAINT_UNTRUE, None),)}, CustomerDiffers.COMPLAINT_UNTRUE),
        ({"visits": ((VisitResult.SOLUTION_NOT_DELIVERED, None),)}, CustomerDiffers.SOLUTION_NOT_DELIVERED),
        ({"visits": ((VisitResult.SATISFIED, 2),)}, CustomerDiffers.LOW_SCORE),
        ({"came_again": True}, CustomerDiffers.CAME_AGAIN),
    ],
)
def test_all_are_drawn_where_the_customer_says_otherwise(said: dict[str, Any], how: CustomerDiffers) -> None:
    draw = drawn(closed(Outcome.UNFOUNDED, **said), NONE)
    assert draw is not None
    assert draw.differs == (how,)
    assert drawn(closed(Outcome.UNFOUNDED, **said), NONE.model_copy(update={"all_where_customer_differs": False})) is None
    assert drawn(closed(Outcome.RESOLVED, **said), NONE) is None, "somebody bore it: there is nothing to look at again"


def test_a_content_customer_is_left_to_the_lot() -> None:
    assert drawn(closed(Outcome.UNFOUNDED, visits=((VisitResult.SATISFIED, 3),)), NONE) is None


def test_the_share_of_the_rulebook_is_drawn_and_the_same_lot_falls_again() -> None:
    some = [closed(Outcome.WITHDRAWN, number=f"A261116-{n:06d}") for n in range(4000)]
    assert RULE is not None
    first = [one.number for one in some if drawn(one, RULE)]
    assert 320 < len(first) < 480
    assert first == [one.number for one in some if drawn(one, RULE)]
    assert 0 <= min(lot(one.number, CLOSED_AT) for one in some) < max(lot(one.number, CLOSED_AT) for one in some) < 10_000


def test_the_lot_is_unknown_until_it_is_closed_and_the_same_in_every_zone() -> None:
    assert lot("A1", CLOSED_AT) != lot("A1", CLOSED_AT + timedelta(microseconds=1))
    assert lot("A1", CLOSED_AT) == lot("A1", CLOSED_AT.astimezone())
