"""`amends setup`, `amends api` and `amends worker` as an operator runs them: addresses from the environment, a process each."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from embedded import postgres, temporal
from embedded.children import free_port, wait_until
from installation import MEMORY, SCHEDULE, remember
from store.rulebooks import STARTER, parse
from tests.embedded.amends_process import amends

Environment = dict[str, str]


@pytest.fixture(scope="module")
def outside() -> Iterator[Environment]:
    """PostgreSQL and Temporal somewhere, as the environment names them."""
    with (
        tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder,
        postgres.running(Path(folder) / "postgres", durable=False) as url,
        temporal.running(Path(folder) / "temporal", port=free_port(27633)) as address,
    ):
        yield {
            **os.environ,
            "AMENDS_DATABASE_URL": url.replace("+psycopg", ""),
            "AMENDS_DATA_DIR": str(Path(folder) / "data"),
            "AMENDS_PORT": str(free_port(28180)),
            "TEMPORAL_ADDRESS": address,
        }


def ready(environment: Environment) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{environment['AMENDS_PORT']}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


async def memory(client: Client) -> timedelta:
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_setup_prepares_everything_and_may_run_again(outside: Environment) -> None:
    for _ in range(2):
        with amends("setup", env=outside) as setup:
            assert setup.ended() == 0, setup.said
    client = await Client.connect(outside["TEMPORAL_ADDRESS"])
    assert await memory(client) == MEMORY
    assert (await client.get_schedule_handle(SCHEDULE).describe()).schedule.policy.overlap.name == "SKIP"
    with amends("rulebook", "list", env=outside) as listed:
        assert listed.ended() == 0, listed.said
        assert str(parse((files("rulebooks") / STARTER).read_bytes())["version"]) in listed.said
    with amends("network", "show", env=outside) as shown:
        assert shown.ended() == 0, shown.said
        assert "minhang" not in shown.said  # the demo network is for embedded installations


async def test_an_operators_longer_memory_is_kept(outside: Environment) -> None:
    client = await Client.connect(outside["TEMPORAL_ADDRESS"])
    longer = timedelta(days=400)
    await remember(client, longer)
    await remember(client, MEMORY)
    assert await memory(client) == longer


def test_api_and_worker_become_ready_and_end_when_told(outside: Environment) -> None:
    with amends("setup", env=outside) as setup:
        assert setup.ended() == 0, setup.said
    with amends("api", env=outside) as api:
        with amends("worker", env=outside) as worker:
            assert wait_until(lambda: ready(outside), 60), api.said + worker.said
            assert worker.told(signal.SIGTERM) == 0, worker.said
        assert api.told(signal.SIGTERM) == 0, api.said


@pytest.mark.parametrize(
    ("command", "missing", "sentence"),
    [
        ("setup", {"AMENDS_DATABASE_URL": ""}, "Say where the register is"),
        ("setup", {"AMENDS_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}, "The database cannot be reached"),
        ("worker", {"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "Temporal at 127.0.0.1:1 cannot be reached"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(outside: Environment, command: str, missing: Environment, sentence: str) -> None:
    with amends(command, env={**outside, **missing}) as refused:
        assert refused.ended() == 1
    assert sentence in refused.said
    assert "Traceback" not in refused.said


def test_a_network_is_imported_whole_or_not_at_all(outside: Environment, tmp_path: Path) -> None:
    file = tmp_path / "network.csv"
    header = "code,kind,name_zh,name_en,region,phone,email\n"
    file.write_text(header + "hq,hq,总部,HQ,,,\nchengdu,branch,成都,Chengdu,四川,,\n", encoding="utf-8")
    with amends("network", "import", str(file), env=outside) as imported:
        assert imported.ended() == 0, imported.said
        assert "2 units." in imported.said
    file.write_text(header + "xian,planet,西安,Xi'an,陕西,,\n", encoding="utf-8")
    with amends("network", "import", str(file), env=outside) as refused:
        assert refused.ended() == 1
        assert "line 2: unit xian has kind 'planet'" in refused.said


def test_tokens_are_refused_where_identities_come_from_elsewhere(outside: Environment) -> None:
    with amends("token", "--role", "hq_agent", env={**outside, "AMENDS_OIDC_ISSUER": "https://identity.example"}) as refused:
        assert refused.ended() == 1
    assert "it signs no tokens of its own" in refused.said
