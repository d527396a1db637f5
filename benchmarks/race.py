"""Two ways of doing the same, side by side in one run: taken in turns, so that whatever else the machine does falls on both."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

Lap = Callable[[int], Awaitable[None]]
"""Does it so many times."""


@dataclass(frozen=True)
class Result:
    """`ours` and `floor` per second, the median of their laps; `ratio` the median of ours against the floor's lap beside it."""

    name: str
    ours: float
    floor: float
    ratio: float
    ratios: tuple[float, ...]

    def __str__(self) -> str:
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f} in {len(self.ratios)} laps"
        return f"{self.name} ratio {self.ratio:.2f} ({self.ours:.1f} a second, floor {self.floor:.1f}; {spread})"


async def race(name: str, ours: Lap, floor: Lap, *, times: int, laps: int) -> Result:
    """`laps` laps of `times` each, one to warm up; whose turn is first changes every lap."""
    paces: dict[str, list[float]] = {"ours": [], "floor": []}
    for lap in range(laps + 1):
        turns = [("ours", ours), ("floor", floor)]
        for side, run in turns if lap % 2 else reversed(turns):
            began = time.perf_counter()
            await run(times)
            if lap:
                paces[side].append(times / (time.perf_counter() - began))
    ratios = tuple(mine / theirs for mine, theirs in zip(paces["ours"], paces["floor"], strict=True))
    return Result(name, median(paces["ours"]), median(paces["floor"]), median(ratios), ratios)
