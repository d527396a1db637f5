"""The starter rulebook says what the domain says, and a broken one is told everything that is wrong with it."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.plan import CasePlan, RungDoes, UnitPlan
from domain.rulebook import Rulebook, content_hash, plan_for, read_rulebook, warnings_of
from domain.rulebook_problems import LANGUAGES
from domain.rulebook_sections import IfFound
from domain.rulebook_standing import AROUND_THE_BOOKS
from domain.values import ClockKind, Measure, Owed, Party, Role, Severity, UnitKind, Validity

STARTER: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "rulebooks" / "starter.yaml").read_text("utf-8"))
UNITS = {
    code: UnitPlan(code=code, kind=UnitKind.BRANCH, ancestors=("guangdong", "hq")) for code in ("origin", "destination", "hub-1")
}
PLAN = plan_for(read_rulebook(STARTER), hash=content_hash(STARTER), units=UNITS)


def test_the_plan_survives_its_journey_and_stays_below_64_kb() -> None:
    travelling = PLAN.model_dump_json()
    assert len(travelling.encode()) <= 64 * 1024
    assert CasePlan.model_validate_json(travelling) == PLAN


def test_the_starter_rulebook_has_all_fourteen_categories_in_both_languages() -> None:
    assert len(PLAN.categories) == 14
    for code, category in PLAN.categories.items():
        assert set(read_rulebook(STARTER).categories.codes[code].labels) == {"zh", "en"}
        assert PLAN.causes[category.default_cause].validity is Validity.EFFECTIVE
    at_destination = {code for code, category in PLAN.categories.items() if category.handler == "destination"}
    assert at_destination == {"pickup_delivery", "false_signoff", "rough_handling"}


def test_every_obligation_has_a_clock_and_a_ladder_that_ends_in_somebody() -> None:
    for owed in Owed:
        assert PLAN.clock(owed, "delay").measure in Measure
        assert any(rung.does is not RungDoes.REMIND for rung in PLAN.ladder(owed))
    assert {owed for owed in Owed if PLAN.clocks[owed].kind is ClockKind.LEGAL} == {Owed.LEGAL_ANSWER, Owed.REGULATOR_REPLY}


def test_a_category_may_give_more_time_for_its_findings() -> None:
    assert [PLAN.clock(Owed.FINDINGS, code).days for code in ("delay", "damage", "shortage", "loss")] == [1, 2, 2, 3]
    assert PLAN.clock(Owed.REPLY, "loss").time == timedelta(hours=4)


def test_a_ruling_lapses_ten_working_days_late_and_the_manager_hears_of_two_days_unresolved() -> None:
    assert PLAN.ladder(Owed.RULING)[-1].days_late == PLAN.ladder(Owed.APPEAL_DECISION)[-1].days_late == 10
    assert PLAN.ladder(Owed.LEGAL_ANSWER)[0].after == timedelta(days=2)


def test_lateness_has_its_clause_and_opens_its_line_when_it_is_due() -> None:
    lines = {owed: [r for r in PLAN.ladder(owed) if r.does is RungDoes.PENALTY] for owed in Owed}
    assert {owed: [(r.percent, r.clause) for r in rungs] for owed, rungs in lines.items() if rungs} == {
        Owed.FINDINGS: [(100, "Q-603")],
        Owed.REPLY: [(100, "Q-601")],
        Owed.STATEMENT: [(100, "Q-601")],
    }


def test_money_in_the_starter_rulebook_is_the_domains() -> None:
    assert {code: clause.amount for code, clause in PLAN.penalties.clauses.items()} == {
        "Q-101": 2000, "Q-102": 10000, "Q-201": 5000, "Q-202": 5000, "Q-203": 10000, "Q-301": 5000, "Q-302": 20000,
        "Q-303": 2000, "Q-304": 3000, "Q-401": 10000, "Q-402": 10000, "Q-403": 5000, "Q-501": 3000, "Q-601": 5000,
        "Q-602": 20000, "Q-603": 2000, "Q-604": 50000, "Q-701": 30000,
    }  # fmt: skip
    assert {code for code, clause in PLAN.penalties.clauses.items() if not clause.multiplied} == {"Q-604", "Q-701"}
    assert PLAN.penalties.multipliers == {Severity.NORMAL: 100, Severity.REPEAT: 150, Severity.SEVERE: 200}
    assert (PLAN.limits.computed_free, PLAN.limits.goodwill_free, PLAN.limits.manager) == (30000, 5000, 200000)
    assert (PLAN.compensation.cap.floor, PLAN.compensation.cap.times_freight, PLAN.compensation.cap.ceiling) == (30000, 7, 100000)


def test_every_share_of_the_liability_matrix_adds_up_and_every_clause_exists() -> None:
    for cause in PLAN.causes.values():
        assert sum(cause.shares.values()) == 100
        assert Party.BRANCH not in cause.shares
        assert set(cause.clauses) <= set(PLAN.penalties.clauses)


def test_the_hash_is_of_what_is_said_not_of_how_it_is_ordered() -> None:
    reordered = dict(reversed(STARTER.items()))
    changed = deepcopy(STARTER)
    changed["limits"]["manager"] += 1
    assert content_hash(reordered) == content_hash(STARTER) != content_hash(changed)


def test_a_document_published_by_0_1_0_still_reads_and_says_nothing_of_what_came_later() -> None:
    published = yaml.safe_load((Path(__file__).parent / "data" / "rulebook-0.1.0.yaml").read_text("utf-8"))
    assert "pauses" not in published
    plan = plan_for(Rulebook.model_validate(published), hash=content_hash(published), units=UNITS)
    assert not plan.pauses.reasons
    assert not plan.delays
    assert plan.clock(Owed.PROMISE, "loss").time == timedelta(days=1)
    assert plan.clock(Owed.DELAY_DECISION, "loss").time == timedelta(hours=2)
    assert plan.clock(Owed.FINDINGS, "loss").days == 3


def test_the_starter_says_who_may_pause_and_who_may_grant_more_time() -> None:
    waiting = PLAN.pauses.reasons["waiting_for_customer"]
    assert (waiting.times, waiting.longest) == (2, timedelta(days=7))
    assert Role.BRANCH_AGENT in waiting.by
    assert (PLAN.delays[Owed.PROPOSAL].by, PLAN.delays[Owed.PROPOSAL].times, PLAN.delays[Owed.PROPOSAL].days) == (
        Role.BRANCH_MANAGER,
        1,
        1,
    )
    assert PLAN.delays[Owed.FINDINGS].by is PLAN.delays[Owed.REPLY].by is Role.HQ_REVIEWER
    assert not {Owed.FIRST_CONTACT, Owed.ORDER_CHANGE, Owed.PAYOUT, Owed.PROMISE, Owed.LEGAL_ANSWER} & set(PLAN.delays)


def test_the_starter_covers_what_the_domain_lists() -> None:
    book = read_rulebook(STARTER)
    around = {
        what.value: (clock.measure, clock.days if clock.time is None else clock.time)
        for what, clock in book.clocks.around.items()
    }
    assert around == {
        "enquiry": (Measure.SERVICE_TIME, timedelta(hours=1)),
        "retention": (Measure.WORKING_DAYS, 2),
        "corrective_plan": (Measure.CALENDAR_DAYS, 7),
        "customer_record": (Measure.CALENDAR_DAYS, 2),
        **{
            what.value: (clock.measure, clock.days if clock.time is None else clock.time)
            for what, clock in AROUND_THE_BOOKS.items()
        },
    }
    assert book.clocks.duty_before == timedelta(hours=24)
    assert (book.reviews.summary_up_to, book.reviews.summary_clauses, book.reviews.objection_working_days) == (10000, 1, 3)
    assert (book.after_closing.repeat_within_days, book.after_closing.choice_days) == (30, 7)
    assert (book.promises.quote_from, book.promises.quote_to) == (150, 200)
    assert book.compensation.in_kind.fee_short_up_to == 2000
    assert book.compensation.false_signoff.produced_within == timedelta(hours=48)
    assert book.penalties.clauses["Q-203"].found == IfFound(within_days=7, percent=50)
    assert book.penalties.clauses["Q-701"].once
    parts = book.scoring.parts.values()
    assert sum(part.points for part in parts if part.group == "integrity") == 30
    assert sum(part.points for part in parts) == book.scoring.points == 45
    targets = {code: target.at_least or target.below for code, target in book.scoring.targets.items()}
    assert targets | {"satisfaction": 93, "reopened": 2, "visits": 100, "claims_settled": 95} == targets
    assert [weight.weight for weight in book.scoring.appraisal.values()] == [30, 70]
    assert book.sampling.second_look is not None
    assert (book.sampling.customers_asked, book.sampling.second_look.percent) == (100, 10)
    assert book.sign_off.penalty_sheet is not None
    assert (book.sign_off.penalty_sheet.drafted_on_day, book.sign_off.penalty_sheet.signed_by) == (1, Role.HQ_SUPERVISOR)
    assert {tier.visitor for tier in book.visits.tiers if tier.severity is not Severity.NORMAL} == {"hq_desk"}
    assert set(book.customers.segments) == {"ordinary", "loyal", "needs_care", "key_account", "retail"}
    assert book.improvement.last_units == 2
    assert book.gravity.severe


@pytest.mark.parametrize("said", ["HQ has not approved", "don't know", "总部还没批", "不知道"])
def test_the_phrase_lists_hold_what_the_handbooks_forbid(said: str) -> None:
    phrases = read_rulebook(STARTER).phrases
    assert any(said in phrases.of(language)[code] for language in LANGUAGES for code in phrases.lists)


def test_where_a_customer_goes_next_is_rulebook_data_that_warns_while_nobody_checked_it() -> None:
    book = read_rulebook(STARTER)
    assert "12305" in book.next_doors.doors[0].text["zh"]
    assert "12305" in book.next_doors.doors[0].text["en"]
    assert (book.next_doors.source, book.next_doors.verified) == ("law", False)
    checked = book.model_copy(update={"sources": {"law": book.sources["law"].model_copy(update={"verified": True})}})
    said = [str(warning) for warning in warnings_of(checked, None)]
    assert any(warning.startswith("next_doors is not verified") for warning in said)
    silent = book.model_copy(update={"next_doors": type(book.next_doors)()})
    assert any(str(warning).startswith("next_doors names nowhere to go") for warning in warnings_of(silent, None))
