"""What a complaint that continues a closed one begins with, and what is owed to the authority from the first minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.continuation import Before, Why, begins_with, may_repeat
from domain.ladders import first_owed
from domain.values import Channel, ClockKind, Owed, Severity
from tests.domain.complaints import MONDAY, case


@pytest.mark.parametrize(
    ("why", "severity", "began"),
    [
        (Why.REPEAT, Severity.NORMAL, (Severity.REPEAT, 2, ("foshan",))),
        (Why.REPEAT, Severity.SEVERE, (Severity.SEVERE, 2, ("foshan",))),
        (Why.REGULATOR_APPEAL, Severity.NORMAL, (Severity.REPEAT, 2, ())),
        (Why.EVIDENCE, Severity.REPEAT, (Severity.REPEAT, 2, ())),
        (Why.PARCEL_FOUND, Severity.NORMAL, (Severity.NORMAL, 1, ())),
        (Why.PAYMENT_RETURNED, Severity.SEVERE, (Severity.SEVERE, 1, ())),
    ],
)
def test_severity_never_falls_and_only_the_customers_own_call_is_the_handlers_doing(
    why: Why, severity: Severity, began: tuple[Severity, int, tuple[str, ...]]
) -> None:
    assert begins_with(why, severity, 1, "foshan") == began


def test_a_repeat_continues_what_was_closed_up_to_thirty_days_ago() -> None:
    closed = datetime(2026, 10, 1, tzinfo=UTC)
    assert may_repeat(closed, closed + timedelta(days=30), 30)
    assert not may_repeat(closed, closed + timedelta(days=30, seconds=1), 30)
    assert may_repeat(closed + timedelta(days=1), closed, 30)  # its own clock was ahead of the wall's


def test_the_case_stands_where_the_one_before_it_ended() -> None:
    before = Before(
        number="A261001-000001", why=Why.REPEAT, severity=Severity.REPEAT, issue_count=3, climbed_by=("foshan",), paid=300_00
    )
    continued = case(before=before)
    assert (continued.severity, continued.issue_count, continued.climbed_by) == (Severity.REPEAT, 3, ["foshan"])
    assert (continued.had_before, case().had_before) == (300_00, 0)


@pytest.mark.parametrize("solved", [False, True])
def test_a_complaint_through_the_authority_owes_it_a_reply_counted_from_the_transfer(solved: bool) -> None:
    said = {"channel": Channel.REGULATOR_12305, "appeal_number": "SS-1", "solved_on_spot": solved}
    through = case(**said, transferred_on=date(2026, 11, 13))
    reply = first_owed(through, MONDAY)[-1]
    assert (reply.owed, reply.unit, reply.kind, reply.about) == (Owed.REGULATOR_REPLY, "hq", ClockKind.LEGAL, "SS-1")
    assert reply.due == datetime(2026, 11, 28, 16, 0, tzinfo=UTC)  # 24:00 in Shanghai of the fifteenth day
    assert through.regulator_appeal == "SS-1"
    undated = first_owed(case(**said), MONDAY)[-1]
    assert undated.due - reply.due == timedelta(days=3)  # passed on the day it was received, for all we know
    assert Owed.REGULATOR_REPLY not in {owed.owed for owed in first_owed(case(channel=Channel.REGULATOR_12305), MONDAY)}
