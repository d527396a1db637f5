"""Complaints to write about."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from domain.commands import Intake
from domain.record import ComplaintRow, Fact
from domain.values import Channel, ComplainantRole, Role, Severity, Stage, Status
from store.intake import Person, Reported
from store.keys import complainant_hash

SHANGHAI = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=SHANGHAI)
SECRET = b"a key of the tests"


def reported(**changes: Any) -> Reported:
    """Five pieces left behind, as reported by phone; `changes` go to the intake, the person or the rest by name."""
    phone = changes.pop("phone", "139 0000 0001")
    facts: dict[str, Any] = {
        "number": "",
        "uuid": "",
        "received_at": MONDAY,
        "received_by": "c-agent",
        "channel": Channel.PHONE,
        "category": "shortage",
        "complainant": ComplainantRole.SENDER,
        "text": "",
        "waybill": "SF-1",
        "origin": "foshan",
        "destination": "zhuhai",
    }
    facts |= {name: changes.pop(name) for name in list(changes) if name in Intake.model_fields}
    rest: dict[str, Any] = {
        "description": "179 pieces sent, 174 arrived",
        "status": Status.RECEIVED,
        "owner": "foshan",
        "handler": "foshan",
        "units": ["foshan", "zhuhai"],
        "rulebook_version": "test",
        "rulebook_hash": "0" * 64,
    } | changes
    return Reported(
        intake=Intake(**facts),
        person=Person("陈先生", phone=phone),
        identity=complainant_hash(SECRET, phone, None),
        **rest,
    )


def standing(**changes: Any) -> ComplaintRow:
    return ComplaintRow.model_validate(
        {
            "status": Status.OPEN,
            "stage": Stage.INVESTIGATION,
            "severity": Severity.NORMAL,
            "issue_count": 1,
            "chase_count": 0,
            "round": 1,
            "category": "shortage",
            "waybill": "SF-1",
            "owner": "foshan",
            "handler": "foshan",
            "units": ["foshan", "zhuhai"],
        }
        | changes
    )


def fact(seq: int, name: str = "noted", *rows: Any, **details: Any) -> Fact:
    moment = MONDAY + timedelta(minutes=seq)
    return Fact(seq=seq, at=moment, name=name, actor="c-agent", role=Role.BRANCH_AGENT, details=details, rows=list(rows))
