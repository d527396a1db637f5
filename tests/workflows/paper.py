"""The outside, on paper: a plan of the starter rulebook, a register that keeps facts, a bank that counts what it was sent."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from temporalio.exceptions import ApplicationError

from domain.claims import ClaimAsked, ClaimSeen
from domain.lessened import GiveBack, Given
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.plan import CasePlan, UnitPlan
from domain.record import Fact, Held, LineRow
from domain.rulebook import content_hash, plan_for, read_rulebook
from domain.values import PayoutOutcome, UnitKind

STARTER = Path(__file__).parents[2] / "rulebooks" / "starter.yaml"
UNITS = ("minhang", "foshan", "hub-dongguan", "shanghai", "hq")
_KINDS = {"hq": UnitKind.HQ, "hub-dongguan": UnitKind.HUB, "shanghai": UnitKind.PROVINCE}
_ABOVE: dict[str, tuple[str, ...]] = {"hq": (), "minhang": ("shanghai", "hq")}


def unit(code: str) -> UnitPlan:
    return UnitPlan(code=code, kind=_KINDS.get(code, UnitKind.BRANCH), ancestors=_ABOVE.get(code, ("hq",)))


@lru_cache
def _starter() -> CasePlan:
    document = yaml.safe_load(STARTER.read_text(encoding="utf-8"))
    return plan_for(read_rulebook(document), hash=content_hash(document), units={code: unit(code) for code in UNITS})


def starter_plan(**changes: Any) -> CasePlan:
    """The shipped rulebook over five units: Minhang (below the province of Shanghai), Foshan, a hub, and HQ."""
    return _starter().model_copy(update=changes)


class PaperRegister:
    """Keeps what the process writes, and can be away for a while."""

    def __init__(self) -> None:
        self.facts: dict[str, list[Fact]] = {}
        self.beside: dict[str, list[Fact]] = {}
        self.away = False
        self.refusals = 0
        self.penalised: dict[str, dict[str, str]] = {}
        """Per complaint, the clauses of which another complaint about the parcel has the event, and in which review."""

    async def apply(self, number: str, facts: list[Fact]) -> list[str | Held]:
        if self.away:
            self.refusals += 1
            raise ConnectionError("the register is away")
        held = self.facts.setdefault(number, [])
        new = [fact for fact in facts if not held or fact.seq > held[-1].seq]
        held.extend(new)
        elsewhere = self.penalised.get(number, {})
        lines = [row for fact in facts for row in fact.rows if isinstance(row, LineRow) and row.remaining]
        also = [Held(line=row.key, review=elsewhere[row.clause]) for row in lines if row.clause in elsewhere]
        return [*(f"{fact.seq} {fact.name}" for fact in new), *also]

    async def add(self, number: str, fact: Fact) -> None:
        self.beside.setdefault(number, []).append(fact)


class PaperBank:
    """Pays by hand (`None`) unless told otherwise; counts what it was sent."""

    def __init__(self) -> None:
        self.sent: list[PayoutOrder] = []
        self.says: PayoutOutcome | None = None
        self.broken = False

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        if self.broken:
            raise ApplicationError("the bank is closed for ever", non_retryable=True)
        self.sent.append(order)
        return PayoutAnswer(outcome=self.says, reference=None, provider="paper")

    ask = send


class PaperPenalties:
    """What is given back of final penalties when a parcel is found, by the number of the complaint that asks."""

    def __init__(self) -> None:
        self.given: dict[str, Given] = {}
        self.asked: list[GiveBack] = []

    async def give_back(self, asked: GiveBack) -> Given:
        self.asked.append(asked)
        return self.given.get(asked.number, Given())


class PaperClaims:
    """What other complaints about the parcel were paid, by the number of the complaint that asks; and what it was asked."""

    def __init__(self) -> None:
        self.elsewhere: dict[str, dict[str, int]] = {}
        self.asked: list[ClaimAsked] = []
        self.released: list[str] = []
        self.meanwhile: dict[str, dict[str, int]] = {}

    async def ask(self, asked: ClaimAsked) -> ClaimSeen:
        """`meanwhile` is what others were paid between the look and the payment."""
        self.asked.append(asked)
        if asked.key is not None and asked.number in self.meanwhile:
            self.elsewhere[asked.number] = self.meanwhile.pop(asked.number)
        seen = ClaimSeen(ceiling=asked.computed, elsewhere=self.elsewhere.get(asked.number, {}), before=asked.before)
        return seen.model_copy(update={"granted": asked.key is None or seen.leaves(asked.amount, asked.computed, asked.before)})

    async def release(self, key: str) -> None:
        self.released.append(key)
