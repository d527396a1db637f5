"""A complaint's own clock, moved on the real server."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.errors import AlreadyClosed
from embedded import temporal
from embedded.children import free_port
from embedded.virtual import ClockIsMoving, VirtualTime

QUEUE = "clocks"


@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=30))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    with (
        tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder,
        temporal.running(Path(folder), port=free_port(27533), virtual_time=True) as address,
    ):
        yield await Client.connect(address)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def working(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=QUEUE, workflows=[Sleeper], workflow_runner=UnsandboxedWorkflowRunner()):
        yield


async def sleeping(client: Client, queue: str = QUEUE) -> str:
    handle = await client.start_workflow(Sleeper.run, id=f"sleeper-{uuid4().hex[:8]}", task_queue=queue)
    return handle.id


@pytest.mark.usefixtures("working")
async def test_days_pass_in_a_moment_and_add_up(client: Client) -> None:
    clock, number = VirtualTime(client), await sleeping(client)
    began = datetime.now(UTC)
    await clock.fast_forward(number, timedelta(days=3))
    now = await clock.fast_forward(number, timedelta(hours=2))
    assert timedelta(days=3, hours=2) <= now - began < timedelta(days=3, hours=2, minutes=1)
    assert datetime.now(UTC) - began < timedelta(seconds=20)


@pytest.mark.usefixtures("working")
async def test_the_clock_of_a_closed_complaint_stands_still(client: Client) -> None:
    clock, number = VirtualTime(client), await sleeping(client)
    await clock.fast_forward(number, timedelta(days=31))
    await client.get_workflow_handle(number).result()
    with pytest.raises(AlreadyClosed):
        await clock.fast_forward(number, timedelta(days=1))


async def test_a_complaint_nobody_started_has_no_clock(client: Client) -> None:
    with pytest.raises(LookupError):
        await VirtualTime(client).fast_forward("A260101-000001", timedelta(days=1))


async def test_one_hand_at_a_time_and_never_longer_than_the_deadline(client: Client) -> None:
    clock, number = VirtualTime(client, timedelta(seconds=1)), await sleeping(client, "nobody works here")
    first = asyncio.create_task(clock.fast_forward(number, timedelta(days=1)))
    await asyncio.sleep(0.2)
    with pytest.raises(ClockIsMoving):
        await clock.fast_forward(number, timedelta(days=1))
    with pytest.raises(TimeoutError, match=f"The clock of {number} waits for the worker"):
        await first
