"""The real register, whatever is posted in whatever order: money is conserved, what is closed stays, nothing happens twice, and
every entry walks back to its complaint (or use of the fund), its clause and a person."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain import astray, months, postings
from domain.errors import MakerIsChecker
from domain.fund import FundTooSmall, FundUse, UseStatus
from domain.offers import Offer, OfferState
from domain.record import Fact, PostingRow
from domain.reviews import Line, Review, Share
from domain.rows import line_rows, review_row
from domain.values import Role, Severity, UnitState
from store import fund, intake, ledger, penalty_sheets, settlements
from store import months as closing
from store.database import Database
from store.intake import Request
from store.register import Register
from store.settlements import NothingToSettle
from store.tables import Unit
from tests.domain.complaints import PLAN
from tests.domain.test_reviews import percents
from tests.store.books import late, offer
from tests.store.cases import MONDAY, reported
from tests.store.laws import CLOSED, LAWS, MEDDLING

CLAUSES, UNITS = PLAN.penalties.clauses, ["minhang", "foshan", "dali"]
FUND = postings.QUALITY_FUND
Answer = TypeVar("Answer")


class Case:
    def __init__(self, number: str, owner: str) -> None:
        self.number, self.owner, self.seq = number, owner, 0
        self.paid: list[Offer] = []
        self.reviews: list[Review] = []
        self.penalties: list[PostingRow] = []


class Books(RuleBasedStateMachine):
    """What people do, done to the register; beside it, a model of what must have been posted."""

    new_database: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.database = asyncio.Runner(), Database(type(self).new_database())
        self.register, self.now, self.closed, self.hash = Register(self.database), MONDAY, "", None
        self.cases: list[Case] = []
        self.uses: list[FundUse] = []
        self.posted: dict[tuple[str, str], tuple[PostingRow, str]] = {}

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()

    def within(self, work: Callable[[Any], Coroutine[Any, Any, Answer]]) -> Answer:
        async def session() -> Answer:
            async with self.database.session() as opened:
                return await work(opened)

        return self.runner.run(session())

    def expect(self, number: str, *rows: PostingRow | None) -> list[PostingRow]:
        told = [row for row in rows if row is not None]
        for row in told:
            month = months.posted_in(months.month_of(row.posted_at), self.closed or None)
            assert (number, row.key) not in self.posted
            self.posted[number, row.key] = (row, month)
        return told

    def happened(self, case: Case, by: str, *rows: Any) -> None:
        """Told as its process would tell it: at least once, sometimes twice."""
        case.seq += 1
        self.expect(case.number, *(row for row in rows if isinstance(row, PostingRow)))
        fact = Fact(seq=case.seq, at=self.now, name="told", actor=by, role=Role.HQ_REVIEWER, rows=[row for row in rows if row])
        for _ in range(1 + case.seq % 2):
            self.runner.run(self.register.apply(case.number, [fact]))

    def balance(self, account: str) -> int:
        return sum(entry.amount for row, _ in self.posted.values() for entry in row.entries if entry.account == account)

    def a_case(self, data: st.DataObject, wanted: Callable[[Case], Any]) -> Case | None:
        found = [case for case in self.cases if wanted(case)]
        return data.draw(st.sampled_from(found)) if found else None

    # -- what happens

    @initialize(data=st.data(), shares=percents())
    def a_month_of_business(self, data: st.DataObject, shares: list[Share]) -> None:
        """So that there is something to appeal against, to correct, to lose and to spend from the first step on."""
        for owner in UNITS[:2]:
            self.received(owner)
            self.paid(data, 30_000)
            self.ruled(data, shares, [20_000, 5_000])
        self.became_final(data)

    @precondition(lambda self: len(self.cases) < 4)
    @rule(owner=st.sampled_from(UNITS))
    def received(self, owner: str) -> None:
        brought = reported(waybill=f"M-{len(self.cases)}", origin=owner, owner=owner)
        number = self.within(lambda session: intake.accept(session, brought, Request("c-agent"))).number
        self.cases.append(Case(number, owner))

    @rule(data=st.data(), amount=st.integers(1, 10**7))
    def paid(self, data: st.DataObject, amount: int) -> None:
        case = data.draw(st.sampled_from(self.cases))
        case.paid.append(offer(f"{case.number}-P{case.seq}", amount))
        self.happened(case, "finance-1", *postings.advance(case.paid[-1], case.owner, self.now))

    @rule(data=st.data(), lost=st.sampled_from([OfferState.RETURNED, OfferState.MISDIRECTED]))
    def went_astray(self, data: st.DataObject, lost: OfferState) -> None:
        """The money comes back, or is in wrong hands first; what was booked and shared of it is taken back."""
        if (case := self.a_case(data, lambda case: case.paid)) is None:
            return
        payment = data.draw(st.sampled_from(case.paid))
        to = OfferState.RETURNED if payment.state is OfferState.MISDIRECTED else lost
        rows = astray.unbooked(payment, case.owner, case.reviews, to, self.now)
        payment.state = to
        case.paid = [each for each in case.paid if each.state is not OfferState.RETURNED]
        self.happened(case, "finance-1", *rows)

    @rule(data=st.data(), shares=percents(), amounts=st.lists(st.integers(1, 100_000), min_size=1, max_size=3))
    def ruled(self, data: st.DataObject, shares: list[Share], amounts: list[int]) -> None:
        case = data.draw(st.sampled_from(self.cases))
        id = f"{case.number}-R{len(case.reviews) + 1}"
        review = Review(
            id=id,
            round=len(case.reviews) + 1,
            severity=Severity.NORMAL,
            claimant=case.owner,
            claimant_is_quality=False,
            respondents=UNITS,
            opened_at=self.now,
            ruled_by="reviewer-1",
            ruled_at=self.now,
        )
        lines = st.tuples(st.sampled_from(UNITS), st.sampled_from(sorted(CLAUSES)))
        for place, amount in enumerate(amounts, 1):
            unit, clause = data.draw(lines)
            key, sums = f"{id}:{place}", dict.fromkeys(("amount", "remaining", "full"), amount)
            said: dict[str, Any] = {"unit": unit, "clause": clause, "parcels": 1, "arithmetic": ""}
            review.lines.append(Line(key=key, **said | sums))
        case.reviews.append(review)
        self.happened(case, "reviewer-1", review_row(review), *line_rows(review), *self.share(case, review, shares, data, 1))

    @rule(data=st.data(), shares=percents())
    def appealed(self, data: st.DataObject, shares: list[Share]) -> None:
        """Lines are lowered and shares restated: what was shared is taken back and shared anew."""
        if (case := self.a_case(data, lambda case: any(not review.decided_by for review in case.reviews))) is None:
            return
        review = data.draw(st.sampled_from([review for review in case.reviews if not review.decided_by]))
        if review.final_at is not None:
            return
        review.decided_by, back = "supervisor-1", [postings.reversed_(row, self.now) for row in review.postings]
        review.lines = [line.model_copy(update={"remaining": data.draw(st.integers(0, line.amount))}) for line in review.lines]
        anew = self.share(case, review, shares, data, 2)
        self.happened(case, "supervisor-1", review_row(review), *line_rows(review), *back, *anew)

    def share(self, case: Case, review: Review, shares: list[Share], data: st.DataObject, turn: int) -> list[PostingRow]:
        bearers = [share.model_copy(update={"unit": data.draw(st.sampled_from([*UNITS, None]))}) for share in shares]
        paid = [each for each in case.paid if each.state is OfferState.PAID]
        rows = [postings.shared(review, each.key, each.amount, bearers, case.owner, self.now, turn) for each in paid]
        review.shares, review.postings = bearers, [row for row in rows if row]
        return review.postings

    @rule(data=st.data())
    def became_final(self, data: st.DataObject) -> None:
        if (case := self.a_case(data, lambda case: any(not review.final_at for review in case.reviews))) is None:
            return
        review = next(review for review in case.reviews if not review.final_at)
        review.final_at = self.now
        rows = [postings.penalty(review, line, CLAUSES[line.clause], self.now) for line in review.lines if line.remaining]
        case.penalties += rows
        self.happened(case, "reviewer-1", review_row(review), *line_rows(review, final=True), *rows)

    @rule(data=st.data())
    def corrected(self, data: st.DataObject) -> None:
        """A process of its own, beside the complaint's story, and sent twice."""
        if (case := self.a_case(data, lambda case: case.penalties)) is None:
            return
        taken = case.penalties.pop(data.draw(st.integers(0, len(case.penalties) - 1)))
        rows = self.expect(case.number, postings.reversed_(taken, self.now))
        fact = Fact(seq=case.seq, at=self.now, name="corrected", actor="reviewer-2", role=Role.HQ_REVIEWER, rows=list(rows))
        for _ in range(2):
            self.runner.run(self.register.add(case.number, fact))

    @rule(data=st.data(), unit=st.sampled_from(UNITS))
    def was_late(self, data: st.DataObject, unit: str) -> None:
        case = data.draw(st.sampled_from(self.cases))
        self.happened(case, "system", late(f"{case.seq}:findings", unit, until=self.now))

    @rule()
    def sheet_signed(self) -> None:
        """Last month's; its lateness lines are posted with the signature, in the month of that."""
        month = months.before(months.month_of(self.now))

        async def sign(session: Any) -> Any:
            if (sheet := await penalty_sheets.get(session, month)) is not None and sheet.acts:
                return None
            await penalty_sheets.draft(session, month, by="schedule", at=self.now)
            return await penalty_sheets.sign(session, month, by="supervisor-1", at=self.now)

        sheet = self.within(sign)
        for line in sheet.charged if sheet else ():
            if line.source == "lateness":
                key = line.id.removeprefix(f"{line.complaint}:").removesuffix(":penalty")
                told = (key, line.unit, line.clause, line.amount, line.beneficiary, self.now)
                self.expect(line.complaint, postings.lateness_penalty(*told))

    @rule(amount=st.integers(1, 60_000), unit=st.sampled_from([*UNITS, None]), by=st.sampled_from(["boss", "boss", "till"]))
    def fund_used(self, amount: int, unit: str | None, by: str) -> None:
        told: dict[str, Any] = {"amount": amount, "purpose": "p", "branch": unit}
        use = self.within(lambda session: fund.propose(session, **told, by="till", at=self.now))
        decide = lambda session: fund.decide(session, use.id, approve=True, reason=None, by=by, at=self.now)  # noqa: E731
        refusal = MakerIsChecker if by == "till" else FundTooSmall if self.balance(FUND) < amount else None
        if refusal is not None:
            with pytest.raises(refusal):
                self.within(decide)
            return
        approved = self.within(decide)
        assert approved is not None
        self.uses.append(approved)
        self.expect(use.id, approved.posting)
        assert self.balance(FUND) >= 0

    @precondition(lambda self: self.uses)
    @rule(data=st.data())
    def use_taken_back(self, data: st.DataObject) -> None:
        use = self.uses.pop(data.draw(st.integers(0, len(self.uses) - 1)))
        back = self.within(lambda session: fund.take_back(session, use.id, reason="no", by="boss", at=self.now))
        assert back is not None
        assert back.status is UseStatus.REVERSED
        self.expect(use.id, use.counter_posting(self.now))

    @rule(unit=st.sampled_from(UNITS))
    def left_the_network(self, unit: str) -> None:
        """Complaint by complaint its account comes out even; HQ holds its deposit."""
        gone = Unit(code=unit, kind="branch", name_zh=unit, name_en=unit, state=UnitState.CLOSED)
        turn = self.within(lambda session: ledger.turns(session, f"settlement:{unit}:")) + 1
        try:
            heir, left = self.within(lambda session: settlements.take_over(session, gone, by="till", at=self.now))
        except NothingToSettle:
            assert self.balance(f"unit:{unit}") == 0
            return
        for number, amount in left.items():
            self.expect(number, postings.taken_over(unit, heir, amount, turn, self.now))
        assert self.balance(f"unit:{unit}") == 0

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def month_closed(self) -> None:
        month = months.before(months.month_of(self.now))
        self.within(lambda session: closing.close(session, month, by="till", at=self.now))
        self.closed = max(self.closed, month)
        self.hash = self.within(self.of_closed)

    async def of_closed(self, session: Any) -> Any:
        return await session.scalar(CLOSED, {"month": self.closed})

    @rule(statement=st.sampled_from(MEDDLING))
    def somebody_meddles(self, statement: str) -> None:
        if not self.posted and statement.startswith("INSERT"):
            return
        with pytest.raises(DBAPIError):
            self.within(lambda session: session.execute(text(statement)))

    # -- what holds

    @invariant()
    def the_books_are_right(self) -> None:
        """Each posting once, in its month; totals that are their entries; closed months as they were; every entry walks back."""
        meant: Counter[str] = Counter()
        for row, _ in self.posted.values():
            for entry in row.entries:
                meant[entry.account] += entry.amount
        assert sum(meant.values()) == 0
        arrived = [each.amount for case in self.cases for each in case.paid if each.state is OfferState.PAID]
        assert meant["customers"] == sum(arrived)

        async def look(session: Any) -> None:
            found = await session.execute(text("SELECT number, key, month, kind FROM postings"))
            held = {(row.number, row.key): (row.month, row.kind) for row in found}
            assert held == {of: (month, row.kind) for of, (row, month) in self.posted.items()}
            await closing.prove(session)
            assert {account.account: account.balance for account in await ledger.accounts(session)} == meant
            assert await self.of_closed(session) == self.hash
            assert [what for what, law in LAWS.items() if (await session.execute(law)).all()] == []

        self.within(look)


def test_whatever_happens_the_real_books_are_right(new_database: Callable[[], str]) -> None:
    class OfThisRun(Books):
        pass

    OfThisRun.new_database = staticmethod(new_database)
    bounded = settings(
        max_examples=12,
        stateful_step_count=40,
        derandomize=True,
        phases=[Phase.generate],  # a register per example: shrinking one would take minutes
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OfThisRun, settings=bounded)
