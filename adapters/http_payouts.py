"""A payout provider's API: a signed order under its idempotency key, and a status query that never pays.

    POST {url}/payouts        Idempotency-Key: <key>   {key, complaint, amount, currency, payee: {name, channel, account}}
    GET  {url}/payouts/<key>

Both answer `{key, amount, state, reference}`; the state is `pending`, `paid`, `refused`, `returned` or `misdirected`. 409 says
that the key is known: it is asked about. What is not understood is no outcome: it raises, and is tried again under the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from adapters.signatures import SigningKey
from domain.payouts import PayoutAnswer, PayoutOrder
from domain.values import PayoutOutcome

PATIENCE = timedelta(seconds=8)
"""Below the ten seconds the activity has, so that silence is said by us and not cut off."""

_NOT_NOW = (401, 403, 404, 408, 425, 429)
"""Refusals that say nothing of this order: a wrong key or address of ours, or come again later."""


class Unclear(Exception):
    """The provider's answer does not say what became of the order; it is asked again under the same key."""


class Accounts(Protocol):
    async def of(self, payee_ref: str) -> Mapping[str, str] | None:
        """Name, channel and account of a payee; None when nobody knows it."""
        ...


class Said(BaseModel):
    """What the provider answers of one order."""

    key: str
    amount: int
    state: Literal["pending", "paid", "refused", "returned", "misdirected"]
    reference: str | None = None


class HttpProvider:
    name = "http"

    def __init__(self, url: str, key: SigningKey, accounts: Accounts, *, patience: timedelta = PATIENCE) -> None:
        self._url, self._key, self._accounts = url.rstrip("/"), key, accounts
        self._path = urlsplit(self._url).path
        self._patience = patience
        self._trusted = httpx.create_ssl_context()  # once: it takes longer to read than an order to send

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        """The register's account of the payee leaves the house here and nowhere else."""
        payee = await self._accounts.of(order.payee_ref) if order.payee_ref else None
        if payee is None:
            return await self._not_taken(order, "no payee on record")
        body = {"key": order.key, "complaint": order.number, "amount": order.amount, "currency": "CNY", "payee": dict(payee)}
        answer = await self._call("POST", "/payouts", order, json.dumps(body, ensure_ascii=False).encode())
        if answer.is_success:
            return self._understood(order, answer)
        if answer.status_code == 409:
            return await self.ask(order)
        if answer.is_client_error and answer.status_code not in _NOT_NOW:
            return await self._not_taken(order, f"not taken: {answer.status_code}")
        raise Unclear(f"{order.key}: {answer.status_code}")

    async def ask(self, order: PayoutOrder) -> PayoutAnswer:
        answer = await self._call("GET", f"/payouts/{quote(order.key, safe='')}", order)
        if answer.status_code == 404:
            return PayoutAnswer(outcome=PayoutOutcome.UNKNOWN, provider=self.name)
        if not answer.is_success:
            raise Unclear(f"{order.key}: {answer.status_code}")
        return self._understood(order, answer)

    async def _not_taken(self, order: PayoutOrder, why: str) -> PayoutAnswer:
        """It would not take this copy; refused only when it has no other, for the answer to an earlier one may have been lost."""
        known = await self.ask(order)
        if known.outcome is not PayoutOutcome.UNKNOWN:
            return known
        return PayoutAnswer(outcome=PayoutOutcome.REFUSED, reference=why, provider=self.name)

    async def _call(self, method: str, path: str, order: PayoutOrder, body: bytes = b"") -> httpx.Response:
        """One try on a connection of its own; Temporal tries again, and a broken pool breaks nothing else."""
        subject = f"{method} {self._path}{path} {order.key}"
        headers = {"Idempotency-Key": order.key, "Content-Type": "application/json"}
        headers |= self._key.headers("request", subject, body, datetime.now(UTC))
        async with httpx.AsyncClient(timeout=self._patience.total_seconds(), trust_env=False, verify=self._trusted) as http:
            try:
                return await http.request(method, self._url + path, content=body, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL) as broken:
                raise Unclear(f"{order.key}: {type(broken).__name__}") from None  # the error may quote what was sent

    def _understood(self, order: PayoutOrder, answer: httpx.Response) -> PayoutAnswer:
        """An answer about another order, or another sum, is none."""
        try:
            said = Said.model_validate_json(answer.content)
        except ValidationError:
            raise Unclear(f"{order.key}: an answer nobody understands") from None
        if (said.key, said.amount) != (order.key, order.amount):
            raise Unclear(f"{order.key}: an answer about something else")
        under_way = said.state == "pending"
        outcome = None if under_way else PayoutOutcome(said.state)
        return PayoutAnswer(outcome=outcome, reference=said.reference, provider=self.name, under_way=under_way)


def event_subject(provider: str) -> str:
    """What a provider signs besides the body of its webhook."""
    return f"POST /v1/adapters/payouts/{provider}"
