"""The column kinds the tables are made of: aware instants, JSON documents and lists of codes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text
from sqlmodel import Field

_INSTANT: Any = DateTime(timezone=True)
_JSON: Any = JSONB(none_as_null=True)
_CODES: Any = ARRAY(Text)


def instant(**field: Any) -> Any:
    """An aware moment (timestamptz)."""
    return Field(sa_type=_INSTANT, **field)


def document(**field: Any) -> Any:
    """A dict or list kept as JSONB."""
    return Field(sa_type=_JSON, **field)


def codes(**field: Any) -> Any:
    """A list of codes (text[])."""
    return Field(sa_type=_CODES, **field)


def starting_at(value: str, **field: Any) -> Any:
    """A column the database fills with `value` (an SQL literal) when a row arrives without it."""
    return Field(sa_column_kwargs={"server_default": text(value)}, **field)
