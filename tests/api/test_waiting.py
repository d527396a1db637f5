"""How what is owed is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.waiting import duration, obligation
from store.tables import Obligation

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def owed(**but: Any) -> dict[str, Any]:
    return obligation(row(**but), "Asia/Shanghai")


def row(**but: Any) -> Obligation:
    held: dict[str, Any] = {
        "number": "A260302-000001",
        "key": "1:findings:foshan",
        "owed": "findings",
        "role": "branch_agent",
        "unit": "foshan",
        "since": NOON,
        "opens_at": NOON,
        "due": NOON + timedelta(hours=6),
        "measure": "working_days",
        "kind": "contract",
        "opened": True,
        "late": False,
        "next_at": NOON + timedelta(hours=3),
        "next_does": "remind",
        "next_role": "branch_agent",
        "next_unit": "foshan",
    }
    return Obligation(**held | but)


def test_what_waits_says_what_happens_next_and_to_whom() -> None:
    shown = owed()
    assert shown["next_step"] == {
        "at": NOON + timedelta(hours=3),
        "does": "remind",
        "role": "branch_agent",
        "branch": "foshan",
        "whom": {"role": "branch_agent", "branch": "foshan"},
    }
    assert shown["sentence"] == {
        "zh": "等待foshan 网点客服办理“调查结论”，应于2026年3月2日 18:00前完成（约定时限，工作日）。"
        "若仍未办理，将于2026年3月2日 15:00提醒foshan 网点客服。",
        "en": "Waiting for the branch agent of foshan: findings, due 2 Mar 2026, 18:00 (contract clock, working days). "
        "Otherwise the branch agent of foshan is reminded on 2 Mar 2026, 15:00.",
    }
    assert owed(next_role=None, next_unit=None, next_does="opens", opened=False)["next_step"]["whom"] is None


def test_a_pause_is_shown_while_it_waits_and_no_longer() -> None:
    until = NOON + timedelta(days=1)
    paused = owed(paused_until=until)
    assert (paused["paused"], paused["paused_until"]) == (True, until)
    assert "Its clock stands still until 3 Mar 2026, 12:00." in paused["sentence"]["en"]
    ended = owed(paused_until=until, ended_at=until, ending="answered", next_at=None)
    assert (ended["paused"], ended["paused_until"], ended["sentence"], ended["next_step"]) == (False, None, None, None)


def test_what_ended_late_says_since_when_whose_and_by_how_much() -> None:
    late = owed(late=True, late_since=NOON, late_unit="foshan", late_by=5400, ended_at=NOON, ending="answered")
    assert (late["late"], late["overdue"], late["late_since"], late["late_unit"]) == (True, False, NOON, "foshan")
    assert (late["late_by"], late["late_measure"]) == ("PT1H30M", "working_days")


def test_what_waits_late_says_by_how_much_in_the_measure_it_counts_by() -> None:
    late = row(late=True, late_since=NOON, late_unit="foshan", late_clock={"measure": "elapsed"})
    shown = obligation(late, "Asia/Shanghai", timedelta(days=1, hours=3, minutes=20))
    assert (shown["late_by"], shown["late_measure"], shown["overdue"]) == ("PT27H20M", "elapsed", True)
    assert "LATE by 1 d 3 h, due" in shown["sentence"]["en"]
    assert "已逾期1天3小时，" in shown["sentence"]["zh"]


def test_times_are_said_where_the_network_works() -> None:
    assert "due 2 Mar 2026, 19:00" in obligation(row(), "Asia/Tokyo")["sentence"]["en"]
    assert "2026年3月2日 15:30前" in obligation(row(), "Asia/Kolkata")["sentence"]["zh"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, None), (0, "PT0S"), (59, "PT59S"), (3600, "PT1H"), (90_061, "PT25H1M1S"), (7200 + 30, "PT2H30S")],
)
def test_a_duration_is_said_in_hours_since_a_day_of_service_is_no_day_of_the_wall(seconds: int | None, said: str | None) -> None:
    assert duration(None if seconds is None else timedelta(seconds=seconds)) == said
