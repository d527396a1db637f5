"""Maker and checker are two people on every path: who found, proposed, approved, agreed, and says that it was paid."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain import commands as c
from domain.values import Owed, Party, PayoutOutcome
from tests.workflows.office import Office
from tests.workflows.played import AGENT, FINANCE, HQ_DESK, MANAGER, OTHER_SUPERVISOR, SUPERVISOR, Played, Refused

PROVINCE = "shu:branch_manager@shanghai"


@dataclass(frozen=True)
class Path:
    """Who makes a payment of the owner's and who wants to approve it; `owed_by` is whose decision it is."""

    about: str
    owner: str
    found: str
    proposed: str | None
    checker: str
    refused: str | None
    owed_by: str
    amount: int = 500_00


PATHS = [
    Path("a branch: an agent makes, the manager checks", "minhang", AGENT, None, MANAGER, None, "branch_manager@minhang"),
    Path("one person with two roles", "minhang", AGENT, None, "ann:branch_manager@minhang", "Maker", "branch_manager@minhang"),
    Path("its manager proposed", "minhang", AGENT, MANAGER, MANAGER, "Maker", "branch_manager@shanghai"),
    Path(
        "its manager found, another manager checks",
        "minhang",
        MANAGER,
        None,
        "min:branch_manager@minhang",
        None,
        "branch_manager@shanghai",
    ),
    Path("its manager found, the province checks", "minhang", MANAGER, None, PROVINCE, None, "branch_manager@shanghai"),
    Path("the manager and the province made it: HQ checks", "minhang", MANAGER, PROVINCE, SUPERVISOR, None, "hq_supervisor@hq"),
    Path("the manager and the province made it", "minhang", MANAGER, PROVINCE, PROVINCE, "Maker", "hq_supervisor@hq"),
    Path(
        "a stand-in checks what agents made",
        "minhang",
        AGENT,
        None,
        "stan:branch_agent@minhang/minhang",
        None,
        "branch_manager@minhang",
    ),
    Path(
        "the stand-in of the manager who made it",
        "minhang",
        AGENT,
        MANAGER,
        "stan:branch_agent@minhang/minhang",
        "stand in",
        "branch_manager@shanghai",
    ),
    Path(
        "a stand-in made it, and would approve as somebody else's",
        "minhang",
        "stan:branch_agent@minhang/minhang",
        None,
        "stan:branch_agent@minhang/shanghai",
        "Maker",
        "branch_manager@shanghai",
    ),
    Path(
        "the stand-in of the province above",
        "minhang",
        MANAGER,
        None,
        "stan:branch_agent@minhang/shanghai",
        None,
        "branch_manager@shanghai",
    ),
    Path(
        "HQ made it above the manager's limit: another of HQ checks",
        "minhang",
        AGENT,
        "sun:hq_agent@hq",
        OTHER_SUPERVISOR,
        None,
        "hq_supervisor@hq",
        2600_00,
    ),
    Path(
        "HQ made it above the manager's limit",
        "minhang",
        AGENT,
        "sun:hq_agent@hq",
        SUPERVISOR,
        "Maker",
        "hq_supervisor@hq",
        2600_00,
    ),
    Path("HQ owns: its desk makes, a supervisor checks", "hq", HQ_DESK, None, SUPERVISOR, None, "hq_supervisor@hq"),
    Path("HQ owns: the finder is supervisor too", "hq", HQ_DESK, None, "he:hq_supervisor@hq", "Maker", "hq_supervisor@hq"),
    Path(
        "HQ owns: the supervisor proposed",
        "hq",
        HQ_DESK,
        "sun:hq_agent+hq_supervisor@hq",
        SUPERVISOR,
        "Maker",
        "hq_supervisor@hq",
    ),
    Path(
        "HQ owns: the supervisor proposed, another checks",
        "hq",
        HQ_DESK,
        "sun:hq_agent+hq_supervisor@hq",
        OTHER_SUPERVISOR,
        None,
        "hq_supervisor@hq",
    ),
    Path(
        "HQ owns: the finder would approve another's proposal",
        "hq",
        "he:hq_agent+hq_supervisor@hq",
        "hua:hq_agent@hq",
        "he:hq_supervisor@hq",
        "Maker",
        "hq_supervisor@hq",
    ),
    Path(
        "HQ owns: the stand-in of the supervisor who made it",
        "hq",
        "sun:hq_agent+hq_supervisor@hq",
        None,
        "stan:hq_agent@hq/hq",
        "stand in",
        "hq_supervisor@hq",
    ),
    Path("HQ owns: a stand-in checks what its desk made", "hq", HQ_DESK, None, "stan:hq_agent@hq/hq", None, "hq_supervisor@hq"),
    Path(
        "HQ owns, above every limit: the maker",
        "hq",
        "sun:hq_agent+hq_supervisor@hq",
        None,
        SUPERVISOR,
        "Maker",
        "hq_supervisor@hq",
        2600_00,
    ),
    Path(
        "HQ owns, above every limit: another",
        "hq",
        "sun:hq_agent+hq_supervisor@hq",
        None,
        OTHER_SUPERVISOR,
        None,
        "hq_supervisor@hq",
        2600_00,
    ),
]


