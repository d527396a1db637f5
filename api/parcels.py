"""What other complaints about a parcel have at this moment: a proposal rests on it, whatever was seen before."""

from __future__ import annotations

from datetime import UTC, datetime

from api.office import Office
from domain.claims import ClaimAsked, ClaimSeen
from store.claims import Claims
from store.tables import Complaint


async def seen_now(office: Office, complaint: Complaint) -> ClaimSeen | None:
    if complaint.waybill is None:
        return None
    asked = ClaimAsked(waybill=complaint.waybill, number=complaint.number, computed=0, at=datetime.now(UTC))
    return await Claims(office.database).ask(asked)
