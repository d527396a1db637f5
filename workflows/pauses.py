"""Pauses: the complaint's contract clocks stand still, by whom the rules allow, as often and as long; the law's never do."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.case import Case
from domain.commands import Pause, Resume
from domain.errors import NotPermitted, RuleBroken, Unacceptable
from domain.rows import pause_row
from domain.timekeeping import Pause as Standstill
from domain.values import Role
from workflows.desk import Desk, Told


class NotPaused(RuleBroken):
    """There is no pause of that kind to end; a pause ends once."""


class Pauses:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def check_pause(self, pause: Pause) -> None:
        now = self.desk.now
        longest = self._longest(self.desk.case, pause)
        if pause.until is not None and not now < pause.until <= now + longest:
            latest = self.desk.said(now + longest)
            raise Unacceptable(f"A pause ends in the future, at most {longest.days} days from now: by {latest}.")

    def _longest(self, case: Case, pause: Pause) -> timedelta:
        """How long this person may pause for this reason; refused when they may not."""
        plan, code = case.plan.pauses, pause.reason_code
        if code is None:
            if Role.HQ_REVIEWER not in pause.actor.roles:
                raise NotPermitted(
                    f"HQ quality pauses for any reason; everybody else names one of: {', '.join(plan.reasons) or 'none'}."
                )
            return plan.longest
        if (reason := plan.reasons.get(code)) is None:
            raise Unacceptable(
                f"{code} is not a reason to pause of this complaint's rulebook: {', '.join(plan.reasons) or 'it has none'}."
            )
        if Role.HQ_REVIEWER not in pause.actor.roles:
            if not pause.actor.acts_as & set(reason.by):
                raise NotPermitted(f"For {code} a complaint is paused by {', '.join(reason.by)}.")
            if reason.times is not None and sum(p.reason_code == code for p in case.pauses.values()) >= reason.times:
                raise RuleBroken(f"This complaint was paused {reason.times} times for {code}, as often as the rulebook allows.")
        return min(reason.longest, plan.longest)

    def pause(self, pause: Pause) -> Told:
        """What the clocks have counted stays counted; their due times move by what they would have counted of the pause."""
        case, desk = self.desk.case, self.desk
        ends = pause.until or desk.now + self._longest(case, pause)
        case.pauses[pause.pause] = held = Standstill(
            id=pause.pause,
            reason_code=pause.reason_code,
            reason_ref=pause.reason_ref,
            starts=desk.now,
            ends=ends,
            by=pause.actor.sub,
            by_hq=Role.HQ_REVIEWER in pause.actor.roles,
        )
        moved = desk.rewind()
        desk.note(
            "paused",
            pause_row(held),
            until=ends.isoformat(),
            reason_code=pause.reason_code,
            reason_ref=pause.reason_ref,
            moved=moved,
        )
        return {"id": held.id, "until": ends.isoformat()}

    def check_resume(self, resume: Resume) -> None:
        if not self._to_end(resume):
            raise NotPaused("The complaint is not paused." if resume.pause is None else "That pause is over, or never was.")
        if not self._allowed(resume):
            raise NotPermitted("HQ quality set this pause and ends it.")

    def _to_end(self, resume: Resume) -> list[Standstill]:
        running = [pause for pause in self.desk.case.pauses.values() if not pause.ended and pause.ends > self.desk.now]
        return [pause for pause in running if resume.pause in (None, pause.id)]

    def _allowed(self, resume: Resume) -> list[Standstill]:
        hq = Role.HQ_REVIEWER in resume.actor.roles
        return [pause for pause in self._to_end(resume) if hq or not pause.by_hq]

    def resume(self, resume: Resume) -> Told:
        """The pauses this person may end, end; where another one, or an emergency, goes on, the clocks stand still for that."""
        case, desk = self.desk.case, self.desk
        ending = self._allowed(resume)
        for pause in ending:
            pause.ends, pause.ended, pause.ended_by = desk.now, True, resume.actor.sub
            desk.show(pause_row(pause))
        still = self._still_paused(case, desk.now)
        moved = desk.rewind()
        desk.note("resumed", pauses=[pause.id for pause in ending], still_paused=still, reason_ref=resume.reason_ref, moved=moved)
        return {"ended": len(ending), "paused": still}

    def _still_paused(self, case: Case, now: datetime) -> bool:
        return any(pause.starts <= now < pause.ends for pause in case.pauses.values())
