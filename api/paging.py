"""How lists are asked for and answered: an opaque cursor and a limit."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from fastapi import Query

Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
Page: TypeAlias = dict[str, Any]
"""`{"items": [...], "next_cursor": ...}`"""
