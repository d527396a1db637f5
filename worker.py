"""The worker's composition root: settings → adapters → activities → Worker and notice dispatcher, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from activities.circulars import Circulars
from activities.claims import Claims
from activities.found import Penalties
from activities.housekeeping import Housekeeping
from activities.notices import NoticeChannel
from activities.payouts import PayoutProvider, Payouts
from activities.register import Register
from activities.sheets import Sheets
from adapters.dispatcher import Dispatcher
from adapters.evidence import EvidenceStorage
from adapters.http_payouts import HttpProvider
from adapters.log_only import LogOnlyChannel
from adapters.signatures import SigningKey
from adapters.smtp import SmtpChannel
from adapters.voucher import VoucherProvider
from api.chores import Announcer, HouseChores
from api.desk import Desk
from api.limits import FILE_LIMIT
from settings import Settings
from store.claims import Claims as ClaimsStore
from store.database import Database
from store.digests import Digests
from store.found import Penalties as PenaltiesStore
from store.outbox import Outbox
from store.payees import Accounts
from store.register import Register as RegisterStore
from store.sheet_rounds import SheetRounds
from workflows.circular import CircularWorkflow
from workflows.complaint import ComplaintWorkflow
from workflows.corrections import CorrectionWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.later_reviews import LaterReviewsWorkflow
from workflows.sheets import PenaltySheetWorkflow

WORKFLOWS = [
    *(ComplaintWorkflow, LaterReviewsWorkflow, CorrectionWorkflow),
    *(HousekeepingWorkflow, CircularWorkflow, PenaltySheetWorkflow),
]

# For tests and replays, which catch there what would not replay. The worker runs without: entered for every payload, the sandbox
# took a third of its Python, and it imports the processes anew for each complaint, from whatever lies on the disk by then.
SANDBOX = SandboxRestrictions.default.with_passthrough_modules("domain", "activities", "annotated_types", "tzdata")
RUNNER = UnsandboxedWorkflowRunner()


async def serve(settings: Settings, client: Client, stop: asyncio.Event) -> None:
    """Work until told to stop; what is under way is finished first."""
    database = Database(settings.database_url, pre_ping=False)  # all its work is done again when a connection is lost
    try:
        channel = _channel(settings)
        letters = Dispatcher(Outbox(database), channel)
        digests = Dispatcher(Digests(database, settings.digest_hour), channel, idle=timedelta(seconds=20))
        async with build(settings, client, database), asyncio.TaskGroup() as beside:
            beside.create_task(letters.run(stop))
            beside.create_task(digests.run(stop))
            await stop.wait()
    finally:
        await database.close()


def build(settings: Settings, client: Client, database: Database) -> Worker:
    """The Temporal worker: every process and every activity; tests and benchmarks run this same one."""
    desk = Desk(client, settings.task_queue)
    housekeeping = Housekeeping(HouseChores(database, desk, EvidenceStorage(settings.data_dir / "evidence", limit=FILE_LIMIT)))
    payouts, claims = Payouts(_provider(settings, database)), Claims(ClaimsStore(database))
    sheets = Sheets(SheetRounds(database))
    register = Register(RegisterStore(database))
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=[
            register.write_facts,
            register.add_fact,
            payouts.send_payout,
            payouts.ask_payout,
            claims.ask_claim,
            claims.release_claim,
            Penalties(PenaltiesStore(database)).give_back_penalties,
            Circulars(Announcer(database, desk)).tell_dated_facts,
            sheets.draft_penalty_sheet,
            sheets.remind_of_penalty_sheet,
            *housekeeping.activities,
        ],
        workflow_runner=RUNNER,
        # A killed worker's complaints go to the next one after this, not after ten seconds: decisions are answered within five.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


def _provider(settings: Settings, database: Database) -> PayoutProvider:
    if settings.payout_provider == "voucher":
        return VoucherProvider()
    assert settings.payout_secret is not None
    key = SigningKey(settings.payout_key_id, settings.payout_secret.get_secret_value())
    return HttpProvider(settings.payout_url, key, Accounts(database))


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
