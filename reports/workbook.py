"""Workbooks (XLSX): a head of what the report is about, then its tables. Sums are yuan, and nothing is a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from domain.months import BUSINESS_ZONE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Fen:
    """A sum, to be written as yuan."""

    amount: int


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(head: Sequence[tuple[str, Any]], *tables: Table) -> bytes:
    """Each table is a sheet of its own, under the same head."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title)
        for place, column in enumerate(table.columns, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = max(14, 2 * len(column))
        for name, value in head:
            sheet.append([_cell(sheet, name, bold=True), _cell(sheet, value)])
        sheet.append([])
        sheet.append([_cell(sheet, column, bold=True) for column in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    match value:
        case Fen(amount=amount):
            cell = WriteOnlyCell(sheet, amount / 100)
            cell.number_format = "#,##0.00"
        case datetime():
            cell = WriteOnlyCell(sheet, value.astimezone(BUSINESS_ZONE).replace(tzinfo=None))
            cell.number_format = "yyyy-mm-dd hh:mm"
        case str():
            cell = WriteOnlyCell(sheet, _UNPRINTABLE.sub("", value))
            cell.data_type = "s"  # whatever it begins with, it is words
        case _:
            cell = WriteOnlyCell(sheet, value)
    if bold:
        cell.font = Font(bold=True)
    return cell
