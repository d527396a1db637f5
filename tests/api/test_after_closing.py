"""After closing: what comes again continues the closed complaint, and nothing is paid, penalised or counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from tests.api.conftest import Counter, complaint
from tests.api.test_life import forward, until_closed
from tests.api.test_refusals import is_problem
from tests.api.test_whole_life import PAYEE, Case, yuan

AGENT = "branch_agent@minhang"
_waybills = count(1)


def waybill() -> str:
    return f"after-{next(_waybills)}"


async def brought(counter: Counter, **said: Any) -> tuple[int, dict[str, Any]]:
    answer = await counter.post("/complaints", complaint(**said), counter.as_("branch_agent", "minhang"))
    assert answer.status_code < 300, answer.text
    return answer.status_code, answer.json()


async def closed(counter: Counter, parcel: str, **said: Any) -> Case:
    """Withdrawn by the customer: the shortest life there is."""
    _, told = await brought(counter, waybill=parcel, **said)
    case = Case(counter, told["number"])
    await case.says(AGENT, "withdraw", {"reason": "客户撤诉"})
    await until_closed(counter, case.number)
    return case


async def long_ago(counter: Counter, number: str, days: int) -> None:
    async with counter.database.session() as session:
        at = datetime.now(UTC) - timedelta(days=days)
        await session.execute(text("UPDATE complaints SET closed_at = :at WHERE number = :number"), {"at": at, "number": number})


@pytest_asyncio.fixture(loop_scope="session")
async def old(counter: Counter) -> AsyncIterator[Case]:
    yield await closed(counter, waybill())


async def test_the_next_call_about_a_parcel_continues_what_was_closed_lately(counter: Counter) -> None:
    parcel = waybill()
    old = await closed(counter, parcel)
    status, told = await brought(counter, waybill=parcel, description="又来了")
    assert (status, told["links"]["continues"]) == (201, old.number)
    before, now = await old.seen(), await Case(counter, told["number"]).seen()
    assert (now["severity"], now["issue_count"], now["links"]["continues"]) == ("repeat", 2, old.number)
    assert (before["links"]["continued_by"], before["status"]) == (told["number"], "closed")
    assert before["reopened_at"]
    status, again = await brought(counter, waybill=parcel, description="第三次了")
    assert (status, again["number"]) == (200, told["number"])


async def test_after_thirty_days_the_next_call_is_a_complaint_of_its_own(counter: Counter) -> None:
    parcel = waybill()
    old = await closed(counter, parcel)
    await long_ago(counter, old.number, 31)
    is_problem(await counter.post(f"/complaints/{old.number}/repeat", {"reason": "又来了"}, counter.as_("hq_agent")), 409)
    status, told = await brought(counter, waybill=parcel, description="又来了")
    assert (status, told["links"]["continues"]) == (201, None)
    assert (await Case(counter, told["number"]).seen())["severity"] == "normal"


async def test_a_repeat_recorded_by_hand_opens_the_complaint_that_continues_it_once(counter: Counter, old: Case) -> None:
    await old.says("hq_agent", "chase", {"reason": "问题又出现了"}, 409)
    told = await old.says("hq_agent", "repeat", {"reason": "问题又出现了"}, 201)
    assert told["links"]["continues"] == old.number
    continued = Case(counter, told["number"])
    now = await continued.seen()
    assert (now["severity"], now["issue_count"], now["description"]) == ("repeat", 2, "问题又出现了")
    assert (now["waybill"], now["origin_branch"]) == ((await old.seen())["waybill"], "minhang")
    assert (await old.says("hq_agent", "repeat", {"reason": "问题又出现了"}))["number"] == continued.number
    heard = await old.says("hq_agent", "chase", {"reason": "再打一次"})
    assert (heard["number"], heard["chase"]) == (continued.number, True)
    assert (await continued.seen())["issue_count"] == 2


async def test_an_appeal_to_the_authority_continues_it_at_any_age_and_is_owed_a_reply(counter: Counter, old: Case) -> None:
    await long_ago(counter, old.number, 400)
    passed_on = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    appeal = {"appeal_number": "12305-777", "transferred_on": passed_on}
    told = await old.says("hq_agent", "regulator-appeal", appeal, 201)
    continued = Case(counter, told["number"])
    assert await continued.owed() == {"first_contact", "legal_answer", "regulator_reply"}
    now = await continued.seen()
    assert (now["channel"], now["regulator_appeal"], now["links"]["continues"]) == ("regulator_12305", "12305-777", old.number)
    assert (await old.says("hq_agent", "regulator-appeal", appeal))["number"] == continued.number
    await old.says("hq_agent", "regulator-appeal", appeal | {"appeal_number": "12305-778"})
    owed = [o for o in (await continued.seen())["obligations"] if o["obligation"] == "regulator_reply"]
    assert len(owed) == 2
    await old.says(AGENT, "regulator-appeal", appeal, 403)


async def test_an_appeal_that_was_never_transferred_yet_opens_nothing(counter: Counter, old: Case) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=900)).date().isoformat()
    await old.says("hq_agent", "regulator-appeal", {"appeal_number": "12305-999", "transferred_on": ahead}, 422)
    assert (await old.seen())["links"]["continued_by"] is None


async def test_the_same_request_under_its_key_opens_one_complaint(counter: Counter, old: Case) -> None:
    desk, path = counter.as_("hq_agent"), f"/complaints/{old.number}/repeat"
    both = [await counter.post(path, {"reason": "又来了"}, desk, key="once") for _ in range(2)]
    assert [answer.status_code for answer in both] == [201, 200]
    assert both[0].json()["number"] == both[1].json()["number"]
    is_problem(await counter.post(path, {"reason": "别的事"}, desk, key="once"), 422)


async def test_two_people_at_once_open_one_complaint(counter: Counter, old: Case) -> None:
    path = f"/complaints/{old.number}/repeat"
    people = [counter.as_("hq_agent", None, f"desk-{n}") for n in range(4)]
    answers = await asyncio.gather(*(counter.post(path, {"reason": f"来电 {n}"}, who) for n, who in enumerate(people)))
    assert sorted(answer.status_code for answer in answers).count(201) == 1
    async with counter.database.session() as session:
        found = await session.execute(text("SELECT count(*) FROM complaints WHERE continues = :n"), {"n": old.number})
        assert found.scalar_one() == 1


async def test_new_evidence_continues_it_and_a_reviewers_stays_for_a_correction(counter: Counter, old: Case) -> None:
    path = f"/v1/complaints/{old.number}/evidence"

    async def brings(who: dict[str, str], content: bytes) -> dict[str, Any]:
        answer = await counter.http.post(path, files={"file": ("监控.txt", content, "text/plain")}, headers=who)
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        return said

    assert "number" not in await brings(counter.as_("hq_reviewer"), b"for a correction")
    assert not (await old.seen())["reopened_at"]
    agent = counter.as_("branch_agent", "minhang")
    assert "number" not in await brings(agent, b"for a correction")  # it is there already
    first, second = await brings(agent, b"the parcel on film"), await brings(agent, b"the parcel on another film")
    assert first["number"] == second["number"] == (await old.seen())["links"]["continued_by"]
    now = await Case(counter, first["number"]).seen()
    assert [file["id"] for file in now["evidence"]] == [first["id"], second["id"]]
    assert (now["severity"], now["before"]["why"]) == ("repeat", "evidence")


async def test_a_complaint_through_the_authority_owes_it_a_reply_from_the_first_minute(counter: Counter) -> None:
    _, told = await brought(counter, waybill=waybill(), channel="regulator_12305", ticket="SS-2026-1")
    case = Case(counter, told["number"])
    assert "regulator_reply" in await case.owed()
    assert (await case.seen())["regulator_appeal"] == "SS-2026-1"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    ahead = complaint(waybill=waybill(), channel="regulator_12305", appeal_number="SS-2", transferred_on=tomorrow)
    is_problem(await counter.post("/complaints", ahead, counter.as_("hq_agent")), 422)


async def test_what_was_paid_and_penalised_before_stands_and_is_not_paid_again(counter: Counter) -> None:
    parcel = waybill()
    _, told = await brought(counter, waybill=parcel, payee=PAYEE)
    old = Case(counter, told["number"])
    await lived(old, "Q-101")
    assert (await until_closed(counter, old.number))["outcome"] == "resolved"
    told = await old.says("hq_agent", "repeat", {"reason": "还是没有解决"}, 201)
    continued = Case(counter, told["number"])
    before = (await continued.seen())["before"]
    assert (before["number"], before["why"], before["paid"]) == (old.number, "repeat", yuan(30))
    assert [(p["unit"], p["clause"], p["amount"]) for p in before["penalised"]] == [("foshan", "Q-101", yuan(20))]
    assert [p["what"] for p in before["promised"]] == ["两天内回电"]
    await continued.says(AGENT, "first-contact", {"note": "已联系"})
    await continued.says(AGENT, "findings", FINDINGS)
    now = await continued.seen()
    assert (now["compensation"]["computed"], now["payments"]) == (yuan(0), [])
    await continued.says(AGENT, "answers", {"kind": "explanation", "words": "运费已退", "channel": "phone"})
    review = f"/penalty-reviews/{continued.number}-R1"
    await continued.says("branch_agent@foshan", f"{review}/statement", {"statement": "已罚过", "stance": "contests"})
    again = {"clauses": [{"code": "Q-101", "branch": "foshan", "parcels": 1}], "reasons": "压件属实"}
    refused = await continued.says("hq_reviewer", f"{review}/ruling", again, 409)
    assert old.number in refused["detail"]
    assert any(step["facts"].get("paid_before") == yuan(30) for step in now["compensation"]["explanation"])


async def test_a_payment_that_came_back_is_unbooked_and_made_anew(counter: Counter) -> None:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE)
    old = Case(counter, told["number"])
    await lived(old, "Q-101")
    await until_closed(counter, old.number)
    back = {"reference": "V-1", "outcome": "returned"}
    told = await old.says("finance", "compensation/payout", back, 201)
    continued = Case(counter, told["number"])
    assert (await old.says("finance", "compensation/payout", back))["number"] == continued.number
    now = await continued.seen()
    assert (now["before"]["why"], now["before"]["paid"], now["severity"]) == ("payment_returned", yuan(0), "normal")
    assert now["before"]["lost"] == [{"payment": f"{old.number}-R1-P1", "amount": yuan(30), "outcome": "returned"}]
    assert [payment["state"] for payment in (await old.seen())["payments"]] == ["returned"]
    entries = (await counter.get("/ledger/entries", counter.as_("finance"), complaint=continued.number)).json()["items"]
    assert {entry["reverses"] for entry in entries} == {
        f"{old.number}-R1-P1:paid",
        f"{old.number}-R1-P1:charged",
        f"{old.number}-R1:share:{old.number}-R1-P1:1",
    }
    moved = {account: sum(e["amount"]["amount"] for e in entries if e["account"] == account) for account in ACCOUNTS}
    assert moved == {"hq:payout": 0, "customers": -3000, "unit:minhang": 0, "unit:foshan": 3000}
    await until_owed(continued, "approval")  # whatever the sum
    await continued.says(AGENT, "first-contact", {"note": "已联系"})
    await continued.says(AGENT, "findings", FINDINGS)
    assert (await continued.seen())["compensation"]["explanation"][-1]["rule"] == "paid_anew"
    await continued.says("hq_supervisor", "compensation/decision", {"approve": True})
    await until_owed(continued, "customer_answer")  # to whom, this time


async def paid_and_closed(counter: Counter) -> Case:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE)
    old = Case(counter, told["number"])
    await lived(old, "Q-101")
    await until_closed(counter, old.number)
    return old


async def until_owed(case: Case, what: str) -> None:
    for _ in range(100):
        if what in await case.owed():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{case.number} does not owe {what}: {await case.owed()}")


async def posted(counter: Counter, number: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (
        await counter.get("/ledger/entries", counter.as_("finance"), complaint=number, limit=100)
    ).json()["items"]
    return items


async def total(counter: Counter, *numbers: str) -> dict[str, int]:
    """What these complaints together moved."""
    entries = [entry for number in numbers for entry in await posted(counter, number) if entry["account"] in ACCOUNTS]
    return {account: sum(e["amount"]["amount"] for e in entries if e["account"] == account) for account in ACCOUNTS}


async def test_a_payment_that_comes_back_when_its_complaint_is_continued_is_heard_where_it_goes_on(counter: Counter) -> None:
    old = await paid_and_closed(counter)
    again = Case(counter, (await old.says(AGENT, "repeat", {"reason": "又来了"}, 201))["number"])
    assert (await again.seen())["before"]["paid"] == yuan(30)
    await old.says("finance", "compensation/payout", {"reference": "V-9", "outcome": "paid"}, 409)
    back = {"reference": "V-9", "outcome": "returned"}
    told = await old.says("finance", "compensation/payout", back)
    first = f"{old.number}-R1-P1"
    assert (told["number"], told["payment"], told["amount"]) == (again.number, first, yuan(30))
    for who in (old, again):  # told again, of the one or the other
        assert (await who.says("finance", "compensation/payout", back | {"payment": first}))["number"] == again.number
    assert [payment["state"] for payment in (await old.seen())["payments"]] == ["returned"]
    stands = (await again.seen())["before"]
    assert (stands["paid"], stands["lost"]) == (yuan(0), [{"payment": first, "amount": yuan(30), "outcome": "returned"}])
    entries = await posted(counter, again.number)
    reverses = {f"{first}:paid", f"{first}:charged", f"{old.number}-R1:share:{first}:1"}
    assert {entry["reverses"] for entry in entries} == reverses
    assert len(entries) == 6
    async with counter.database.session() as session:
        asked = text("SELECT \"to\" FROM notices WHERE number = :number AND template = 'payment_astray' ORDER BY 1")
        letters = (await session.execute(asked, {"number": again.number})).scalars()
        assert list(letters) == ["branch_agent@minhang", "finance@hq"]
    await until_owed(again, "approval")
    inbox = (await counter.get("/inbox", counter.as_("hq_supervisor"), obligation="approval")).json()["items"]
    assert again.number in {item["complaint"] for item in inbox}
    await again.says("finance", "compensation/decision", {"approve": True}, 403)
    await again.says("hq_supervisor", "compensation/decision", {"approve": True})
    await until_owed(again, "customer_answer")
    await again.says(AGENT, "compensation/answer", {"accepted": True}, 422)
    await again.says(AGENT, "compensation/answer", {"accepted": True, "payee": PAYEE | {"account": "6222020000009999"}})
    await again.says("finance", "compensation/payout", {"reference": "V-10", "outcome": "paid"})
    assert (
        await total(counter, old.number, again.number)
        == {
            "hq:payout": 0,
            "customers": 3000,
            "unit:minhang": -3000,
        }
        | PENALTY
    )
    async with counter.database.session() as session:
        held = await session.execute(
            text("SELECT p.key FROM payments p JOIN complaints c USING (number) WHERE c.waybill = :w AND p.state = 'paid'"),
            {"w": (await old.seen())["waybill"]},
        )
        assert list(held.scalars()) == [f"{again.number}-R1-P1"]


async def test_told_by_several_people_at_once_it_is_unbooked_once(counter: Counter) -> None:
    old = await paid_and_closed(counter)
    continued: set[str] = set()
    for outcome in ("misdirected", "returned"):  # opens a complaint, and is heard by it
        tellers = [counter.as_("finance", None, f"fan-{n}") for n in range(3)]
        said = [{"reference": f"V-{n}", "outcome": outcome} for n in range(3)]
        path = f"/complaints/{old.number}/compensation/payout"
        answers = await asyncio.gather(*(counter.post(path, body, who) for body, who in zip(said, tellers, strict=True)))
        assert {answer.status_code for answer in answers} <= {200, 201, 202, 409}
        continued |= {answer.json()["number"] for answer in answers if answer.is_success}
    (number,) = continued
    await until_owed(Case(counter, number), "approval")
    entries = await posted(counter, number)
    reversed_ = [entry["reverses"] for entry in entries if entry["reverses"]]
    assert len(reversed_) == len({*reversed_}) * 2  # each once, of two entries
    assert sum(entry["amount"]["amount"] for entry in entries if entry["account"] == "hq:receivables") == 0
    assert await total(counter, old.number, number) == dict.fromkeys(ACCOUNTS, 0) | PENALTY


async def test_who_approved_a_payment_of_the_closed_complaint_does_not_approve_the_one_in_its_place(counter: Counter) -> None:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE, category="pricing")
    old = Case(counter, told["number"])
    await old.says(AGENT, "first-contact", {"note": "已联系"})
    findings = FINDINGS | {"facts": {"overcharge": yuan(2500)}, "liable": [{"party": "customer", "share": 100}]}
    await old.says(AGENT, "findings", findings)
    await old.says("hq_supervisor", "compensation/decision", {"approve": True})
    await old.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    await old.says(AGENT, "withdraw", {"reason": "客户撤诉"})
    await until_closed(counter, old.number)
    again = Case(counter, (await old.says(AGENT, "repeat", {"reason": "又来了"}, 201))["number"])
    await old.says("finance", "compensation/payout", {"reference": "V-2", "outcome": "returned"})
    await until_owed(again, "approval")
    refused = await again.says("hq_supervisor", "compensation/decision", {"approve": True}, 409)
    assert refused["type"] == "urn:amends:problem:maker-is-checker"
    another = counter.as_("hq_supervisor", None, "another-supervisor")
    decided = await counter.post(f"/complaints/{again.number}/compensation/decision", {"approve": True}, another)
    assert decided.status_code == 200, decided.text


async def test_with_the_whole_chain_closed_it_opens_one_that_continues_the_newest_and_nothing_is_counted_twice(
    counter: Counter,
) -> None:
    old = await paid_and_closed(counter)
    again = Case(counter, (await old.says(AGENT, "repeat", {"reason": "又来了"}, 201))["number"])
    await again.says(AGENT, "withdraw", {"reason": "客户撤诉"})
    await until_closed(counter, again.number)
    wrong = {"reference": "V-7", "outcome": "misdirected"}
    third = Case(counter, (await old.says("finance", "compensation/payout", wrong, 201))["number"])
    now = await third.seen()
    assert (now["links"]["continues"], now["before"]["paid"], now["before"]["why"]) == (again.number, yuan(0), "payment_returned")
    assert (await old.says("finance", "compensation/payout", wrong))["number"] == third.number
    await until_owed(third, "approval")
    await third.says(AGENT, "withdraw", {"reason": "客户不要了"})
    await until_closed(counter, third.number)
    recovered = {"reference": "V-8", "outcome": "returned"}
    for _ in range(2):  # the money is back: off the receivables, and nothing is opened for it
        assert (await old.says("finance", "compensation/payout", recovered))["number"] == third.number
    entries = await posted(counter, third.number)
    assert sum(e["amount"]["amount"] for e in entries if e["account"] == "hq:receivables") == 0
    assert [e["reverses"] for e in entries].count(f"{old.number}-R1-P1:receivable") == 2  # one posting of two entries
    assert (await third.seen())["links"]["continued_by"] is None
    assert await total(counter, old.number, again.number, third.number) == dict.fromkeys(ACCOUNTS, 0) | PENALTY


async def test_a_payment_of_a_closed_complaint_is_never_taken_for_one_of_what_continues_it(counter: Counter) -> None:
    _, told = await brought(counter, waybill=waybill(), payee=PAYEE)
    old = Case(counter, told["number"])
    await lived(old, "Q-101")
    await until_closed(counter, old.number)
    again = Case(counter, (await old.says(AGENT, "repeat", {"reason": "又来了"}, 201))["number"])
    await again.says(AGENT, "first-contact", {"note": "已联系"})
    facts = {"overcharge": yuan(90)}
    await again.says(AGENT, "findings", FINDINGS | {"category": "pricing", "facts": facts})
    await old.says("finance", "compensation/payout", {"reference": "V-2", "outcome": "paid"}, 409)
    assert [payment["state"] for payment in (await again.seen())["payments"]] == ["sent"]
    of_the_new_one = {"reference": "V-2", "outcome": "paid", "payment": f"{again.number}-R1-P1"}
    await old.says("finance", "compensation/payout", of_the_new_one)
    await old.says("finance", "compensation/payout", {"reference": "V-3", "outcome": "returned"})  # its own
    assert [payment["state"] for payment in (await again.seen())["payments"]] == ["paid"]
    assert [payment["state"] for payment in (await old.seen())["payments"]] == ["returned"]


PENALTY = {"unit:foshan": -2000}
ACCOUNTS = ("hq:payout", "customers", "unit:minhang", "unit:foshan")
FINDINGS = {
    "validity": "effective",
    "cause": "目的网点压件三天",
    "remedy": "退还运费",
    "liable": [{"party": "destination", "share": 100}],
    "facts": {"days_late": 3, "same_region": False},
}


async def lived(case: Case, clause: str) -> None:
    """Paid, ruled on and visited: nothing but time is left until it closes. One promise is never kept."""
    counter, review = case.counter, f"{case.number}-R1"
    await case.says(AGENT, "first-contact", {"note": "已联系客户"})
    by = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    await case.says(AGENT, "promises", {"what": "两天内回电", "by": by}, 201)
    await case.says(AGENT, "findings", FINDINGS)
    await case.says("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})
    statement = {"statement": "认可", "stance": "contests"}
    await case.says("branch_agent@foshan", f"/penalty-reviews/{review}/statement", statement)
    ruling = {"clauses": [{"code": clause, "branch": "foshan", "parcels": 1}], "shares": [{"branch": "foshan", "share": 100}]}
    await case.says("hq_reviewer", f"/penalty-reviews/{review}/ruling", ruling | {"reasons": "压件属实"})
    visitor = counter.as_("branch_agent", "minhang", "visitor@minhang")
    for by in ("P4D", "P9D"):
        await forward(counter, case.number, by)
        visit = await counter.post(f"/complaints/{case.number}/visits", {"result": "satisfied", "channel": "phone"}, visitor)
        assert visit.status_code in (200, 202), visit.text
