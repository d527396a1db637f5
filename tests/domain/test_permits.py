"""Who may decide what: by role, then by what the person's unit is to the complaint."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.errors import NotPermitted
from domain.permits import WHO, permit, serves, units_for
from domain.rounds import Query
from domain.values import HQ_ROLES, Role
from tests.domain.complaints import COMMANDS, MONDAY, by, case, say
from tests.domain.test_reviews import review

AGENT, MANAGER, DESK = Role.BRANCH_AGENT, Role.BRANCH_MANAGER, Role.HQ_AGENT


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_decision_is_for_somebody_and_never_for_who_only_reads(kind: type[c.Command]) -> None:
    assert WHO[kind]
    assert not WHO[kind] & {Role.AUDITOR, Role.SYSTEM}


def test_nobody_may_take_a_decision_that_does_not_exist() -> None:
    assert set(WHO) == set(COMMANDS)


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_whatever_is_not_its_own(kind: type[c.Command], role: Role) -> None:
    said = say(kind, by(role, unit="hq"), review="", query="")
    if role in WHO[kind] & (HQ_ROLES | {Role.CUSTOMER}):
        assert permit(case(), said) is role
    elif role not in WHO[kind]:
        with pytest.raises(NotPermitted, match=f"you act as {role}"):
            permit(case(), said)


@pytest.mark.parametrize(
    ("kind", "role", "theirs"),
    [
        (c.RecordFirstContact, AGENT, {"foshan"}),  # the handler's
        (c.SubmitFindings, AGENT, {"foshan"}),
        (c.ReturnFindings, MANAGER, {"foshan"}),
        (c.ConfirmDone, AGENT, {"foshan"}),
        (c.Reassign, MANAGER, {"foshan"}),
        (c.ProposeCompensation, AGENT, {"minhang"}),  # the owner's, never the handler's
        (c.DecideCompensation, MANAGER, {"minhang"}),
        (c.RecordCustomerAnswer, AGENT, {"minhang"}),
        (c.RecordVisit, AGENT, {"minhang"}),
        (c.AskUnit, AGENT, {"minhang", "foshan"}),
        (c.TellAnswer, AGENT, {"minhang", "foshan"}),
        (c.Withdraw, AGENT, {"minhang", "foshan"}),  # no other branch takes a complaint back
        (c.ReplyToQuery, AGENT, {"dali"}),  # whoever was asked
        (c.MakeStatement, AGENT, {"foshan"}),
        (c.Appeal, AGENT, {"minhang", "foshan"}),
        (c.FurtherCall, AGENT, {"minhang", "foshan", "dali"}),
    ],
)
def test_branch_people_decide_only_for_their_own_unit(kind: type[c.Command], role: Role, theirs: set[str]) -> None:
    complaint = case(category="false_signoff")
    complaint.queries["q1"] = Query(id="q1", asker="minhang", asked="dali", question_ref="t", at=MONDAY, by="agent")
    complaint.reviews["A1-R1"] = review("foshan")
    assert (complaint.owner, complaint.handler) == ("minhang", "foshan")
    for unit in ("minhang", "foshan", "dali", "zhuhai"):
        said = say(kind, by(role, unit=unit), review="A1-R1", query="q1")
        assert set(units_for(complaint, said)) >= theirs
        if unit in theirs:
            assert permit(complaint, said) is role
        else:
            with pytest.raises(NotPermitted, match=f"you belong to {unit}"):
                permit(complaint, said)


def test_the_unit_above_may_act_for_the_units_below_and_not_the_other_way_round() -> None:
    complaint = case()
    assert permit(complaint, say(c.DecideCompensation, by(MANAGER, unit="east"))) is MANAGER
    assert serves(complaint, "east", ["minhang"])
    assert not serves(complaint, "minhang", ["east"])


def test_the_least_role_that_permits_goes_on_record() -> None:
    both = by(MANAGER, AGENT, Role.HQ_SUPERVISOR)
    assert permit(case(), say(c.SubmitFindings, both)) is AGENT
    assert permit(case(), say(c.DecideCompensation, both)) is MANAGER
    elsewhere = by(MANAGER, Role.HQ_SUPERVISOR, unit="dali")
    assert permit(case(), say(c.DecideCompensation, elsewhere)) is Role.HQ_SUPERVISOR


@pytest.mark.parametrize("kind", [c.ReplyToQuery, c.MakeStatement, c.Appeal])
def test_of_a_question_or_review_that_does_not_exist_those_who_take_part_are_told_so_by_its_stage(kind: type[c.Command]) -> None:
    assert permit(case(), say(kind, query="none", review="none")) is AGENT
    with pytest.raises(NotPermitted, match="the people of minhang or foshan"):
        permit(case(), say(kind, by(AGENT, unit="dali"), query="none", review="none"))


def test_who_stands_in_for_a_manager_holds_that_role_for_that_unit_and_those_below_and_nothing_more() -> None:
    decision = say(c.DecideCompensation, c.Actor(sub="ann", roles=(AGENT,), unit="dali", stands_in=("minhang",)), approve=True)
    assert permit(case(), decision) is MANAGER
    for above in ("east", "hq"):
        in_stead = c.Actor(sub="ann", roles=(AGENT,), unit="dali", stands_in=(above,))
        assert permit(case(), say(c.DecideCompensation, in_stead)) is (MANAGER if above == "east" else Role.HQ_SUPERVISOR)
    elsewhere = c.Actor(sub="ann", roles=(AGENT,), unit="minhang", stands_in=("dali",))
    with pytest.raises(NotPermitted, match="people of minhang"):  # an agent there, a manager's stand-in somewhere else
        permit(case(), say(c.DecideCompensation, elsewhere))
    assert not elsewhere.manages("minhang")
    assert elsewhere.manages("dali")
