"""Reports over HTTP: as JSON, or as a workbook to take away."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from reports.workbook import XLSX

Format = Annotated[Literal["json", "xlsx"], Query()]


def file(name: str, content: bytes) -> Response:
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'})
