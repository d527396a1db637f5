"""What a query may ask: what its route's own signature names, and nothing else. A filter nobody knows would filter nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute

from api.errors import BadInput


async def known_query(request: Request) -> None:
    """422 naming what is unknown, and what there is to ask."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = set(_names(route.dependant))
    if unknown := sorted(set(request.query_params) - known):
        takes = f"takes {', '.join(sorted(known))}" if known else "takes nothing there"
        raise BadInput(f"{', '.join(unknown)}: not known in the query of this route, which {takes}.", unknown[0])


def _names(dependant: Any) -> Iterator[str]:
    """The parameters that a route and all it depends on declare."""
    yield from (parameter.alias for parameter in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names(each)
