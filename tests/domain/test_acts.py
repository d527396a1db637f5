"""The table of acts × stage has no hole, and every refusal in it is a sentence somebody can act on."""

from __future__ import annotations

import pytest

from domain import acts
from domain import commands as c
from domain.errors import AlreadyClosed, WrongStage
from domain.values import Outcome, Stage
from tests.domain.complaints import COMMANDS, case, say

LIVE = [stage for stage in Stage if stage is not Stage.CLOSED]


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_decision_has_a_verdict_at_every_stage(kind: type[c.Command]) -> None:
    assert set(acts.ACTS[kind]) == set(LIVE)
    for verdict in acts.ACTS[kind].values():
        assert verdict in (acts.ACCEPT, acts.EARLY) or (verdict[0].isupper() and verdict.endswith(".") and " " in verdict)
    assert set(acts.ACTS[kind].values()) & {acts.ACCEPT, acts.EARLY}, "a decision nobody can ever take"


def test_the_table_knows_no_decision_that_does_not_exist() -> None:
    assert set(acts.ACTS) == set(COMMANDS)


@pytest.mark.parametrize(
    ("kind", "stage", "said"),
    [
        (c.RecordFirstContact, Stage.ACKNOWLEDGEMENT, "accept"),
        (c.SubmitFindings, Stage.ACKNOWLEDGEMENT, "early"),
        (c.SubmitFindings, Stage.INVESTIGATION, "accept"),
        (c.DecideCompensation, Stage.COMPENSATION, "accept"),
        (c.DecideCompensation, Stage.FOLLOW_UP, "accept"),  # what exceeds a sum approved by rule still waits for HQ
        (c.ProposeCompensation, Stage.FOLLOW_UP, "accept"),
        (c.RecordVisit, Stage.FOLLOW_UP, "accept"),
        (c.Rule, Stage.FOLLOW_UP, "accept"),
        (c.Withdraw, Stage.COMPENSATION, "accept"),
        (c.RecordFirstContact, Stage.INVESTIGATION, "tell the customer more with an answer"),
        (c.SubmitFindings, Stage.FOLLOW_UP, "a repeat or an unresolved visit begins the next round"),
        (c.ReturnFindings, Stage.ACKNOWLEDGEMENT, "the handler submits them first"),
        (c.DecideCompensation, Stage.ACKNOWLEDGEMENT, "accept"),  # a payment of before came back and is made anew
        (c.RecordVisit, Stage.COMPENSATION, "not resolved yet"),
    ],
)
def test_what_is_taken_when(kind: type[c.Command], stage: Stage, said: str) -> None:
    complaint = case()
    complaint.stage = stage
    if said in ("accept", "early"):
        assert acts.check(complaint, say(kind)) == said
    else:
        with pytest.raises(WrongStage, match=said):
            acts.check(complaint, say(kind))


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_closed_complaint_takes_no_decision(kind: type[c.Command]) -> None:
    complaint = case()
    complaint.stage = Stage.CLOSED
    with pytest.raises(AlreadyClosed):
        acts.check(complaint, say(kind))


@pytest.mark.parametrize("kind", COMMANDS)
def test_after_a_withdrawal_only_the_networks_settlement_and_the_authority_go_on(kind: type[c.Command]) -> None:
    complaint = case()
    complaint.stage, complaint.ended = Stage.FOLLOW_UP, Outcome.WITHDRAWN
    settling = {
        c.OpenReview,
        c.MakeStatement,
        c.Agree,
        c.Recuse,
        c.Rule,
        c.Appeal,
        c.DecideAppeal,
        c.ObjectToLateness,
        c.DecideObjection,
    }
    found = {c.ReportParcelFound, c.ChooseMoneyOrParcel, c.ConfirmRepaid}
    if kind in settling | found | {c.TellAnswer, c.RecordPayout}:
        assert acts.check(complaint, say(kind)) == "accept"
    else:
        with pytest.raises(AlreadyClosed, match="withdrawn"):
            acts.check(complaint, say(kind))
