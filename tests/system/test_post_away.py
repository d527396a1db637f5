"""The mail server away: the complaint does not notice, and the letters go when it is there."""

from __future__ import annotations

from tests.adapters.post_office import PostOffice
from tests.system.house import House, until
from tests.system.people import Counter

NOTICES = "SELECT state, attempts, last_error FROM notices WHERE number = %s AND \"to\" = 'complainant'"


async def test_a_complaint_goes_on_without_letters_which_are_sent_once_when_the_post_office_opens(
    house: House, counter: Counter
) -> None:
    case = await counter.open(
        complainant={"role": "sender", "name": "客户甲", "phone": "13800000001", "email": "jia@example.com", "language": "zh"}
    )

    async def tried() -> bool:
        return any(row["attempts"] and row["last_error"] for row in await house.rows(NOTICES, case.number))

    await until(tried)
    await case.insists("branch_agent@guangzhou", "first-contact", {"note": "已联系客户"})
    assert {row["state"] for row in await house.rows(NOTICES, case.number)} == {"waiting"}

    office = PostOffice()
    office.port = house.ports["post"]
    await office.open()

    async def sent() -> bool:
        return all(row["state"] == "sent" for row in await house.rows(NOTICES, case.number))

    try:
        await until(sent, 45)
    finally:
        await office.close()
    told = [letter for letter, to in zip(office.letters, office.recipients, strict=True) if to == "jia@example.com"]
    assert len(told) == len({letter["Message-ID"] for letter in told}) == len(await house.rows(NOTICES, case.number))
    assert any(case.number in letter.get_content() for letter in told)
