"""POST /v1/complaints through the whole application, against a bare route that inserts a row and starts a workflow.

Both stop where the process would begin: no worker takes what is started.
"""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from temporalio.client import Client

from api.app import create
from api.auth import OwnKey
from benchmarks.floor import BARE, Floor
from benchmarks.ground import Ground
from benchmarks.race import at_once, race
from store.database import Database

AT_ONCE, COMPLAINTS, SECONDS = 8, 48, 15
NOWHERE = "nowhere"
phones = count(13000000000)


class Bare(BaseModel):
    number: str
    body: dict[str, Any]


def bare_app(database: Database, client: Client) -> FastAPI:
    app = FastAPI()

    @app.post("/complaints", status_code=201)
    async def receive(bare: Bare) -> dict[str, str]:
        async with database.session() as session:
            await session.execute(
                text("INSERT INTO bare_complaints VALUES (:number, :body)"),
                vars(bare) | {"body": bare.model_dump_json()},
            )
        await client.start_workflow(Floor.run, BARE, id=bare.number, task_queue=NOWHERE)
        return {"number": bare.number}

    return app


def complaint() -> dict[str, Any]:
    return {
        "category": "loss",
        "channel": "phone",
        "complainant": {"role": "sender", "name": "客户", "phone": str(next(phones)), "language": "zh"},
        "description": "货到现在还没有到，请查一下。",
        "waybill": uuid4().hex[:20],
        "origin_branch": "minhang",
        "destination_branch": "foshan",
        "declared_value": {"amount": 300000, "currency": "CNY"},
    }


async def run(ground: Ground) -> list[str]:
    settings = ground.settings.model_copy(update={"task_queue": NOWHERE})
    database = Database(settings.database_url)
    async with database.session() as session:
        await session.execute(text("CREATE TABLE bare_complaints (number text PRIMARY KEY, body jsonb NOT NULL)"))
    app = create(settings, database=database, client=ground.client, key=ground.key)
    token = OwnKey(ground.key).sign("bench", ["hq_agent"])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://amends", headers=_bearer(token)) as ours,
        httpx.AsyncClient(transport=httpx.ASGITransport(bare_app(database, ground.client)), base_url="http://bare") as floor,
    ):

        async def received() -> None:
            answer = await ours.post("/v1/complaints", json=complaint())
            assert answer.status_code == 201, answer.text

        async def bare() -> None:
            answer = await floor.post("/complaints", json={"number": uuid4().hex, "body": complaint()})
            assert answer.status_code == 201, answer.text

        result = await race(
            "intake",
            lambda: at_once(received, COMPLAINTS, most=AT_ONCE),
            lambda: at_once(bare, COMPLAINTS, most=AT_ONCE),
            each=COMPLAINTS,
            seconds=SECONDS,
        )
    await database.close()
    return [str(result)]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
