"""A broken rulebook is told everything that is wrong with it, each thing in a sentence with its place."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.rulebook import BrokenRulebook, inspect, read_rulebook

STARTER: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "rulebooks" / "starter.yaml").read_text("utf-8"))


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        *way, last = path.split("/")
        for key in way:
            document = document[int(key) if isinstance(document, list) else key]
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
        (_set("desk/timezone", "Asia/Nowhere"), "desk.timezone: unknown time zone"),
        (_set("desk/week", {}), "desk.week: the desk is never open"),
        (_set("desk/week/sun", [["18:00", "09:00"]]), "desk.week.sun: 18:00-09:00 does not end after it begins"),
        (_set("desk/week/sunday", []), "desk.week.sunday: unknown day of the week"),
        (_set("effective", 86400), "effective: a day is written as in 2026-05-23"),
        (_set("causes/codes/lost/clauses", ["Q-203", "Q-203"]), "names clause Q-203 more than once"),
        (_set("categories/codes/loss/labels/en", "  "), "categories.codes.loss has no en label"),
        (_set("clocks/obligations/reply/time", "PT0S"), "clocks.obligations.reply gives no time at all"),
        (
            _set("ladders/special/confirm_done", [{"percent": n, "does": "tell", "whom": "manager"} for n in (200, 100)]),
            "ladders.special.confirm_done[1] is out of order: at 100 percent, after a rung at 200",
        ),
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


BANDS = [
    {"from_amount": 0, "up_to": 30000, "by": "rule"},
    {"from_amount": 30001, "up_to": 200000, "by": "branch_manager"},
    {"from_amount": 200001, "by": "hq_supervisor"},
]


def _bands(*bands: dict[str, Any], **more: int) -> Callable[[dict[str, Any]], None]:
    return _set("limits", {"source": "starter", "goodwill_free": 5000, "bands": list(bands), **more})


def _band(number: int, **change: Any) -> Callable[[dict[str, Any]], None]:
    return _bands(*(band | change if at == number else band for at, band in enumerate(BANDS)))


SPECIAL = "ladders/special"
TELL = {"percent": 150, "does": "tell", "whom": "above"}
LEGAL_BY_CONTRACT = {"measure": "calendar_days", "days": 7}
DELAY = {"by": "hq_reviewer", "times": 1, "days": 1}
WORDING = {"subject": "s", "body": "b"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            _set("limits/computed_free", 300000),
            "limits are out of order: they overlap, ¥2,000.00 to ¥3,000.00 would be free and above",
        ),
        (_set("limits/goodwill_free", 40000), "limits are out of order: goodwill_free"),
        (_set("limits/manager", None), "limits leaves a gap in who approves what: it does not say manager"),
        (_bands(*BANDS, manager=200000), "limits.bands says the limits twice"),
        (_bands(*BANDS[:2]), "limits.bands are out of order: one band each for rule, branch_manager, hq_supervisor"),
        (_bands(BANDS[1], BANDS[0], BANDS[2]), "limits.bands are out of order"),
        (_band(0, from_amount=100), "limits.bands[0] leaves a gap: nobody says who approves below ¥1.00"),
        (_band(0, up_to=20000), "limits.bands[1] leaves a gap: nobody approves ¥200.01 to ¥300.00"),
        (_band(1, from_amount=20001), "limits.bands[1] overlaps: ¥200.01 to ¥300.00 would be for both rule and bran"),
        (
            _band(1, up_to=250000),
            "limits.bands[2] overlaps: ¥2,000.01 to ¥2,500.00 would be for both branch_manager and hq_supervisor",
        ),
        (_band(1, up_to=None), "limits.bands[1] ends before it begins, or not at all"),
        (_band(2, up_to=900000), "limits.bands[2] leaves a gap: nobody approves more than ¥9,000.00"),
        (
            _band(2, by="president"),
            "limits.bands[2].by: 'president' does not exist; it is 'rule', 'branch_manager' or 'hq_supervisor'",
        ),
        (_set("causes/codes/lost/clauses", []), "default_cause 'lost' names no clause: HQ could not rule on the category"),
        (
            _set("clocks/around/enquiry", {"measure": "service_time"}),
            "clocks.around.enquiry is measured in service_time and needs `time`",
        ),
        (_set("clocks/around/enquiry/kind", "legal"), "clocks.around.enquiry is no legal clock"),
        (_set("clocks/obligations/reply/ends", "opening"), "reply is measured in service_time: `starts` and `ends` ar"),
        (_set(f"{LEGAL_ANSWER}/ends", "opening"), "legal_answer is looser than the law, whose days begin at once"),
        (
            _set(f"{LEGAL_ANSWER}/starts", "next_opening_after_closing"),
            "legal_answer is looser than the law, whose days begin at once",
        ),
        (_set(f"{LEGAL_ANSWER}/at_least", "PT1H"), "legal_answer is the law's own"),
        (
            _set("categories/codes/loss/clocks/legal_answer", LEGAL_BY_CONTRACT),
            "loss.clocks.legal_answer is the law's own: kind legal",
        ),
        (_set(f"{SPECIAL}/reply", [{"percent": 50, "does": "remind"}]), "ladders.special.reply[0] ends in nobody: the"),
        (_set(f"{SPECIAL}/reply", [TELL | {"percent": 50}]), "ladders.special.reply ends in nobody: once it is late"),
        (_set(f"{SPECIAL}/reply", [{"after": "P2D", "does": "tell", "whom": "manager"}]), "ends in nobody: once it is late"),
        (
            _set(f"{SPECIAL}/reply", [TELL | {"whom": "president"}]),
            "whom: 'president' does not exist; it is 'holder', 'manager', 'above'",
        ),
        (_set(f"{SPECIAL}/reply", [TELL | {"does": "sack"}]), "does: 'sack' does not exist; it is 'remind', 'tell',"),
        (_set(f"{SPECIAL}/reply", [{"does": "reassign"}]), "`reassign` needs a `whom` above the holder"),
        (
            _set(f"{SPECIAL}/reply", [{"does": "remind", "whom": "above"}, TELL]),
            "the holder is reminded; to the above it is `tell`",
        ),
        (_set(f"{SPECIAL}/reply", [{"does": "default"}]), "reply[0] acts by default, but there is no default for reply"),
        (_set("ladders/default", [{"does": "default"}]), "there is no default for whatever has no ladder of its own"),
        (_set(f"{SPECIAL}/reply", [{"does": "penalty"}, TELL]), "reply[0] opens a penalty and names no clause"),
        (
            _set(f"{SPECIAL}/reply", [{"does": "penalty", "clause": "Q-999"}, TELL]),
            "reply[0] names clause Q-999, which does not exist",
        ),
        (_set(f"{SPECIAL}/reply", [{"percent": 90, "does": "penalty", "clause": "Q-601"}, TELL]), "before anything is late"),
        (_set(f"{SPECIAL}/reply", [TELL | {"clause": "Q-601"}]), "names a clause, which only a `penalty` has"),
        (_set(f"{SPECIAL}/reply", [TELL | {"days_late": 2}]), "is at one time only: `percent`, `days_late` or `after`"),
        (_set("delays/obligations/promise", DELAY), "delays.obligations.promise is never delayed"),
        (_set("delays/obligations/legal_answer", DELAY), "delays.obligations.legal_answer is never delayed"),
        (
            _set("delays/obligations/proposal/days", 2),
            "delays.obligations.proposal: a manager grants at most once and 1 working day",
        ),
        (_set("delays/obligations/reply/by", "branch_agent"), "delays.obligations.reply.by: 'branch_agent' does not exist"),
        (
            _set("pauses/reasons/emergency/longest", "P8D"),
            "pauses.reasons.emergency.longest: input should be less than or equal to 7 days",
        ),
        (_set("pauses/longest", "P3D"), "pauses.reasons.emergency.longest is longer than any pause may be"),
        (_set("pauses/reasons/emergency/by", ["customer"]), "pauses.reasons.emergency.by names customer, who cannot decide"),
        (_set("pauses/reasons/emergency/labels", {"zh": "突发事件"}), "pauses.reasons.emergency has no en label"),
        (_set("pauses/source", "hearsay"), "pauses.source 'hearsay' is not one of the rulebook's sources"),
        (_set("phrases/lists/blame/en", []), "phrases.lists.blame has no en phrase"),
        (_set("phrases/lists/blame/en", ["Not me", "not me"]), "phrases.lists.blame.en says 'not me' 2 times"),
        (_set("phrases/lists/blame/en", [" "]), "phrases.lists.blame.en[0]"),
        (_set("notices/wordings/late", {"zh": WORDING}), "notices.wordings.late has no en wording"),
        (
            _set("notices/wordings/love_letter", {"zh": WORDING, "en": WORDING}),
            "notices.wordings.love_letter: 'love_letter' does not exist",
        ),
        (_set("promises/quote_from", 300), "promises: quote_from is above quote_to"),
        (_set("scoring/points", 50), "scoring.points: the parts add up to 45, not 50"),
        (_set("scoring/appraisal/targets/weight", 60), "scoring.appraisal: weights add up to 90, not 100"),
        (_set("scoring/targets/reopened/at_least", 5), "scoring.targets.reopened is either `at_least` or `below`"),
        (_set("sign_off/penalty_sheet/drafted_by", "hq_supervisor"), "sign_off.penalty_sheet.signed_by also drafts it"),
        (_set("sign_off/penalty_sheet/executed_by", "branch_agent"), "penalty_sheet.executed_by branch_agent is not of HQ"),
        (_set("sign_off/rulebook/people", 2), "sign_off.rulebook.people: 2 does not exist; it is 3"),
        (_set("visits/tiers/0/severity", "severe"), "visits.tiers are out of order"),
        (_set("sampling/second_look/percent", 101), "sampling.second_look.percent: input should be less than or equal to 100"),
    ],
)
def test_what_is_wrong_with_conduct_ladders_and_limits_is_told(change: Callable[[dict[str, Any]], None], told: str) -> None:
    document = deepcopy(STARTER)
    change(document)
    problems = [str(problem) for problem in inspect(document)[1]]
    assert any(told in problem for problem in problems), problems


def test_limits_as_bands_are_the_same_limits() -> None:
    document = deepcopy(STARTER)
    _bands(*BANDS)(document)
    assert read_rulebook(document).resolved.limits == read_rulebook(STARTER).resolved.limits


@given(st.lists(st.integers(0, 60), min_size=2, max_size=2), st.integers(-3, 3), st.integers(-3, 3))
def test_bands_are_sound_exactly_when_every_amount_has_one_approver(ends: list[int], first: int, second: int) -> None:
    """Against the slow way: every sum is asked who approves it."""
    document = deepcopy(STARTER)
    bands = [(0, ends[0]), (max(0, ends[0] + 1 + first), ends[1]), (max(0, ends[1] + 1 + second), None)]
    names = ("rule", "branch_manager", "hq_supervisor")
    said = [{"from_amount": low, "up_to": high, "by": by} for (low, high), by in zip(bands, names, strict=True)]
    _set("limits", {"source": "starter", "goodwill_free": 0, "bands": said})(document)
    approvers = [sum(low <= amount and (high is None or amount <= high) for low, high in bands) for amount in range(130)]
    one_each = set(approvers) == {1} and all(high is None or low <= high for low, high in bands)
    assert (not inspect(document)[1]) == one_each


@pytest.mark.parametrize("days", range(1, 30))
@pytest.mark.parametrize(("owed", "law"), [("legal_answer", 7), ("regulator_reply", 15)])
@pytest.mark.parametrize("where", ["clocks/obligations", "categories/codes/loss/clocks"])
def test_the_law_may_be_tightened_never_loosened(where: str, owed: str, law: int, days: int) -> None:
    document = deepcopy(STARTER)
    _set(f"{where}/{owed}", {"measure": "calendar_days", "days": days, "kind": "legal"})(document)
    assert bool(inspect(document)[1]) == (days > law)
