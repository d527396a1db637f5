"""Promises to the customer: who, what, by when. One that is broken makes the customer's next call a repeat."""

from __future__ import annotations

from domain.commands import KeepPromise, MakePromise
from domain.errors import RuleBroken, Unacceptable
from domain.rows import promise_row
from domain.timekeeping import Promise
from domain.values import Owed, Role
from workflows.desk import Desk, Told


class UnknownPromise(RuleBroken):
    """There is no such promise to keep; one is kept once."""


class Promises:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def check_promise(self, promise: MakePromise) -> None:
        if promise.by <= self.desk.now:
            raise Unacceptable(f"A promise is for a time to come; it is {self.desk.said(self.desk.now)}.")

    def promise(self, promise: MakePromise) -> Told:
        case, desk = self.desk.case, self.desk
        unit = promise.actor.unit if promise.actor.unit in case.units_known else case.handler
        role = next(r for r in (Role.BRANCH_AGENT, Role.BRANCH_MANAGER, Role.HQ_AGENT) if r in promise.actor.acts_as)
        owed = desk.open(Owed.PROMISE, unit, role=role, about=promise.promise, window=(desk.now, promise.by))
        owed.sub = promise.actor.sub
        case.promises[promise.promise] = made = Promise(
            id=promise.promise,
            what_ref=promise.what_ref,
            unit=unit,
            at=desk.now,
            by=promise.actor.sub,
            due=promise.by,
            obligation=owed.key,
        )
        desk.note("promised", promise_row(made), promise=made.id, by=made.due.isoformat(), what_ref=made.what_ref)
        return {"id": made.id, "due": owed.due.isoformat()}

    def check_keep(self, kept: KeepPromise) -> None:
        made = self.desk.case.promises.get(kept.promise)
        if made is None or self.desk.case.obligations[made.obligation].ending is not None:
            raise UnknownPromise("There is no promise of this id that waits to be kept.")

    def keep(self, kept: KeepPromise) -> Told:
        case, desk = self.desk.case, self.desk
        made = case.promises[kept.promise]
        made.kept_at = desk.now
        desk.answered(Owed.PROMISE, about=made.id)
        late = case.obligations[made.obligation].late
        desk.note(
            "promise_kept", promise_row(made, words_ref=kept.words_ref), promise=made.id, late=late, words_ref=kept.words_ref
        )
        return {"late": late}
