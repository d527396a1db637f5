"""Books that were kept before the running totals were: the migration totals them."""

from __future__ import annotations

from typing import Any

import psycopg
from alembic import command
from sqlalchemy import create_engine, make_url

from store import ledger, months
from store.database import Database, as_url
from store.migrate import config, upgrade


async def test_what_was_posted_before_is_in_the_totals_and_stays_as_it_was(postgres_url: str) -> None:
    def conninfo(url: Any) -> str:
        return as_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    with psycopg.connect(conninfo(postgres_url), autocommit=True) as server:
        server.execute("CREATE DATABASE books_of_0_1_0 ENCODING 'UTF8' TEMPLATE template0")
    url = make_url(postgres_url).set(database="books_of_0_1_0").render_as_string(hide_password=False)
    engine = create_engine(as_url(url))
    with engine.begin() as connection:
        command.upgrade(config(connection), "0006")
    engine.dispose()
    with psycopg.connect(conninfo(url)) as earlier:
        earlier.execute(
            "INSERT INTO postings (number, key, kind, posted_at, month) VALUES ('A1', 'p', 'advance', now(), '2026-05')"
        )
        earlier.execute("""INSERT INTO ledger_entries (id, number, key, account, amount) VALUES
            ('A1:p:1', 'A1', 'p', 'hq:payout', -700), ('A1:p:2', 'A1', 'p', 'customers', 700)""")
    upgrade(url)
    database = Database(url)
    async with database.session() as session:
        await months.prove(session)
        assert await ledger.balance(session, "customers") == 700
        (entry, _) = (await ledger.entries(session, complaint="A1")).items
        assert (entry.month, entry.seq, entry.posted_by) == ("2026-05", None, None)
    await database.close()
