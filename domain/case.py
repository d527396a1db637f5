"""One complaint as the rules see it: the state that decisions move and every rule reads.

It is plain data, so that the process carries it across continue-as-new and resumes from it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from domain.calendar import Calendar, Span
from domain.clocks import merged
from domain.commands import Actor, Intake
from domain.continuation import AstrayBefore, Before
from domain.found import FoundParcel
from domain.hours import desk_calendar
from domain.obligations import Obligation
from domain.offers import Offer
from domain.plan import EDITION, CasePlan, DatedFacts, EmergencyPlan, UnitPlan
from domain.postings import is_about
from domain.record import ComplaintRow, PostingRow
from domain.reviews import LatenessLine, Review
from domain.rounds import Query, Round
from domain.timekeeping import DelayRequest, Pause, Promise
from domain.values import (
    OWED_TO_THE_CUSTOMER,
    ComplainantRole,
    Outcome,
    Owed,
    Party,
    Severity,
    Stage,
    Status,
    UnitState,
    Validity,
    VisitResult,
)

HQ = "hq"


class Taken(BaseModel):
    """A decision that was taken, remembered so that it is taken once."""

    digest: str
    at: datetime
    seq: int
    told: dict[str, str | int | bool | None] = {}
    answered: str | None = None


class Call(BaseModel):
    at: datetime
    text: str | None


class Case(BaseModel):
    """All facts of one complaint that a rule may ask for."""

    intake: Intake
    plan: CasePlan
    opened_at: datetime
    status: Status = Status.RECEIVED
    stage: Stage = Stage.ACKNOWLEDGEMENT
    outcome: Outcome | None = None
    severity: Severity = Severity.NORMAL
    issue_count: int = 1
    chase_count: int = 0
    hand_on_count: int = 0
    category: str
    waybill: str | None = None
    origin: str | None = None
    destination: str | None = None
    hub: str | None = None
    owner: str
    handler: str
    agent: str | None = None
    freight: int | None = None
    declared_value: int | None = None
    claimed: int | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    pieces: int | None = None
    customer_deadline: datetime | None = None
    payee_ref: str | None = None
    payee_by: str | None = None
    rounds: list[Round] = []
    units_known: dict[str, UnitPlan] = {}
    queries: dict[str, Query] = {}
    reviews: dict[str, Review] = {}
    obligations: dict[str, Obligation] = {}
    decisions: dict[str, Taken] = {}
    calls: list[Call] = []
    took_part: dict[str, list[str]] = {}
    climbed_by: list[str] = []
    dated: DatedFacts = DatedFacts()
    pauses: dict[str, Pause] = {}
    delays: dict[str, DelayRequest] = {}
    promises: dict[str, Promise] = {}
    lateness: dict[str, LatenessLine] = {}
    found: FoundParcel | None = None
    lost_before: dict[str, AstrayBefore] = {}
    emergencies_told: list[str] = []
    boundaries_seen_to: datetime | None = None
    regulator_appeal: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    ended: Outcome | None = None
    cancel_asked: bool = False
    merged_into: str | None = None
    reviewed_later: bool = False
    seq: int = 0

    @classmethod
    def received(cls, intake: Intake, plan: CasePlan, now: datetime) -> Case:
        """The case of a complaint just received: the owner is the origin branch, the handler named by the category."""
        complete, before = bool(intake.origin and intake.waybill) or intake.origin == HQ, intake.before
        case = cls(
            intake=intake,
            plan=plan,
            opened_at=intake.received_at,
            status=Status.OPEN if complete else Status.INCOMPLETE,
            category=intake.category,
            owner=HQ,
            handler=HQ,
            units_known=dict(plan.units),
            dated=plan.dated,
            rounds=[Round(number=1, began_at=intake.received_at)],
            calls=[Call(at=intake.received_at, text=intake.text)],
            severity=before.severity if before else Severity.NORMAL,
            issue_count=before.issue_count if before else 1,
            climbed_by=list(before.climbed_by) if before else [],
            regulator_appeal=intake.appeal_number,
            payee_by=intake.received_by if intake.payee_ref and not before else None,
            **intake.model_dump(
                include={
                    *("waybill", "origin", "destination", "hub", "freight", "declared_value", "claimed"),
                    *("promised_at", "delivered_at", "payee_ref", "pieces", "customer_deadline"),
                }
            ),
        )
        case.route()
        return case

    # -- who

    def route(self) -> None:
        """The owner is the origin branch, the handler named by the category's duty; with the branches unknown, the HQ desk."""
        if self.status is Status.INCOMPLETE:
            self.owner = self.handler = HQ
            return
        self.owner, duty = self.takes_for(self.origin or HQ), self.plan.categories[self.category].handler
        self.handler = self.takes_for(self.destination) if duty == "destination" and self.destination else self.owner

    def takes_for(self, unit: str) -> str:
        """Who takes a new complaint of a unit: itself; while it is suspended the next open unit above it, at last the HQ desk."""
        if self.plan.edition < EDITION or not self.suspended(unit):
            return unit
        above = (code for code in self.ancestors(unit) if code in self.units_known)
        return next((code for code in above if self.units_known[code].state is UnitState.OPEN), HQ)

    def taken_for(self) -> list[tuple[str, str, Literal["owner", "handler"]]]:
        """Suspended units whose complaint this is, and who takes it for them as what."""
        by_duty = self.destination if self.plan.categories[self.category].handler == "destination" else None
        parts: list[tuple[str | None, str, Literal["owner", "handler"]]] = [
            (self.origin, self.owner, "owner"),
            (by_duty, self.handler, "handler"),
        ]
        return [(unit, taker, part) for unit, taker, part in parts if unit and self.suspended(unit) and taker != unit]

    def suspended(self, unit: str | None) -> bool:
        return unit in self.units_known and self.units_known[unit].state is UnitState.SUSPENDED

    def ancestors(self, unit: str) -> tuple[str, ...]:
        return self.units_known[unit].ancestors if unit in self.units_known else (HQ,)

    def unit_of(self, party: Party, branch: str | None = None) -> str | None:
        """The unit that a party of the findings is; None for the customer and for force majeure."""
        named = {Party.ORIGIN: self.origin, Party.DESTINATION: self.destination, Party.HUB: self.hub, Party.HQ: HQ}
        return branch if party is Party.BRANCH else named.get(party)

    @property
    def liable_units(self) -> list[str]:
        """The units that the standing findings name, each once, in order."""
        findings = self.round.findings
        named = [self.unit_of(p.party, p.branch) for p in findings.liable] if findings else []
        return list(dict.fromkeys(unit for unit in named if unit))

    @property
    def units(self) -> list[str]:
        """Every unit that takes part: what scoping goes by."""
        of_reviews = [unit for review in self.reviews.values() for unit in review.respondents]
        asked = [query.asked for query in self.queries.values()]
        handed = [unit for obligation in self.obligations.values() for unit in (obligation.unit, obligation.hours_of)]
        all_units = [self.origin, self.destination, self.hub, self.owner, self.handler]
        return list(dict.fromkeys(u for u in [*all_units, *asked, *of_reviews, *handed, *self.liable_units] if u))

    def learn(self, unit: UnitPlan) -> None:
        """A unit as a decision brings it along; of those that take part already the house tells what changes."""
        if unit.code not in self.units_known or unit.code not in self.units:
            self.units_known[unit.code] = unit

    def acting_for(self, unit: str) -> str:
        """Who does the work of a unit: itself, or where it is closed whoever follows it, at last the HQ desk."""
        followed: set[str] = set()
        while unit in self.units_known and self.units_known[unit].state is UnitState.CLOSED and unit not in followed:
            followed.add(unit)
            unit = self.units_known[unit].successor or HQ
        return unit if unit in self.units_known and unit not in followed else HQ

    def made_by(self, actor: Actor) -> None:
        """Somebody has a part in the sums of this round: they check none of it, nor does whoever stands in for such a manager."""
        round = self.round
        round.makers.append(actor.sub)
        managed = (unit for unit in (self.owner, *self.ancestors(self.owner)) if actor.manages(unit))
        round.managed += [unit for unit in managed if unit not in round.managed]

    def part_taken(self, sub: str, act: str) -> None:
        self.took_part.setdefault(sub, []).append(act)

    # -- where it stands

    @property
    def round(self) -> Round:
        return self.rounds[-1]

    @property
    def findings_stand(self) -> bool:
        return self.ended is None and self.round.validity is not None

    @property
    def resolved(self) -> bool:
        return self.resolved_at is not None

    @property
    def had_before(self) -> int:
        """What the customer has of complaints that this one continues (fen); the parcel's claim counts it as well, never both."""
        before = self.intake.before
        return before.paid - sum(lost.amount for lost in self._lost_of(before)) if before else 0

    @property
    def goodwill_before(self) -> int:
        before = self.intake.before
        return before.goodwill - sum(lost.goodwill for lost in self._lost_of(before)) if before else 0

    @property
    def booked_before(self) -> list[PostingRow]:
        """The entries of complaints that this one continues, for the payments the customer still has."""
        postings = self.intake.before.postings if self.intake.before else ()
        return [posting for posting in postings if not any(is_about(posting, payment) for payment in self.lost_before)]

    def _lost_of(self, before: Before) -> list[AstrayBefore]:
        """What of it was lost since it was added up."""
        counted = {posting.key for posting in before.postings}
        return [lost for lost in self.lost_before.values() if f"{lost.payment}:paid" in counted]

    @property
    def in_progress(self) -> bool:
        """True until the visits of the last round are over and no money waits, or the complaint ended before them."""
        return self.ended is None and (not self.round.visited or self.money_waits)

    @property
    def money_waits(self) -> bool:
        """Some of the round's money is not settled; what 0.1.0 began did not wait for the rest that HQ alone decides."""
        round = self.round
        return round.waiting_offer is not None or bool(round.unpaid) or (round.rest_waits and self.plan.edition >= EDITION)

    @property
    def unpaid(self) -> list[Offer]:
        """What came back, in this round or from an earlier one, and has nothing in its place yet."""
        return [offer for round in self.rounds for offer in round.offers if offer.key in self.round.unpaid]

    @property
    def payment_in_flight(self) -> bool:
        return any(offer.in_flight for round in self.rounds for offer in round.offers)

    @property
    def customer_kept_waiting(self) -> bool:
        """Something owed to the customer is late: the next call is a repeat, no longer a chase."""
        return any(o.late and o.owed in OWED_TO_THE_CUSTOMER for o in self.obligations.values())

    def open_obligation(self, owed: Owed, unit: str | None = None, about: str | None = None) -> Obligation | None:
        """The latest obligation of a kind that is planned or open; one that was taken over is still its first holder's too."""
        for obligation in reversed(self.obligations.values()):
            if (
                obligation.owed is owed
                and obligation.ending is None
                and unit in (None, obligation.unit, obligation.hours_of)
                and about in (None, obligation.about)
            ):
                return obligation
        return None

    # -- its clocks

    def calendar(self, unit: str | None = None) -> Calendar:
        """When the desk of a unit is open as far as is known today; without one, the network's."""
        hours = self.units_known[unit].hours if unit in self.units_known else None
        plan = self.plan
        return desk_calendar(week=plan.week, tz=plan.timezone, exceptions=self.dated.calendar, hours=hours)

    @property
    def customer_unit(self) -> str | None:
        """The unit whose customer the complainant is: the recipient's is the destination's."""
        recipient = self.intake.complainant is ComplainantRole.RECIPIENT
        return self.destination if recipient and self.destination else self.origin

    def emergencies_at(self, unit: str | None) -> tuple[EmergencyPlan, ...]:
        return self.units_known[unit].emergencies if unit in self.units_known else ()

    def exemptions(self, units: list[str]) -> list[str]:
        """考核剔除: emergencies that these units were in since the complaint was received, for the ruling to weigh."""
        among = [e for unit in units for e in self.emergencies_at(unit) if e.exempts and e.ends > self.opened_at]
        return list(dict.fromkeys(emergency.id for emergency in among))

    def standstills(self, obligation: Obligation) -> tuple[Span, ...]:
        """When a contract clock does not run: in a pause, in an emergency of who owes it, a visit in one of the customer's."""
        spans = [(pause.starts, pause.ends) for pause in self.pauses.values()]
        if obligation.owed in (Owed.VISIT_1, Owed.VISIT_2):
            spans += [(e.starts, e.ends) for e in self.emergencies_at(self.customer_unit) if e.holds_visits]
        since = datetime.min.replace(tzinfo=UTC)
        for held in obligation.held:
            stretched = [e for e in self.emergencies_at(held.unit) if e.stretches]
            spans += [(max(e.starts, since), min(e.ends, held.until)) for e in stretched]
            since = held.until
        return merged([*spans, *((max(e.starts, since), e.ends) for e in self.emergencies_at(obligation.unit) if e.stretches)])

    def next_boundary(self) -> datetime | None:
        """When a clock next begins to stand still, or to run again."""
        emergencies = {e for unit in self.units_known.values() for e in unit.emergencies}
        spans = [(pause.starts, pause.ends) for pause in self.pauses.values()] + [(e.starts, e.ends) for e in emergencies]
        seen = self.boundaries_seen_to or self.opened_at
        return min((at for span in spans for at in span if at > seen), default=None)

    def next_moment(self) -> datetime | None:
        """When next something happens by itself: a rung, a window that opens, a clock that stops or runs again."""
        going = [o.next_at for o in self.obligations.values() if o.ending is None]
        return min((at for at in [*going, self.next_boundary()] if at is not None), default=None)

    # -- what moves it

    def climb(self, severity: Severity, by: str | None) -> None:
        """Severity climbs, never falls; `by` is the unit whose act made it climb."""
        if severity.rank > self.severity.rank:
            self.severity = severity
        if by:
            self.climbed_by.append(by)

    def repeated(self) -> None:
        """The customer had to come again: counted, and severity climbs by the act of whoever should have solved it."""
        self.issue_count += 1
        self.climb(Severity.REPEAT, by=self.handler)

    def resolve(self, now: datetime) -> None:
        self.resolved_at, self.status, self.stage = now, Status.RESOLVED, Stage.FOLLOW_UP

    def begin_round(self, now: datetime) -> None:
        """The next round: investigation again, at least as a repeat (domain §2.5); what the customer had agreed to stays owed."""
        promised = [offer.key for offer in self.unpaid if offer.promised]
        self.rounds.append(Round(number=self.round.number + 1, began_at=now, unpaid=promised))
        self.resolved_at, self.status, self.stage = None, Status.OPEN, Stage.INVESTIGATION

    def close(self, now: datetime) -> Outcome:
        """The outcome the rules give, and the end."""
        last = self.round.visits[-1].result if self.round.visits else None
        if self.ended:
            self.outcome = self.ended
        elif last is VisitResult.UNREACHABLE:
            self.outcome = Outcome.UNVERIFIED
        else:
            self.outcome = Outcome.UNFOUNDED if self.round.validity is Validity.UNFOUNDED else Outcome.RESOLVED
        self.closed_at, self.status, self.stage = now, Status.CLOSED, Stage.CLOSED
        return self.outcome

    # -- what the register is told

    @property
    def dated_version(self) -> int:
        """The change of dated facts that the complaint knows."""
        return self.dated.version

    def row(self) -> ComplaintRow:
        held = {name: getattr(self, name) for name in ComplaintRow.model_fields if name not in ("table", "round", "liable")}
        liable = [*(unit for review in self.reviews.values() for unit in review.respondents), *self.liable_units]
        return ComplaintRow(**held, round=self.round.number, liable=list(dict.fromkeys(liable)))
