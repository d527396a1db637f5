"""The starter rulebook says what the domain says, and a broken one is told everything that is wrong with it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.plan import CasePlan, RungDoes, UnitPlan
from domain.rulebook import BrokenRulebook, Rulebook, content_hash, plan_for, read_rulebook
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


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = path.split("/")
        for key in way:
            document = document[key]
        if value is None:
            del document[last]
        else:
            document[last] = value

    return change


LEGAL_ANSWER = "clocks/obligations/legal_answer"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("version", None), "version is missing"),
        (_set("wording", "x"), "wording is not known here"),
        (_set("limits/manager", "200000"), "limits.manager: input should be a valid integer"),
        (_set("limits/manager", True), "limits.manager"),
        (_set("limits/manager", 20000), "limits are out of order"),
        (_set("limits/source", "hearsay"), "limits.source 'hearsay' is not one of the rulebook's sources"),
        (_set("categories/codes/loss/labels", {"zh": "丢失"}), "categories.codes.loss has no en label"),
        (_set("categories/codes/loss/default_cause", "gone"), "default_cause 'gone' is not a cause"),
        (_set("categories/codes/loss/schedule", "lottery"), "schedule 'lottery' is unknown"),
        (_set("categories/codes/loss/handler", "nobody"), "categories.codes.loss.handler"),
        (_set("causes/codes/lost/clauses", ["Q-999"]), "names clause Q-999, which does not exist"),
        (_set("causes/codes/lost/shares", {"origin": 50, "destination": 49}), "shares add up to 99, not 100"),
        (_set("causes/codes/lost/shares", {"branch": 100}), "only findings can say which one"),
        (_set("causes/codes/no_ground/clauses", ["Q-101"]), "is unfounded and still names a penalty clause"),
        (_set("penalties/clauses/Q-101/text", {"en": "Delay"}), "penalties.clauses.Q-101 has no zh label"),
        (_set("penalties/multipliers/severe", 120), "fall as severity climbs"),
        (_set("penalties/multipliers/severe", None), "does not say severe"),
        (_set("ladders/special/tea_break", [{"does": "remind"}]), "ladders.special.tea_break"),
        (_set("ladders/special/statement", []), "ladders.special.statement has no rung"),
        (_set("ladders/special/statement", [{"does": "tell"}]), "`tell` needs a `whom`"),
        (_set("clocks/obligations/ruling", None), "clocks.obligations.ruling is missing"),
        (_set("clocks/obligations/ruling/days", None), "needs `days`"),
        (_set("clocks/obligations/ruling/kind", "legal"), "is no legal clock"),
        (_set(f"{LEGAL_ANSWER}/days", 8), "looser than the law, which gives 7 days"),
        (_set(f"{LEGAL_ANSWER}/measure", "working_days"), "is the law's own"),
        (_set(f"{LEGAL_ANSWER}/kind", "contract"), "is the law's own"),
        (_set("clocks/obligations/regulator_reply/days", 16), "looser than the law, which gives 15 days"),
        (
            _set("categories/codes/loss/clocks/legal_answer", {"measure": "calendar_days", "days": 30, "kind": "legal"}),
            "categories.codes.loss.clocks.legal_answer is looser than the law",
        ),
        (_set("compensation/cap/floor", 200000), "the floor is above the ceiling"),
        (_set("compensation/total_delay_days", 3), "cannot be a loss later"),
        (_set("desk/timezone", "Asia/Nowhere"), "desk: unknown time zone"),
        (_set("desk/week", {}), "desk: the desk is never open"),
        (_set("visits/first_to", 2), "a window ends before it begins"),
        (_set("visits/hours", ["20:00", "09:00"]), "hours end before"),
        (_set("visits/count/unfounded", None), "visits.count does not say unfounded"),
    ],
)
def test_a_broken_rulebook_is_told_what_is_wrong(change: Callable[[dict[str, Any]], None], told: str) -> None:
    document = deepcopy(STARTER)
    change(document)
    with pytest.raises(BrokenRulebook) as broken:
        read_rulebook(document)
    assert any(told in problem for problem in broken.value.problems), broken.value.problems


def test_everything_wrong_is_told_at_once() -> None:
    document = deepcopy(STARTER)
    _set("limits/manager", 1)(document)
    _set(f"{LEGAL_ANSWER}/days", 30)(document)
    with pytest.raises(BrokenRulebook) as broken:
        read_rulebook(document)
    assert len(broken.value.problems) == 2


@pytest.mark.parametrize("document", [None, [], "version: 1", {}, {"version": {}}])
def test_what_is_no_rulebook_at_all_is_refused(document: object) -> None:
    with pytest.raises(BrokenRulebook):
        read_rulebook(document)


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
