"""Talking to Temporal, but never for longer than somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

ANSWER_WITHIN = timedelta(seconds=4.5)
SHORT = timedelta(seconds=3)


class Unreachable(Exception):
    """Temporal does not answer in time, or not at all."""


@asynccontextmanager
async def reaching(within: timedelta) -> AsyncIterator[None]:
    """Talk to Temporal, but not for longer than that; raises `Unreachable`."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as late:
        raise Unreachable("no answer in time") from late
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.PERMISSION_DENIED):
            raise
        raise Unreachable(error.status.name) from error
    except RuntimeError as error:
        # A client that connects when first used says so with a bare RuntimeError.
        if "client connect" not in str(error):
            raise
        raise Unreachable("no connection") from error
