"""Notices in words: the templates of `rulebooks/notices/`, one folder per language, first line the subject.

A rulebook may word a letter differently for the complaints received under it (`adapters.wordings`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

import rulebooks
from activities.notices import DueNotice, Letter, Unwritable
from adapters.wordings import CannotBeSaid, problems, spoken
from domain.continuation import Why
from domain.labels import fact_label, label, owed_label
from domain.months import BUSINESS_ZONE
from domain.sentences import moment_in
from domain.values import AnswerKind, EscalationKind, Outcome

LETTERS = Path(rulebooks.__path__[0]) / "notices"
ZONE = BUSINESS_ZONE.key
"""Where it is that time, of a letter that is about no complaint."""


class Letters:
    """Writes letters. A template or parameter that is missing or makes no sense raises `Unwritable`."""

    def __init__(self, folder: Path = LETTERS) -> None:
        self.desks = {language: _environment(folder / language, language) for language in ("zh", "en")}

    def desk(self, language: str) -> ImmutableSandboxedEnvironment:
        """Where letters in this language are written; Chinese for one we do not speak."""
        return self.desks.get(language, self.desks["zh"])

    def template(self, name: str, language: str) -> Template:
        return self.desk(language).get_template(f"{name}.txt.j2")

    def write(self, notice: DueNotice) -> Letter:
        told = {**notice.params, "number": notice.number, "zone": notice.zone or ZONE}
        try:
            if notice.wording is not None:
                subject, body = spoken(self.desk(notice.language), notice.wording, told)
            else:
                subject, _, body = self.template(notice.template, notice.language).render(told).partition("\n")
        except (TemplateError, CannotBeSaid, ValueError, TypeError) as bug:
            raise Unwritable(f"{notice.template} cannot be written: {type(bug).__name__}: {bug}") from bug
        return Letter(
            key=notice.fingerprint,
            to=notice.to,
            to_address=notice.address,
            to_name=notice.name,
            subject=subject.strip(),
            body=body.strip() + "\n",
            language=notice.language,
        )


def problems_of_wordings(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with the letters as a rulebook document words them (`notices.wordings`), in sentences."""
    return list(problems(Letters().desks, document))


def _environment(folder: Path, language: str) -> ImmutableSandboxedEnvironment:
    desk = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text
    )

    def named(kind: type[StrEnum]) -> Callable[[str], str]:
        return lambda code: label(kind(code), language)

    desk.filters.update(
        money=money,
        when=pass_context(lambda context, moment: _when(context, moment, language)),
        by_complaint=by_complaint,
        facts=lambda names: ("、" if language == "zh" else ", ").join(fact_label(name, language) for name in names.split(", ")),
        obligation=lambda code: owed_label(code, language),
        outcome=named(Outcome),
        answer_kind=named(AnswerKind),
        escalation=named(EscalationKind),
        reopening=named(Why),
    )
    return desk


def by_complaint(lines: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """A digest's lines by complaint, the newest lateness first."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in sorted(lines, key=lambda line: datetime.fromisoformat(line["at"]), reverse=True):
        grouped.setdefault(line["number"], []).append(line)
    return list(grouped.items())


def money(fen: int) -> str:
    """Fen as people read them: 123450 is ¥1,234.50."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def _when(context: Context, moment: Any, language: str) -> str:
    return when(moment, language, context.get("zone", ZONE))


def when(moment: Any, language: str, zone: str = ZONE) -> str:
    """A moment where the network works; midnight is said as 24:00 of the day that ends."""
    return moment_in(datetime.fromisoformat(str(moment)), language, zone)
