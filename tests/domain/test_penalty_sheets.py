"""The penalty sheet's way: drafted, signed once or sent back, published, executed mark by mark; what is signed never changes."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from domain.penalty_sheets import (
    AlreadySigned,
    Done,
    Mark,
    Sheet,
    SheetAct,
    SheetHasChanged,
    SheetLine,
    SheetOutOfOrder,
    SheetStatus,
    Source,
    UnknownLine,
    by_unit,
    content,
)
from tests.domain.complaints import MONDAY

RETURNED, SIGNED, PUBLISHED = SheetAct.RETURNED, SheetAct.SIGNED, SheetAct.PUBLISHED


def line(id: str = "A1:p", unit: str = "foshan", amount: int = 10000, **said: Any) -> SheetLine:
    told: dict[str, Any] = {
        "source": Source.REVIEW,
        "clause": "Q-203",
        "clause_zh": "丢失",
        "clause_en": "Loss",
        "rulebook": "2026.1",
        "parcels": 1,
        "charged": True,
        "beneficiary": "hq:quality_fund",
        "complaint": "A1",
        "at": MONDAY,
    }
    return SheetLine(id=id, unit=unit, amount=amount, **told | said)


def sheet(*lines: SheetLine, acts: tuple[SheetAct, ...] = (), marked: tuple[str, ...] = ()) -> Sheet:
    done = tuple(Done(act, "boss", MONDAY + timedelta(hours=hour)) for hour, act in enumerate(acts))
    marks = tuple(Mark(id, "till", MONDAY) for id in marked)
    told = lines or (line("a"), line("b"))
    return Sheet(month="2026-11", revision=1, lines=told, drafted_at=MONDAY, drafted_by="x", acts=done, marks=marks)


@pytest.mark.parametrize(
    ("acts", "marked", "status"),
    [
        ((), (), SheetStatus.DRAFT),
        ((RETURNED,), (), SheetStatus.RETURNED),
        ((SIGNED,), (), SheetStatus.SIGNED),
        ((SIGNED, PUBLISHED), (), SheetStatus.PUBLISHED),
        ((SIGNED, PUBLISHED), ("a",), SheetStatus.PUBLISHED),
        ((SIGNED, PUBLISHED), ("a", "b"), SheetStatus.EXECUTED),
    ],
)
def test_a_sheet_is_where_its_acts_and_marks_have_brought_it(
    acts: tuple[SheetAct, ...], marked: tuple[str, ...], status: SheetStatus
) -> None:
    assert sheet(acts=acts, marked=marked).status is status


@pytest.mark.parametrize(
    ("acts", "act", "refusal"),
    [
        ((), PUBLISHED, SheetOutOfOrder),
        ((RETURNED,), SIGNED, SheetOutOfOrder),
        ((RETURNED,), RETURNED, SheetOutOfOrder),
        ((RETURNED,), PUBLISHED, SheetOutOfOrder),
        ((SIGNED,), SIGNED, AlreadySigned),
        ((SIGNED,), RETURNED, AlreadySigned),
        ((SIGNED, PUBLISHED), SIGNED, AlreadySigned),
        ((SIGNED, PUBLISHED), PUBLISHED, SheetOutOfOrder),
    ],
)
def test_nothing_is_done_with_a_sheet_out_of_order_or_twice(
    acts: tuple[SheetAct, ...], act: SheetAct, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sheet(acts=acts).check(act)


def test_a_draft_is_signed_or_sent_back_and_a_signed_one_published() -> None:
    sheet().check(SIGNED)
    sheet().check(RETURNED)
    sheet(acts=(SIGNED,)).check(PUBLISHED)


def test_who_signs_signs_what_they_read() -> None:
    sheet().check(SIGNED, sheet().hash)
    with pytest.raises(SheetHasChanged, match="revision 1"):
        sheet(line("c")).check(SIGNED, sheet().hash)


def test_a_line_that_no_longer_holds_is_not_signed_and_one_that_came_since_waits_for_the_next_sheet() -> None:
    drafted = sheet(line("a"), line("b"))
    drafted.check_still_true([line("b"), line("a"), line("new")])
    for now_due in ([line("a")], [line("a"), line("b", amount=1)]):
        with pytest.raises(SheetHasChanged, match=r"1 of its lines .* \(b\)"):
            drafted.check_still_true(now_due)


def test_the_hash_is_that_of_the_content_and_of_nothing_else() -> None:
    told = content("2026-11", sheet().lines)
    assert sheet().hash == hashlib.sha256(told).hexdigest()
    assert [row["clause_zh"] for row in json.loads(told)["lines"]] == ["丢失", "丢失"]
    assert sheet(acts=(SIGNED, PUBLISHED), marked=("a",)).hash == sheet().hash
    assert sheet(line("a"), line("b", amount=10001)).hash != sheet().hash
    assert sheet(line("a"), line("b", at=MONDAY + timedelta(seconds=1))).hash != sheet().hash


def test_finance_marks_what_is_published_line_by_line_and_never_what_is_not_charged() -> None:
    listed_only = line("c", charged=False)
    out = sheet(line("a"), line("b"), listed_only, acts=(SIGNED, PUBLISHED), marked=("a",))
    assert [each.id for each in out.to_mark([])] == ["b"]
    assert [each.id for each in out.to_mark(["a"])] == []
    with pytest.raises(UnknownLine, match="c, z"):
        out.to_mark(["b", "z", "c"])
    with pytest.raises(SheetOutOfOrder, match="signed"):
        sheet(acts=(SIGNED,)).to_mark([])


def test_sums_are_by_unit_and_clause_without_what_is_listed_only_and_with_what_was_taken_back() -> None:
    lines = [
        line("a", "foshan", 10000),
        line("b", "foshan", 5000, clause="Q-202"),
        line("c", "foshan", -10000, source=Source.REVERSAL),
        line("d", "dali", 2000, source=Source.LATENESS, clause="Q-603"),
        line("e", "dali", 99999, charged=False),
    ]
    assert by_unit(lines) == [
        ("dali", 2000, (("Q-603", 1, 1, 2000),)),
        ("foshan", 5000, (("Q-202", 1, 1, 5000), ("Q-203", 2, 0, 0))),
    ]
    assert sheet(*lines).total == 7000
