from __future__ import annotations

import inspect
from enum import StrEnum

import pytest

from domain import values
from domain.commands import ParcelFacts
from domain.labels import FACTS, LABELS, fact_label, label
from domain.plan import RungDoes
from domain.rulebook_standing import Around
from domain.values import Owed

SHOWN = [kind for _, kind in inspect.getmembers(values, inspect.isclass) if issubclass(kind, StrEnum) and kind is not StrEnum]
SHOWN += [RungDoes, Around]


@pytest.mark.parametrize("kind", SHOWN)
def test_every_value_people_see_has_words_in_both_languages(kind: type[StrEnum]) -> None:
    assert set(LABELS[kind]) == set(kind)
    assert all(words.zh and words.en and words.en.isascii() for words in LABELS[kind].values())


@pytest.mark.parametrize("kind", SHOWN)
def test_no_two_values_read_the_same(kind: type[StrEnum]) -> None:
    for language in ("zh", "en"):
        assert len({label(value, language) for value in kind}) == len(kind)


def test_a_language_we_do_not_speak_reads_chinese() -> None:
    assert label(Owed.STATEMENT, "fr") == "申辩"


def test_every_sum_and_count_that_findings_may_bring_has_words() -> None:
    assert set(ParcelFacts.model_fields) - {"value_basis", "gross_negligence"} <= set(FACTS)
    assert fact_label("proven_value", "zh") == "举证价值"
    assert fact_label("something_new", "en") == "something_new"
