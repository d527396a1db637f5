"""Telling the register: the process's numbered facts, written in order and once."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.record import Fact, Held


class RegisterPort(Protocol):
    async def apply(self, number: str, facts: list[Fact]) -> list[str | Held]:
        """Apply the facts not yet applied, in one transaction; answer every fact as `<seq> <name>`, and lines held elsewhere."""
        ...

    async def add(self, number: str, fact: Fact) -> None:
        """Apply the rows of a fact that is told beside the complaint's own story; told again, it changes nothing."""
        ...


class Register:
    def __init__(self, port: RegisterPort) -> None:
        self._port = port

    @activity.defn(name="write_facts")
    async def write_facts(self, number: str, facts: list[Fact]) -> list[str | Held]:
        """The answer is what the workflow's history shows of them (architecture 6)."""
        return await self._port.apply(number, facts)

    @activity.defn(name="add_fact")
    async def add_fact(self, number: str, fact: Fact) -> None:
        """What a process beside the complaint's own tells: a correction."""
        await self._port.add(number, fact)
