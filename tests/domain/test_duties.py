"""What is owed around the books: whose turn a sheet was, by when, and who hears of it when it is late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import yaml

from domain.calendar import Calendar
from domain.duties import Duty, Owing, on_its_clock, steps_of_a_sheet
from domain.labels import owed_label
from domain.penalty_sheets import Done, SheetAct
from domain.rulebook import read_rulebook
from domain.rulebook_sections import Rulebook
from domain.rulebook_standing import AROUND_THE_BOOKS, Around
from domain.values import Owed, Role
from tests.domain.test_clocks import STARTER

BOOK: Rulebook = read_rulebook(yaml.safe_load(STARTER.read_text("utf-8")))
WEEK = Calendar(BOOK.desk.week, tz=BOOK.desk.timezone)
RETURNED, SIGNED, PUBLISHED = SheetAct.RETURNED, SheetAct.SIGNED, SheetAct.PUBLISHED
TUESDAY = datetime.fromisoformat("2026-12-01T06:00:00+08:00")


def day(number: int, hour: int = 9) -> datetime:
    return TUESDAY.replace(day=number, hour=hour)


def duty(owed: Around, since: datetime, done_at: datetime | None = None) -> Duty:
    return on_its_clock(Owing(owed, "2026-11", since, done_at), BOOK, WEEK)


def steps(drafts: list[datetime], *acts: tuple[int, SheetAct, datetime], executed: datetime | None = None) -> list[str]:
    told = [(revision, Done(act, "boss", at)) for revision, act, at in acts]
    return [
        f"{step.owed.removeprefix('sheet_')} {step.since.day}-{step.done_at.day if step.done_at else ''}"
        for step in steps_of_a_sheet("2026-11", drafts, told, executed)
    ]


def test_a_sheet_is_somebodys_turn_from_its_draft_until_finance_is_done() -> None:
    assert steps([day(1)]) == ["signature 1-"]
    assert steps([day(1)], (1, RETURNED, day(2))) == ["signature 1-2", "correction 2-"]
    back = (1, RETURNED, day(2))
    assert steps([day(1), day(3)], back) == ["signature 1-2", "correction 2-3", "signature 3-"]
    signed = (2, SIGNED, day(4))
    assert steps([day(1), day(3)], back, signed)[3:] == ["publication 4-"]
    assert steps([day(1), day(3)], back, signed, (2, PUBLISHED, day(5)))[3:] == ["publication 4-5", "execution 5-"]
    done = steps([day(1), day(3)], back, signed, (2, PUBLISHED, day(5)), executed=day(9))
    assert done[4:] == ["execution 5-9"]


def test_drafting_it_again_unsigned_gives_nobody_more_time() -> None:
    assert steps([day(1), day(2), day(4)]) == ["signature 1-"]
    assert steps([day(1), day(4)], (2, SIGNED, day(5))) == ["signature 1-5", "publication 5-"]


@pytest.mark.parametrize(
    ("owed", "since", "due"),
    [
        (Around.SHEET_SIGNATURE, TUESDAY, "2026-12-04T18:00"),
        (Around.SHEET_CORRECTION, day(5), "2026-12-07T18:00"),  # over a Sunday
        (Around.SHEET_PUBLICATION, day(2), "2026-12-03T18:00"),
        (Around.SHEET_EXECUTION, day(2), "2026-12-08T18:00"),
        (Around.SHEET_DRAFT, TUESDAY.replace(hour=0), "2026-12-02T00:00"),
        (Around.MONTH_CLOSE, TUESDAY.replace(hour=0), "2026-12-12T18:00"),
        (Around.FUND_APPROVAL, day(5, 20), "2026-12-08T18:00"),
    ],
)
def test_each_is_due_on_the_rulebooks_clock_by_the_networks_hours(owed: Around, since: datetime, due: str) -> None:
    assert duty(owed, since).due == datetime.fromisoformat(f"{due}:00+08:00")


def test_a_rulebook_that_knows_none_of_these_clocks_goes_by_the_starters() -> None:
    older = BOOK.model_copy(update={"clocks": BOOK.clocks.model_copy(update={"around": {}})})
    for owed in AROUND_THE_BOOKS:
        assert on_its_clock(Owing(owed, "2026-11", TUESDAY), older, WEEK).due == duty(owed, TUESDAY).due


def test_the_holder_is_reminded_at_half_time_and_the_supervisor_told_once_it_is_late() -> None:
    owed = duty(Around.SHEET_EXECUTION, day(2))
    assert owed.climbed(day(2, 10)) is None
    halfway = owed.climbed(day(5))
    assert halfway is not None
    assert owed.whom(halfway[1]) is Role.FINANCE
    assert not owed.late(owed.due - timedelta(minutes=1))
    assert owed.late(owed.due)
    late = owed.climbed(owed.due)
    assert late is not None
    assert (owed.whom(late[1]), late[1].percent) == (Role.HQ_SUPERVISOR, 100)
    later = owed.climbed(day(12))
    assert later is not None
    assert later[1].percent == 150
    assert owed.next_rung(day(12)) is not None
    assert owed.next_rung(TUESDAY + timedelta(days=60)) is None


def test_lateness_is_counted_on_its_own_clock_and_stays_when_it_is_done() -> None:
    late = duty(Around.SHEET_PUBLICATION, day(4), done_at=day(7, 11))
    assert (late.due, late.late(day(30)), late.late_by(day(30))) == (day(5, 18), True, timedelta(hours=2, minutes=30))
    assert late.next_rung(day(6)) is None
    assert duty(Around.SHEET_PUBLICATION, day(4), done_at=day(5)).late_by(day(30)) is None


def test_what_is_owed_has_words_in_a_complaint_and_around_them() -> None:
    assert (owed_label(Owed.PAYOUT, "zh"), owed_label("month_close", "en")) == ("付款", "closing of the month")
