"""The outbox: notices waiting to be delivered, claimed under a lease so that no two dispatchers send the same one.

Implements `activities.notices.Outbox`. Times here are the wall's, taken from the database's clock. What is to be read in a
digest is left to `store.digests`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from activities.notices import DueNotice
from store.database import Database

CLAIM = text("""
    WITH due AS (
        SELECT number, key FROM notices
        WHERE state = 'waiting' AND NOT digest AND next_try_at <= now() AND (lease_until IS NULL OR lease_until <= now())
        ORDER BY next_try_at, number, seq LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notices n SET lease_until = now() + :lease, attempts = attempts + 1
        FROM due WHERE n.number = due.number AND n.key = due.key
        RETURNING n.number, n.key, n.seq, n.template, n."to", n.language, n.params, n.attempts,
                  CASE WHEN n.language = 'en' THEN 'en' ELSE 'zh' END AS speaks
    )
    SELECT c.number, c.key, c.template, c."to", c.language, c.attempts,
           c.params || jsonb_strip_nulls(jsonb_build_object(
               'unit', CASE c.speaks WHEN 'en' THEN s.name_en ELSE s.name_zh END,
               'text', CASE c.speaks WHEN 'en' THEN e.text_en ELSE e.text_zh END)) AS params,
           b.document #> ARRAY['notices', 'wordings', c.template, c.speaks] AS wording, b.document #>> '{desk,timezone}' AS zone,
           CASE WHEN c."to" = 'complainant' THEN p.email ELSE u.email END AS address,
           CASE WHEN c."to" = 'complainant' THEN p.name WHEN c.speaks = 'en' THEN u.name_en ELSE u.name_zh END AS name
    FROM claimed c
    LEFT JOIN complaints k ON k.number = c.number
    LEFT JOIN complainants p ON c."to" = 'complainant' AND p.id = k.complainant_id
    LEFT JOIN rulebook_versions b ON b.version = k.rulebook_version
    LEFT JOIN units u ON u.code = split_part(c."to", '@', 2)
    LEFT JOIN units s ON s.code = c.params ->> 'unit'
    LEFT JOIN emergencies e ON e.id = c.params ->> 'emergency'
    ORDER BY c.number, c.seq
""")
WAITING = text("""
    SELECT (SELECT count(*) FROM notices WHERE state = 'waiting' AND NOT digest)
         + (SELECT count(*) FROM notices WHERE digest AND digest_day IS NULL)
         + (SELECT count(*) FROM digests d JOIN notices n ON n.digest AND n.digest_day = d.day AND n."to" = d."to"
            WHERE d.state = 'waiting')
""")
SENT = "state = 'sent', sent_at = now(), message_id = :message_id, lease_until = NULL, last_error = NULL"
AGAIN = "next_try_at = now() + :again_in, lease_until = NULL, last_error = :error"
GIVEN_UP = "state = 'failed', lease_until = NULL, last_error = :error"
NO_ADDRESS = "state = 'no_address', lease_until = NULL"


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, limit: int, lease: timedelta) -> list[DueNotice]:
        async with self._database.session() as session:
            claimed = await session.execute(CLAIM, {"limit": limit, "lease": lease})
            return [DueNotice(**row) for row in claimed.mappings()]

    async def sent(self, notice: DueNotice, message_id: str) -> None:
        await self._mark(notice, SENT, message_id=message_id)

    async def failed(self, notice: DueNotice, error: str, again_in: timedelta | None) -> None:
        if again_in is None:
            await self._mark(notice, GIVEN_UP, error=error)
        else:
            await self._mark(notice, AGAIN, error=error, again_in=again_in)

    async def no_address(self, notice: DueNotice) -> None:
        await self._mark(notice, NO_ADDRESS)

    async def _mark(self, notice: DueNotice, change: str, **values: Any) -> None:
        """Whoever was late with its lease still tells the truth about a letter that left; a sent notice stays sent."""
        statement = text(f"UPDATE notices SET {change} WHERE number = :number AND key = :key AND state <> 'sent'")
        async with self._database.session() as session:
            await session.execute(statement, {"number": notice.number, "key": notice.key, **values})

    async def waiting(self) -> int:
        """How many notices have not been delivered yet: a metric."""
        async with self._database.session() as session:
            return int((await session.execute(WAITING)).scalar_one())
