"""One decision is taken once, however often it is sent; a new one is never mistaken for an old one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import commands as c
from domain.case import Case, Taken
from domain.decisions import remember, taken_before
from domain.errors import KeyUsedForAnotherDecision
from domain.ladders import arm
from domain.obligations import Ending
from domain.rounds import Findings
from domain.values import Owed, Validity
from tests.domain.complaints import MONDAY, case, say

MINUTE = timedelta(minutes=1)


def decide(complaint: Case, *, digest: str = "body", key: str | None = None, answered: str | None = None) -> Taken:
    taken = Taken(digest=digest, at=MONDAY, seq=7, told={"round": 1}, answered=answered)
    remember(complaint, say(c.ConfirmDone, digest=digest, key=key), taken)
    return taken


def again(complaint: Case, *, digest: str = "body", key: str | None = None, after: timedelta = MINUTE) -> Taken | None:
    return taken_before(complaint, say(c.ConfirmDone, digest=digest, key=key), MONDAY + after)


def owe(complaint: Case, key: str = "1:findings:minhang") -> str:
    complaint.obligations[key] = arm(complaint, Owed.FINDINGS, key=key, unit="minhang", since=MONDAY, now=MONDAY)
    return key


def test_the_same_key_and_body_get_the_same_answer_for_ever() -> None:
    complaint = case()
    taken = decide(complaint, key="k")
    assert again(complaint, key="k", after=timedelta(days=400)) == taken
    assert again(complaint, key="other") is None


def test_the_same_key_with_another_body_is_refused() -> None:
    complaint = case()
    decide(complaint, key="k")
    with pytest.raises(KeyUsedForAnotherDecision):
        again(complaint, key="k", digest="another body")


def test_without_a_key_the_same_words_are_the_same_act_for_ten_minutes() -> None:
    complaint = case()
    taken = decide(complaint)
    assert again(complaint, after=10 * MINUTE) == taken
    assert again(complaint, after=10 * MINUTE + timedelta(seconds=1)) is None
    assert again(complaint, digest="other words") is None


def test_an_answer_sent_again_is_the_same_until_something_new_waits_for_it() -> None:
    complaint = case()
    first = owe(complaint)
    complaint.obligations[first].ending = Ending.ANSWERED
    taken = decide(complaint, answered=first)
    assert again(complaint, after=timedelta(days=2)) == taken
    owe(complaint, "2:findings:minhang")  # the next round owes findings too
    assert again(complaint, after=timedelta(days=2)) is None


def test_findings_returned_once_and_submitted_again_may_be_returned_in_the_same_words() -> None:
    complaint = case()
    taken, returned = decide(complaint), say(c.ReturnFindings, digest="body")
    assert taken_before(complaint, returned, MONDAY + MINUTE) == taken
    complaint.round.findings = Findings(key="1:2", validity=Validity.GENERAL, by="agent", at=MONDAY)
    assert taken_before(complaint, returned, MONDAY + MINUTE) is None


def test_a_proposal_that_is_owed_again_may_be_made_in_the_same_words() -> None:
    complaint = case()
    taken, proposal = decide(complaint), say(c.ProposeCompensation, digest="body")
    assert taken_before(complaint, proposal, MONDAY + MINUTE) == taken
    again = arm(complaint, Owed.PROPOSAL, key="1:proposal:minhang", unit="minhang", since=MONDAY, now=MONDAY)
    complaint.obligations[again.key] = again
    assert taken_before(complaint, proposal, MONDAY + MINUTE) is None


def test_it_remembers_the_latest_four_hundred() -> None:
    complaint = case()
    for number in range(450):
        decide(complaint, digest=f"{number}", key=f"k{number}")
    assert len(complaint.decisions) == 400
    assert again(complaint, key="k449", digest="449") is not None
    assert again(complaint, key="k49", digest="49") is None
