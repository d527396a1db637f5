"""What customers are told passes the language guard; another wording or a reason is asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from api.bodies import Answer
from api.drafting import canonical
from tests.api.conftest import Counter, complaint
from tests.api.test_life import opened
from tests.api.test_refusals import is_problem, written

HIDING = "总部还没批，请您再等等。"
BY = "2030-01-01T09:00:00+08:00"
TOLD: dict[str, tuple[str, dict[str, Any]]] = {
    "interim message": ("answers", {"kind": "interim", "words": HIDING, "channel": "phone"}),
    "explanation": ("answers", {"kind": "explanation", "words": HIDING, "channel": "phone"}),
    "solution at first contact": ("first-contact", {"note": "已联系", "solved": True, "solution": HIDING}),
    "promise": ("promises", {"what": HIDING, "by": BY}),
}


async def answers(counter: Counter, number: str) -> list[dict[str, Any]]:
    """What the customer was told, as soon as the register has it."""
    for _ in range(100):
        shown = (await counter.get(f"/complaints/{number}", counter.as_("branch_agent", "minhang"))).json()
        if shown["answers"]:
            return list(shown["answers"])
        await asyncio.sleep(0.05)
    raise AssertionError(f"{number} has told nobody anything")


@pytest.mark.parametrize("said", TOLD)
async def test_what_hides_behind_headquarters_needs_another_wording(counter: Counter, said: str) -> None:
    number, agent = await opened(counter), counter.as_("branch_agent", "minhang")
    before = await written(counter)
    path, body = TOLD[said]
    refused = is_problem(await counter.post(f"/complaints/{number}/{path}", body, agent), 422)
    assert refused["type"] == "urn:amends:problem:needs-another-wording"
    assert "总部还没批" in refused["detail"]
    assert [found["phrase"] for found in refused["phrases"]] == ["总部还没批"]
    assert all(refused["phrases"][0]["why"][language] for language in ("zh", "en"))
    assert await written(counter) == before


async def test_a_solution_at_intake_is_looked_at_as_well(counter: Counter) -> None:
    agent, before = counter.as_("branch_agent", "minhang"), await written(counter)
    solved = complaint(waybill="guarded", solved_on_spot=True, solution="This is NOT  our fault.")
    assert is_problem(await counter.post("/complaints", solved, agent), 422)["errors"][0]["field"] == "solution"
    assert await written(counter) == before
    kept = await counter.post("/complaints", solved | {"despite": "客户亲口要求这样写"}, agent)
    assert kept.status_code == 201, kept.text
    (answer,) = await answers(counter, kept.json()["number"])
    assert (answer["words"], answer["despite"]) == ("This is NOT  our fault.", "客户亲口要求这样写")


async def test_with_a_reason_it_is_told_and_the_reason_is_on_record_for_staff_and_never_in_a_letter(counter: Counter) -> None:
    number, agent = await opened(counter), counter.as_("branch_agent", "minhang")
    await counter.post(f"/complaints/{number}/first-contact", {"note": "已联系"}, agent)
    body = {"kind": "interim", "words": HIDING, "channel": "phone"}
    assert (await counter.post(f"/complaints/{number}/answers", body, agent)).status_code == 422
    told = await counter.post(f"/complaints/{number}/answers", body | {"despite": "引用客户原话"}, agent, key="despite")
    assert told.status_code == 200, told.text
    shown = (await counter.get(f"/complaints/{number}", agent)).json()
    assert [(answer["words"], answer["despite"]) for answer in shown["answers"]] == [(HIDING, "引用客户原话")]
    reworded = await counter.post(f"/complaints/{number}/answers", body | {"words": "我们已报总部，今天17点前回复您。"}, agent)
    assert reworded.status_code == 200, reworded.text
    assert "despite" not in (await counter.get(f"/complaints/{number}", agent)).json()["answers"][1]
    for path in ("", "/timeline"):
        assert "引用客户原话" not in (await counter.get(f"/complaints/{number}{path}", counter.as_("operator"))).text
    async with counter.database.session() as session:
        letters = await session.execute(text("SELECT params FROM notices WHERE number = :number"), {"number": number})
        assert "引用客户原话" not in json.dumps([row[0] for row in letters], ensure_ascii=False)


@pytest.mark.parametrize("words", ["不知道", "。。。", "I don’t know"])
@pytest.mark.parametrize("despite", [None, "客户急着要答复"])
async def test_what_says_nothing_is_no_answer_whatever_the_reason(counter: Counter, words: str, despite: str | None) -> None:
    number, agent = await opened(counter), counter.as_("branch_agent", "minhang")
    before = await written(counter)
    body = {"kind": "regulator_reply", "words": words, "channel": "letter", "despite": despite}
    refused = is_problem(await counter.post(f"/complaints/{number}/answers", body, agent), 422)
    assert refused["type"] == "urn:amends:problem:says-nothing"
    reasonless = {"kind": "interim", "words": HIDING, "channel": "phone", "despite": words}
    assert (
        is_problem(await counter.post(f"/complaints/{number}/answers", reasonless, agent), 422)["errors"][0]["field"] == "despite"
    )
    assert await written(counter) == before


async def test_what_staff_note_among_themselves_is_theirs(counter: Counter) -> None:
    number, agent = await opened(counter), counter.as_("branch_agent", "minhang")
    noted = await counter.post(f"/complaints/{number}/first-contact", {"note": HIDING}, agent)
    assert noted.status_code == 200, noted.text


def test_a_decision_sent_again_after_a_release_is_still_the_same_decision() -> None:
    said = {"kind": "interim", "words": "今天回复您", "channel": "phone"}
    assert json.loads(canonical(Answer.model_validate(said))) == said
    assert json.loads(canonical(Answer.model_validate(said | {"despite": "原话"}))) == said | {"despite": "原话"}
