"""The compensation schedule of domain §4: every row, what is missing, and what no computation may ever do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import ParcelFacts
from domain.compensation import Computation, Parcel, compute, contradiction
from domain.errors import Unacceptable
from domain.labels import FACTS
from domain.reckoning import portion, yuan
from domain.rulebook import plan_for, read_rulebook

STARTER = Path(__file__).parents[2] / "rulebooks" / "starter.yaml"
PLAN = plan_for(read_rulebook(yaml.safe_load(STARTER.read_text("utf-8"))), hash="0", units={})
MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)


def reckon(category: str, parcel: dict[str, Any], **facts: Any) -> Computation:
    return compute(category, PLAN, Parcel(**parcel), ParcelFacts(**facts))


@pytest.mark.parametrize(
    ("category", "parcel", "facts", "amount"),
    [
        ("loss", {"declared_value": 300000, "freight": 2000}, {}, 300000),
        ("loss", {"freight": 2000}, {"proven_value": 20000}, 22000),
        ("loss", {"freight": 2000}, {"proven_value": 50000}, 32000),  # capped at ¥300
        ("loss", {"freight": 10000}, {"proven_value": 90000}, 80000),  # capped at 7 × ¥100
        ("loss", {"freight": 20000}, {"proven_value": 500000}, 120000),  # never above ¥1,000
        ("loss", {"freight": 2000}, {"proven_value": 500000, "gross_negligence": True}, 502000),
        ("loss", {"declared_value": 100000, "pieces": 10}, {"pieces_missing": 3}, 30000),  # some pieces of one waybill
        ("loss", {"declared_value": 100000, "pieces": 10}, {"pieces_missing": 3, "pieces_damaged": 1}, 40000),
        ("loss", {"declared_value": 100000, "pieces": 10}, {"pieces_missing": 10}, 100000),
        ("loss", {"freight": 10001, "pieces": 2}, {"pieces_missing": 1, "proven_value": 8000}, 13001),
        ("loss", {"freight": 1000, "pieces": 2}, {"pieces_missing": 1, "proven_value": 80000}, 30500),
        ("shortage", {"freight": 2000, "pieces": 4}, {"pieces_missing": 4, "proven_value": 10000}, 12000),  # all: as lost
        ("shortage", {"freight": 2000, "pieces": 4}, {"pieces_missing": 3, "proven_value": 10000}, 10000),
        ("false_signoff", {"declared_value": 90000, "pieces": 3}, {"produced_within_48h": False, "pieces_missing": 1}, 30000),
        ("damage", {"declared_value": 10001}, {"share_damaged": 50}, 5001),  # half up
        ("damage", {"declared_value": 90000, "pieces": 3}, {"pieces_damaged": 1}, 30000),
        ("shortage", {"declared_value": 179000, "pieces": 179}, {"pieces_missing": 5}, 5000),
        ("shortage", {"declared_value": 100000, "pieces": 10}, {"pieces_missing": 5, "share_damaged": 20}, 20000),
        ("damage", {"freight": 2000}, {"proven_value": 50000}, 30000),
        ("damage", {"freight": 2000}, {"proven_value": 10000}, 10000),
        ("delay", {"freight": 3500}, {"days_late": 3}, 3500),
        ("delay", {"freight": 3500}, {"days_late": 0}, 0),
        ("delay", {"freight": 3500}, {"days_late": 7, "same_region": True}, 3500),
        ("delay", {"freight": 3500, "declared_value": 100000}, {"days_late": 8, "same_region": True}, 100000),
        ("delay", {"freight": 3500, "declared_value": 100000}, {"days_late": 10, "same_region": False}, 3500),
        ("delay", {"freight": 3500}, {"days_late": 11, "proven_value": 10000}, 13500),
        ("cod", {}, {"collected": 50000, "handed_over": 20000}, 30000),
        ("cod", {}, {"collected": 50000, "handed_over": 60000}, 0),
        ("false_signoff", {"declared_value": 5000}, {"produced_within_48h": False}, 5000),
        ("false_signoff", {"declared_value": 5000}, {"produced_within_48h": True}, 0),
        ("pricing", {}, {"overcharge": 1200}, 1200),
        ("pickup_delivery", {}, {"charged_without_agreement": 1500}, 1500),
        ("pickup_delivery", {}, {}, 0),
        ("service_attitude", {"freight": 3500, "claimed": 100000}, {}, 0),
    ],
)
def test_each_row_of_the_schedule(category: str, parcel: dict[str, Any], facts: dict[str, Any], amount: int) -> None:
    computation = reckon(category, parcel, **facts)
    assert computation.amount == amount
    assert computation.complete
    assert computation.steps


@pytest.mark.parametrize(
    ("category", "parcel", "facts", "missing", "undisputed"),
    [
        ("loss", {"freight": 2000, "claimed": 90000}, {}, ("proven_value",), 2000),
        ("loss", {}, {}, ("proven_value", "freight"), 0),
        ("loss", {}, {"proven_value": 50000}, ("freight",), 30000),
        ("loss", {"freight": 2000}, {"proven_value": 50000, "value_basis": "none"}, ("value_basis",), 2000),
        ("loss", {"pieces": 2}, {"pieces_missing": 1, "proven_value": 1000}, ("freight",), 1000),
        ("damage", {"declared_value": 1000}, {}, ("share_damaged",), 0),
        ("shortage", {"declared_value": 1000}, {"pieces_missing": 1}, ("pieces",), 0),
        ("delay", {"freight": 3500}, {}, ("days_late",), 0),
        ("delay", {}, {"days_late": 2}, ("freight",), 0),
        ("delay", {"freight": 3500}, {"days_late": 9}, ("same_region",), 3500),
        ("cod", {}, {}, ("collected", "handed_over"), 0),
        ("cod", {}, {"collected": 50000}, ("handed_over",), 0),
        ("false_signoff", {"declared_value": 5000}, {}, ("produced_within_48h",), 0),
        ("pricing", {}, {}, ("overcharge",), 0),
    ],
)
def test_a_missing_fact_is_named_and_only_the_undisputed_part_is_owed(
    category: str, parcel: dict[str, Any], facts: dict[str, Any], missing: tuple[str, ...], undisputed: int
) -> None:
    computation = reckon(category, parcel, **facts)
    assert computation.missing == missing
    assert computation.amount == undisputed


@pytest.mark.parametrize(
    ("delivered_after", "owed"),
    [
        (timedelta(hours=-1), 0),
        (timedelta(hours=2), 3500),
        (timedelta(days=3), 3500),
        (timedelta(days=11), 103500),
    ],
)
def test_days_late_are_counted_from_the_promised_day(delivered_after: timedelta, owed: int) -> None:
    parcel = {"freight": 3500, "promised_at": MONDAY, "delivered_at": MONDAY + delivered_after}
    assert reckon("delay", parcel, proven_value=500000, gross_negligence=False).amount == min(owed, 33500)


def test_a_parcel_still_on_its_way_is_late_up_to_the_complaint() -> None:
    parcel = {"freight": 3500, "promised_at": MONDAY, "received_at": MONDAY + timedelta(days=2)}
    assert reckon("delay", parcel).amount == 3500
    assert reckon("delay", parcel | {"received_at": MONDAY - timedelta(days=1)}).missing == ("days_late",)


def test_what_the_findings_say_wins_over_the_dates() -> None:
    parcel = {"freight": 3500, "promised_at": MONDAY, "delivered_at": MONDAY + timedelta(days=30)}
    assert reckon("delay", parcel, days_late=1).amount == 3500


def test_a_capped_sum_says_in_both_languages_that_the_cap_is_the_contracts() -> None:
    capped = reckon("loss", {"freight": 2000}, proven_value=50000, value_basis="invoice").steps
    cap = next(step for step in capped if step.rule == "contract_cap")
    assert cap.amount == -20000
    assert "not of the postal law" in cap.text["en"]
    assert "不是邮政法规定" in cap.text["zh"]
    assert "not on record" in cap.text["en"]
    assert any("invoice" in step.text["en"] for step in capped)


@pytest.mark.parametrize(("shown", "words"), [(True, "was shown"), (False, "was not shown"), (None, "is not on record")])
def test_the_explanation_says_whether_the_sender_was_shown_the_cap_as_the_findings_say_it(shown: bool | None, words: str) -> None:
    (cap,) = (
        s for s in reckon("damage", {"freight": 2000}, proven_value=50000, cap_shown=shown).steps if s.rule == "contract_cap"
    )
    assert words in cap.text["en"]
    assert cap.facts["cap_shown"] is shown


def test_the_time_to_produce_a_parcel_is_the_rulebooks() -> None:
    longer = PLAN.compensation.model_copy(update={"false_signoff_within": timedelta(hours=72)})
    plan = PLAN.model_copy(update={"compensation": longer})
    found = compute("false_signoff", plan, Parcel(declared_value=5000), ParcelFacts(produced_within_48h=True))
    assert "72 小时" in found.steps[0].text["zh"]
    assert PLAN.compensation.false_signoff_within == timedelta(hours=48)


@pytest.mark.parametrize(
    ("pieces", "facts", "wrong"),
    [
        (10, {"pieces_missing": 11}, "11 missing are more"),
        (10, {"pieces_missing": 6, "pieces_damaged": 5}, "6 missing and 5 damaged"),
        (10, {"pieces_missing": 5, "pieces_damaged": 5}, None),
        (None, {"pieces_missing": 500}, None),
    ],
)
def test_more_pieces_than_there_are_cannot_be_missing(pieces: int | None, facts: dict[str, Any], wrong: str | None) -> None:
    said = contradiction(Parcel(pieces=pieces), ParcelFacts(**facts))
    assert (said is None) if wrong is None else (said is not None and wrong in said)


def test_a_category_of_another_rulebook_is_refused() -> None:
    with pytest.raises(Unacceptable, match="not a category"):
        reckon("teleportation", {})


def test_a_share_is_rounded_half_up_and_never_more_than_the_whole() -> None:
    assert [portion(1, 1, 2), portion(3, 1, 2), portion(1, 49, 100), portion(100, 7, 3)] == [1, 2, 0, 100]
    assert yuan(123450) == "¥1,234.50"


sums = st.none() | st.integers(0, 10_000_000)
parcels = st.builds(Parcel, freight=sums, declared_value=sums, claimed=sums, pieces=st.none() | st.integers(0, 500))
facts_found = st.builds(
    ParcelFacts,
    days_late=st.none() | st.integers(0, 40),
    same_region=st.none() | st.booleans(),
    pieces_missing=st.none() | st.integers(0, 600),
    pieces_damaged=st.none() | st.integers(0, 600),
    share_damaged=st.none() | st.integers(0, 100),
    proven_value=sums,
    collected=sums,
    handed_over=sums,
    overcharge=sums,
    charged_without_agreement=sums,
    produced_within_48h=st.none() | st.booleans(),
    gross_negligence=st.none() | st.booleans(),
)


@given(st.sampled_from(sorted(PLAN.categories)), parcels, facts_found)
def test_the_steps_add_up_and_nothing_is_ever_owed_by_the_customer(category: str, parcel: Parcel, facts: ParcelFacts) -> None:
    computation = compute(category, PLAN, parcel, facts)
    assert computation.amount == sum(step.amount for step in computation.steps) >= 0
    assert computation.steps or computation.missing
    assert all(set(step["text"]) == {"zh", "en"} for step in computation.explanation)


@given(st.sampled_from(["loss", "damage", "shortage", "delay", "false_signoff"]), parcels, facts_found)
def test_an_uninsured_parcel_is_never_worth_more_than_the_cap_unless_negligence_lifts_it(
    category: str, parcel: Parcel, facts: ParcelFacts
) -> None:
    parcel = parcel.model_copy(update={"declared_value": None})
    facts = facts.model_copy(update={"gross_negligence": False})
    freight = parcel.freight or 0
    cap = min(max(30000, 7 * freight), 100000)
    assert compute(category, PLAN, parcel, facts).amount <= cap + freight


@given(st.sampled_from(["loss", "damage", "shortage"]), parcels, facts_found)
def test_an_insured_parcel_is_never_worth_more_than_was_declared(category: str, parcel: Parcel, facts: ParcelFacts) -> None:
    if parcel.declared_value is not None:
        assert compute(category, PLAN, parcel, facts).amount <= parcel.declared_value


@given(st.sampled_from(sorted(PLAN.categories)), parcels, facts_found)
def test_what_is_asked_for_has_a_name_that_people_read(category: str, parcel: Parcel, facts: ParcelFacts) -> None:
    asked = compute(category, PLAN, parcel, facts).missing
    assert set(asked) <= FACTS.keys()
    assert set(asked) <= set(ParcelFacts.model_fields) | set(Parcel.model_fields)


@given(parcels, facts_found, st.integers(1, 600))
def test_the_more_pieces_are_lost_the_more_is_owed(parcel: Parcel, facts: ParcelFacts, more: int) -> None:
    parcel = parcel.model_copy(update={"pieces": 1000})
    fewer = facts.model_copy(update={"pieces_missing": facts.pieces_missing or 0, "pieces_damaged": 0})
    several = fewer.model_copy(update={"pieces_missing": (fewer.pieces_missing or 0) + more})
    if fewer.pieces_missing and several.pieces_missing and several.pieces_missing < 1000:
        assert compute("loss", PLAN, parcel, fewer).amount <= compute("loss", PLAN, parcel, several).amount


def test_a_collected_sum_handed_over_in_full_or_more_is_said_to_owe_nothing() -> None:
    for handed_over in (223_45, 300_00):
        facts = ParcelFacts(collected=223_45, handed_over=handed_over)
        [step] = compute("cod", PLAN, Parcel(), facts).steps
        assert (step.amount, step.text["en"].endswith("nothing is owed.")) == (0, True)
        assert "−" not in step.text["zh"]


@pytest.mark.parametrize(("days", "said"), [(1, "1 day late,"), (2, "2 days late,")])
def test_a_delay_is_said_in_days(days: int, said: str) -> None:
    [step] = compute("delay", PLAN, Parcel(freight=30_00), ParcelFacts(days_late=days, same_region=True)).steps
    assert step.text["en"].startswith(said)
