"""The application: routes, refusals and limits put together around one office."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer
from temporalio.client import Client

from adapters.evidence import EvidenceStorage, Scan
from api import errors
from api.auth import Doorkeeper, OwnKey, Verifier
from api.desk import Desk
from api.limits import FILE_LIMIT, Limits
from api.metrics import Counting, Metrics
from api.office import FastForward, Office, OwnTime, who
from api.patience import Patience
from api.queries import known_query
from api.routes import (
    after_closing,
    calendars,
    complaints,
    corrections,
    decisions,
    dev,
    emergencies,
    evidence,
    fund,
    health,
    inbox,
    lateness,
    ledger,
    openings,
    payouts,
    penalty_sheets,
    reviews,
    rulebooks,
    second_looks,
    settlements,
    stand_ins,
    units,
)
from settings import Settings
from store.database import Database

V1 = (
    complaints.router,
    decisions.router,
    after_closing.router,
    evidence.router,
    inbox.router,
    reviews.router,
    openings.router,
    second_looks.router,
    corrections.router,
    lateness.router,
    fund.router,
    ledger.router,
    settlements.router,
    penalty_sheets.router,
    rulebooks.router,
    calendars.router,
    emergencies.router,
    units.router,
    stand_ins.router,
)


def create(
    settings: Settings,
    *,
    database: Database,
    client: Client,
    key: bytes,
    verifier: Verifier | None = None,
    fast_forward: FastForward | None = None,
    own_time: OwnTime | None = None,
    scan: Scan | None = None,
) -> FastAPI:
    """The API of one installation. `key` signs tokens and hashes complainants; who made what is passed in closes it."""
    metrics = Metrics()
    app = FastAPI(
        title="Amends",
        version="0.2.0",
        summary="Complaint, arbitration and compensation for branch-based courier networks.",
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.office = office = Office(
        settings=settings,
        database=database,
        desk=Desk(client, settings.task_queue),
        verifier=verifier or OwnKey(key),
        evidence=EvidenceStorage(settings.data_dir / "evidence", limit=FILE_LIMIT, **({"scan": scan} if scan else {})),
        contact_key=hmac.new(key, b"complainants", hashlib.sha256).digest(),
        metrics=metrics,
        fast_forward=fast_forward,
        own_time=own_time,
    )
    errors.install(app)
    app.include_router(health.router)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(HTTPBearer(auto_error=False)), Depends(who), Depends(known_query)])
    for router in V1:
        v1.include_router(router)
    if settings.embedded and settings.virtual_time and fast_forward is not None:
        v1.include_router(dev.router)
    app.include_router(v1)
    app.include_router(payouts.router)
    app.add_middleware(Patience)
    app.add_middleware(Limits)
    app.add_middleware(Doorkeeper, verifier=office.verifier)
    app.add_middleware(Counting, metrics=metrics)
    return app
