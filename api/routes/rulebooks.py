"""Rulebooks as published: which there are, and what each says."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.errors import NotFound
from api.office import TheOffice, Who
from api.paging import Page
from store import rulebooks
from store.rulebooks import Stored

router = APIRouter(prefix="/rulebooks", tags=["rulebooks"])


def line(version: Stored) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ("version", "hash", "effective", "note", "published_at", "published_by")}


@router.get("", summary="Every version, newest first.")
async def listed(office: TheOffice, person: Who) -> Page:
    async with office.database.session() as session:
        return {"items": [line(version) for version in await rulebooks.versions(session)], "next_cursor": None}


@router.get("/{version}", summary="One version, whole.")
async def shown(version: str, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        found = await rulebooks.get(session, version)
    if found is None:
        raise NotFound(f"There is no rulebook {version}.")
    return line(found) | {"document": found.document}
