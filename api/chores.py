"""What housekeeping does: the port of `activities.housekeeping`, done with the same desk and register as the API."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from activities.circulars import Untold
from adapters.evidence import EvidenceStorage
from api.calling import hand_over
from api.desk import Desk, NumberTaken
from api.errors import Away, Problem
from api.final_letters import write_final_letters
from api.opening import go_on
from api.plans import pinned
from domain.commands import Intake, News
from domain.opening import later_reviews
from store import calls, claims, complaints, dated, histories, reviews, second_looks, sheet_rounds, texts
from store.database import Database
from store.intake import mark_started, unstarted

log = structlog.get_logger(__name__)

AT_ONCE = 200


class HouseChores:
    """Without a place for evidence, letters are left to whoever has one."""

    def __init__(self, database: Database, desk: Desk, evidence: EvidenceStorage | None = None) -> None:
        self._database, self._desk, self._evidence = database, desk, evidence

    async def write_final_letters(self) -> int:
        return await write_final_letters(self._database, self._evidence) if self._evidence else 0

    async def watch_the_books(self) -> int:
        async with self._database.session() as session:
            return await sheet_rounds.watch(session, datetime.now(UTC))

    async def draw_second_looks(self) -> int:
        async with self._database.session() as session:
            return await second_looks.weigh(session, AT_ONCE, at=datetime.now(UTC))

    async def start_complaints(self) -> int:
        started = 0
        async with self._database.session() as session:
            rows = await unstarted(session, AT_ONCE)
        for row in rows:
            intake = Intake.model_validate(row.intake)
            async with self._database.session() as session:
                plan = await pinned(session, intake, row.rulebook_version)
            try:
                if not await self._desk.start(intake, plan):
                    break
            except NumberTaken:
                log.error("number_taken", complaint=row.number)
                continue
            async with self._database.session() as session:
                await mark_started(session, row.number, datetime.now(UTC))
            started += 1
        return started

    async def hand_over_calls(self) -> int:
        handed = 0
        async with self._database.session() as session:
            rows = await calls.waiting(session, AT_ONCE)
        for call in rows:
            try:
                answer = await hand_over(self._database, self._desk, call.number, call.command)
            except Away:
                continue
            except Problem as problem:
                log.error("further_call_refused", complaint=call.number, kind=problem.kind)
                answer = {"refused": problem.detail}
            async with self._database.session() as session:
                await calls.handed_over(session, call.id, at=datetime.now(UTC), answer=answer)
            handed += 1
        return handed

    async def archive_histories(self) -> int:
        archived = 0
        async with self._database.session() as session:
            numbers = await histories.unarchived(session, AT_ONCE)
            reviewed = await reviews.opened_by_quality(session, numbers)
        for number in numbers:
            processes = [number, later_reviews(number)] if number in reviewed else [number]
            if not all([await self._desk.processes.ended(process) for process in processes]):
                continue
            runs = [run for process in processes for run in await self._desk.processes.runs(process)]
            async with self._database.session() as session:
                await histories.archive(session, number, runs, at=datetime.now(UTC))
            archived += 1
        return archived

    async def find_lost(self) -> int:
        known = await self._still_lost()
        ended = [
            number
            for number in await self._desk.processes.broken_off()
            if number not in known and await self._desk.processes.ended(number)
        ]
        async with self._database.session() as session:
            lost = await complaints.mark_lost(session, ended, datetime.now(UTC))
        for number in lost:
            log.error("process_lost", complaint=number)
        await self._free_parcels()
        return len(lost) + await go_on(self._desk, self._database)

    async def _still_lost(self) -> set[str]:
        """What is known to be lost, without what an operator has set going again."""
        async with self._database.session() as session:
            known = set(await complaints.lost(session))
        going = {number for number in known if not await self._desk.processes.ended(number)}
        for number in going:
            async with self._database.session() as session:
                await complaints.found_again(session, number)
            log.info("process_found_again", complaint=number)
        return known - going

    async def _free_parcels(self) -> None:
        """A process that is lost pays nothing any more: the parcel is not kept for it, unless a payment was on its way."""
        async with self._database.session() as session:
            granted = await claims.of_lost(session, AT_ONCE)
        for part in granted:
            sent = part.key in await self._desk.processes.handed_to_a_provider(part.number)
            async with self._database.session() as session:
                await claims.give_up(session, part, sent=sent)
            log.error("claim_of_lost_process", complaint=part.number, payment=part.key, released=not sent)

    async def sweep_texts(self) -> int:
        async with self._database.session() as session:
            return await texts.sweep(session, datetime.now(UTC))

    async def send_circular(self) -> int:
        async with self._database.session() as session:
            left = await dated.anybody_untold(session)
        return int(left and await self._desk.announce())


class Announcer:
    """The port of `activities.circulars`."""

    def __init__(self, database: Database, desk: Desk) -> None:
        self._database, self._desk = database, desk

    async def untold(self, after: str, limit: int) -> list[Untold]:
        async with self._database.session() as session:
            return await dated.untold(session, after, limit, datetime.now(UTC))

    async def tell(self, number: str, news: News) -> None:
        if not await self._desk.tell(number, news):
            log.info("ended_before_it_heard", complaint=number, version=news.dated.version)
