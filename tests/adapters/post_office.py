"""A real SMTP server inside the test: keeps what it is given, and refuses whom it is told to refuse."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class PostOffice:
    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refused: dict[str, str] = {}
        self.password: bytes | None = None
        self.content_refused: str | None = None
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """On the port it had before, when it is opened again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._clerk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _clerk(self) -> SMTP:
        loop, locked = asyncio.get_running_loop(), self.password is not None
        options: dict[str, Any] = {"authenticator": self._knows, "auth_require_tls": False} if locked else {}
        return SMTP(self, hostname="post.example", loop=loop, auth_required=locked, **options)

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=isinstance(given, LoginPassword) and given.password == self.password, handled=False)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.content_refused:
            return self.content_refused
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"
