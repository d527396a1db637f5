"""Why something is waiting, as one sentence people read: on whom, until when, on which clock, and what happens then.

The same words stand on a screen and on Temporal's own pages, said by the same function.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.calendar import zone_named
from domain.labels import Label, label
from domain.values import HQ_ROLES, ClockKind, Measure, Owed, Role

OPENS, DUTY, LATE_NOW, RESUMES = "opens", "duty", "late", "resumes"
"""Next steps that are no rungs: a planned obligation opens, the HQ duty desk takes over, it falls due, a pause ends."""

NEXT: dict[str, Label] = {
    OPENS: Label("{at}起开始办理。", "It opens on {at}."),
    "remind": Label("若仍未办理，将于{at}提醒{whom}。", "Otherwise {whom} is reminded on {at}."),
    "tell": Label("若仍未办理，将于{at}通报{whom}。", "Otherwise {whom} is told on {at}."),
    "reassign": Label("若仍未办理，将于{at}改由{whom}办理。", "Otherwise it passes to {whom} on {at}."),
    "penalty": Label("若仍未办理，将于{at}登记逾期考核。", "Otherwise a lateness line is opened on {at}."),
    "default": Label("若仍未办理，将于{at}按规则处理。", "Otherwise it is settled by rule on {at}."),
    DUTY: Label("若仍未办理，将于{at}转总部值班办理。", "Otherwise it passes to the HQ duty desk on {at}."),
    LATE_NOW: Label("若仍未办理，{at}起计为逾期。", "Otherwise it is late from {at}."),
    RESUMES: Label("{at}恢复计时。", "Its clock runs on from {at}."),
}
NOTHING = Label("此后没有自动步骤。", "Nothing further happens by itself.")
PLANNED = Label("已安排{who}办理“{owed}”，应于{due}前完成（{clock}）。", "Planned for {who}: {owed}, due {due} ({clock}).")
WAITING = Label("等待{who}办理“{owed}”，应于{due}前完成（{clock}）。", "Waiting for {who}: {owed}, due {due} ({clock}).")
LATE = Label(
    "等待{who}办理“{owed}”，已逾期，应于{due}前完成（{clock}）。", "Waiting for {who}: {owed}, LATE, due {due} ({clock})."
)
PAUSED = Label("计时暂停至{until}。", "Its clock stands still until {until}.")


def sentence(
    owed: Owed | str,
    role: Role | str,
    unit: str,
    due: datetime,
    kind: ClockKind | str,
    measure: Measure | str,
    late: bool,
    paused_until: datetime | None,
    next_at: datetime | None,
    next_does: str | None,
    next_role: Role | str | None,
    next_unit: str | None,
    language: str,
    zone: str = "Asia/Shanghai",
) -> str:
    """Why it is waiting, on whom, until when, and then what. `paused_until` is None for what is not paused (or is over)."""

    def words(said: Label, **named: str) -> str:
        return (said.en if language == "en" else said.zh).format(**named)

    def moment(at: datetime) -> str:
        return moment_in(at, language, zone)

    opening = PLANNED if next_does == OPENS else LATE if late else WAITING
    said = [
        words(
            opening,
            who=person(role, unit, language),
            owed=label(Owed(owed), language),
            due=moment(due),
            clock=_clock(kind, measure, language),
        )
    ]
    if paused_until is not None:
        said.append(words(PAUSED, until=moment(paused_until)))
    if next_at is None or next_does not in NEXT:
        said.append(words(NOTHING))
    elif not (next_does == RESUMES and paused_until == next_at):
        whom = person(next_role, next_unit or unit, language) if next_role else person(role, unit, language)
        said.append(words(NEXT[next_does], at=moment(next_at), whom=whom))
    return ("" if language != "en" else " ").join(said)


def person(role: Role | str, unit: str, language: str) -> str:
    """A role at a unit, as people say it: HQ's and the customer need no unit beside them."""
    role = Role(role)
    named = label(role, language)
    if role in HQ_ROLES or role in (Role.CUSTOMER, Role.SYSTEM):
        return f"the {named}" if language == "en" else named
    return f"the {named} of {unit}" if language == "en" else f"{unit} {named}"


def moment_in(at: datetime, language: str, zone: str) -> str:
    """A moment in the business zone; midnight is said as 24:00 of the day that ends."""
    local = at.astimezone(zone_named(zone))
    day, clock = local, f"{local:%H:%M}"
    if clock == "00:00":
        day, clock = local - timedelta(days=1), "24:00"
    return f"{day.day} {day:%b %Y}, {clock}" if language == "en" else f"{day.year}年{day.month}月{day.day}日 {clock}"


def _clock(kind: ClockKind | str, measure: Measure | str, language: str) -> str:
    kind, measure = label(ClockKind(kind), language), label(Measure(measure), language)
    return f"{kind} clock, {measure}" if language == "en" else f"{kind}，{measure}"
