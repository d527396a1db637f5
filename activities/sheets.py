"""The monthly penalty sheet: drafting it, and reminding whoever it waits for."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity


class SheetsPort(Protocol):
    async def draft(self, month: str) -> None:
        """Draft the month's sheet; one that is signed already stays as it is."""
        ...

    async def remind(self, month: str) -> bool:
        """Tell whoever the sheet waits for, at most once a day; False when it waits for nobody any more."""
        ...


class Sheets:
    def __init__(self, port: SheetsPort) -> None:
        self._port = port

    @activity.defn(name="draft_penalty_sheet")
    async def draft_penalty_sheet(self, month: str) -> None:
        await self._port.draft(month)

    @activity.defn(name="remind_of_penalty_sheet")
    async def remind_of_penalty_sheet(self, month: str) -> bool:
        return await self._port.remind(month)
