"""No request waits for ever: what stands behind the API may be there and say nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import MAY_BE_RECORDED, Away, document

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=7)
NO_ANSWER = "There is no answer at the moment; please ask again."
READING = ("GET", "HEAD")
UNHURRIED = "/v1/dev/"
"""Moving a clock takes as long as the complaint's own work does; it has a deadline of its own."""


class Patience:
    """Answers 503 in the application's place when that has not begun to answer in time.

    The work is told to stop but not waited for: a driver may need as long again to give up a silent connection.
    """

    def __init__(self, app: ASGIApp, patience: timedelta = PATIENCE) -> None:
        self.app, self.patience = app, patience.total_seconds()
        self.given_up: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNHURRIED):
            return await self.app(scope, receive, send)
        answering = late = False

        async def while_somebody_listens(message: Message) -> None:
            nonlocal answering
            answering = True
            if not late:
                await send(message)

        work = asyncio.create_task(self._work(scope, receive, while_somebody_listens))
        try:
            await asyncio.wait({work}, timeout=self.patience)
            if work.done() or answering:
                return await work
        except asyncio.CancelledError:
            work.cancel()
            raise
        late = True
        self._give_up(work)
        log.warning("answer_given_up", path=scope["path"])
        return await document(Away(NO_ANSWER if scope["method"] in READING else MAY_BE_RECORDED))(scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def _give_up(self, work: asyncio.Task[None]) -> None:
        def ended(work: asyncio.Task[None]) -> None:
            self.given_up.discard(work)
            if not work.cancelled() and (error := work.exception()) is not None:
                log.info("given_up_work_ended", error=type(error).__name__)

        self.given_up.add(work)
        work.add_done_callback(ended)
        work.cancel()
