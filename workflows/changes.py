"""What changes around a complaint whatever its rulebook says: calendars, emergencies, record-only periods, units (domain §4).

Told by a signal as it stands now, so that what is told twice, or overtaken on its way, changes nothing.
"""

from __future__ import annotations

from domain.case import Case
from domain.commands import News
from domain.ladders import hand_over
from domain.plan import UnitPlan
from domain.sentences import TAKEN_FOR
from domain.values import ClockKind, Role, Stage, UnitState
from workflows.desk import Desk


class Changes:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def hear(self, news: News) -> None:
        """Due times that have not passed move, with a line in the timeline; what was met never becomes late."""
        case, desk = self.desk.case, self.desk
        if news.dated.version <= case.dated.version or (case.stage is Stage.CLOSED and not case.reviewed_later):
            return
        desk.alarm.climb()  # what fell due before it was heard
        before, case.dated = case.dated, news.dated
        known = {code: unit.state for code, unit in case.units_known.items()}
        case.units_known.update({unit.code: unit for unit in news.units})
        turned = [unit for unit in news.units if known.get(unit.code) is not unit.state]
        closed = [unit for unit in turned if unit.state is UnitState.CLOSED]
        for unit in closed:
            self._succeed(unit)
        emergencies = announce_emergencies(desk)
        moved = desk.rewind()
        desk.note(
            "dated_facts_changed",
            version=news.dated.version,
            calendar=news.dated.calendar.version if news.dated.calendar != before.calendar else None,
            closed=[unit.code for unit in closed],
            suspended=[unit.code for unit in turned if unit.state is UnitState.SUSPENDED],
            emergencies=emergencies,
            moved=moved,
            unmoved=the_laws(case) if emergencies else [],
        )

    def _succeed(self, closed: UnitPlan) -> None:
        """A unit left the network: its successor, or the HQ desk, owes what it owed."""
        case, desk = self.desk.case, self.desk
        to = case.acting_for(closed.code)
        for obligation in case.obligations.values():
            if obligation.ending is None and obligation.unit == closed.code and obligation.role is not Role.CUSTOMER:
                hand_over(case, obligation, to, desk.now)
                desk.changed[obligation.key] = obligation
        case.owner = to if case.owner == closed.code else case.owner
        case.handler = to if case.handler == closed.code else case.handler


def the_laws(case: Case) -> list[dict[str, str]]:
    """What no emergency moves, said with the case."""
    going = [o for o in case.obligations.values() if o.ending is None and o.kind is ClockKind.LEGAL]
    return [{"obligation": o.key, "due": o.due.isoformat(), "why": "the law's time does not move"} for o in going]


def say_who_takes_it(desk: Desk) -> None:
    """A suspended unit takes no new complaints: its people, and those above who have this one now, read why."""
    for unit, taker, part in desk.case.taken_for():
        said = TAKEN_FOR[part]
        text = {spoken: words.format(unit=unit, taker=taker) for spoken, words in (("zh", said.zh), ("en", said.en))}
        desk.note("taken_for_suspended_unit", unit=unit, taken_by=taker, part=part, text=text)


def announce_emergencies(desk: Desk) -> list[str]:
    """Tell the customer of emergencies where their parcel's people are, each once; answers which were new."""
    case = desk.case
    units = dict.fromkeys((case.customer_unit, case.owner, case.handler))
    going_on = {e.id: e for unit in units for e in case.emergencies_at(unit) if e.ends > desk.now}
    new = [e for id, e in going_on.items() if id not in case.emergencies_told]
    for emergency in new:
        case.emergencies_told.append(emergency.id)
        if not case.resolved and case.ended is None:
            desk.tell("emergency", "complainant", emergency=emergency.id, ends=emergency.ends.isoformat())
    return [emergency.id for emergency in new]
