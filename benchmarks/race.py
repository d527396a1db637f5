"""Two ways of doing the same, side by side in one run: taken in turns, so that whatever else the machine does falls on both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

Lap = Callable[[], Awaitable[None]]
FEWEST_LAPS, MOST_LAPS = 3, 9


@dataclass(frozen=True)
class Result:
    """`ours` and `floor` a second, each the median of its laps; `ratios` of every lap of ours to the floor's beside it."""

    name: str
    ours: float
    floor: float
    ratios: tuple[float, ...]

    def __str__(self) -> str:
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f} in {len(self.ratios)} laps"
        return f"{self.name} ratio {median(self.ratios):.2f} ({self.ours:.1f} a second, floor {self.floor:.1f}; {spread})"


async def race(name: str, ours: Lap, floor: Lap, *, each: int, seconds: float) -> Result:
    """Laps that do `each` times the thing, for about so many seconds after one to warm up; whose turn is first changes."""
    ends = 0.0
    paces: tuple[list[float], list[float]] = ([], [])
    for lap in range(MOST_LAPS + 1):
        for side in (lap % 2, 1 - lap % 2):
            began = time.perf_counter()
            await (ours, floor)[side]()
            if lap:
                paces[side].append(each / (time.perf_counter() - began))
        if lap == 0:
            ends = time.perf_counter() + seconds
        elif lap >= FEWEST_LAPS and time.perf_counter() > ends:
            break
    ratios = tuple(mine / theirs for mine, theirs in zip(*paces, strict=True))
    return Result(name, median(paces[0]), median(paces[1]), ratios)


async def at_once(once: Callable[[], Awaitable[None]], times: int, *, most: int) -> None:
    """So many times, never more than `most` at a time."""
    free = asyncio.Semaphore(most)

    async def one() -> None:
        async with free:
            await once()

    async with asyncio.TaskGroup() as all_:
        for _ in range(times):
            all_.create_task(one())
