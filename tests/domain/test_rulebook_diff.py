"""Two rulebooks are compared in sentences a courier manager reads, and nothing that differs is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.plan import Frozen, Rung
from domain.rulebook import Rulebook
from domain.rulebook_diff import differences
from domain.rulebook_parts import Clock
from domain.rulebook_problems import parts
from domain.rulebook_vocabulary import ENTITIES, FIELDS, UNITS

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "rulebooks" / "starter.yaml").read_text("utf-8"))
STARTER = Rulebook.model_validate(DOCUMENT)
GIVEN = {"time": timedelta(hours=1), "after": timedelta(hours=1), "days": 3}
"""What may stand where the starter says nothing; elsewhere any word."""
LEAVES = [place for place, part in parts(STARTER) if not isinstance(part, (Mapping, Frozen, tuple, list))]


def _changed(change: Callable[[dict[str, Any]], object]) -> Rulebook:
    document = deepcopy(DOCUMENT)
    change(document)
    return Rulebook.model_validate(document)


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        *way, last = path.split("/")
        for key in way:
            document = document[int(key) if isinstance(document, list) else key]
        if value is None:
            del document[last]
        else:
            document[last] = value

    return change


ODD = {"labels": {"zh": "超长件", "en": "Oversize"}, "handler": "origin", "schedule": "loss", "default_cause": "lost"}
WORDING = {"subject": "x", "body": "y"}


@pytest.mark.parametrize(
    ("path", "value", "en", "zh"),
    [
        (
            "clocks/obligations/order_change/time",
            "PT15M",
            "first contact for order changes: 10 min → 15 min",
            "改单首次处理时限：10分钟 → 15分钟",
        ),
        ("compensation/cap/times_freight", 8, "compensation, cap, times the freight: 7 → 8", "赔付标准的上限的运费倍数：7 → 8"),
        (
            "clocks/obligations/first_contact/time",
            "PT90M",
            "first contact: 1 h → 1 h 30 min",
            "首次联系时限：1小时 → 1小时30分钟",
        ),
        ("clocks/obligations/legal_answer/days", 5, "the answer due by law: 7 days → 5 days", "法定答复时限：7天 → 5天"),
        (
            "clocks/obligations/findings",
            {"measure": "elapsed", "time": "PT36H"},
            "findings: 1 working day → 36 h, elapsed time",
            "调查结论时限：1个工作日 → 36小时，自然时长",
        ),
        (
            "categories/codes/loss/clocks/findings/days",
            4,
            "findings for category Loss: 3 working days → 4 working days",
            "类别“丢失”的调查结论时限：3个工作日 → 4个工作日",
        ),
        (
            "categories/codes/loss/handler",
            "destination",
            "category Loss, handled by: origin branch → destination branch",
            "类别“丢失”的承办方：寄件网点 → 派件网点",
        ),
        (
            "categories/codes/oversize",
            ODD,
            "category Oversize added (handled by origin branch; schedule loss; default cause Lost)",
            "新增类别“超长件”（承办方 寄件网点；赔付标准 loss；默认原因 丢失）",
        ),
        (
            "categories/codes/unreachable",
            None,
            "category Telephone unanswered removed (handled by origin branch; schedule none;",
            "删除类别“电话无人接听”（承办方 寄件网点；赔付标准 none；默认原因 电话无人接听）",
        ),
        (
            "penalties/clauses/Q-101/amount",
            3000,
            "clause Q-101 (Delay), amount: ¥20.00 → ¥30.00",
            "条款Q-101（延误）的金额：¥20.00 → ¥30.00",
        ),
        ("penalties/clauses/Q-604", None, "clause Q-604 (False record (visit, withdrawal, statement)) removed", "删除条款Q-604"),
        ("causes/codes/lost/clauses", ["Q-202"], "cause Lost, clauses: Q-203 → Q-202", "原因“丢失”的条款：Q-203 → Q-202"),
        (
            "causes/codes/lost/shares/hub",
            10,
            "cause Lost, share of hub added (10 %)",
            "新增原因“丢失”的分拨中心分担比例（10 %）",
        ),
        (
            "limits/manager",
            300000,
            "approval limits, manager approves up to: ¥2,000.00 → ¥3,000.00",
            "审批权限的网点负责人审批上限：¥2,000.00 → ¥3,000.00",
        ),
        ("desk/week/sun", [["09:00", "12:00"]], "desk hours on Sunday: closed → 09:00-12:00", "周日服务时间：休息 → 09:00-12:00"),
        (
            "ladders/special/confirm_done",
            [{"does": "tell", "whom": "above"}],
            "ladder of confirming that it was done: now also “at 100 % tells the unit above”",
            "“确认已落实”的升级阶梯：增加“到100%时限通报上级单位”",
        ),
        (
            "ladders/special/appeal",
            None,
            "ladder of appeal removed (at 100 % is settled by rule)",
            "删除“复核申请”的升级阶梯（到100%时限按规则处理）",
        ),
        (
            "visits/hours",
            ["09:00", "21:00"],
            "visits, hours for calls: 09:00-20:00 → 09:00-21:00",
            "回访的回访时段：09:00-20:00 → 09:00-21:00",
        ),
        ("visits/tiers/0/visits", 1, "visits to normal complaints, visits: 2 → 1", "回访分级“一般”的回访：2 → 1"),
        (
            "phrases/lists/blame/zh",
            ["找总部去"],
            "phrase list Blames somebody else, Chinese: now also “找总部去”",
            "禁用语“推给别人”的中文：增加“找总部去”",
        ),
        ("notices/wordings/late", {"zh": WORDING, "en": WORDING}, "letter late added", "新增信函“late”"),
        (
            "delays/obligations/findings/days",
            3,
            "more time for findings, working days: 2 → 3",
            "“调查结论”的延迟的工作日数：2 → 3",
        ),
        (
            "pauses/reasons/waiting_for_customer/times",
            3,
            "pause reason Waiting for the customer, times: 2 → 3",
            "暂停事由“等待客户提供资料或答复”的次数：2 → 3",
        ),
        ("sources/law/verified", True, "checked against the primary text: no → yes", "的已核对原文：否 → 是"),
        ("version", "2026.9", "version: 2026.2 → 2026.9", "版本：2026.2 → 2026.9"),
    ],
)
def test_a_change_is_told_in_both_languages(path: str, value: object, en: str, zh: str) -> None:
    new = _changed(_set(path, value))
    assert any(en in told for told in differences(STARTER, new, "en")), differences(STARTER, new, "en")
    assert any(zh in told for told in differences(STARTER, new, "zh")), differences(STARTER, new, "zh")


def test_one_change_is_one_sentence() -> None:
    assert len(differences(STARTER, _changed(_set("limits/manager", 300000)), "en")) == 1


def test_equal_rulebooks_have_no_difference_whatever_was_asked_of_them() -> None:
    other = _changed(lambda document: None)
    assert other.resolved.clocks
    assert differences(STARTER, other, "en") == differences(STARTER, other, "zh") == []


def _replaced(part: Any, place: tuple[str | int, ...], leaf: Any) -> Any:
    """A copy of a rulebook with another leaf, unchecked."""
    if not place:
        return leaf
    first, *rest = place
    match part:
        case Frozen():
            return part.model_copy(update={str(first): _replaced(getattr(part, str(first)), tuple(rest), leaf)})
        case Mapping():
            return {key: _replaced(value, tuple(rest), leaf) if str(key) == first else value for key, value in part.items()}
        case _:
            return type(part)(_replaced(item, tuple(rest), leaf) if at == first else item for at, item in enumerate(part))


def _other(leaf: Any) -> Any:
    """Anything else of the same kind."""
    match leaf:
        case bool():
            return not leaf
        case int():
            return leaf + 1
        case timedelta():
            return leaf + timedelta(minutes=1)
        case date():
            return leaf + timedelta(days=1)
        case StrEnum():
            members = list(type(leaf))
            return members[(members.index(leaf) + 1) % len(members)]
        case _:
            return f"{leaf}x"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whatever_changes_anywhere_has_a_sentence(language: str) -> None:
    assert len(LEAVES) > 1000
    for place in LEAVES:
        new = _replaced(STARTER, place, _other(_at(place)) if _at(place) is not None else GIVEN.get(str(place[-1]), "x"))
        told = differences(STARTER, new, language)
        assert told, place
        assert all(before != after for before, _, after in (one.partition("：")[2].partition(" → ") for one in told) if after), (
            told
        )


def test_things_in_another_order_are_told_too() -> None:
    def turn(document: dict[str, Any]) -> None:
        document["ladders"]["default"].reverse()

    assert "in another order, now at 200 % tells the HQ supervisor" in differences(STARTER, _changed(turn), "en")[0]


def test_every_field_has_words_in_both_languages() -> None:
    said = {str(place[-1]) for place, part in parts(STARTER) if place and isinstance(_at(place[:-1]), Frozen)}
    containers = {entity.split(".")[-2] for entity in ENTITIES if entity.endswith("*")} | {"default"}
    rendered = {*Clock.model_fields, *Rung.model_fields}
    assert said - containers - rendered <= set(FIELDS)
    assert set(UNITS) <= set(FIELDS) | containers
    assert all(words.zh and words.en for words in FIELDS.values())


def _at(place: tuple[str | int, ...]) -> Any:
    part: Any = STARTER
    for key in place:
        part = getattr(part, str(key)) if isinstance(part, Frozen) else part[key]
    return part


def test_a_door_is_told_in_its_own_words() -> None:
    other = _changed(
        lambda document: document["next_doors"]["doors"].append({"text": {"zh": "请到信访窗口。", "en": "See the ombudsman."}})
    )
    assert list(differences(STARTER, other, "en")) == ["where else to go, doors: now also “See the ombudsman.”"]
    assert list(differences(STARTER, other, "zh")) == ["不服时的其他渠道的渠道：增加“请到信访窗口。”"]
