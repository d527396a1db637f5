"""Money inside the network: accounts with their balances, and entries (signed; each posting sums to zero)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import views
from api.auth import Principal
from api.errors import NotFound
from api.fields import Code
from api.office import TheOffice, Who
from api.paging import Cursor, Limit, Page
from domain.values import LedgerKind
from store import ledger, units
from store.ledger import Account

router = APIRouter(prefix="/ledger", tags=["ledger"])

HOUSE = ("hq:payout", "hq:quality_fund", "customers")


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
        if not known or not in_scope(account, person):
            raise NotFound(f"There is no account {account}.")
        balance = await ledger.balance(session, account)
    return views.account(Account(account, balance))


@router.get("/entries", summary="Entries in the order they were posted.")
async def entries(
    office: TheOffice,
    person: Who,
    account: Code | None = None,
    complaint: Code | None = None,
    month: Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = None,
    kind: LedgerKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    async with office.database.session() as session:
        page = await ledger.entries(
            session, units=person.sees, account=account, complaint=complaint, month=month, kind=kind, cursor=cursor, limit=limit
        )
    return views.paged(page, map(views.entry, page.items))


def in_scope(account: str, person: Principal) -> bool:
    """Units see their own accounts; HQ, finance and auditors all of them."""
    return person.sees is None or account.removeprefix("unit:") in person.sees
