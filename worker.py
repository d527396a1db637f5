"""The worker's composition root: settings → adapters → activities → Worker and notice dispatcher, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.housekeeping import Housekeeping
from activities.notices import NoticeChannel
from activities.payouts import Payouts
from activities.register import Register
from adapters.dispatcher import Dispatcher
from adapters.log_only import LogOnlyChannel
from adapters.smtp import SmtpChannel
from adapters.voucher import VoucherProvider
from api.chores import HouseChores
from api.desk import Desk
from settings import Settings
from store.database import Database
from store.outbox import Outbox
from store.register import Register as RegisterStore
from workflows.complaint import ComplaintWorkflow
from workflows.housekeeping import HousekeepingWorkflow

WORKFLOWS = [ComplaintWorkflow, HousekeepingWorkflow]

# Loaded once: the sandbox would otherwise import them anew for every complaint, from whatever lies on the disk by then.
# What it would have forbidden them (clocks, chance, files), tests/test_house_rules.py forbids.
SANDBOX = SandboxRestrictions.default.with_passthrough_modules("workflows", "domain", "activities", "annotated_types", "tzdata")


async def serve(settings: Settings, client: Client, stop: asyncio.Event) -> None:
    """Work until told to stop; what is under way is finished first."""
    database = Database(settings.database_url, pre_ping=False)  # all its work is done again when a connection is lost
    try:
        dispatcher = Dispatcher(Outbox(database), _channel(settings))
        async with build(settings, client, database), asyncio.TaskGroup() as beside:
            beside.create_task(dispatcher.run(stop))
            await stop.wait()
    finally:
        await database.close()


def build(settings: Settings, client: Client, database: Database) -> Worker:
    """The Temporal worker: every process and every activity; tests and benchmarks run this same one."""
    housekeeping = Housekeeping(HouseChores(database, Desk(client, settings.task_queue)))
    payouts = Payouts(VoucherProvider())
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=[
            Register(RegisterStore(database)).write_facts,
            payouts.send_payout,
            payouts.ask_payout,
            *housekeeping.activities,
        ],
        workflow_runner=SandboxedWorkflowRunner(restrictions=SANDBOX),
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


def _channel(settings: Settings) -> NoticeChannel:
    if settings.notices == "log":
        return LogOnlyChannel()
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return SmtpChannel(
        settings.smtp_host,
        settings.smtp_port,
        sender=settings.smtp_sender,
        user=settings.smtp_user,
        password=password,
        tls=settings.smtp_tls,
    )
