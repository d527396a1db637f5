"""Whatever stands behind the API says nothing: the API says so in time, and leaves alone what has begun to answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from starlette.types import Receive, Scope, Send

from api.errors import MAY_BE_RECORDED
from api.patience import NO_ANSWER, Patience

SOON = timedelta(milliseconds=50)


class Silent:
    """An application that begins to answer after `before` seconds and ends `after` that."""

    def __init__(self, before: float, after: float = 0) -> None:
        self.before, self.after = before, after
        self.told_to_stop = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(self.before)
        except asyncio.CancelledError:
            self.told_to_stop.set()
            raise
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(self.after)
        await send({"type": "http.response.body", "body": b"done"})


def asking(app: Silent) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Patience(app, SOON)), base_url="http://amends")


async def test_silence_is_answered_with_a_sentence_and_the_work_is_told_to_stop() -> None:
    app = Silent(60)
    async with asking(app) as http:
        read, decided = await http.get("/v1/inbox"), await http.post("/v1/complaints")
    assert (read.status_code, read.json()["detail"]) == (503, NO_ANSWER)
    assert (decided.status_code, decided.json()["detail"]) == (503, MAY_BE_RECORDED)
    assert int(decided.headers["retry-after"]) > 0
    async with asyncio.timeout(1):
        await app.told_to_stop.wait()


async def test_an_answer_that_has_begun_is_not_cut_off() -> None:
    async with asking(Silent(0, after=0.2)) as http:
        assert (await http.get("/v1/reports")).text == "done"


async def test_moving_a_clock_may_take_its_time() -> None:
    async with asking(Silent(0.2)) as http:
        assert (await http.post("/v1/dev/complaints/A1/fast-forward")).status_code == 200
