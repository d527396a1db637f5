"""How the parts of a rulebook are spoken of: a place as a subject, a value as words, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.bilingual import Label
from domain.labels import LABELS, label
from domain.plan import DaysEnd, DaysStart, Frozen, Rung, RungDoes
from domain.reckoning import yuan
from domain.rulebook_conduct import Door, VisitTier
from domain.rulebook_parts import Clock, Place
from domain.rulebook_sections import Band, Rulebook
from domain.rulebook_standing import Around
from domain.rulebook_vocabulary import CODES, COUNT, ENTITIES, FEN, FIELDS, UNITS
from domain.values import ClockKind, Measure, Owed, Party, Severity, Validity

CHANGED = Label("{what}：{old} → {new}", "{what}: {old} → {new}")
ADDED = Label("新增{what}{told}", "{what} added{told}")
REMOVED = Label("删除{what}{told}", "{what} removed{told}")
GONE = Label("{what}：不再有“{told}”", "{what}: no longer “{told}”")
COME = Label("{what}：增加“{told}”", "{what}: now also “{told}”")
REWORDED = Label("{what}：文字有改动", "{what}: reworded")
REORDERED = Label("{what}：顺序有变，现为{new}", "{what}: in another order, now {new}")
LOOKED_UP: dict[str, Place] = {"default_cause": ("causes", "codes"), "source": ("sources",)}
"""Fields that name an entry of another section."""
KEYS: tuple[type[StrEnum], ...] = (Owed, Around, Party, Severity, Validity)
LONGEST = 80


class Words:
    """The words for what stands in either of two rulebooks."""

    def __init__(self, language: str, *books: Rulebook) -> None:
        self.language, self.books = language, books

    def say(self, words: Label, **named: str) -> str:
        return (words.en if self.language == "en" else words.zh).format(**named)

    def field(self, name: str) -> str:
        return self.say(FIELDS.get(name) or Label(name, name))

    def code(self, code: str) -> str:
        """The words for a code; itself where it is somebody's own."""
        return self.say(CODES.get(code) or Label(code, code))

    def added(self, place: Place, value: Any) -> str:
        return self.say(ADDED, what=self.subject(place), told=self._aside(place, value))

    def removed(self, place: Place, value: Any) -> str:
        return self.say(REMOVED, what=self.subject(place), told=self._aside(place, value))

    def item(self, words: Label, place: Place, value: Any) -> str:
        return self.say(words, what=self.subject(place), told=self.value(place, value))

    def reworded(self, place: Place) -> str:
        return self.say(REWORDED, what=self.subject(place))

    def reordered(self, place: Place, new: Sequence[Any]) -> str:
        return self.say(REORDERED, what=self.subject(place), new=self.value(place, new))

    def _aside(self, place: Place, value: Any) -> str:
        told = "" if place[0] == "notices" else self.value(place, value)
        return self.say(Label("（{told}）", " ({told})"), told=told) if told and told not in self.subject(place) else ""

    def subject(self, place: Place) -> str:
        """What a place is called: its section and field, or the thing of that name."""
        said: list[str] = []
        pattern: list[str] = []
        for depth, part in enumerate(map(str, place), start=1):
            entity = ENTITIES.get(".".join([*pattern, part])) or ENTITIES.get(".".join([*pattern, "*"]))
            if entity is not None:
                whole = said if "*" in pattern else []
                named = self.say(entity, name=self._name(place[:depth]), whole=self._together(whole))
                said = [named] if "{whole}" in entity.en else [*whole, named]
                pattern.append("*")
                continue
            pattern.append(part)
            if ".".join(pattern) not in _CONTAINERS:
                said.append(self.field(part))
        return self._together(said)

    def _together(self, said: Sequence[str]) -> str:
        return self.say(Label("的", ", ")).join(said)

    def _name(self, place: Place) -> str:
        """The name of an entry: its label in this language, the words for its code, or the code."""
        code = str(place[-1])
        for book in self.books:
            found = _at(book, place)
            labels = getattr(found, "labels", None) or getattr(found, "text", None) or found
            if isinstance(labels, Mapping) and isinstance(text := labels.get(self.language), str):
                return (
                    self.say(Label("{code}（{text}）", "{code} ({text})"), code=code, text=text)
                    if hasattr(found, "text")
                    else text
                )
        for kind in KEYS:
            if code in list(kind):
                return label(kind(code), self.language)
        return self.code(code)

    def key(self, item: Any) -> str:
        """What one of a list is known by: a tier of visits by severity and amount, a band by who approves."""
        match item:
            case VisitTier():
                above = f" ≥ {yuan(item.from_amount)}" if item.from_amount else ""
                return label(item.severity, self.language) + above
            case Band():
                return self.code(item.by)
            case _:
                return ""

    def value(self, place: Place, value: Any) -> str:
        """A value as words, by what its place is measured in."""
        match value:
            case Clock():
                return self.clock(value)
            case Rung():
                return self.rung(value)
            case Door():
                return value.text["en" if self.language == "en" else "zh"]
            case Frozen():
                return self._described(place, value)
            case Mapping():
                return self._mapping(place, value)
            case tuple() | list():
                return self._listed(place, value)
            case _:
                return self._plain(place, value)

    def _listed(self, place: Place, value: Sequence[Any]) -> str:
        if len(value) == 2 and all(isinstance(time, str) and ":" in time for time in value):
            return "-".join(value)
        empty = self.code("closed" if "week" in place else "nothing")
        return self.say(Label("、", ", ")).join(self.value(place, item) for item in value) or empty

    def _plain(self, place: Place, value: Any) -> str:
        match value:
            case None:
                return self.code("nothing")
            case bool():
                return self.code("yes" if value else "no")
            case int():
                unit = UNITS.get(str(place[-1])) or UNITS.get(str(place[-2:][0])) or COUNT
                return yuan(value) if unit is FEN else self.say(unit, n=str(value))
            case timedelta():
                return self.duration(value)
            case StrEnum() if type(value) in LABELS:
                return label(value, self.language)
            case str() if place[-1] in LOOKED_UP:
                return self._name((*LOOKED_UP[str(place[-1])], value))
            case str() if len(value) > LONGEST or "\n" in value:
                return f"“{' '.join(value.split())[:LONGEST]}…”"
            case _:
                return self.code(str(value))

    def _mapping(self, place: Place, value: Mapping[str, Any]) -> str:
        if isinstance(text := value.get(self.language), str):
            return text
        named = ((self._name((*place, str(key))), self.value((*place, str(key)), item)) for key, item in value.items())
        return self.say(Label("；", "; ")).join(f"{name} {said}" for name, said in named) or self.code("nothing")

    def _described(self, place: Place, value: Frozen) -> str:
        """The rules of an entry, not its labels nor where they come from."""
        rules = {name: getattr(value, name) for name in type(value).model_fields if name not in _UNSAID}
        said = (
            f"{self.field(name)} {self.value((*place, name), rule)}" for name, rule in rules.items() if rule not in (None, {}, ())
        )
        return self.say(Label("；", "; ")).join(said)

    def rung(self, rung: Rung) -> str:
        """When, and what happens: "at 50 %: remind the holder"."""
        if rung.after is not None:
            when = self.say(Label("开始后{time}", "{time} after the start"), time=self.duration(rung.after))
        elif rung.days_late:
            when = self.say(Label("逾期{n}个工作日", "{n} working days late"), n=str(rung.days_late))
        else:
            when = self.say(Label("到{n}%时限", "at {n} %"), n=str(rung.percent))
        does = self.say(_DOES[rung.does], whom=self.code(rung.whom), clause=rung.clause or "-")
        extra = [] if rung.clause is None or rung.does is RungDoes.PENALTY else [rung.clause]
        extra += [] if rung.whom == "holder" or rung.does in (RungDoes.TELL, RungDoes.REASSIGN) else [self.code(rung.whom)]
        extra += [f"{rung.percent} %"] if rung.percent != 100 and (rung.after is not None or rung.days_late) else []
        extra += [str(rung.days_late)] if rung.days_late and rung.after is not None else []
        return self.say(Label("{when}{does}", "{when} {does}"), when=when, does=does) + (
            f" [{', '.join(extra)}]" if extra else ""
        )

    def brief(self, clock: Clock) -> str:
        """How long, and no more: 10 min, 2 days."""
        times = [self.duration(clock.time)] if clock.time is not None else []
        times += [self._days(clock.days, clock.measure)] if clock.days is not None else []
        return " + ".join(times) or self.code("nothing")

    def _days(self, days: int, measure: Measure, *, exactly: bool = False) -> str:
        if days == 0:
            return self.say(Label("当天", "the same day"))
        calendar = ("个自然日", " calendar") if exactly else ("天", "")
        zh, en = ("个工作日", " working") if measure is Measure.WORKING_DAYS else calendar
        return self.say(Label(f"{days}{zh}", f"{days}{en} day{'s' if days > 1 else ''}"))

    def clock(self, clock: Clock) -> str:
        """How long, on what, and with which provisos."""
        said = [self._days(clock.days, clock.measure, exactly=True)] if clock.days is not None else []
        said += [self.duration(clock.time)] if clock.time is not None else []
        said += [label(clock.measure, self.language)] if clock.days is None or clock.time is not None else []
        said += [label(clock.kind, self.language)] if clock.kind is ClockKind.LEGAL else []
        if clock.at_least:
            said.append(self.say(Label("至少{time}", "at least {time}"), time=self.duration(clock.at_least)))
        said += [self.code(clock.starts)] if clock.starts is not DaysStart.AS_IS else []
        said += [self.code(clock.ends)] if clock.ends is not DaysEnd.DAY else []
        return self.say(Label("，", ", ")).join(said)

    def duration(self, time: timedelta) -> str:
        """A duration in its largest whole units: 10 min, 1 h, 1 h 30 min, 2 days."""
        minutes, seconds = divmod(int(time.total_seconds()), 60)
        days, minutes = divmod(minutes, 24 * 60) if minutes % (24 * 60) == 0 and minutes else (0, minutes)
        hours, minutes = divmod(minutes, 60)
        zh, en = ("天", "小时", "分钟", "秒"), (" day" if days == 1 else " days", " h", " min", " s")
        units = zip((days, hours, minutes, seconds), en if self.language == "en" else zh, strict=True)
        said = [f"{count}{unit}" for count, unit in units if count]
        said += [f"{time.microseconds} µs"] if time.microseconds else []
        return (" " if self.language == "en" else "").join(said) or ("0 min" if self.language == "en" else "0分钟")


_UNSAID = ("labels", "text", "source", "verified")
_CONTAINERS = frozenset(entity.removesuffix(".*") for entity in ENTITIES)
_DOES = {
    RungDoes.REMIND: Label("提醒承办人", "reminds the holder"),
    RungDoes.TELL: Label("通报{whom}", "tells {whom}"),
    RungDoes.REASSIGN: Label("改由{whom}办理", "passes to {whom}"),
    RungDoes.PENALTY: Label("按条款{clause}登记逾期考核", "opens a lateness line under {clause}"),
    RungDoes.DEFAULT: Label("按规则处理", "is settled by rule"),
}


def _at(part: Any, place: Place) -> Any:
    """What stands at a place, or None."""
    for key in place:
        match part:
            case Mapping():
                part = part.get(key)
            case Frozen():
                part = getattr(part, str(key), None)
            case _:
                return None
    return part
