"""Pages by keyset: a cursor is where the last page ended, opaque to whoever holds it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")


class BadCursor(ValueError):
    """A cursor this list never gave out."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: list[Item]
    next_cursor: str | None


def cursor_of(moment: datetime, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), key]).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[datetime, str]:
    """The moment and key a cursor stands for; raises `BadCursor`."""
    try:
        moment, key = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(moment)
        if place.tzinfo is None or not isinstance(key, str) or "\0" in key:
            raise BadCursor("This cursor is not one of this list.")
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise BadCursor("This cursor is not one of this list.") from None
    return place, key


def page(found: Sequence[Item], limit: int, place: Callable[[Item], tuple[datetime, str]]) -> Page[Item]:
    """A page of `limit` from a query for one more than that."""
    items = list(found[:limit])
    return Page(items, cursor_of(*place(items[-1])) if len(found) > limit and items else None)
