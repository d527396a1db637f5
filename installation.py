"""What an installation needs before it can work, made or brought up to date; safe to run again and again.

Migrations, the Temporal namespace's memory, search attributes, the schedules, the signing key, and, where there
is nothing yet, a rulebook, the public holidays and (embedded only) the demo network.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from google.protobuf.duration_pb2 import Duration
from sqlalchemy.exc import OperationalError
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from embedded.children import CannotStart
from settings import Settings
from store import calendars, migrate, rulebooks, units
from store.database import Database
from workflows.housekeeping import HousekeepingWorkflow
from workflows.sheets import PenaltySheetWorkflow

EMBEDDED_MEMORY = timedelta(days=365)
MEMORY = timedelta(days=90)  # at least; an operator who set more keeps it
SEARCH_ATTRIBUTES = ("AmendsCategory", "AmendsOrigin")
SCHEDULE = "amends-housekeeping"
SHEET_SCHEDULE = "amends-penalty-sheet"

log = structlog.get_logger("amends")


async def set_up(settings: Settings, client: Client) -> None:
    try:
        await asyncio.to_thread(migrate.upgrade, settings.database_url)
    except OperationalError as away:
        raise CannotStart(f"The database cannot be reached (AMENDS_DATABASE_URL): {away.orig}") from away
    await remember(client, EMBEDDED_MEMORY if settings.embedded else MEMORY)
    await register_search_attributes(client)
    await schedule_housekeeping(client, settings.task_queue)
    await schedule_penalty_sheet(client, settings.task_queue)
    signing_key(settings)
    database = Database(settings.database_url)
    try:
        async with database.session() as session:
            await rulebooks.publish_starter(session, at=datetime.now(UTC))
            await calendars.import_snapshot(session, at=datetime.now(UTC))
            if settings.embedded:
                await units.import_demo(session)
            if years := await calendars.unknown_years(session, datetime.now(UTC).date()):
                log.warning("public_holidays_unknown", years=years, until_imported="there the week alone applies")
    finally:
        await database.close()


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """To the embedded server, or to the one TEMPORAL_* names, read as the Temporal CLI reads it."""
    if settings.embedded:
        return await Client.connect(f"127.0.0.1:{settings.temporal_port}", data_converter=pydantic_data_converter)
    named = ClientConfig.load_client_connect_config()
    named.setdefault("target_host", "localhost:7233")
    try:
        return await Client.connect(**named, lazy=lazy, data_converter=pydantic_data_converter)
    except RuntimeError as away:
        raise CannotStart(f"Temporal at {named['target_host']} cannot be reached (TEMPORAL_ADDRESS): {away}") from away


async def remember(client: Client, at_least: timedelta) -> None:
    """Keep closed complaints' histories that long on the server; never shorten what an operator chose."""
    service = client.workflow_service
    namespace = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if namespace.config.workflow_execution_retention_ttl.ToTimedelta() >= at_least:
        return
    retention = Duration()
    retention.FromTimedelta(at_least)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    try:
        await service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=config))
    except RPCError as refused:  # a managed service wants it set on its own page
        log.warning("retention_not_set", namespace=client.namespace, at_least_days=at_least.days, reason=refused.message)


async def register_search_attributes(client: Client) -> None:
    service, namespace = client.operator_service, client.namespace
    known = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    wanted = {
        name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for name in SEARCH_ATTRIBUTES if name not in known.custom_attributes
    }
    if wanted:
        await service.add_search_attributes(AddSearchAttributesRequest(namespace=namespace, search_attributes=wanted))


async def schedule_housekeeping(client: Client, task_queue: str) -> None:
    """Every minute, never two at a time, and no catching up on minutes missed: the work is found in the register."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(HousekeepingWorkflow.run, id=SCHEDULE, task_queue=task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    await _scheduled(client, SCHEDULE, schedule)


async def schedule_penalty_sheet(client: Client, task_queue: str) -> None:
    """On the 1st at six in the morning, Shanghai's; made up for within ten days. Last month's may still wait for somebody."""
    first_at_six = ScheduleCalendarSpec(day_of_month=[ScheduleRange(1)], hour=[ScheduleRange(6)])
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(PenaltySheetWorkflow.run, id=SHEET_SCHEDULE, task_queue=task_queue),
        spec=ScheduleSpec(calendars=[first_at_six], time_zone_name="Asia/Shanghai"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.ALLOW_ALL, catchup_window=timedelta(days=10)),
    )
    await _scheduled(client, SHEET_SCHEDULE, schedule)


async def _scheduled(client: Client, name: str, schedule: Schedule) -> None:
    """Made, or brought up to date."""

    def renewed(standing: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = standing.description.schedule.state  # an operator may have paused it
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(renewed)


def signing_key(settings: Settings) -> bytes:
    """The installation's own key, made when first asked for. It signs tokens; complainants' hashes are keyed with it too."""
    file = settings.key_file
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent)  # readable by its owner only
        with os.fdopen(descriptor, "w") as key:
            key.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)  # whoever comes second keeps the first one's key
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_bytes().strip()
