"""Reports over HTTP: the month asked for, as JSON or as a workbook to take away."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from domain.months import Month
from reports.workbook import XLSX

AMonth = Annotated[Month, Path(description="A month of Shanghai's calendar, as in 2026-11.")]
Format = Annotated[Literal["json", "xlsx"], Query()]


def file(name: str, content: bytes) -> Response:
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'})
