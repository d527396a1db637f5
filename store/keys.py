"""Keyed hashes and digests: who a complainant is, and whether two texts are the same, without showing either."""

from __future__ import annotations

import hashlib
import hmac
import re


def phone_digits(phone: str) -> str:
    """A phone as it is compared: digits only, without +86 or 0086."""
    digits = re.sub(r"\D", "", phone)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 11:
            return digits[len(prefix) :]
    return digits


def complainant_hash(secret: bytes, phone: str | None, email: str | None) -> str:
    """Keyed hash of the normalised phone, else of the e-mail: the complainant's identity (architecture 4)."""
    if phone and (digits := phone_digits(phone)):
        contact = f"phone:{digits}"
    elif email:
        contact = f"email:{email.strip().lower()}"
    else:
        raise ValueError("a complainant needs a phone or an e-mail")
    return hmac.new(secret, contact.encode(), hashlib.sha256).hexdigest()


def text_digest(words: str) -> str:
    """The same words give the same digest, however they are spaced."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()
