"""A complaint's workflow history for operators: every event of every run, payloads readable."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from api.errors import NotFound
from api.office import Office
from domain.opening import later_reviews
from store import histories, reviews


async def history_of(office: Office, number: str) -> list[dict[str, Any]]:
    """All events, oldest first, each with the number of its run."""
    async with office.database.session() as session:
        runs = await histories.runs(session, number)
        reviewed = await reviews.opened_by_quality(session, [number])
    if not runs:  # not closed, or closed so recently that it is not archived
        runs = [history for _, history in await office.desk.processes.runs(number)]
    if reviewed and later_reviews(number) not in map(_process, runs):
        runs += [history for _, history in await office.desk.processes.runs(later_reviews(number))]
    if not runs:
        raise NotFound(f"{number} has no history yet: its process has not started.")
    return [{"run": run, **_readable(event)} for run, history in enumerate(runs, start=1) for event in history.get("events", [])]


def _process(run: dict[str, Any]) -> str | None:
    """Whose run it is; a run of later reviews is archived with the complaint's own."""
    began: dict[str, Any] = run["events"][0].get("workflowExecutionStartedEventAttributes", {})
    return began.get("workflowId")


def _readable(value: Any) -> Any:
    """Payloads as the JSON they hold, everything else as it is."""
    if isinstance(value, list):
        return [_readable(held) for held in value]
    if not isinstance(value, dict):
        return value
    if "metadata" in value and "encoding" in value["metadata"]:
        return _payload(value)
    return {name: _readable(held) for name, held in value.items()}


def _payload(payload: dict[str, Any]) -> Any:
    try:
        encoding = base64.b64decode(payload["metadata"]["encoding"]).decode()
        return json.loads(base64.b64decode(payload.get("data", ""))) if encoding.startswith("json/") else None
    except (ValueError, binascii.Error):
        return payload