async def overcharged(office: Office, owner: str, amount: int, found: str) -> Played:
    played = await office.complaint(category="pricing", origin=owner, payee_ref="payee-1")
    await played.found(by=found, facts=c.ParcelFacts(overcharge=amount), liable={Party.ORIGIN: 100})
    return played


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.about.replace(" ", "-"))
async def test_nobody_approves_what_they_had_a_part_in(office: Office, path: Path) -> None:
    played = await overcharged(office, path.owner, path.amount, path.found)
    if path.proposed is not None:
        await played.proposed(path.amount + 1_00, by=path.proposed)
    approval = await played.obligation(Owed.APPROVAL)
    assert f"{approval.role}@{approval.unit}" == path.owed_by
    if path.refused is None:
        await played.approved(path.checker)
        return
    with pytest.raises(Refused, match=f"MakerIsChecker.*{'' if path.refused == 'Maker' else path.refused}"):
        await played.approved(path.checker)


async def test_where_the_owners_manager_made_what_hq_decides_a_colleague_waits_for_hqs_silence_all_the_same(
    office: Office,
) -> None:
    played = await overcharged(office, "minhang", 2500_00, MANAGER)
    with pytest.raises(Refused, match="NotPermitted.*decides first"):
        await played.approved("min:branch_manager@minhang")
    await played.past(Owed.APPROVAL)
    await played.approved("min:branch_manager@minhang")


async def test_whoever_supplied_the_fact_a_sum_lacked_does_not_approve_it(office: Office) -> None:
    played = await office.complaint(category="loss", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(proven_value=990_00, value_basis="invoice"), liable={Party.ORIGIN: 100})
    await played.say(c.SupplyFacts, MANAGER, freight=140_00)
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.unit, approval.role) == ("shanghai", "branch_manager")
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.approved(MANAGER)
    await played.approved(PROVINCE)


async def test_limits_hold_for_all_that_the_customer_has_so_that_none_is_passed_in_small_sums(office: Office) -> None:
    played = await overcharged(office, "minhang", 1990_00, AGENT)
    await played.approved(MANAGER)
    await played.paid()
    await played.proposed(60_00)
    approval = await played.obligation(Owed.APPROVAL)
    assert (approval.role, approval.unit) == ("hq_supervisor", "hq")


# -- finance


async def test_whoever_found_what_is_owed_does_not_confirm_its_payment_though_nobody_had_to_approve_it(office: Office) -> None:
    played = await overcharged(office, "minhang", 300_00, AGENT)
    assert await played.sent() == [300_00]
    for outcome in (PayoutOutcome.PAID, PayoutOutcome.REFUSED, PayoutOutcome.UNKNOWN, PayoutOutcome.SETTLED_ELSEWHERE):
        with pytest.raises(Refused, match="MakerIsChecker.*somebody else of finance"):
            await played.say(c.RecordPayout, "ann:finance@hq", reference="V1", outcome=outcome)
    await played.paid()
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.say(c.RecordPayout, "ann:finance@hq", reference="V1", outcome=PayoutOutcome.RETURNED)


@pytest.mark.parametrize("hand", ["mao", "pat", "agreed", "payee"])
async def test_whoever_proposed_approved_agreed_or_named_the_payee_does_not_confirm_the_payment(
    office: Office, hand: str
) -> None:
    played = await office.complaint(category="pricing")
    await played.found(facts=c.ParcelFacts(overcharge=400_00), liable={Party.ORIGIN: 100})
    await played.proposed(350_00, by="pat:branch_agent@minhang")
    await played.approved(MANAGER)
    await played.say(c.SupplyFacts, "payee:branch_agent@minhang", payee_ref="payee-1")
    await played.say(c.RecordCustomerAnswer, "agreed:branch_agent@minhang", accepted=True)
    assert await played.sent() == [350_00]
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.say(c.RecordPayout, f"{hand}:finance@hq", reference="V1", outcome=PayoutOutcome.PAID)
    await played.say(c.RecordPayout, FINANCE, reference="V1", outcome=PayoutOutcome.PAID)


async def test_finance_that_took_the_complaint_with_its_payee_does_not_confirm_the_payment(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1", received_by="fan")
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.ORIGIN: 100})
    assert await played.sent() == [100_00]
    with pytest.raises(Refused, match="MakerIsChecker"):
        await played.paid()
    await played.say(c.RecordPayout, "flo:finance@hq", reference="V1", outcome=PayoutOutcome.PAID)
