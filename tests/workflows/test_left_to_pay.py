"""What a platform paid of a sum that waits leaves a smaller one, decided as what it is."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import Owed, Party, PayoutOutcome
from tests.workflows.office import Office
from tests.workflows.played import DAY, FINANCE, MANAGER, SUPERVISOR, Played, Refused


async def overcharged(office: Office, amount: int, *, payee: bool = True) -> Played:
    played = await office.complaint(category="pricing", payee_ref="payee-1" if payee else None)
    await played.found(facts=c.ParcelFacts(overcharge=amount), liable={Party.ORIGIN: 100})
    return played


async def refunded(played: Played, amount: int) -> None:
    """A platform refunded so much of it."""
    await played.say(c.RecordPayout, FINANCE, reference="T-1", outcome=PayoutOutcome.SETTLED_ELSEWHERE, amount=amount)


async def states(played: Played) -> list[OfferState]:
    return [offer.state for offer in (await played.case()).round.offers]


async def test_what_a_platform_leaves_to_pay_within_the_limit_is_paid_at_once_and_approved_by_nobody(office: Office) -> None:
    played = await overcharged(office, 500_00)
    assert Owed.APPROVAL in await played.owed()
    await refunded(played, 200_00)
    assert Owed.APPROVAL not in await played.owed()
    assert await played.sent() == [300_00]
    await played.paid()
    assert played.balances == {"customers": 300_00, "unit:minhang": -300_00}


async def test_silence_approves_what_a_platform_left_to_pay_and_not_what_was_owed_before(office: Office) -> None:
    played = await overcharged(office, 1000_00)
    await refunded(played, 400_00)
    await played.forward(DAY)
    assert await played.sent() == [600_00]
    assert await states(played) == [OfferState.SETTLED_ELSEWHERE, OfferState.SENT]


async def test_of_goodwill_silence_approves_no_more_than_is_computed_and_not_paid_elsewhere(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await played.proposed(900_00)
    await refunded(played, 200_00)
    await played.forward(DAY)
    assert await played.sent() == [300_00]
    [rest] = [offer for offer in (await played.case()).round.offers if offer.state is OfferState.PROPOSED]
    assert (rest.amount, rest.over) == (400_00, 300_00)


async def test_what_is_left_of_a_great_sum_is_for_the_manager_and_the_clock_runs_anew_for_them(office: Office) -> None:
    played = await overcharged(office, 3000_00)
    assert (await played.obligation(Owed.APPROVAL)).unit == "hq"
    await refunded(played, 1500_00)
    assert (await played.obligation(Owed.APPROVAL)).unit == "minhang"
    await played.approved(MANAGER, amount=1500_00)
    assert await played.sent() == [1500_00]


async def test_a_part_settled_elsewhere_brings_no_great_sum_under_the_managers_limit(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await played.proposed(2600_00)
    await refunded(played, 1000_00)
    with pytest.raises(Refused, match="NotPermitted"):
        await played.approved(MANAGER, amount=1600_00)
    await played.approved(SUPERVISOR, amount=1600_00)


async def test_nor_does_it_where_only_the_rest_of_the_sum_still_waits(office: Office) -> None:
    played = await overcharged(office, 500_00)
    await played.proposed(2600_00)
    await played.forward(DAY)
    await played.paid()
    await refunded(played, 1000_00)
    with pytest.raises(Refused, match="NotPermitted"):
        await played.approved(MANAGER, amount=1100_00)
    await played.approved(SUPERVISOR, amount=1100_00)


async def test_whoever_approves_sees_what_is_left_and_why(office: Office) -> None:
    played = await overcharged(office, 1000_00)
    await refunded(played, 400_00)
    row = played.rows("compensation")[-1]
    assert (row.computed, row.proposed) == (1000_00, 600_00)
    assert row.explanation[-1]["text"] == {
        "zh": "其中 ¥400.00 已由平台等另行赔付或退款，不重复支付，余 ¥600.00。",
        "en": "¥400.00 of it was settled elsewhere and is not paid again; ¥600.00 is left.",
    }


async def test_whoever_approves_a_proposal_made_after_a_part_was_had_reads_how_much(office: Office) -> None:
    played = await overcharged(office, 100_00)
    await played.paid(PayoutOutcome.REFUSED)
    await refunded(played, 40_00)
    await played.proposed(100_00)
    assert (await played.obligation(Owed.APPROVAL)).unit == "minhang"
    assert played.rows("compensation")[-1].explanation[-1]["text"] == {
        "zh": "规则计算 ¥100.00，客户已得 ¥40.00，经办人另提出 ¥100.00，理由见记录。",
        "en": "The rulebook computes ¥100.00, of which the customer has ¥40.00; ¥100.00 was proposed besides, "
        "for the reason on record.",
    }
