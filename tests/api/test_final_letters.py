"""A final response becomes a letter that is kept as evidence: written at once, once, and by housekeeping where it was missed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from adapters.evidence import EvidenceStorage
from api.chores import HouseChores
from tests.api.conftest import Counter
from tests.api.test_claims import settled
from tests.api.test_life import opened
from tests.api.test_refusals import is_problem
from tests.api.test_whole_life import yuan

FINAL = {"kind": "final_response", "words": "经查，贵件外包装完好，未发现短少。", "channel": "letter"}


async def answered(counter: Counter, number: str) -> dict[str, str]:
    """The complaint's letter, once it is there."""
    for _ in range(60):
        shown = (await counter.get(f"/complaints/{number}", counter.as_("auditor"))).json()
        if shown["evidence"]:
            (letter,) = shown["evidence"]
            return dict(letter)
        await asyncio.sleep(0.05)
    raise AssertionError(f"no letter in {number}")


async def test_a_declined_offer_ends_in_a_letter_with_reasons_reckoning_and_the_next_door(counter: Counter) -> None:
    agent = counter.as_("branch_agent", "minhang")
    number = await opened(counter, category="pricing", remedy_sought="退我五百元")
    findings = {"validity": "effective", "cause": "多收", "remedy": "退还", "facts": {"overcharge": yuan(120)}}
    await counter.post(f"/complaints/{number}/findings", findings, agent)
    await settled(counter, number, "offered")
    declined = await counter.post(f"/complaints/{number}/compensation/answer", {"accepted": False, "words": "太少"}, agent)
    assert declined.status_code in (200, 202), declined.text
    for _ in range(2):  # sent again, it is the same answer and the same letter
        answer = await counter.post(f"/complaints/{number}/answers", FINAL, agent, key="final")
        assert answer.status_code in (200, 202), answer.text
    letter = await answered(counter, number)
    assert (letter["media_type"], letter["brought_by"]) == ("text/html", "system")
    file = await counter.get(f"/complaints/{number}/evidence/{letter['id']}", agent)
    assert file.headers["content-type"].startswith("text/html")
    saved_as = letter["id"] + ".html"
    assert file.headers["content-disposition"] == f'attachment; filename="{saved_as}"'
    assert file.headers["x-content-sha256"] == letter["sha256"]
    for told in (number, "客户甲", FINAL["words"], "退我五百元", "费用争议", "¥120.00", "12305"):
        assert told in file.text
    is_problem(await counter.get(f"/complaints/{number}/evidence/{letter['id']}", counter.as_("operator")), 403)
    is_problem(await counter.get(f"/complaints/{number}/evidence/{letter['id']}", counter.as_("branch_agent", "dali")), 404)


async def test_housekeeping_writes_a_letter_that_was_missed_and_none_twice(counter: Counter, tmp_path: Path) -> None:
    agent = counter.as_("branch_agent", "minhang")
    number = await opened(counter, category="service_attitude")
    await counter.post(f"/complaints/{number}/findings", {"validity": "unfounded", "cause": "不属实", "remedy": "说明"}, agent)
    await counter.post(f"/complaints/{number}/answers", FINAL, agent)
    letter = await answered(counter, number)
    async with counter.database.session() as session:
        await session.execute(text("DELETE FROM evidence WHERE number = :number"), {"number": number})
    chores = HouseChores(counter.database, counter.desk(), EvidenceStorage(tmp_path, limit=0))
    assert await chores.write_final_letters() == 1
    assert await chores.write_final_letters() == 0
    again = await answered(counter, number)
    assert again["id"] == letter["id"]
