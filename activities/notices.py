"""Telling people: the outbox the register keeps, and the channel a letter leaves by.

A notice is a row written with the event it tells (architecture 13); `adapters.dispatcher` carries it from the outbox
to the channel at least once. The same notice always has the same Message-ID, so a second copy is recognisable.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Protocol

from pydantic import Field

from domain.plan import Frozen


class DueNotice(Frozen):
    """A claimed notice with whom to tell. `key` is unique within complaint `number`; `attempts` counts this one too.

    `to` is `complainant` or `role@unit`; `address` its e-mail address (the complainant's, or the unit's), when there is one.
    `wording` is the rulebook's own subject and body, where it has them; `zone` is where the network works. A digest is numbered
    by its day and keyed by `to`.
    """

    number: str
    key: str
    template: str
    to: str
    language: str
    params: dict[str, Any] = Field(default_factory=dict)
    attempts: int = 1
    address: str | None = None
    name: str | None = None
    wording: dict[str, Any] | None = None
    zone: str | None = None

    @property
    def fingerprint(self) -> str:
        """The same for every copy of this notice, and for no other."""
        return hashlib.sha256(f"{self.number}/{self.key}".encode()).hexdigest()[:32]


class Letter(Frozen):
    """A notice in words. `to_name` is for the address line; `key` becomes the Message-ID."""

    key: str
    to: str
    to_address: str | None
    to_name: str | None = None
    subject: str
    body: str
    language: str


class Unwritable(Exception):
    """The letter's template is missing or asks for what the notice does not say: a bug of ours, mended by deploying."""


class Undeliverable(Exception):
    """This letter will never arrive, however often it is sent; the message says why, without personal data."""


class NoAddress(Undeliverable):
    """Nobody knows where to send it."""


class ChannelAway(Exception):
    """The letter may arrive when sent again: the channel is down, busy, or wrongly set up."""


class NoticeChannel(Protocol):
    async def deliver(self, letter: Letter) -> str:
        """Send it and answer its message id. Raises `Undeliverable` (never again) or `ChannelAway` (try later)."""
        ...


class Outbox(Protocol):
    """The register's notices. Times are the wall's: a letter leaves in real time, also where complaints live in virtual time."""

    async def claim(self, limit: int, lease: timedelta) -> list[DueNotice]:
        """At most `limit` waiting notices, oldest first, that nobody else gets until `lease` is over; counts an attempt each."""
        ...

    async def sent(self, notice: DueNotice, message_id: str) -> None:
        """It was delivered: state `sent`, `sent_at` now."""
        ...

    async def failed(self, notice: DueNotice, error: str, again_in: timedelta | None) -> None:
        """It was not; waits for another try, or for good (`failed`) when `again_in` is None."""
        ...

    async def no_address(self, notice: DueNotice) -> None:
        """There is nowhere to send it: state `no_address`, shown to people."""
        ...
