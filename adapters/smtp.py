"""Letters by e-mail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Literal

import aiosmtplib

from activities.notices import ChannelAway, Letter, NoAddress, Undeliverable

Tls = Literal["none", "starttls", "tls"]


class SmtpChannel:
    """Hands each letter to a mail server. Final is only what the server says of this recipient or this text."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        user: str | None = None,
        password: str | None = None,
        tls: Tls = "none",
        timeout: timedelta = timedelta(seconds=15),
    ) -> None:
        self.host, self.port, self.tls = host, port, tls
        self.user, self.password = user, password
        self.sender = Address(addr_spec=sender)
        self.timeout = timeout.total_seconds()

    async def deliver(self, letter: Letter) -> str:
        message = self.compose(letter)
        try:
            async with asyncio.timeout(self.timeout):  # aiosmtplib's own is per answer, not for the whole letter
                await self._send(message)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [one.code for one in refused.recipients]
            if all(code >= 500 for code in codes):
                raise Undeliverable(f"the mail server refuses the recipient ({codes[0]})") from refused
            raise ChannelAway(f"the mail server refuses the recipient for now ({codes[0]})") from refused
        except aiosmtplib.SMTPDataError as refused:
            if refused.code >= 500:
                raise Undeliverable(f"the mail server refuses the letter ({refused.code})") from refused
            raise ChannelAway(f"the mail server refuses the letter for now ({refused.code})") from refused
        except (aiosmtplib.SMTPException, OSError) as away:
            # A refused sender, password or STARTTLS too: our own setting is wrong, and the letter can go when that is mended.
            raise ChannelAway(f"the mail server cannot be used ({type(away).__name__})") from away
        return str(message["Message-ID"])

    async def _send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            timeout=self.timeout,
        )

    def compose(self, letter: Letter) -> EmailMessage:
        if not letter.to_address:
            raise NoAddress("no e-mail address is known")
        message = EmailMessage()
        try:
            message["To"] = Address(letter.to_name or "", addr_spec=letter.to_address)
            message["Subject"] = letter.subject
        except (ValueError, IndexError, MessageError) as wrong:  # what the standard library finds wrong with either
            raise Undeliverable("the e-mail address or the subject is not one") from wrong
        message["From"] = self.sender
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{letter.key}@{self.sender.domain or 'amends'}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body, cte="base64")
        message["Content-Language"] = "en" if letter.language == "en" else "zh-CN"
        return message
