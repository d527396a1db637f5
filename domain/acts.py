"""Which decision is taken when: act × stage → accepted, accepted early, or refused with a sentence.

The stage is a fact of the case, moved by accepted decisions and outcomes; what this table lets through, the stages check
further against their own facts (is the obligation open, is the offer still the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from domain import commands as c
from domain.case import Case
from domain.errors import AlreadyClosed, WrongStage
from domain.values import Stage

ACCEPT: Final = "accept"
EARLY: Final = "early"
Verdict = str
"""`ACCEPT`, `EARLY`, or the sentence of the refusal."""

_LIVE = (Stage.ACKNOWLEDGEMENT, Stage.INVESTIGATION, Stage.COMPENSATION, Stage.FOLLOW_UP)
_ALWAYS: dict[Stage, Verdict] = dict.fromkeys(_LIVE, ACCEPT)


def _row(acknowledgement: Verdict, investigation: Verdict, compensation: Verdict, follow_up: Verdict) -> dict[Stage, Verdict]:
    return dict(zip(_LIVE, (acknowledgement, investigation, compensation, follow_up), strict=True))


_CONTACTED = "First contact has been made; tell the customer more with an answer."
_FINDINGS_STAND = (
    "The findings of this round stand and the customer has the answer; a repeat or an unresolved visit begins the next round."
)
_NO_FINDINGS = "There are no findings yet; the handler submits them first."
_RESOLVED = "The round is settled; only a repeat or an unresolved visit begins the next one."
_NOT_RESOLVED = "The complaint is not resolved yet; follow-up begins when a solution or the money has reached the customer."

HEARINGS: tuple[type[c.Command], ...] = (
    *(c.OpenReview, c.MakeStatement, c.Agree, c.Recuse, c.Rule, c.Appeal, c.DecideAppeal),
    *(c.ObjectToLateness, c.DecideObjection),
)
"""The network's own settlement: it goes on after the customer's part is over, and may begin after closing."""

ACTS: Mapping[type[c.Command], dict[Stage, Verdict]] = MappingProxyType(
    {
        c.RecordFirstContact: _row(ACCEPT, _CONTACTED, _CONTACTED, _CONTACTED),
        c.SubmitFindings: _row(EARLY, ACCEPT, ACCEPT, _FINDINGS_STAND),
        c.ReturnFindings: _row(_NO_FINDINGS, ACCEPT, ACCEPT, _RESOLVED),
        c.AskUnit: _row(EARLY, ACCEPT, ACCEPT, ACCEPT),
        c.ReplyToQuery: _ALWAYS,
        c.TellAnswer: _ALWAYS,
        c.ProposeCompensation: _row(_NO_FINDINGS, ACCEPT, ACCEPT, ACCEPT),
        c.LetGo: _row(_NO_FINDINGS, ACCEPT, ACCEPT, ACCEPT),
        # what came back is made anew whatever the stage: the stage itself says when no money waits
        c.DecideCompensation: _ALWAYS,
        c.RecordCustomerAnswer: _ALWAYS,
        c.RecordPayout: _ALWAYS,  # a repeat does not interrupt a payment: its outcome may come in the next round
        c.ConfirmDone: _row(_NOT_RESOLVED, _NOT_RESOLVED, _NOT_RESOLVED, ACCEPT),
        c.RecordVisit: _row(_NOT_RESOLVED, _NOT_RESOLVED, _NOT_RESOLVED, ACCEPT),
        **dict.fromkeys(HEARINGS, _ALWAYS),
        **dict.fromkeys((c.SupplyFacts, c.FurtherCall, c.RegulatorAppeal, c.Escalate), _ALWAYS),
        **dict.fromkeys((c.Pause, c.Resume, c.RequestDelay, c.DecideDelay, c.MakePromise, c.KeepPromise), _ALWAYS),
        **dict.fromkeys((c.ReportParcelFound, c.ChooseMoneyOrParcel, c.ConfirmRepaid), _ALWAYS),
        **dict.fromkeys((c.Reassign, c.HandOn, c.Withdraw, c.Merge, c.Cancel), _ALWAYS),
    }
)

_GO_ON_AFTER_THE_END: tuple[type[c.Command], ...] = (
    *HEARINGS,
    *(c.TellAnswer, c.RecordPayout),
    *(c.ReportParcelFound, c.ChooseMoneyOrParcel, c.ConfirmRepaid),
)
"""What money already paid (it may come back), and an authority already asked, still need after the customer withdrew."""


def check(case: Case, command: c.Command) -> Literal["accept", "early"]:
    """Accept or accept early; raises AlreadyClosed or WrongStage with the sentence."""
    if case.reviewed_later and isinstance(command, HEARINGS):
        return "accept"
    if case.stage is Stage.CLOSED:
        raise AlreadyClosed("The complaint is closed; a new call opens a complaint of its own.")
    if case.ended is not None and not isinstance(command, _GO_ON_AFTER_THE_END):
        raise AlreadyClosed(f"The complaint ended as {case.ended}; only its penalty review goes on.")
    verdict = ACTS[type(command)][case.stage]
    if verdict in (ACCEPT, EARLY):
        return "early" if verdict == EARLY else "accept"
    raise WrongStage(verdict)
