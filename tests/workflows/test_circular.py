"""The circular: everybody concerned hears, at a bounded rate, whatever happens while it goes round."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.circulars import Circulars, Untold
from domain.commands import News
from domain.plan import DatedFacts
from worker import SANDBOX
from workflows.circular import MOST_ROUNDS, CircularWorkflow, Pace

QUICK = Pace(at_once=50, rest=timedelta(milliseconds=100), settle=timedelta(milliseconds=50))


class PaperComplaints:
    """Complaints by number with the version each knows; who is told, when, and what happens then."""

    def __init__(self, count: int = 0) -> None:
        self.version = 1
        self.knows = dict.fromkeys([f"A{place:05}" for place in range(count)], 0)
        self.told: list[tuple[float, str, int]] = []
        self.looks = 0
        self.happens: Callable[[str], None] = lambda number: None
        self.deaf: set[str] = set()

    async def untold(self, after: str, limit: int) -> list[Untold]:
        self.looks += 1
        left = sorted(number for number, known in self.knows.items() if number > after and known < self.version)
        news = News(dated=DatedFacts(version=self.version))
        return [Untold(number=number, news=news) for number in left[:limit]]

    async def tell(self, number: str, news: News) -> None:
        self.happens(number)
        self.told.append((time.monotonic(), number, news.dated.version))
        if number not in self.deaf:
            self.knows[number] = max(self.knows[number], news.dated.version)

    @property
    def heard(self) -> list[str]:
        return [number for _, number, _ in self.told]


class Post:
    """A queue with workers that carry the circular to paper complaints."""

    def __init__(self, client: Client, complaints: PaperComplaints) -> None:
        self.client, self.complaints, self.queue = client, complaints, f"post-{uuid4().hex[:8]}"

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with Worker(
            self.client,
            task_queue=self.queue,
            workflows=[CircularWorkflow],
            activities=[Circulars(self.complaints).tell_dated_facts],
            workflow_runner=SandboxedWorkflowRunner(restrictions=SANDBOX),
            max_cached_workflows=0,  # every step is a replay
        ):
            yield

    async def changed(self, pace: Pace = QUICK) -> WorkflowHandle[CircularWorkflow, int]:
        return await self.client.start_workflow(
            CircularWorkflow.run, pace, id=f"{self.queue}-circular", task_queue=self.queue, start_signal="changed"
        )


async def test_three_hundred_hear_once_each_and_never_more_than_the_pace_allows(client: Client) -> None:
    complaints = PaperComplaints(300)
    post = Post(client, complaints)
    async with post.worker():
        assert await (await post.changed()).result() == 300
    assert complaints.heard == sorted(complaints.knows)
    starts = [complaints.told[place][0] for place in range(0, 300, QUICK.at_once)]
    ends = [complaints.told[place][0] for place in range(QUICK.at_once - 1, 300, QUICK.at_once)]
    assert all(start - end >= 0.1 for end, start in zip(ends, starts[1:], strict=False))


async def test_nobody_to_tell_is_one_look(client: Client) -> None:
    complaints = PaperComplaints()
    post = Post(client, complaints)
    async with post.worker():
        assert await (await post.changed()).result() == 0
    assert complaints.looks == 1


async def test_a_change_while_it_goes_round_reaches_those_it_had_passed(client: Client) -> None:
    complaints = PaperComplaints(120)
    post = Post(client, complaints)
    handle = await post.changed()

    def overtaken(number: str) -> None:
        if number == "A00060" and complaints.version == 1:
            complaints.version = 2
            again.append(asyncio.ensure_future(post.changed()))

    again: list[asyncio.Task[WorkflowHandle[CircularWorkflow, int]]] = []
    complaints.happens = overtaken
    async with post.worker():
        await handle.result()
        assert (await again[0]).id == handle.id
    assert set(complaints.knows.values()) == {2}
    assert complaints.heard.count("A00000") == 2
    assert complaints.heard.count("A00119") == 1  # it only heard how it ended


async def test_one_received_while_it_goes_round_hears_too(client: Client) -> None:
    complaints = PaperComplaints(60)
    post = Post(client, complaints)
    complaints.happens = lambda number: complaints.knows.update({"A00000a": 0}) if number == "A00030" else None
    async with post.worker():
        await (await post.changed()).result()
    assert complaints.knows["A00000a"] == 1
    assert complaints.heard.count("A00000") == 1


async def test_a_worker_that_goes_half_way_is_followed_by_one_that_finds_the_rest(client: Client) -> None:
    complaints = PaperComplaints(150)
    post = Post(client, complaints)
    half = asyncio.Event()
    complaints.happens = lambda number: half.set() if number == "A00070" else None
    async with post.worker():
        handle = await post.changed()
        await half.wait()
    assert len(complaints.told) < 150
    async with post.worker():
        await handle.result()
    assert set(complaints.knows.values()) == {1}
    assert len(complaints.told) == 150


async def test_one_who_cannot_be_told_now_is_told_later_and_the_rest_with_them(client: Client) -> None:
    complaints = PaperComplaints(20)
    refusals = 0

    def away(number: str) -> None:
        nonlocal refusals
        if number == "A00010" and refusals < 2:
            refusals += 1
            raise ConnectionError("Temporal is away")

    complaints.happens = away
    post = Post(client, complaints)
    async with post.worker():
        await (await post.changed()).result()
    assert refusals == 2
    assert complaints.heard == sorted(complaints.knows)


async def test_one_who_never_seems_to_hear_does_not_keep_it_going_for_ever(client: Client) -> None:
    complaints = PaperComplaints(2)
    complaints.deaf = {"A00001"}
    post = Post(client, complaints)
    async with post.worker():
        await (await post.changed()).result()
    assert complaints.heard.count("A00000") == 1
    assert complaints.heard.count("A00001") == MOST_ROUNDS + 1


async def test_continued_it_goes_on_where_it_was_and_then_looks_at_everybody_again(client: Client) -> None:
    complaints = PaperComplaints(20)
    post = Post(client, complaints)
    async with post.worker():
        handle = await post.changed(QUICK.model_copy(update={"after": "A00009"}))
        await handle.result()
    assert complaints.heard == sorted(complaints.knows)[10:] + sorted(complaints.knows)[:10]
