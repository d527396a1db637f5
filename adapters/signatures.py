"""Signed messages between us and other systems: HMAC-SHA256 over who speaks to whom, when, about what, and every byte of it.

Headers: `X-Amends-Key` names the key, `X-Amends-Timestamp` is the sender's clock in seconds, `X-Amends-Signature` the signature
in hexadecimal over the lines purpose, timestamp, subject and the body. The purpose (`request` or `webhook`) keeps what one side
has signed from being turned against it; the subject is what the path and the headers say besides the body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEY, TIMESTAMP, SIGNATURE = "X-Amends-Key", "X-Amends-Timestamp", "X-Amends-Signature"
WINDOW = timedelta(minutes=5)
"""How far the clocks of two houses may differ, and how long a copy of a message may still be brought."""


class Forged(Exception):
    """The signature does not hold, or not any more; the message says no more than that."""


@dataclass(frozen=True)
class SigningKey:
    id: str
    secret: str = field(repr=False)

    def headers(self, purpose: str, subject: str, body: bytes, at: datetime) -> dict[str, str]:
        timestamp = str(int(at.timestamp()))
        return {KEY: self.id, TIMESTAMP: timestamp, SIGNATURE: self._signature(purpose, timestamp, subject, body)}

    def check(self, headers: Mapping[str, str], purpose: str, subject: str, body: bytes, now: datetime) -> None:
        """Raises `Forged` unless it was signed with this key for this purpose, within the window."""
        timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        signed = hmac.compare_digest(self._signature(purpose, timestamp, subject, body).encode(), signature.encode())
        known = hmac.compare_digest(self.id.encode(), headers.get(KEY, "").encode())
        if not (signed and known and timestamp.isascii() and timestamp.isdigit()):
            raise Forged("The signature does not hold.")
        if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
            raise Forged("The signature is from another time; its clock and ours differ, or it is a copy.")

    def _signature(self, purpose: str, timestamp: str, subject: str, body: bytes) -> str:
        signed = f"{purpose}\n{timestamp}\n{subject}\n".encode() + body
        return hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
