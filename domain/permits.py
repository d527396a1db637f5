"""Who may take which decision (domain §1): first by role, then by what the role's unit is to the complaint.

`WHO` is what a route checks at the door (403); `permit` is what the running complaint checks, against the units as they
are now, and answers the least role that permits the act, which is what goes on record. Who stands in for a manager (代理)
holds that role for that unit, and nothing more.
HQ roles act for the whole network; branch roles only for their own unit and the units below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain import commands as c
from domain.case import Case
from domain.errors import NotPermitted
from domain.values import HQ_ROLES, Role

_BRANCH = (Role.BRANCH_AGENT, Role.BRANCH_MANAGER)
_DESK = frozenset({*_BRANCH, Role.HQ_AGENT})

WHO: Mapping[type[c.Command], frozenset[Role]] = MappingProxyType(
    {
        c.RecordFirstContact: _DESK,
        c.SubmitFindings: _DESK,
        c.ReturnFindings: frozenset({Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR}),
        c.AskUnit: _DESK | {Role.HQ_REVIEWER},
        c.ReplyToQuery: _DESK,
        c.TellAnswer: _DESK,
        c.ProposeCompensation: _DESK,
        c.LetGo: _DESK,
        c.DecideCompensation: frozenset({Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR}),
        c.RecordCustomerAnswer: _DESK,
        c.RecordPayout: frozenset({Role.FINANCE}),
        c.MakeStatement: _DESK,
        c.Rule: frozenset({Role.HQ_REVIEWER}),
        c.OpenReview: frozenset({Role.HQ_REVIEWER}),
        c.Agree: _DESK | {Role.HQ_REVIEWER},
        c.Recuse: frozenset({Role.HQ_REVIEWER, Role.HQ_SUPERVISOR}),
        c.Appeal: _DESK | {Role.HQ_REVIEWER},
        c.DecideAppeal: frozenset({Role.HQ_SUPERVISOR}),
        c.ObjectToLateness: _DESK,
        c.DecideObjection: frozenset({Role.HQ_REVIEWER}),
        c.ConfirmDone: _DESK,
        c.RecordVisit: _DESK,
        c.SupplyFacts: _DESK,
        c.FurtherCall: _DESK | {Role.CUSTOMER},
        c.RegulatorAppeal: frozenset({Role.HQ_AGENT}),
        c.Escalate: _DESK | {Role.HQ_SUPERVISOR},
        c.Reassign: frozenset({Role.BRANCH_MANAGER, Role.HQ_AGENT, Role.HQ_SUPERVISOR}),
        c.HandOn: _DESK,
        c.Pause: _DESK | {Role.HQ_REVIEWER, Role.HQ_SUPERVISOR},
        c.Resume: _DESK | {Role.HQ_REVIEWER, Role.HQ_SUPERVISOR},
        c.RequestDelay: _DESK,
        c.DecideDelay: frozenset({Role.BRANCH_MANAGER, Role.HQ_REVIEWER, Role.HQ_SUPERVISOR}),
        c.MakePromise: _DESK,
        c.KeepPromise: _DESK,
        c.ReportParcelFound: _DESK,
        c.ChooseMoneyOrParcel: _DESK,
        c.ConfirmRepaid: frozenset({Role.FINANCE}),
        c.Withdraw: _DESK,
        c.Merge: frozenset({Role.HQ_AGENT, Role.HQ_SUPERVISOR}),
        c.Cancel: frozenset({Role.OPERATOR}),
    }
)

_RANK = (*_BRANCH, Role.HQ_AGENT, Role.HQ_REVIEWER, Role.FINANCE, Role.HQ_SUPERVISOR, Role.OPERATOR, Role.CUSTOMER)


def units_for(case: Case, command: c.Command) -> tuple[str, ...]:
    """The units whose branch people may take this decision now; the units above theirs may as well."""
    match command:
        case c.RecordFirstContact() | c.SubmitFindings() | c.ReturnFindings() | c.ConfirmDone() | c.Reassign():
            return (case.handler,)
        case c.ProposeCompensation() | c.LetGo() | c.DecideCompensation() | c.RecordCustomerAnswer() | c.RecordVisit():
            return (case.owner,)
        case c.AskUnit() | c.TellAnswer() | c.SupplyFacts() | c.HandOn() | c.Withdraw():
            return (case.owner, case.handler)
        case c.Pause() | c.Resume() | c.MakePromise() | c.KeepPromise() | c.ChooseMoneyOrParcel():
            return (case.owner, case.handler)
        case c.RequestDelay(obligation=named):
            return tuple(dict.fromkeys(o.unit for o in case.obligations.values() if o.is_open and named in (o.key, o.owed)))
        case c.DecideDelay(request=request) if request in case.delays:
            return (case.obligations[case.delays[request].obligation].unit,)
        case c.ReplyToQuery(query=query):
            return (case.queries[query].asked,) if query in case.queries else tuple(case.units)
        case c.MakeStatement(review=review):
            return _acting(case, case.reviews[review].respondents) if review in case.reviews else tuple(case.units)
        case c.Appeal(review=review) | c.Agree(review=review):
            return _acting(case, case.reviews[review].sides) if review in case.reviews else tuple(case.units)
        case c.ObjectToLateness(line=line):
            return _acting(case, [case.lateness[line].unit]) if line in case.lateness else tuple(case.units)
        case _:
            return tuple(case.units)


def _acting(case: Case, units: Iterable[str]) -> tuple[str, ...]:
    """Those units; for one that left the network, who does its work."""
    return tuple(dict.fromkeys(case.acting_for(unit) for unit in units))


def permit(case: Case, command: c.Command) -> Role:
    """The least role of the actor that permits the command, or `NotPermitted` with the reason."""
    allowed = WHO[type(command)]
    held = [role for role in _RANK if role in allowed and role in command.actor.acts_as]
    if not held:
        raise NotPermitted(f"This is for {_names(allowed)}; you act as {_names(command.actor.roles)}.")
    units = units_for(case, command)
    for role in held:
        if role in HQ_ROLES or role is Role.CUSTOMER:
            return role
        if any(serves(case, unit, units) for unit in command.actor.units_as(role)):
            return role
    if not units:
        raise NotPermitted("Nobody owes that in this complaint now.")
    raise NotPermitted(f"This is for the people of {' or '.join(dict.fromkeys(units))}; you belong to {command.actor.unit}.")


def in_stead_of(case: Case, actor: c.Actor, role: Role) -> str | None:
    """Whose manager somebody stood in for when they decided in that role: for the record."""
    if role in actor.roles and actor.unit in case.units:
        return None
    return next((f"{role}@{unit}" for unit in actor.stands_in if c.manager_role(unit) is role), None)


def in_a_makers_stead(case: Case, actor: c.Actor, role: Role) -> bool:
    """They decide for the owner only as stand-in of a manager who had a part in the round's money."""
    if role in actor.roles and (role in HQ_ROLES or serves(case, actor.unit, (case.owner,))):
        return False
    stead = [unit for unit in actor.stands_in if c.manager_role(unit) is role and serves(case, unit, (case.owner,))]
    return all(unit in case.round.managed for unit in stead)


def serves(case: Case, unit: str, units: Iterable[str]) -> bool:
    """True when `unit` is one of `units` or stands above one of them."""
    return any(unit == other or unit in case.ancestors(other) for other in units)


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles)) or "nobody"
