"""Everything under one roof: what `amends up` and `amends demo` run. Opened from the ground up, closed from the roof down."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

import httpx

import server
import worker
from embedded import postgres, temporal
from embedded.children import CannotStart, insist_on_port
from embedded.folder import held
from installation import connect, set_up
from settings import Settings

READY_WITHIN = 60.0
LEAVING = [signal.SIGINT, signal.SIGTERM]
if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it is, and stays so
    LEAVING.append(signal.SIGHUP)


@contextmanager
def foundations(settings: Settings) -> Iterator[Settings]:
    """PostgreSQL and Temporal, running; the settings that lead to them. Both are stopped on leaving, Temporal first."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for each in LEAVING:
        signal.signal(each, interrupted)
    with ExitStack() as ground:
        folder = ground.enter_context(held(settings.data_dir))
        insist_on_port(settings.host, settings.port, what="the API", option="--port")
        url = ground.enter_context(postgres.running(folder / "postgres"))
        ground.enter_context(
            temporal.running(
                folder / "temporal", port=settings.temporal_port, ui_port=settings.ui_port, virtual_time=settings.virtual_time
            )
        )
        try:
            yield settings.model_copy(update={"database_url": url, "data_dir": folder, "embedded": True})
        finally:
            for each in LEAVING:  # a second Ctrl-C must not leave the children behind
                signal.signal(each, signal.SIG_IGN)


async def live(settings: Settings, then: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    """Set up, open worker and API, and when both are ready do `then`; when that answers True, stay until somebody says stop."""
    stop = asyncio.Event()
    for each in LEAVING:
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    client = await connect(settings)
    await set_up(settings, client)
    async with Beside(worker.serve, settings, client) as working, Beside(server.serve, settings, client) as answering:
        services = (working.task, answering.task)
        if not await _unless_stopped(_ready(settings), stop, services):
            return
        if await _unless_stopped(then(), stop, services):
            await _unless_stopped(stop.wait(), stop, services)


class Beside:
    """A service that runs beside the block and is told to stop, and waited for, at its end."""

    def __init__(self, serve: Callable[..., Coroutine[Any, Any, None]], *told: Any) -> None:
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(serve(*told, self._stop))

    async def __aenter__(self) -> Beside:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self.task


async def _unless_stopped(work: Coroutine[Any, Any, bool], stop: asyncio.Event, services: tuple[asyncio.Task[None], ...]) -> bool:
    """What the work answers; False when told to stop meanwhile. A service that ends by itself ends everything, with its error."""
    doing, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, stopped, *services}, return_when=asyncio.FIRST_COMPLETED)
        for service in services:
            if service.done():
                service.result()
                raise RuntimeError("a service ended although nobody told it to")
        return await doing if doing.done() else False
    finally:
        for task in (doing, stopped):
            task.cancel()
        await asyncio.gather(doing, stopped, return_exceptions=True)


async def _ready(settings: Settings) -> bool:
    """True once the API itself says that PostgreSQL, Temporal and a polling worker are there."""
    async with httpx.AsyncClient(base_url=settings.api_url, trust_env=False) as asking:
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not await _says_ready(asking):  # noqa: ASYNC110 - it is another process's port, not our event
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise CannotStart(f"Amends was not ready in {READY_WITHIN:.0f} s; see the logs in {settings.data_dir}.") from None
    return True


async def _says_ready(asking: httpx.AsyncClient) -> bool:
    try:
        return (await asking.get("/readyz")).is_success
    except httpx.TransportError:
        return False
