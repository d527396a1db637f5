"""The ledger, its months, settlement statements and the penalty sheet over HTTP; the processes are away, the books are not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from domain.months import after, month_of
from domain.postings import advance, reversed_
from domain.record import PostingRow
from store import intake, rulebooks
from store.intake import Request
from store.register import Register
from tests.api.conftest import Counter
from tests.api.test_refusals import is_problem
from tests.store.books import final_line, final_review, late, offer, penalty
from tests.store.cases import fact, reported

Post = Callable[..., Awaitable[str]]
SPRING = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def books(lonely: Counter) -> Post:
    """Writes the books of a complaint as its process would; answers its number."""

    async def write(*rows: Any, waybill: str) -> str:
        async with lonely.database.session() as session:
            current = await rulebooks.active(session)
            assert current is not None
            pinned = {"rulebook_version": current.version, "rulebook_hash": current.hash}
            number = (await intake.accept(session, reported(waybill=waybill, **pinned), Request("c-agent"))).number
        told = [row(number) if callable(row) else row for row in rows]
        await Register(lonely.database).apply(number, [fact(1, "told", *told)])
        return number

    return write


def fined(amount: int = 10000, at: datetime = SPRING, unit: str = "foshan") -> Any:
    return lambda number: penalty(number, amount=amount, at=at, unit=unit)


def money(fen: int) -> dict[str, Any]:
    return {"amount": fen, "currency": "CNY"}


def cells(answer: httpx.Response, sheet: int = 0) -> list[tuple[Any, ...]]:
    book = load_workbook(BytesIO(answer.content))
    return [tuple(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


async def statement(lonely: Counter, branch: str, month: str, **query: Any) -> Any:
    return (await lonely.get(f"/settlements/{branch}/{month}", lonely.as_("finance"), **query)).json()


async def test_a_statement_goes_from_what_there_was_by_every_entry_to_what_there_is(lonely: Counter, books: Post) -> None:
    paid = await books(*advance(offer("P1", 30000), "houjie", datetime(2026, 1, 5, tzinfo=UTC)), waybill="B-1")
    fine = await books(fined(5000, datetime(2026, 2, 3, tzinfo=UTC), "houjie"), waybill="B-2")
    told = await statement(lonely, "houjie", "2026-02")
    assert (told["opening"], told["closing"], told["closed"]) == (money(-30000), money(-35000), False)
    (entry,) = told["entries"]
    assert (entry["complaint"], entry["clause"], entry["amount"], entry["balance"]) == (
        fine,
        "Q-203",
        money(-5000),
        money(-35000),
    )
    assert (entry["seq"], entry["posted_by"], entry["review"]) == (1, "c-agent", f"{fine}-R1")
    assert told["by_kind"] == {"penalty": money(-5000)}
    january, march = await statement(lonely, "houjie", "2026-01"), await statement(lonely, "houjie", "2026-03")
    assert ([e["complaint"] for e in january["entries"]], january["closing"]) == ([paid], told["opening"])
    assert (march["opening"], march["entries"], march["closing"]) == (told["closing"], [], told["closing"])
    account = (await lonely.get("/ledger/accounts/unit:houjie", lonely.as_("finance"))).json()
    assert account["balance"] == told["closing"]


async def test_a_statement_is_a_workbook_too_in_yuan(lonely: Counter, books: Post) -> None:
    number = await books(fined(12345, datetime(2026, 2, 3, tzinfo=UTC), "dali"), waybill="B-3")
    answer = await lonely.get("/settlements/dali/2026-02", lonely.as_("branch_manager", "dali"), format="xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="settlement-dali-2026-02.xlsx"'
    rows = cells(answer)
    assert ("期末 closing", -123.45) in [row[:2] for row in rows]
    assert rows[-1][1:] == ("penalty", number, f"{number}-R1", "Q-203", None, "c-agent", -123.45, -123.45)


async def test_a_unit_reads_its_own_statement_and_nobody_elses(lonely: Counter) -> None:
    own = await lonely.get("/settlements/zhuhai/2026-02", lonely.as_("branch_agent", "zhuhai"))
    assert (own.status_code, own.json()["opening"]) == (200, money(0))
    is_problem(await lonely.get("/settlements/zhuhai/2026-02", lonely.as_("branch_manager", "foshan")), 404)
    is_problem(await lonely.get("/settlements/nowhere/2026-02", lonely.as_("finance")), 404)
    for month in ("2026-13", "2026-2", "november", "26-02"):
        is_problem(await lonely.get(f"/settlements/zhuhai/{month}", lonely.as_("finance")), 422)


async def test_what_a_closed_unit_left_goes_to_its_successor_complaint_by_complaint(lonely: Counter, books: Post) -> None:
    path, finance = "/settlements/shenzhen/take-over", lonely.as_("finance")
    one = await books(fined(700, unit="shenzhen"), waybill="B-4")
    two = await books(*advance(offer("P1", 300), "shenzhen", SPRING), waybill="B-5")
    assert "is open" in is_problem(await lonely.post(path, {}, finance), 409)["detail"]
    async with lonely.database.session() as session:
        await session.execute(text("UPDATE units SET state = 'closed', successor = 'guangzhou' WHERE code = 'shenzhen'"))
    is_problem(await lonely.post(path, {}, lonely.as_("hq_supervisor")), 403)
    answer = await lonely.post(path, {}, finance)
    assert (answer.status_code, answer.json()["taken_over_by"], answer.json()["total"]) == (201, "guangzhou", money(-1000))
    assert {told["complaint"]: told["amount"] for told in answer.json()["complaints"]} == {one: money(-700), two: money(-300)}
    month = month_of(datetime.now(UTC))
    assert (await statement(lonely, "shenzhen", month))["closing"] == money(0)
    heir = await statement(lonely, "guangzhou", month)
    assert {entry["complaint"]: (entry["kind"], entry["amount"]["amount"]) for entry in heir["entries"]} == {
        one: ("settlement", -700),
        two: ("settlement", -300),
    }
    is_problem(await lonely.post(path, {}, finance), 409)
    await Register(lonely.database).apply(
        one, [fact(2, "corrected", reversed_(penalty(one, amount=700, unit="shenzhen"), SPRING))]
    )
    assert (await lonely.post(path, {}, finance)).json()["total"] == money(700)  # what came later follows
    assert (await statement(lonely, "shenzhen", month))["state"] == "closed"


async def test_the_fund_says_what_it_got_under_which_clause_from_whom_and_what_went_back(lonely: Counter, books: Post) -> None:
    may = datetime(2026, 5, 3, tzinfo=UTC)
    before = (await lonely.get("/ledger/fund/2026-05", lonely.as_("auditor"))).json()
    number = await books(fined(900, may, "zhuhai"), waybill="B-6")
    await Register(lonely.database).apply(
        number, [fact(2, "corrected", reversed_(penalty(number, amount=900, unit="zhuhai"), may))]
    )
    await books(fined(400, may, "zhuhai"), waybill="B-7")
    told = (await lonely.get("/ledger/fund/2026-05", lonely.as_("branch_agent", "dali"))).json()
    assert (told["income"], told["use"]) == (money(400), money(0))
    assert told["closing"]["amount"] == before["opening"]["amount"] + 400
    assert [(m["clause"], m["unit"], m["kind"], m["income"]["amount"], m["use"]["amount"]) for m in told["moved"]] == [
        ("Q-203", "zhuhai", "penalty", 1300, 0),
        ("Q-203", "zhuhai", "reversal", -900, 0),  # no income, and no use either
    ]
    rows = cells(await lonely.get("/ledger/fund/2026-05", lonely.as_("auditor"), format="xlsx"))
    assert rows[-1] == ("Q-203", "zhuhai", "reversal", 1, -9, 0)


# -- the penalty sheet


async def waits(lonely: Counter, role: str, month: str) -> str | None:
    """How the month's sheet stands in somebody's inbox, if it waits for them."""
    sheets = (await lonely.get("/inbox", lonely.as_(role))).json()["sheets"]
    return next((sheet["status"] for sheet in sheets if sheet["month"] == month), None)


async def test_a_sheet_is_drafted_sent_back_signed_published_and_executed(lonely: Counter, books: Post) -> None:
    boss, till, path = lonely.as_("hq_supervisor"), lonely.as_("finance"), "/penalty-sheets/2026-03"
    fine = await books(final_review, final_line, fined(), waybill="B-8")
    slow = await books(late("1:findings", until=SPRING), waybill="B-9")
    is_problem(await lonely.get(path, boss), 404)
    is_problem(await lonely.http.post(f"/v1{path}/sign", headers=boss), 409)  # nothing said is nothing read

    draft = (await lonely.post(path, {}, boss)).json()
    assert await waits(lonely, "hq_supervisor", "2026-03") == "draft"
    (owed,) = [sheet for sheet in (await lonely.get("/inbox", boss)).json()["sheets"] if sheet["month"] == "2026-03"]
    assert (owed["obligation"], owed["late"], owed["due"] > owed["since"]) == ("sheet_signature", False, True)
    assert (await lonely.get("/inbox", boss, mine=True)).json()["sheets"] == []
    assert await waits(lonely, "finance", "2026-03") is None
    assert (draft["status"], draft["revision"], draft["waits_for"]) == ("draft", 1, "hq_supervisor")
    own = {line["complaint"]: line for line in draft["lines"] if line["complaint"] in (fine, slow)}
    assert (own[fine]["source"], own[fine]["amount"], own[fine]["by"], own[fine]["parcels"]) == (
        "review",
        money(10000),
        "reviewer-7",
        1,
    )
    assert own[fine]["clause_zh"] != own[fine]["clause_en"] != "Q-203"
    assert (own[slow]["source"], own[slow]["clause"], own[slow]["beneficiary"]) == ("lateness", "Q-603", "hq:quality_fund")
    assert draft["total"]["amount"] == sum(line["amount"]["amount"] for line in draft["lines"])

    back = (await lonely.post(f"{path}/return", {"reason": "请核对厚街的一笔"}, boss)).json()
    assert (back["status"], back["returned"][0]["reason"]) == ("returned", "请核对厚街的一笔")
    assert "drafted again" in is_problem(await lonely.post(f"{path}/sign", {}, boss), 409)["detail"]
    assert (await lonely.post(path, {}, lonely.as_("hq_reviewer"))).json()["revision"] == 2

    stale = is_problem(await lonely.post(f"{path}/sign", {"hash": "0" * 64}, boss), 409)
    assert stale["type"] == "urn:amends:problem:sheet-has-changed"
    signed = (await lonely.post(f"{path}/sign", {"hash": draft["hash"]}, boss)).json()
    assert (signed["status"], signed["signed"]["by"], signed["hash"]) == ("signed", "hq_supervisor@hq", draft["hash"])
    for refused in ("sign", "return"):
        body = {"reason": "x"} if refused == "return" else {}
        assert is_problem(await lonely.post(f"{path}/{refused}", body, boss), 409)["type"].endswith("already-signed")
    is_problem(await lonely.post(path, {}, boss), 409)
    entries = (await lonely.get("/ledger/entries", till, complaint=slow)).json()["items"]
    assert [(e["account"], e["amount"]["amount"], e["kind"], e["clause"]) for e in entries] == [
        ("unit:foshan", -2000, "penalty", "Q-603"),
        ("hq:quality_fund", 2000, "penalty", "Q-603"),
    ]

    is_problem(await lonely.get(path, lonely.as_("branch_agent", "dali")), 404)
    is_problem(await lonely.post(f"{path}/executed", {}, till), 409)
    assert (await lonely.post(f"{path}/publish", {}, boss)).json()["waits_for"] == "finance"
    assert await waits(lonely, "finance", "2026-03") == "published"
    is_problem(await lonely.post(f"{path}/publish", {}, boss), 409)
    assert (await lonely.get(path, lonely.as_("branch_agent", "dali"))).json()["hash"] == draft["hash"]
    async with lonely.database.session() as session:
        told = await session.execute(
            text("""SELECT "to" FROM notices WHERE number = 'S2026-03' AND template = 'sheet_published'""")
        )
        assert "branch_manager@foshan" in told.scalars().all()

    one = {"lines": [own[fine]["id"]], "reference": "PZ-1"}
    part = (await lonely.post(f"{path}/executed", one, till)).json()
    assert (part["status"], part["unexecuted"]) == ("published", len(draft["lines"]) - 1)
    is_problem(await lonely.post(f"{path}/executed", {"lines": ["A0:nothing"]}, till), 409)
    done = (await lonely.post(f"{path}/executed", {"reference": "PZ-2"}, till)).json()
    assert (done["status"], done["unexecuted"], done["waits_for"]) == ("executed", 0, None)
    assert [(step["obligation"], step["done_at"] is not None, step["late"]) for step in done["steps"]] == [
        ("sheet_signature", True, False),
        ("sheet_correction", True, False),
        ("sheet_signature", True, False),
        ("sheet_publication", True, False),
        ("sheet_execution", True, False),
    ]
    marks = {line["id"]: line["executed"]["reference"] for line in done["lines"]}
    assert (marks[own[fine]["id"]], marks[own[slow]["id"]]) == ("PZ-1", "PZ-2")
    assert done["hash"] == draft["hash"]
    assert await waits(lonely, "finance", "2026-03") is None


async def test_the_hash_is_of_what_anybody_can_fetch_and_stands_in_the_workbook(lonely: Counter, books: Post) -> None:
    boss, path = lonely.as_("hq_supervisor"), "/penalty-sheets/2026-04"
    number = await books(final_review, final_line, fined(at=datetime(2026, 4, 9, tzinfo=UTC)), waybill="B-10")
    sheet = (await lonely.post(path, {}, boss)).json()
    canonical = await lonely.get(path, boss, format="canonical")
    assert hashlib.sha256(canonical.content).hexdigest() == sheet["hash"]
    assert number in {line["complaint"] for line in json.loads(canonical.content)["lines"]}
    book = await lonely.get(path, boss, format="xlsx")
    assert ("SHA-256", sheet["hash"]) in [row[:2] for row in cells(book)]
    assert [row[9] for row in cells(book, 1) if row[6] == number] == [100]
    await lonely.post(f"{path}/sign", {}, boss)
    assert "签发 signed hq_supervisor@hq" in [row[0] for row in cells(await lonely.get(path, boss, format="xlsx"))]
    unit = next(unit for unit in sheet["units"] if unit["unit"] == "foshan")
    assert ("foshan", unit["clauses"][0]["clause"]) in [row[:2] for row in cells(book)]


async def test_only_the_right_people_touch_a_sheet(lonely: Counter) -> None:
    path = "/penalty-sheets/2026-02"
    for role, act, body in (
        ("finance", "sign", {}),
        ("hq_reviewer", "sign", {}),
        ("hq_agent", "return", {"reason": "x"}),
        ("finance", "publish", {}),
        ("hq_supervisor", "executed", {}),
        ("auditor", "sign", {}),
    ):
        is_problem(await lonely.post(f"{path}/{act}", body, lonely.as_(role)), 403)
    is_problem(await lonely.post(path, {}, lonely.as_("branch_manager", "foshan")), 403)
    is_problem(await lonely.post(f"{path}/return", {}, lonely.as_("hq_supervisor")), 422)
    is_problem(await lonely.post(f"{path}/sign", {"hash": "not one"}, lonely.as_("hq_supervisor")), 422)


async def test_a_month_that_is_not_over_is_neither_drafted_nor_closed(lonely: Counter) -> None:
    current = month_of(datetime.now(UTC))
    for month in (current, after(current)):
        assert (
            "is not over" in is_problem(await lonely.post(f"/penalty-sheets/{month}", {}, lonely.as_("finance")), 409)["detail"]
        )
        assert (
            "is not over"
            in is_problem(await lonely.post(f"/ledger/months/{month}/close", {}, lonely.as_("finance")), 409)["detail"]
        )


async def test_words_in_a_workbook_are_never_a_formula(lonely: Counter, books: Post) -> None:
    def told(number: str) -> PostingRow:
        return penalty(number, at=datetime(2026, 6, 1, tzinfo=UTC), unit="zhuhai").model_copy(update={"clause": "=1+1"})

    await books(told, waybill="B-11")
    answer = await lonely.get("/settlements/zhuhai/2026-06", lonely.as_("finance"), format="xlsx")
    (cell,) = [
        cell for row in load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows() for cell in row if cell.value == "=1+1"
    ]
    assert cell.data_type == "s"


async def test_finance_closes_a_month_and_a_correction_lands_in_the_open_one(lonely: Counter, books: Post) -> None:
    """The last test of this module: it closes months."""
    fine = await books(fined(600, datetime(2026, 7, 9, tzinfo=UTC), "zhuhai"), waybill="B-12")
    is_problem(await lonely.post("/ledger/months/2026-07/close", {}, lonely.as_("hq_supervisor")), 403)
    (owed,) = (await lonely.get("/inbox", lonely.as_("finance"))).json()["months"]
    assert (owed["month"], owed["obligation"], owed["late"]) == ("2026-01", "month_close", True)  # and with it what came after
    assert owed["late_by"].startswith("PT")
    closed = await lonely.post("/ledger/months/2026-07/close", {}, lonely.as_("finance"))
    assert (closed.json()["closed"], closed.json()["closed_by"]) == (True, "finance@hq")
    frozen = await statement(lonely, "zhuhai", "2026-07")
    assert frozen["closed"]
    july = datetime(2026, 7, 30, tzinfo=UTC)
    await Register(lonely.database).apply(fine, [fact(2, "corrected", reversed_(penalty(fine, amount=600, unit="zhuhai"), july))])
    now = await statement(lonely, "zhuhai", "2026-07")
    assert {**now, "computed_at": None} == {**frozen, "computed_at": None}
    (entry,) = (await statement(lonely, "zhuhai", "2026-08"))["entries"]
    assert (entry["kind"], entry["reverses"], entry["month"], entry["amount"]) == (
        "reversal",
        f"{fine}-R1:1:penalty",
        "2026-08",
        money(600),
    )
    assert [month["month"] for month in (await lonely.get("/inbox", lonely.as_("finance"))).json()["months"]] == ["2026-08"]
    listed = (await lonely.get("/ledger/months", lonely.as_("auditor"))).json()["items"]
    assert {month["month"]: month["closed"] for month in listed}["2026-03"]
    again = await lonely.post("/ledger/months/2026-07/close", {}, lonely.as_("finance", sub="other"))
    assert again.json() == closed.json()
