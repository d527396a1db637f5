"""A payout provider on a real socket that may be told, or left to chance, to misbehave in every way one can.

It keeps its own contract all the same: a key is paid once, whatever it then says or does not say of it.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from adapters.signatures import Forged, SigningKey

KEY = SigningKey("amends-1", "a secret of the tests, long enough")
_SAID = ("ok", "500 before", "500 after", "lost", "cut", "409", "pending", "slow", "garbage", "another")
SENDING = (*_SAID, "webhook first", "twice")
"""How an order may go: taken and said so, taken and not said, not taken, said wrong, said twice."""
ASKING = ("ok", "ok", "500", "cut", "garbage")

Answer = tuple[int, bytes] | None
Chance = Callable[[tuple[str, ...]], str]


@dataclass
class Account:
    """One order in the bank's books."""

    key: str
    amount: int
    payee: dict[str, str]
    state: str = "paid"


@dataclass
class WaywardBank:
    """`chance` picks how it behaves, until it relents: `relents_after` times badly over one order is enough.

    `notify` brings its webhooks to us. `transfers` is what really left it, a key each.
    """

    chance: Chance = lambda ways: ways[0]
    notify: Callable[[dict[str, str]], Awaitable[None]] | None = None
    slow: float = 0.5
    relents_after: float = math.inf
    books: dict[str, Account] = field(default_factory=dict)
    transfers: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    sins: Counter[str] = field(default_factory=Counter)
    forged: int = 0
    url: str = ""
    _beside: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> WaywardBank:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/api"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    # -- the wire

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {name.title(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("Content-Length", 0)))
            answer = await self._answer(method, path, headers, body)
            if answer is not None:
                status, said = answer
                writer.write(f"HTTP/1.1 {status} .\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n".encode() + said)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        key = headers["Idempotency-Key"]
        try:
            KEY.check(headers, "request", f"{method} {path} {key}", body, datetime.now(UTC))
        except Forged:
            self.forged += 1
            return 401, b""
        if method == "GET":
            return self._asked(unquote(path.rpartition("/")[2]))
        return await self._sent(json.loads(body), key)

    # -- what it does

    def _way(self, key: str, ways: tuple[str, ...]) -> str:
        way = self.chance(ways) if self.sins[key] < self.relents_after else "ok"
        self.sins[key] += way != "ok"
        return way

    async def _sent(self, order: dict[str, Any], key: str) -> Answer:
        assert order["key"] == key, "the idempotency key is the order's"
        way = self._way(key, SENDING)
        self.happened.append(way)
        if way == "500 before":
            return 500, b"not today"
        if way == "cut":
            return None
        if key not in self.books and order["payee"]["account"] == "closed":
            return 422, b"no such account"
        account = self._take(order, "pending" if way == "pending" else "paid")
        if way == "slow":
            await asyncio.sleep(self.slow)
        if way in ("webhook first", "twice"):
            await self.tells(account, *(["again"] if way == "twice" else []))
        elif way == "pending":
            self._run(self._settles(account))
        said = {
            "500 after": (500, b"oops"),
            "lost": None,
            "409": (409, b"known"),
            "garbage": (200, b"<html>welcome</html>"),
            "another": (200, self._of(Account("another", 1, {}))),
        }
        return said.get(way, (200, self._of(account)))

    def _asked(self, key: str) -> Answer:
        way = self._way(key, ASKING)
        self.happened.append(f"asked: {way}")
        if way != "ok":
            return {"500": (500, b""), "garbage": (200, b"{}")}.get(way)
        return (200, self._of(self.books[key])) if key in self.books else (404, b"")

    def _take(self, order: dict[str, Any], state: str) -> Account:
        """Once a key, whatever is said of it afterwards."""
        if order["key"] not in self.books:
            self.books[order["key"]] = Account(order["key"], order["amount"], order["payee"], state)
            if state == "paid":
                self.transfers.append(order["key"])
        return self.books[order["key"]]

    async def _settles(self, account: Account) -> None:
        if account.state != "pending":
            return
        await asyncio.sleep(self.slow)
        if account.state == "pending":
            account.state = "paid"
            self.transfers.append(account.key)
            await self.tells(account)

    def _of(self, account: Account) -> bytes:
        said = {"key": account.key, "amount": account.amount, "state": account.state, "reference": f"B:{account.key}"}
        return json.dumps(said).encode()

    async def tells(self, account: Account, *copies: str) -> None:
        """The webhook; `copies` more of the same event."""
        if self.notify is not None:
            event = {"event": f"{account.key}:{account.state}", "key": account.key, "state": account.state}
            for _ in ("first", *copies):
                await self.notify(event)

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
