"""The house's own rounds, once a minute: nothing accepted stays unstarted, nothing said stays untold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from temporalio import activity


class Chores(Protocol):
    """Each does what is there to do and answers how much it was."""

    async def start_complaints(self) -> int:
        """Start complaints that were received while Temporal was away."""
        ...

    async def hand_over_calls(self) -> int:
        """Tell complaints of further calls they have not been told of."""
        ...

    async def archive_histories(self) -> int:
        """Keep the histories of closed complaints before the server forgets them."""
        ...

    async def find_lost(self) -> int:
        """Find complaints whose process ended before they did, by hand or by failing; go on with reviews opened after closing."""
        ...

    async def sweep_texts(self) -> int:
        """Forget words that no decision ever referred to."""
        ...

    async def send_circular(self) -> int:
        """Have running complaints told of dated facts they have not heard of: changed by command, or while they began."""
        ...

    async def write_final_letters(self) -> int:
        """Write the letters of final responses that were not written when these were recorded."""
        ...

    async def watch_the_books(self) -> int:
        """Draft the penalty sheet that was missed, and let climb what is late around the books."""
        ...

    async def draw_second_looks(self) -> int:
        """Draw among complaints that were closed, or came back, since the last time."""
        ...


class Housekeeping:
    def __init__(self, chores: Chores) -> None:
        self._chores = chores

    @property
    def activities(self) -> list[Callable[[], Awaitable[int]]]:
        return [
            self.start_complaints,
            self.hand_over_calls,
            self.archive_histories,
            self.find_lost,
            self.sweep_texts,
            self.send_circular,
            self.write_final_letters,
            self.watch_the_books,
            self.draw_second_looks,
        ]

    @activity.defn(name="start_complaints")
    async def start_complaints(self) -> int:
        return await self._chores.start_complaints()

    @activity.defn(name="hand_over_calls")
    async def hand_over_calls(self) -> int:
        return await self._chores.hand_over_calls()

    @activity.defn(name="archive_histories")
    async def archive_histories(self) -> int:
        return await self._chores.archive_histories()

    @activity.defn(name="find_lost")
    async def find_lost(self) -> int:
        return await self._chores.find_lost()

    @activity.defn(name="sweep_texts")
    async def sweep_texts(self) -> int:
        return await self._chores.sweep_texts()

    @activity.defn(name="send_circular")
    async def send_circular(self) -> int:
        return await self._chores.send_circular()

    @activity.defn(name="write_final_letters")
    async def write_final_letters(self) -> int:
        return await self._chores.write_final_letters()

    @activity.defn(name="watch_the_books")
    async def watch_the_books(self) -> int:
        return await self._chores.watch_the_books()

    @activity.defn(name="draw_second_looks")
    async def draw_second_looks(self) -> int:
        return await self._chores.draw_second_looks()
