"""`amends demo`, as somebody meets it who has just cloned this."""

from __future__ import annotations

import time
from typing import Any

import pytest

from api.intake_bodies import NewComplaint
from domain.values import Owed
from embedded.demo.cast import Act, Story
from embedded.demo.sentences import SENTENCES, sentence
from embedded.demo.stories import STORIES
from embedded.demo.summary import Ending
from tests.embedded.amends_process import amends

ACTS = [pytest.param(act, id=f"{story.file}-{act.cue}-{act.who.sub}") for story in STORIES for act in story.acts]


def test_all_four_cases_are_closed_by_the_rules_within_a_minute() -> None:
    began = time.monotonic()
    with amends("demo", "--no-serve") as demo:
        assert demo.ended() == 0, demo.said
    assert time.monotonic() - began < 60
    assert demo.words[-1] == "closed 4 of 4\n"
    for told in (
        "Repeat (重复投诉), the complaint counts 2 times now, by the HQ agent",
        "LATE: order change (改单), due from Houjie",
        "The time is over: statement (申辩), and nothing came from Dali",
        "Appeal decision (复核决定), partly changed (部分改判), by the HQ supervisor",
        "Approval (赔付审批) of ¥3,000.00, by the HQ supervisor",
        "Dongguan hub → Guangzhou ¥2,100.00",
        "Houjie: order change",
    ):
        assert told in demo.said


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.file)
def test_every_case_file_is_a_complaint_as_the_api_takes_it(story: Story) -> None:
    assert NewComplaint.model_validate(story.case["intake"]).complainant.name.startswith("客户")


def test_the_invented_case_says_that_it_is_invented() -> None:
    assert [story.file for story in STORIES if not story.told] == ["guangzhou-insured-loss"]
    assert "INVENTED" in STORIES[-1].title
    assert not any(act.told for act in STORIES[-1].acts)


@pytest.mark.parametrize("act", ACTS)
def test_every_cue_is_an_event_or_an_obligation_of_a_round(act: Act) -> None:
    round, colon, owed = act.cue.rpartition(":")
    assert (round.isdigit() and Owed(owed)) if colon else act.cue in SENTENCES


def test_an_event_without_a_sentence_of_its_own_is_told_by_its_name() -> None:
    assert sentence({"name": "handed_on", "details": {}}) == "Handed on"


def test_books_that_do_not_balance_leave_a_closed_complaint_uncounted() -> None:
    complaint: dict[str, Any] = {"status": "closed"}
    entry: dict[str, Any] = {"posting": "p", "account": "customers", "amount": {"amount": 1, "currency": "CNY"}}
    assert Ending("", complaint).closed
    assert not Ending("", complaint, [entry]).closed
