"""What readers are shown: rows of the register as the contract's documents, words filled in, people hidden from operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.auth import Principal
from domain.commands import Intake
from domain.reviews import set_aside
from store import texts
from store.complaints import Dossier
from store.inbox import Item
from store.ledger import Account, Entry
from store.paging import Page
from store.tables import Complaint, Delay, Lateness, Notice, PenaltyLine, PenaltyReview, TimelineEntry

SUMS = frozenset(
    {
        *(
            "amount",
            "remaining",
            "before",
            "full",
            "computed",
            "proposed",
            "approved",
            "paid",
            "freight",
            "declared_value",
            "claimed",
            "proven_value",
        ),
        *(
            "collected",
            "handed_over",
            "overcharge",
            "charged_without_agreement",
            "penalised",
            "penalties",
            "recovered",
            "advance",
        ),
        *("cap", "paid_before", "paid_anew", "paid_elsewhere", "settled_elsewhere"),  # of a step of a reckoning
    }
)
"""Names under which the register holds fen."""

CNY = "CNY"


def money(fen: int | None) -> dict[str, Any] | None:
    return None if fen is None else {"amount": fen, "currency": CNY}


def shown(name: str, value: Any) -> Any:
    """A value by its name: fen as money, anything else as it is."""
    return money(value) if name in SUMS and isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Reader:
    """How one person sees: `words` are the texts behind references, empty for whoever may not read them.

    `despite` are the reasons for which some of them were told although the language guard objected.
    """

    people: bool
    words: Mapping[str, str] = field(default_factory=dict)
    despite: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, session: AsyncSession, person: Principal, *rows: Any) -> Reader:
        """A reader of these rows, with the words they refer to."""
        if not person.sees_people:
            return cls(people=False)
        referred = set(references(rows))
        return cls(True, await texts.bodies(session, referred), await texts.reasons(session, referred))

    def shown(self, value: Any, *without: str) -> Any:
        """A row or document as it is shown: `x_ref` as `x` in words, sums as money."""
        if isinstance(value, SQLModel):
            value = value.model_dump()
        if isinstance(value, Mapping):
            members = dict(self._member(name, held) for name, held in value.items() if name not in without)
            reasons = [self.despite[held] for held in value.values() if isinstance(held, str) and held in self.despite]
            return members | ({"despite": reasons[0]} if reasons else {})
        return [self.shown(held) for held in value] if isinstance(value, list | tuple) else value

    def _member(self, name: str, value: Any) -> tuple[str, Any]:
        if name.endswith("_ref") and name != "payee_ref":
            return name.removesuffix("_ref"), self.words.get(value) if isinstance(value, str) else None
        return name, shown(name, value) if isinstance(value, int) else self.shown(value)

    def complaint(self, found: Dossier, owed: list[dict[str, Any]]) -> dict[str, Any]:
        row = found.complaint
        reviews = [self.review(review, [line for line in found.lines if line.review == review.key]) for review in found.reviews]
        rounds = {compensation.round: self.shown(compensation, "number") for compensation in found.compensations}
        nothing: dict[str, Any] = {"computed": None, "proposed": None, "approved": None, "paid": money(0), "explanation": []}
        return summary(row) | {
            "issue_count": row.issue_count,
            "chase_count": row.chase_count,
            "hand_on_count": row.hand_on_count,
            "hub": row.hub,
            "units": row.units,
            "liable": row.liable,
            "complainant": self.complainant(found),
            "description": self.words.get(row.description_ref),
            "remedy_sought": row.remedy_sought if self.people else None,
            **self.shown({name: getattr(row, name) for name in ("freight", "declared_value", "claimed")}),
            **{name: getattr(row, name) for name in ("promised_at", "delivered_at", "customer_deadline", "pieces", "region")},
            "hold_for_release": row.hold_for_release,
            "batch": row.batch,
            "received_by": row.received_by,
            "regulator_appeal": row.regulator_appeal,
            "process_lost_at": row.lost_at,
            "dated_version": row.dated_version,
            "rulebook": {"version": row.rulebook_version, "hash": row.rulebook_hash},
            "obligations": owed,
            "findings": self.shown([f.model_dump(exclude={"number"}) for f in found.findings]),
            "exchange": [self.shown(asked, "number", "key") | {"id": asked.key} for asked in found.exchange],
            "compensation": rounds.get(row.round) or nothing | {"round": row.round},
            "compensations": list(rounds.values()),
            "payments": [self.shown(payment, "number", "payee_ref") for payment in found.payments],
            "penalty_review": reviews[-1] if reviews else None,
            "penalty_reviews": reviews,
            "visits": [self.shown(visit, "number", "key") for visit in found.visits],
            "answers": [self.shown(answer, "number", "key") for answer in found.answers],
            "pauses": [self.shown(pause, "number", "key") | {"id": pause.key} for pause in found.pauses],
            "delays": [self.concerning(delay) for delay in found.delays],
            "promises": [self.shown(promise, "number", "key") | {"id": promise.key} for promise in found.promises],
            "parcel_found": self.found(found.found),
            "lateness": [self.concerning(line) for line in found.lateness],
            "evidence": [evidence.model_dump(exclude={"number"}) for evidence in found.evidence] if self.people else [],
            "reopened_at": row.reopened_at,
            "before": self.before(found),
            "links": linked(row, found.same_waybill),
        }

    def before(self, found: Dossier) -> dict[str, Any] | None:
        """What it began with, less what the customer has lost of it since."""
        if (before := found.complaint.intake.get("before")) is None:
            return None
        lost = [{"payment": gone.key, "amount": gone.amount, "outcome": gone.state} for gone in found.lost_before]
        if (astray := before.get("astray")) is not None:  # what it was opened for, and was not counted
            lost.insert(0, {name: astray[name] for name in ("payment", "amount", "outcome")})
        stands = before | {"paid": before["paid"] - sum(gone.amount for gone in found.lost_before), "lost": lost}
        shown: dict[str, Any] = self.shown(stands, "postings", "astray")
        return shown

    def found(self, events: Sequence[TimelineEntry]) -> dict[str, Any] | None:
        """A parcel found after it was paid for: what was said of it and, since, what came of it; the latest word holds."""
        said: dict[str, Any] = {}
        for event in events:
            said |= {"words_ref": None} | event.details | {f"{event.name}_at": event.at}
        return self.shown(said) if said else None

    def concerning(self, row: Delay | Lateness) -> dict[str, Any]:
        """What names an obligation, in the words obligations have: its `key`, and what it is as `obligation`."""
        shown: dict[str, Any] = self.shown(row, "number", "key", "owed")
        return {"id": row.key} | shown | {"key": row.obligation, "obligation": row.owed}

    def lateness(self, line: Lateness) -> dict[str, Any]:
        return {"complaint": line.number} | self.concerning(line)

    def complainant(self, found: Dossier) -> dict[str, Any]:
        known = found.complainant
        shown = {"role": known.role, "language": known.language}
        return shown | {"name": known.name, "phone": known.phone, "email": known.email} if self.people else shown

    def review(self, review: PenaltyReview, lines: Iterable[PenaltyLine] = ()) -> dict[str, Any]:
        """Its lines are what was ruled under each clause, and what remains of it; beside them, what a full ruling set aside."""
        told: dict[bool, list[Any]] = {False: [], True: []}
        for line in lines:
            told[set_aside(line.key, (review.ruling or {}).get("how"))].append(self.shown(line, "number", "review"))
        shown: dict[str, Any] = self.shown(review, "number", "key")
        return {"id": review.key, "complaint": review.number} | shown | {"lines": told[False], "lines_set_aside": told[True]}

    def event(self, entry: TimelineEntry, letters: Iterable[Notice] = ()) -> dict[str, Any]:
        """A business event, with the letters written along with it and what became of them."""
        return {
            "seq": entry.seq,
            "at": entry.at,
            "name": entry.name,
            "actor": {"sub": entry.actor, "role": entry.role},
            "details": self.shown(entry.details),
            "notices": [
                {"template": n.template, "to": n.to, "state": n.state, "sent_at": n.sent_at, "attempts": n.attempts}
                for n in letters
            ],
        }


def references(value: Any) -> Iterator[str]:
    """Every reference to words in rows and documents, however deep."""
    if isinstance(value, Dossier):
        yield from references([value.complaint, *value.findings, *value.exchange, *value.answers, *value.compensations])
        yield from references([*value.reviews, *value.visits, *value.pauses, *value.delays, *value.promises, *value.lateness])
        yield from references([event.details for event in value.found])
    elif isinstance(value, SQLModel):
        yield from references(value.model_dump())
    elif isinstance(value, Mapping):
        for name, held in value.items():
            if str(name).endswith("_ref") and isinstance(held, str):
                yield held
            else:
                yield from references(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from references(held)


def summary(row: Complaint) -> dict[str, Any]:
    """A complaint as one line of a list."""
    return {
        **{
            name: getattr(row, name)
            for name in ("number", "status", "stage", "outcome", "severity", "round", "category", "channel")
        },
        "waybill": row.waybill,
        "origin_branch": row.origin,
        "destination_branch": row.destination,
        **{name: getattr(row, name) for name in ("owner", "handler", "ticket", "resolved_at", "closed_at")},
        "opened_at": row.received_at,
        "missing": missing(row),
    }


def missing(row: Complaint | Intake) -> list[str]:
    """The facts without which the HQ desk keeps the case (domain §2.1)."""
    return [name for name, value in (("waybill", row.waybill), ("origin_branch", row.origin)) if value is None]


def linked(row: Complaint, same_waybill: list[str]) -> dict[str, Any]:
    return links(same_waybill, row.merged_into, row.continues, row.continued_by)


def links(
    same_waybill: list[str], merged_into: str | None = None, continues: str | None = None, continued_by: str | None = None
) -> dict[str, Any]:
    return {"continues": continues, "continued_by": continued_by, "merged_into": merged_into, "same_waybill": same_waybill}


def inbox_item(item: Item, owed: dict[str, Any]) -> dict[str, Any]:
    return {"complaint": item.complaint.number, **owed, "about": summary(item.complaint)}


def entry(item: Entry) -> dict[str, Any]:
    """An entry of a complaint or, where the fund was used, of that use."""
    shown = {name: getattr(item, name) for name in ("id", "account", "kind", "posting", "review", "clause", "posted_at")}
    used = item.complaint.startswith("F")
    of = {"complaint": None if used else item.complaint, "fund_use": item.complaint if used else None}
    whose = {"seq": item.seq, "posted_by": item.posted_by}
    return shown | of | {"month": item.month, "reverses": item.reverses, "amount": money(item.amount)} | whose


def account(item: Account) -> dict[str, Any]:
    return {"account": item.account, "balance": money(item.balance)}


def paged(page: Page[Any], shown: Iterable[Any]) -> dict[str, Any]:
    return {"items": list(shown), "next_cursor": page.next_cursor}
