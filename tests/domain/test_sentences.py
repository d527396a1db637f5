"""Why something is waiting, said to people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.plan import RungDoes
from domain.sentences import NEXT, lasting, sentence
from domain.values import Owed, Role

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def said(language: str = "en", **but: Any) -> str:
    held: dict[str, Any] = {
        "owed": "first_contact",
        "role": "branch_agent",
        "unit": "minhang",
        "due": at("2026-03-02 09:30"),
        "kind": "contract",
        "measure": "service_time",
        "late": False,
        "paused_until": None,
        "next_at": at("2026-03-02 09:00"),
        "next_does": "remind",
        "next_role": "branch_agent",
        "next_unit": "minhang",
    }
    return sentence(**held | but, language=language, zone="Asia/Shanghai")


TOLD = {"next_does": "tell", "next_role": "branch_manager", "next_at": at("2026-03-02 09:30")}
BY_LAW = {"owed": "legal_answer", "kind": "legal", "measure": "calendar_days", "due": at("2026-03-10 00:00")}
DUTY = {"next_does": "duty", "next_role": "hq_agent", "next_unit": "hq", "next_at": at("2026-03-08 00:00")}
OPENS = {"owed": "visit_1", "measure": "calendar_days", "next_does": "opens", "next_role": None, "next_unit": None}
RESUMES = {"next_does": "resumes", "paused_until": at("2026-03-02 09:00"), "next_role": None}
OFFERED = {"owed": "customer_answer", "role": "customer", "unit": "foshan", "measure": "calendar_days"}
LATE = {"late": True, "late_by": timedelta(minutes=130), "late_measure": "working_days", "next_at": None}
CASES: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (
        {},
        [
            "Waiting for the branch agent of minhang: first contact, due 2 Mar 2026, 09:30 (contract clock, service hours).",
            "Otherwise the branch agent of minhang is reminded on 2 Mar 2026, 09:00.",
        ],
        [
            "等待minhang 网点客服办理“首次联系”，应于2026年3月2日 09:30前完成（约定时限，工作时长）。",
            "若仍未办理，将于2026年3月2日 09:00提醒minhang 网点客服。",
        ],
    ),
    (
        TOLD | {"late": True, "measure": "elapsed"},
        [
            "Waiting for the branch agent of minhang: first contact, LATE, due 2 Mar 2026, 09:30 (contract clock, elapsed time).",
            "Otherwise the branch manager of minhang is told on 2 Mar 2026, 09:30.",
        ],
        [
            "等待minhang 网点客服办理“首次联系”，已逾期，应于2026年3月2日 09:30前完成（约定时限，自然时长）。",
            "若仍未办理，将于2026年3月2日 09:30通报minhang 网点负责人。",
        ],
    ),
    (
        OFFERED | LATE,
        [
            "Waiting for the customer: the customer's answer, LATE by 2 h 10 min of service time, due 2 Mar 2026,",
            "09:30 (contract clock, calendar days). Nothing further happens by itself.",
        ],
        [
            "等待客户办理“客户对赔付的答复”，已逾期2小时10分钟（按工作时长计），",
            "应于2026年3月2日 09:30前完成（约定时限，自然日）。此后没有自动步骤。",
        ],
    ),
    (
        BY_LAW | DUTY,
        [
            "Waiting for the branch agent of minhang: the answer due by law, due 9 Mar 2026, 24:00 (legal clock, calendar days).",
            "Otherwise it passes to the HQ duty desk on 7 Mar 2026, 24:00.",
        ],
        [
            "等待minhang 网点客服办理“法定答复”，应于2026年3月9日 24:00前完成（法定时限，自然日）。",
            "若仍未办理，将于2026年3月7日 24:00转总部值班办理。",
        ],
    ),
    (
        OPENS,
        [
            "Planned for the branch agent of minhang: first visit, due 2 Mar 2026, 09:30 (contract clock, calendar days).",
            "It opens on 2 Mar 2026, 09:00.",
        ],
        [
            "已安排minhang 网点客服办理“第一次回访”，应于2026年3月2日 09:30前完成（约定时限，自然日）。",
            "2026年3月2日 09:00起开始办理。",
        ],
    ),
    (
        RESUMES,
        [
            "Waiting for the branch agent of minhang: first contact, due 2 Mar 2026, 09:30 (contract clock, service hours).",
            "Its clock stands still until 2 Mar 2026, 09:00.",
        ],
        [
            "等待minhang 网点客服办理“首次联系”，应于2026年3月2日 09:30前完成（约定时限，工作时长）。",
            "计时暂停至2026年3月2日 09:00。",
        ],
    ),
    (
        OFFERED | {"next_at": None, "next_does": None},
        [
            "Waiting for the customer: the customer's answer, due 2 Mar 2026, 09:30 (contract clock, calendar days).",
            "Nothing further happens by itself.",
        ],
        ["等待客户办理“客户对赔付的答复”，应于2026年3月2日 09:30前完成（约定时限，自然日）。", "此后没有自动步骤。"],
    ),
]


@pytest.mark.parametrize(("but", "en", "zh"), CASES)
def test_a_wait_says_on_whom_until_when_and_then_what(but: dict[str, Any], en: list[str], zh: list[str]) -> None:
    assert said("en", **but) == " ".join(en)
    assert said("zh", **but) == "".join(zh)


@pytest.mark.parametrize(
    ("minutes", "days", "en", "zh"),
    [
        (0.5, True, "less than a minute", "不到1分钟"),
        (60, True, "1 h", "1小时"),
        (27 * 60 + 20, True, "1 d 3 h", "1天3小时"),
        (27 * 60 + 20, False, "27 h 20 min", "27小时20分钟"),
        (2 * 24 * 60 + 5, True, "2 d", "2天"),
    ],
)
def test_how_long_is_said_in_days_only_where_a_day_is_one_of_the_walls(minutes: float, days: bool, en: str, zh: str) -> None:
    time = timedelta(minutes=minutes)
    assert (lasting(time, "en", days=days), lasting(time, "zh", days=days)) == (en, zh)


def test_finance_is_called_finance() -> None:
    assert "Waiting for finance: " in said(role="finance", unit="hq")


@pytest.mark.parametrize("does", RungDoes)
def test_every_rung_has_its_words(does: RungDoes) -> None:
    assert "3 Mar 2026, 10:00" in said(next_does=does.value, next_at=at("2026-03-03 10:00"))
    assert NEXT[does.value].en != NEXT[does.value].zh


@pytest.mark.parametrize("owed", Owed)
def test_whatever_is_owed_by_whomever_can_be_said(owed: Owed) -> None:
    told = {said(owed=owed, role=role, next_role=role) for role in Role}
    assert len(told) == len(Role)
    assert all(line.isascii() for line in told)
