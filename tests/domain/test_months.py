"""Months are Shanghai's, and an entry lands in its own or in the first that is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import months

MONTHS = st.builds("{}-{:02}".format, st.integers(2001, 2098), st.integers(1, 12))


@pytest.mark.parametrize(
    ("at", "month"),
    [("2026-11-30T15:59:59+00:00", "2026-11"), ("2026-11-30T16:00:00+00:00", "2026-12"), ("2026-12-31T16:30:00Z", "2027-01")],
)
def test_a_month_begins_at_midnight_in_shanghai(at: str, month: str) -> None:
    assert months.month_of(datetime.fromisoformat(at)) == month


@given(month=MONTHS)
def test_a_month_lies_between_the_one_before_and_the_one_after(month: str) -> None:
    assert months.after(months.before(month)) == month == months.before(months.after(month))
    assert months.before(month) < month < months.after(month)
    assert months.month_of(months.start_of(month)) == month
    assert months.month_of(months.end_of(month) - timedelta(microseconds=1)) == month


@given(own=MONTHS, closed=MONTHS)
def test_an_entry_lands_in_its_own_month_while_open_else_in_the_first_open_one(own: str, closed: str) -> None:
    assert months.posted_in(own, None) == own
    assert months.posted_in(own, closed) == (own if own > closed else months.after(closed))


def test_a_month_is_over_when_shanghai_says_so() -> None:
    with pytest.raises(months.MonthNotOver, match="ends with 2026-12-01 00:00"):
        months.check_over("2026-11", datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    months.check_over("2026-11", datetime(2026, 11, 30, 16, tzinfo=UTC))
