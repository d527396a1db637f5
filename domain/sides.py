"""Who speaks for a side of a penalty review: its own people, who stands in for its manager, the unit above, or who follows it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.case import HQ, Case
from domain.commands import Agree, Appeal, MakeStatement
from domain.errors import NotPermitted, TookPart, Unacceptable
from domain.permits import WHO
from domain.reviews import Review

_DECIDED = {"ruling", "appeal decision"}


def side_of(case: Case, review: Review, said: MakeStatement | Agree | Appeal, sides: Sequence[str]) -> str:
    """The side for which it is said: the one named, else the speaker's own, else the only one they can mean.

    Raises NotPermitted, TookPart, Unacceptable.
    """
    actor = said.actor
    units = dict.fromkeys(unit for role in sorted(WHO[type(said)]) for unit in actor.units_as(role))
    theirs = [side for side in sides if side in units or any(_answers_for(case, unit, side) for unit in units)]
    meant = [side for side in theirs if said.branch in (None, side)]
    own = [side for side in meant if side == actor.unit] or [side for side in meant if side in units] or meant
    if not own:
        among = f"the sides you may speak for are {', '.join(theirs)}" if theirs else f"its sides are {', '.join(sides)}"
        raise NotPermitted(f"You belong to {actor.unit}, which is no side of this review that you could speak for; {among}.")
    if len(own) > 1:
        raise Unacceptable(f"You may speak for {' and '.join(own)}; say which you mean: `branch`.")
    _check_speaker(case, review, said, own[0])
    return own[0]


def _answers_for(case: Case, unit: str, side: str) -> bool:
    """As who does the work of a unit that left the network, or as the unit above; HQ stands above no side."""
    acting = case.acting_for(side)
    return unit == acting or (unit != HQ and unit in case.ancestors(acting))


def _check_speaker(case: Case, review: Review, said: MakeStatement | Agree | Appeal, side: str) -> None:
    """Not somebody of another side who stands in here, nor who stepped back (回避), nor for HQ who decided in the case."""
    actor, acts = said.actor, set(case.took_part.get(said.actor.sub, ()))
    if actor.unit in review.sides and actor.unit != side and not _answers_for(case, actor.unit, side):
        raise TookPart(f"You belong to {actor.unit}, the other side of this review; somebody else speaks for {side}.")
    if "recusal" in acts:
        raise TookPart(f"You stepped back from this complaint; somebody else speaks for {side}.")
    if side == HQ and acts & _DECIDED:
        raise TookPart("You decided in this case; somebody else of HQ quality speaks for its side.")
