"""Why something is waiting, as one sentence people read: on whom, until when, on which clock, and what happens then.

The same words stand on a screen and on Temporal's own pages, said by the same function.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.bilingual import Label
from domain.calendar import zone_named
from domain.labels import label, owed_label
from domain.values import HQ_ROLES, ClockKind, Measure, Role

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
    "等待{who}办理“{owed}”，已逾期{by}，应于{due}前完成（{clock}）。", "Waiting for {who}: {owed}, LATE{by}, due {due} ({clock})."
)
BY_SERVICE_TIME, BY_THE_WALL = Label("{time}（按工作时长计）", " by {time} of service time"), Label("{time}", " by {time}")
TAKEN_FOR = {
    "owner": Label(
        "{unit} 已暂停营业，不接新投诉；本投诉由 {taker} 负责。",
        "{unit} is suspended and takes no new complaints; {taker} answers for this one.",
    ),
    "handler": Label(
        "{unit} 已暂停营业，不接新投诉；本投诉由 {taker} 办理。",
        "{unit} is suspended and takes no new complaints; {taker} handles this one.",
    ),
}
"""Who takes what would be a suspended unit's, as its owner or its handler."""
PAUSED = Label("计时暂停至{until}。", "Its clock stands still until {until}.")


def sentence(
    owed: str,
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
    zone: str,
    late_by: timedelta | None = None,
    late_measure: Measure | str | None = None,
) -> str:
    """Why it is waiting, on whom, until when, and then what. `paused_until` is None for what is not paused (or is over).

    `late_by` is what its clock counted since it is late, on `late_measure` where that is not its own.
    """

    def words(said: Label, **named: str) -> str:
        return (said.en if language == "en" else said.zh).format(**named)

    def moment(at: datetime) -> str:
        return moment_in(at, language, zone)

    opening = PLANNED if next_does == OPENS else LATE if late else WAITING
    said = [
        words(
            opening,
            who=person(role, unit, language),
            owed=owed_label(owed, language),
            due=moment(due),
            clock=_clock(kind, measure, language),
            by=_late_by(late_by, Measure(late_measure or measure), language),
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
        article = "" if role is Role.FINANCE else "the "
        return f"{article}{named}" if language == "en" else named
    return f"the {named} of {unit}" if language == "en" else f"{unit} {named}"


def moment_in(at: datetime, language: str, zone: str) -> str:
    """A moment in the business zone; midnight is said as 24:00 of the day that ends."""
    local = at.astimezone(zone_named(zone))
    day, clock = local, f"{local:%H:%M}"
    if clock == "00:00":
        day, clock = local - timedelta(days=1), "24:00"
    return f"{day.day} {day:%b %Y}, {clock}" if language == "en" else f"{day.year}年{day.month}月{day.day}日 {clock}"


def _late_by(time: timedelta | None, measure: Measure, language: str) -> str:
    if time is None:
        return ""
    opening = measure in (Measure.SERVICE_TIME, Measure.WORKING_DAYS)
    said = BY_SERVICE_TIME if opening else BY_THE_WALL
    return (said.en if language == "en" else said.zh).format(time=lasting(time, language, days=not opening))


def lasting(time: timedelta, language: str, *, days: bool) -> str:
    """How long, to the minute; in days and hours where a day is one of the wall's."""
    minutes = int(time.total_seconds()) // 60
    whole, minutes = divmod(minutes, 24 * 60) if days else (0, minutes)
    hours, minutes = divmod(minutes, 60)
    parts = [(whole, "天", "d"), (hours, "小时", "h"), (0 if whole else minutes, "分钟", "min")]
    said = [f"{n} {en}" if language == "en" else f"{n}{zh}" for n, zh, en in parts if n]
    return (" " if language == "en" else "").join(said) or ("less than a minute" if language == "en" else "不到1分钟")


def _clock(kind: ClockKind | str, measure: Measure | str, language: str) -> str:
    kind, measure = label(ClockKind(kind), language), label(Measure(measure), language)
    return f"{kind} clock, {measure}" if language == "en" else f"{kind}，{measure}"
