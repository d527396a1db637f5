"""A complaint from the first call to the last visit, in virtual time."""

from __future__ import annotations

from domain.values import Outcome, Party, Stage
from tests.workflows.office import Office
from tests.workflows.played import SUPERVISOR


async def test_a_lost_insured_parcel_is_paid_by_its_sender_first_and_settled_between_the_branches_afterwards(
    office: Office,
) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    assert (await played.case()).stage is Stage.COMPENSATION
    await played.approved(SUPERVISOR)
    assert await played.sent() == [3000_00]
    await played.paid()
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 60, "minhang": 40})
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED
    assert played.balances == {
        "customers": 3000_00,
        "unit:minhang": -1200_00,
        "unit:foshan": -1800_00 - 100_00,
        "hq:quality_fund": 100_00,
    }
