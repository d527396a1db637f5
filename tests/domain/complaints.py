"""Complaints to try the rules on: a plan of the starter rulebook, a case under it, and people with something to say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from domain import commands as c
from domain.case import Case
from domain.plan import CasePlan, UnitPlan
from domain.rulebook import content_hash, plan_for, read_rulebook
from domain.values import Channel, ComplainantRole, Role, UnitKind

C = TypeVar("C", bound=c.Command)

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
STARTER: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "rulebooks" / "starter.yaml").read_text("utf-8"))
UNITS = {
    "hq": UnitPlan(code="hq", kind=UnitKind.HQ),
    "east": UnitPlan(code="east", kind=UnitKind.PROVINCE, ancestors=("hq",)),
    "minhang": UnitPlan(code="minhang", kind=UnitKind.BRANCH, ancestors=("east", "hq")),
    "foshan": UnitPlan(code="foshan", kind=UnitKind.BRANCH, ancestors=("hq",)),
    "dali": UnitPlan(code="dali", kind=UnitKind.BRANCH, ancestors=("hq",)),
}
PLAN: CasePlan = plan_for(read_rulebook(STARTER), hash=content_hash(STARTER), units=UNITS)

COMMANDS: list[type[c.Command]] = sorted(c.Command.__subclasses__(), key=lambda kind: kind.__name__)
"""Every decision there is."""


def case(**said: Any) -> Case:
    """From Minhang to Foshan, received on a Monday at nine; `said` changes the intake."""
    told: dict[str, Any] = {
        "number": "A261116-000001",
        "uuid": "u",
        "received_at": MONDAY,
        "received_by": "agent",
        "channel": Channel.PHONE,
        "category": "loss",
        "complainant": ComplainantRole.SENDER,
        "text": "words",
        "waybill": "136-1",
        "origin": "minhang",
        "destination": "foshan",
    } | said
    return Case.received(c.Intake(**told), PLAN, MONDAY)


def by(*roles: Role, unit: str = "minhang", sub: str = "somebody") -> c.Actor:
    return c.Actor(sub=sub, roles=roles, unit=unit)


def say(kind: type[C], actor: c.Actor | None = None, **said: Any) -> C:
    """A command that carries only what a test needs."""
    carried: dict[str, Any] = {"actor": actor or by(Role.BRANCH_AGENT), "digest": "digest", "key": None}
    return cast(C, kind.model_construct(**carried | said))
