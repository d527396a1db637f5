"""Every decision about a complaint, as a table: the path, the command it becomes, the body it takes.

Who may take it stands in `domain.permits`; when, in `domain.acts`; what it does, in the workflow. A new decision is a
command there and a line here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api import bodies
from api.deciding import decide
from api.fields import Body
from api.intake_bodies import MissingFacts
from api.office import Key, TheOffice, Visible, Who, permitted, visible
from domain import commands
from domain.commands import Command

router = APIRouter(tags=["decisions"])


@dataclass(frozen=True)
class Act:
    """`names` is the field of the command with the id of what the decision brings about; the answer says it as `id`."""

    path: str
    command: type[Command]
    body: type[Body]
    does: str
    names: str | None = None
    status: int = 200


ACTS = (
    Act("first-contact", commands.RecordFirstContact, bodies.FirstContact, "The handler has spoken with the customer."),
    Act("findings", commands.SubmitFindings, bodies.Findings, "What the handler found."),
    Act("findings/return", commands.ReturnFindings, bodies.Reason, "The manager sends findings back as incomplete."),
    Act("answers", commands.TellAnswer, bodies.Answer, "What the customer or the authority was told."),
    Act(
        "compensation/proposal",
        commands.ProposeCompensation,
        bodies.Proposal,
        "Another sum than the computed one, with its reason.",
    ),
    Act("compensation/let-go", commands.LetGo, bodies.Reason, "Nothing is proposed in place of goodwill that came back."),
    Act("compensation/decision", commands.DecideCompensation, bodies.Approval, "Approve or reject the proposed sum."),
    Act("compensation/answer", commands.RecordCustomerAnswer, bodies.CustomerAnswer, "The customer accepts or declines."),
    Act("confirm-done", commands.ConfirmDone, bodies.Said, "The handler confirms it did what it promised."),
    Act("visits", commands.RecordVisit, bodies.Visit, "A follow-up visit and its result."),
    Act("facts", commands.SupplyFacts, MissingFacts, "Intake fields that were missing."),
    Act("escalate", commands.Escalate, bodies.Escalation, "Call the supervisor in."),
    Act("reassign", commands.Reassign, bodies.Reassignment, "Another person of the same unit (转派)."),
    Act("hand-on", commands.HandOn, bodies.HandingOn, "Another unit handles it (转办); the owner stays."),
    Act("withdraw", commands.Withdraw, bodies.Reason, "The customer withdraws, confirmed from the contact on record."),
    Act("merge", commands.Merge, bodies.Merging, "It is part of another complaint."),
    Act("cancel", commands.Cancel, bodies.Reason, "An operator ends it, with the reason."),
    Act("queries", commands.AskUnit, bodies.Question, "Ask another unit (协查).", "query", 201),
    Act("queries/{query}/reply", commands.ReplyToQuery, bodies.Reply, "Reply to another unit (协查回复)."),
    Act("pause", commands.Pause, bodies.Pause, "Contract clocks stand still (暂停计时).", "pause"),
    Act("resume", commands.Resume, bodies.Resumption, "End one pause, or all one may end (恢复计时)."),
    Act("delay-requests", commands.RequestDelay, bodies.DelayRequest, "Ask for more time (申请延迟).", "request", 201),
    Act(
        "delay-requests/{request}/decision",
        commands.DecideDelay,
        bodies.DelayDecision,
        "Grant more time, or not (延迟审批).",
    ),
    Act("promises", commands.MakePromise, bodies.Promise, "What the customer is promised, and by when (承诺).", "promise", 201),
    Act("promises/{promise}/kept", commands.KeepPromise, bodies.PromiseKept, "The promise is kept (承诺已兑现)."),
    Act("parcel-choice", commands.ChooseMoneyOrParcel, bodies.ParcelChoice, "The customer keeps the money, or takes the parcel."),
    Act("compensation/repaid", commands.ConfirmRepaid, bodies.Repaid, "Finance has the money back from the customer."),
)


def endpoint(act: Act) -> Any:
    async def take(body: Body, complaint: Visible, person: Who, office: TheOffice, key: Key = None, **ids: str) -> JSONResponse:
        route, named = act.path.format(**ids), ids | ({act.names: uuid4().hex} if act.names else {})
        decided = await decide(office, person, complaint, route, act.command, body, key, **named)
        answer = ({"id": named[act.names]} if act.names else {}) | decided.answer
        return JSONResponse(answer, act.status if decided.recorded else 202)

    return with_body(take, act.body, *re.findall(r"{(\w+)}", act.path))


def with_body(take: Callable[..., Any], body: type[Body], *ids: str) -> Callable[..., Any]:
    """The same route for another body and path: FastAPI reads both off the signature, so that each act documents its own."""
    said = inspect.signature(take, eval_str=True)
    parameters = [p.replace(annotation=body) if p.name == "body" else p for p in said.parameters.values()]
    named = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    named += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str) for name in ids]
    take.__signature__ = said.replace(parameters=named)  # type: ignore[attr-defined]
    return take


def may(command: type[Command]) -> list[Any]:
    """What is checked before a decision's body is looked at: that the complaint is in scope, then the role."""
    return [Depends(visible), Depends(permitted(command))]


for act in ACTS:
    router.add_api_route(
        f"/complaints/{{number}}/{act.path}",
        endpoint(act),
        methods=["POST"],
        status_code=act.status,
        name=act.command.__name__,
        summary=act.does,
        responses={202: {"description": "Taken; the register follows."}},
        dependencies=may(act.command),
    )
