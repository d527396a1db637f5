"""What a customer is not told, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.guard import NO_ANSWERS, phrases_in, says_nothing

BLAME = ("总部还没批", "分拨中心的责任", "HQ has not approved", "the sorting centre's fault", "not our fault")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("总部还没批，请再等等。", ["总部还没批"]),
        ("总部 还没\n批", ["总部还没批"]),
        ("总部\u200b还没、批", ["总部还没批"]),
        ("这是分拨中心的责任，总部还没批", ["总部还没批", "分拨中心的责任"]),
        ("Sorry, HQ HAS not   approved it yet.", ["HQ has not approved"]),
        ("系统显示ＨＱ has not approved", ["HQ has not approved"]),
        ("It is the sorting centre\u2019s fault", ["the sorting centre's fault"]),
        ("总部已经批了，今天付款。", []),
        ("It is not our faulty scanner.", []),
        ("Shq has not approved", []),
        ("", []),
    ],
)
def test_a_phrase_is_found_however_it_is_spaced_and_only_as_words(text: str, found: list[str]) -> None:
    assert phrases_in(text, BLAME) == found


@given(st.sampled_from(BLAME), st.text(max_size=20), st.text(alphabet=" \t\n,.;、。!", max_size=5))
def test_nothing_written_around_a_phrase_hides_it(phrase: str, around: str, gap: str) -> None:
    assert phrase in phrases_in(f"{around}\n{gap.join(phrase) if phrase[0] > 'z' else phrase}{gap}\n{around}", BLAME)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  ",
            "。。。",
            "???",
            "👍",
            "\u200b\ufeff",
            "不知道",
            "我不知道。",
            "不 知 道",
            "不清楚，不知道",
            "不知道不知道不知道",
        ),
        *("Don\u2019t know!", "I don't know", "dunno dunno"),
    ],
)
def test_what_says_nothing_is_no_answer(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    ["好", "已退款", "Paid", "客户不知道要签字，我们已补签并退还运费", "We don't know yet where it is; we call you at 17:00"],
)
def test_what_says_something_is_an_answer(text: str) -> None:
    assert not says_nothing(text)


@given(st.lists(st.sampled_from(NO_ANSWERS), min_size=1, max_size=8).map("，".join))
def test_saying_nothing_many_times_says_nothing(text: str) -> None:
    assert says_nothing(text)


def test_an_empty_phrase_forbids_nothing() -> None:
    assert phrases_in("已退款", ["", "。", " "]) == []
