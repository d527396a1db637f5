"""What every test may ask for: a register on real PostgreSQL - in a container where an engine answers, else embedded."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from hypothesis import settings
from sqlalchemy import make_url

from store.database import Database, as_url
from store.migrate import upgrade

# How long one example takes says how busy the machine is, not whether the law holds.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

TEMPLATE = "amends_template"


def engine_answers() -> bool:
    """Whether a Docker engine is there to run containers."""
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return False

    docker = import_module("docker")  # by name: to a type checker, `docker` is our folder of that name
    try:
        client = docker.from_env(timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except docker.errors.DockerException:
        return False
    return True


def _in_a_container(stack: ExitStack) -> str:
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer("postgres:17", driver="psycopg").with_command("postgres -c fsync=off -c max_connections=200")
    return str(stack.enter_context(container).get_connection_url())


def _embedded(stack: ExitStack) -> str:
    from embedded.postgres import running

    # Not below pytest's own folder: the server runs as another account when we are root, and must reach its files.
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True)))
    return stack.enter_context(running(folder / "postgres", durable=False))


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server with a migrated template database, from which every test's database is a copy."""
    with ExitStack() as stack:
        chosen = "testcontainers" if engine_answers() else "embedded"
        url = _in_a_container(stack) if chosen == "testcontainers" else _embedded(stack)
        capture = request.config.pluginmanager.get_plugin("capturemanager")
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        if capture is not None and reporter is not None:
            with capture.global_and_fixture_disabled():
                reporter.write_line(f"PostgreSQL for the tests: {chosen}")
        _administer(url, f"CREATE DATABASE {TEMPLATE} ENCODING 'UTF8' TEMPLATE template0")
        upgrade(make_url(url).set(database=TEMPLATE).render_as_string(hide_password=False))
        yield url


def _administer(url: str, statement: str) -> None:
    conninfo = as_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Callable[[], str]:
    """Makes empty, migrated databases; answers their URLs."""

    def make() -> str:
        name = f"test_{uuid4().hex[:12]}"
        _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def database_url(new_database: Callable[[], str]) -> str:
    """One migrated database for the whole session, shared: use numbers of your own."""
    return new_database()


@pytest.fixture(scope="module")
def fresh_database_url(new_database: Callable[[], str]) -> str:
    """A migrated, empty database for one module of tests."""
    return new_database()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh_database(fresh_database_url: str) -> AsyncIterator[Database]:
    """A register nobody else's tests write to."""
    database = Database(fresh_database_url)
    yield database
    await database.close()
