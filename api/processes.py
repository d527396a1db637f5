"""Looking at the processes from outside: their histories, whether they run, and whether anybody works on them."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from api.errors import Away
from api.reaching import ANSWER_WITHIN, SHORT, Unreachable, reaching

BROKEN_OFF_WITHIN = timedelta(days=3)


class Processes:
    def __init__(self, client: Client, task_queue: str) -> None:
        self._client, self._task_queue = client, task_queue

    async def runs(self, number: str) -> list[tuple[str, dict[str, Any]]]:
        """The histories of a complaint's runs, oldest first (continue-as-new makes a new run), as (run id, history)."""
        runs: list[tuple[str, dict[str, Any]]] = []
        run_id: str | None = None
        while run_id != "":
            try:
                async with reaching(ANSWER_WITHIN):
                    history = await self._client.get_workflow_handle(number, run_id=run_id).fetch_history()
            except Unreachable as away:
                raise Away("The history cannot be fetched at the moment; please ask again.") from away
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                break
            began = history.events[0].workflow_execution_started_event_attributes
            runs.insert(0, (began.original_execution_run_id, history.to_json_dict()))
            run_id = began.continued_execution_run_id
        return runs

    async def handed_to_a_provider(self, number: str) -> set[str]:
        """The keys of the payments that the complaint's process gave out of hand."""
        scheduled = [
            event["activityTaskScheduledEventAttributes"]
            for _, run in await self.runs(number)
            for event in run["events"]
            if "activityTaskScheduledEventAttributes" in event
        ]
        orders = [told["input"]["payloads"][0]["data"] for told in scheduled if told["activityType"]["name"] == "send_payout"]
        return {json.loads(b64decode(order))["key"] for order in orders}

    async def ended(self, number: str) -> bool:
        """True when the complaint's process has ended, or the server has forgotten it. Raises `Unreachable`."""
        try:
            async with reaching(SHORT):
                described = await self._client.get_workflow_handle(number).describe(rpc_timeout=SHORT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return True
        return described.status is not WorkflowExecutionStatus.RUNNING

    async def broken_off(self) -> list[str]:
        """The numbers of complaints whose process was ended from outside, or failed, in the last days."""
        since = (datetime.now(UTC) - BROKEN_OFF_WITHIN).strftime("%Y-%m-%dT%H:%M:%SZ")
        ended = "ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"
        asked = f"WorkflowType = 'Complaint' AND {ended} AND CloseTime > '{since}'"
        return [found.id async for found in self._client.list_workflows(asked, limit=1000)]

    async def reachable(self) -> bool:
        try:
            async with reaching(SHORT):
                return await self._client.service_client.check_health(timeout=SHORT)
        except (Unreachable, RPCError):
            return False

    async def worked(self) -> bool:
        """True when a worker polls the task queue."""
        asked = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=self._task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with reaching(SHORT):
                answer = await self._client.workflow_service.describe_task_queue(asked, timeout=SHORT)
        except (Unreachable, RPCError):
            return False
        return bool(answer.pollers)
