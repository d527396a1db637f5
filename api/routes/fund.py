"""The quality fund: its published report, and what it is used for - proposed by finance, approved by an HQ supervisor."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from api import views
from api.errors import BadInput, NotFound
from api.fields import Body, Code, Money, Words, Yes
from api.files import Format, file
from api.months import AMonth
from api.office import Key, TheOffice, Who, only
from api.paging import Cursor, Limit, Page
from api.refusing import rules
from domain.fund import FundUse, UseStatus
from domain.postings import QUALITY_FUND
from domain.values import Role, UnitState
from reports import quality_fund
from store import fund, units

router = APIRouter(prefix="/ledger/fund", tags=["ledger"])

supervisors = [Depends(only(Role.HQ_SUPERVISOR))]
PUBLISHED = (UseStatus.APPROVED, UseStatus.REVERSED)


def _something(sum_: Money) -> Money:
    if sum_.amount == 0:
        raise ValueError("spends nothing")
    return sum_


class Proposing(Body):
    """`branch` has it on its account; left out, HQ's payout account has."""

    amount: Annotated[Money, AfterValidator(_something)]
    purpose: Words
    branch: Code | None = None


class Deciding(Body):
    approve: Yes
    reason: Words | None = None


class TakingBack(Body):
    reason: Words


@router.post("/uses", status_code=201, summary="Propose a use of the fund.", dependencies=[Depends(only(Role.FINANCE))])
async def proposed(body: Proposing, office: TheOffice, person: Who, key: Key = None) -> dict[str, Any]:
    """Nothing moves until an HQ supervisor, who is somebody else, has approved it."""
    async with office.database.session() as session:
        unit = await units.get(session, body.branch) if body.branch else None
        if body.branch and (unit is None or unit.state == UnitState.CLOSED):
            raise BadInput(f"There is no unit {body.branch} in the network that could have it.", "branch")
        amount, now = body.amount.amount, datetime.now(UTC)
        with rules():
            use = await fund.propose(
                session, amount=amount, purpose=body.purpose, branch=body.branch, by=person.sub, at=now, key=key
            )
        return _view(use)


@router.get("/uses", summary="What the fund is used for, the latest proposed first.")
async def listed(
    office: TheOffice,
    person: Who,
    status: Annotated[UseStatus | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    """HQ sees what is proposed as well; units what was spent."""
    seen = set(UseStatus if person.sees is None else PUBLISHED) & ({status} if status else set(UseStatus))
    async with office.database.session() as session:
        page = await fund.listed(session, only=seen, cursor=cursor, limit=limit)
    return views.paged(page, map(_view, page.items))


@router.post("/uses/{use_id}/decision", summary="Approve it, and it is posted; or refuse it.", dependencies=supervisors)
async def decided(use_id: Code, body: Deciding, office: TheOffice, person: Who) -> dict[str, Any]:
    """Never beyond what the fund holds, and never by who proposed it. It is decided once."""
    if not body.approve and body.reason is None:
        raise BadInput("What is refused is refused for a reason.", "reason")
    async with office.database.session() as session:
        with rules():
            use = await fund.decide(session, use_id, **body.model_dump(), by=person.sub, at=datetime.now(UTC))
    return _view(_there(use, use_id))


@router.post("/uses/{use_id}/reverse", summary="Take back what was spent, by a counter entry.", dependencies=supervisors)
async def taken_back(use_id: Code, body: TakingBack, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        with rules():
            use = await fund.take_back(session, use_id, reason=body.reason, by=person.sub, at=datetime.now(UTC))
    return _view(_there(use, use_id))


@router.get("/{month}", summary="The quality fund's income and use: a published report.", response_model=None)
async def report(month: AMonth, office: TheOffice, person: Who, format: Format = "json") -> dict[str, Any] | Response:
    now = datetime.now(UTC)
    async with office.database.session() as session:
        report = await quality_fund.of(session, month)
    if format == "xlsx":
        return file(f"quality-fund-{month}", quality_fund.as_workbook(report, now))
    sums = {name: views.money(getattr(report, name)) for name in ("opening", "income", "use", "closing")}
    moved = [asdict(one) | {"income": views.money(one.income), "use": views.money(one.use)} for one in report.moved]
    told = {"account": QUALITY_FUND, "month": month, "computed_at": now.isoformat(), **sums, "moved": moved}
    return told | {"uses": [_view(use) for use in report.uses]}


def _there(use: FundUse | None, use_id: str) -> FundUse:
    if use is None:
        raise NotFound(f"There is no use {use_id} of the fund.")
    return use


def _view(use: FundUse) -> dict[str, Any]:
    told = use.model_dump(exclude={"acts"}) | {"amount": views.money(use.amount), "status": use.status}
    return told | {"account": use.beneficiary, "acts": [act._asdict() for act in use.acts]}
