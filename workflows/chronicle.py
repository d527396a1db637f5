"""The one numbered writer: what happened to a complaint, in order, into the register."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow

from domain.record import Fact, Held
from workflows import outside

_AT_ONCE = 100


def nobody(held: Held) -> None:
    """Who sets a line aside, before there is anybody."""


class Chronicle:
    """Numbers the facts of one complaint and writes them in order: many at a time, one write in flight."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.pending: list[Fact] = []
        self.writing = False
        self.set_aside: Callable[[Held], None] = nobody

    def note(self, fact: Fact) -> None:
        self.pending.append(fact)

    async def keep_writing(self, waiting: Callable[[], str]) -> None:
        """Write for ever; `waiting` says for whom the complaint waits, which Temporal's own pages show."""
        while True:
            workflow.set_current_details(waiting())
            await workflow.wait_condition(lambda: bool(self.pending))
            for _ in range(2):  # let what this event woke note its own facts first: one write, one history event
                await workflow.wait_condition(lambda: True)
            facts, self.pending, self.writing = self.pending[:_AT_ONCE], self.pending[_AT_ONCE:], True
            answer = await outside.write(self.number, facts)
            self.writing = False
            for held in answer:
                if isinstance(held, Held):
                    self.set_aside(held)

    @property
    def written(self) -> bool:
        return not self.pending and not self.writing
