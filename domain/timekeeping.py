"""What people agree about a complaint's time: pauses, more time for something owed, and promises to the customer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from domain.values import Owed


class Pause(BaseModel):
    """A time in which the contract clocks of the complaint stand still; `ends` is its limit until somebody ends it."""

    id: str
    reason_code: str | None = None
    reason_ref: str
    starts: datetime
    ends: datetime
    by: str
    by_hq: bool = False
    ended: bool = False
    ended_by: str | None = None


class DelayRequest(BaseModel):
    """申请延迟: more time asked for something owed, and what was decided."""

    id: str
    obligation: str
    owed: Owed
    until: datetime
    reason_ref: str
    at: datetime
    by: str
    decision: str
    granted: bool | None = None


class Promise(BaseModel):
    """What the customer was promised; `obligation` is what is owed for it."""

    id: str
    what_ref: str
    unit: str
    at: datetime
    by: str
    due: datetime
    obligation: str
    kept_at: datetime | None = None
