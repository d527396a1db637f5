"""The postman: carries notices from the outbox to the channel, at least once, whatever is away meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import groupby

import structlog

from activities.notices import ChannelAway, DueNotice, NoAddress, NoticeChannel, Outbox, Undeliverable, Unwritable
from adapters.letters import Letters

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Dispatcher:
    """One loop per worker process; several may run, since a claim is a lease.

    A crash between delivering and marking sends the letter again when the lease is over, with the same Message-ID. So the
    lease must outlast a batch: a recipient's letters go one after another, in order, each at most the channel's time-out.
    """

    def __init__(
        self,
        outbox: Outbox,
        channel: NoticeChannel,
        letters: Letters | None = None,
        *,
        batch: int = 10,
        lease: timedelta = timedelta(minutes=5),
        idle: timedelta = timedelta(seconds=1),
        first_wait: timedelta = timedelta(seconds=5),
        longest_wait: timedelta = timedelta(minutes=15),
        tries: int = 400,
    ) -> None:
        self.outbox = outbox
        self.channel = channel
        self.letters = letters or Letters()
        self.batch, self.lease, self.idle = batch, lease, idle
        self.first_wait, self.longest_wait, self.tries = first_wait, longest_wait, tries

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: carry what is due, and rest when nothing is. Anything that breaks is logged and tried again."""
        while not stop.is_set():
            try:
                carried = await self.carry(stop)
            except Exception as error:  # noqa: BLE001 - the outermost line of a loop that outlives its database
                # Only the error's name: a database's message quotes the row, and with it an address.
                log.warning("dispatcher_waits", error=type(error).__name__)
                carried = 0
            if carried < self.batch:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.idle.total_seconds())

    async def carry(self, stop: asyncio.Event | None = None) -> int:
        """One batch; answers how many notices it claimed. Different recipients do not wait for one another."""
        due = await self.outbox.claim(self.batch, self.lease)
        by_recipient = groupby(sorted(due, key=_recipient), key=_recipient)
        rounds = (self._deliver(list(notices), stop) for _, notices in by_recipient)
        for outcome in await asyncio.gather(*rounds, return_exceptions=True):
            if outcome is not None:
                raise outcome
        return len(due)

    async def _deliver(self, notices: list[DueNotice], stop: asyncio.Event | None) -> None:
        for notice in notices:
            if stop is not None and stop.is_set():
                return  # one letter may take its whole time-out; the rest go when their lease is over
            await self._tell(notice)

    async def _tell(self, notice: DueNotice) -> None:
        try:
            message_id = await self.channel.deliver(self.letters.write(notice))
        except NoAddress:
            await self.outbox.no_address(notice)
        except (ChannelAway, Unwritable) as obstacle:
            await self._later(notice, str(obstacle))
        except Undeliverable as refused:
            await self._never(notice, str(refused))
        else:
            await self.outbox.sent(notice, message_id)

    async def _later(self, notice: DueNotice, error: str) -> None:
        if notice.attempts >= self.tries:
            return await self._never(notice, error)
        log.warning("notice_delayed", complaint=notice.number, notice=notice.key, attempts=notice.attempts, error=error)
        return await self.outbox.failed(notice, error, self.wait_after(notice.attempts))

    async def _never(self, notice: DueNotice, error: str) -> None:
        log.warning("notice_failed", complaint=notice.number, notice=notice.key, template=notice.template, error=error)
        await self.outbox.failed(notice, error, None)

    def wait_after(self, attempts: int) -> timedelta:
        """Twice as long each time, up to `longest_wait`; with the default `tries`, four days in all."""
        doublings = min(max(attempts - 1, 0), 30)
        return min(self.first_wait * (1 << doublings), self.longest_wait)


def _recipient(notice: DueNotice) -> tuple[str, str]:
    """Whose letters keep their order: one complaint's recipient."""
    return notice.number, notice.to
