"""Digests: what climbed to one person leaves as one letter a day, claimed under a lease like any other.

Implements `activities.notices.Outbox`, so the same postman carries them. A digest is made up of what had been noted when its
hour struck and never changes afterwards: sent again, it is the same letter. Times are the wall's, from the database's clock.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import text

from activities.notices import DueNotice
from domain.notices import Template
from store.database import Database
from store.outbox import AGAIN, GIVEN_UP, NO_ADDRESS, SENT

MOST_LINES = 100

# A notice that commits only after its hour's digest was made up finds that day taken, and waits for the next one.
MAKE_UP = text("""
    WITH clock AS (SELECT now() AT TIME ZONE 'Asia/Shanghai' AS local),
    latest AS (SELECT local::date - CASE WHEN local::time < :hour THEN 1 ELSE 0 END AS day FROM clock),
    climbed AS (
        SELECT number, key, "to", day FROM notices, latest
        WHERE digest AND digest_day IS NULL AND state = 'waiting' AND next_try_at <= (day + :hour) AT TIME ZONE 'Asia/Shanghai'
    ), made AS (
        INSERT INTO digests ("to", day) SELECT DISTINCT "to", day FROM climbed ORDER BY "to" ON CONFLICT DO NOTHING
        RETURNING "to", day
    )
    UPDATE notices n SET digest_day = made.day FROM climbed JOIN made USING ("to", day)
    WHERE n.number = climbed.number AND n.key = climbed.key
""")
CLAIM = text("""
    WITH due AS (
        SELECT "to", day FROM digests
        WHERE state = 'waiting' AND next_try_at <= now() AND (lease_until IS NULL OR lease_until <= now())
        ORDER BY day, "to" LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE digests d SET lease_until = now() + :lease, attempts = attempts + 1
        FROM due WHERE d."to" = due."to" AND d.day = due.day
        RETURNING d."to", d.day, d.attempts, (d.day + :hour) AT TIME ZONE 'Asia/Shanghai' AS until
    )
    SELECT c."to", c.day, c.attempts, u.email AS address, u.name_zh AS name,
           (SELECT document #>> '{desk,timezone}' FROM rulebook_versions WHERE effective <= c.day
            ORDER BY effective DESC, published_at DESC LIMIT 1) AS zone,
           jsonb_build_object('until', c.until, 'total', t.total, 'late', t.late, 'complaints', t.complaints, 'lines', l.lines)
               AS params
    FROM claimed c
    LEFT JOIN units u ON u.code = split_part(c."to", '@', 2)
    CROSS JOIN LATERAL (
        SELECT count(*) AS total, count(*) FILTER (WHERE template = 'late') AS late,
               count(DISTINCT number) FILTER (WHERE number LIKE 'A%') AS complaints
        FROM notices WHERE digest AND digest_day = c.day AND "to" = c."to"
    ) t
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(newest.line), '[]') AS lines FROM (
            SELECT jsonb_build_object('number', n.number, 'template', n.template, 'owed', n.params -> 'owed',
                       'due', n.params -> 'due', 'unit', coalesce(s.name_zh, n.params ->> 'unit'),
                       'at', coalesce(n.params -> 'due', to_jsonb(n.noted_at))) AS line
            FROM notices n LEFT JOIN units s ON s.code = n.params ->> 'unit'
            WHERE n.digest AND n.digest_day = c.day AND n."to" = c."to"
            ORDER BY n.noted_at DESC, n.number, n.key LIMIT :most
        ) newest
    ) l
    ORDER BY c.day
""")

THIS = """"to" = :to AND day = :day AND state <> 'sent'"""


class Digests:
    def __init__(self, database: Database, hour: time) -> None:
        self._database, self._hour = database, hour

    async def claim(self, limit: int, lease: timedelta) -> list[DueNotice]:
        """At most `limit` digests, oldest first; those whose hour has struck are made up first."""
        async with self._database.session() as session:
            await session.execute(MAKE_UP, {"hour": self._hour})
        async with self._database.session() as session:
            asked = {"limit": limit, "lease": lease, "hour": self._hour, "most": MOST_LINES}
            claimed = (await session.execute(CLAIM, asked)).mappings()
            return [
                DueNotice(number=row["day"].isoformat(), key=row["to"], template=Template.DIGEST, language="zh", **_told(row))
                for row in claimed
            ]

    async def sent(self, notice: DueNotice, message_id: str) -> None:
        await self._end(notice, SENT, message_id=message_id)

    async def failed(self, notice: DueNotice, error: str, again_in: timedelta | None) -> None:
        if again_in is None:
            await self._end(notice, GIVEN_UP, error=error)
        else:
            await self._mark(notice, f"UPDATE digests SET {AGAIN} WHERE {THIS}", error=error, again_in=again_in)

    async def no_address(self, notice: DueNotice) -> None:
        await self._end(notice, NO_ADDRESS)

    async def _end(self, notice: DueNotice, change: str, **values: Any) -> None:
        """What became of a digest became of everything in it."""
        both = f"""
            WITH ended AS (UPDATE digests SET {change} WHERE {THIS} RETURNING "to", day, attempts)
            UPDATE notices n SET {change}, attempts = ended.attempts FROM ended
            WHERE n.digest AND n.digest_day = ended.day AND n."to" = ended."to"
        """
        await self._mark(notice, both, **values)

    async def _mark(self, notice: DueNotice, change: str, **values: Any) -> None:
        async with self._database.session() as session:
            await session.execute(text(change), {"to": notice.to, "day": date.fromisoformat(notice.number), **values})


def _told(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("to", "attempts", "address", "name", "params", "zone")}
