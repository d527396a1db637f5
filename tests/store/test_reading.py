"""What people read: in their scope, by filter, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.record import Entry, LineRow, PostingRow, ReviewRow
from domain.values import LedgerKind, Owed, ReviewStatus, Role, Severity
from store import complaints, inbox, ledger, reviews
from store.complaints import Filters
from store.database import Database
from store.inbox import Desk
from store.paging import BadCursor, place_of
from store.register import Register
from tests.store.cases import MONDAY, fact, standing
from tests.store.test_register import owed


async def test_a_unit_sees_only_what_it_takes_part_in(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="V-1", units=["foshan", "houjie"])
    async with fresh_database.session() as session:
        assert await complaints.row(session, number, {"houjie", "elsewhere"}) is not None
        assert await complaints.row(session, number, None) is not None
        for scope in ({"minhang"}, set[str]()):
            assert await complaints.row(session, number, scope) is None
            assert await complaints.dossier(session, number, scope) is None
            assert number not in {row.number for row in (await complaints.search(session, Filters(), units=scope)).items}


async def test_lists_page_through_everything_once(fresh_database: Database, received: Callable[..., Any]) -> None:
    made = {await received(waybill=f"V-2-{n}", units=["v2"], received_at=MONDAY + timedelta(minutes=n // 2)) for n in range(7)}
    for sort in ("newest", "oldest"):
        seen: list[str] = []
        cursor: str | None = None
        async with fresh_database.session() as session:
            while True:
                page = await complaints.search(session, Filters(branch="v2"), units=None, cursor=cursor, limit=3, sort=sort)
                seen += [row.number for row in page.items]
                if (cursor := page.next_cursor) is None:
                    break
        assert len(seen) == 7
        assert set(seen) == made


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "WyIyMDI2LTExLTE2IiwgIkEiXQ", "é", "[" * 50])
def test_a_cursor_of_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        place_of(cursor)


async def test_complaints_are_found_by_what_people_have_at_hand(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="V-3", ticket="T-V-3", phone="+86 137 0000 0003", units=["v3"])
    late = owed(late=True, unit="v3")
    await Register(fresh_database).apply(number, [fact(1, "late", late, standing(units=["v3"], liable=["hub"], waybill="V-3"))])
    async with fresh_database.session() as session:

        async def found(**filters: Any) -> list[str]:
            return [row.number for row in (await complaints.search(session, Filters(branch="v3", **filters), units={"v3"})).items]

        for q in (number, number.lower(), "V-3", "T-V-3", "137-0000-0003"):
            assert await found(q=q) == [number], q
        assert await found(q="V-33") == []
        assert await found(status="open", stage="investigation", severity="normal", category="shortage") == [number]
        assert await found(overdue=True, waiting_on="findings", liable_branch="hub") == [number]
        assert await found(waiting_on="branch_agent") == await found(waiting_on="v3") == [number]
        assert await found(overdue=False) == await found(waiting_on="ruling") == await found(liable_branch="v3") == []
        assert await found(opened_from=MONDAY, opened_to=MONDAY + timedelta(days=1)) == [number]
        assert await found(opened_to=MONDAY) == []
        assert (await complaints.counts(session))["late"] >= 1


async def test_the_inbox_holds_open_obligations_of_ones_roles_and_units(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    number = await received(waybill="V-4", units=["v4"])
    rows = [
        owed("1:findings", unit="v4", due=MONDAY + timedelta(days=2)),
        owed("1:first_contact", unit="v4", owed=Owed.FIRST_CONTACT, due=MONDAY + timedelta(hours=1), late=True, sub="chen"),
        owed("1:approval", unit="v4", owed=Owed.APPROVAL, role=Role.BRANCH_MANAGER),
        owed("1:visit_1", unit="v4", owed=Owed.VISIT_1, opened=False),
        owed("1:reply", unit="v4", owed=Owed.REPLY, ending="answered"),
        owed("1:statement", unit="v4x", owed=Owed.STATEMENT),
    ]
    await Register(fresh_database).apply(number, [fact(1, "opened", *rows)])
    agent = Desk(frozenset({Role.BRANCH_AGENT}), frozenset({"v4"}), "wang")
    async with fresh_database.session() as session:

        async def keys(desk: Desk = agent, **filters: Any) -> list[str]:
            return [item.obligation.key for item in (await inbox.items(session, desk, **filters)).items]

        assert await keys() == ["1:first_contact", "1:findings"]
        assert await keys(overdue=True) == ["1:first_contact"]
        assert await keys(obligation="findings") == ["1:findings"]
        assert await keys(mine=True) == []
        assert await keys(Desk(frozenset(), frozenset(), "chen"), mine=True) == ["1:first_contact"]
        assert "1:approval" in await keys(Desk(frozenset({Role.BRANCH_MANAGER}), None, "boss"))
        first = await inbox.items(session, agent, limit=1)
        second = await inbox.items(session, agent, limit=1, cursor=first.next_cursor)
        assert [item.obligation.key for item in (*first.items, *second.items)] == ["1:first_contact", "1:findings"]
        assert second.next_cursor is None


async def test_reviews_and_ledger_are_read_in_scope(fresh_database: Database, received: Callable[..., Any]) -> None:
    number = await received(waybill="V-5", units=["v5", "v5b"])
    review = ReviewRow(
        key=f"{number}-R1",
        round=1,
        status=ReviewStatus.FINAL,
        severity=Severity.NORMAL,
        claimant="v5",
        respondents=["v5b"],
        opened_at=MONDAY,
    )
    line = LineRow(key="1:Q-202:v5b", review=review.key, unit="v5b", clause="Q-202", parcels=1, amount=5000, remaining=5000)
    entries = [Entry(account="unit:v5b", amount=-5000), Entry(account="hq:quality_fund", amount=5000)]
    penalty = PostingRow(key="1:penalty", kind=LedgerKind.PENALTY, entries=entries, posted_at=MONDAY, clause="Q-202")
    await Register(fresh_database).apply(number, [fact(1, "final", review, line, penalty)])
    async with fresh_database.session() as session:
        found = await reviews.get(session, review.key, {"v5b"})
        assert found is not None
        assert [each.clause for each in found.lines] == ["Q-202"]
        assert await reviews.get(session, review.key, {"minhang"}) is None
        assert await reviews.get(session, "nonsense") is None
        listed = await reviews.search(session, units={"v5"}, status="final", respondent="v5b")
        assert [each.key for each in listed.items] == [review.key]
        assert await ledger.accounts(session, {"v5b"}) == [ledger.Account("unit:v5b", -5000)]
        assert await ledger.balance(session, "unit:v5") == 0
        assert sum(account.balance for account in await ledger.accounts(session)) == 0
        own = (await ledger.entries(session, units={"v5b"}, month="2026-11", kind="penalty")).items
        assert [(entry.account, entry.amount, entry.clause) for entry in own] == [("unit:v5b", -5000, "Q-202")]
