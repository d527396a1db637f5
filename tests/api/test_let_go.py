"""Over HTTP: goodwill that came back is let go with a reason, and an offer is written with how it comes about."""

from __future__ import annotations

from uuid import uuid4

from sqlmodel import col, select

from store.tables import Notice
from tests.api.conftest import Counter, complaint
from tests.api.test_whole_life import PAYEE, Case, yuan

AGENT, MANAGER = "branch_agent@minhang", "branch_manager@minhang"
BY_MAIL = {"role": "sender", "name": "客户甲", "phone": "13800000007", "email": "jia@example.org", "language": "en"}


async def begun(counter: Counter, category: str, facts: dict[str, object]) -> Case:
    body = complaint(waybill=uuid4().hex, category=category, complainant=BY_MAIL)
    taken = await counter.post("/complaints", body, counter.as_("branch_agent", "minhang"))
    case = Case(counter, taken.json()["number"])
    found = {"validity": "effective", "cause": "态度", "remedy": "致歉", "facts": facts}
    await case.says(AGENT, "findings", found | {"liable": [{"party": "origin", "share": 100}]})
    return case


async def test_goodwill_that_was_rejected_is_let_go_with_a_reason_that_is_on_record(counter: Counter) -> None:
    case = await begun(counter, "service_attitude", {})
    await case.says(AGENT, "compensation/let-go", {"reason": "无"}, 409)
    await case.says(AGENT, "compensation/proposal", {"amount": yuan(80), "reason": "安抚"})
    await case.says(MANAGER, "compensation/decision", {"approve": False, "reason": "不必"})
    await case.says(AGENT, "compensation/let-go", {}, 422)
    await case.says("branch_agent@foshan", "compensation/let-go", {"reason": "无"}, 403)
    told = await case.says(AGENT, "compensation/let-go", {"reason": "致歉即可"})
    assert told["amount"] == yuan(80)
    timeline = await counter.get(f"/complaints/{case.number}/timeline", counter.as_("auditor"), limit=100)
    assert [event["actor"]["sub"] for event in timeline.json()["items"] if event["name"] == "proposal_let_go"] == [AGENT]
    assert "proposal" not in await case.owed()
    assert "tell_solution" in await case.owed()


async def test_an_offer_is_written_with_its_reasons_and_is_the_answer_the_law_asks_for(counter: Counter) -> None:
    case = await begun(counter, "pricing", {"overcharge": yuan(20)})
    assert "customer_answer" in await case.owed()
    assert "legal_answer" not in await case.owed()
    async with counter.database.session() as session:
        written = select(Notice).where(col(Notice.number) == case.number, col(Notice.template) == "offered")
        letter = (await session.execute(written)).scalar_one()
    assert letter.params["reasons"] == "The overcharge is returned: ¥20.00."
    await case.says(AGENT, "compensation/answer", {"accepted": True, "payee": PAYEE})
