"""Money inside the network: accounts with their balances, and entries (signed; each posting sums to zero)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api import views
from api.auth import Principal
from api.errors import NotFound
from api.fields import Code
from api.months import AMonth, is_over
from api.office import TheOffice, Who, only
from api.paging import Cursor, Limit, Page
from api.refusing import rules
from domain.months import Month
from domain.values import LedgerKind, Role
from store import ledger, units
from store import months as closing
from store.ledger import Account
from store.months import MonthStanding

router = APIRouter(prefix="/ledger", tags=["ledger"])

HOUSE = ("hq:payout", "hq:receivables", "hq:quality_fund", "customers")


@router.get("/accounts", summary="Accounts and their balances.")
async def accounts(office: TheOffice, person: Who) -> Page:
    async with office.database.session() as session:
        found = await ledger.accounts(session, person.sees)
    return {"items": [views.account(account) for account in found], "next_cursor": None}


@router.get("/accounts/{account}", summary="One account and its balance.")
async def account(account: str, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        unit = account.removeprefix("unit:") if account.startswith("unit:") else None
        known = account in HOUSE or (unit is not None and await units.get(session, unit) is not None)
        if not in_scope(account, person) or not (known or await ledger.known(session, account)):
            raise NotFound(f"There is no account {account}.")
        balance = await ledger.balance(session, account)
    return views.account(Account(account, balance))


@router.get("/entries", summary="Entries in the order they were posted.")
async def entries(
    office: TheOffice,
    person: Who,
    account: Code | None = None,
    complaint: Code | None = None,
    month: Annotated[Month | None, Query()] = None,
    kind: LedgerKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    async with office.database.session() as session:
        page = await ledger.entries(
            session, units=person.sees, account=account, complaint=complaint, month=month, kind=kind, cursor=cursor, limit=limit
        )
    return views.paged(page, map(views.entry, page.items))


@router.get("/months", summary="Months with entries, and which are closed.")
async def months(office: TheOffice, person: Who) -> Page:
    async with office.database.session() as session:
        found = await closing.listed(session)
    return {"items": [_month(standing) for standing in found], "next_cursor": None}


@router.post(
    "/months/{month}/close",
    summary="Close a month, and every month before; it stays closed.",
    dependencies=[Depends(only(Role.FINANCE))],
)
async def close(month: AMonth, office: TheOffice, person: Who) -> dict[str, Any]:
    """What is posted later of its facts lands in the first open month. The books are proved first."""
    now = datetime.now(UTC)
    async with office.database.session() as session:
        with rules():
            await is_over(office, session, month, now)
        return _month(await closing.close(session, month, by=person.sub, at=now))


def _month(standing: MonthStanding) -> dict[str, Any]:
    return asdict(standing) | {"closed": standing.closed_at is not None}


def in_scope(account: str, person: Principal) -> bool:
    """Units see their own accounts; HQ, finance and auditors all of them."""
    return person.sees is None or account.removeprefix("unit:") in person.sees
