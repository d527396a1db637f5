"""What Prometheus is told: requests by route and answer, and how the house stands."""

from __future__ import annotations

import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store import complaints
from store.database import Database
from store.outbox import Outbox

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """One set per application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "amends_http_requests", "Requests by route and answer.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram("amends_http_seconds", "How long answers took.", ["route"], registry=self.registry)
        self.open = Gauge("amends_complaints_open", "Complaints that are not closed.", registry=self.registry)
        self.lost = Gauge("amends_complaints_lost", "Complaints whose process ended before they did.", registry=self.registry)
        self.late = Gauge("amends_obligations_late", "Open obligations that are late.", registry=self.registry)
        self.undelivered = Gauge("amends_notices_waiting", "Notices that have not been delivered yet.", registry=self.registry)


async def exposed(metrics: Metrics, database: Database) -> bytes:
    """The metrics as text. With the register away those of the house are left as they were last seen."""
    try:
        async with database.session() as session:
            counted = await complaints.counts(session)
        metrics.open.set(counted["open"])
        metrics.lost.set(counted["lost"])
        metrics.late.set(counted["late"])
        metrics.undelivered.set(await Outbox(database).waiting())
    except (SQLAlchemyError, OSError):
        pass
    return generate_latest(metrics.registry)


class Counting:
    """Counts every request by the route that took it, never by the path asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.requests.labels(scope["method"], route, str(status)).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - began)
