"""A real Temporal server with virtual time, the real processes, and a register and a bank of paper."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from embedded import temporal
from tests.workflows.office import Office


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("temporal")
    with temporal.running(folder, port=port, virtual_time=True, patience=1) as address:
        yield address


@pytest_asyncio.fixture(scope="session")
async def client(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@pytest_asyncio.fixture(scope="module")
async def office(client: Client) -> AsyncIterator[Office]:
    """A worker with a register and a bank of paper; one a module, complaints are many."""
    async with Office(client) as office:
        yield office
