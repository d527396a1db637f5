"""`python -m benchmarks [name …]`: everything measured, one line per claim at the end."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec

import structlog

from benchmarks import calendar, intake, lives, register
from benchmarks.ground import Ground, ground, servers
from embedded.leaving import leave
from settings import Settings

CLAIMS: dict[str, Callable[[Ground], Awaitable[list[str]]]] = {
    "lives": lives.run,
    "intake": intake.run,
    "register": register.run,
    "calendar": calendar.run,
}


async def measure(settings: Settings, names: list[str]) -> list[str]:
    claims = []
    async with ground(settings) as standing:
        for name in names:
            *more, claim = await CLAIMS[name](standing)
            print(*more, sep="\n", flush=True)
            claims.append(claim)
    return claims


def main() -> int:
    names = sys.argv[1:] or list(CLAIMS)
    if unknown := [name for name in names if name not in CLAIMS]:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(CLAIMS)}.", file=sys.stderr)
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    loops = importlib.import_module("uvloop" if find_spec("uvloop") else "asyncio")  # as `amends worker` does
    with servers() as settings, asyncio.Runner(loop_factory=loops.new_event_loop) as runner:
        claims = runner.run(measure(settings, names))
    print(*claims, sep="\n")
    return 0


if __name__ == "__main__":
    leave(main())
