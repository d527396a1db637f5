"""回避: who may not decide in a complaint, because they or theirs have a part in it (domain §1)."""

from __future__ import annotations

from domain.case import HQ, Case
from domain.commands import Actor
from domain.errors import TookPart


def check_uninvolved(case: Case, actor: Actor) -> None:
    """Neither the people of a branch or hub named in the complaint nor who decided anything in it; of HQ only the latter."""
    check_of_no_side(case, actor)
    acts = case.took_part.get(actor.sub)
    if acts:
        raise TookPart(
            f"You took part in this case ({', '.join(dict.fromkeys(acts))}); somebody who decided nothing in it must do this."
        )


def check_of_no_side(case: Case, actor: Actor) -> None:
    """Not one of the people of a unit that has a part; who stands in for its manager is one of them."""
    for unit in (actor.unit, *actor.stands_in):
        if unit != HQ and unit in case.units:
            raise TookPart(f"You act for {unit}, which has a part in this complaint; somebody else must do this.")
