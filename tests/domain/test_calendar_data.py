"""The calendar against what others recorded: 88 cases of two public suites, and a quarter of a real city's due times."""

import csv
import gzip
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from domain.calendar import Calendar
from domain.clocks import due
from domain.rulebook_parts import Clock
from domain.rulebook_sections import Desk

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "calendar_vectors.json").read_text("utf-8"))["cases"]


def moment(text: str, zone: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))


def seconds(case: dict[str, Any]) -> timedelta:
    return timedelta(seconds=case["amount"])


def backwards(desk: Calendar, start: datetime, amount: timedelta) -> datetime:
    return desk.add(start, -amount) if amount else desk.previous_open(start)


OPERATIONS: dict[str, Callable[[Calendar, datetime, dict[str, Any]], datetime]] = {
    "add": lambda desk, start, case: desk.add(start, seconds(case)),
    "add_back": lambda desk, start, case: backwards(desk, start, seconds(case)),
    "next_open": lambda desk, start, case: desk.next_open(start),
    "add_days_keep": lambda desk, start, case: desk.add_days(start, case["amount"]),
    "add_days_snap": lambda desk, start, case: desk.add_days(start, case["amount"], snap=True),
}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}: {case['name']}" for case in CASES])
def test_the_calendar_agrees_with_two_public_suites(case: dict[str, Any]) -> None:
    days = {date.fromisoformat(day): hours for day, hours in case["day_overrides"].items()}
    desk = Calendar(case["week"], {date.fromisoformat(day) for day in case["holidays"]}, days, case["tz"])
    start = moment(case["start"], case["tz"])
    if case["op"] == "between":
        assert desk.between(start, moment(case["end"], case["tz"])) == timedelta(seconds=case["expected"])
    else:
        assert OPERATIONS[case["op"]](desk, start, case) == moment(case["expected"], case["tz"])


def test_a_citys_due_times_are_met_by_clocks_written_as_rulebook_data() -> None:
    city = yaml.safe_load((DATA / "boston311.yaml").read_text("utf-8"))
    hours = Desk.model_validate(city["desk"])
    desk = Calendar(hours.week, tz=hours.timezone)
    rules = {kind: Clock.model_validate(clock).rule for kind, clock in city["clocks"].items()}
    with gzip.open(DATA / "boston311_due_2011q3.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    met: dict[str, list[bool]] = {"0": [], "1": []}
    for row in rows:
        ours = due(rules[row["type"]], moment(row["open_dt"], hours.timezone), desk)
        off = ours - moment(row["target_dt"], hours.timezone)
        met[row["explained_by_inferred_rule"]].append(abs(off) <= timedelta(seconds=90))
    assert (len(met["1"]), len(met["0"])) == (10_444, 127)
    assert sum(met["1"]) >= 0.999 * len(met["1"])
    assert not any(met["0"])
