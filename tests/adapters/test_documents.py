"""The final response as a document: it says why, how the sum was reckoned, and where to go next; never what is internal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Literal

import pytest

from adapters.documents import Documents, FinalResponse
from domain.rulebook_parts import Labels
from tests.adapters.test_letters import CHINESE

STEPS: list[dict[str, Any]] = [
    {"rule": "proven_value", "text": {"zh": "已证明的损失 ¥500.00。", "en": "The proven loss, ¥500.00."}, "amount": 50000},
    {"rule": "contract_cap", "text": {"zh": "减 ¥200.00。", "en": "¥200.00 less."}, "amount": -20000},
    {"rule": "proposed", "text": {"zh": "经办人提出 ¥900.00。", "en": "¥900.00 was proposed instead."}, "amount": 0},
]
SAID = FinalResponse(
    number="A261122-000001",
    waybill="97-80389-6",
    name="Mr <Li>",
    about="loss",
    asked_for="the money",
    told_at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    words="First line.\nNo invoice was brought.",
    steps=STEPS,
    computed=30000,
    paid=0,
    zone="Asia/Tokyo",
)
INTERNAL = re.compile(r"审批|处罚|裁定|责任网点|经办|approv|penalt|ruling|proposed instead", re.IGNORECASE)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("language", "door"), [("zh", "邮政管理部门申诉"), ("en", "appeal to the postal administration")])
def test_it_gives_the_reasons_the_reckoning_and_the_next_doors(language: str, door: str) -> None:
    page = Documents().final_response(SAID, language).decode()
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    assert "script" not in reader.tags
    for told in (
        "A261122-000001",
        "97-80389-6",
        "No invoice was brought.",
        "¥500.00",
        "−¥200.00",
        "¥300.00",
        "2026, 10:30" if language == "en" else "2026年11月23日 10:30",
        "12305",
        "12315",
        door,
    ):
        assert told in page
    assert not INTERNAL.search(page)
    assert language == "zh" or not CHINESE.search(page)


def test_what_people_wrote_is_shown_and_never_run() -> None:
    page = Documents().final_response(replace(SAID, words="<script>alert(1)</script>"), "en").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Mr &lt;Li&gt;" in page


def test_the_same_facts_make_the_same_bytes_and_an_unknown_language_is_answered_in_chinese() -> None:
    documents = Documents()
    assert documents.final_response(SAID, "zh") == documents.final_response(SAID, "zh") == documents.final_response(SAID, "fr")


@pytest.mark.parametrize(
    ("computed", "paid", "steps", "told", "silent"),
    [
        (30000, 30000, STEPS, "Paid to you already: ¥300.00", "kept ready"),
        (30000, 0, STEPS, "kept ready", "Paid to you"),
        (0, 0, [], "no money is owed", "kept ready"),
    ],
)
def test_it_says_what_was_paid_and_what_is_kept_ready(
    computed: int, paid: int, steps: list[dict[str, Any]], told: str, silent: str
) -> None:
    page = Documents().final_response(replace(SAID, computed=computed, paid=paid, steps=steps), "en").decode()
    assert told in page
    assert silent not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_to_go_next_is_what_the_rulebook_says(language: Literal["zh", "en"]) -> None:
    doors: list[Labels] = [
        {"zh": "请拨打 95555。", "en": "Telephone 95555."},
        {"zh": "请到法院 <二楼>。", "en": "Go to court <2nd floor>."},
    ]
    page = Documents().final_response(replace(SAID, doors=doors), language).decode()
    assert doors[0][language] in page
    assert doors[1][language].replace("<", "&lt;").replace(">", "&gt;") in page
    assert "12305" not in page
