"""One penalty line in fen: clause × parcels × multiplier, less where the parcel is found in time, under the cap; explained.

Every step is said in Chinese and English, so that who is penalised can follow it (domain §2.4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from domain.commands import ClauseLine
from domain.errors import Unacceptable
from domain.labels import label
from domain.plan import IfFound, PenaltyPlan, Period
from domain.reviews import Line
from domain.values import Fen, Severity

Event: TypeAlias = tuple[str, str, date]
"""What is penalised once: a unit, under a clause, for what happened on a day."""


@dataclass(frozen=True)
class Terms:
    """What the lines of one review go by: its plan, severity and who made it climb, and what is true on which day."""

    plan: PenaltyPlan
    severity: Severity
    received: date
    ruled: date
    climbed_by: Collection[str] = ()
    record_only: Sequence[Period] = ()
    found: date | None = None


def record_only(periods: Sequence[Period], day: date) -> bool:
    """True where what happened on that day is recorded and not charged."""
    return any(period.first <= day <= period.last for period in periods)


def in_time(rule: IfFound | None, found: date | None, *, received: date, ruled: date) -> bool:
    """Whether a parcel was found so soon that less of the penalty is left; before the ruling is soon enough by the ruling."""
    if rule is None or found is None:
        return False
    since = received if rule.counted_from == "receipt" else ruled
    return found <= since + timedelta(days=rule.within_days)


def line_of(terms: Terms, key: str, given: ClauseLine, event: Event, left: Fen) -> Line:
    """The line of one clause; `left` is what the complaint's cap leaves. Raises Unacceptable where more is asked."""
    (unit, code, day), plan = event, terms.plan
    clause = plan.clauses[code]
    percent = plan.multipliers[terms.severity] if clause.multiplied and unit in terms.climbed_by else 100
    full, said = clause.amount * given.parcels * percent // 100, _Said()
    said.also(f"{clause.amount} 分 × {given.parcels} 票 × {percent} %", f"{clause.amount} fen × {given.parcels} × {percent} %")
    if percent > 100:
        said.also(f"（{label(terms.severity, 'zh')}，系 {unit} 所致）", f" ({terms.severity}, by an act of {unit})")
    found = clause.found if in_time(clause.found, terms.found, received=terms.received, ruled=terms.ruled) else None
    if found is not None:
        full = full * found.percent // 100
        said.also(*_found(found))
    if given.amount is not None and given.amount > full:
        raise Unacceptable(f"Clause {code} allows at most {full} fen here; {given.amount} fen was asked.")
    charged = not record_only(terms.record_only, day)
    wanted = full if given.amount is None else given.amount
    amount = min(wanted, left) if charged else wanted
    if wanted < full:
        said.also(f" = {full} 分，裁定其中 {wanted} 分", f" = {full} fen, of which {wanted} fen was ruled")
    if amount < wanted:
        said.also(
            f"，因每件投诉考核上限 {plan.cap} 分减至 {amount} 分",
            f", cut to {amount} fen by the cap of {plan.cap} fen a complaint",
        )
    if not charged:
        said.also(*spared(day))
    return Line(
        key=key,
        unit=unit,
        clause=code,
        parcels=given.parcels,
        amount=amount,
        remaining=amount,
        full=full,
        arithmetic=said.en,
        arithmetic_zh=said.zh,
        happened_on=day,
        charged=charged,
        found=found is not None,
    )


class _Said:
    """The same words in both languages, step by step."""

    zh = en = ""

    def also(self, zh: str, en: str) -> None:
        self.zh, self.en = self.zh + zh, self.en + en


def _found(rule: IfFound) -> tuple[str, str]:
    days, percent = rule.within_days, rule.percent
    return f" × {percent} %（{days} 日内找回）", f" × {percent} % (found within {days} days)"


def spared(day: date) -> tuple[str, str]:
    return f"；{day} 处于只记录期间：列示，不收取", f"; {day} lies in a record-only period: listed, not charged"


def further(line: Line, zh: str, en: str, **changes: Any) -> Line:
    """The line as something that came later left it, and what that was."""
    return line.model_copy(update={"arithmetic": line.arithmetic + en, "arithmetic_zh": line.arithmetic_zh + zh, **changes})


def less_if_found(line: Line, rule: IfFound) -> Line:
    """What is left of a line that was ruled before the parcel was found: of what stands, and of what it may be raised to."""
    zh, en = _found(rule)
    left = {name: getattr(line, name) * rule.percent // 100 for name in ("amount", "remaining", "full")}
    return further(line, f"{zh} = {left['remaining']} 分", f"{en} = {left['remaining']} fen", **left, found=True)


def penalised_there(line: Line, review: str) -> Line:
    """Nothing is left of a line whose event another complaint about the parcel penalises."""
    en = f"; 0 fen, for it is penalised in {review}: one event once"
    return further(line, f"；已在 {review} 中考核，同一事件只考核一次，计 0 分", en, amount=0, remaining=0, full=0)
