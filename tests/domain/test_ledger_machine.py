"""Whatever happens in whatever order - payments, rulings, appeals, corrections, sheets, units that leave - money is conserved,
and every entry walks back to its complaint, its clause and the person who moved it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain import months, postings
from domain.offers import Offer, OfferState
from domain.record import Entry, PostingRow
from domain.reviews import Line, Review, Share
from domain.values import LedgerKind, Severity
from tests.domain.complaints import MONDAY, PLAN
from tests.domain.test_reviews import percents

CLAUSES = PLAN.penalties.clauses
UNITS = ["minhang", "foshan", "dali", "houjie"]
LEDGER_ACCOUNTS = {"customers", "hq:payout", "hq:quality_fund", "unit:hq", *(f"unit:{unit}" for unit in UNITS)}


@dataclass(frozen=True)
class Posted:
    """A posting as the register keeps it: with its month, and whose act it was."""

    number: str
    row: PostingRow
    month: str
    by: str


@dataclass
class Complaint:
    number: str
    owner: str
    paid: list[Offer] = field(default_factory=list)
    reviews: dict[str, Review] = field(default_factory=dict)


class Ledger(RuleBasedStateMachine):
    """A model ledger that takes what `domain.postings` makes, as the database does: once per key, into an open month."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.closed = MONDAY, ""
        self.posted: dict[tuple[str, str], Posted] = {}
        self.complaints: list[Complaint] = []
        self.gone: Counter[str] = Counter()
        self.customers_have = 0

    def post(self, number: str, by: str, *rows: PostingRow | None) -> None:
        for row in rows:
            if row is not None:
                month = months.posted_in(months.month_of(row.posted_at), self.closed or None)
                self.posted.setdefault((number, row.key), Posted(number, row, month, by))

    def balance(self, account: str, number: str | None = None) -> int:
        return sum(
            entry.amount
            for posted in self.posted.values()
            if number in (None, posted.number)
            for entry in posted.row.entries
            if entry.account == account
        )

    # -- what happens

    @rule(owner=st.sampled_from(UNITS))
    def received(self, owner: str) -> None:
        self.complaints.append(Complaint(f"A{len(self.complaints)}", owner))

    @precondition(lambda self: self.complaints)
    @rule(data=st.data(), amount=st.integers(1, 10**8))
    def paid(self, data: st.DataObject, amount: int) -> None:
        complaint = data.draw(st.sampled_from(self.complaints))
        key = f"V{complaint.number}-{len(complaint.paid)}"
        offer = Offer(key=key, amount=amount, computed=amount, makers=("maker",), state=OfferState.PAID)
        complaint.paid.append(offer)
        rows = postings.advance(offer, complaint.owner, self.now)
        self.post(complaint.number, "finance-1", *rows, *rows)  # said twice, it happened once
        self.customers_have += amount

    @precondition(lambda self: self.complaints)
    @rule(data=st.data(), shares=percents(), amounts=st.lists(st.integers(1, 200_000), max_size=3))
    def ruled(self, data: st.DataObject, shares: list[Share], amounts: list[int]) -> None:
        complaint = data.draw(st.sampled_from(self.complaints))
        id = f"{complaint.number}-R{len(complaint.reviews) + 1}"
        respondents = st.sampled_from(UNITS)
        review = Review(
            id=id,
            round=len(complaint.reviews) + 1,
            severity=Severity.NORMAL,
            claimant=complaint.owner,
            claimant_is_quality=False,
            respondents=UNITS,
            opened_at=self.now,
            ruled_by="reviewer-1",
        )
        review.lines = [
            Line(
                key=f"{id}:{place}",
                unit=data.draw(respondents),
                clause=data.draw(st.sampled_from(sorted(CLAUSES))),
                parcels=1,
                amount=amount,
                remaining=amount,
                full=amount,
                arithmetic="",
            )
            for place, amount in enumerate(amounts, 1)
        ]
        bearers = [share.model_copy(update={"unit": data.draw(st.sampled_from([*UNITS, None]))}) for share in shares]
        review.shares, complaint.reviews[id] = bearers, review
        rows = [postings.shared(review, offer.key, offer.amount, bearers, complaint.owner, self.now) for offer in complaint.paid]
        review.postings = [row for row in rows if row]
        self.post(complaint.number, "reviewer-1", *rows)

    @precondition(lambda self: any(complaint.reviews for complaint in self.complaints))
    @rule(data=st.data(), shares=percents())
    def appeal_decided(self, data: st.DataObject, shares: list[Share]) -> None:
        """The shares are restated: what was posted is taken back, and posted anew."""
        complaint, review = self._a_review(data)
        if review.final_at or review.decided_by:
            return
        review.decided_by, before = "supervisor-1", review.postings
        review.lines = [line.model_copy(update={"remaining": data.draw(st.integers(0, line.amount))}) for line in review.lines]
        review.shares = [share.model_copy(update={"unit": data.draw(st.sampled_from([*UNITS, None]))}) for share in shares]
        anew = [
            postings.shared(review, offer.key, offer.amount, review.shares, complaint.owner, self.now, turn=2)
            for offer in complaint.paid
            if any(offer.key in row.key for row in before)
        ]
        review.postings = [row for row in anew if row]
        self.post(complaint.number, "supervisor-1", *(postings.reversed_(row, self.now) for row in before), *anew)

    @precondition(lambda self: any(complaint.reviews for complaint in self.complaints))
    @rule(data=st.data())
    def final(self, data: st.DataObject) -> None:
        complaint, review = self._a_review(data)
        review.final_at = review.final_at or self.now
        rows = [postings.penalty(review, line, CLAUSES[line.clause], self.now) for line in review.lines if line.remaining]
        self.post(complaint.number, review.decided_by or "reviewer-1", *rows)

    @precondition(lambda self: any(posted.row.kind is LedgerKind.PENALTY for posted in self.posted.values()))
    @rule(data=st.data())
    def corrected(self, data: st.DataObject) -> None:
        """A correction takes a penalty back by an entry of its own, in the open month."""
        penalties = [posted for posted in self.posted.values() if posted.row.kind is LedgerKind.PENALTY]
        taken_back = data.draw(st.sampled_from(penalties))
        self.post(taken_back.number, "reviewer-2", postings.reversed_(taken_back.row, self.now))

    @precondition(lambda self: self.complaints)
    @rule(data=st.data(), unit=st.sampled_from(UNITS))
    def sheet_signed(self, data: st.DataObject, unit: str) -> None:
        complaint = data.draw(st.sampled_from(self.complaints))
        row = postings.lateness_penalty("findings:1", unit, "Q-603", 2000, CLAUSES["Q-603"].beneficiary, self.now)
        self.post(complaint.number, "supervisor-1", row)

    @rule(unit=st.sampled_from(UNITS), heir=st.sampled_from(["hq", "houjie"]))
    def left_the_network(self, unit: str, heir: str) -> None:
        """Complaint by complaint, its account comes out even."""
        if unit == heir:
            return
        self.gone[unit] += 1
        for number in {posted.number for posted in self.posted.values()}:
            if left := self.balance(f"unit:{unit}", number):
                self.post(number, "finance-1", postings.taken_over(unit, heir, left, self.gone[unit], self.now))
        assert self.balance(f"unit:{unit}") == 0

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def month_closed(self) -> None:
        last = months.before(months.month_of(self.now))
        before = {key: posted.month for key, posted in self.posted.items()}
        self.closed = max(self.closed, last)
        assert {key: posted.month for key, posted in self.posted.items()} == before

    def _a_review(self, data: st.DataObject) -> tuple[Complaint, Review]:
        with_reviews = [complaint for complaint in self.complaints if complaint.reviews]
        complaint = data.draw(st.sampled_from(with_reviews))
        return complaint, data.draw(st.sampled_from(list(complaint.reviews.values())))

    # -- what holds

    @invariant()
    def every_posting_sums_to_zero(self) -> None:
        for posted in self.posted.values():
            assert posted.row.entries
            assert sum(entry.amount for entry in posted.row.entries) == 0

    @invariant()
    def customers_hold_what_they_were_paid_and_the_network_bears_it(self) -> None:
        assert self.balance("customers") == self.customers_have
        assert self.balance("hq:payout") == 0
        units = sum(self.balance(account) for account in LEDGER_ACCOUNTS if account.startswith("unit:"))
        assert units + self.balance("hq:quality_fund") == -self.customers_have
        assert self.balance("hq:quality_fund") >= 0

    @invariant()
    def no_entry_is_on_an_account_nobody_knows(self) -> None:
        assert {entry.account for posted in self.posted.values() for entry in posted.row.entries} <= LEDGER_ACCOUNTS

    @invariant()
    def every_entry_walks_back_to_its_complaint_its_clause_and_a_person(self) -> None:
        complaints = {complaint.number: complaint for complaint in self.complaints}
        for posted in self.posted.values():
            complaint, row = complaints[posted.number], posted.row
            assert posted.by
            origin = self.posted[posted.number, row.reverses].row if row.reverses else row
            if origin.kind is LedgerKind.PENALTY:
                assert origin.clause in CLAUSES
                assert origin.review is None or complaint.reviews[origin.review].ruled_by
            elif origin.kind is LedgerKind.SHARE:
                assert origin.review in complaint.reviews
            elif origin.kind is LedgerKind.ADVANCE:
                assert origin.key.rpartition(":")[0] in {offer.key for offer in complaint.paid}

    @invariant()
    def what_was_taken_back_comes_to_nothing(self) -> None:
        for posted in self.posted.values():
            if posted.row.reverses:
                both = Counter[str]()
                for row in (posted.row, self.posted[posted.number, posted.row.reverses].row):
                    for entry in row.entries:
                        both[entry.account] += entry.amount
                assert not any(both.values())

    @invariant()
    def nothing_is_in_a_month_that_was_closed_when_it_came(self) -> None:
        for posted in self.posted.values():
            assert posted.month >= months.month_of(posted.row.posted_at)


Ledger.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLedger = Ledger.TestCase


def test_a_posting_whose_entries_do_not_cancel_would_be_seen() -> None:
    ledger = Ledger()
    wrong = PostingRow(key="p", kind=LedgerKind.ADVANCE, entries=[Entry(account="customers", amount=1)], posted_at=MONDAY)
    ledger.post("A0", "finance-1", wrong)
    try:
        ledger.every_posting_sums_to_zero()
    except AssertionError:
        return
    raise AssertionError("the machine would not notice money made of nothing")
