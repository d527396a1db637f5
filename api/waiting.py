"""Why a complaint waits, as it is shown: each obligation's row as a document, and in a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.bilingual import Language
from domain.sentences import sentence
from store.tables import Obligation

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def obligation(owed: Obligation, zone: str, late_by: timedelta | None = None) -> dict[str, Any]:
    """Who owes what by when on which clock, and what happens then; `sentence` says it in words while it waits.

    `late_by` is counted by `late_measure` (hours of service time, say): until it ended, or as given until now.
    """
    late_by = late_by if owed.late_by is None else timedelta(seconds=owed.late_by)
    late_measure = (owed.late_clock or {}).get("measure", owed.measure) if owed.late else None
    is_open = owed.opened and owed.ending is None
    return {
        "key": owed.key,
        "obligation": owed.owed,
        "owed_by": {"role": owed.role, "branch": owed.unit, "sub": owed.sub},
        "since": owed.since,
        "opens_at": owed.opens_at,
        "open": is_open,
        "due": owed.due,
        "late": owed.late,
        "overdue": owed.late and owed.ending is None,
        "clock": {"measure": owed.measure, "kind": owed.kind},
        "late_since": owed.late_since,
        "late_unit": owed.late_unit,
        "late_by": duration(late_by),
        "late_measure": late_measure,
        "next_step": next_step(owed),
        "paused": is_open and owed.paused_until is not None,
        "paused_until": owed.paused_until if is_open else None,
        "sentence": None if owed.ending else {spoken: said(owed, spoken, zone, late_by, late_measure) for spoken in LANGUAGES},
        "ended_at": owed.ended_at,
        "ending": owed.ending,
    }


def next_step(owed: Obligation) -> dict[str, Any] | None:
    if owed.next_at is None:
        return None
    whom = {"role": owed.next_role, "branch": owed.next_unit}
    return {"at": owed.next_at, "does": owed.next_does, "whom": whom if owed.next_role else None, **whom}


def said(owed: Obligation, language: Language, zone: str, late_by: timedelta | None, late_measure: str | None) -> str:
    """Why it waits, on whom, until when, and then what."""
    return sentence(
        owed.owed,
        owed.role,
        owed.unit,
        owed.due,
        owed.kind,
        owed.measure,
        owed.late,
        owed.paused_until,
        owed.next_at,
        owed.next_does,
        owed.next_role,
        owed.next_unit,
        language,
        zone,
        late_by,
        late_measure,
    )


def duration(time: timedelta | None) -> str | None:
    """ISO 8601, in hours: a day of service time is no day of the wall."""
    if time is None:
        return None
    (minutes, s), parts = divmod(int(time.total_seconds()), 60), []
    for amount, unit in ((minutes // 60, "H"), (minutes % 60, "M"), (s, "S")):
        parts.append(f"{amount}{unit}" if amount else "")
    return f"PT{''.join(parts) or '0S'}"
