"""How a sum owed is reckoned: the facts it may use, its steps, and what is missing. The rules themselves are in compensation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from domain.calendar import zone_named
from domain.claims import ClaimSeen
from domain.commands import ParcelFacts
from domain.plan import CasePlan, CompensationPlan, Frozen
from domain.values import Fen


class Parcel(Frozen):
    """What intake and the waybill know. `declared_value` means insured for that sum; `claimed` is only said.

    `received_at` is when the complaint came in: a parcel still on its way is late up to then. `cap_shown` says whether the
    sender was shown the contract cap, where that is on record.
    """

    freight: Fen | None = Field(default=None, ge=0)
    declared_value: Fen | None = Field(default=None, ge=0)
    claimed: Fen | None = Field(default=None, ge=0)
    pieces: int | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    received_at: datetime | None = None
    cap_shown: bool | None = None


class Step(Frozen):
    """One line of the reckoning: the rule, in both languages, the facts it used (sums in fen), what it adds (or takes)."""

    rule: str
    text: dict[str, str]
    facts: dict[str, int | str | bool | None] = Field(default_factory=dict)
    amount: Fen = 0


class Computation(Frozen):
    """What is owed in fen, why, and which facts are still missing; with facts missing, the undisputed part."""

    amount: Fen
    missing: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def explanation(self) -> list[dict[str, Any]]:
        """The steps as plain data, for the register."""
        return [step.model_dump(mode="json") for step in self.steps]

    def less(self, had: Fen) -> Computation:
        """What is still owed when the customer had something of this complaint before: one parcel is paid once."""
        taken = min(had, self.amount)
        if not taken:
            return self
        text = {"zh": f"减此前已付 {yuan(taken)}。", "en": f"Less {yuan(taken)}, paid before."}
        step = Step(rule="paid_before", text=text, facts={"paid_before": had}, amount=-taken)
        return self.model_copy(update={"amount": self.amount - taken, "steps": (*self.steps, step)})

    def less_made_anew(self, amount: Fen) -> Computation:
        """What is on its way to the customer already, in place of a payment that came back or went to somebody else."""
        taken = min(amount, self.amount)
        if not taken:
            return self
        text = {
            "zh": f"减正在重新支付的 {yuan(taken)}（原付款被退回或付错收款人）。",
            "en": f"Less {yuan(taken)}, which is being paid anew: the first payment came back or went to somebody else.",
        }
        step = Step(rule="paid_anew", text=text, facts={"paid_anew": amount}, amount=-taken)
        return self.model_copy(update={"amount": self.amount - taken, "steps": (*self.steps, step)})

    def less_elsewhere(self, seen: ClaimSeen | None) -> Computation:
        """One parcel, one claim: less what other complaints about it were paid, whoever brought them (domain §2.1)."""
        paid = seen.paid_elsewhere if seen else 0
        taken = min(paid, self.amount)
        if not seen or not taken:
            return self
        text = {
            "zh": f"一票一赔：同一快件的其他投诉已赔 {yuan(paid)}，合计不超过规则计算的一次金额，减 {yuan(taken)}。",
            "en": f"One parcel, one claim: other complaints about it were paid {yuan(paid)}, and together no more is paid than "
            f"the rulebook computes once, so {yuan(taken)} less.",
        }
        facts: dict[str, int | str | bool | None] = {"paid_elsewhere": paid, "complaints": ", ".join(sorted(seen.elsewhere))}
        step = Step(rule="one_parcel_one_claim", text=text, facts=facts, amount=-taken)
        return self.model_copy(update={"amount": self.amount - taken, "steps": (*self.steps, step)})


class Reckoning:
    """A computation being made: the facts at hand, and the steps and missing facts so far."""

    def __init__(self, plan: CasePlan, parcel: Parcel, facts: ParcelFacts) -> None:
        self.rules: CompensationPlan = plan.compensation
        self.zone = zone_named(plan.timezone)
        self.parcel = parcel
        self.facts = facts
        self.steps: list[Step] = []
        self.missing: list[str] = []

    @property
    def cap_shown(self) -> bool | None:
        """Whether the sender was shown the cap: as found, else as the waybill says."""
        return self.parcel.cap_shown if self.facts.cap_shown is None else self.facts.cap_shown

    @property
    def some_pieces_arrived(self) -> bool:
        """Of a parcel of many pieces some, but not all, are missing."""
        return 0 < (self.facts.pieces_missing or 0) < (self.parcel.pieces or 0)

    def owe(self, rule: str, amount: Fen, zh: str, en: str, **facts: int | str | bool | None) -> None:
        self.steps.append(Step(rule=rule, text={"zh": zh, "en": en}, facts=facts, amount=amount))

    def ask(self, *names: str) -> None:
        self.missing += [name for name in names if name not in self.missing]

    @property
    def result(self) -> Computation:
        return Computation(amount=sum(step.amount for step in self.steps), missing=tuple(self.missing), steps=tuple(self.steps))


def reasons(explanation: list[dict[str, Any]], language: str) -> str:
    """The steps as the customer reads them, one a line."""
    return "\n".join(step["text"]["en" if language == "en" else "zh"] for step in explanation)


def yuan(fen: Fen) -> str:
    """¥1,234.50"""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def portion(value: Fen, part: int, whole: int) -> Fen:
    """part/whole of a value, at most all of it, rounded half up to the fen."""
    part = min(part, whole)
    return (2 * value * part + whole) // (2 * whole)
