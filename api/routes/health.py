"""At the root: whether we live, whether we can work, and our metrics."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from api.errors import Problem, document
from api.metrics import CONTENT_TYPE, exposed
from api.office import Office, TheOffice

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="We live.")
async def alive() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="PostgreSQL, Temporal and a polling worker are reachable.")
async def ready(office: TheOffice) -> Response:
    register, temporal, worker = await asyncio.gather(
        _register(office), office.desk.processes.reachable(), office.desk.processes.worked()
    )
    checks: dict[str, Any] = {"postgresql": register, "temporal": temporal, "worker": worker}
    if not all(checks.values()):
        away = ", ".join(name for name, there in checks.items() if not there)
        return document(
            Problem(f"Not ready: {away} cannot be reached.", status=503, headers={"Retry-After": "5"}, more={"checks": checks})
        )
    return JSONResponse({"status": "ready", "checks": checks})


@router.get("/metrics", summary="Prometheus metrics.")
async def metrics(office: TheOffice) -> Response:
    return Response(await exposed(office.metrics, office.database), media_type=CONTENT_TYPE)


async def _register(office: Office) -> bool:
    try:
        async with asyncio.timeout(4):
            await office.database.ping()
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True
